"""Addresses of the sign-off screens, below the Wagtail admin."""

from django.urls import path

from .views import sign_off

app_name = "countersign_sign_off"
urlpatterns = [
    path("", sign_off.index, name="index"),
    path("<int:pk>/", sign_off.ProofView.as_view(), name="proof"),
    path(
        "withdraw/<uuid:content_id>/", sign_off.WithdrawView.as_view(), name="withdraw"
    ),
]
