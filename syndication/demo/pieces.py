"""The blocks and lines that the demonstration's texts are made of."""

import datetime as dt
from typing import Any

from django.utils import timezone

from cms.models import Consent, Forum, SharedBlock

DISCLAIMER = (
    "<p><i>Demonstration text. No forum, council or health service has agreed to it; "
    "the sign-offs shown are made up to show how Countersign works. Please do not rely "
    "on it for advice.</i></p>"
)
# What ``Area`` each item is for, by slugs.
SHROPSHIRE, TELFORD, OUTSIDE = "shropshire", "telford-and-wrekin", "outside-our-area"
BOTH = (SHROPSHIRE, TELFORD)

Block = dict[str, Any]
# A text with ``state`` and what ``states`` needs to take it there.
Item = dict[str, Any]


def heading(words: str) -> Block:
    return {"type": "heading", "value": words}


def text(html: str) -> Block:
    return {"type": "paragraph", "value": html}


def contact(name: str, phone: str, email: str, hours: str = "") -> Block:
    value = {"name": name, "phone": phone, "email": email, "hours": hours}
    return {"type": "contact", "value": value}


def action(words: str, url: str) -> Block:
    return {"type": "call_to_action", "value": {"text": words, "url": url}}


def steps(*said: tuple[str, str]) -> Block:
    """Steps in their order, each a title and what it says, which may be empty."""
    return {
        "type": "steps",
        "value": {"steps": [{"title": title, "text": html} for title, html in said]},
    }


def question(asked: str, html: str) -> Block:
    return {"type": "question", "value": {"question": asked, "answer": html}}


def table(caption: str, columns: tuple[str, ...], *rows: tuple[str, ...]) -> Block:
    """A table whose first column names its rows."""
    return {
        "type": "table",
        "value": {
            "first_column_is_heading": True,
            "table": {
                "caption": caption,
                "columns": [{"type": "text", "heading": one} for one in columns],
                "rows": [{"values": list(row)} for row in rows],
            },
        },
    }


def related(words: str, *keys: int) -> Block:
    """Links to other pages, by their keys."""
    value = {"heading": words, "pages": list(keys)}
    return {"type": "related_items", "value": value}


def shared(block: SharedBlock) -> Block:
    return {"type": "shared_block", "value": block.pk}


def voice(consent: Consent, kind: str, words: str) -> Block:
    value = {
        "consent": consent.pk,
        "kind": kind,
        "words": words,
        "photo": None,
        "film": "",
        "film_title": "",
        "transcript": "",
    }
    return {"type": "voice", "value": value}


def available(form: str, address: str, language: str = "") -> Block:
    """An entry of the register of formats: there is one, made for this text."""
    return _format(
        form,
        language,
        state="available",
        url=address,
        checked_on=timezone.localdate().isoformat(),
    )


def on_request(form: str, days: int, language: str = "") -> Block:
    """An entry of the register of formats: whoever asks has it within so many days."""
    return _format(form, language, state="on_request", days=days)


def took_part(who: str | None, stage: str, how_many: str = "") -> Block:
    """One line of a co-production record; ``who`` is a forum's slug or a group."""
    forum = Forum.objects.filter(slug=who).first()
    value = {
        "forum": forum.pk if forum else None,
        "who": "" if forum else who,
        "stage": stage,
        "how_many": how_many,
    }
    return {"type": "part", "value": value}


def day(*, after: int) -> dt.date:
    """The day so many days from now."""
    return timezone.localdate() + dt.timedelta(days=after)


def _format(form: str, language: str, **said: Any) -> Block:
    value = {"url": "", "checked_on": None, "version": None, "days": None}
    return {
        "type": "format",
        "value": {"format": form, "language": language, **value, **said},
    }
