"""Every copy can say whose text it is, who agreed to it and what one may do with it."""

import datetime as dt
import json
from typing import cast

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.conf import settings
from django.test import Client

from cms import canonical
from site_settings.models import PublisherSettings
from syndication import (
    attribution,
    checked,
    crediting,
    encodings,
    evidence,
    publisher,
    receipts,
    releases,
)
from syndication.management.commands import worker
from syndication.models import Change, Release

from .test_corrections import correct
from .voices import make_consent, text, voice

OGL = "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/"
PUBLISHER = publisher.Publisher(
    name="SEND together",
    contact_email="",
    other_ways="",
    licence_name="Open Government Licence v3.0",
    licence_url=OGL,
)


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel(dt.datetime(2026, 5, 3, 12, tzinfo=dt.UTC), tick=False):
        yield


def credit(release, data=None, **publishes):
    """The credit of a release as the API gives it."""
    return attribution.of(
        data or release_data(release),
        release.receipt,
        publisher=cast(publisher.Publisher, PUBLISHER | publishes),
        days=checked.of(release),
    )


def release_data(release):
    return json.loads(bytes(release.payload))


def links(html):
    return {
        one.get_text(): one["href"]
        for one in BeautifulSoup(html, "html.parser").find_all("a")
    }


def test_a_credit_is_one_line_that_says_everything(write, release):
    page = write(title="Help  with\ntalking")
    made = release(page)

    assert credit(made).text == (
        "“Help with talking”, version 1, published by SEND together. Agreed by "
        "Shropshire Parent and Carer Council and Parents Opening Doors on 3 May 2026. "
        "Licence: Open Government Licence v3.0. "
        f"Source: {settings.PUBLIC_ORIGIN}/items/{page.content_id} "
        f"Check this text: {settings.PUBLIC_ORIGIN}/receipts/{made.fingerprint}"
    )


def test_a_credit_is_html_with_its_links_and_nothing_that_needs_a_stylesheet(
    write, release
):
    page = write(title="Talking & <understanding>")
    made = release(page)

    html = credit(made).html

    assert links(html) == {
        "Talking & <understanding>": f"{settings.PUBLIC_ORIGIN}/items/{page.content_id}",
        "SEND together": f"{settings.PUBLIC_ORIGIN}/",
        "Open Government Licence v3.0": OGL,
        "Check this text": f"{settings.PUBLIC_ORIGIN}/receipts/{made.fingerprint}",
    }
    found = BeautifulSoup(html, "html.parser")
    assert [one["href"] for one in found.find_all("a", rel="license")] == [OGL]
    assert [one["lang"] for one in found.find_all("p")] == ["en-GB"]
    assert "style" not in html
    assert receipts.sentence(made.receipt) in found.get_text()


def test_a_credit_is_data_for_programs(write, release):
    page = write()
    made = release(page)

    told = credit(made)

    assert told.as_data() == {
        "text": told.text,
        "html": told.html,
        "publisher": {"name": "SEND together", "url": f"{settings.PUBLIC_ORIGIN}/"},
        "forums": [
            "Shropshire Parent and Carer Council",
            "Parents Opening Doors",
        ],
        "statement": receipts.sentence(made.receipt),
        "signed_on": "2026-05-03",
        "last_reviewed": "2026-05-03",
        "review_by": "2027-09-01",
        "licence": {"name": "Open Government Licence v3.0", "url": OGL},
        "source_url": f"{settings.PUBLIC_ORIGIN}/items/{page.content_id}",
        "check_url": f"{settings.PUBLIC_ORIGIN}/receipts/{made.fingerprint}",
        "version": 1,
        "language": "en-GB",
    }


def test_a_correction_that_no_forum_has_read_is_credited_to_none(world, write, release):
    page = write()
    release(page)
    correct(world, page)
    made = Release.objects.current().get(item__content_id=page.content_id)

    told = credit(made)

    assert told.forums == ()
    assert "signed_on" not in told.as_data()
    assert "Changed on 3 May 2026 before forum review." in told.text
    assert "Agreed" not in told.text + told.html


