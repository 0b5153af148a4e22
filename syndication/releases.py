"""The only way out: making a signed proof public, and taking it back."""

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from cms import audit, canonical, channels, consent, corrections, sign_off
from cms.channels import Forms
from cms.models import Proof, Withdrawal
from cms.representation import every_block, whole

from . import changes, receipts
from .errors import NotAReduction, ProofNotSigned
from .models import (
    Change,
    Item,
    Release,
    ReleaseArea,
    ReleaseEmbed,
    ReleaseForm,
    ReleaseImage,
    permalink,
)
from .signals import item_released, item_withdrawn


@transaction.atomic
def release(*, proof: Proof, by: User | None = None) -> Release:
    """Make the bytes of ``proof`` the current release of its item.

    Checks again, under the item's lock, that every forum concerned has signed exactly
    these bytes and that their release date has come; raises ``ProofNotSigned``
    otherwise.
    """
    item, proof = _lock_with_proof(proof)
    _check_signed(proof)
    return _replace(item, proof, by=by)


@transaction.atomic
def release_before_review(*, proof: Proof, by: User) -> Release:
    """Make a corrected fact public at once, labelled so, before its forums review it.

    ``cms.corrections`` decides who may correct what. Checks that this is a correction
    of what is public, and of nothing in it but facts that policy names; raises
    ``ProofNotSigned`` otherwise.
    """
    item, proof = _lock_with_proof(proof)
    current = item.releases.current().first()
    if (
        proof.outcome != Proof.Outcome.OPEN
        or not proof.is_correction
        or current is None
        or corrections.beyond_facts_anywhere(forms_of(current), consent.forms_of(proof))
        or canonical.fingerprint(bytes(proof.payload)) != proof.fingerprint
        or not _has_its_forms(proof)
    ):
        raise ProofNotSigned(f"{proof} is not a correction of something public")
    return _replace(item, proof, by=by, before_review=True)


@transaction.atomic
def release_again(*, proof: Proof) -> Release:
    """Make signed bytes public again after a correction of them was not agreed.

    The signatures still stand; raises ``ProofNotSigned`` otherwise.
    """
    item, proof = _lock_with_proof(proof)
    _check_signed(proof)
    earlier = item.releases.filter(
        proof=proof, before_review=False, reduced_from=None, again=None
    ).get()
    return _replace(item, proof, by=None, again=earlier)


def _lock_with_proof(proof: Proof) -> tuple[Item, Proof]:
    """Lock a proof's item with all it repeats, and read the proof again under a lock.

    What the caller holds may be older than what another committed.
    """
    Item.objects.get_or_create(
        content_id=proof.content_id, defaults={"kind": proof.kind}
    )
    # What it repeats is locked too: it may be taken back at the same moment.
    item = _lock(proof.content_id, *_embedded(json.loads(bytes(proof.payload))))
    return item, Proof.objects.select_for_update().get(pk=proof.pk)


def _check_signed(proof: Proof) -> None:
    if (
        proof.outcome != Proof.Outcome.SIGNED
        or not proof.forums.exists()
        or sign_off.missing(proof)
        or canonical.fingerprint(bytes(proof.payload)) != proof.fingerprint
        or not _has_its_forms(proof)
        or (proof.release_at and proof.release_at > timezone.now())
    ):
        raise ProofNotSigned(f"{proof} is not signed by every forum concerned")


def _has_its_forms(proof: Proof) -> bool:
    """Whether the other channels' bytes are those that the signed payload names."""
    others = {one.channel: bytes(one.payload) for one in proof.other_forms.all()}
    return channels.fits(json.loads(bytes(proof.payload)), others)


