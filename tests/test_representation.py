"""What the public reads of an item, as data."""

import datetime as dt
import io
import json
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from django.core.files.images import ImageFile
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Picture
from wagtail.images.models import Image

from cms import canonical, rendering, source
from cms.models import FrozenImage

CONTRACT = Path(__file__).parent / "contract"
ID = "11111111-2222-4333-8444-555555555555"


@pytest.mark.parametrize("kind", ["local-offer", "news"])
def test_the_representation_is_as_promised_to_partners(world, write, kind):
    page = write(kind, content_id=ID)

    expected = json.loads((CONTRACT / f"representation-{kind}.json").read_text())

    assert page.get_latest_revision_as_object().representation() == expected


def test_a_draft_and_its_revision_say_the_same(world, write):
    page = write()
    stored = type(page).objects.get(pk=page.pk)

    assert source.digest(page) == source.digest(stored)
    assert source.digest(stored) == source.digest(page.get_latest_revision_as_object())


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "Another"),
        ("summary", "Another"),
        ("audience", "Another"),
        ("age_to", 19),
        ("review_by", dt.date(2030, 1, 1)),
        ("body", [{"type": "heading", "value": "Another"}]),
    ],
)
def test_every_change_that_a_reader_could_see_changes_both_digests(
    world, write, field, value
):
    page = write().get_latest_revision_as_object()
    before = source.digest(page), canonical.encode(page.representation())

    if field == "body":
        value = page.body.stream_block.to_python(value)
    setattr(page, field, value)

    assert source.digest(page) != before[0]
    assert canonical.encode(page.representation()) != before[1]


def test_another_area_changes_both_digests(world, write):
    page = write().get_latest_revision_as_object()
    before = source.digest(page), canonical.encode(page.representation())

    page.areas = [world.shropshire]

    assert source.digest(page) != before[0]
    assert canonical.encode(page.representation()) != before[1]


def test_a_link_to_a_released_item_becomes_its_permalink(world, write, release):
    target = write(title="Target", slug="target")
    release(target)
    page = write(body=[paragraph(f'<a linktype="page" id="{target.pk}">there</a>')])

    assert f'<a href="{target.permalink}">there</a>' in html_of(page)


def test_a_link_to_a_draft_becomes_plain_words(world, write):
    target = write(title="Target", slug="target")
    page = write(body=[paragraph(f'<a linktype="page" id="{target.pk}">there</a>')])

    assert html_of(page).startswith("<p>there</p>")
    assert "<a" not in html_of(page)


@pytest.mark.parametrize(
    "hostile",
    [
        '<script>alert("x")</script>',
        '<img src="x" onerror="alert(1)">',
        '<a href="javascript:alert(1)">x</a>',
        '<a href="/admin/">x</a>',
        "<svg onload=alert(1)>",
        '<iframe src="https://example.org"></iframe>',
        '<p style="position:fixed">x</p>',
    ],
)
def test_nothing_active_gets_into_a_proof(world, write, hostile):
    said = html_of(write(body=[paragraph(hostile)]))

    for word in (
        "script",
        "onerror",
        "javascript",
        "onload",
        "iframe",
        "style",
        "href",
    ):
        assert word not in said


def paragraph(html):
    return {"type": "paragraph", "value": f"<p>{html}</p>"}


def html_of(page):
    return page.get_latest_revision_as_object().representation()["html"]


def test_text_says_everything_that_html_says():
    blocks: list[dict[str, Any]] = [
        {"type": "heading", "text": "Who to ring"},
        {"type": "paragraph", "html": "<p>One.</p><ol><li>Two</li><li>Three</li></ol>"},
        {"type": "contact", "name": "Advice line", "phone": "01632 960101"},
        {
            "type": "image",
            "url": "https://x/y.png",
            "alt": "A ring",
            "width": 1,
            "height": 1,
        },
        {"type": "call_to_action", "text": "Book", "url": "https://example.org/b"},
    ]

    assert rendering.text(blocks) == (
        "WHO TO RING\n\nOne.\n\n1. Two\n2. Three\n\nAdvice line\n"
        "Telephone: 01632 960101\n\n[Image: A ring]\n\nBook: https://example.org/b"
    )


def photo(**save):
    file = io.BytesIO()
    Picture.new("RGB", (40, 20), "red").save(file, "JPEG", **save)
    return ImageFile(io.BytesIO(file.getvalue()), "photo.jpg")


def with_gps():
    exif = Picture.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif.get_ifd(0x8825)[2] = (52.0, 42.0, 1.0)
    return exif.tobytes()


def image_block(image, **value):
    return {
        "type": "image",
        "value": {"image": image.pk, "decorative": False, "alt_text": "A red card"}
        | value,
    }


def test_an_image_is_frozen_upright_and_without_metadata(world, write):
    image = Image.objects.create(title="IMG_1", file=photo(exif=with_gps()))

    block = write(body=[image_block(image)]).representation()["body"][0]

    frozen = FrozenImage.objects.get()
    assert block["alt"] == "A red card"
    assert (block["width"], block["height"]) == (20, 40)
    assert block["url"] == f"https://localoffer.example/images/{frozen.name}"
    with frozen.file.open() as file, Picture.open(file) as opened:
        assert not opened.getexif()
        assert "exif" not in opened.info


def test_a_decorative_image_has_no_alternative_text(world, write):
    image = Image.objects.create(title="IMG_1", file=photo())

    block = write(
        body=[image_block(image, decorative=True, alt_text="")]
    ).representation()["body"][0]

    assert (block["alt"], block["decorative"]) == ("", True)


def test_the_same_image_is_frozen_once_and_a_replaced_one_again(world, write):
    image = Image.objects.create(title="IMG_1", file=photo())
    page = write(body=[image_block(image)])

    first = page.representation()["body"][0]["url"]
    again = page.representation()["body"][0]["url"]
    image.file = photo(quality=10)
    image.save()
    replaced = type(page).objects.get().representation()["body"][0]["url"]

    assert first == again
    assert first != replaced


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@given(json_values)
def test_canonical_json_is_what_an_independent_reader_computes(value):
    assert canonical.encode(value) == rfc8785.dumps(value)


@pytest.mark.parametrize("value", [1.5, {"a": b"x"}, dt.date(2026, 1, 1)])
def test_what_json_cannot_hold_exactly_is_refused(value):
    with pytest.raises(TypeError):
        canonical.encode(value)


@pytest.mark.parametrize("value", ["\ud800", 2**53])
def test_what_other_readers_would_misread_is_refused(value):
    with pytest.raises(ValueError, match=r"surrogates|exact"):
        canonical.encode(value)