def test_who_did_not_agree_is_not_credited_and_the_credit_says_so(write, release):
    made = release(write())
    (first, second) = made.receipt["forums"]
    made.receipt["forums"] = [first | {"decision": "dissent"}, second]

    told = credit(made)

    assert told.forums == (second["name"],)
    assert f"{first['name']} did not agree." in told.text


def test_only_who_agreed_counts_for_the_day(write, release):
    made = release(write())
    (first, second) = made.receipt["forums"]
    # Of a summer's night: the day is the publisher's, not Greenwich's.
    made.receipt["forums"] = [
        first | {"decision": "agree", "signed_at": "2026-06-01T23:30:00Z"},
        second | {"decision": "dissent", "signed_at": "2026-06-04T09:00:00Z"},
    ]

    assert credit(made).signed_on == dt.date(2026, 6, 2)


def test_the_licence_is_not_said_to_cover_what_families_say(world, write, release):
    consent = make_consent(world.admin)
    page = write(body=[text(), voice(consent)])
    made = release(page)

    told = credit(made)

    assert told.as_data()["licence"]["excludes"] == attribution.EXCEPT
    assert f"v3.0, except for {attribution.EXCEPT}." in told.text
    assert f"</a>, except for {attribution.EXCEPT}." in told.html
    without = release_data(made) | {"body": []}
    assert attribution.EXCEPT not in credit(made, without).text


def test_the_title_keeps_its_language_within_an_english_credit(write, release):
    made = release(write())
    told = credit(made, release_data(made) | {"language": "cy", "title": "Cymorth"})

    link, *_ = BeautifulSoup(told.html, "html.parser").find_all("a")

    assert (link.get_text(), link["lang"], link["dir"]) == ("Cymorth", "cy", "auto")
    assert told.as_data()["language"] == "cy"


def test_no_name_and_no_address_of_a_publisher_can_act(write, release):
    made = release(write())
    told = credit(
        made,
        name='<img src=x onerror="alert(1)">',
        licence_name="</a><script>alert(1)</script>",
        licence_url="javascript:alert(1)",
    )

    assert set(links(told.html)) == {
        release_data(made)["title"],
        '<img src=x onerror="alert(1)">',
        "Check this text",
    }
    assert "javascript:" not in told.html
    assert {one.name for one in BeautifulSoup(told.html, "html.parser").find_all()} == {
        "p",
        "a",
    }


def told(page):
    """The credit in the stored answer about an item, and the tag of that answer."""
    stored = Release.objects.current().get(item__content_id=page.content_id)
    return json.loads(bytes(stored.document))["attribution"], stored.etag


def test_the_api_gives_the_credit_with_an_item_and_with_each_of_a_list(write, release):
    page = write()
    made = release(page)
    whole, _ = told(page)

    assert whole == credit(made, name="Countersign").as_data()
    answer = Client().get(f"/api/v1/items/{page.content_id}")
    assert answer.json()["attribution"] == whole
    for address in ("items", "items?view=summary"):
        (item,) = Client().get(f"/api/v1/{address}").json()["items"]
        assert item["attribution"] == whole
    _, line = b"".join(Client().get("/api/v1/export")).splitlines()
    assert json.loads(line)["attribution"] == whole


@pytest.fixture
def renamed(write, release, django_capture_on_commit_callbacks):
    """Two texts, of which the publisher has another name by now."""
    pages = [write(), write("news", title="A new group")]
    for page in pages:
        release(page)
    with django_capture_on_commit_callbacks(execute=True) as woken:
        PublisherSettings.objects.create(name="SEND together")
    assert len(woken) == 1
    return pages


def test_a_worker_lets_every_document_name_the_publisher_anew(renamed):
    before = {page: told(page) for page in renamed}
    facts = Release.objects.order_by("pk").values_list(
        "version", "fingerprint", "updated_at"
    )
    kept, changes = list(facts), Change.objects.count()

    assert crediting.renew_due() is False

    for page in renamed:
        new, etag = told(page)
        assert new["publisher"]["name"] == "SEND together"
        assert "published by SEND together." in new["text"]
        assert before[page][0]["publisher"]["name"] == "Countersign"
        assert etag != before[page][1]
    # Nothing else moved: no word of a text is another.
    assert (list(facts), Change.objects.count()) == (kept, changes)
    for release in Release.objects.all():
        assert evidence.check(release) == []
        assert encodings.unpack(bytes(release.document_piece)) == bytes(
            release.document
        )


