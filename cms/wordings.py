"""Hints about the words of a draft or a proof, and why editors keep them."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.apps import apps
from django.contrib.auth.models import User
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from wagtail.fields import StreamField
from wagtail.models import Page
from wagtail.permissions import policy_registry

from . import audit, content_checks, source
from .content_checks import Check
from .errors import ReasonMissing
from .membership import called
from .models import Acronym, CoProducedMixin, Forum, KeptWording
from .words import KINDS, Register
from .words import Acronym as Entry

# Plain text to Django, and no sentence.
NO_SENTENCES = (models.SlugField, models.URLField, models.EmailField, models.UUIDField)


@dataclass(frozen=True)
class Reason:
    """Why words were kept, who said so, and whether they have changed since."""

    words: str
    who: str
    at: datetime
    changed_since: bool


@dataclass(frozen=True)
class Finding:
    """A check with the reason for which it was overridden, if it was."""

    check: Check
    reason: Reason | None = None

    @property
    def level(self) -> str:
        return self.check.level

    @property
    def message(self) -> str:
        return self.check.message

    @property
    def code(self) -> str:
        return self.check.code


def register(areas: Collection[str]) -> Register:
    """Return the letters that mean something in these areas, by their slugs."""
    found = Acronym.objects.filter(Q(area=None) | Q(area__slug__in=areas))
    return {
        one.short_form: Entry(one.short_form, one.long_form, one.use) for one in found
    }


def of_draft(item: CoProducedMixin) -> list[Finding]:
    """Return the hints about the words of ``item`` as it is now, saved or not.

    Reads text alone: the public form of a draft would freeze its pictures.
    """
    texts = list(texts_of(item))
    # A form that was not saved yet has no choices to ask for.
    areas = _areas(item)
    found = content_checks.of_words(
        texts,
        known=list(Forum.objects.values_list("short_name", flat=True)),
        register=register(areas),
    )
    return with_reasons(
        found, content_id=item.content_id, digest=lambda: source.digest(item)
    )


def texts_of(item: CoProducedMixin) -> Iterable[str]:
    """Yield what editors typed, a field or a block at a time, in the order of fields."""
    page_fields = {field.name for field in Page._meta.get_fields()} - {"title"}
    for field in item._meta.get_fields():
        if isinstance(field, StreamField):
            if field.name != "co_production":
                value = getattr(item, field.name)
                for text in value.stream_block.get_searchable_content(value):
                    yield from str(text).splitlines()
        elif (
            isinstance(field, models.CharField | models.TextField)
            and not isinstance(field, NO_SENTENCES)
            and field.editable
            and not field.choices
            and (not isinstance(item, Page) or field.name not in page_fields)
        ):
            yield from (getattr(item, field.name) or "").splitlines()


def with_reasons(
    checks: Iterable[Check], *, content_id: UUID | str, digest: Callable[[], str]
) -> list[Finding]:
    """Return each check with the newest reason that was given for it.

    ``digest`` tells the source digest of the text; it is asked only where needed.
    """
    checks = list(checks)
    if not any(check.code for check in checks):
        return [Finding(check) for check in checks]
    reasons = _reasons(content_id, digest)
    return [Finding(check, reasons.get(check.code)) for check in checks]


@transaction.atomic
def keep(*, item: CoProducedMixin, code: str, reason: str, by: User) -> KeptWording:
    """Record why ``item`` keeps words that a hint of this kind is about.

    Raises ``ReasonMissing`` without one.
    """
    if not reason.strip():
        raise ReasonMissing("Please write why the words stay as they are.")
    kept = KeptWording.objects.create(
        content_id=item.content_id,
        code=code,
        reason=reason.strip(),
        source_digest=source.digest(item),
        by=by,
        at=timezone.now(),
    )
    # Not its words: whatever stands in the audit log stands there for good.
    audit.record(action="wording_kept", by=by, content_id=item.content_id, code=code)
    return kept


def find(content_id: UUID) -> CoProducedMixin | None:
    """Return the draft with this identity as it was last saved, or None."""
    for model in apps.get_models():
        if not issubclass(model, CoProducedMixin):
            continue
        found: Any = model._default_manager.filter(content_id=content_id).first()
        if found is not None:
            draft: CoProducedMixin = found.get_latest_revision_as_object()
            return draft
    return None


def may_keep(*, item: CoProducedMixin, user: Any) -> bool:
    """Whether ``user`` may say why words stay: whoever may edit them."""
    if isinstance(item, Page):
        allowed: bool = item.permissions_for_user(user).can_edit()
    else:
        allowed = policy_registry.get(item).user_has_permission(user, "change")
    return allowed


def _areas(item: CoProducedMixin) -> list[str]:
    areas = getattr(item, "areas", None)
    return [area.slug for area in areas.all()] if areas is not None else []


def _reasons(content_id: UUID | str, digest: Callable[[], str]) -> Mapping[str, Reason]:
    kept = list(
        KeptWording.objects.filter(content_id=content_id, code__in=KINDS)
        .select_related("by")
        .order_by("pk")
    )
    now = digest() if kept else ""
    # The newest of each kind is the last.
    return {
        one.code: Reason(
            words=one.reason,
            who=called(one.by) if one.by else "",
            at=one.at,
            changed_since=one.source_digest != now,
        )
        for one in kept
    }
