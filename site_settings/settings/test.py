"""For the test suite: quick hashes, mail in memory, tasks run by the test."""

from .base import *

DEBUG = False
SECRET_KEY = "for-tests-only-not-a-secret"
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
PUBLIC_ORIGIN = "https://localoffer.example"
WAGTAILADMIN_BASE_URL = PUBLIC_ORIGIN
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
TASKS = {"default": {"BACKEND": "django_tasks.backends.dummy.DummyBackend"}}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["NAME"] = ":memory:"
    DATABASES["default"]["OPTIONS"] = {"transaction_mode": "IMMEDIATE"}
MIDDLEWARE.remove("whitenoise.middleware.WhiteNoiseMiddleware")
LOGGING = {"version": 1, "disable_existing_loggers": False}
# A thread of a test must not keep its connection: the database is dropped at the end.
DATABASES["default"]["CONN_MAX_AGE"] = 0
