"""How partners show in the Wagtail admin."""

from typing import Any

from django.contrib.auth.models import Permission
from django.http import HttpRequest
from django.urls import include, path, reverse
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from .managers import may_manage


@hooks.register("register_admin_urls")
def partners_urls() -> list[Any]:
    return [path("partners/", include("syndication.partners.admin_urls"))]


class PartnersMenuItem(MenuItem):
    """For those who look after partners."""

    def is_shown(self, request: HttpRequest) -> bool:
        return may_manage(request.user)


@hooks.register("register_admin_menu_item")
def partners_menu_item() -> MenuItem:
    return PartnersMenuItem(
        "Partners",
        reverse("countersign_partners:index"),
        name="partners",
        icon_name="link",
        order=175,
    )


@hooks.register("register_permissions")
def permissions_of_partners() -> Any:
    """Offer the permission in the form for groups."""
    return Permission.objects.filter(
        content_type__app_label="partners", codename="manage_partners"
    )
