from django.urls import path
from django.views.generic import RedirectView

from . import views

app_name = "comments"

urlpatterns = [
    path("comments/<uuid:content_id>", views.CommentView.as_view(), name="comment"),
    path("you-said-we-did/", views.index, name="index"),
    path("you-said-we-did/<int:year>", views.year, name="year"),
    # What people type.
    path(
        "you-said-we-did",
        RedirectView.as_view(url="/you-said-we-did/", permanent=True),
    ),
]
