"""django-newsletter's own ``submit()``, run by the Python of another environment.

``python django_newsletter.py PORT FOLDER PEOPLE ARTICLES`` prints mails a second.
"""

import sys
import time
from datetime import timedelta

PORT, FOLDER, PEOPLE, ARTICLES = sys.argv[1:]

from django.conf import settings  # noqa: E402

settings.configure(
    SECRET_KEY="x",  # noqa: S106 - of a database that is thrown away
    USE_TZ=True,
    SITE_ID=1,
    INSTALLED_APPS=[
        "django.contrib.contenttypes",
        "django.contrib.auth",
        "django.contrib.sessions",
        "django.contrib.messages",
        "django.contrib.sites",
        "django.contrib.admin",
        "sorl.thumbnail",
        "easy_thumbnails",
        "newsletter",
    ],
    NEWSLETTER_THUMBNAIL="sorl-thumbnail",
    ROOT_URLCONF="newsletter.urls",
    MEDIA_ROOT=FOLDER,
    MEDIA_URL="/media/",
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": f"{FOLDER}/peer.sqlite3",
        }
    },
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
        }
    ],
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    EMAIL_HOST="127.0.0.1",
    EMAIL_PORT=int(PORT),
)

import django  # noqa: E402

django.setup()

from django.core.management import call_command  # noqa: E402
from django.utils import timezone  # noqa: E402
from newsletter.models import (  # noqa: E402
    Article,
    Message,
    Newsletter,
    Submission,
    Subscription,
)

call_command("migrate", verbosity=0)
newsletter = Newsletter.objects.create(
    title="News", slug="news", email="newsletter@example.org", sender="News"
)
message = Message.objects.create(newsletter=newsletter, title="News", slug="news")
for number in range(int(ARTICLES)):
    Article.objects.create(
        post=message, title=f"Short breaks {number}", text="Ask the school first. " * 45
    )
for number in range(int(PEOPLE)):
    Subscription.objects.create(
        newsletter=newsletter,
        email_field=f"reader{number:07}@example.org",
        subscribed=True,
    )
submission = Submission.from_message(message)
submission.prepared = True
submission.publish_date = timezone.now() - timedelta(minutes=1)
submission.save()
submission.subscriptions.set(Subscription.objects.all())
started = time.perf_counter()
submission.submit()
print(int(PEOPLE) / (time.perf_counter() - started))  # noqa: T201
