"""The WSGI entry point: ``granian --interface wsgi site_settings.wsgi:application``."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_settings.settings.production")

application = get_wsgi_application()
