"""The only way out: making a signed proof public, and taking it back."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from cms import canonical, sign_off
from cms.models import Proof

from . import changes
from .errors import ProofNotSigned
from .models import Change, Item, Release, ReleaseArea, ReleaseImage, permalink
from .signals import item_released, item_withdrawn


@transaction.atomic
def release(*, proof: Proof) -> Release:
    """Make the bytes of ``proof`` the current release of its item.

    Checks again, under the item's lock, that every forum concerned has signed exactly
    these bytes; raises ``ProofNotSigned`` otherwise.
    """
    item, _ = Item.objects.get_or_create(
        content_id=proof.content_id, defaults={"kind": proof.kind}
    )
    item = Item.objects.select_for_update().get(pk=item.pk)
    # Read again: what the caller holds may be older than what another committed.
    proof = Proof.objects.select_for_update().get(pk=proof.pk)
    payload = bytes(proof.payload)
    if (
        proof.outcome != Proof.Outcome.SIGNED
        or not proof.forums.exists()
        or sign_off.missing(proof)
        or canonical.fingerprint(payload) != proof.fingerprint
    ):
        raise ProofNotSigned(f"{proof} is not signed by every forum concerned")
    now = timezone.now()
    before = item.releases.order_by("-version").first()
    if before and before.is_current:
        before.superseded_at = now
        before.save(update_fields=["superseded_at"])
    made = _write(item, proof, payload, (before.version if before else 0) + 1, now)
    changes.record(
        change=_change_type(before),
        content_id=item.content_id,
        kind=item.kind,
        version=made.version,
    )
    item_released.send(sender=Release, release=made)
    return made


@transaction.atomic
def withdraw(
    *, content_id: UUID, by: User | None, reason: str, public_note: str = ""
) -> Release | None:
    """End the current release of an item. Returns it, or None if nothing was public.

    Callers ask ``cms.sign_off.withdraw``, which knows who may.
    """
    item = Item.objects.select_for_update().filter(content_id=content_id).first()
    current = item.releases.current().first() if item else None
    if item is None or current is None:
        return None
    current.withdrawn_at = timezone.now()
    current.withdrawn_by = by
    current.withdrawn_reason = reason
    current.withdrawn_note = public_note
    current.save(
        update_fields=[
            "withdrawn_at",
            "withdrawn_by",
            "withdrawn_reason",
            "withdrawn_note",
        ]
    )
    changes.record(
        change=Change.Type.WITHDRAWN,
        content_id=item.content_id,
        kind=item.kind,
        version=current.version,
        note=public_note,
    )
    item_withdrawn.send(sender=Release, release=current)
    withdrawn: Release = current
    return withdrawn


def rebuild_documents() -> int:
    """Write every document again, after the public origin moved. Returns how many.

    Signed bytes stay as they are: addresses inside them keep the old origin.
    """
    count = 0
    for one in Release.objects.select_related("proof").iterator(chunk_size=200):
        receipt = _receipt(one.proof, one.version)
        document = _document(bytes(one.payload), receipt, one.version, one.released_at)
        if document != bytes(one.document):
            one.receipt = receipt
            one.document = document
            one.etag = canonical.fingerprint(document)[:32]
            one.save(update_fields=["receipt", "document", "etag"])
            count += 1
    return count


def _change_type(before: Release | None) -> str:
    if before is None:
        return Change.Type.PUBLISHED
    if before.withdrawn_at:
        return Change.Type.RESTORED
    return Change.Type.UPDATED


def _write(
    item: Item, proof: Proof, payload: bytes, version: int, now: datetime
) -> Release:
    data = json.loads(payload)
    receipt = _receipt(proof, version)
    document = _document(payload, receipt, version, now)
    made = Release.objects.create(
        item=item,
        version=version,
        proof=proof,
        payload=payload,
        fingerprint=proof.fingerprint,
        receipt=receipt,
        document=document,
        etag=canonical.fingerprint(document)[:32],
        kind=data["kind"],
        title=data["title"][:255],
        summary=data.get("summary", ""),
        released_at=now,
    )
    ReleaseArea.objects.bulk_create(
        ReleaseArea(release=made, slug=area["slug"]) for area in data.get("areas", [])
    )
    prefix = f"{settings.PUBLIC_ORIGIN}/images/"
    names = {
        block["url"].removeprefix(prefix)
        for block in data.get("body", [])
        if block["type"] == "image"
    }
    ReleaseImage.objects.bulk_create(
        ReleaseImage(release=made, name=name) for name in sorted(names)
    )
    return made


def _receipt(proof: Proof, version: int) -> dict[str, Any]:
    answers = proof.sign_offs.select_related("forum").order_by("forum__slug")
    return {
        "version": version,
        "fingerprint": proof.fingerprint,
        "algorithm": proof.algorithm,
        "url": f"{settings.PUBLIC_ORIGIN}/receipts/{proof.fingerprint}",
        "forums": [
            {
                "slug": answer.forum.slug,
                "name": answer.forum.name,
                "decision": answer.decision,
                "signed_at": moment(answer.at),
            }
            for answer in answers
            if answer.agrees
        ],
    }


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
        "released_at": moment(released_at),
        "receipt": receipt,
    }
    head = json.dumps(envelope, ensure_ascii=False, separators=(",", ":")).encode()
    # Spliced, not parsed and written again: these are the bytes that were signed.
    return head[:-1] + b',"content":' + payload + b"}"


def moment(at: datetime) -> str:
    """Return a time as RFC 3339 in UTC, to the second: ``2026-11-22T09:30:00Z``."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
