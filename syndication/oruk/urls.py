"""Each address with a slash behind it or without, and never a redirect to the other."""

from django.urls import URLPattern, re_path

from . import views
from .public import PublicView

app_name = "oruk"
UUID = "(?P<uuid>[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})"


def _at(path: str, view: type[PublicView], name: str) -> URLPattern:
    pattern: URLPattern = re_path(rf"^{path}/?$", view.as_view(), name=name)
    return pattern


urlpatterns = [
    _at("", views.ApiDetails, "details"),
    _at("/services", views.ServiceList, "services"),
    _at(f"/services/{UUID}", views.ServiceDetail, "service"),
    _at("/service_at_locations", views.ServiceAtLocationList, "locations"),
    _at(f"/service_at_locations/{UUID}", views.ServiceAtLocationDetail, "location"),
    _at("/taxonomies", views.TaxonomyList, "taxonomies"),
    _at(f"/taxonomies/{UUID}", views.TaxonomyDetail, "taxonomy"),
    _at("/taxonomy_terms", views.TermList, "terms"),
    _at(f"/taxonomy_terms/{UUID}", views.TermDetail, "term"),
    # Last: what nothing above answers is a problem, not a web page.
    re_path("^", views.Nothing.as_view(), name="nothing"),
]
