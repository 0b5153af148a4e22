"""How a proof will look where families meet it.

A web page is shown here. Other channels say themselves how they will carry a text
(``register``), because nothing in ``cms`` knows them.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from . import channels, consent
from .channels import API, EMAIL, FEEDS, SITE
from .models import Proof


@dataclass(frozen=True)
class Appearance:
    """A text as one channel carries it: ``html`` is a whole document, or ``text``."""

    name: str
    html: str = ""
    text: str = ""


# What is not the same everywhere is shown as each channel gets it.
ELSEWHERE = {
    API: "What partners’ sites get of it, as plain text",
    FEEDS: "What feeds carry of it, as plain text",
    EMAIL: "What email may carry of it, as plain text",
}

Show: TypeAlias = Callable[[Proof], Iterable[Appearance]]
_channels: list[Show] = []


def register(show: Show) -> None:
    """Let a channel show how it will carry a proof. Called once, when it is ready."""
    _channels.append(show)


def of(proof: Proof) -> list[Appearance]:
    """Return how each channel will carry ``proof``, then all of it as plain text."""
    found = [appearance for show in _channels for appearance in show(proof)]
    forms = consent.forms_of(proof)
    return [
        *found,
        Appearance("The whole text as plain text", text=_plain(forms[SITE])),
        *(
            Appearance(name, text=_plain(forms[channel]))
            for channel, name in ELSEWHERE.items()
            if channels.without_print(forms[SITE]) != forms[channel]
        ),
    ]


def _plain(item: Mapping[str, Any]) -> str:
    words = [item["title"], item.get("summary", ""), item["text"]]
    return "\n\n".join(filter(None, words))
