"""The pages that editors write."""

from collections.abc import Iterable
from typing import Any, ClassVar

from csp.decorators import csp_exempt
from django import forms
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from modelcluster.fields import ParentalManyToManyField
from wagtail.admin.forms import WagtailAdminPageForm
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.documents.models import Document
from wagtail.fields import StreamField
from wagtail.images.models import Image
from wagtail.models import Page
from wagtail_headless_preview.models import HeadlessMixin

from cms import channels, consent, missing, page_facts, submission, voices
from cms.blocks import BodyBlock
from cms.fact_blocks import (
    EventsBlock,
    HoursBlock,
    LanguagesBlock,
    PlacesBlock,
    ReportsOnBlock,
    SurveysBlock,
    WaysInBlock,
)
from cms.permissions import FolderTester, NoPublishTester, choosable_pages, visible
from cms.voices_panel import VoicesPanel
from cms.workflow import sign_off_workflow
from site_settings.models import review_by_default

from .items import CoProducedMixin
from .terms import Term
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
    owners = [
        f"{model._meta.model_name}__forum"
        for model in (LocalOfferIndexPage, NewsIndexPage)
    ]
    pks = {pk for row in folders.values_list(*owners) for pk in row if pk is not None}
    return list(Forum.objects.filter(pk__in=pks)) if pks else []


# What Wagtail takes from the page as it stands, whatever a revision says. It would look
# each of them up in the database before.
NOT_SAID = frozenset(
    {"alias_of", "content_type", "latest_revision", "locale", "locked_by", "owner"}
)


class CoProducedPageForm(WagtailAdminPageForm):
    """Says at submission, beside the field, why nobody could sign."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        missing.say_what_to_do(self)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        areas = cleaned.get("areas") or ()
        if not self.is_deferred_validation and (why := submission.unsigned(areas)):
            self.add_error("areas", why)
        for model, noun in ((Image, "an image"), (Document, "a file")):
            if cleaned.get("body") and self._names_hidden(model, cleaned["body"]):
                self.add_error(
                    "body",
                    f"This holds {noun} that you may not use. Choose another one, or "
                    "ask whoever it belongs to.",
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

    def _names_hidden(self, model: type[models.Model], body: Any) -> bool:
        """Whether an image or a file was added that its writer may not see.

        The chooser does not offer it, but its number would show it in this form and
        in the preview. What somebody else has put there stays.
        """
        added = _named_in(body, model) - _named_in(self.initial.get("body"), model)
        seen = visible(model, self.for_user).filter(pk__in=added)
        return bool(seen.count() < len(added))


def _named_in(body: Any, wanted: type[models.Model]) -> set[int]:
    if not body:
        return set()
    return {
        int(pk)
        for model, pk, *_ in body.stream_block.extract_references(body)
        if model is wanted
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
    body = StreamField(
        BodyBlock(),
        help_text="What families read. Add a block for each heading, text, list of "
        "steps, picture or film.",
    )
    areas = ParentalManyToManyField(
        Area,
        help_text="Who this is for. The forums of every area you choose must sign it.",
    )
    topics = ParentalManyToManyField(
        Topic,
        blank=True,
        help_text="What it is about. People and partners can look for it by topic.",
    )

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
        VoicesPanel(heading="Voices, as saved last"),
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

    def facts(self) -> dict[str, Any]:
        """The typed facts that this kind of page tells beside its text, by key."""
        raise NotImplementedError

    def sections(self) -> list[Forum]:
        return sections_of(self.get_ancestors())

    def with_content_json(self, content: dict[str, Any]) -> Any:
        said = {key: value for key, value in content.items() if key not in NOT_SAID}
        return super().with_content_json(said)

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


def _panels_of(*names: str) -> list[Any]:
    """The panels that both kinds of page have of these fields, in this order."""
    panels = {
        panel.field_name: panel
        for panel in CoProducedPage.content_panels
        if isinstance(panel, FieldPanel)
    }
    return [panels[name] for name in names]


def _other_panels(*names: str) -> list[Any]:
    """What both kinds of page show besides: also what is added there later."""
    return [
        panel
        for panel in CoProducedPage.content_panels
        if getattr(panel, "field_name", "") not in names
    ]


class TermField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """The terms of one scheme, as boxes to tick."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, scheme: str, **kwargs: Any) -> None:
        super().__init__(Term.objects.none(), required=False, **kwargs)
        self.scheme = scheme

    def offer(self, kept: Iterable[Term]) -> None:
        """Offer what is in use today, and what was chosen before."""
        chosen = [term.pk for term in kept if term.scheme == self.scheme]
        in_use = Term.objects.of(self.scheme).valid()
        self.queryset = (
            (in_use | Term.objects.of(self.scheme).filter(pk__in=chosen))
            .select_related("parent")
            # A need before its parts, which have its place in the list.
            .order_by("position", F("parent").asc(nulls_first=True), "code")
        )
        self.initial = chosen

    def label_from_instance(self, obj: Term) -> str:
        return f"{obj.parent.name}: {obj}" if obj.parent else str(obj)


