"""Everything that is public, and the record of what was.

All public addresses read only these tables. ``releases`` alone writes them.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, Self
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.http import quote_etag

# Channels see it here: they know no content.
from cms.models.proofs import EXPIRED as EXPIRED
from site_settings.models import ReviewSettings

from . import receipts

# The scheme of topics among the terms of a release.
TOPIC = "topic"


class Item(models.Model):
    """Something with an identity for life that was released at least once."""

    content_id = models.UUIDField(unique=True)
    kind = models.CharField(max_length=20)

    def __str__(self) -> str:
        return f"{self.kind} {self.content_id}"


class ReleaseQuerySet(models.QuerySet["Release"]):
    def current(self) -> Self:
        """Releases a reader may see now: neither superseded nor withdrawn."""
        return self.filter(superseded_at=None, withdrawn_at=None)

    def known(self) -> Self:
        """Releases that may be spoken of: not one that vanished, nor those before it.

        Of those nothing is told, not even that they were: it is for somebody's safety.
        """
        vanished = self.model.objects.filter(
            item=OuterRef("item"),
            version__gte=OuterRef("version"),
            withdrawn_kind="vanish",
        )
        return self.exclude(Exists(vanished))

    def fresh(self) -> Self:
        """What lists and search may offer: nothing that is long overdue for a check.

        It stays public at its own address and in the API, which say that it is overdue.
        Chain it to ``current``; it asks the settings first.
        """
        return self.exclude(
            review_by__lt=timezone.localdate()
            - timedelta(days=ReviewSettings.current().days_until_left_out)
        )

    def newest_first(self) -> Self:
        """In the order of lists and feeds; ``pk`` settles the same moment."""
        return self.order_by("-released_at", "-pk")

    def credited_otherwise(self, basis: str) -> Self:
        """Those whose document holds a credit that was made of something else."""
        # Not ``exclude``: an index is of use for less and for more, not for “is not”.
        return self.filter(Q(credit_basis__lt=basis) | Q(credit_basis__gt=basis))

    def with_form(self, channel: str) -> Self:
        """Each with ``form``: what this channel gets instead of ``payload``, if so."""
        own = ReleaseForm.objects.filter(release=OuterRef("pk"), channel=channel)
        return self.annotate(form=Subquery(own.values("payload")[:1]))

    def of_kind(self, kind: str) -> Self:
        return self.filter(kind=kind)

    def for_area(self, slug: str) -> Self:
        return self.filter(areas__slug=slug)

    def for_areas(self, slugs: Iterable[str]) -> Self:
        """Those for any of these areas, each once."""
        areas = ReleaseArea.objects.filter(release=OuterRef("pk"), slug__in=slugs)
        return self.filter(Exists(areas))

    def about(self, scheme: str, code: str) -> Self:
        """Those that name a term, or a topic, which is scheme ``TOPIC``."""
        return self.filter(terms__scheme=scheme, terms__code=code)

    def for_age(self, age: int) -> Self:
        """Those for children or young people of an age, with those that name none."""
        return self.filter(
            Q(age_from=None) | Q(age_from__lte=age), Q(age_to=None) | Q(age_to__gte=age)
        )


class Release(models.Model):
    """An immutable published version of an item, byte for byte the signed proof.

    ``payload`` is what the forums signed. ``document`` wraps it in the receipt and is
    what the API answers; it can be made again from the other columns.
    """

    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="releases")
    version = models.PositiveIntegerField()
    proof = models.ForeignKey(
        "cms.Proof", on_delete=models.PROTECT, related_name="releases"
    )
    # Set when this is the signed proof with something taken away (releases.reduce).
    reduced_from = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="+"
    )
    # Set when only the shared blocks in it are newer than in that one (releases.follow).
    updated_from = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="+"
    )
    # Set when a corrected fact is public before its forums reviewed it.
    before_review = models.BooleanField(default=False)
    # Set when signed bytes are public again because a correction was not agreed.
    again = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="+"
    )
    payload = models.BinaryField()
    fingerprint = models.CharField(max_length=64, db_index=True)
    # Of what a copy in another format repeats (cms.formats), and the formats there are.
    text_fingerprint = models.CharField(max_length=64)
    formats = models.JSONField(default=list, decoder=receipts.Decoder)
    # The day in force by which it is to be checked again, and when somebody last found
    # it still correct (cms.reviews). An assurance moves both, and the document.
    review_by = models.DateField(null=True)
    assured_at = models.DateTimeField(null=True)
    receipt = models.JSONField(decoder=receipts.Decoder)
    document = models.BinaryField()
    # The same without the text: what lists tell who wants no more.
    brief = models.BinaryField()
    # ``document`` compressed, for good: a piece of ``encodings.Gzip``, and brotli.
    document_piece = models.BinaryField()
    document_brotli = models.BinaryField()
    etag = models.CharField(max_length=64)
    # What the credit in ``document`` was made of besides this row (attribution.basis).
    # The publisher's settings move on; a worker makes the document again (crediting).
    credit_basis = models.CharField(max_length=32, default="")

    kind = models.CharField(max_length=20)
    title = models.CharField(max_length=255)
    summary = models.TextField(blank=True)
    # One of ``cms.labels.NAMES``.
    label = models.CharField(max_length=20)
    released_at = models.DateTimeField()
    # When these bytes became public: later than ``released_at`` where something was
    # taken out of a release, or a shared block in it followed.
    updated_at = models.DateTimeField()
    # The day on which somebody last read it and found it right, for choosing by.
    reviewed_on = models.DateField(null=True)
    # From the payload, for choosing by. None where it says no age.
    age_from = models.PositiveSmallIntegerField(null=True)
    age_to = models.PositiveSmallIntegerField(null=True)
    # From the payload, for what happens by itself: the last day on which it is shown,
    # and the next last day of a survey in it.
    expires_on = models.DateField(null=True)
    survey_closes_on = models.DateField(null=True, db_index=True)
    superseded_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    withdrawn_reason = models.TextField(blank=True)
    withdrawn_note = models.TextField(blank=True)
    # What stays at the address (cms.models.Withdrawal, or EXPIRED), and what replaces
    # the item.
    withdrawn_kind = models.CharField(max_length=10, blank=True)
    withdrawn_to = models.UUIDField(null=True)
    # Told to partners' programs: a class of reasons, or nothing.
    withdrawn_class = models.CharField(max_length=20, blank=True)

    objects = ReleaseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["item", "version"], name="one_release_per_item_and_version"
            ),
            models.UniqueConstraint(
                fields=["item"],
                condition=Q(superseded_at=None, withdrawn_at=None),
                name="one_current_release_per_item",
            ),
            models.UniqueConstraint(
                fields=["proof"],
                condition=Q(
                    reduced_from=None,
                    again=None,
                    updated_from=None,
                    before_review=False,
                ),
                name="one_signed_release_per_proof",
            ),
            models.UniqueConstraint(
                fields=["proof"],
                condition=Q(before_review=True, reduced_from=None, updated_from=None),
                name="one_release_before_review_per_proof",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_reason="", withdrawn_kind="")
                | (
                    Q(withdrawn_at__isnull=False)
                    & ~Q(withdrawn_reason="")
                    & ~Q(withdrawn_kind="")
                ),
                name="withdrawn_release_has_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_kind="redirect", withdrawn_to__isnull=False)
                | (~Q(withdrawn_kind="redirect") & Q(withdrawn_to=None)),
                name="redirected_release_says_where_to",
            ),
        ]
        indexes = [
            models.Index(
                fields=["-released_at", "-id"],
                condition=Q(superseded_at=None, withdrawn_at=None),
                name="release_current",
            ),
            models.Index(
                fields=["review_by"],
                condition=Q(superseded_at=None, withdrawn_at=None),
                name="release_current_to_check",
            ),
            models.Index(
                fields=["-updated_at", "-id"],
                condition=Q(superseded_at=None, withdrawn_at=None),
                name="release_current_by_update",
            ),
            models.Index(
                fields=["kind", "-released_at", "-id"],
                condition=Q(superseded_at=None, withdrawn_at=None),
                name="release_current_by_kind",
            ),
            # What is public and not overdue, without the bytes before it in each row:
            # of a word that a thousand texts have, a search looks at each.
            models.Index(
                fields=[
                    "id",
                    "superseded_at",
                    "withdrawn_at",
                    "review_by",
                    "released_at",
                    "updated_at",
                ],
                name="release_to_find",
            ),
            models.Index(
                fields=["credit_basis", "id"],
                condition=Q(superseded_at=None, withdrawn_at=None),
                name="release_current_by_credit",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} (version {self.version})"

    @property
    def is_current(self) -> bool:
        return self.superseded_at is None and self.withdrawn_at is None

    @property
    def said(self) -> bytes:
        """What the channel gets that was asked for by ``with_form``."""
        return bytes(getattr(self, "form", None) or self.payload)

    @property
    def quoted_etag(self) -> str:
        return quote_etag(self.etag)


class ReleaseForm(models.Model):
    """The bytes of one channel of a release, where they are not the payload's.

    As the proof had them, or with something taken away. ``payload`` of the release has
    their fingerprint.
    """

    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="forms")
    channel = models.CharField(max_length=10)
    payload = models.BinaryField()
    fingerprint = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["release", "channel"], name="one_form_per_release_and_channel"
            )
        ]

    def __str__(self) -> str:
        return f"{self.channel} ({self.fingerprint[:8]})"


class ReleaseArea(models.Model):
    """One area of a release, for filtering."""

    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="areas")
    slug = models.SlugField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["release", "slug"], name="one_row_per_release_and_area"
            )
        ]
        indexes = [models.Index(fields=["slug", "release"])]

    def __str__(self) -> str:
        return self.slug


class ReleaseTerm(models.Model):
    """One term or topic of a release, for choosing and for counting what is covered."""

    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="terms")
    scheme = models.CharField(max_length=20)
    code = models.SlugField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["release", "scheme", "code"],
                name="one_row_per_release_and_term",
            )
        ]
        indexes = [models.Index(fields=["scheme", "code", "release"])]

    def __str__(self) -> str:
        return f"{self.scheme}/{self.code}"


class ReleaseImage(models.Model):
    """One image that a release shows: its public name is served while current."""

    release = models.ForeignKey(
        Release, on_delete=models.CASCADE, related_name="images"
    )
    name = models.CharField(max_length=64, db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["release", "name"], name="one_row_per_release_and_image"
            )
        ]

    def __str__(self) -> str:
        return self.name


class ReleaseAttachment(models.Model):
    """One file that a release offers: its public name is served while current."""

    release = models.ForeignKey(
        Release, on_delete=models.CASCADE, related_name="attachments"
    )
    name = models.CharField(max_length=64, db_index=True)
    # What readers get it as.
    title = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["release", "name"], name="one_row_per_release_and_attachment"
            )
        ]

    def __str__(self) -> str:
        return self.name


class ReleaseEmbed(models.Model):
    """One other item whose words a release repeats: an item of an issue, a shared block."""

    release = models.ForeignKey(
        Release, on_delete=models.CASCADE, related_name="embeds"
    )
    content_id = models.UUIDField(db_index=True)
    # For a shared block that the text itself holds: the version of it that stands there.
    embedded = models.ForeignKey(
        Release, on_delete=models.PROTECT, null=True, related_name="hosted_by"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["release", "content_id"],
                name="one_row_per_release_and_embedded_item",
            )
        ]

    def __str__(self) -> str:
        return str(self.content_id)


class HostUpdateQuerySet(models.QuerySet["HostUpdate"]):
    def due(self) -> Self:
        """To be looked at now, for the first time or again after a failure."""
        return self.filter(
            state=HostUpdate.State.DUE, next_attempt_at__lte=timezone.now()
        )

    def waiting(self) -> Self:
        """Hosts that could not follow without somebody doing something."""
        return self.filter(state__in=[HostUpdate.State.ASKED, HostUpdate.State.STUCK])


class HostUpdate(models.Model):
    """One host that is to show a new release of a shared block.

    Written with that release, taken up by a worker (``hosts``). What is public is told
    by ``ReleaseEmbed`` alone: this says what is still to be done, and why it is not.
    """

    class State(models.TextChoices):
        DUE = "due", "to be looked at"
        DONE = "done", "shows it, or holds it no more"
        ASKED = "asked", "its forums are asked"
        STUCK = "stuck", "its editors have to do something"
        PASSED = "passed", "a newer release of the block came"

    block = models.ForeignKey(
        Release, on_delete=models.PROTECT, related_name="host_updates"
    )
    host = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.DUE)
    # Why it could not follow by itself, in words for its editors.
    reason = models.TextField(blank=True)
    next_attempt_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    objects = HostUpdateQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["block", "host"], name="one_update_per_host_and_block_release"
            ),
            models.CheckConstraint(
                condition=Q(state="due", settled_at=None)
                | (~Q(state="due") & Q(settled_at__isnull=False)),
                name="settled_host_update_says_when",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["asked", "stuck"]) | ~Q(reason=""),
                name="host_that_waits_says_why",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at", "id"],
                condition=Q(state="due"),
                name="host_update_due",
            )
        ]

    def __str__(self) -> str:
        return f"{self.host} {self.get_state_display()}"


class ChangeCounter(models.Model):
    """The last number given to a change. One row, locked while numbering.

    A sequence would hand out numbers that commit in another order, and a reader that
    follows the log would skip the late one. Whoever numbers a change holds this row
    until the end of their transaction, so numbers appear in order.
    """

    last = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.last)


class Change(models.Model):
    """One row of the append-only log that partners follow."""

    class Type(models.TextChoices):
        PUBLISHED = "published"
        UPDATED = "updated"
        CORRECTED = "corrected"
        WITHDRAWN = "withdrawn"
        REDIRECTED = "redirected"
        EXPIRED = "expired"
        RESTORED = "restored"
        LEFT_SELECTION = "left_selection"
        # Something the item repeats was taken back; nothing was added or altered.
        REDUCED = "reduced"
        # Somebody found it still correct; no byte of the content changed.
        ASSURED = "assured"
        # A shared block in it has a newer version, which its forums signed.
        HOST_CONTENT_UPDATED = "host_content_updated"
        # Reduced because the consent for a voice ended. Says not which, how or why.
        CONSENT_ENDED = "consent_ended"

    number = models.PositiveBigIntegerField(primary_key=True)
    type = models.CharField(max_length=30, choices=Type.choices)
    content_id = models.UUIDField(db_index=True)
    kind = models.CharField(max_length=20)
    version = models.PositiveIntegerField()
    at = models.DateTimeField(db_index=True)
    # Told to partners with a removal; empty otherwise.
    note = models.TextField(blank=True)
    # A class of reasons, for programs, with some removals.
    reason = models.CharField(max_length=20, blank=True)
    # The area that an item is no longer for, or the topic that it is no longer about;
    # only with ``left_selection``.
    area = models.SlugField(blank=True)
    topic = models.SlugField(blank=True)
    # The item that replaces this one; only with ``redirected``.
    replacement = models.UUIDField(null=True)

    class Meta:
        ordering = ["number"]

    def __str__(self) -> str:
        return f"{self.number} {self.type} {self.content_id}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("The change log is never edited.")
        super().save(*args, **kwargs)


class ChangeSelection(models.Model):
    """One selection whose followers a change is told to."""

    change = models.ForeignKey(
        Change, on_delete=models.CASCADE, related_name="selections"
    )
    scheme = models.CharField(max_length=10)
    slug = models.SlugField(db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["scheme", "slug", "change"],
                name="one_row_per_change_and_selection",
            )
        ]

    def __str__(self) -> str:
        return f"{self.scheme}/{self.slug}"


class NetworkCount(models.Model):
    """Requests of one day from one network, which is known by a keyed hash only.

    Or by one key of a partner. Written by ``limits`` alone, in one statement.
    """

    day = models.DateField()
    network = models.CharField(max_length=64)
    # Which minute or hour they are counted in; 0 where it is the whole day.
    window = models.PositiveBigIntegerField(default=0)
    requests = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["day", "network"], name="one_row_per_day_and_network"
            )
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.network[:8]}: {self.requests}"


def permalink(content_id: UUID | str) -> str:
    """The absolute public address of an item, for life."""
    return f"{settings.PUBLIC_ORIGIN}/items/{content_id}"
