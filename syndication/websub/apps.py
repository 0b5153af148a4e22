from django.apps import AppConfig


class WebSubConfig(AppConfig):
    name = "syndication.websub"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from . import checks  # noqa: F401
