from django.apps import AppConfig


class NewslettersConfig(AppConfig):
    name = "syndication.newsletters"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from . import appearances, lookups, receivers  # noqa: F401
