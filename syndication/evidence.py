"""What the audit log vouches for of releases."""

import json
import struct
import zlib
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

import brotli

from cms import audit, canonical, channels, consent, formats, reviews
from cms.models import Proof

from . import attribution, checked, encodings, parts, releases
from .models import Release
from .publisher import Publisher


def check(release: Release) -> list[str]:
    """What of a release does not follow from its signed bytes; empty when all does.

    Readers get ``document`` and lists are made from the columns, so those have to say
    what the payload says. Only the last version of an item can be current.
    """
    if wrong := audit.payload_fits(release) or audit.forms_fit(release, release.forms):
        return wrong
    payload, document = bytes(release.payload), bytes(release.document)
    content = json.loads(payload)
    head, found, tail = document.partition(b',"content":')
    receipt = _told(head + b"}", "receipt")
    told = {
        "kind": release.kind == content["kind"],
        "title": release.title == content["title"][:255],
        "summary": release.summary == content.get("summary", ""),
        "document": bool(found) and tail == payload + b"}",
        "document_piece": _unpacked(encodings.unpack, release.document_piece)
        == document,
        "document_brotli": _unpacked(brotli.decompress, release.document_brotli)
        == document,
        "etag": release.etag == canonical.fingerprint(document)[:32],
        "receipt": receipt == release.receipt,
        "text_fingerprint": release.text_fingerprint
        == formats.text_fingerprint(content),
        "review": _told(head + b"}", "review")
        == (checked.as_data(checked.of(release)) or None)
        and (not release.is_current or _is_in_force(release)),
        "formats": _told(head + b"}", "formats") == release.formats,
        "attribution": _is_credited(
            _told(head + b"}", "attribution"), release, content
        ),
        "brief": _is_brief(bytes(release.brief), head + b"}", content),
        "label": receipt is None or release.label == receipt["label"]["slug"],
        "dates": releases.dates(content)
        == {name: getattr(release, name) for name in releases.dates({})},
        "end": _ended_as_it_should(release),
        "shared_blocks": _holds_only_releases(release, content),
    }
    return [
        f"its {column} is not what was released"
        for column, fits in told.items()
        if not fits
    ]


def _unpacked(
    unpack: Callable[[bytes], bytes], stored: bytes | memoryview
) -> bytes | None:
    """Return what compressed bytes hold; None if they are none."""
    try:
        return unpack(bytes(stored))
    except (zlib.error, brotli.error, struct.error):
        return None


def _is_credited(told: Any, release: Release, content: Mapping[str, Any]) -> bool:
    """Whether the credit is what follows from the release, of whichever publisher."""
    try:
        publisher = Publisher(
            name=told["publisher"]["name"],
            contact_email="",
            other_ways="",
            licence_name=told["licence"]["name"],
            licence_url=told["licence"]["url"],
        )
        credit = attribution.of(
            content, release.receipt, publisher=publisher, days=checked.of(release)
        )
        return bool(
            told == credit.as_data()
            and release.credit_basis == attribution.basis(publisher)
        )
    except (TypeError, KeyError, AttributeError):
        # Made before there were credits, or no credit any more.
        return told is None and release.credit_basis == ""


def _is_brief(brief: bytes, envelope: bytes, content: Mapping[str, Any]) -> bool:
    """Whether a list tells what the envelope says, with parts of the text and no more."""
    try:
        told = {key: content[key] for key in releases.BRIEF if key in content}
        return bool(json.loads(brief) == json.loads(envelope) | told)
    except ValueError:
        return False


def _holds_only_releases(release: Release, content: dict[str, Any]) -> bool:
    """Whether what is newer than the signed bytes is a shared block, word for word.

    Of each it must be what was released of it, or that with something left out, and
    nothing else of the text may have been added or altered, in any channel.
    """
    try:
        # It may itself not be what it was: only its bytes are asked for.
        proof = Proof.objects.only("payload").get(pk=release.proof_id)
        if "forms" in content or "forms" in proof.representation:
            signed, shown = consent.forms_of(proof), releases.forms_of(release)
        else:
            signed = {channels.API: proof.representation}
            shown = {channels.API: content}
        stand = parts.standing(content)
        return all(_follows(signed[one], shown[one], stand) for one in signed)
    except (Proof.DoesNotExist, ValueError, AttributeError, TypeError, KeyError):
        return False


def _follows(
    old_form: Mapping[str, Any],
    new_form: Mapping[str, Any],
    stand: Mapping[UUID, Release],
) -> bool:
    """Whether one channel gets what was signed, but for newer shared blocks."""
    signed, shown = old_form.get("body", []), new_form.get("body", [])
    if len(signed) != len(shown):
        return False
    for old, new in zip(signed, shown, strict=True):
        if parts.is_less(old, new):
            continue
        whole = stand.get(UUID(new["content_id"])) if "content_id" in new else None
        if (
            whole is None
            or old.get("content_id") != new["content_id"]
            or not parts.is_less(parts.block_of(whole), new)
        ):
            return False
    return True


def _ended_as_it_should(release: Release) -> bool:
    later = Release.objects.filter(item=release.item_id, version__gt=release.version)
    if release.withdrawn_at:
        return release.superseded_at is None
    return later.exists() == (release.superseded_at is not None)


def _is_in_force(release: Release) -> bool:
    days = reviews.in_force(release.proof)
    return (release.review_by, release.assured_at) == days


def _told(envelope: bytes, name: str) -> Any:
    try:
        return json.loads(envelope).get(name)
    except (ValueError, AttributeError):  # Not the envelope any more.
        return None


audit.watch(
    audit.Watch(
        model=Release,
        columns=(
            "item_id",
            "version",
            "proof_id",
            "reduced_from_id",
            "updated_from_id",
            "again_id",
            "before_review",
            "payload",
            "fingerprint",
            "kind",
            "title",
            "summary",
            "label",
            "released_at",
            "expires_on",
            "survey_closes_on",
            "withdrawn_at",
            "withdrawn_reason",
            "withdrawn_note",
            "withdrawn_kind",
            "withdrawn_to",
            "withdrawn_class",
        ),
        check=check,
    )
)
