"""Texts on the websites of others: fragments, frames, oEmbed, and how they are taken."""

import datetime as dt
import re
from uuid import UUID

import pytest
from bs4 import BeautifulSoup

from cms import withdrawals

ORIGIN = "https://localoffer.example"
TITLE = "Getting help with talking and understanding"
NOON = dt.datetime(2026, 5, 3, 12, tzinfo=dt.UTC)
FIRST = UUID("11111111-1111-4111-8111-111111111111")


@pytest.fixture
def page(write, time_machine):
    time_machine.move_to(NOON, tick=False)
    return write(content_id=FIRST)


@pytest.fixture
def released(page, release):
    return release(page)


def withdraw(world, content_id, **kwargs):
    withdrawals.withdraw(
        content_id=content_id, by=world.pat, reason="Private", **kwargs
    )


def soup(client, address):
    return BeautifulSoup(client.get(address).text, "html.parser")


def test_a_fragment_is_the_signed_text_with_its_credit(client, released):
    answer = client.get(f"/fragments/{FIRST}.html")
    fragment = BeautifulSoup(answer.text, "html.parser")

    (article,) = fragment.find_all(recursive=False)
    assert article.name == "article"
    assert "countersign" in article["class"]
    assert (article["lang"], article["dir"]) == ("en-GB", "ltr")
    assert article.find("h2").text == TITLE
    assert "<p>Ring the <b>advice line</b> first.</p>" in answer.text
    credit = article.select_one("footer .countersign-credit")
    assert "Agreed by Shropshire Parent and Carer Council" in credit.text
    assert "on 3 May 2026" in credit.text
    assert credit.find("a", rel="license")
    addresses = [link["href"] for link in article.find_all("a")]
    assert f"{ORIGIN}/items/{FIRST}" in addresses
    assert f"{ORIGIN}/receipts/{released.fingerprint}" in addresses
    assert all(re.match("https?:|mailto:|tel:", one) for one in addresses)
    assert answer["Countersign-State"] == "current"
