"""One edition of the newsletter: an item like any other, signed by its forums."""

from typing import Any

from csp.decorators import csp_replace
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.cache import patch_cache_control
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, InlinePanel
from wagtail.models import Orderable

from cms import policy
from cms.errors import NoForumConcerned
from cms.models import Area, CoProducedSnippet
from syndication.models import Release
from syndication.newsletters import representation

from .subscribers import Frequency

# What an issue may carry. An issue inside an issue would be a loop.
KINDS = ("local-offer", "news")


class IssueForm(WagtailAdminModelForm):
    """Says at submission why nobody could sign."""

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        items = self.formsets["items"]
        if not self.is_deferred_validation and items.is_valid():
            releases = [
                form.cleaned_data["release"]
                for form in items.forms
                if form.cleaned_data.get("release") and form not in items.deleted_forms
            ]
            slugs = representation.area_slugs(releases)
            try:
                for area in representation.areas_that_are_left(slugs):
                    policy.forums_of(area, item=self.instance)
            except NoForumConcerned as error:
                self.add_error(None, str(error))
            if why := self._too_long(cleaned, items, releases):
                self.add_error(None, why)
        return cleaned

    def _too_long(self, cleaned: Any, items: Any, releases: list[Release]) -> str:
        # Not above: it names this module.
        from syndication.newsletters import trials

        words = [form.cleaned_data.get("introduction", "") for form in items.forms]
        return trials.why_too_long(
            title=cleaned.get("title", ""),
            introductions=[cleaned.get("introduction", ""), *words],
            releases=releases,
        )


class Issue(CoProducedSnippet, ClusterableModel):  # type: ignore[django-manager-missing]
    """A newsletter edition: a subject, a few words, and releases in an order.

    Its items live in its revisions as well (``ClusterableModel``, after Wagtail's
    ``RevisionMixin``), so leaving one out is an edit that needs signatures again.
    """

    base_form_class = IssueForm

    kind = "issues"

    title = models.CharField(
        max_length=150,
        verbose_name="subject",
        help_text="What subscribers see in their inbox.",
    )
    introduction = models.TextField(
        blank=True,
        max_length=2000,
        help_text="Optional. Plain words above the items; a new line is a new paragraph.",
    )
    frequency = models.CharField(
        max_length=10,
        choices=[
            (Frequency.WEEKLY.value, Frequency.WEEKLY.label),
            (Frequency.MONTHLY.value, Frequency.MONTHLY.label),
        ],
        blank=True,
        help_text="Who gets it: those who asked for mail so often. Empty: both.",
    )
    area = models.ForeignKey(
        Area,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Who gets it: those who chose this area. Empty: every area in it.",
    )
    compiled_at = models.DateTimeField(null=True, editable=False)

    panels = [
        FieldPanel("title"),
        FieldPanel("introduction"),
        InlinePanel("items", heading="Items", label="Item", min_num=1),
        FieldPanel("release_at"),
        *CoProducedSnippet.co_production_panels,
    ]

    class Meta:
        verbose_name = "newsletter issue"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.title

    def releases(self) -> list[Release]:
        """The releases that this issue carries, in its order."""
        rows = sorted(self.items.all(), key=lambda row: row.sort_order or 0)
        wanted = list(dict.fromkeys(row.release_id for row in rows))
        read = Release.objects.select_related("item").with_form("email")
        found = read.in_bulk(wanted)
        return [found[pk] for pk in wanted if pk in found]

    def areas_covered(self) -> list[Area]:
        """The areas of every item. Raises ``NoForumConcerned`` where one is gone."""
        return representation.areas_that_are_left(
            representation.area_slugs(self.releases())
        )

    def topics_covered(self) -> set[int]:
        """None: what an issue repeats of an item was signed with that item's topics."""
        return set()

    def representation(self) -> dict[str, Any]:
        return representation.of_issue(self)

    def serve_preview(self, request: HttpRequest, mode_name: str) -> HttpResponse:
        """The issue as forums will read it, inside the editor's preview panel."""
        item = self.representation()

        @csp_replace({"frame-ancestors": ["'self'"]})
        def show(request: HttpRequest) -> HttpResponse:
            return TemplateResponse(request, "newsletters/preview.html", {"item": item})

        response: HttpResponse = show(request)  # type: ignore[assignment]
        patch_cache_control(response, no_store=True, private=True)
        return response


class IssueItem(Orderable):
    """One release in an issue, at its place."""

    issue = ParentalKey(Issue, on_delete=models.CASCADE, related_name="items")
    release = models.ForeignKey(
        Release,
        on_delete=models.PROTECT,
        related_name="+",
        limit_choices_to={
            "kind__in": KINDS,
            "superseded_at": None,
            "withdrawn_at": None,
        },
        help_text="Only what is public now can be chosen.",
    )
    introduction = models.TextField(
        blank=True,
        max_length=500,
        help_text="Optional. A sentence or two above this item.",
    )

    panels = [FieldPanel("release"), FieldPanel("introduction")]

    class Meta(Orderable.Meta):
        # No unique key: a draft that names one release twice would fail on it when
        # its last forum signs. ``Issue.releases`` takes each once.
        pass

    def __str__(self) -> str:
        return str(self.release)


class CompileTurn(models.Model):
    """One row, locked while an issue is compiled, so that runs take turns."""

    taken_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"last taken {self.taken_at:%Y-%m-%d %H:%M}" if self.taken_at else "free"
