from django.urls import path

from . import provider_views, views

app_name = "newsletters"

urlpatterns = [
    path("", views.SubscribeView.as_view(), name="subscribe"),
    path("confirm/<str:token>/", views.ConfirmView.as_view(), name="confirm"),
    path(
        "unsubscribe/<str:token>/", views.UnsubscribeView.as_view(), name="unsubscribe"
    ),
    path(
        "preferences/<str:token>/", views.PreferencesView.as_view(), name="preferences"
    ),
    path("webhooks/<slug:provider>/", provider_views.webhook, name="webhook"),
    path("issues/<uuid:content_id>", views.issue, name="issue"),
]
