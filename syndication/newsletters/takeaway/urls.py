from django.urls import path

from . import page, picker, views

urlpatterns = [
    path("<uuid:content_id>", page.issue, name="issue"),
    path("<uuid:content_id>/use", picker.use, name="issue-use"),
    path("<uuid:content_id>.<str:suffix>", views.take, name="issue-format"),
]
