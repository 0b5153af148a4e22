"""One edition of the newsletter: an item like any other, signed by its forums."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any, Self

from csp.decorators import csp_replace
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.formats import date_format
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel, model_from_serializable_data
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.models import Orderable

from cms import policy
from cms.errors import NoForumConcerned
from cms.models import Area, CoProducedSnippet, Proof
from site_settings.models import NewsletterSettings
from syndication import directory
from syndication.models import Item, Release
from syndication.newsletters import representation
from syndication.newsletters.panels import IssuePanel, ItemsPanel, TakenBackPanel

from .subscribers import Frequency

# What an issue may carry. An issue inside an issue would be a loop.
KIND_NAMES = {"local-offer": "local offer page", "news": "news"}
KINDS = tuple(KIND_NAMES)


# So many are offered for an issue: a newsletter is about what is new.
OFFERED = 150


class IssueItemForm(WagtailAdminModelForm):
    """One row of an issue. ``choices`` are those of every row."""

    def __init__(
        self, *args: Any, choices: list[tuple[Any, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["release"]
        field.choices = choices
        field.error_messages["invalid_choice"] = (
            "This version is no longer public. Leave it out, or choose the new one."
        )


class TakenBackForm(WagtailAdminModelForm):
    """A row that can be moved and left out, and never be made by hand."""

    def clean(self) -> dict[str, Any]:
        if self.instance.release_id is None:
            raise ValidationError("This list is filled when an issue is made.")
        cleaned: dict[str, Any] = super().clean()
        return cleaned


def choosable(issue: "Issue") -> list[tuple[Any, str]]:
    """What a row of ``issue`` may carry: the newest public texts, and what it holds.

    Those for its own area first, where it has one.
    """
    newest = Release.objects.current().filter(kind__in=KINDS).newest_first()
    if issue.area:
        slugs = directory.every_slug("area", [issue.area.slug])
        newest = newest.for_areas(slugs)
    columns = ("pk", "title", "kind", "released_at", "superseded_at", "withdrawn_at")
    held = Release.objects.filter(pk__in=[row.release_id for row in issue.items.all()])
    found = {
        release.pk: release
        for release in [*newest.only(*columns)[:OFFERED], *held.only(*columns)]
    }
    return [
        ("", "---------"),
        *((pk, _offered(release)) for pk, release in found.items()),
    ]


def _offered(release: Release) -> str:
    if not release.is_current:
        return f"{release.title} (changed or taken back since)"
    day = date_format(timezone.localtime(release.released_at), "j F Y")
    return f"{release.title} ({KIND_NAMES[release.kind]}, {day})"


class IssueForm(WagtailAdminModelForm):
    """Offers what is public now, and says at submission why nobody could sign."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Every row of the form offers the same, which is asked for once.
        items = self.formsets["items"]
        items.form_kwargs = {**items.form_kwargs, "choices": choosable(self.instance)}

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        items = self.formsets["items"]
        if not self.is_deferred_validation and items.is_valid():
            releases = [
                form.cleaned_data["release"]
                for form in items.forms
                if form.cleaned_data.get("release") and form not in items.deleted_forms
            ]
            if self.instance.pk and self.instance.is_given_up:
                self.add_error(
                    None,
                    "The next issue was made before this one was submitted, and it "
                    "carries what stood here. Delete this one, and edit the next.",
                )
            slugs = representation.area_slugs(releases)
            if cleaned.get("area"):
                slugs.add(cleaned["area"].slug)
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


class IssueQuerySet(models.QuerySet["Issue"]):
    def sent(self) -> Self:
        """Those that were ever public."""
        known = Item.objects.filter(kind=Issue.kind)
        return self.filter(content_id__in=known.values("content_id"))

    def for_readers(self, frequency: str, area_slug: str) -> Self:
        """Those that go to people who chose this frequency and this area."""
        return self.filter(
            Q(frequency__in=["", frequency]) if frequency else Q(),
            Q(area=None) | Q(area__slug=area_slug) if area_slug else Q(),
        )

    def for_readers_of(self, issue: "Issue") -> Self:
        """The other issues that go to the same people as ``issue``, or to some."""
        area_slug = issue.area.slug if issue.area else ""
        others = self.exclude(content_id=issue.content_id)
        return others.for_readers(issue.frequency, area_slug)

    def listed(self) -> Self:
        """Each with what its row in a list says of its state, in one question."""
        # Not above: they name this module.
        from .runs import DigestRun, Hold

        newest = Proof.objects.filter(content_id=OuterRef("content_id"))
        held = Hold.objects.filter(
            item__content_id=OuterRef("content_id"), settled_at=None
        )
        given_up = DigestRun.objects.filter(issue=OuterRef("pk"), outcome="given_up")
        return self.select_related("area").annotate(
            outcome=Subquery(newest.values("outcome")[:1]),
            is_held=Exists(held),
            was_given_up=Exists(given_up),
        )


