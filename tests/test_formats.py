"""The register of formats: signed with the text, and older when the text is another."""

import datetime as dt
import json
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from wagtail.blocks import StructBlockValidationError

from cms import corrections, formats, withdrawals
from cms.differences import compare
from cms.models import Proof
from site_settings.models import PublisherSettings

from .conftest import BODY

EASY_READ = {
    "format": "easy_read",
    "state": "available",
    "url": "https://example.org/easy-read",
    "checked_on": "2026-11-20",
}
POLISH = {
    "format": "translation",
    "language": "pl",
    "state": "on_request",
    "days": 10,
}
BSL = {"format": "bsl", "state": "being_made"}


def entries(*values):
    return [{"type": "format", "value": value} for value in values]


def stream(page, *values):
    """The same as a value that ``edit`` can set."""
    return page.formats.stream_block.to_python(entries(*values))


def ways(release):
    """The formats in the API besides plain text."""
    answer = Client().get(f"/api/v1/items/{release.item.content_id}").json()
    assert answer["formats"][0]["format"] == "plain_text"
    return answer["formats"][1:]


def shown(release):
    answer = Client().get(f"/items/{release.item.content_id}")
    soup = BeautifulSoup(answer.content, "html.parser")
    section = soup.find("section", class_="other-ways")
    return " ".join(section.get_text().split())


def other_text(page):
    body = [{"type": "paragraph", "value": "<p>Another text.</p>"}, *BODY]
    return page.body.stream_block.to_python(body)


def test_families_and_partners_find_every_format(write, release):
    made = release(write(formats=entries(EASY_READ, BSL, POLISH)))

    assert ways(made) == [
        {
            "checked_on": "2026-11-20",
            "format": "easy_read",
            "name": "Easy Read",
            "older": False,
            "state": "available",
            "url": "https://example.org/easy-read",
            "version": 1,
        },
        {
            "format": "bsl",
            "name": "British Sign Language video",
            "state": "being_made",
        },
        {
            "days": 10,
            "format": "translation",
            "language": "pl",
            "name": "Polish translation",
            "state": "on_request",
        },
    ]
    words = shown(made)
    assert "Plain text Easy Read British Sign Language video: being made." in words
    assert "Polish translation: made for you if you ask, within 10 days." in words
    assert "Older" not in words


def test_the_register_is_part_of_what_forums_sign(world, write, submit, client_of):
    proof = submit(write(formats=entries(EASY_READ, POLISH)))

    html = client_of(world.pat).get(f"/admin/sign-off/{proof.pk}/").text

    assert [one["format"] for one in proof.representation["formats"]] == [
        "easy_read",
        "translation",
    ]
    assert "https://example.org/easy-read" in html
    assert "compared with the text on 20 November 2026" in html
    assert "Polish translation: made for whoever asks, within 10 days." in html


def test_another_link_is_an_edit_and_needs_signatures(
    world, write, release, submit, edit
):
    page = write(formats=entries(EASY_READ))
    made = release(page)
    edit(page, world.editor, formats=stream(page, EASY_READ | {"url": "https://x.org"}))
    proof = submit(page)

    assert ways(made)[0]["url"] == "https://example.org/easy-read"
    assert proof.fingerprint != made.fingerprint


def test_adding_a_format_makes_no_format_older(world, write, release, edit):
    page = write(formats=entries(EASY_READ))
    release(page)

    made = release(edit(page, world.editor, formats=stream(page, BSL, EASY_READ)))

    assert [one.get("older") for one in ways(made)] == [None, False]
    assert ways(made)[1]["version"] == 1, "it was made for the text of version 1"


def test_a_format_is_older_when_the_text_has_changed(world, write, release, edit):
    page = write(formats=entries(EASY_READ))
    release(page)

    made = release(edit(page, world.editor, body=other_text(page)))

    assert (ways(made)[0]["older"], ways(made)[0]["version"]) == (True, 1)
    assert (
        "Easy Read. Older than this page: made for version 1, this is version 2."
        in shown(made)
    )


def test_dates_topics_and_how_it_was_made_are_not_the_text(world, write, release, edit):
    page = write(formats=entries(EASY_READ))
    release(page)

    made = release(
        edit(
            page,
            world.editor,
            review_by=dt.date(2029, 1, 1),
            what_changed="The number comes first.",
        )
    )

    assert ways(made)[0]["older"] is False


def test_it_is_not_older_any_more_when_the_text_is_as_it_was(
    world, write, release, edit
):
    page = write(formats=entries(EASY_READ))
    before = page.summary
    release(page)
    page = edit(page, world.editor, summary="Something else.")
    assert ways(release(page))[0]["older"] is True
    page.refresh_from_db()

    assert ways(release(edit(page, world.editor, summary=before)))[0]["older"] is False


def test_a_format_that_was_compared_again_is_up_to_date(world, write, release, edit):
    page = write(formats=entries(EASY_READ))
    release(page)

    made = release(
        edit(
            page,
            world.editor,
            body=other_text(page),
            formats=stream(page, EASY_READ | {"checked_on": "2026-11-22"}),
        )
    )

    assert (ways(made)[0]["older"], ways(made)[0]["version"]) == (False, 2)


def test_an_unfinished_draft_changes_nothing_in_public(world, write, release, edit):
    page = write(formats=entries(EASY_READ))
    made = release(page)

    edit(page, world.editor, body=other_text(page))

    assert ways(made)[0]["older"] is False


