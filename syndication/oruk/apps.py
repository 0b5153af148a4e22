from django.apps import AppConfig


class OrukConfig(AppConfig):
    name = "syndication.oruk"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from . import receivers  # noqa: F401
