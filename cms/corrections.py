"""Correcting a fact at once: a closure, a telephone number, a date.

A wrong number on a page about children does harm while forums read. So a person with
the permission may correct what policy allows; it is public at once, labelled “changed
on DATE before forum review” in every channel, and waits for its forums like any proof.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from wagtail import blocks

from site_settings.models import SignOffSettings

from . import audit, channels, consent, sign_off, source
from .errors import (
    CommentMissing,
    CorrectionInvalid,
    MayNotCorrect,
    NothingToCorrect,
)
from .models import CoProducedPage, Proof
from .signals import fact_corrected

# Fields of a page, and of blocks in its body, with the policy that allows each.
PAGE_FIELDS = {"closure": "closure", "review_by": "dates"}
BLOCK_FIELDS = {
    "contact": {"phone": "phone", "email": "email", "hours": "hours"},
    "call_to_action": {"url": "link"},
}
PAGE_LABELS = {
    "closure": "Closed or changed at short notice",
    "review_by": "Will be checked by",
}
BLOCK_LABELS = {
    "phone": "Telephone of “{}”",
    "email": "Email of “{}”",
    "hours": "When somebody answers at “{}”",
    "url": "Address behind “{}”",
}


@dataclass(frozen=True)
class Field:
    """One fact that may be corrected. ``name`` is stable for one version of a page."""

    name: str
    label: str
    value: str
    form_field: Any


def fields(page: CoProducedPage) -> list[Field]:
    """Return what policy lets people correct in ``page`` as it is public now."""
    allowed = _allowed()
    found = [
        _of_page(page, name)
        for name, policy in PAGE_FIELDS.items()
        if policy in allowed and hasattr(page, name)
    ]
    for child in page.body:
        for name, policy in BLOCK_FIELDS.get(child.block_type, {}).items():
            if policy in allowed:
                title = child.value["name" if "name" in child.value else "text"]
                found.append(
                    Field(
                        f"{child.id}.{name}",
                        BLOCK_LABELS[name].format(title),
                        child.value[name] or "",
                        child.block.child_blocks[name].field,
                    )
                )
    return found


def public_version(page: CoProducedPage) -> CoProducedPage:
    """Return ``page`` as it stands live, without what is drafted since.

    Raises ``NothingToCorrect`` when it is not public.
    """
    live = type(page).objects.get(pk=page.pk)
    standing = Proof.objects.standing().filter(content_id=page.content_id)
    if not live.live or not standing.exists():
        raise NothingToCorrect(
            f"“{page}” is not public, so there is nothing to correct at once. Edit the "
            "draft instead."
        )
    return live


def may_correct(*, page: CoProducedPage, user: Any) -> bool:
    """Whether ``user`` may correct facts of ``page``: the permission, and its editor."""
    return bool(
        user.has_perm("cms.correct_facts")
        and page.permissions_for_user(user).can_edit()
    )


def beyond_facts(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Name what differs between two representations that nobody may correct at once.

    Empty when nothing differs but facts that policy names. ``html`` and ``text``
    follow from the rest.
    """
    allowed = _allowed()
    facts = {name for name, policy in PAGE_FIELDS.items() if policy in allowed}
    facts |= {"html", "text"}
    if "body" in before and "body" in after:
        before = {**before, "body": _as_taken_out(before["body"], after["body"])}
    kept, now = (_without_facts(data, facts, allowed) for data in (before, after))
    return sorted(
        name
        for name in kept.keys() | now.keys()
        if kept.get(name) != now.get(name) or (name in kept) != (name in now)
    )


def beyond_facts_anywhere(
    before: Mapping[str, Mapping[str, Any]], after: Mapping[str, Mapping[str, Any]]
) -> list[str]:
    """The same for what each channel gets: nothing is corrected in one of them only."""
    found = {
        name
        for channel in dict.fromkeys([*before, *after])
        for name in beyond_facts(before[channel], after[channel])
    }
    return sorted(found)


