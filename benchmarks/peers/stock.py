"""Wagtail's own API on the same texts, as its documentation says to set it up."""

from site_settings.settings.production import *

INSTALLED_APPS = [*INSTALLED_APPS, "wagtail.api.v2"]
ROOT_URLCONF = "benchmarks.peers.stock_urls"
