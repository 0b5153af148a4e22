from django.apps import AppConfig


class EdgeConfig(AppConfig):
    name = "syndication.edge"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from . import checks, receivers  # noqa: F401