def _replace(
    item: Item,
    proof: Proof,
    *,
    by: User | None,
    before_review: bool = False,
    again: Release | None = None,
) -> Release:
    """Supersede the current release by one of ``proof`` and say so in the change log."""
    now = timezone.now()
    before = item.releases.order_by("-version").first()
    if before and before.is_current:
        before.superseded_at = now
        before.save(update_fields=["superseded_at"])
    made = _write(
        item,
        proof,
        bytes(proof.payload),
        (before.version if before else 0) + 1,
        now,
        forms={one.channel: bytes(one.payload) for one in proof.other_forms.all()},
        before_review=before_review,
        again=again,
    )
    changes.record(
        change=Change.Type.CORRECTED if before_review else _change_type(before),
        content_id=item.content_id,
        kind=item.kind,
        version=made.version,
    )
    for area in _areas_left(before, made):
        changes.record(
            change=Change.Type.LEFT_SELECTION,
            content_id=item.content_id,
            kind=item.kind,
            version=made.version,
            area=area,
        )
    item_released.send(sender=Release, release=made)
    # A receiver may have ended it again: everything it repeats can be gone by now.
    made.refresh_from_db()
    _record("released_before_review" if before_review else "released", made, by)
    if made.is_current:
        # Consent may have ended since it was frozen: nobody ever reads what was signed.
        without_lost_voices(release=made)
        made.refresh_from_db()
    return made


def _areas_left(before: Release | None, made: Release) -> list[str]:
    """The areas that an item was public for until now and is no longer for."""
    if before is None or before.withdrawn_at:
        return []
    kept = made.areas.values("slug")
    left = before.areas.exclude(slug__in=kept).order_by("slug")
    return list(left.values_list("slug", flat=True))


@transaction.atomic
def withdraw(
    *,
    content_id: UUID,
    by: User | None,
    reason: str,
    public_note: str = "",
    kind: str = Withdrawal.GONE,
    to: UUID | None = None,
    reason_class: str = "",
) -> Release | None:
    """End the current release of an item. Returns it, or None if nothing was public.

    Callers ask ``cms.withdrawals.withdraw``, which knows who may.
    """
    if not Item.objects.filter(content_id=content_id).exists():
        return None
    item = _lock(content_id, *_hosts(content_id))
    current = item.releases.current().first()
    if current is None:
        return None
    current.withdrawn_at = timezone.now()
    current.withdrawn_by = by
    current.withdrawn_reason = reason
    current.withdrawn_note = public_note
    current.withdrawn_kind = kind
    current.withdrawn_to = to
    current.withdrawn_class = reason_class
    current.save(
        update_fields=[
            "withdrawn_at",
            "withdrawn_by",
            "withdrawn_reason",
            "withdrawn_note",
            "withdrawn_kind",
            "withdrawn_to",
            "withdrawn_class",
        ]
    )
    # First, because a receiver locks the items that repeat this one, and the change
    # log's counter is among the last locks that anybody takes.
    item_withdrawn.send(sender=Release, release=current)
    changes.record(
        change=Change.Type.REDIRECTED if to else Change.Type.WITHDRAWN,
        content_id=item.content_id,
        kind=item.kind,
        version=current.version,
        note=public_note,
        replacement=to,
        reason=reason_class,
    )
    _record("release_withdrawn", current, by)
    withdrawn: Release = current
    return withdrawn


@transaction.atomic
def reduce(
    *,
    release: Release,
    representation: dict[str, Any],
    forms: Mapping[str, dict[str, Any]] | None = None,
    change: str = Change.Type.REDUCED,
    by: User | None = None,
) -> Release | None:
    """Replace a release by itself with something taken away, without new signatures.

    For words that were taken back and are no item of their own, or another's: taking
    away is always allowed, adding and altering never. ``forms`` are what the other
    channels get, each with something taken away or as it was; they may be left out for
    a release of which all channels get the same. Returns the new release, or None when
    the given one is not current any more. Raises ``NotAReduction``.
    """
    item = _lock(release.item.content_id)
    release = item.releases.get(pk=release.pk)
    if not release.is_current:
        return None
    before = forms_of(release)
    if forms is None and release.forms.exists():
        raise NotAReduction("the forms of other channels would stay as they are")
    after = dict.fromkeys(before, representation) | dict(forms or {})
    after[channels.API] = representation
    shown = {channel: channels.bare(form) for channel, form in after.items()}
    if shown == before:
        raise NotAReduction("nothing would be taken away")
    for channel, form in before.items():
        if shown[channel] != form:
            _check_reduction(form, shown[channel])
    sealed = channels.seal(shown)
    now = timezone.now()
    release.superseded_at = now
    release.save(update_fields=["superseded_at"])
    made = _write(
        item,
        release.proof,
        canonical.encode(sealed.payload),
        release.version + 1,
        now,
        forms={
            channel: canonical.encode(form) for channel, form in sealed.others.items()
        },
        reduced_from=release,
        released_at=release.released_at,
        before_review=release.before_review,
    )
    changes.record(
        change=change,
        content_id=item.content_id,
        kind=item.kind,
        version=made.version,
    )
    _record("reduced", made, by)
    return made


