"""How a proof will look where families meet it.

A web page is shown here. Other channels say themselves how they will carry a text
(``register``), because nothing in ``cms`` knows them.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

from .models import Proof


@dataclass(frozen=True)
class Appearance:
    """A text as one channel carries it: ``html`` is a whole document, or ``text``."""

    name: str
    html: str = ""
    text: str = ""


Show: TypeAlias = Callable[[Proof], Iterable[Appearance]]
_channels: list[Show] = []


def register(show: Show) -> None:
    """Let a channel show how it will carry a proof. Called once, when it is ready."""
    _channels.append(show)


def of(proof: Proof) -> list[Appearance]:
    """Return how each channel will carry ``proof``, then all of it as plain text."""
    found = [appearance for show in _channels for appearance in show(proof)]
    item = proof.representation
    words = [item["title"], item.get("summary", ""), item["text"]]
    return [
        *found,
        Appearance(
            "The whole text as plain text", text="\n\n".join(filter(None, words))
        ),
    ]
