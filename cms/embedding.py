"""Shared blocks inside a text: what stands in their place, and how deep.

A text can only hold what is public of a shared block, word for word. ``cms`` does not
know what is public; it asks (``signals.public_versions``).
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any
from uuid import UUID

from .errors import NotSignedOff
from .signals import public_versions

Block = Mapping[str, Any]

TYPE = "shared_block"
KIND = "shared-block"
# A page may hold a shared block, which may hold one that holds none.
LEVELS = 2
NOT_PUBLIC = (
    "This shared block is not public, so it cannot be shown. Submit the block and let "
    "its forums sign it first, or take it out here."
)
TOO_DEEP = (
    "A shared block in this holds a shared block that holds another. Two levels are "
    "the most: take one out."
)
VOICE = "voice"
VOICE_INSIDE = (
    "A shared block cannot hold a voice: a family agrees to one text, not to wherever "
    "this stands. Put the voice into the text itself."
)
CIRCLE = "This shared block would stand in itself. Take it out."


def placeholder(content_id: UUID | None) -> dict[str, Any]:
    """What stands for a shared block until ``fill`` puts its public version there."""
    return {"type": TYPE, "content_id": str(content_id or ""), "body": []}


def fill(body: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return a body in which every shared block that is public has its words.

    Others stay as placeholders, which ``check`` refuses: a preview can show them, a
    proof cannot hold them. One question for all of them, however many.
    """
    blocks = list(body)
    wanted = {block["content_id"] for block in blocks if block["type"] == TYPE}
    found = current(wanted)
    return [
        found.get(block["content_id"], block) if block["type"] == TYPE else block
        for block in blocks
    ]


def current(content_ids: Collection[str]) -> dict[str, dict[str, Any]]:
    """The blocks that stand for these shared blocks, of those that are public."""
    wanted = [UUID(one) for one in content_ids if one]
    if not wanted:
        return {}
    answers: Any = public_versions.send(sender=None, content_ids=wanted)
    return {
        str(content_id): block_of(**version)
        for _, found in answers
        for content_id, version in found.items()
        if version["data"]["kind"] == KIND
    }


def block_of(
    *, data: Mapping[str, Any], version: int, fingerprint: str
) -> dict[str, Any]:
    """How a public version of a shared block stands in a text.

    ``data`` is its representation. A dissent goes with the words it is about.
    """
    block = {
        "type": TYPE,
        "content_id": data["content_id"],
        "version": version,
        "fingerprint": fingerprint,
        "title": data["title"],
        "body": data["body"],
    }
    if "dissent" in data:
        block["dissent"] = data["dissent"]
    return block


def shared(body: Iterable[Block]) -> Iterator[Block]:
    """Yield the shared blocks that a text itself holds, not those inside them."""
    for block in body:
        if block["type"] == TYPE:
            yield block
        else:
            yield from shared(block.get("body", []))


def levels(body: Iterable[Block]) -> int:
    """How many shared blocks stand inside each other at the deepest place."""
    return max((1 + levels(block["body"]) for block in shared(body)), default=0)


def why_not(data: Mapping[str, Any]) -> str:
    """Why a representation cannot be frozen or released; empty when it can."""
    body = data.get("body", [])
    inside = list(every_shared(body))
    if any("fingerprint" not in block for block in inside):
        return NOT_PUBLIC
    if any(block["content_id"] == data["content_id"] for block in inside):
        return CIRCLE
    own = body if data["kind"] == KIND else ()
    if any(block["type"] == VOICE for block in (*own, *_blocks_of(inside))):
        return VOICE_INSIDE
    if levels(body) + (data["kind"] == KIND) > LEVELS:
        return TOO_DEEP
    return ""


def _blocks_of(inside: Iterable[Block]) -> Iterator[Block]:
    for block in inside:
        yield from block["body"]


def check(data: Mapping[str, Any]) -> None:
    """Raise ``NotSignedOff`` for what nobody may freeze. Fails closed."""
    if reason := why_not(data):
        raise NotSignedOff(f"“{data['title']}”: {reason}")


def every_shared(body: Iterable[Block]) -> Iterator[Block]:
    """Yield every shared block in a text, also those inside others."""
    for block in shared(body):
        yield block
        yield from every_shared(block["body"])


def public(content_id: UUID) -> dict[str, Any] | None:
    """The representation of an item as it is public now; None when it is not."""
    answers: Any = public_versions.send(sender=None, content_ids=[content_id])
    for _, found in answers:
        if content_id in found:
            data: dict[str, Any] = found[content_id]["data"]
            return data
    return None


def as_public(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``data`` with its shared blocks as they stand in the item's public text.

    For a correction: it alters a fact and nothing else, so it can neither bring a new
    version of a shared block nor one that was taken away.
    """
    now = public(UUID(data["content_id"]))
    body, there = data["body"], now["body"] if now else []
    if len(body) != len(there):
        return dict(data)
    return {
        **data,
        "body": [
            old if new["type"] == TYPE and _same_place(new, old) else new
            for new, old in zip(body, there, strict=True)
        ],
    }


def _same_place(new: Block, old: Block) -> bool:
    return bool(
        old["type"] == "left_out"
        or (old["type"] == TYPE and old["content_id"] == new["content_id"])
    )