@transaction.atomic
def without_lost_voices(*, release: Release, by: User | None = None) -> Release | None:
    """Replace a release by itself without the voices whose consent has ended.

    Returns the new one; None where every voice in it may still be heard.
    """
    lost = consent.lose(proof=release.proof)
    if not lost:
        return None
    before = forms_of(release)
    after = {
        channel: channels.without(form, lost, channel)
        for channel, form in before.items()
    }
    if after == before:
        return None
    return reduce(
        release=release,
        representation=after.pop(channels.API),
        forms=after,
        change=Change.Type.CONSENT_ENDED,
        by=by,
    )


def lock(*content_ids: UUID) -> None:
    """Lock items together with all that repeat them, before anything is changed.

    For who changes several of them: the change log's counter is locked after them all.
    """
    _lock_all({*content_ids, *(host for one in content_ids for host in _hosts(one))})


def forms_of(release: Release) -> dict[str, dict[str, Any]]:
    """What each channel gets of a release, without seals."""
    own = {one.channel: json.loads(bytes(one.payload)) for one in release.forms.all()}
    whole = Forms(json.loads(bytes(release.payload)), own)
    return {one: whole.of(one) for one in (channels.API, *channels.OTHERS)}


def current_hosts(content_id: UUID) -> list[Release]:
    """The current releases that repeat words of an item, in the order of locking."""
    return list(
        Release.objects.current()
        .filter(embeds__content_id=content_id)
        .select_related("item", "proof")
        .order_by("item_id")
    )


def rebuild_documents() -> int:
    """Write every document again, after the public origin moved. Returns how many.

    Signed bytes stay as they are: addresses inside them keep the old origin.
    """
    count = 0
    for one in Release.objects.select_related("proof").iterator(chunk_size=200):
        payload = bytes(one.payload)
        receipt = receipts.make(
            one.proof,
            json.loads(payload),
            one.version,
            one.fingerprint,
            reduced=bool(one.reduced_from_id),
            before_review=one.before_review,
        )
        document = _document(payload, receipt, one.version, one.released_at)
        if document != bytes(one.document):
            one.receipt = receipt
            one.document = document
            one.etag = canonical.fingerprint(document)[:32]
            one.save(update_fields=["receipt", "document", "etag"])
            count += 1
    return count


def _record(action: str, release: Release, by: User | None) -> None:
    audit.record(
        action=action,
        by=by,
        content_id=release.item.content_id,
        row=release,
        version=release.version,
        fingerprint=release.fingerprint,
    )


def _change_type(before: Release | None) -> str:
    if before is None:
        return Change.Type.PUBLISHED
    if before.withdrawn_at:
        return Change.Type.RESTORED
    return Change.Type.UPDATED


def _lock(content_id: UUID, *others: UUID) -> Item:
    """Lock an item together with others, always in the same order. Returns the one."""
    return _lock_all({content_id, *others})[content_id]


def _lock_all(content_ids: Collection[UUID]) -> dict[UUID, Item]:
    return {
        item.content_id: item
        for item in Item.objects.select_for_update()
        .filter(content_id__in=content_ids)
        .order_by("pk")
    }


def _embedded(data: dict[str, Any]) -> list[UUID]:
    return [UUID(item["content_id"]) for item in data.get("items", [])]


def _hosts(content_id: UUID) -> list[UUID]:
    return [release.item.content_id for release in current_hosts(content_id)]


def _check_reduction(before: dict[str, Any], after: dict[str, Any]) -> None:
    """Raise unless ``after`` is ``before`` with something left out of it.

    Out of an issue go items, out of a body blocks. ``html`` and ``text`` follow.
    """
    derived = {"items", "sections", "body", "html", "text"}
    if before.keys() != after.keys() or any(
        before[key] != after[key] for key in before.keys() - derived
    ):
        raise NotAReduction("more than the items or blocks would change")
    if "body" in before:
        _check_blocks(before["body"], after["body"])
        if before["body"] == after["body"] or after != whole(after):
            raise NotAReduction("the blocks are not what is left of the signed ones")
    else:
        _check_items(before, after)


