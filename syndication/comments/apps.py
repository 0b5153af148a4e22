from django.apps import AppConfig


class CommentsConfig(AppConfig):
    name = "syndication.comments"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from . import receivers  # noqa: F401
