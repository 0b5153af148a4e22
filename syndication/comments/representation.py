"""What readers of an answer get, as plain data that forums sign."""

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.html import format_html

from cms import rendering
from cms.models import Comment
from cms.rendering import one_line
from cms.representation import SCHEMA, named, whole, with_when_and_how
from syndication.models import permalink

if TYPE_CHECKING:
    from .models import YouSaidWeDid

# In the middle of a sentence.
TOPICS = {
    Comment.Topic.CONTENT: "what a page says",
    Comment.Topic.ACCESSIBILITY: "how easy a page is to find, read or use",
    Comment.Topic.MAKING: "how a page was made, and who was asked",
}


def of_answer(answer: "YouSaidWeDid") -> dict[str, Any]:
    """Return the representation of an answer as it is now.

    Names the text that it is about by its address alone: words of a text that is taken
    back must not go on standing here.
    """
    comment = answer.comment
    data: dict[str, Any] = {
        "schema": SCHEMA,
        "content_id": str(answer.content_id),
        "kind": answer.kind,
        "language": "en-GB",
        "title": one_line(answer.title),
        "summary": (
            f"What somebody said about {TOPICS[Comment.Topic(comment.topic)]}, what we "
            "answer and what we do."
        ),
        "areas": named(answer.areas_covered()),
        "topics": [],
        "about": {
            "content_id": str(comment.content_id),
            "url": permalink(comment.content_id),
        },
        "comment": {
            "topic": comment.topic,
            "gap": comment.is_gap,
            "said": answer.said.strip(),
        },
        "response": answer.response.strip(),
        "action": answer.action.strip(),
        **with_when_and_how(answer),
    }
    if answer.result is not None:
        data["result"] = {
            "version": answer.result.version,
            "fingerprint": answer.result.fingerprint,
            "url": f"{settings.PUBLIC_ORIGIN}/receipts/{answer.result.fingerprint}",
        }
    return whole(data | {"body": _body(data)})


def _body(data: dict[str, Any]) -> list[dict[str, Any]]:
    page = format_html(
        '<p><a href="{}">The page that this is about</a></p>', data["about"]["url"]
    )
    if data["comment"]["gap"]:
        page = format_html("<p>This is about something that is missing.</p>\n{}", page)
    parts = [
        ("You said", rendering.paragraphs(data["comment"]["said"]), page),
        ("Our answer", rendering.paragraphs(data["response"]), ""),
    ]
    if data["action"] or "result" in data:
        result = ""
        if "result" in data:
            result = format_html(
                '<p><a href="{}">Version {} of the page</a> came of it.</p>',
                data["result"]["url"],
                data["result"]["version"],
            )
        parts.append(("What we do", rendering.paragraphs(data["action"]), result))
    return [
        block
        for heading, words, more in parts
        if words or more
        for block in (
            {"type": "heading", "text": heading},
            {
                "type": "paragraph",
                "html": rendering.sanitise("\n".join(filter(None, [words, more]))),
            },
        )
    ]
