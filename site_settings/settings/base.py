"""Settings shared by every way of running Countersign.

Each value that differs between installations comes from the environment;
``docs/operations.md`` lists all of them.
"""

import os
from pathlib import Path

import environ

env = environ.Env()

BASE_DIR = Path(__file__).resolve().parent.parent.parent
DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / "var")))

# Every address that leaves the house is built from this one, never from a
# request's Host header.
PUBLIC_ORIGIN = env.str("PUBLIC_ORIGIN", default="http://localhost:8000").rstrip("/")

INSTALLED_APPS = [
    "wagtail_headless_preview",
    "wagtail.contrib.settings",
    # Wagtail's users app, with our form for groups.
    "cms.apps.UsersConfig",
    "wagtail.snippets",
    "wagtail.contrib.typed_table_block",
    # Attachments (docs/adr/0005).
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.sites",
    "wagtail.admin",
    "wagtail",
    # After Wagtail's admin, some of whose receivers the cms disconnects.
    "site_settings",
    "cms",
    "syndication",
    "syndication.api",
    "syndication.comments",
    "syndication.edge",
    "syndication.embeds",
    "syndication.feeds",
    "syndication.newsletters",
    "syndication.oruk",
    "syndication.partners",
    "syndication.partner_api",
    "syndication.web",
    "syndication.websub",
    "modelcluster",
    "taggit",
    "rest_framework",
    "drf_spectacular",
    "django_tasks",
    "django_tasks_db",
    "csp",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "syndication.rest.shortcut.Shortcut",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "cms.gate.Gate",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "site_settings.urls"
WSGI_APPLICATION = "site_settings.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DATABASES = {
    "default": env.db_url(
        "DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'countersign.sqlite3'}"
    )
}
# Opening a connection costs more than answering from it.
DATABASES["default"]["CONN_MAX_AGE"] = 60
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # WAL lets readers go on while one writes; IMMEDIATE makes a writer wait for
    # its turn instead of failing halfway through a transaction.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    # Seconds. For web processes: nobody waits longer for an answer, and a partner is
    # told to try later. A worker and a migration may take as long as they need.
    if STATEMENT_TIMEOUT := env.int("DATABASE_STATEMENT_TIMEOUT", default=0):
        DATABASES["default"]["OPTIONS"] = {
            "options": f"-c statement_timeout={STATEMENT_TIMEOUT * 1000}"
        }

# Shared caches in front of us that can be made to forget (syndication.edge.caches), and
# for how many seconds they may keep an answer. While a purge fails, what was taken back
# is shown for as long.
EDGE_CACHES = env.list("EDGE_CACHES", default=[])
EDGE_MAX_AGE = env.int("EDGE_MAX_AGE", default=60)

# Which websites may show our texts in a frame: "*", "partners" (the websites of those in
# the register) or addresses such as https://school.example, separated by commas.
EMBED_FRAME_ANCESTORS = env.list("EMBED_FRAME_ANCESTORS", default=["*"])

# WebSub hubs that every feed names and that the worker tells of changes
# (syndication.websub.hubs).
WEBSUB_HUBS = env.list("WEBSUB_HUBS", default=[])

# How long followers of the change log may stay away. Never less than 90 days.
CHANGES_KEPT_DAYS = max(90, env.int("CHANGES_KEPT_DAYS", default=400))

# After how many days we forget who left the newsletter.
NEWSLETTER_KEPT_DAYS = env.int("NEWSLETTER_KEPT_DAYS", default=365)

# How many proxies of ours a request passes on its way here. Each adds an address to
# X-Forwarded-For; with 0 that header is not looked at, because anybody can send it.
TRUSTED_PROXIES = max(0, env.int("TRUSTED_PROXIES", default=0))
# How many requests programs may make in how many seconds; 0 for no limit. Of partners'
# keys, of the network that a keyed request comes from, and of networks at the public
# addresses that cost most. And of all forms of the newsletter together.
LIMITS = {
    "key": (env.int("LIMIT_KEY_PER_MINUTE", default=600), 60),
    "network": (env.int("LIMIT_NETWORK_PER_MINUTE", default=1200), 60),
    "search": (env.int("LIMIT_SEARCH_PER_MINUTE", default=120), 60),
    "reconcile": (env.int("LIMIT_RECONCILE_PER_MINUTE", default=30), 60),
    "export": (env.int("LIMIT_EXPORT_PER_HOUR", default=20), 3600),
    "documents": (env.int("LIMIT_DOCUMENTS_PER_HOUR", default=60), 3600),
    "newsletter": (env.int("LIMIT_NEWSLETTER_PER_HOUR", default=1000), 3600),
}

CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "wagtailadmin_login"

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_I18N = True
USE_TZ = True
WAGTAIL_CONTENT_LANGUAGES = LANGUAGES = [("en-gb", "English")]

STATIC_URL = "/static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(DATA_DIR / "static")))
MEDIA_URL = "/media/"
MEDIA_ROOT = DATA_DIR / "media"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
APPEND_SLASH = False

