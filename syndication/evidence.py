"""What the audit log vouches for of releases."""

import json
from typing import Any

from cms import audit, canonical

from .models import Release


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
    receipt = _receipt(head + b"}")
    told = {
        "kind": release.kind == content["kind"],
        "title": release.title == content["title"][:255],
        "summary": release.summary == content.get("summary", ""),
        "document": bool(found) and tail == payload + b"}",
        "etag": release.etag == canonical.fingerprint(document)[:32],
        "receipt": receipt == release.receipt,
        "label": receipt is None or release.label == receipt["label"]["slug"],
        "end": _ended_as_it_should(release),
    }
    return [
        f"its {column} is not what was released"
        for column, fits in told.items()
        if not fits
    ]


def _ended_as_it_should(release: Release) -> bool:
    later = Release.objects.filter(item=release.item_id, version__gt=release.version)
    if release.withdrawn_at:
        return release.superseded_at is None
    return later.exists() == (release.superseded_at is not None)


def _receipt(envelope: bytes) -> Any:
    try:
        return json.loads(envelope)["receipt"]
    except (ValueError, KeyError, TypeError):  # Not the envelope any more.
        return None


audit.watch(
    audit.Watch(
        model=Release,
        columns=(
            "item_id",
            "version",
            "proof_id",
            "reduced_from_id",
            "again_id",
            "before_review",
            "payload",
            "fingerprint",
            "kind",
            "title",
            "summary",
            "label",
            "released_at",
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
