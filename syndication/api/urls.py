from django.urls import path, re_path

from . import views

app_name = "api"
urlpatterns = [
    path("items", views.ItemList.as_view(), name="items"),
    path("items/<uuid:content_id>", views.ItemDetail.as_view(), name="item"),
    path("changes", views.ChangeList.as_view(), name="changes"),
    path("reconcile", views.Reconcile.as_view(), name="reconcile"),
    path("export", views.Export.as_view(), name="export"),
    path("areas", views.AreaList.as_view(), name="areas"),
    path("forums", views.ForumList.as_view(), name="forums"),
    path("topics", views.TopicList.as_view(), name="topics"),
    path("terms", views.TermList.as_view(), name="terms"),
    re_path(
        r"^receipts/(?P<fingerprint>[0-9a-f]{64})$",
        views.ReceiptDetail.as_view(),
        name="receipt",
    ),
    path("openapi.json", views.OpenApi.as_view(), name="openapi"),
    path("docs", views.Documentation.as_view(), name="docs"),
    # Last: what nothing above answers is a problem, not a web page.
    re_path(r"^", views.Nothing.as_view(), name="nothing"),
]
