"""Addresses of the partners' screens, below the Wagtail admin."""

from django.urls import path

from . import views

app_name = "countersign_partners"
urlpatterns = [
    path("", views.IndexView.as_view(), name="index"),
    path("add/", views.AddView.as_view(), name="add"),
    path("<int:pk>/", views.PartnerView.as_view(), name="partner"),
    path("<int:pk>/edit/", views.EditView.as_view(), name="edit"),
    path("<int:pk>/end/", views.EndView.as_view(), name="end"),
    path("<int:pk>/keys/make/", views.MakeKeyView.as_view(), name="make_key"),
    path("<int:pk>/keys/<int:key>/revoke/", views.RevokeView.as_view(), name="revoke"),
]
