from django.apps import AppConfig
from wagtail.users.apps import WagtailUsersAppConfig


class CmsConfig(AppConfig):
    name = "cms"
    verbose_name = "Co-produced content"
    default_auto_field = "django.db.models.BigAutoField"
    default = True

    def ready(self) -> None:
        from . import checks, receivers, uploads, wagtail_rows

        checks.connect()
        receivers.connect()
        uploads.connect()
        wagtail_rows.connect()


class UsersConfig(WagtailUsersAppConfig):
    """Wagtail's users app, whose form for groups offers no publishing."""

    group_viewset = "cms.views.groups.GroupViewSet"
