"""The blocks of a body: what they say in every form, and what cannot be submitted."""

import datetime as dt
import json
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from wagtail.test.utils.form_data import nested_form_data

from cms import content_checks, differences, passages, rendering, withdrawals
from cms.blocks import BodyBlock
from cms.models import FrozenAttachment, FrozenImage, Proof
from cms.representation import whole
from syndication.models import Release
from syndication.words import Words, visible

from .every_block import (
    attachment,
    diagram,
    every_block,
    make_document,
    make_picture,
    picture,
    question,
    related,
    steps,
    table,
    video,
)
from .test_bypass import form_of

# Wagtail opens renditions without closing them.
pytestmark = pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)

CONTRACT = Path(__file__).parent / "contract"
TARGET = "22222222-2222-4333-8444-555555555555"


@pytest.fixture
def target(write, release):
    page = write(title="Short breaks", content_id=TARGET)
    release(page)
    return page


@pytest.fixture
def shown(write, target):
    """A draft with every block."""
    return write(body=every_block(make_picture(), make_document(), target))


def said(page):
    """The body of a page in its three forms, without the facts around it."""
    body = page.representation()["body"]
    return {"body": body, "html": rendering.html(body), "text": rendering.text(body)}


def named(data):
    """A representation with the random names of files made the same each time."""
    text = json.dumps(data)
    for one in FrozenImage.objects.all():
        text = text.replace(one.name, "picture.png").replace(one.sha256, "1" * 64)
    for one in FrozenAttachment.objects.all():
        text = text.replace(one.name, "file.pdf")
    return json.loads(text)


def test_every_block_is_as_promised_to_partners(shown):
    """Golden: data, HTML and plain text, compared whole."""
    expected = json.loads((CONTRACT / "blocks.json").read_text())

    assert named(said(shown)) == expected


def test_every_block_of_the_body_is_tried_here(shown):
    # Blocks of its own in tests/test_shared_blocks.py, and in tests/test_voices.py.
    others = ["shared_block", "voice"]
    tried = [*(child.block_type for child in shown.body), *others]
    assert tried == list(BodyBlock().child_blocks)


def test_html_and_plain_text_say_the_same_words(shown):
    data = said(shown)

    html, text = Words(visible(data["html"])), Words(data["text"])

    # Addresses stand behind links only in plain text, which also names its pictures.
    assert set(html.keys) - set(text.keys) <= {"watch", "the", "for", "this"}


def test_cleaning_takes_nothing_away(shown):
    """What a block says as HTML passes the cleaning whole, headings of tables too."""
    data = said(shown)
    soup = BeautifulSoup(data["html"], "html.parser")

    assert [one["scope"] for one in soup.find_all("th")] == ["col"] * 3 + ["row"] * 2
    assert soup.caption.get_text() == "Opening hours"
    assert len(soup.find_all("ol")) == 2
    assert soup.select("figure img")[0]["alt"] == "Two boxes with an arrow between them"
    assert rendering.sanitise(data["html"]) == data["html"]


@pytest.mark.parametrize("make", [steps, question, video, table])
def test_every_word_of_a_block_is_compared(make):
    body = BodyBlock().to_python([make()])
    block = BodyBlock().public(body)

    said = Words("\n".join(one.words for one in passages.of_body(block)))

    missing = set(Words(rendering.text(block)).keys) - set(said.keys)
    assert missing <= {"1", "2", "film", "in", "captions"}


def test_a_changed_cell_shows_in_its_row():
    before, after = (
        whole({"body": BodyBlock().public(BodyBlock().to_python([table(rows=rows)]))})
        for rows in (
            (("Monday", "9am", "noon"), ("Friday", "1pm", "4pm")),
            (("Monday", "9am", "noon"), ("Friday", "2pm", "4pm")),
        )
    )

    (field,) = differences.compare(before=before, after=after).changed

    assert field.before == "Friday | 1pm | 4pm"
    assert field.after == "Friday | 2pm | 4pm"
    assert field.label.startswith("Row of a table")


def test_a_changed_value_of_a_diagram_shows(shown):
    before = shown.representation()
    after = json.loads(json.dumps(before))
    part = next(one for one in after["body"] if one["type"] == "diagram")["parts"][1]
    part["points"][0]["name"] = "Honesty"

    (field,) = differences.compare(before=before, after=whole(after)).changed

    assert (field.before, field.after) == ("Openness", "Honesty")


