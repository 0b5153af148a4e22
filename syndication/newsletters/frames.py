"""The fixed frame around signed words, as the HTML and the plain text of a mail.

What the frame adds is the same for everybody but two links: to leave, and to change what
one gets. Besides them it has the web page, who agreed, who sends it and how to ask.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string

from cms import mail_styles, rendering
from cms.rendering import one_line
from site_settings.models import NewsletterSettings, PublisherSettings
from syndication import receipts
from syndication.models import permalink

from . import flowed
from .errors import TooLongForMail
from .models.issues import Issue

# Gmail shows about 102,000 bytes of HTML and hides the rest, the link to leave with it.
LONGEST_HTML = 90_000
FROM_RIGHT_TO_LEFT = frozenset(
    {"ar", "ckb", "dv", "fa", "he", "prs", "ps", "sd", "ug", "ur", "yi"}
)
AT_ONCE = (
    "You get this because you asked for news as it happens and confirmed your address."
)
IN_ISSUES = "You get this because you asked for it and confirmed your address."


@dataclass(frozen=True)
class Frame:
    """A mail's two parts. The lines of ``text`` are short (see ``flowed``)."""

    html: str
    text: str


def render(
    signed: Mapping[str, Any],
    receipt: Mapping[str, Any] | None,
    sections: Iterable[Mapping[str, str]],
    *,
    newsletter: NewsletterSettings,
    publisher: PublisherSettings,
    unsubscribe: str,
    preferences: str,
    warning: str = "",
) -> Frame:
    """Return the mail of an issue, or of one item that is mailed by itself.

    Without a ``receipt`` nothing is said of who agreed. ``warning`` stands above
    everything, for a mail that is no newsletter: a test.
    """
    context = _context(signed, receipt, sections, newsletter, publisher) | {
        "unsubscribe": unsubscribe,
        "preferences": preferences,
        "warning": warning,
    }
    html = render_to_string("newsletters/mail/issue.html", context)
    text = render_to_string("newsletters/mail/issue.txt", context)
    return Frame(
        html=_without_empty_lines(mail_styles.inline(html)),
        text=flowed.flow(text.strip("\n")),
    )


def _without_empty_lines(html: str) -> str:
    return "\n".join(filter(None, map(str.rstrip, html.split("\n"))))


def check_length(html: str) -> None:
    """Raise ``TooLongForMail`` where mail programs would cut off the end."""
    if why := why_too_long(html):
        raise TooLongForMail(why)


def why_too_long(html: str) -> str:
    """Say that a mail is too long, and what to do; empty where it is not."""
    size = len(html.encode())
    if size <= LONGEST_HTML:
        return ""
    return (
        f"This newsletter is too long for an email: {size:,} bytes, and mail programs "
        f"cut off what comes after {LONGEST_HTML:,}. Leave some items out; they can "
        "be put into the next issue."
    )


def _context(
    signed: Mapping[str, Any],
    receipt: Mapping[str, Any] | None,
    sections: Iterable[Mapping[str, str]],
    newsletter: NewsletterSettings,
    publisher: PublisherSettings,
) -> dict[str, Any]:
    is_issue = signed["kind"] == Issue.kind
    name = one_line(newsletter.title)
    # Who did not agree to an issue stands at its top, as on its page. An item says it
    # below its own title.
    notices_html, notices_text = rendering.notices(signed) if is_issue else ([], [])
    introduction = signed.get("introduction", "") if is_issue else ""
    language = signed["language"]
    return {
        "language": language,
        "direction": "rtl"
        if language.partition("-")[0] in FROM_RIGHT_TO_LEFT
        else "ltr",
        "subject": signed["title"],
        "summary": signed["summary"],
        "heading": signed["title"] if is_issue else name,
        "newsletter": name,
        "publisher": one_line(publisher.name),
        # PECR regulation 23: who sends, and an address for asking to stop.
        "contact": newsletter.reply_to or publisher.contact_email,
        "postal_address": one_line(publisher.postal_address),
        "because": IN_ISSUES if is_issue else AT_ONCE,
        "notices": "\n".join(notices_html),
        "notices_text": "\n\n".join(notices_text),
        "introduction": rendering.paragraphs(introduction),
        "introduction_text": introduction,
        "sections": list(sections),
        # An item says in its section who agreed to it.
        "who": receipts.sentence(receipt) if is_issue and receipt else "",
        "label": receipts.label(receipt) if is_issue and receipt else "",
        "check": receipt["url"] if receipt else "",
        "on_the_web": permalink(signed["content_id"]),
    }
