"""Blocks that tell what to do and answer what is asked."""

from typing import Any

from wagtail import blocks

from .rich_text import WITHIN, ParagraphBlock, html_of


class StepBlock(blocks.StructBlock):
    title = blocks.CharBlock(
        max_length=120, help_text="What to do, for example “Ring the advice line”."
    )
    text = ParagraphBlock(
        required=False,
        features=WITHIN,
        label="More about it",
        help_text="How, and what happens then.",
    )

    class Meta:
        icon = "tick"
        label = "Step"


class StepsBlock(blocks.StructBlock):
    """What to do, one thing after another. Numbers come by themselves."""

    steps = blocks.ListBlock(StepBlock(), min_num=2, label="Steps, in order")

    class Meta:
        icon = "list-ol"
        label = "Steps"
        description = "What to do, one thing after another."

    def public(self, value: Any) -> dict[str, Any]:
        return {"type": "steps", "steps": [_step(step) for step in value["steps"]]}


def _step(step: Any) -> dict[str, str]:
    html = html_of(step["text"])
    return {"title": step["title"].strip(), **({"html": html} if html else {})}


class QuestionBlock(blocks.StructBlock):
    question = blocks.CharBlock(
        max_length=200,
        help_text="As a parent would ask it, for example “Do I need a referral?”",
    )
    answer = ParagraphBlock(features=WITHIN, label="Answer")

    class Meta:
        icon = "help"
        label = "Question and answer"
        description = "One question that families ask, and its answer."

    def public(self, value: Any) -> dict[str, Any]:
        return {
            "type": "question",
            "question": value["question"].strip(),
            "html": html_of(value["answer"]),
        }
