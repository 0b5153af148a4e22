"""The co-production model as a diagram with all its words, and a plain picture of it.

The model is NHS England's and the Coalition for Personalised Care's: five values and
seven steps. On the page that this service began with it was a picture alone.
"""

import io
from math import cos, pi, sin
from typing import Any

from django.core.files.images import ImageFile
from PIL import Image as Picture
from PIL import ImageDraw
from wagtail.images.models import Image

VALUES = [
    ("Ownership and support by all", "everybody owns it, and everybody backs it"),
    ("Openness and honesty", ""),
    ("Sharing power and decisions", ""),
    ("Clear communication", "in plain words, and in the format that somebody needs"),
    ("People valued and respected", ""),
]
STEPS = [
    ("Senior champions", "people at the top speak for it"),
    ("Open and fair recruitment", "anybody can find out how to take part"),
    ("Reward and recognise input", "time is paid for, and people are thanked"),
    ("Co-produce early", "before anything is decided"),
    ("Build it into programmes", "it is how the work is done, not an extra"),
    ("Train staff and people", "together, where that is possible"),
    ("Review and report", "“We said, we did”"),
]
COLOURS = ("#0b5d56", "#00508c", "#8a4b00", "#6b2d73", "#7a1f2b")


def block(image: Image) -> dict[str, Any]:
    """Return the diagram as a block of a body, with ``image`` as its picture."""
    return {
        "type": "diagram",
        "value": {
            "title": "Co-production: five values and seven steps",
            "image": image.pk,
            "alt_text": "Five circles that touch each other in a ring, and below them "
            "seven boxes in a row.",
            "words": [
                {"type": "values", "value": _part("Five values", VALUES)},
                {"type": "steps", "value": _part("Seven steps", STEPS)},
                {
                    "type": "relations",
                    "value": {
                        "heading": "How they belong together",
                        "points": [
                            {
                                "start": "The five values",
                                "relation": "carry each of",
                                "end": "the seven steps",
                            },
                            {
                                "start": "“Review and report”",
                                "relation": "leads back to",
                                "end": "“Senior champions”",
                            },
                        ],
                    },
                },
            ],
        },
    }


def blocks() -> list[dict[str, Any]]:
    """Return the diagram with a picture of its own, as the blocks of a body."""
    return [block(picture())]


def picture() -> Image:
    """Draw the five circles and the seven boxes, so that nothing has to be fetched."""
    drawn = Picture.new("RGB", (1200, 1000), "#f1f5f4")
    pen = ImageDraw.Draw(drawn)
    for number, colour in enumerate(COLOURS):
        angle = 2 * pi * number / len(COLOURS) - pi / 2
        x, y = 600 + 235 * cos(angle), 390 + 235 * sin(angle)
        pen.ellipse((x - 136, y - 136, x + 136, y + 136), fill=colour)
    for number in range(len(STEPS)):
        left = 50 + number * 160
        pen.rectangle((left, 830, left + 130, 940), fill=COLOURS[0])
        if number:
            pen.line((left - 30, 885, left, 885), fill="#1b1b1f", width=6)
    file = io.BytesIO()
    drawn.save(file, "PNG")
    file.seek(0)
    image: Image = Image.objects.create(
        title="Co-production model (demonstration)",
        file=ImageFile(file, "co-production-model.png"),
    )
    return image


def _part(heading: str, points: list[tuple[str, str]]) -> dict[str, Any]:
    return {
        "heading": heading,
        "points": [{"name": name, "meaning": meaning} for name, meaning in points],
    }
