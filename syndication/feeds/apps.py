from django.apps import AppConfig


class FeedsConfig(AppConfig):
    name = "syndication.feeds"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from . import receivers

        receivers.connect()
