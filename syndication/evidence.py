"""What the audit log vouches for of releases."""

import json

from cms import audit, canonical

from .models import Release


def check(release: Release) -> list[str]:
    """What of a release does not follow from its signed bytes; empty when all does.

    Readers get ``document`` and lists are made from the columns, so those have to say
    what the payload says.
    """
    if wrong := audit.payload_fits(release):
        return wrong
    payload, document = bytes(release.payload), bytes(release.document)
    content = json.loads(payload)
    head, found, tail = document.partition(b',"content":')
    told = {
        "kind": release.kind == content["kind"],
        "title": release.title == content["title"][:255],
        "summary": release.summary == content.get("summary", ""),
        "document": bool(found) and tail == payload + b"}",
        "etag": release.etag == canonical.fingerprint(document)[:32],
        "receipt": _receipt(head + b"}") == release.receipt,
    }
    return [
        f"its {column} is not what was released"
        for column, fits in told.items()
        if not fits
    ]


def _receipt(envelope: bytes) -> object:
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
            "payload",
            "fingerprint",
            "kind",
            "title",
            "summary",
            "released_at",
            "withdrawn_at",
            "withdrawn_reason",
            "withdrawn_note",
        ),
        check=check,
    )
)
