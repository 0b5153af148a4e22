"""Addresses of the register of consent, below the Wagtail admin."""

from django.urls import path

from .views import consent

app_name = "countersign_consent"
urlpatterns = [
    path("", consent.IndexView.as_view(), name="index"),
    path("add/", consent.AddView.as_view(), name="add"),
    path("<int:pk>/", consent.EditView.as_view(), name="edit"),
    path("<int:pk>/withdraw/", consent.WithdrawView.as_view(), name="withdraw"),
]
