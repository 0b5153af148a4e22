"""What releases show in the Wagtail admin."""

from typing import Any

from django.urls import path, reverse
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from . import coverage_report, dashboard

NAME = "countersign_co_production"


@hooks.register("register_admin_urls")
def dashboard_urls() -> list[Any]:
    return [
        path("co-production/", dashboard.co_production, name=NAME),
        path("coverage/", coverage_report.report, name=coverage_report.NAME),
    ]


@hooks.register("register_reports_menu_item")
def dashboard_menu_item() -> MenuItem:
    return MenuItem(
        "Co-production",
        reverse(NAME),
        name="co-production",
        icon_name="view",
        order=110,
    )


@hooks.register("register_reports_menu_item")
def coverage_menu_item() -> MenuItem:
    return MenuItem(
        "Coverage of the Local Offer",
        reverse(coverage_report.NAME),
        name="coverage",
        icon_name="table",
        order=120,
    )
