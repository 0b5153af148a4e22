from django.urls import include, path

from . import archive_views, preferences, provider_views, use, views

app_name = "newsletters"

urlpatterns = [
    path("", views.SubscribeView.as_view(), name="subscribe"),
    path("form", views.FramedView.as_view(), name="form"),
    path("start", views.StartView.as_view(), name="start"),
    path("use", use.use, name="use"),
    path("link/", views.LinkView.as_view(), name="link"),
    path("confirm/<str:token>/", views.ConfirmView.as_view(), name="confirm"),
    path(
        "unsubscribe/<str:token>/", views.UnsubscribeView.as_view(), name="unsubscribe"
    ),
    path(
        "preferences/<str:token>/",
        preferences.PreferencesView.as_view(),
        name="preferences",
    ),
    path(
        "preferences/<str:token>/address/", preferences.MoveView.as_view(), name="move"
    ),
    path(
        "preferences/<str:token>/delete/",
        preferences.ForgetView.as_view(),
        name="forget",
    ),
    path(
        "preferences/<str:token>/stored.json",
        preferences.StoredView.as_view(),
        name="stored",
    ),
    path("webhooks/<slug:provider>/", provider_views.webhook, name="webhook"),
    path("issues/", archive_views.archive, name="archive"),
    path("issues/", include("syndication.newsletters.takeaway.urls")),
]
