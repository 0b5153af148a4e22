"""The pictures and files that stand beside released texts, and their end.

A name is served while a current release shows it. When none does any more, and no
proof that waits could, the file itself is removed: what a family took back is not kept.
The bytes that forums signed still say which file it was, by its SHA-256.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from cms.models import FrozenAttachment, FrozenImage, Proof, ProofForm
from cms.representation import every_block

from .models import Release, ReleaseAttachment, ReleaseImage

# How many files are ended at a time: their rows are locked until that is done.
BATCH = 100


@dataclass(frozen=True)
class Names:
    """The public names of what a text shows, files with their titles."""

    images: set[str]
    attachments: dict[str, str]


def names(*forms: Mapping[str, Any]) -> Names:
    """Return the names of all pictures and files in what some channels get."""
    found = Names(set(), {})
    for block in (one for form in forms for one in every_block(form.get("body", []))):
        # The last part of an address: the public origin may have moved since.
        name = block.get("url", "").rpartition("/")[2]
        if block["type"] in ("image", "diagram", "voice") and name:
            found.images.add(name)
        elif block["type"] == "attachment" and name:
            found.attachments[name] = block["title"]
    return found


def remove_what_is_over() -> int:
    """Remove the files that nothing public shows any more. Returns how many.

    Only what was public once: drafts keep theirs. Whoever submits a text while this
    runs gets a new file instead of one that ends.
    """
    _end(FrozenImage, ReleaseImage)
    _end(FrozenAttachment, ReleaseAttachment)
    return _remove(FrozenImage) + _remove(FrozenAttachment)


@transaction.atomic
def _end(model: type[Any], shown: type[Any]) -> None:
    """Note of files that they are over. A proof made from now on cannot use them."""
    now_public = shown.objects.filter(release__in=Release.objects.current())
    over = (
        model.objects.usable()
        .filter(name__in=shown.objects.values("name"))
        .exclude(name__in=now_public.values("name"))
    )
    # A proof is being made of what is locked: next time, if at all.
    rows = list(over.order_by("pk").select_for_update(skip_locked=True)[:BATCH])
    if rows:
        # Asked after the lock, so that nothing is missed that was submitted meanwhile.
        waiting = _waiting()
        ended = [row.pk for row in rows if row.name not in waiting]
        over.filter(pk__in=ended).update(ended_at=timezone.now())


def _waiting() -> set[str]:
    """The names in proofs that may still become public."""
    waiting: set[str] = set()
    pending = Proof.objects.pending()
    others = ProofForm.objects.filter(proof__in=pending)
    for rows in (pending, others):
        payloads = rows.values_list("payload", flat=True)
        for payload in payloads.iterator(chunk_size=200):
            found = names(json.loads(bytes(payload)))
            waiting |= found.images | found.attachments.keys()
    return waiting


def _remove(model: type[Any]) -> int:
    """Remove the files that are over. What stops halfway is done again."""
    count = 0
    for row in model.objects.filter(ended_at__isnull=False, removed_at=None)[:BATCH]:
        row.file.storage.delete(row.file.name)
        row.removed_at = timezone.now()
        row.save(update_fields=["removed_at"])
        count += 1
    return count