def _as_taken_out(
    before: list[dict[str, Any]], after: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """``before`` without what ``after`` has a notice for: taking away is allowed."""
    if len(before) != len(after):
        return before
    return [
        now
        if now == channels.LEFT_OUT
        else {**was, "body": _as_taken_out(was["body"], now["body"])}
        if "body" in was and "body" in now
        else {**was, "print": False}
        if was.get("type") == "voice" and now.get("print") is False
        else was
        for was, now in zip(before, after, strict=True)
    ]


def _without_facts(
    data: Mapping[str, Any], facts: set[str], allowed: set[str]
) -> dict[str, Any]:
    rest = {name: value for name, value in data.items() if name not in facts}
    rest["body"] = [
        {
            name: value
            for name, value in block.items()
            if BLOCK_FIELDS.get(block["type"], {}).get(name) not in allowed
        }
        for block in data["body"]
    ]
    return rest


@transaction.atomic
def correct(
    *, page: CoProducedPage, values: Mapping[str, str], by: User, reason: str
) -> Proof:
    """Make corrected values public at once and ask the forums to review them.

    ``values`` maps names of ``fields`` to what they should say. A draft that was
    begun since is corrected as well, and kept in the history of the page. Returns the
    proof that now waits for the forums.

    Raises ``MayNotCorrect``, ``CommentMissing`` without a reason, ``NothingToCorrect``
    or ``CorrectionInvalid`` with an error for each field that is no good.
    """
    if not may_correct(page=page, user=by):
        raise MayNotCorrect(
            "You may not correct facts before forum review. Ask an editor who may."
        )
    if not reason.strip():
        raise CommentMissing("Please write why this has to be corrected at once.")
    # One correction at a time, and none while a forum signs or takes it back.
    sign_off.lock_proofs(page.content_id)
    live = public_version(page)
    public = Proof.objects.standing().filter(content_id=page.content_id)[0]
    changed = _changed(live, values)
    unreviewed = Proof.objects.unreviewed().filter(content_id=page.content_id).first()
    voided = list(Proof.objects.pending().filter(content_id=page.content_id))
    for proof in voided:
        sign_off.void(proof, "a fact was corrected meanwhile; submit the text again")
    if (state := live.current_workflow_state) is not None:
        # Sent back to its editors earlier; an item has one workflow at a time.
        state.cancel(user=by)
    _correct_draft(live, changed, by)
    _apply(live, changed)
    revision = live.save_revision(user=by, log_action=True)
    labels = [field.label for field, _ in changed]
    if unreviewed is not None and unreviewed.correction:
        # It covers what was corrected before and no forum has seen yet.
        labels = list(dict.fromkeys([*unreviewed.correction["fields"], *labels]))
    correction = {
        "reason": reason.strip(),
        "fields": labels,
        "changed_at": timezone.now().isoformat(),
    }
    circumstances = sign_off.Circumstances(
        # What a forum said of the text stays with it.
        dissents=public.representation.get("dissent", []),
        correction=correction,
        no_more_than=public,
    )
    with sign_off.under(circumstances):
        live.get_workflow().start(live, by)
    proof = Proof.objects.open().get(content_id=page.content_id)
    if more := beyond_facts_anywhere(consent.forms_of(public), consent.forms_of(proof)):
        raise MayNotCorrect(
            "More than the fact would change, and no forum has read that: "
            f"{', '.join(more)}. Nothing was changed. Submit the text as usual, or "
            "take it back from the public if it does harm."
        )
    revision.publish(user=by, skip_permission_checks=True)
    fact_corrected.send(sender=Proof, proof=proof, by=by)
    for one in voided:
        sign_off.record_closed(one)
    sign_off.record_frozen(proof, by)
    audit.record(
        action="corrected",
        by=by,
        content_id=page.content_id,
        fingerprint=proof.fingerprint,
        reason=reason.strip(),
        fields=labels,
    )
    return proof


def _allowed() -> set[str]:
    policy = SignOffSettings.current()
    names = ("closure", "phone", "email", "hours", "link", "dates")
    return {name for name in names if getattr(policy, f"correct_{name}")}


def _of_page(page: CoProducedPage, name: str) -> Field:
    field: Any = page._meta.get_field(name)
    value = _as_text(getattr(page, name))
    return Field(name, PAGE_LABELS[name], value, field.formfield())


def _as_text(value: Any) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else (value or "")


def _changed(
    page: CoProducedPage, values: Mapping[str, str]
) -> list[tuple[Field, Any]]:
    """The fields that really change, each with its checked new value."""
    known = {field.name: field for field in fields(page)}
    if unknown := values.keys() - known.keys():
        raise MayNotCorrect(
            "Only facts that the sign-off policy names may be corrected at once, and "
            f"this is none of them: {', '.join(sorted(unknown))}. Nothing was changed."
        )
    errors: dict[str, str] = {}
    changed: list[tuple[Field, Any]] = []
    for name, text in values.items():
        field = known[name]
        if text.strip() == field.value:
            continue
        try:
            changed.append((field, field.form_field.clean(text.strip())))
        except ValidationError as error:
            errors[name] = f"{field.label}: {' '.join(error.messages)}"
    if errors:
        raise CorrectionInvalid(errors)
    if not changed:
        raise NothingToCorrect(
            "Every value is as it was, so nothing was changed. Correct the one that is "
            "wrong."
        )
    return changed


def _apply(page: CoProducedPage, changed: list[tuple[Field, Any]]) -> None:
    """Write the new values into ``page``. Raises ``CorrectionInvalid``."""
    for field, value in changed:
        for write in _places(page, field.name):
            write(value)
    for child in page.body:
        if child.block_type in BLOCK_FIELDS:
            try:
                child.block.clean(child.value)
            except blocks.StructBlockValidationError as error:
                raise CorrectionInvalid(
                    {
                        f"{child.id}.{name}": " ".join(one.messages)
                        for name, one in error.block_errors.items()
                    }
                ) from error


def _places(page: CoProducedPage, name: str) -> Iterator[Callable[[Any], None]]:
    """How to write the field ``name`` of ``page``; nothing if it is not there."""
    block_id, _, key = name.rpartition(".")
    if not block_id:
        yield partial(setattr, page, name)
        return
    for child in page.body:
        if child.id == block_id and key in child.value:
            yield partial(child.value.__setitem__, key)


def _correct_draft(
    live: CoProducedPage, changed: list[tuple[Field, Any]], by: User
) -> None:
    """Correct what was drafted since as well, so that it cannot bring the fault back."""
    draft = live.get_latest_revision_as_object()
    if source.digest(draft) == source.digest(live):
        return
    _apply(draft, changed)
    draft.save_revision(user=by, log_action=True)
