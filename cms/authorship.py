"""Who wrote what is being signed: nobody signs their own words."""

from functools import cache
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Subquery
from wagtail.log_actions import registry
from wagtail.models import Revision

from . import embedding
from .models import Proof


def of(proof: Proof, *, item: Any, by: User | None) -> set[int]:
    """Everyone who wrote any of this since it was last signed, and who submitted it.

    Returns their keys. ``item`` is what the proof was made of.
    Whoever brings back an older version brings back the words of others: those who
    wrote it count as well.
    """
    signed = list(
        Proof.objects.once_signed()
        .filter(content_id=proof.content_id)
        .order_by("submitted_at")
        .values_list("submitted_at", flat=True)
    )
    written = {
        pk: (at, user)
        for pk, at, user in revisions(proof).values_list("pk", "created_at", "user_id")
    }
    older = _brought_back(item)
    wrote: set[int | None] = {by.pk} if by is not None else set()
    look = [proof.revision_id]
    seen: set[int | None] = set()
    while look:
        last = look.pop()
        if last in seen or last not in written:
            continue
        seen.add(last)
        until, _ = written[last]
        since = max((at for at in signed if at < until), default=None)
        for pk, (at, user) in written.items():
            if at <= until and (since is None or at > since):
                wrote.add(user)
                look.append(older.get(pk))
    wrote |= _of_shared_blocks(proof)
    owner = getattr(item, "owner_id", None)
    if owner and not signed:
        wrote.add(owner)
    return {pk for pk in wrote if pk is not None}


def _of_shared_blocks(proof: Proof) -> set[int | None]:
    """Who wrote the shared blocks that came into a text since it was last signed."""
    inside = embedding.every_shared(proof.representation.get("body", []))
    versions = {(block["content_id"], block["fingerprint"]) for block in inside}
    if not versions:
        return set()
    last = Proof.objects.once_signed().filter(content_id=proof.content_id).first()
    if last is not None:
        versions -= {
            (block["content_id"], block["fingerprint"])
            for block in embedding.every_shared(last.representation.get("body", []))
        }
    # Of the text of the block that stands; after a reduction its bytes are others.
    standing = Proof.objects.standing().filter(
        content_id__in={content_id for content_id, _ in versions}
    )
    return set(standing.values_list("authors", flat=True))


def revisions(proof: Proof) -> Any:
    """All revisions of the proof's item, newest first; none once it was deleted."""
    if proof.revision_id is None:
        return Revision.objects.none()
    frozen = Revision.objects.filter(pk=proof.revision_id)
    return Revision.objects.filter(
        base_content_type=Subquery(frozen.values("base_content_type")),
        object_id=proof.object_id,
    ).order_by("-created_at", "-pk")


def latest_revision(proof: Proof) -> Any:
    """The newest revision of the proof's item, or None.

    Rebuilds its item once and gives back the same one each time: that takes queries.
    """
    revision = revisions(proof).first()
    if revision is not None:
        revision.as_object = cache(revision.as_object)
    return revision


def _brought_back(item: Any) -> dict[int, int]:
    """Which revisions of the item were made from which older ones, by their keys."""
    logs = registry.get_logs_for_instance(item)
    return {
        entry.revision_id: entry.data["revision"]["id"]
        for entry in logs.filter(action="wagtail.revert", revision__isnull=False)
    }
