"""People find a feed, see what is in it and take its address, without an account."""

import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

from cms import sign_off as verbs
from cms import withdrawals
from cms.models import LocalOfferPage, Topic
from site_settings.models import PublisherSettings
from syndication.feeds import selections

from .conftest import submit_draft, write_draft

ORIGIN = "https://localoffer.example"
FORMATS = ("rss", "atom", "json")
TITLE = "Getting help with talking and understanding"


class Read(HTMLParser):
    """What a page holds: links, alternates, fields to copy from, buttons, ids."""

    def __init__(self, page):
        super().__init__()
        self.links, self.alternates, self.fields = set(), [], {}
        self.buttons, self.ids, self.scripts = [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        attrs = dict(attributes)
        if "id" in attrs:
            self.ids.append(attrs["id"])
        if tag == "a":
            self.links.add(attrs["href"])
        elif tag == "link" and attrs.get("rel") == "alternate":
            if "oembed" in attrs["type"]:
                return
            self.alternates.append((attrs["type"], attrs["href"]))
        elif tag == "input":
            assert "readonly" in attrs
            self.fields[attrs["id"]] = attrs["value"]
        elif tag == "button":
            assert "hidden" in attrs, "does nothing without its script"
            self.buttons.append(attrs["data-copies"])
        elif tag == "script":
            self.scripts.append(attrs.get("src"))


def read(client, path):
    answer = client.get(path)
    assert answer.status_code == 200, answer.content
    return Read(answer.text)


@pytest.fixture
def talking(world):
    return Topic.objects.create(name="Talking & listening", slug="talking")


@pytest.fixture
def released(world, talking):
    page = write_draft(world, areas=[world.shropshire])
    page.topics = [talking]
    page.save_revision(user=world.editor)
    return sign_alone(world, submit_draft(world, page))


def sign_alone(world, proof):
    verbs.sign(
        proof=proof, forum=world.pacc, by=world.pat, fingerprint=proof.fingerprint
    )
    return proof


def test_the_list_gives_every_feed_its_addresses_and_a_page(client, world, talking):
    page = read(client, "/feeds/")

    every = selections.every()
    assert len(every) == 6 * (1 + 2 + 1)
    for one in every:
        assert one.address("rss") in page.fields.values()
        assert set(one.addresses.values()) <= page.links
        assert f"/feeds/{one.path}/" in page.links
    assert page.buttons == list(page.fields)
    assert len(page.ids) == len(set(page.ids))


def test_the_list_and_the_pages_let_programs_find_the_feeds(client, world, talking):
    assert set(read(client, "/feeds/").alternates) == {
        (media_type, f"{ORIGIN}/feeds/{kind}.{form}")
        for kind in selections.KINDS
        for form, media_type in (
            ("rss", "application/rss+xml"),
            ("atom", "application/atom+xml"),
            ("json", "application/feed+json"),
        )
    }
    for path in ("news", "news/shropshire", "news/topic/talking"):
        alternates = read(client, f"/feeds/{path}/").alternates
        assert [href for _, href in alternates] == [
            f"{ORIGIN}/feeds/{path}.{form}" for form in FORMATS
        ]


def test_a_page_and_the_site_let_programs_find_the_fitting_feeds(client, released):
    item = read(client, f"/items/{released.content_id}")
    home = read(client, "/")

    assert [href for _, href in item.alternates[1:]] == [
        f"{ORIGIN}/feeds/{path}"
        for path in (
            "local-offer.rss",
            "local-offer.atom",
            "local-offer.json",
            "local-offer/shropshire.rss",
            "local-offer/topic/talking.rss",
        )
    ]
    assert [href for _, href in home.alternates] == [
        f"{ORIGIN}/feeds/all.{form}" for form in FORMATS
    ]


@pytest.mark.parametrize(
    "path",
    [
        "all",
        "local-offer",
        "local-offer/shropshire",
        "local-offer/topic/talking",
        "local-offer/shropshire/talking",
    ],
)
def test_the_page_of_a_feed_shows_what_is_new_and_who_agreed(client, released, path):
    answer = client.get(f"/feeds/{path}/")
    page = Read(answer.text)

    assert TITLE in answer.text
    assert "Who can help, and what to try first." in answer.text
    assert "Agreed by Shropshire Parent and Carer Council." in answer.text
    assert f"/items/{released.content_id}" in page.links
    assert list(page.fields.values()) == [
        f"{ORIGIN}/feeds/{path}.{form}" for form in FORMATS
    ]
    assert page.buttons == list(page.fields)


@pytest.mark.parametrize(
    "path", ["news", "all/telford-and-wrekin", "local-offer/telford-and-wrekin/talking"]
)
def test_the_page_of_another_feed_does_not(client, released, path):
    page = client.get(f"/feeds/{path}/").text

    assert TITLE not in page
    assert "Nothing yet." in page


def test_the_pages_lead_to_the_wider_and_the_narrower_feeds(client, world, talking):
    whole = read(client, "/feeds/news/").links
    area = read(client, "/feeds/news/shropshire/").links
    both = read(client, "/feeds/news/shropshire/talking/").links

    assert {"/feeds/news/shropshire/", "/feeds/news/topic/talking/"} <= whole
    assert {"/feeds/news/", "/feeds/news/shropshire/talking/"} <= area
    assert "/feeds/news/telford-and-wrekin/" not in area
    assert {
        "/feeds/news/",
        "/feeds/news/shropshire/",
        "/feeds/news/topic/talking/",
    } <= both


@pytest.mark.parametrize("kind", ["withdrawn", "notice", "vanish"])
def test_what_was_taken_back_leaves_the_pages_at_once(client, released, world, kind):
    withdrawals.withdraw(
        content_id=released.content_id,
        by=world.pat,
        reason="Wrong number",
        kind="gone" if kind == "withdrawn" else kind,
        public_note="" if kind == "vanish" else "Ring 01632 960777 instead.",
    )

    for path in ("all", "local-offer", "local-offer/shropshire/talking"):
        assert TITLE not in client.get(f"/feeds/{path}/").text
    for path in ("withdrawals", "withdrawals/shropshire", "withdrawals/topic/talking"):
        page = client.get(f"/feeds/{path}/").text
        assert TITLE not in page
        assert ("Ring 01632 960777 instead." in page) == (kind != "vanish")
        assert (f"/items/{released.content_id}" in page) == (kind != "vanish")
    assert "960777" not in client.get("/feeds/withdrawals/telford-and-wrekin/").text


def test_what_is_public_again_was_not_taken_back(client, released, world):
    withdrawals.withdraw(content_id=released.content_id, by=world.pat, reason="Closed")
    assert "A text was withdrawn" in client.get("/feeds/withdrawals/").text

    page = LocalOfferPage.objects.get(content_id=released.content_id)
    sign_alone(world, submit_draft(world, page))

    assert "A text was withdrawn" not in client.get("/feeds/withdrawals/").text


def test_drafts_and_waiting_texts_are_on_no_page(client, world):
    write_draft(world, title="Draft 4711")
    submit_draft(world, write_draft(world, title="Waiting 4711"))

    for path in ("", "all/", "local-offer/", "local-offer/shropshire/", "feeds.opml"):
        assert "4711" not in client.get(f"/feeds/{path}").text


def test_opml_names_every_feed_once(client, world, talking):
    PublisherSettings.objects.create(name="SEND <together> & co", contact_email="a@b.c")
    answer = client.get("/feeds/feeds.opml")

    assert answer["Content-Type"] == "text/x-opml; charset=utf-8"
    assert answer["Content-Disposition"] == 'attachment; filename="feeds.opml"'
    tree = ElementTree.fromstring(answer.content)  # noqa: S314 - our own words
    assert (tree.tag, tree.get("version")) == ("opml", "2.0")
    assert [child.tag for child in tree] == ["head", "body"]
    assert tree.findtext("head/title") == "Feeds of SEND <together> & co"
    groups = tree.findall("body/outline")
    assert [group.get("text") for group in groups] == [
        "Everything new",
        "Local Offer",
        "News",
        "You said, we did",
        "Newsletter",
        "Withdrawals",
    ]
    feeds = [one for group in groups for one in group]
    assert sorted(one.attrib["xmlUrl"] for one in feeds) == sorted(
        one.address("rss") for one in selections.every()
    )
    for one in feeds:
        assert one.get("type") == "rss"
        assert one.get("text") == one.get("title")
        assert one.get("htmlUrl").startswith(f"{ORIGIN}/feeds/")
        assert client.get(one.get("htmlUrl").removeprefix(ORIGIN)).status_code == 200
    assert feeds[3].get("text") == (
        "SEND <together> & co: everything new: Talking & listening"
    )


def test_a_page_keeps_its_old_address(client, world, talking):
    talking.slug = "speech"
    talking.save()

    answer = client.get("/feeds/news/shropshire/talking/")

    assert answer.status_code == 301
    assert answer["Location"] == f"{ORIGIN}/feeds/news/shropshire/speech/"
    assert answer["Cache-Control"] == "public, max-age=60"


def test_a_slash_may_be_left_out(client, world):
    answer = client.get("/feeds/news/shropshire")

    assert answer.status_code == 301
    assert answer["Location"] == f"{ORIGIN}/feeds/news/shropshire/"


@pytest.mark.parametrize(
    "path",
    [
        "nonsense/",
        "shared-block/",
        "news/nowhere/",
        "news/topic/nothing/",
        "news/shropshire/nothing/",
        "news/nowhere/talking/",
        "news/shropshire/talking/more/",
        "feeds.xml",
        "news//",
    ],
)
def test_an_unknown_page_is_answered_with_the_list(client, world, talking, path):
    answer = client.get(f"/feeds/{path}")

    assert answer.status_code == 404
    assert "There is no such feed" in answer.text
    assert f"{ORIGIN}/feeds/all.rss" in Read(answer.text).fields.values()


@pytest.mark.parametrize(
    "path", ["", "news/", "news/shropshire/", "nonsense/", "feeds.opml"]
)
def test_any_cache_may_keep_them_for_a_minute(client, world, path):
    answer = client.get(f"/feeds/{path}")

    assert answer["Cache-Control"] == "public, max-age=60"
    assert "feeds" in answer["Cache-Tag"].split(",")
    assert answer["Vary"] == "Accept-Encoding"
    assert not answer.cookies
    if answer.status_code == 200:
        headers = {"If-None-Match": answer["ETag"]}
        assert client.get(f"/feeds/{path}", headers=headers).status_code == 304
        assert client.head(f"/feeds/{path}").content == b""
    assert client.post(f"/feeds/{path}").status_code == 405


@pytest.mark.parametrize("path", ["", "news/", "nonsense/"])
def test_pages_run_one_script_of_ours_and_nothing_else(client, world, path):
    answer = client.get(f"/feeds/{path}")
    policy = dict(
        one.strip().split(" ", 1)
        for one in answer["Content-Security-Policy"].split(";")
    )

    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert Read(answer.text).scripts == ["/static/feeds/copy.js"]
    assert not re.search(r"<script(?! src=)| on\w+=| style=", answer.text)


def test_other_pages_still_run_none(client, released):
    for path in ("/", f"/items/{released.content_id}"):
        assert "script-src" not in client.get(path)["Content-Security-Policy"]


def test_no_page_costs_more_for_thirty_topics(
    client, released, django_assert_max_num_queries
):
    for number in range(30):
        Topic.objects.create(name=f"Topic {number}", slug=f"topic-{number}")

    # Areas and topics with what they were called before (up to three each), who
    # publishes and, of one feed, what is new.
    with django_assert_max_num_queries(7):
        page = client.get("/feeds/").text
    with django_assert_max_num_queries(7):
        client.get("/feeds/feeds.opml")
    for path in ("all", "all/shropshire", "all/shropshire/talking", "withdrawals"):
        with django_assert_max_num_queries(8):
            assert client.get(f"/feeds/{path}/").status_code == 200
    assert len(page) < 400_000
