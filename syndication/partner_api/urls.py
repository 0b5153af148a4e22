from django.urls import path, re_path

from . import views

app_name = "partner_api"
urlpatterns = [
    path("me", views.Me.as_view(), name="me"),
    path("removals", views.Removals.as_view(), name="removals"),
    path("acknowledgements", views.Acknowledgements.as_view(), name="acknowledgements"),
    path("usage", views.Usage.as_view(), name="usage"),
    path("problems/<slug:code>", views.ProblemDetail.as_view(), name="problem"),
    # Last: what nothing above answers is a problem, not a web page.
    re_path(r"^", views.Nothing.as_view(), name="nothing"),
]
