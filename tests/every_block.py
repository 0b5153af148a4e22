"""A body that holds every block, and the files that it needs."""

import io
import zipfile

from django.core.files.base import ContentFile
from django.core.files.images import ImageFile
from PIL import Image as Picture
from wagtail.documents.models import Document
from wagtail.images.models import Image

PDF = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< >>\n%%EOF\n"


def make_picture(title="A door", *, size=(40, 30), colour="teal"):
    file = io.BytesIO()
    Picture.new("RGB", size, colour).save(file, "PNG")
    return Image.objects.create(title=title, file=ImageFile(file, name="door.png"))


def make_document(title="A leaflet", *, data=PDF, name="leaflet.pdf"):
    return Document.objects.create(title=title, file=ContentFile(data, name=name))


def make_docx(*parts):
    """A Word document with nothing in it but these parts."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as package:
        for part in ("[Content_Types].xml", "word/document.xml", *parts):
            package.writestr(part, "<xml/>")
    return file.getvalue()


def steps():
    return {
        "type": "steps",
        "value": {
            "steps": [
                {
                    "title": "Ring the advice line",
                    "text": "<p>Say what worries you.</p>",
                },
                {"title": "Try what you agreed", "text": ""},
            ]
        },
    }


def question():
    return {
        "type": "question",
        "value": {
            "question": "Do I need a referral?",
            "answer": "<p>No. <b>Any</b> parent can ring.</p>",
        },
    }


def picture(image):
    return {
        "type": "image",
        "value": {"image": image.pk, "alt_text": "An open door", "decorative": False},
    }


def diagram(image, words=None):
    point = {"name": "Ring us", "meaning": "any weekday"}
    words = (
        [
            {"type": "steps", "value": {"heading": "Two steps", "points": [
                point, {"name": "Wait", "meaning": ""}]}},
            {"type": "values", "value": {"heading": "Our values", "points": [
                {"name": "Openness", "meaning": ""}]}},
            {"type": "labels", "value": {"heading": "Labels", "points": [
                {"name": "Blue", "meaning": "Shropshire"}]}},
            {"type": "relations", "value": {"heading": "Arrows", "points": [
                {"start": "The call", "relation": "leads to", "end": "a visit"}]}},
        ]
        if words is None
        else words
    )  # fmt: skip
    return {
        "type": "diagram",
        "value": {
            "title": "From the call to the visit",
            "image": image.pk if image else None,
            "alt_text": "Two boxes with an arrow between them",
            "words": words,
        },
    }


def video(**values):
    return {
        "type": "video",
        "value": {
            "title": "All about stammering",
            "url": "https://films.example.org/stammering",
            "length": "3 minutes",
            "captions_url": "https://films.example.org/stammering.vtt",
            "captions_in_picture": False,
            "transcript": "<p>Sam says: I stammer, and that is fine.</p>",
        }
        | values,
    }


def table(columns=("Day", "Opens", "Closes"), rows=(("Monday", "9am", "noon"), ("Friday", "1pm", "")), *, by_row=True, caption="Opening hours"):  # fmt: skip
    return {
        "type": "table",
        "value": {
            "first_column_is_heading": by_row,
            "table": {
                "columns": [{"type": "text", "heading": one} for one in columns],
                "rows": [{"values": list(row)} for row in rows],
                "caption": caption,
            },
        },
    }


def related(*pages):
    return {
        "type": "related_items",
        "value": {"heading": "Read more", "pages": [page.pk for page in pages]},
    }


def attachment(document):
    return {
        "type": "attachment",
        "value": {
            "title": "The leaflet",
            "document": document.pk,
            "contents": "The same steps on one page, to print.",
        },
    }


def every_block(image, document, *pages):
    """One of each, in the order in which they are offered."""
    return [
        {"type": "heading", "value": "Who to ring"},
        {"type": "paragraph", "value": "<p>Ring the <b>advice line</b> first.</p>"},
        picture(image),
        {
            "type": "contact",
            "value": {
                "name": "Advice line",
                "phone": "01632 960101",
                "email": "advice@example.org",
                "hours": "Mondays, 9am to noon",
            },
        },
        {
            "type": "call_to_action",
            "value": {"text": "Book a place", "url": "https://example.org/book"},
        },
        steps(),
        question(),
        diagram(image),
        video(),
        table(),
        related(*pages),
        attachment(document),
    ]
