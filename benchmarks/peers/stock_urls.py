"""The addresses of ``stock``."""

from django.urls import path
from wagtail.api.v2.router import WagtailAPIRouter
from wagtail.api.v2.views import PagesAPIViewSet

from cms.models import LocalOfferPage


class Pages(PagesAPIViewSet):
    """Every field of the local offer page that our own answers tell, and the body."""

    def get_base_queryset(self, models=None):
        return LocalOfferPage.objects.live()

    @classmethod
    def get_body_fields_names(cls, model):
        return [
            *super().get_body_fields_names(model),
            *("summary", "audience", "body", "content_id", "describes", "review_by"),
        ]


router = WagtailAPIRouter("stock")
router.register_endpoint("pages", Pages)
urlpatterns = [path("stock/", router.urls)]