def test_another_picture_of_a_diagram_is_shown_as_a_picture(shown):
    before = shown.representation()
    after = json.loads(json.dumps(before))
    block = next(one for one in after["body"] if one["type"] == "diagram")
    block |= {"url": "https://localoffer.example/images/new.png", "sha256": "2" * 64}

    changed = differences.compare(before=before, after=whole(after)).changed

    assert [one.is_picture for one in changed] == [True]


def test_checks_read_what_stands_in_steps_and_answers():
    long = " ".join(["word"] * 30)
    block = question()
    block["value"]["answer"] = f'<p>{long}. <a href="http://example.org">here</a></p>'
    body = BodyBlock().public(BodyBlock().to_python([block]))

    found = content_checks.check({"body": body}, today=dt.date(2026, 1, 1))

    words = " ".join(one.message for one in found)
    assert "has 30 and starts" in words
    assert "not secure" in words
    assert "does not say where it goes" in words


def test_a_draft_may_lack_anything(world, write):
    """Every preview of a half-written page works."""
    page = write(
        body=[
            diagram(None, words=[]),
            video(title="", url="", captions_url="", transcript=""),
            table(columns=(), rows=(), caption=""),
            related(),
            {"type": "image", "value": {"image": None, "decorative": False, "alt_text": ""}},
            {"type": "attachment", "value": {"title": "", "document": None, "contents": ""}},
            {"type": "steps", "value": {"steps": []}},
            {"type": "question", "value": {"question": "", "answer": ""}},
            {"type": "contact", "value": {"name": "", "phone": "", "email": "", "hours": ""}},
        ]
    )  # fmt: skip

    data = page.representation()

    assert [one["type"] for one in data["body"]].count("image") == 0
    assert data["html"]
    assert data["text"]


# What an editor is told, in the real admin.


def posted(client, page, block_type, value, *, submit=False):
    """The form of the page as its screen gives it, with another body."""
    kept = {
        name: one
        for name, one in form_of(client, page).items()
        if not name.startswith("body-") and name != "action-submit"
    }
    block = {"deleted": "", "order": "0", "type": block_type, "id": "", "value": value}
    data = kept | nested_form_data({"body": {"count": "1", "0": block}})
    return data | ({"action-submit": "1"} if submit else {})


def diagram_form(image, words):
    return {
        "title": "The model",
        "image": image.pk,
        "alt_text": "Five circles",
        "words": {"count": "0"} | words,
    }


def film_form(**values):
    return {
        "title": "A film",
        "url": "https://films.example.org/1",
        "length": "",
        "captions_url": "",
        "transcript": '{"entityMap": {}, "blocks": [{"key": "a", "text": "Hello.", '
        '"type": "unstyled", "depth": 0, "inlineStyleRanges": [], "entityRanges": []}]}',
    } | values


def table_form(headings, cells, **values):
    form = {
        "table": {
            "caption": "Opening hours",
            "column-count": str(len(headings)),
            "row-count": "1" if cells else "0",
        },
    }
    for number, heading in enumerate(headings):
        form["table"] |= {
            f"column-{number}-type": "text",
            f"column-{number}-order": str(number),
            f"column-{number}-deleted": "",
            f"column-{number}-heading": heading,
            f"cell-0-{number}": cells[number] if cells else "",
        }
    form["table"] |= {"row-0-order": "0", "row-0-deleted": ""}
    return form | values


