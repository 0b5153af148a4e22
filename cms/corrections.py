"""Correcting a fact at once: a closure, a telephone number, a date.

A wrong number on a page about children does harm while forums read. So a person with
the permission may correct what policy allows; it is public at once, labelled “changed
on DATE before forum review” in every channel, and waits for its forums like any proof.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import URLField
from django.utils import timezone
from wagtail import blocks
from wagtail.models import Page
from wagtail.permissions import policy_registry

from site_settings.models import SignOffSettings

from . import (
    audit,
    channels,
    consent,
    facts,
    sign_off,
    source,
    submission,
)
from .errors import (
    CommentMissing,
    CorrectionInvalid,
    MayNotCorrect,
    NothingToCorrect,
)
from .models import CoProducedPage, Proof
from .signals import fact_corrected, public_forms

# Fields of a page, and of blocks in its body, with the policy that allows each.
PAGE_FIELDS = {
    "closure": "closure",
    "waiting_time": "waiting",
    "waiting_as_at": "waiting",
    "contact_phone": "phone",
    "contact_email": "email",
    "contact_hours": "hours",
    "contact_website": "link",
    "law_as_at": "dates",
    "review_by": "dates",
}
# Where the public representation has a field under another name.
PUBLIC_NAMES = {
    "waiting_time": "waiting.time",
    "waiting_as_at": "waiting.as_at",
    "contact_phone": "contact.phone",
    "contact_email": "contact.email",
    "contact_hours": "contact.hours",
    "contact_website": "contact.website",
}
# Opening times, of which every part is a fact.
HOURS_FIELDS = {"weekly": ("opens", "closes", "note"),
                "holiday": ("first", "last", "opens", "closes", "note")}  # fmt: skip
BLOCK_FIELDS = {
    "contact": {"phone": "phone", "email": "email", "hours": "hours"},
    "call_to_action": {"url": "link"},
}
PAGE_LABELS = {
    "closure": "Closed or changed at short notice",
    "waiting_time": "How long families wait",
    "waiting_as_at": "Waiting time as at",
    "contact_phone": "Telephone",
    "contact_email": "Email",
    "contact_hours": "When somebody answers",
    "contact_website": "Web page to ask on",
    "law_as_at": "Law as at",
    "review_by": "Will be checked by",
}
BLOCK_LABELS = {
    "phone": "Telephone of “{}”",
    "email": "Email of “{}”",
    "hours": "When somebody answers at “{}”",
    "url": "Address behind “{}”",
}
HOURS_LABELS = {
    "first": "First day of “{}”",
    "last": "Last day of “{}”",
    "opens": "Opens, “{}”",
    "closes": "Closes, “{}”",
    "note": "A word on “{}”",
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
    if "hours" in allowed:
        found += [field for child in _hours(page) for field in _of_hours(child)]
    return found


def _hours(page: CoProducedPage) -> Iterator[Any]:
    yield from getattr(page, "hours", ())


def _of_hours(child: Any) -> Iterator[Field]:
    """The facts of one row of opening times, named after what it says now."""
    said = facts.say("hours")([child.block.public(child.value)])
    row = said.removeprefix("Opening times: ")
    for name in HOURS_FIELDS[child.block_type]:
        value = child.value[name]
        text = f"{value:%H:%M}" if isinstance(value, dt.time) else _as_text(value)
        yield Field(
            f"{child.id}.{name}",
            HOURS_LABELS[name].format(row),
            text,
            child.block.child_blocks[name].field,
        )


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
    if not user.has_perm("cms.correct_facts"):
        return False
    if isinstance(page, Page):
        return bool(page.permissions_for_user(user).can_edit())
    return bool(policy_registry.get(page).user_has_permission(user, "change"))


def beyond_facts(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Name what differs between two representations that nobody may correct at once.

    Empty when nothing differs but facts that policy names. ``html`` and ``text``
    follow from the rest.
    """
    allowed = _allowed()
    names = {
        PUBLIC_NAMES.get(name, name)
        for name, policy in PAGE_FIELDS.items()
        if policy in allowed
    }
    names |= {"html", "text"}
    if "hours" in allowed:
        names.add("hours")
    if "body" in before and "body" in after:
        before = {**before, "body": _as_taken_out(before["body"], after["body"])}
    kept, now = (_without_facts(data, names, allowed) for data in (before, after))
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
    data: Mapping[str, Any], names: set[str], allowed: set[str]
) -> dict[str, Any]:
    rest = {name: value for name, value in data.items() if name not in names}
    for group in {name.partition(".")[0] for name in names if "." in name}:
        # A group that is nothing but such facts may come and go with them.
        kept = {
            key: value
            for key, value in rest.pop(group, {}).items()
            if f"{group}.{key}" not in names
        }
        rest |= {group: kept} if kept else {}
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
    # Not the signed bytes: shared blocks in the text may be newer, or gone.
    now = _public_forms(page) or consent.forms_of(public)
    if more := beyond_facts_anywhere(now, consent.forms_of(proof)):
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


def _public_forms(page: CoProducedPage) -> dict[str, dict[str, Any]]:
    """What each channel gets of a page now, as far as anybody can tell."""
    answers: Any = public_forms.send(sender=None, content_id=page.content_id)
    return {channel: form for _, forms in answers for channel, form in forms.items()}


def _allowed() -> set[str]:
    policy = SignOffSettings.current()
    names = ("closure", "phone", "email", "hours", "waiting", "link", "dates")
    return {name for name in names if getattr(policy, f"correct_{name}")}


def _of_page(page: CoProducedPage, name: str) -> Field:
    field: Any = page._meta.get_field(name)
    value = _as_text(getattr(page, name))
    # Django 5.2 warns without it: an address without a scheme is taken for https.
    secure = {"assume_scheme": "https"} if isinstance(field, URLField) else {}
    return Field(name, PAGE_LABELS[name], value, field.formfield(**secure))


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
    _check_page(page)
    for child in [*page.body, *_hours(page)]:
        if child.block_type in {*BLOCK_FIELDS, *HOURS_FIELDS}:
            try:
                child.block.clean(child.value)
            except blocks.StructBlockValidationError as error:
                raise CorrectionInvalid(
                    {
                        f"{child.id}.{name}": " ".join(one.messages)
                        for name, one in error.block_errors.items()
                    }
                ) from error


def _check_page(page: CoProducedPage) -> None:
    """Check what has to fit together in fields of the page."""
    wrong = dict(
        submission.wrong_with_waiting(
            getattr(page, "waiting_time", ""), getattr(page, "waiting_as_at", None)
        )
    )
    if wrong:
        raise CorrectionInvalid(wrong)


def _places(page: CoProducedPage, name: str) -> Iterator[Callable[[Any], None]]:
    """How to write the field ``name`` of ``page``; nothing if it is not there."""
    block_id, _, key = name.rpartition(".")
    if not block_id:
        yield partial(setattr, page, name)
        return
    for child in [*page.body, *_hours(page)]:
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
