"""What every co-produced item has, be it a page or a snippet."""

import uuid
from collections.abc import Collection, Iterable
from datetime import date
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.fields import StreamField
from wagtail.models import (
    DraftStateMixin,
    LockableMixin,
    PreviewableMixin,
    RevisionMixin,
    WorkflowMixin,
)

from cms import channels, source
from cms.blocks import CoProductionBlock
from cms.errors import NotSignedOff
from cms.formats import FormatsBlock
from cms.words_panel import WordsPanel
from cms.workflow import sign_off_workflow

from .proofs import Proof
from .vocabulary import Area, Forum

# What nobody types. That these rows are there, and these keys are given once, the
# database makes sure of itself: asking it before as well is a query for each.
KEPT_BY_THE_DATABASE = frozenset(
    {
        "alias_of", "content_id", "content_type", "latest_revision", "live_revision",
        "locale", "locked_by", "owner", "path", "translation_key",
    }
)  # fmt: skip
# A save of nothing but these changes nothing that anybody reads.
HARMLESS_FIELDS = source.BOOKKEEPING - {"live", "live_revision"}


class CoProducedMixin(models.Model):
    """An item with an identity for life, public only as its forums signed it.

    Stands before Wagtail's own classes, so that ``save`` here is the first to run.
    """

    kind: ClassVar[str]

    class Level(models.TextChoices):
        """What the people who took part could shape (NHS England’s three levels)."""

        INDIVIDUAL = "individual", "one child’s support"
        SERVICE = "service", "how a service works"
        STRATEGIC = "strategic", "what is planned for the area"

    content_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # Signed with the text. Wagtail's own schedule is not: it is refused.
    release_at = models.DateTimeField(
        null=True,
        blank=True,
        verbose_name="not public before",
        help_text="Optional. When every forum has signed, it waits until then.",
    )
    co_production_level = models.CharField(
        max_length=20,
        choices=Level.choices,
        blank=True,
        verbose_name="what was decided together",
        help_text="What the people who took part could shape.",
    )
    co_production = StreamField(
        CoProductionBlock(required=False),
        blank=True,
        verbose_name="who took part, and from when on",
        help_text="Forums, and groups of families or young people. One for each.",
    )
    what_changed = models.TextField(
        blank=True,
        max_length=1000,
        verbose_name="what changed because of them",
        help_text="In plain words. Families read this.",
    )

    formats = StreamField(
        FormatsBlock(required=False),
        blank=True,
        verbose_name="other formats",
        help_text="Easy Read, BSL, large print, audio and translations. Plain text "
        "comes by itself.",
    )

    # What every form ends with.
    co_production_panels: ClassVar[list[Any]] = [
        MultiFieldPanel(
            [
                FieldPanel("co_production_level"),
                FieldPanel("co_production"),
                FieldPanel("what_changed"),
            ],
            heading="How this was made together",
            help_text=(
                "The label families see (co-produced, consulted, reviewed by forum, "
                "information only) is worked out from this and from who signs."
            ),
        ),
        FieldPanel("formats"),
        WordsPanel(),
    ]

    # A copy is another item: it gets an identity of its own.
    exclude_fields_in_copy = ["content_id"]

    class Meta:
        abstract = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if not args:
            # Wagtail's default is True: new objects would be live when saved.
            kwargs.setdefault("live", False)
        super().__init__(*args, **kwargs)

    def save(self, *args: Any, **kwargs: Any) -> None:
        self._refuse_unsigned(kwargs.get("update_fields"))
        super().save(*args, **kwargs)

    def full_clean(
        self, exclude: Iterable[str] | None = None, *args: Any, **kwargs: Any
    ) -> None:
        aside = {*(exclude or ()), *KEPT_BY_THE_DATABASE}
        super().full_clean(aside, *args, **kwargs)

    @property
    def permalink(self) -> str:
        """The absolute public address of this item, for life."""
        return f"{settings.PUBLIC_ORIGIN}/items/{self.content_id}"

    def areas_covered(self) -> list[Area]:
        """The areas that this is for, each with its forums."""
        return list(
            Area.objects.filter(
                pk__in=[area.pk for area in self.areas.all()]  # type: ignore[attr-defined]
            ).prefetch_related("forums")
        )

    def topics_covered(self) -> set[int]:
        """The keys of the topics that this is about."""
        return {topic.pk for topic in self.topics.all()}  # type: ignore[attr-defined]

    def answer_by(self) -> date | None:
        """The day until which forums are asked to answer, where it is its own."""
        return None

    def sections(self) -> list[Forum]:
        """The forums in whose section of the page tree this stands."""
        return []

    @property
    def has_workflow(self) -> bool:
        """Always: Wagtail asks the page tree here, not ``get_workflow``."""
        return True

    def representation(self) -> dict[str, Any]:
        """Everything the public would read of this object as it is now."""
        raise NotImplementedError

    def draft(self) -> channels.Draft:
        """The same with all that only some channels get. Not for the public as it is."""
        return channels.Draft(self.representation())

    def get_workflow(self) -> Any:
        """The sign-off workflow, whatever is assigned in the page tree."""
        return sign_off_workflow()

    def _refuse_unsigned(self, update_fields: Collection[str] | None) -> None:
        """Stop content from standing live in the drafting room without signatures.

        Not what keeps it from the public (only releases are ever read), but it keeps
        ``live`` from telling editors something untrue. Fails closed.
        """
        if not self.live:  # type: ignore[attr-defined]
            return
        if update_fields is not None and HARMLESS_FIELDS.issuperset(update_fields):
            return
        standing = Proof.objects.standing().filter(content_id=self.content_id)
        newest = standing.only("source_digest").first()
        if newest is None or newest.source_digest != source.digest(self):
            raise NotSignedOff(
                f"“{self}” cannot go live: its forums have not signed this text. "
                "Submit it for sign-off instead."
            )


class CoProducedSnippet(
    CoProducedMixin,
    WorkflowMixin,
    DraftStateMixin,
    LockableMixin,
    RevisionMixin,
    PreviewableMixin,
    models.Model,
):
    """An item that is no page: has drafts, a workflow and a preview of its own."""

    live = models.BooleanField(default=False, editable=False)

    class Meta:
        abstract = True

    @classmethod
    def get_default_workflow(cls) -> Any:
        """The same: the form for a new snippet asks the class, having no object."""
        return sign_off_workflow()