CANNOT_BE_SUBMITTED = {
    "a diagram without its words": (
        lambda things: ("diagram", diagram_form(things.image, {})),
        "Write what this picture says",
    ),
    "a film without captions": (
        lambda things: ("video", film_form()),
        "Say where the captions are",
    ),
    "a table without headings": (
        lambda things: ("table", table_form(["", ""], ["Monday", "9am"])),
        "Write a heading above each column",
    ),
    "a table with one heading missing": (
        lambda things: ("table", table_form(["Day", ""], ["Monday", "9am"])),
        "Write a heading above each column, or above none",
    ),
    "a table whose row does not say what it is about": (
        lambda things: (
            "table",
            table_form(["", "Opens"], ["", "9am"], first_column_is_heading="on"),
        ),
        "Write in the first column of each row what the row is about",
    ),
    "a table that is too wide for a telephone": (
        lambda things: ("table", table_form(["Day"] * 7, ["Monday"] * 7)),
        "cannot be read on a telephone",
    ),
    "a film without its words": (
        lambda things: ("video", film_form(captions_in_picture="on", transcript="null")),
        "Fill this in, or take the block out",
    ),
    "a film that others can listen in to": (
        lambda things: ("video", film_form(url="http://films.example.org/1")),
        "starts with https://",
    ),
    "a heading that is empty": (
        lambda things: ("heading", ""),
        "Fill this in, or take the block out",
    ),
    "a table without a caption": (
        lambda things: (
            "table",
            {"table": table_form(["Day"], ["Monday"])["table"] | {"caption": " "}},
        ),
        "Write a caption",
    ),
    "a related item that is a draft": (
        lambda things: (
            "related_items",
            {
                "heading": "Read more",
                "pages": {
                    "count": "1",
                    "0": {"deleted": "", "order": "0", "id": "", "value": things.draft.pk},
                },
            },
        ),
        "This is not public yet",
    ),
    "a picture that says too much for one sentence": (
        lambda things: (
            "image",
            {"image": things.image.pk, "alt_text": "Step " * 60, "decorative": ""},
        ),
        "A picture that says more is a diagram",
    ),
    "a contact that cannot be reached": (
        lambda things: ("contact", {"name": "Line", "phone": "", "email": "", "hours": ""}),
        "Give a telephone number or an email address",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", CANNOT_BE_SUBMITTED)
def test_a_draft_is_saved_and_only_its_submission_refused(
    world, write, client_of, what
):
    make, sentence = CANNOT_BE_SUBMITTED[what]
    things = type(
        "Things", (), {"image": make_picture(), "draft": write(title="Secret")}
    )
    page = write(body=[{"type": "heading", "value": "Before"}])
    client = client_of(world.admin)
    address = f"/admin/pages/{page.pk}/edit/"
    block_type, value = make(things)

    saved = client.post(address, posted(client, page, block_type, value))
    refused = client.post(address, posted(client, page, block_type, value, submit=True))

    assert saved.status_code == 302
    page.refresh_from_db()
    draft = page.get_latest_revision_as_object()
    assert [child.block_type for child in draft.body] == [block_type]
    assert refused.status_code == 200
    assert sentence in refused.text
    assert not Proof.objects.exists()


def test_a_whole_diagram_can_be_submitted(world, write, client_of):
    page = write()
    words = {
        "count": "1",
        "0": {
            "deleted": "",
            "order": "0",
            "type": "values",
            "id": "",
            "value": {
                "heading": "Five values",
                "points": {
                    "count": "1",
                    "0": {
                        "deleted": "",
                        "order": "0",
                        "id": "",
                        "value": {"name": "Openness", "meaning": ""},
                    },
                },
            },
        },
    }

    client = client_of(world.admin)

    answer = client.post(
        f"/admin/pages/{page.pk}/edit/",
        posted(
            client, page, "diagram", diagram_form(make_picture(), words), submit=True
        ),
    )

    assert answer.status_code == 302
    assert "Openness" in Proof.objects.get().representation["text"]


# Items that lead to each other.


def test_a_related_draft_leaks_nothing(write):
    secret = write(title="Secret plans")

    data = write(body=[related(secret)]).representation()

    assert data["body"] == [
        {"type": "related_items", "heading": "Read more", "body": []}
    ]
    assert "Secret" not in json.dumps(data)


def test_a_related_item_has_the_title_that_was_signed(world, write, target, edit):
    edit(target, world.editor, title="Not signed yet")

    data = write(body=[related(target)]).representation()

    assert data["body"][0]["body"][0]["title"] == "Short breaks"


def test_what_is_taken_back_is_no_longer_named(world, client, write, target, release):
    host = release(write(title="Host", body=[related(target), steps()]))

    withdrawals.withdraw(
        content_id=target.content_id, by=world.pat, reason="Unsafe", kind="vanish"
    )

    now = Release.objects.current().get(item=host.item)
    page = client.get(f"/items/{host.item.content_id}").text
    assert now.reduced_from == host
    assert "Short breaks" not in page
    assert "no longer shown" in page
    assert "Ring the advice line" in page


def test_what_was_taken_back_while_forums_read_is_not_named(
    world, write, target, submit, sign
):
    proof = submit(write(title="Host", body=[related(target), steps()]))
    withdrawals.withdraw(content_id=target.content_id, by=world.pat, reason="Closed")

    sign(proof, world.pacc, world.pat)
    sign(proof, world.pods, world.pip)

    now = Release.objects.current().get(item__content_id=proof.content_id)
    assert b"Short breaks" not in bytes(now.payload)


def test_an_attachment_says_what_it_is_before_anybody_opens_it(write):
    data = write(body=[attachment(make_document())]).representation()

    assert "The leaflet (PDF, 1 KB)" in data["text"]
    assert "The same steps on one page" in data["html"]


def test_a_picture_says_what_it_shows_or_that_it_is_decoration(write):
    data = said(write(body=[picture(make_picture())]))

    assert data["text"] == "[Image: An open door]"
