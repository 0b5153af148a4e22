"""What releases show in the Wagtail admin."""

from typing import Any

from django.urls import path, reverse
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from . import dashboard

NAME = "countersign_co_production"


@hooks.register("register_admin_urls")
def dashboard_urls() -> list[Any]:
    return [path("co-production/", dashboard.co_production, name=NAME)]


@hooks.register("register_reports_menu_item")
def dashboard_menu_item() -> MenuItem:
    return MenuItem(
        "Co-production",
        reverse(NAME),
        name="co-production",
        icon_name="view",
        order=110,
    )
