"""Every copy can say whose text it is, who agreed to it and what one may do with it."""

import datetime as dt
import json
from typing import cast

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.conf import settings

from syndication import attribution, checked, publisher, receipts
from syndication.models import Release

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

    assert told.as_data()["licence"]["except"] == attribution.EXCEPT
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
