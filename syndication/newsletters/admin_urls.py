"""Addresses of the screens of mailings, below the Wagtail admin."""

from django.urls import path

from . import mailing_views as views

app_name = "countersign_mailings"
urlpatterns = [
    path("", views.IndexView.as_view(), name="index"),
    path("<uuid:key>/", views.MailingView.as_view(), name="mailing"),
    path("<uuid:key>/progress/", views.ProgressView.as_view(), name="progress"),
    path("<uuid:key>/<slug:action>/", views.ActView.as_view(), name="act"),
]
