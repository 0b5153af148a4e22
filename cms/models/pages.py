"""The pages that editors write."""

from typing import Any, ClassVar

from csp.decorators import csp_exempt
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from modelcluster.fields import ParentalManyToManyField
from wagtail.admin.forms import WagtailAdminPageForm
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.fields import StreamField
from wagtail.images.models import Image
from wagtail.models import Page
from wagtail_headless_preview.models import HeadlessMixin

from cms import channels, consent, voices
from cms.blocks import BodyBlock
from cms.permissions import FolderTester, NoPublishTester, visible
from cms.voices_panel import VoicesPanel
from cms.workflow import sign_off_workflow

from .items import CoProducedMixin
from .vocabulary import Area, Forum, Topic


class FolderMixin:
    """A page that holds others, below which Wagtail offers no publish button."""

    def permissions_for_user(self, user: Any) -> FolderTester:
        return FolderTester(user, self)

    def get_workflow(self) -> Any:
        """The sign-off workflow: what is created here is submitted to it."""
        return sign_off_workflow()

    @property
    def has_workflow(self) -> bool:
        """Always: the screen on which a page is created asks its parent."""
        return True


class HomePage(FolderMixin, Page):
    """The root of the tree. Holds the index pages; has no content of its own."""

    parent_page_types = ["wagtailcore.Page"]
    subpage_types = ["cms.LocalOfferIndexPage", "cms.NewsIndexPage"]
    max_count = 1

    class Meta:
        verbose_name = "home page"


class SectionPage(FolderMixin, Page):
    """A folder that can be one forum's own: see ``forum``."""

    forum = models.ForeignKey(
        Forum,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name="section of",
        help_text="Whose section this is. This forum signs everything written in it.",
    )

    # Who signs is not for the people who write to decide.
    settings_panels: ClassVar[list[Any]] = [
        FieldPanel("forum", permission="superuser"),
    ]

    class Meta:
        abstract = True


class LocalOfferIndexPage(SectionPage):
    """The folder under which local offer pages are written, or a part of it."""

    parent_page_types = ["cms.HomePage", "cms.LocalOfferIndexPage"]
    subpage_types = ["cms.LocalOfferIndexPage", "cms.LocalOfferPage"]

    class Meta:
        verbose_name = "local offer folder"


class NewsIndexPage(SectionPage):
    """The folder under which news items are written, or a part of it."""

    parent_page_types = ["cms.HomePage", "cms.NewsIndexPage"]
    subpage_types = ["cms.NewsIndexPage", "cms.NewsItemPage"]

    class Meta:
        verbose_name = "news folder"


def sections_of(folders: Any) -> list[Forum]:
    """The forums whose sections are among ``folders``, a queryset of pages."""
    pks = list(folders.values_list("pk", flat=True))
    return [
        folder.forum
        for model in (LocalOfferIndexPage, NewsIndexPage)
        for folder in model.objects.filter(pk__in=pks)
        .exclude(forum=None)
        .select_related("forum")
    ]


class CoProducedPageForm(WagtailAdminPageForm):
    """Says at submission, beside the field, why nobody could sign."""

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        areas = cleaned.get("areas")
        if not self.is_deferred_validation and areas:
            without = [area.name for area in areas if not area.forums.exists()]
            if without:
                self.add_error(
                    "areas",
                    f"No forum signs for {', '.join(without)} yet, so this cannot be "
                    "signed off. Choose another area, or ask an administrator to "
                    "name the forum of this one.",
                )
        if cleaned.get("body") and self._names_hidden_images(cleaned["body"]):
            self.add_error(
                "body",
                "This holds an image that you may not use. Choose another one, or ask "
                "whoever it belongs to.",
            )
        if cleaned.get("body"):
            self._check_voices(cleaned["body"])
        return cleaned

    def _check_voices(self, body: Any) -> None:
        """Say beside a voice why it cannot be used, or not be submitted as it is."""
        before = consent.ids_in(self.initial.get("body"))
        errors = voices.errors_in(
            body,
            may_choose=consent.choosable(self.for_user),
            kept=before,
            submitting=not self.is_deferred_validation,
        )
        if errors:
            self.add_error("body", errors)

    def _names_hidden_images(self, body: Any) -> bool:
        """Whether an image was added that its writer may not see.

        The chooser does not offer it, but its number would show it in this form and
        in the preview. What somebody else has put there stays.
        """
        added = _images_in(body) - _images_in(self.initial.get("body"))
        seen = visible(Image, self.for_user).filter(pk__in=added)
        return bool(seen.count() < len(added))


