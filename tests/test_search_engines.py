"""Search engines are told where public pages are, and who agreed to them."""

import json
import re
from datetime import date
from xml.etree import ElementTree

import pytest
from bs4 import BeautifulSoup
from django.conf import settings
from django.test import Client

from syndication import releases
from syndication.models import Release
from syndication.web import search_engines

from . import shared_blocks
from .test_outcomes import took_part

NAMESPACE = {"s": search_engines.NAMESPACE}


def locations(path):
    answer = Client().get(path)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/xml; charset=utf-8"
    root = ElementTree.fromstring(answer.content)  # noqa: S314 - our own answer
    return [
        one.text.removeprefix(settings.PUBLIC_ORIGIN)
        for one in root.iterfind(".//s:loc", NAMESPACE)
    ]


def json_ld(page):
    html = BeautifulSoup(
        Client().get(f"/items/{page.content_id}").content, "html.parser"
    )
    (script,) = html.find_all("script", type="application/ld+json")
    return json.loads(str(script.string))


def test_the_sitemap_leads_to_what_is_public_and_nothing_else(world, write, release):
    page, gone, stale = write(), write("news", title="Gone"), write("news", title="Old")
    for one in (page, gone, stale):
        release(one)
    releases.withdraw(content_id=gone.content_id, by=world.admin, reason="Wrong")
    Release.objects.filter(title="Old").update(review_by=date(2020, 1, 1))
    write("news", title="A draft")

    assert "Sitemap: http" in Client().get("/robots.txt").text
    assert locations("/sitemap.xml") == ["/sitemap-1.xml"]
    assert locations("/sitemap-1.xml") == [
        "/newsletter/issues/",
        f"/items/{page.content_id}",
    ]


def test_a_long_sitemap_has_parts(world, write, release, monkeypatch):
    monkeypatch.setattr(search_engines, "MOST", 2)
    for number in range(3):
        release(write("news", title=f"Number {number}"))

    parts = locations("/sitemap.xml")

    assert parts == ["/sitemap-1.xml", "/sitemap-2.xml"]
    assert [len(locations(part)) for part in parts] == [3, 1]
    for number in (0, 3, 10**12):
        assert Client().get(f"/sitemap-{number}.xml").status_code == 404


def test_an_empty_sitemap_is_one_too(db):
    assert locations("/sitemap.xml") == ["/sitemap-1.xml"]
    assert locations("/sitemap-1.xml") == ["/newsletter/issues/"]


def test_a_page_says_for_programs_what_it_is_and_who_agreed(world, write, release):
    page = write()
    made = release(page)

    told = json_ld(page)

    assert told["@type"] == "WebPage"
    assert told["name"] == page.title
    assert told["url"] == f"{settings.PUBLIC_ORIGIN}/items/{page.content_id}"
    assert told["identifier"] == f"sha256:{made.fingerprint}"
    assert {one["name"] for one in told["reviewedBy"]} == {
        "Shropshire Parent and Carer Council",
        "Parents Opening Doors",
    }
    assert told["lastReviewed"] == made.reviewed_on.isoformat()
    assert told["license"].startswith("https://")
    assert told["publisher"] == {
        "@type": "Organization",
        "name": "Countersign",
        "url": f"{settings.PUBLIC_ORIGIN}/",
    }
    assert told["version"] == 1
    assert told["creditText"].startswith(f"“{page.title}”, version 1, published by ")
    assert "Agreed by Shropshire Parent and Carer Council" in told["creditText"]
    # Forums that read it did not help to write it, and it repeats nothing.
    assert not {"contributor", "isBasedOn"} & told.keys()


def test_a_page_names_who_helped_to_make_it(world, write, release):
    release(write(co_production=[took_part(world.pods, "draft")]))
    page = Release.objects.get().item
    (helped,) = json_ld(page)["contributor"]

    assert helped == {"@type": "Organization", "name": "Parents Opening Doors"}


def test_a_page_says_what_it_repeats(world, write, release):
    block = shared_blocks.write_block(world)
    shared_blocks.release_block(world, block)
    page = write(body=shared_blocks.holding(block))
    release(page)

    assert json_ld(page)["isBasedOn"] == [
        f"{settings.PUBLIC_ORIGIN}/items/{block.content_id}"
    ]


def test_nobody_is_named_as_a_reviewer_of_what_they_did_not_read(world, write, release):
    page = write("news")
    made = release(page)
    Release.objects.filter(pk=made.pk).update(
        receipt=made.receipt | {"forums": []}, assured_at=None
    )

    told = json_ld(page)

    assert "reviewedBy" not in told
    assert "lastReviewed" not in told
    assert told["@type"] == ["WebPage", "NewsArticle"]


@pytest.mark.parametrize(
    "title", ["</script><script>alert(1)</script>", "<!-- Q & A -->", "<script>"]
)
def test_no_title_ends_the_script_element_or_hides_its_end(
    world, write, release, title
):
    """After “<!--” and “<script” a browser looks past the next “</script>”."""
    page = write(title=title, slug="a-title")
    release(page)

    shown = Client().get(f"/items/{page.content_id}").text
    (script,) = re.findall(
        r'<script type="application/ld\+json">(.*?)</script>', shown, flags=re.DOTALL
    )

    assert json.loads(script)["name"] == title
    assert not set("<>&") & set(script)
    assert "<script>alert" not in shown
