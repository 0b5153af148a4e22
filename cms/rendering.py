"""How public data reads: as HTML and as plain text.

Everything here works on what is (or will be) in a proof, so that a page, a feed and
a mail made from the same bytes say the same.
"""

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

import nh3
from bs4 import BeautifulSoup
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from wagtail.rich_text import expand_db_html

from . import structures
from .plain_text import text_of_html
from .structures import LEFT_OUT

TAGS = {
    "a", "article", "b", "blockquote", "br", "caption", "div", "em", "figcaption",
    "figure", "h2", "h3", "h4", "i", "img", "li", "ol", "p", "section", "strong",
    "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
ATTRIBUTES: dict[str, set[str]] = {
    # Left to itself nh3 keeps titles, which nobody who signs on a phone ever sees.
    "*": set(),
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "th": {"scope"},
}
# The site's style sheet leaves the one out in print and shows the other only there.
PRINT_CLASSES = ("not-in-print", "only-in-print")
NOT_IN_ONE_LINE = {"Cc", "Cs", "Zl", "Zp"}
SCHEMES = {"https", "http", "mailto", "tel"}


def sanitise(html: str, *, print_marks: bool = False) -> str:
    """Return ``html`` with nothing in it but harmless tags and absolute links.

    With ``print_marks``, what is or is not to be printed stays marked so. Nobody may
    mark what they write: it could be hidden from those who sign.

    >>> sanitise('<p onclick="x()">Hi <a href="/draft">there</a><script>1</script></p>')
    '<p>Hi there</p>'
    """
    clean = nh3.clean(
        html,
        tags=TAGS,
        attributes=ATTRIBUTES | ({"div": {"class"}} if print_marks else {}),
        url_schemes=SCHEMES,
        attribute_filter=_absolute_only,
        link_rel=None,
    )
    # A link whose target was dropped is no link.
    soup = BeautifulSoup(clean, "html.parser")
    for link in soup.find_all("a", href=False):
        link.unwrap()
    return str(soup)


def _absolute_only(tag: str, name: str, value: str) -> str | None:
    if name in ("href", "src") and urlsplit(value).scheme not in SCHEMES:
        return None
    if name == "class" and value not in PRINT_CLASSES:
        return None
    return value


def rich_text(source: str) -> str:
    """Return the stored rich text ``source`` as public HTML.

    Links to other items become their permalinks where those items are released, and
    plain words where they are not (see ``cms.links``).
    """
    return sanitise(expand_db_html(source))


def html(blocks: Iterable[Mapping[str, Any]]) -> str:
    """Return a body, as ``BodyBlock.public`` gives it, as one piece of HTML."""
    said = "\n".join(_HTML[block["type"]](block) for block in blocks)
    return sanitise(said, print_marks=True)


def text(blocks: Iterable[Mapping[str, Any]]) -> str:
    """Return a body as plain text, paragraphs apart by empty lines."""
    parts = (_TEXT[block["type"]](block) for block in blocks)
    return "\n\n".join(filter(None, parts))


def notices(data: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """Return what stands above the text of an item, as HTML and as plain text.

    A closure first, then every forum that did not agree, with its comment where it
    lets it be shown.
    """
    html: list[str] = []
    lines: list[str] = []
    if closure := data.get("closure"):
        html.append(format_html("<p><strong>{}</strong></p>", closure))
        lines.append(closure)
    for dissent in data.get("dissent", []):
        said = f"{dissent['name']} did not agree to this text."
        comment = dissent.get("comment", "")
        words = f" It says: {' '.join(comment.split())}" if comment else ""
        html.append(format_html("<p><strong>{}</strong>{}</p>", said, words))
        lines.append(said + words)
    return html, lines


def paragraphs(words: str) -> str:
    """Return plain ``words`` as HTML paragraphs, one per line that is not empty."""
    lines = [line.strip() for line in words.splitlines() if line.strip()]
    return format_html_join("\n", "<p>{}</p>", ((line,) for line in lines))


def _heading_html(block: Mapping[str, Any]) -> SafeString:
    return format_html("<h2>{}</h2>", block["text"])


def _image_html(block: Mapping[str, Any]) -> SafeString:
    return format_html(
        '<p><img src="{}" alt="{}" width="{}" height="{}"></p>',
        block["url"],
        block["alt"],
        block["width"],
        block["height"],
    )


def _contact_html(block: Mapping[str, Any]) -> SafeString:
    lines = [format_html("<strong>{}</strong>", block["name"])]
    if phone := block.get("phone"):
        lines.append(
            format_html(
                'Telephone: <a href="tel:{}">{}</a>', phone.replace(" ", ""), phone
            )
        )
    if email := block.get("email"):
        lines.append(format_html('Email: <a href="mailto:{}">{}</a>', email, email))
    if hours := block.get("hours"):
        lines.append(format_html("{}", hours))
    body = format_html_join("", "<br>{}", ((line,) for line in lines[1:]))
    return format_html("<p>{}{}</p>", lines[0], body)


def _call_to_action_html(block: Mapping[str, Any]) -> SafeString:
    return format_html(
        '<p><a href="{}"><strong>{}</strong></a></p>', block["url"], block["text"]
    )


def _contact_text(block: Mapping[str, Any]) -> str:
    lines = [block["name"]]
    if "phone" in block:
        lines.append(f"Telephone: {block['phone']}")
    if "email" in block:
        lines.append(f"Email: {block['email']}")
    if "hours" in block:
        lines.append(block["hours"])
    return "\n".join(lines)


def _image_text(block: Mapping[str, Any]) -> str:
    return f"[Image: {block['alt']}]" if block["alt"] else "[Image]"


def _shared_html(block: Mapping[str, Any]) -> str:
    notes, _ = notices(block)
    words = html(block["body"]) if "fingerprint" in block else _NOT_YET_HTML
    return "\n".join(["<section>", *notes, words, "</section>"])


def _shared_text(block: Mapping[str, Any]) -> str:
    _, notes = notices(block)
    words = text(block["body"]) if "fingerprint" in block else NOT_YET
    return "\n\n".join([*notes, words])


# Only ever seen in a preview: nothing that holds this can be frozen.
NOT_YET = "A shared block stands here. It shows once its forums have signed it."
_NOT_YET_HTML = format_html("<p>{}</p>", NOT_YET)


def _voice_html(block: Mapping[str, Any]) -> SafeString:
    parts = []
    if url := block.get("url"):
        parts.append(_image_html({**block, "url": url}))
    if words := block.get("words"):
        parts.append(format_html("<blockquote>{}</blockquote>", paragraphs(words)))
    if film := block.get("film"):
        parts.append(
            format_html('<p><a href="{}">{}</a></p>', film, block["film_title"])
        )
    if transcript := block.get("transcript"):
        parts.append(
            format_html("<p><strong>In words</strong></p>\n{}", paragraphs(transcript))
        )
    if name := block.get("attribution"):
        parts.append(format_html("<p>{}</p>", name))
    said = format_html_join("\n", "{}", ((part,) for part in parts))
    if block.get("print", True):
        return said
    return format_html(
        '<div class="not-in-print">{}</div>\n<div class="only-in-print"><p>{}</p></div>',
        said,
        LEFT_OUT,
    )


def _voice_text(block: Mapping[str, Any]) -> str:
    parts = []
    if "url" in block:
        parts.append(_image_text(block))
    if words := block.get("words"):
        parts.append(f"“{words}”")
    if film := block.get("film"):
        parts.append(f"{block['film_title']}: {film}")
    if transcript := block.get("transcript"):
        parts.append(f"In words:\n{transcript}")
    if name := block.get("attribution"):
        parts.append(f"({name})")
    return "\n\n".join(parts)


_HTML: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "heading": _heading_html,
    "paragraph": lambda block: block["html"],
    "image": _image_html,
    "contact": _contact_html,
    "call_to_action": _call_to_action_html,
    "voice": _voice_html,
    "left_out": lambda block: format_html("<p>{}</p>", LEFT_OUT),
    **structures.HTML,
    "shared_block": _shared_html,
}
_TEXT: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "heading": lambda block: block["text"].upper(),
    "paragraph": lambda block: text_of_html(block["html"]),
    "image": _image_text,
    "contact": _contact_text,
    "call_to_action": lambda block: f"{block['text']}: {block['url']}",
    "voice": _voice_text,
    "left_out": lambda block: LEFT_OUT,
    **structures.TEXT,
    "shared_block": _shared_text,
}


def one_line(words: str) -> str:
    """Return ``words`` without anything that a mail header could take for more.

    Django refuses CR and LF but lets NUL and the Unicode line ends through, and it
    leaves ``=?`` alone, with which the reader's mail program would begin to decode
    (RFC 2047): what was signed as one thing would read as another.

    >>> one_line("News\\r\\nBcc: everyone@example.org\\u2028today\\0")
    'News Bcc: everyone@example.org today'
    """
    safe = (
        " " if unicodedata.category(sign) in NOT_IN_ONE_LINE else sign for sign in words
    )
    return " ".join("".join(safe).replace("=?", "= ?").split())