def test_a_format_can_be_for_an_earlier_version(world, write, release, edit):
    page = write()
    release(page)
    page = edit(page, world.editor, body=other_text(page))
    release(page)
    page.refresh_from_db()
    told = [EASY_READ | {"version": number} for number in (1, 2, 9)]

    made = release(edit(page, world.editor, formats=stream(page, *told)))

    assert [one["older"] for one in ways(made)] == [True, False, True]


def test_a_corrected_fact_makes_formats_older_until_they_are_mended(
    world, write, release
):
    page = write(formats=entries(EASY_READ))
    made = release(page)
    page.refresh_from_db()

    corrections.correct(
        page=page, values={"closure": "Closed today"}, by=world.admin, reason="Snow"
    )

    assert ways(made)[0]["older"] is True


def test_a_published_dissent_makes_no_format_older(write, submit):
    proof = submit(write(formats=entries(EASY_READ)))
    said = proof.representation
    dissent = {"forum": "pods", "name": "Parents Opening Doors"}

    assert formats.register(said | {"dissent": [dissent]}, {})[0]["older"] is False


def test_forums_are_told_of_a_format_that_will_be_older(
    world, write, release, edit, submit, client_of
):
    page = write(formats=entries(EASY_READ))
    release(page)
    proof = submit(edit(page, world.editor, body=other_text(page)))

    html = client_of(world.pat).get(f"/admin/sign-off/{proof.pk}/").text

    assert "Made for an earlier text:" in html


def test_what_changed_names_formats_in_words(write, submit):
    before = submit(write()).representation
    after = before | {"formats": [EASY_READ | {"made_for": "0" * 64}, POLISH, BSL]}

    (field,) = compare(before=before, after=after).changed

    assert field.label == "Other formats"
    assert "Polish translation: made on request, within 10 days" in field.after


@pytest.mark.parametrize(
    ("value", "field"),
    [
        (EASY_READ | {"url": ""}, "url"),
        (EASY_READ | {"url": "http://example.org/"}, "url"),
        (EASY_READ | {"checked_on": None}, "checked_on"),
        (EASY_READ | {"checked_on": "2999-01-01"}, "checked_on"),
        (POLISH | {"language": ""}, "language"),
        (POLISH | {"days": None}, "days"),
    ],
)
def test_what_is_missing_is_said_beside_the_field(db, value, field):
    block = formats.FormatBlock()

    with pytest.raises(StructBlockValidationError) as refused:
        block.clean(block.to_python(value))

    assert list(refused.value.block_errors) == [field]


def test_an_incomplete_draft_can_be_previewed(write):
    page = write(formats=entries({"format": "easy_read", "state": "available"}))

    (entry,) = page.representation()["formats"]

    assert "checked_on" not in entry
    assert "no day yet" in formats.lines([entry])


def test_every_text_has_a_plain_form_of_its_own(world, client, write, release):
    PublisherSettings.objects.create(
        name="SEND together",
        contact_email="ask@example.org",
        other_ways="Ask us for another format.",
    )
    made = release(write())

    answer = client.get(f"/items/{made.item.content_id}.txt")

    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    words = answer.text
    assert words.startswith("Getting help with talking and understanding\n")
    assert json.loads(bytes(made.payload))["text"] in words
    assert "Agreed by Shropshire Parent and Carer Council" in words
    assert "Ask us for another format. Write to ask@example.org." in words
    again = client.get(
        f"/items/{made.item.content_id}.txt",
        headers={"If-None-Match": answer["ETag"]},
    )
    assert again.status_code == 304
    assert "Ask us for another format." in shown(made)
    assert "ask@example.org" in shown(made)


def test_plain_text_ends_with_the_item(world, client, write, release, submit):
    made = release(write())
    draft = submit(write(title="Not signed"))
    withdrawals.withdraw(
        content_id=made.item.content_id,
        by=world.pat,
        reason="Wrong",
        public_note="Gone.",
        kind="notice",
    )

    gone = client.get(f"/items/{made.item.content_id}.txt")
    never = client.get(f"/items/{draft.content_id}.txt")

    assert (gone.status_code, never.status_code) == (410, 404)
    assert gone.text == "This text was withdrawn.\n"
    assert "Not signed" not in never.text


def test_the_form_asks_for_formats(world, write, client_of):
    page = write()

    html = client_of(world.editor).get(f"/admin/pages/{page.pk}/edit/").text

    assert "Other formats" in html
    assert "Compared with the text on" in html


TEXT = {"title": "T", "summary": "S", "body": [{"type": "heading", "text": "H"}]}
REGISTERS = st.lists(
    st.fixed_dictionaries({"format": st.sampled_from(sorted(formats.NAMES))})
)


@given(REGISTERS, REGISTERS, st.text(), st.text())
def test_no_register_changes_the_fingerprint_of_the_text(one, other, html, review_by):
    before: dict[str, Any] = TEXT | {"formats": one}
    after: dict[str, Any] = TEXT | {
        "formats": other,
        "html": html,
        "review_by": review_by,
    }

    assert formats.text_fingerprint(before) == formats.text_fingerprint(after)


@given(st.text(), st.text())
def test_every_other_word_does(one, other):
    same = formats.text_fingerprint(TEXT | {"summary": one}) == (
        formats.text_fingerprint(TEXT | {"summary": other})
    )

    assert same == (one == other)


def test_a_proof_is_kept_with_its_formats(write, submit):
    proof = submit(write(formats=entries(EASY_READ)))

    assert proof.representation["formats"][0]["made_for"] == formats.text_fingerprint(
        Proof.objects.get().representation
    )
