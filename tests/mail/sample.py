"""A mail with everything in it that can be in one, made without a database."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from site_settings.models import NewsletterSettings, PublisherSettings
from syndication.newsletters import messages, representation
from syndication.newsletters.moulds import Mould

HERE = Path(__file__).resolve().parent
CONTRACT = HERE.parent / "contract"
ISSUE = "0b3ac3f6-0d8e-4f7e-9c39-8b6f6f1d2a01"
GONE = "0b3ac3f6-0d8e-4f7e-9c39-8b6f6f1d2a04"
TOKEN = "0f0c2f0e3c0b4a539c3a3f1f2f9f0001.Kb0klDfPlH_huXbQzTdSbSlcdDOxY4Q7PJlptEuVoss"
PERSONAL = {
    "to": "parent@example.org",
    "message_id": "<5f0c2f0e-3c0b-4a53-9c3a-3f1f2f9f0001@localoffer.example>",
    "unsubscribe": f"https://localoffer.example/newsletter/unsubscribe/{TOKEN}/",
    "preferences": f"https://localoffer.example/newsletter/preferences/{TOKEN}/",
}
SHROPSHIRE = {"slug": "shropshire", "name": "Shropshire"}
TELFORD = {"slug": "telford-and-wrekin", "name": "Telford and Wrekin"}
ARABIC = "\u0627\u0644\u0645\u0633\u0627\u0639\u062f\u0629 \u0641\u064a \u0627\u0644\u0643\u0644\u0627\u0645"
LONG_WORD = "Sprachentwicklungsverzögerungsberatungsstelle" * 3


def forum(slug: str, name: str, decision: str = "agree") -> dict[str, str]:
    return {
        "slug": slug,
        "name": name,
        "role": "forum",
        "decision": decision,
        "signed_at": "2026-12-01T09:30:00Z",
    }


PACC = forum("pacc", "Shropshire Parent and Carer Council")
PODS = forum("pods", "Parents Opening Doors")


def receipt(*forums: dict[str, str], **more: Any) -> dict[str, Any]:
    return {
        "url": f"https://localoffer.example/receipts/{'5' * 64}",
        "label": {
            "slug": "reviewed",
            "name": "Reviewed by forum",
            "reason": "PACC read the finished text and agreed to it.",
        },
        "forums": list(forums),
        **more,
    }


def item(number: int, title: str, **more: Any) -> dict[str, Any]:
    return {
        "content_id": f"{ISSUE[:-1]}{number}",
        "version": 1,
        "kind": "news",
        "language": "en-GB",
        "title": title,
        "summary": "What has changed, in a sentence or two, and for whom it matters.",
        "areas": [SHROPSHIRE],
        **more,
    }


def sections() -> list[dict[str, str]]:
    """Every way in which an item can stand in a mail, one after the other."""
    blocks = json.loads((CONTRACT / "blocks.json").read_text())
    changed = {"changed_at": "2026-12-02T10:00:00Z", "fields": ["phone"]}
    shown = [
        representation.section(
            item(2, "Short breaks this winter: “what’s on” & where"),
            receipt(PACC, PODS),
        ),
        representation.section(
            item(
                3,
                f"{ARABIC} 👩‍👧‍👦 {LONG_WORD}",
                areas=[SHROPSHIRE, TELFORD],
                closure="Closed on Friday 4 December because of the snow.",
                dissent=[
                    {
                        "forum": "pods",
                        "name": "Parents Opening Doors",
                        "comment": "The waiting time is longer than it says.",
                    }
                ],
            ),
            receipt(before_review=changed),
        ),
        representation.section(item(4, "Taken back since"), receipt(PACC)),
    ]
    every_block = {
        "content_id": f"{ISSUE[:-1]}5",
        "html": "<h2>Every block</h2>\n" + blocks["html"],
        "text": "Every block\n-----------\n\n" + blocks["text"],
    }
    return [*shown, every_block]


def issue(**more: Any) -> dict[str, Any]:
    """The signed representation of an issue, as far as its mail needs it."""
    found = sections()
    return {
        "content_id": ISSUE,
        "kind": "issues",
        "language": "en-GB",
        "title": "SEND news, 3 December 2026: snow, sledges & “what’s on” ❄️",
        "summary": "4 items for families in Shropshire and Telford and Wrekin.",
        "introduction": "Dear families,\nhere is what your forums agreed this week.",
        "areas": [SHROPSHIRE, TELFORD],
        "items": [{"content_id": one["content_id"], "version": 1} for one in found],
        "sections": found,
        **more,
    }


def make(data: dict[str, Any] | None = None, **more: Any) -> Mould:
    """The mould of the mail of ``data``, or of the issue with everything in it."""
    data = data or issue()
    options: dict[str, Any] = {
        "newsletter": NewsletterSettings(
            title="SEND news", from_name="PACC & PODS", reply_to="news@example.org"
        ),
        "publisher": PublisherSettings(
            name="Shropshire Local Offer",
            contact_email="offer@example.org",
            postal_address="1 Example Road, Shrewsbury SY1 1AA",
        ),
        "date": datetime(2026, 12, 3, 9, 0, tzinfo=UTC),
        "subject": data["title"],
    }
    return messages.make(
        data,
        receipt(PACC, PODS),
        data["sections"],
        frozenset({GONE}),
        **options | more,
    )
