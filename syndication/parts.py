"""Which version of a shared block may stand in a host, and what its body is then.

Rules only: ``releases`` writes. The one rule holds for parts as for wholes: words stand
in a text when every forum that the text needs has signed them, in the text itself or
as a release of the block. Taking away needs nobody.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, cast
from uuid import UUID

from django.db.models import Max

from cms import corrections, embedding, policy
from cms.errors import NoForumConcerned
from cms.models import CoProducedMixin, Proof
from cms.representation import every_block

from .models import Release

Block = Mapping[str, Any]

NOTICE = {"type": "left_out"}


@dataclass
class Settled:
    """What the body of a host is to be now, and why not all of it is the newest."""

    body: list[Any] = field(default_factory=list)
    # The releases of shared blocks that came in the place of others.
    followed: list[Release] = field(default_factory=list)
    # Newer releases that this host may not show before its forums have signed.
    waiting: list[Release] = field(default_factory=list)
    # The content_ids of shared blocks whose words were taken away.
    gone: set[str] = field(default_factory=set)


def content_ids(data: Mapping[str, Any]) -> list[UUID]:
    """Every other item of which a representation says more than an address.

    Those that an issue carries, shared blocks, and related items.
    """
    ids = [item["content_id"] for item in data.get("items", [])]
    inside = (
        block
        for block in every_block(data.get("body", []))
        if block["type"] in (embedding.TYPE, "related_item")
    )
    return [
        UUID(one) for one in dict.fromkeys([*ids, *(b["content_id"] for b in inside)])
    ]


def standing(data: Mapping[str, Any]) -> dict[UUID, Release]:
    """The releases of the shared blocks that a representation itself holds."""
    versions = {
        (UUID(block["content_id"]), block["version"])
        for block in embedding.shared(data.get("body", []))
    }
    if not versions:
        return {}
    found = Release.objects.filter(
        item__content_id__in={one for one, _ in versions},
        version__in={version for _, version in versions},
    ).select_related("item", "proof")
    return {
        release.item.content_id: release
        for release in found
        if (release.item.content_id, release.version) in versions
    }


def block_of(release: Release) -> dict[str, Any]:
    """How a release of a shared block stands in a text."""
    return embedding.block_of(
        data=json.loads(bytes(release.payload)),
        version=release.version,
        fingerprint=release.fingerprint,
    )


def added(
    proof: Proof, data: Mapping[str, Any], stand: Mapping[UUID, Release]
) -> list[Release]:
    """The releases in a host's bytes that its own signed bytes do not hold.

    Whose signatures carry them is said by the block, not by the host.
    """
    signed = {
        (block["content_id"], block["version"])
        for block in embedding.shared(proof.representation.get("body", []))
    }
    shown = {
        block["content_id"]: block["version"]
        for block in embedding.shared(data.get("body", []))
        if (block["content_id"], block["version"]) not in signed
    }
    return [stand[UUID(one)] for one in shown if UUID(one) in stand]


def signatories(release: Release) -> set[int]:
    """The forums that agreed to every word of a release, by key.

    Not one that dissents: its dissent is shown with the block and would not be with
    the host. What came into it later counts only for those who signed that as well.
    """
    if release.before_review:
        return set()
    found = {one.forum_id for one in release.proof.sign_offs.all() if one.agrees}
    data = json.loads(bytes(release.payload))
    for part in added(release.proof, data, standing(data)):
        found &= signatories(part)
    return found


def needed(proof: Proof) -> set[int] | None:
    """The forums that what ``proof`` says needs, by key; None where nobody can tell.

    Those that it asked, and whoever policy asks by now.
    """
    if proof.revision is None:
        return None
    item = cast(CoProducedMixin, proof.revision.as_object())
    try:
        asked = {one.forum.pk for one in policy.required(item)}
    except NoForumConcerned:
        return None
    return asked | {
        forum.pk
        for forum in proof.forums.all()
        if not policy.only_leaving(proof.reasons.get(str(forum.pk), []))
    }


def settle(host: Release, data: Mapping[str, Any]) -> Settled:
    """Work out the body that ``host`` may have now. Writes nothing.

    ``data`` is what its bytes say. The caller holds the locks of the host's item and of
    everything it repeats.
    """
    return _Settling(host, data).result()


class _Settling:
    """One host, looked at once."""

    def __init__(self, host: Release, data: Mapping[str, Any]) -> None:
        self.host = host
        self.data = dict(data)
        self.settled = Settled()

    def result(self) -> Settled:
        body = self.data.get("body", [])
        if any(embedding.shared(body)):
            self.settled.body = [self._block(block) for block in body]
        else:
            self.settled.body = body
        return self.settled

    @cached_property
    def _current(self) -> dict[str, Release]:
        found = (
            Release.objects.current()
            .filter(item__content_id__in=content_ids(self.data))
            .select_related("item", "proof")
            .prefetch_related("proof__sign_offs")
        )
        return {str(one.item.content_id): one for one in found}

    @cached_property
    def _last_withdrawn(self) -> dict[str, int]:
        """The newest version of each shared block that was taken back."""
        found = (
            Release.objects.filter(
                item__content_id__in=content_ids(self.data), withdrawn_at__isnull=False
            )
            .values_list("item__content_id")
            .annotate(Max("version"))
        )
        return {str(content_id): version for content_id, version in found}

    @cached_property
    def _needed(self) -> set[int] | None:
        return needed(self.host.proof)

    @cached_property
    def _stood(self) -> dict[UUID, Release]:
        return standing(self.data)

    @cached_property
    def _signed(self) -> list[Block]:
        if self.host.proof.outcome != Proof.Outcome.SIGNED:
            return []
        return list(embedding.shared(self.host.proof.representation.get("body", [])))

    def _block(self, block: dict[str, Any]) -> dict[str, Any]:
        if block["type"] != embedding.TYPE:
            if "body" not in block:
                return block
            return block | {"body": [self._block(one) for one in block["body"]]}
        now = self._current.get(block["content_id"])
        if now is None or self._was_taken_back(block):
            self.settled.gone.add(block["content_id"])
            return NOTICE
        if now.version != block["version"]:
            new = block_of(now)
            if self.may_stand(now, new, in_place_of=block):
                self.settled.followed.append(now)
                return new
            self.settled.waiting.append(now)
        return block | {"body": self._without_what_is_gone(block["body"])}

    def _without_what_is_gone(self, body: Iterable[dict[str, Any]]) -> list[Any]:
        """A shared block's own body, without the words of what was taken back since."""
        kept: list[Any] = []
        for block in body:
            if block["type"] == embedding.TYPE:
                now = self._current.get(block["content_id"])
                if now is None or self._was_taken_back(block):
                    self.settled.gone.add(block["content_id"])
                    kept.append(NOTICE)
                    continue
            if "body" in block:
                inner = self._without_what_is_gone(block["body"])
                kept.append(block | {"body": inner})
            else:
                kept.append(block)
        return kept

    def _was_taken_back(self, block: Block) -> bool:
        """Whether these words were withdrawn, also where the block is public again."""
        last = self._last_withdrawn.get(block["content_id"], 0)
        return bool(last >= block["version"])

    def may_stand(self, now: Release, new: Block, *, in_place_of: Block) -> bool:
        """Whether a release of a shared block may stand in this host as it is.

        Every forum that the host needs agreed to it; or they signed the same bytes in
        the host; or it only takes away; or it corrects facts, which policy allows
        without them, as long as the text says so.
        """
        if embedding.why_not(self.data | {"body": [new]}):
            return False
        return (
            (self._needed is not None and self._needed <= signatories(now))
            or any(_same_words(new, signed) for signed in self._signed)
            or (is_less(in_place_of, new) and not self._loses_its_label(now))
            or (now.before_review and _only_facts(in_place_of, new))
        )

    def _loses_its_label(self, now: Release) -> bool:
        """Whether ``now`` is reviewed by its forums where what stands here was not.

        The words may be the same. The host says “before forum review” of them until its
        own forums have signed them as well.
        """
        stood = self._stood.get(now.item.content_id)
        return not now.before_review and (stood is None or stood.before_review)


