"""What a text may call itself, computed from what happened. Never typed.

“Co-produced” needs a parent carer forum that helped before anything was written, and
its agreement to the result. Everything less is called what it is.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.text import get_text_list

from .models.proofs import AGREED, SignOff
from .models.vocabulary import Forum

NAMES = {
    "co-produced": "Co-produced",
    "consulted": "Consulted",
    "reviewed": "Reviewed by forum",
    "information": "Information only",
}


@dataclass(frozen=True)
class Answer:
    """What one signatory said, as far as a label depends on it."""

    slug: str
    name: str
    role: str
    decision: str


@dataclass(frozen=True)
class Label:
    """``slug`` is one of ``NAMES``; ``reason`` is a sentence that says why."""

    slug: str
    reason: str

    @property
    def name(self) -> str:
        return NAMES[self.slug]

    def as_data(self) -> dict[str, str]:
        return {"slug": self.slug, "name": self.name, "reason": self.reason}


def answers(sign_offs: Iterable[SignOff]) -> list[Answer]:
    """What counts for a label among the answers to one proof."""
    return [
        Answer(one.forum.slug, one.forum.short_name, one.forum.role, one.decision)
        for one in sign_offs
        if one.counts
    ]


def of(payload: Mapping[str, Any], answers: Iterable[Answer]) -> Label:
    """Return the label of a text with these answers of its signatories."""
    agreed = {
        answer.slug: answer.name
        for answer in answers
        if answer.role == Forum.Role.FORUM and answer.decision in AGREED
    }
    if not agreed:
        return Label("information", "No parent carer forum has agreed to this text.")
    parts = payload.get("co_production", {}).get("parts", [])
    early = [
        agreed[part["forum"]]
        for part in parts
        if part.get("forum") in agreed and part["stage"] == "idea"
    ]
    if early:
        who = get_text_list(early, "and")
        return Label(
            "co-produced",
            f"{who} helped before anything was written and agreed to the result.",
        )
    if parts:
        who = get_text_list(list(dict.fromkeys(part["who"] for part in parts)), "and")
        return Label(
            "consulted",
            f"Asked while it was made: {who}. No forum that agreed to it helped before "
            "anything was written.",
        )
    who = get_text_list(list(agreed.values()), "and")
    return Label("reviewed", f"{who} read the finished text and agreed to it.")


def expected(payload: Mapping[str, Any], forums: Iterable[Forum]) -> Label:
    """The label that a text will have once all of ``forums`` agree to it."""
    dissenting = {dissent["forum"] for dissent in payload.get("dissent", [])}
    return of(
        payload,
        (
            Answer(
                forum.slug,
                forum.short_name,
                forum.role,
                SignOff.Decision.DISSENT
                if forum.slug in dissenting
                else SignOff.Decision.AGREE,
            )
            for forum in forums
        ),
    )
