"""The least that Django can do, without middleware."""

from site_settings.settings.production import *

MIDDLEWARE = []
ROOT_URLCONF = "benchmarks.peers.bare_urls"