def is_less(before: Block, after: Block) -> bool:
    """Whether a block is another with something left out of it, and nothing else."""
    if after in (before, NOTICE):
        return True
    # A voice that stays on the site and is no longer printed.
    if before["type"] == "voice" and after == {**before, "print": False}:
        return True
    if "body" not in before or len(before["body"]) != len(after.get("body", [])):
        return False
    return _head(before) == _head(after) and all(
        is_less(*pair) for pair in zip(before["body"], after["body"], strict=True)
    )


def _head(block: Block) -> dict[str, Any]:
    """What a block says besides its body; of a shared one not which version it is."""
    aside = {"body"}
    if block["type"] == embedding.TYPE:
        aside |= {"version", "fingerprint"}
    return {key: value for key, value in block.items() if key not in aside}


def _same_words(one: Block, other: Block) -> bool:
    return bool(_head(one) == _head(other) and one["body"] == other["body"])


def _only_facts(before: Block, after: Block) -> bool:
    """Whether nothing differs but facts that policy lets people correct at once."""
    both = [{"body": list(_flat(block))} for block in (before, after)]
    return not corrections.beyond_facts(*both)


def _flat(block: Block) -> Iterator[Block]:
    """A block and all in it in one row, without what tells versions apart."""
    yield _head(block)
    for inner in block.get("body", []):
        yield from _flat(inner)
    if "body" in block:
        yield {"type": "end"}