class LocalOfferPageForm(CoProducedPageForm):
    """Shows the terms of a page scheme by scheme; says what a service has to tell."""

    needs = TermField(
        Term.Scheme.NEED,
        label="Areas of need",
        help_text="Which needs it is for. None: for all.",
    )
    stages = TermField(
        Term.Scheme.STAGE, label="Stage", help_text="From when to when in life."
    )
    tiers = TermField(
        Term.Scheme.TIER,
        label="Tier of support",
        help_text="For everybody, for some, or for few who need most.",
    )
    outcomes = TermField(
        Term.Scheme.OUTCOME,
        label="What of adult life it helps with",
        help_text="For young people from Year 9 on.",
    )
    statutory_items = TermField(
        Term.Scheme.STATUTORY,
        label="What the law asks the Local Offer to tell",
        help_text="Which of it this page tells. The coverage report is made from this.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kept = list(self.instance.terms.all()) if self.instance else []
        for name in self._term_fields():
            self.fields[name].offer(kept)
            self.initial[name] = self.fields[name].initial

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.is_deferred_validation:
            for name, message in submission.wrong_with_local_offer(cleaned):
                if name in self.fields and name not in self.errors:
                    self.add_error(name, message)
        return cleaned

    def save(self, commit: bool = True) -> Any:
        shown = self._term_fields()
        schemes = {self.fields[name].scheme for name in shown}
        # Of a scheme that this form does not show, everything stays.
        kept = [
            term for term in self.instance.terms.all() if term.scheme not in schemes
        ]
        chosen = [term for name in shown for term in self.cleaned_data.get(name, ())]
        self.instance.terms = [*kept, *chosen]
        return super().save(commit=commit)

    def _term_fields(self) -> list[str]:
        return [
            name for name, field in self.fields.items() if isinstance(field, TermField)
        ]


class LocalOfferPage(CoProducedPage):
    """One service or question of the SEND Local Offer."""

    kind = "local-offer"
    base_form_class = LocalOfferPageForm
    parent_page_types = ["cms.LocalOfferIndexPage"]
    subpage_types: ClassVar[list[str]] = []

    class Describes(models.TextChoices):
        SERVICE = "service", "a service that families can use"
        INFORMATION = "information", "information, or an answer to a question"

    class Cost(models.TextChoices):
        FREE = "free", "free for families"
        PAID = "paid", "there is a charge"
        VARIES = "varies", "some of it costs something"

    describes = models.CharField(
        max_length=20,
        choices=Describes.choices,
        default=Describes.SERVICE,
        verbose_name="what this page is about",
        help_text="Of a service more has to be told: cost, how to get it, who decides.",
    )
    audience = models.TextField(
        max_length=500,
        verbose_name="who it is for",
        help_text="In one sentence, as you would say it to a parent.",
    )
    age_from = models.PositiveSmallIntegerField(
        default=0,
        validators=[MaxValueValidator(25)],
        verbose_name="from age",
        help_text="The youngest it is for, in years. 0 is from birth on.",
    )
    age_to = models.PositiveSmallIntegerField(
        default=25,
        validators=[MaxValueValidator(25)],
        verbose_name="to age",
        help_text="The oldest it is for, at most 25.",
    )
    terms = ParentalManyToManyField(Term, blank=True, related_name="pages")
    eligibility = models.TextField(
        blank=True,
        max_length=2000,
        verbose_name="who can have it",
        help_text="What has to be so for a family to get it. Nothing: say so.",
    )
    places = StreamField(
        PlacesBlock(required=False),
        blank=True,
        help_text="Where it is. Leave it out where there is no place to go to.",
    )
    hours = StreamField(
        HoursBlock(required=False),
        blank=True,
        verbose_name="opening times",
        help_text="The usual week, and holidays or other days on which that differs.",
    )
    languages = StreamField(
        LanguagesBlock(required=False),
        blank=True,
        help_text="In which languages people are helped, English included.",
    )
    communication = models.TextField(
        blank=True,
        max_length=1000,
        verbose_name="help to understand and to be understood",
        help_text="For example an interpreter, Easy Read, text messages instead of "
        "calls.",
    )
    cost_kind = models.CharField(
        max_length=10,
        choices=Cost.choices,
        blank=True,
        verbose_name="does it cost anything",
        help_text="To the family, at any time.",
    )
    cost = models.TextField(
        blank=True,
        max_length=1000,
        verbose_name="what it costs",
        help_text="With the amount, and for what.",
    )
    help_with_cost = models.TextField(
        blank=True,
        max_length=1000,
        verbose_name="help with the cost",
        help_text="Who pays less, and how to ask for it.",
    )
    ways_in = StreamField(
        WaysInBlock(required=False),
        blank=True,
        verbose_name="how to get it",
        help_text="Who has to ask, and what to do. One for each way.",
    )
    what_next = models.TextField(
        blank=True,
        max_length=2000,
        verbose_name="what happens next",
        help_text="After somebody asked: who gets in touch, when, and what then.",
    )
    waiting_time = models.CharField(
        max_length=200,
        blank=True,
        verbose_name="how long families wait",
        help_text="For example “about 12 weeks to a first visit”.",
    )
    waiting_as_at = models.DateField(
        null=True,
        blank=True,
        verbose_name="as at",
        help_text="The day on which this was so.",
    )
    decisions = models.TextField(
        blank=True,
        max_length=2000,
        verbose_name="how decisions are made",
        help_text="Who decides whether a family gets it, by what, and how long it takes.",
    )
    complaints = models.TextField(
        blank=True,
        max_length=2000,
        verbose_name="if somebody disagrees or wants to complain",
        help_text="Whom to talk to first, and what can be done after that.",
    )
    provider = models.CharField(
        max_length=200,
        blank=True,
        verbose_name="provided by",
        help_text="The organisation, for example an NHS trust or a charity.",
    )
    provider_website = models.URLField(
        blank=True,
        verbose_name="its website",
        help_text="The full address, starting with https://",
    )
    contact_team = models.CharField(
        max_length=120,
        blank=True,
        verbose_name="team or line",
        help_text="Never the name of a person.",
    )
    contact_phone = models.CharField(
        max_length=40,
        blank=True,
        verbose_name="telephone",
        help_text="Of the team or line, never one person’s own number.",
    )
    contact_email = models.EmailField(
        blank=True,
        verbose_name="email",
        help_text="A shared mailbox, never one person’s: people leave.",
    )
    contact_hours = models.CharField(
        max_length=200,
        blank=True,
        verbose_name="when somebody answers",
        help_text="For example “Mondays to Fridays, 9am to noon”.",
    )
    contact_website = models.URLField(
        blank=True,
        verbose_name="web page",
        help_text="Where families can ask, for example a form.",
    )
    law_as_at = models.DateField(
        null=True,
        blank=True,
        verbose_name="law as at",
        help_text="Where the page tells what the law says: the day you checked it.",
    )
    review_by = models.DateField(
        null=True,
        default=review_by_default,
        help_text="The day by which somebody checks that this is still right.",
    )

    content_panels = [
        MultiFieldPanel(
            [
                *_panels_of("title", "summary", "closure"),
                FieldPanel("describes"),
                *_panels_of("body"),
            ],
            heading="What is it?",
        ),
        MultiFieldPanel(
            [
                FieldPanel("audience"),
                FieldRowPanel([FieldPanel("age_from"), FieldPanel("age_to")]),
                *_panels_of("areas"),
                FieldPanel("needs"),
                FieldPanel("stages"),
                FieldPanel("tiers"),
                FieldPanel("outcomes"),
                FieldPanel("eligibility"),
            ],
            heading="Who is it for?",
        ),
        MultiFieldPanel(
            [
                FieldPanel("places"),
                FieldPanel("hours"),
                FieldPanel("languages"),
                FieldPanel("communication"),
            ],
            heading="Where and when?",
        ),
        MultiFieldPanel(
            [
                FieldPanel("cost_kind"),
                FieldPanel("cost"),
                FieldPanel("help_with_cost"),
            ],
            heading="What does it cost?",
        ),
        MultiFieldPanel(
            [
                FieldPanel("ways_in"),
                FieldPanel("what_next"),
                FieldRowPanel(
                    [FieldPanel("waiting_time"), FieldPanel("waiting_as_at")]
                ),
            ],
            heading="How do I get it, and what happens next?",
        ),
        MultiFieldPanel(
            [FieldPanel("decisions"), FieldPanel("complaints")],
            heading="Who decides, and what if I disagree?",
        ),
        MultiFieldPanel(
            [
                FieldPanel("provider"),
                FieldPanel("provider_website"),
                FieldPanel("contact_team"),
                FieldPanel("contact_phone"),
                FieldPanel("contact_email"),
                FieldPanel("contact_hours"),
                FieldPanel("contact_website"),
            ],
            heading="Whom do I contact?",
        ),
        MultiFieldPanel(
            [
                *_panels_of("topics"),
                FieldPanel("statutory_items"),
                FieldPanel("law_as_at"),
                FieldPanel("review_by"),
            ],
            heading="For the people who keep this right",
        ),
        *_other_panels("title", "summary", "closure", "body", "areas", "topics"),
    ]

    class Meta:
        verbose_name = "local offer page"

    def facts(self) -> dict[str, Any]:
        return page_facts.of_local_offer(self)


class NewsItemPageForm(CoProducedPageForm):
    """Says what of a news item cannot be so: the past, and what is not public."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        chosen = page_facts.chosen_pages(cleaned.get("reports_on"))
        self._refuse_hidden(chosen)
        if not self.is_deferred_validation:
            for name, message in submission.wrong_with_news(cleaned):
                if name in self.fields and name not in self.errors:
                    self.add_error(name, message)
            self._refuse_unreleased(chosen)
        return cleaned

    def _refuse_hidden(self, chosen: list[Any]) -> None:
        """Refuse pages that were added and that their writer may not see.

        The chooser does not offer them; their numbers would show their titles here.
        """
        before = self.initial.get("reports_on") or ()
        added = {page.pk for page in chosen} - {
            one.value.pk for one in before if one.value
        }
        if added and choosable_pages(self.for_user).filter(pk__in=added).count() < len(
            added
        ):
            self.add_error(
                "reports_on", "You may not link to one of these. Choose another."
            )

    def _refuse_unreleased(self, chosen: list[Any]) -> None:
        items = {page.content_id: page.title for page in chosen}
        public = page_facts.public_titles(list(items))
        for content_id, title in items.items():
            if content_id not in public and "reports_on" not in self.errors:
                self.add_error(
                    "reports_on",
                    f"“{title}” is not public, so nobody could follow the link. Take "
                    "it out, or wait until its forums have signed it.",
                )


class NewsItemPage(CoProducedPage):
    """Something that happened or is about to happen."""

    kind = "news"
    base_form_class = NewsItemPageForm
    parent_page_types = ["cms.NewsIndexPage"]
    subpage_types: ClassVar[list[str]] = []

    events = StreamField(
        EventsBlock(required=False),
        blank=True,
        help_text="What takes place, where and when, and who can take part.",
    )
    surveys = StreamField(
        SurveysBlock(required=False),
        blank=True,
        help_text="Each is shown as closed after its last day, by itself.",
    )
    reports_on = StreamField(
        ReportsOnBlock(required=False),
        blank=True,
        verbose_name="what it is about",
        help_text="Pages and news items that this reports on. Only what is public.",
    )
    expires_on = models.DateField(
        null=True,
        blank=True,
        verbose_name="shown until",
        help_text="The last day on which this is news. After it, it is taken off by "
        "itself. Needed for an event.",
    )

    content_panels = [
        *_panels_of("title", "summary", "areas", "topics", "closure", "body"),
        MultiFieldPanel(
            [
                FieldPanel("events"),
                FieldPanel("surveys"),
                FieldPanel("reports_on"),
                FieldPanel("expires_on"),
            ],
            heading="Dates, surveys and what it is about",
        ),
        *_other_panels("title", "summary", "areas", "topics", "closure", "body"),
    ]

    class Meta:
        verbose_name = "news item"

    def facts(self) -> dict[str, Any]:
        return page_facts.of_news(self)