def _images_in(body: Any) -> set[int]:
    if not body:
        return set()
    return {
        int(pk)
        for model, pk, *_ in body.stream_block.extract_references(body)
        if model is Image
    }


class CoProducedPage(  # type: ignore[django-manager-missing]
    CoProducedMixin, HeadlessMixin, Page
):
    """What local offer pages and news items share."""

    base_form_class = CoProducedPageForm

    summary = models.TextField(
        max_length=300,
        help_text="One or two sentences. Lists, feeds and newsletters show only this.",
    )
    closure = models.CharField(
        max_length=200,
        blank=True,
        verbose_name="closed or changed at short notice",
        help_text="For example “Closed until 3 January”. Stands above the text.",
    )
    body = StreamField(BodyBlock())
    areas = ParentalManyToManyField(
        Area,
        help_text="Who this is for. The forums of every area you choose must sign it.",
    )
    topics = ParentalManyToManyField(Topic, blank=True)

    content_panels = [
        # Not Wagtail's own title panel: it fills in a slug, which nobody sees here.
        FieldPanel("title", classname="title"),
        FieldPanel("summary"),
        FieldPanel(
            "areas", widget=forms.CheckboxSelectMultiple, required_on_save=False
        ),
        FieldPanel("topics", widget=forms.CheckboxSelectMultiple),
        FieldPanel("closure"),
        FieldPanel("body"),
        VoicesPanel(heading="Voices in this text, as it was saved last"),
        FieldPanel("release_at"),
        *CoProducedMixin.co_production_panels,
    ]
    # Slug, search title and Wagtail's schedule change nothing that the public sees.
    promote_panels: ClassVar[list[Any]] = []
    settings_panels: ClassVar[list[Any]] = []

    class Meta:
        abstract = True

    def permissions_for_user(self, user: Any) -> NoPublishTester:
        return NoPublishTester(user, self)

    def representation(self) -> dict[str, Any]:
        return channels.split(self.draft()).payload

    def draft(self) -> channels.Draft:
        return channels.of_page(self)

    def sections(self) -> list[Forum]:
        return sections_of(self.get_ancestors())

    def serve_preview(
        self, request: HttpRequest, preview_mode: str
    ) -> HttpResponseBase:
        """The package's frame around our preview page.

        Wagtail sends a made-up request through the middleware, under the address of
        the page, so the policy for public pages would block the frame in the editor.
        """

        @csp_exempt()
        def show(request: HttpRequest) -> HttpResponse:
            framed: HttpResponse = super(CoProducedPage, self).serve_preview(
                request, preview_mode
            )
            return framed

        return show(request)

    def get_url_parts(self, request: Any = None) -> tuple[int, str, str] | None:
        """The released permalink: Wagtail's tree of addresses is not served."""
        parts = super().get_url_parts(request)
        site_id = parts[0] if parts else 0
        origin, _, rest = self.permalink.partition("/items/")
        return site_id, origin, f"/items/{rest}"


class LocalOfferPage(CoProducedPage):
    """One service or question of the SEND Local Offer."""

    kind = "local-offer"
    parent_page_types = ["cms.LocalOfferIndexPage"]
    subpage_types: ClassVar[list[str]] = []

    audience = models.TextField(
        max_length=500,
        verbose_name="who it is for",
        help_text="In one sentence, as you would say it to a parent.",
    )
    age_from = models.PositiveSmallIntegerField(
        default=0, validators=[MaxValueValidator(25)], verbose_name="from age"
    )
    age_to = models.PositiveSmallIntegerField(
        default=25, validators=[MaxValueValidator(25)], verbose_name="to age"
    )
    review_by = models.DateField(
        null=True,
        help_text="The day by which somebody checks that this is still right.",
    )

    content_panels = [
        *CoProducedPage.content_panels[:2],
        FieldPanel("audience"),
        MultiFieldPanel(
            [FieldRowPanel([FieldPanel("age_from"), FieldPanel("age_to")])],
            heading="Ages",
        ),
        *CoProducedPage.content_panels[2:],
        FieldPanel("review_by"),
    ]

    class Meta:
        verbose_name = "local offer page"

    def clean(self) -> None:
        super().clean()
        if None not in (self.age_from, self.age_to) and self.age_from > self.age_to:
            raise ValidationError(
                {"age_to": "“To age” must not be lower than “from age”."}
            )


class NewsItemPage(CoProducedPage):
    """Something that happened or is about to happen."""

    kind = "news"
    parent_page_types = ["cms.NewsIndexPage"]
    subpage_types: ClassVar[list[str]] = []

    class Meta:
        verbose_name = "news item"