def _check_blocks(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> None:
    """A block is the one that was signed, a notice, or holds blocks that are either."""
    if len(before) != len(after):
        raise NotAReduction("a block would be added, or go without a notice")
    for signed, shown in zip(before, after, strict=True):
        if shown in (signed, {"type": "left_out"}):
            continue
        # A voice that stays on the site and is no longer printed.
        if signed["type"] == "voice" and shown == signed | {"print": False}:
            continue
        if "body" not in signed or signed | {"body": shown.get("body")} != shown:
            raise NotAReduction("a block would be altered")
        _check_blocks(signed["body"], shown["body"])


def _check_items(before: dict[str, Any], after: dict[str, Any]) -> None:
    """A section is the one that was signed, or a notice, which has no link."""
    kept = iter(before["items"])
    if len(after["items"]) >= len(before["items"]) or not all(
        item in kept for item in after["items"]
    ):
        raise NotAReduction("the items are not what is left of the signed ones")
    for signed, shown in zip(before["sections"], after["sections"], strict=True):
        if shown != signed and "<a" in shown["html"]:
            raise NotAReduction("a section was replaced by more than a notice")


def _write(
    item: Item,
    proof: Proof,
    payload: bytes,
    version: int,
    now: datetime,
    *,
    forms: Mapping[str, bytes],
    reduced_from: Release | None = None,
    released_at: datetime | None = None,
    before_review: bool = False,
    again: Release | None = None,
) -> Release:
    data = json.loads(payload)
    fingerprint = canonical.fingerprint(payload)
    released_at = released_at or now
    receipt = receipts.make(
        proof,
        data,
        version,
        fingerprint,
        reduced=bool(reduced_from),
        before_review=before_review,
    )
    document = _document(payload, receipt, version, released_at)
    made = Release.objects.create(
        item=item,
        version=version,
        proof=proof,
        reduced_from=reduced_from,
        before_review=before_review,
        again=again,
        payload=payload,
        fingerprint=fingerprint,
        receipt=receipt,
        document=document,
        etag=canonical.fingerprint(document)[:32],
        kind=data["kind"],
        title=data["title"][:255],
        summary=data.get("summary", ""),
        label=receipt["label"]["slug"],
        released_at=released_at,
    )
    ReleaseEmbed.objects.bulk_create(
        ReleaseEmbed(release=made, content_id=content_id)
        for content_id in dict.fromkeys(_embedded(data))
    )
    ReleaseArea.objects.bulk_create(
        ReleaseArea(release=made, slug=area["slug"]) for area in data.get("areas", [])
    )
    ReleaseForm.objects.bulk_create(
        ReleaseForm(
            release=made,
            channel=channel,
            payload=form,
            fingerprint=canonical.fingerprint(form),
        )
        for channel, form in forms.items()
    )
    prefix = f"{settings.PUBLIC_ORIGIN}/images/"
    # Of every channel: each shows its own pictures.
    names = {
        block["url"].removeprefix(prefix)
        for form in (data, *map(json.loads, forms.values()))
        for block in every_block(form.get("body", []))
        if block["type"] in ("image", "voice") and "url" in block
    }
    ReleaseImage.objects.bulk_create(
        ReleaseImage(release=made, name=name) for name in sorted(names)
    )
    return made


def _document(
    payload: bytes, receipt: dict[str, Any], version: int, released_at: datetime
) -> bytes:
    """What the API answers: the envelope, then the signed bytes as ``content``."""
    data = json.loads(payload)
    envelope = {
        "content_id": data["content_id"],
        "kind": data["kind"],
        "version": version,
        "title": data["title"],
        "url": permalink(data["content_id"]),
        "released_at": receipts.moment(released_at),
        "receipt": receipt,
    }
    head = json.dumps(envelope, ensure_ascii=False, separators=(",", ":")).encode()
    # Spliced, not parsed and written again: these are the bytes that were signed.
    return head[:-1] + b',"content":' + payload + b"}"
