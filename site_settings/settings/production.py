"""For a server that people outside can reach. Refuses to start half configured."""

from .base import *

DEBUG = False
SECRET_KEY = env.str("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
PUBLIC_ORIGIN = env.str("PUBLIC_ORIGIN").rstrip("/")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS")
CSRF_TRUSTED_ORIGINS = [PUBLIC_ORIGIN]
WAGTAILADMIN_BASE_URL = PUBLIC_ORIGIN
WAGTAIL_HEADLESS_PREVIEW = {
    "CLIENT_URLS": {"default": f"{PUBLIC_ORIGIN}/preview/"},
    "ENFORCE_TRAILING_SLASH": True,
}

SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
# Health checks come over plain HTTP from the machine itself.
# A key that comes in plain is refused, never redirected: its sender has to learn of it.
SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$", r"^api/partner/"]
if env.bool("BEHIND_TLS_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31_536_000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool(
    "SECURE_HSTS_INCLUDE_SUBDOMAINS", default=True
)
SECURE_HSTS_PRELOAD = env.bool("SECURE_HSTS_PRELOAD", default=True)
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