# Wagtail's own managers of drafts are of another kind.
IssueManager = models.Manager.from_queryset(IssueQuerySet)


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
        help_text="Optional. Plain words above the items; a new line is a new "
        "paragraph. Forums sign them with the issue.",
    )
    frequency = models.CharField(
        max_length=10,
        choices=[
            (Frequency.WEEKLY.value, Frequency.WEEKLY.label),
            (Frequency.MONTHLY.value, Frequency.MONTHLY.label),
        ],
        blank=True,
        verbose_name="how often",
        help_text="Who gets it: people who asked for mail so often. Empty: both.",
    )
    area = models.ForeignKey(
        Area,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Who gets it: people who chose this area, and people who chose none. "
        "Empty: every area in it.",
    )
    compiled_at = models.DateTimeField(null=True, editable=False)

    objects = IssueManager()

    panels = [
        IssuePanel(heading="This issue"),
        FieldPanel("title"),
        FieldPanel("introduction"),
        ItemsPanel(
            "items",
            heading="Items",
            label="Item",
            min_num=1,
            help_text="Drag an item by its handle, or use the arrows, to change the "
            "order. The bin leaves it out. Its own words are signed already and stay as "
            "they are.",
        ),
        TakenBackPanel(
            "taken_back",
            panels=[FieldPanel("words", read_only=True)],
            heading="What was taken back",
            label="Taken back",
            help_text="Something that an earlier issue carried is no longer public. One "
            "neutral sentence says so, without its name. The bin leaves it out.",
        ),
        FieldPanel(
            "release_at",
            heading="When to send it",
            help_text="Signed earlier, it waits until then. Signed later, it is sent "
            "when its last forum has signed, unless that is too late (see the settings "
            "of the newsletter). Empty: as soon as it is signed.",
        ),
        MultiFieldPanel(
            [FieldPanel("frequency"), FieldPanel("area")],
            heading="Who gets it",
            help_text="Whether people who chose some kinds or stages get it follows "
            "from what is in it. Forums sign the rule.",
        ),
        *CoProducedSnippet.co_production_panels,
    ]

    class Meta:
        verbose_name = "newsletter issue"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.title

    @classmethod
    def from_serializable_data(
        cls, data: dict[str, Any], check_fks: bool = True, strict_fks: bool = False
    ) -> "Issue":
        """The issue as a revision holds it.

        Its rows name releases, which are never deleted: asking for each whether it is
        there would read all of it, and the issue once more.
        """
        rows = {"items": IssueItem, "taken_back": TakenBack}
        bare = {key: value for key, value in data.items() if key not in rows}
        issue: Issue = super().from_serializable_data(
            bare, check_fks=check_fks, strict_fks=strict_fks
        )
        for name in rows.keys() & data.keys():
            made = [
                model_from_serializable_data(rows[name], row, check_fks=False)
                for row in data[name]
            ]
            setattr(issue, name, made)
        return issue

    def releases(self) -> list[Release]:
        """The releases that this issue carries, in its order."""
        wanted = list(self.introductions())
        read = Release.objects.select_related("item", "proof").with_form("email")
        read = read.defer("proof__payload")
        found = read.in_bulk(wanted)
        return [found[pk] for pk in wanted if pk in found]

    def introductions(self) -> dict[int, str]:
        """What editors say above each release, by its key, in the issue's order."""
        rows = sorted(self.items.all(), key=lambda row: row.sort_order or 0)
        words: dict[int, str] = {}
        for row in rows:
            words.setdefault(row.release_id, row.introduction.strip())
        return words

    def told_before(self, items: Iterable[int]) -> set[int]:
        """Which of ``items`` (keys) an earlier issue for these readers carried."""
        earlier = IssueItem.objects.filter(
            issue__in=Issue.objects.for_readers_of(self).sent(), release__item__in=items
        )
        return set(earlier.values_list("release__item", flat=True))

    def areas_covered(self) -> list[Area]:
        """Its own area and those of every item.

        Raises ``NoForumConcerned`` where one is gone.
        """
        slugs = representation.area_slugs(self.releases())
        if self.area:
            slugs.add(self.area.slug)
        return representation.areas_that_are_left(slugs)

    def answer_by(self) -> date | None:
        """The day on which it is to be sent; where that is too near, a full window."""
        if self.release_at is None:
            return None
        today = timezone.localdate()
        day = timezone.localdate(self.release_at)
        if day > today:
            return day
        return today + timedelta(days=NewsletterSettings.current().days_to_review)

    @property
    def is_given_up(self) -> bool:
        """Whether the next issue took over what this one carries."""
        return self.runs.filter(outcome="given_up").exists()

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
        verbose_name="text",
        help_text="Only what is public now can be chosen.",
    )
    introduction = models.TextField(
        blank=True,
        max_length=500,
        help_text="Optional. A sentence or two of yours, under its title. Forums sign "
        "it with the issue.",
    )

    panels = [FieldPanel("release"), FieldPanel("introduction")]

    class Meta(Orderable.Meta):
        # No unique key: a draft that names one release twice would fail on it when
        # its last forum signs. ``Issue.releases`` takes each once.
        pass

    def __str__(self) -> str:
        return str(self.release)


class TakenBack(Orderable):
    """One withdrawn release that an earlier issue for the same readers had carried.

    ``words`` are made of the withdrawal, which never changes (see ``digests``).
    """

    issue = ParentalKey(Issue, on_delete=models.CASCADE, related_name="taken_back")
    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="+")
    words = models.TextField()
    # Where its replacement is, if there is one.
    url = models.URLField(blank=True)

    class Meta(Orderable.Meta):
        verbose_name = "what was taken back"

    def __str__(self) -> str:
        return self.words


class CompileTurn(models.Model):
    """One row, locked while an issue is compiled, so that runs take turns."""

    taken_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"last taken {self.taken_at:%Y-%m-%d %H:%M}" if self.taken_at else "free"