# Wagtail
WAGTAIL_SITE_NAME = "Countersign"
WAGTAILADMIN_BASE_URL = PUBLIC_ORIGIN
WAGTAIL_FINISH_WORKFLOW_ACTION = "cms.finish.publish_signed"
# A corrected fact is published while its proof waits for the forums.
WAGTAIL_WORKFLOW_CANCEL_ON_PUBLISH = False
# Saving while someone types would rewrite revisions all the time; a draft is
# saved when its editor says so.
WAGTAIL_AUTOSAVE_INTERVAL = 0
# Drafts are mailed to the address of an account: a test of an issue, notices to
# forums. Typed by its owner, it could be anybody's.
WAGTAIL_EMAIL_MANAGEMENT_ENABLED = False
# Whatever comes in is drawn anew (cms.pictures): HEIC and AVIF become JPEG.
WAGTAILIMAGES_EXTENSIONS = ["avif", "gif", "heic", "jpg", "jpeg", "png", "webp"]
WAGTAILIMAGES_MAX_UPLOAD_SIZE = 10 * 1024 * 1024
WAGTAILIMAGES_MAX_IMAGE_PIXELS = 40_000_000
WAGTAILIMAGES_IMAGE_FORM_BASE = "cms.uploads.PictureForm"
# No WAGTAILDOCS_EXTENSIONS: with it Wagtail's model looks for a file where the second
# form of an upload has none, and fails. cms.attachments knows which kinds may come in.
WAGTAILDOCS_MAX_UPLOAD_SIZE = 10 * 1024 * 1024
WAGTAILDOCS_DOCUMENT_FORM_BASE = "cms.uploads.AttachmentForm"
WAGTAILDOCS_SERVE_METHOD = "direct"
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAILADMIN_NOTIFICATION_INCLUDE_SUPERUSERS = False
WAGTAILSEARCH_BACKENDS = {
    "default": {"BACKEND": "wagtail.search.backends.database"},
}
WAGTAIL_HEADLESS_PREVIEW = {
    "CLIENT_URLS": {"default": f"{PUBLIC_ORIGIN}/preview/"},
    "ENFORCE_TRAILING_SLASH": True,
}
# Seconds for which the link to a draft preview works.
PREVIEW_MAX_AGE = 900

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "syndication.rest.described.Description",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "DEFAULT_GENERATOR_CLASS": "syndication.api.openapi.PartnerSchema",
    "TITLE": "Countersign partner API",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1|/api/partner/v1",
    "APPEND_COMPONENTS": {
        "securitySchemes": {
            "key": {
                "type": "http",
                "scheme": "bearer",
                "description": "Your key, which the publisher gives you.",
            }
        }
    },
    # Fields of one name with different choices.
    "ENUM_NAME_OVERRIDES": {
        "KindEnum": "syndication.api.schema.KIND_CHOICES",
        "CostKindEnum": "syndication.api.schema.COST_CHOICES",
        "TypeEnum": "syndication.api.schema.CHANGE_CHOICES",
        "HoursTypeEnum": "syndication.api.schema.HOURS_CHOICES",
        "StateEnum": "syndication.api.schema.STATE_CHOICES",
        "RoleEnum": "syndication.api.schema.ROLE_CHOICES",
        "AcknowledgementEnum": "syndication.partner_api.schema.STATE_CHOICES",
        "MailboxRoleEnum": "syndication.partner_api.schema.ROLE_CHOICES",
        "RemovalTypeEnum": "syndication.partner_api.schema.REMOVAL_TYPE_CHOICES",
    },
}

TASKS = {
    "default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default"]}
}

# Public pages carry no script at all; the Wagtail admin needs its own.
CONTENT_SECURITY_POLICY = {
    "EXCLUDE_URL_PREFIXES": ["/admin/"],
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "img-src": ["'self'", "data:"],
        "style-src": ["'self'"],
        "font-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    },
}
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SESSION_COOKIE_HTTPONLY = True

vars().update(env.email_url("EMAIL_URL", default="smtp://localhost:1025"))
DEFAULT_FROM_EMAIL = env.str(
    "DEFAULT_FROM_EMAIL", default="Countersign <newsletter@example.org>"
)
SERVER_EMAIL = DEFAULT_FROM_EMAIL
EMAIL_TIMEOUT = 20
# How many connections each worker opens to the mail server for a mailing, how many mails
# all workers together may hand over a second (0: as many as go), and where mail servers
# send what comes back (the envelope's sender; empty: DEFAULT_FROM_EMAIL).
NEWSLETTER_CONNECTIONS = max(1, env.int("NEWSLETTER_CONNECTIONS", default=10))
NEWSLETTER_PER_SECOND = max(0.0, env.float("NEWSLETTER_PER_SECOND", default=0.0))
NEWSLETTER_BOUNCES_TO = env.str("NEWSLETTER_BOUNCES_TO", default="")
# A provider in place of a mail server, by its name in Anymail: EMAIL_PROVIDER=postmark
# with ANYMAIL_POSTMARK_SERVER_TOKEN=… and so on. What it tells of mails is read only
# from who knows ANYMAIL_WEBHOOK_SECRET ("user:password") or signs it.
ANYMAIL: dict[str, object] = {
    name.removeprefix("ANYMAIL_"): value
    for name, value in os.environ.items()
    if name.startswith("ANYMAIL_")
}
if EMAIL_PROVIDER := env.str("EMAIL_PROVIDER", default=""):
    EMAIL_BACKEND = f"anymail.backends.{EMAIL_PROVIDER}.EmailBackend"
    # Nobody is watched. The others are told so on the provider's own pages.
    if EMAIL_PROVIDER not in (
        "amazon_ses", "brevo", "mailtrap", "postal", "resend", "scaleway",
    ):  # fmt: skip
        ANYMAIL["SEND_DEFAULTS"] = {"track_opens": False, "track_clicks": False}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {
        "handlers": ["console"],
        "level": env.str("LOG_LEVEL", default="INFO"),
    },
}