def test_a_worker_that_was_not_told_finds_them_too(renamed):
    # Not ``turn``, which gives up the connection that the test is in.
    worker.Loop(seconds_between_sweeps=0)._sweep()

    assert {told(page)[0]["publisher"]["name"] for page in renamed} == {"SEND together"}


def test_what_is_named_already_is_left_alone(renamed, django_assert_num_queries):
    crediting.renew_due()
    tags = [told(page)[1] for page in renamed]

    # The settings, and whether anything is due: however many there are.
    with django_assert_num_queries(2):
        assert crediting.renew_due() is False

    assert [told(page)[1] for page in renamed] == tags


def test_a_document_that_was_written_meanwhile_is_found(renamed):
    crediting.renew_due()
    # Released in a transaction that began before the settings were saved.
    late = Release.objects.current().first()
    releases.credit(
        content_id=late.item.content_id, publisher=PUBLISHER | {"name": "A"}
    )

    crediting.renew_due()

    assert {told(page)[0]["publisher"]["name"] for page in renamed} == {"SEND together"}


def test_one_that_cannot_be_written_holds_up_no_other(renamed, monkeypatch, caplog):
    first, second = renamed
    write = releases.credit

    def refuse(*, content_id, **kwargs):
        if content_id == first.content_id:
            raise ValueError("No.")
        return write(content_id=content_id, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(releases, "credit", refuse)
        assert crediting.renew_due() is False
    assert f"Crediting {first.content_id} failed" in caplog.text
    assert told(second)[0]["publisher"]["name"] == "SEND together"

    crediting.renew_due()

    assert told(first)[0]["publisher"]["name"] == "SEND together"


def test_a_long_list_is_done_in_pieces(renamed, monkeypatch):
    monkeypatch.setattr(crediting, "AT_ONCE", 1)

    assert crediting.renew_due(seconds=-1) is True
    assert {told(page)[0]["publisher"]["name"] for page in renamed} == {"Countersign"}
    assert crediting.renew_due() is False

    assert {told(page)[0]["publisher"]["name"] for page in renamed} == {"SEND together"}


def test_earlier_versions_and_what_was_taken_back_stay_as_they_were(
    world, renamed, edit, release
):
    page, gone = renamed
    edit(page, world.editor, summary="Another summary.")
    release(page)
    releases.withdraw(content_id=gone.content_id, by=world.admin, reason="Wrong")

    crediting.renew_due()

    earlier = Client().get(f"/api/v1/items/{page.content_id}?version=1").json()
    assert earlier["attribution"]["publisher"]["name"] == "Countersign"
    assert Client().get(f"/api/v1/items/{gone.content_id}").status_code == 410


def test_a_credit_that_claims_more_is_noticed(write, release):
    made = release(write())
    assert evidence.check(made) == []
    for old, new in (
        (b'"forums":["Shropshire', b'"forums":["Another","Shropshire'),
        (b'"licence":{"name":"Open', b'"licence":{"name":"Closed'),
    ):
        found = release_again(made, old, new)
        assert "its attribution is not what was released" in evidence.check(found)


def test_a_summary_that_tells_something_else_is_noticed(write, release):
    made = release(write())
    made.brief = bytes(made.brief).replace(b'"summary":"Who', b'"summary":"Nobody')

    assert evidence.check(made) == ["its brief is not what was released"]

    made.brief = b"no longer JSON"
    assert evidence.check(made) == ["its brief is not what was released"]


def release_again(made, old, new):
    """The same release with a forged document, and everything that follows from it."""
    found = Release.objects.get(pk=made.pk)
    head, content, tail = bytes(found.document).partition(b',"content":')
    assert old in head
    found.document = head.replace(old, new) + content + tail
    found.document_piece = encodings.pack(found.document)
    found.document_brotli = encodings.encode(
        found.document, encodings.BROTLI, encodings.ONCE
    )
    found.etag = canonical.fingerprint(found.document)[:32]
    return found
