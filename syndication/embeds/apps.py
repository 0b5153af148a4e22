from django.apps import AppConfig


class EmbedsConfig(AppConfig):
    name = "syndication.embeds"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from . import checks  # noqa: F401
