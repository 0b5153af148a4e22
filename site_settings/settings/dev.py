"""For a developer's machine and for ``make demo``."""

from .base import *

DEBUG = env.bool("DEBUG", default=True)
SECRET_KEY = "for-development-only-not-a-secret"
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
