"""Django's own feeds on the same texts, as its documentation says to set them up."""

from site_settings.settings.production import *

ROOT_URLCONF = "benchmarks.peers.django_feed_urls"
