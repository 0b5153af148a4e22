"""Programs that make mails of a feed find in that of the newsletter what they read.

Each function named for a program takes of an item what its handbook says that it takes
(docs/feeds.md), and nothing else.
"""

import json
import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from types import SimpleNamespace
from urllib.parse import urlsplit
from xml.etree import ElementTree

import feedparser
import pytest
from bs4 import BeautifulSoup
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cms import withdrawals
from syndication import receipts
from syndication.newsletters.models import Issue, IssueItem

from .every_block import attachment, make_document, make_picture, picture
from .voices import EVERYWHERE, make_consent, text, voice

ADDRESS = "/feeds/issues.rss"
NAMESPACES = {
    "content": "http://purl.org/rss/1.0/modules/content/",
    "media": "http://search.yahoo.com/mrss/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "atom": "http://www.w3.org/2005/Atom",
}
ENGLISH_DATE = re.compile(
    r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d "
    r"(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d:\d\d GMT"
)


@pytest.fixture
def sign_issue(world, sign_issue):
    """The same for a draft, which is submitted first."""

    def submit_and_sign(issue):
        issue.get_workflow().start(issue, world.editor)
        return sign_issue(issue)

    return submit_and_sign


@pytest.fixture
def made(world, write, release, sign_issue):
    """An issue of three texts, of which the second has a picture and a file."""
    body = [attachment(make_document()), picture(make_picture(size=(1200, 900)))]
    items = [
        release(write(title="Swimming & more", areas=[world.shropshire])),
        release(write("news", title="New rooms", body=body, slug="rooms")),
        release(write(title="Another door", body=[picture(make_picture())], slug="d")),
    ]
    issue = Issue(title="SEND news", introduction="Dear families, hello.")
    issue.items.add(
        *(IssueItem(release=one, sort_order=n) for n, one in enumerate(items))
    )
    issue.save()
    issue.save_revision(user=world.editor)
    return SimpleNamespace(issue=issue, items=items, release=sign_issue(issue))


def items_of(address=ADDRESS):
    answer = Client().get(address)
    assert answer.status_code == 200
    root = ElementTree.fromstring(answer.content)  # noqa: S314 - our own words
    return list(root.iterfind("./channel/item"))


def said(item, name):
    found = item.find(name, NAMESPACES)
    return None if found is None else found.text


def html_of(item):
    return BeautifulSoup(said(item, "content:encoded"), "html.parser")


def new_since(items, moment):
    """Those that a program sends which sends whatever is dated after its last look."""
    return [
        one for one in items if parsedate_to_datetime(said(one, "pubDate")) > moment
    ]


# Each program


def mailchimp(item):
    """The date of the first of five; pictures by medium or type; the whole content."""
    names = ("pubDate", "published", "created", "updated", "date")
    medium = item.find("media:content", NAMESPACES)
    is_picture = medium is not None and (
        medium.get("medium") == "image" or medium.get("type", "").startswith("image/")
    )
    return {
        "date": next(filter(None, (said(item, name) for name in names))),
        "title": said(item, "title"),
        "url": said(item, "link"),
        "content": said(item, "description"),
        "full": said(item, "content:encoded"),
        "image": medium.attrib if is_picture else None,
    }


def mailup(item):
    """The description; the first picture in it, or else in the content."""
    found = BeautifulSoup(said(item, "description"), "html.parser").img
    found = found or html_of(item).img
    return {"summary": said(item, "description"), "image": found and found["src"]}


def actito(item):
    """The enclosure, as the RSS plugin of Mautic does."""
    found = item.find("enclosure")
    return None if found is None else found.attrib


def mailerlite(items, sent):
    """What it did not send yet, by guid: what changed is never sent again."""
    return [said(one, "title") for one in items if said(one, "guid") not in sent]


def wordpress(item):
    """The RSS block: title, link, when, and the excerpt as plain words."""
    words = BeautifulSoup(said(item, "description"), "html.parser")
    assert not words.find(True), "no markup"
    return said(item, "title"), said(item, "link"), words.get_text()


def test_mailchimp_finds_date_picture_and_content(made):
    (item,) = items_of()
    found = mailchimp(item)

    assert ENGLISH_DATE.fullmatch(found["date"])
    assert parsedate_to_datetime(found["date"]) == made.release.released_at.replace(
        microsecond=0
    )
    assert found["title"] == "SEND news"
    assert found["url"] == (f"{settings.PUBLIC_ORIGIN}/items/{made.issue.content_id}")
    image = found["image"]
    assert image["medium"] == "image"
    assert image["type"] == "image/png"
    assert (image["width"], image["height"]) == ("1200", "900")
    assert image["url"].startswith(f"{settings.PUBLIC_ORIGIN}/images/")
    shown = Client().get(urlsplit(image["url"]).path)
    assert shown.status_code == 200
    assert shown["Content-Type"] == "image/png"
    assert image["fileSize"] == str(len(shown.content))
    words = BeautifulSoup(found["full"], "html.parser").get_text()
    for one in ("Dear families, hello.", "Swimming & more", "New rooms", "Agreed by"):
        assert one in words


def test_the_picture_is_that_of_the_first_item_which_has_one(made):
    (item,) = items_of()

    assert len(item.findall("media:content", NAMESPACES)) == 1
    words = item.find("media:content/media:description", NAMESPACES).text
    assert words == "An open door"
    (image,) = html_of(item).find_all("img")
    assert image["alt"] == "An open door"
    assert (image["width"], image["height"]) == ("600", "450")
    assert "The picture is from “New rooms”." in html_of(item).get_text()


def test_a_picture_that_not_all_forums_of_the_issue_saw_is_not_shown(
    world, write, release, sign_issue
):
    here = [world.shropshire]
    body = [picture(make_picture())]
    items = [
        release(write(title="Seen by one forum", areas=here, body=body)),
        release(write(title="For both", slug="both")),
    ]
    made = issue_of(world, *items)
    sign_issue(made)

    (item,) = items_of()

    assert html_of(item).img is None
    assert mailchimp(item)["image"] is None
    assert actito(item) is None


def test_a_later_picture_that_all_forums_of_the_issue_saw_is_shown(
    world, write, release, sign_issue
):
    body = [picture(make_picture())]
    items = [
        release(write(title="For one", areas=[world.telford], body=body)),
        release(write(title="For both", slug="both", body=body)),
    ]
    made = issue_of(world, *items)
    sign_issue(made)

    (item,) = items_of()

    assert "The picture is from “For both”." in html_of(item).get_text()


def test_whoever_did_not_agree_or_did_not_see_a_shared_block_did_not_agree_to_it_all():
    def answers(**decisions):
        return [{"slug": slug, "decision": one} for slug, one in decisions.items()]

    receipt = {"forums": answers(pacc="agree", pods="agree_with_comments", slt="agree")}
    assert receipts.agreed_to_all({"forums": []}) == set()
    assert receipts.agreed_to_all(receipt) == {"pacc", "pods", "slt"}

    receipt["forums"] = answers(pacc="dissent", pods="agree", slt="agree")
    assert receipts.agreed_to_all(receipt) == {"pods", "slt"}

    receipt["shared_blocks"] = [{"forums": answers(pods="agree", pacc="agree")}]
    assert receipts.agreed_to_all(receipt) == {"pods"}


def test_the_photo_of_a_family_does_not_hide_the_picture_of_a_later_item(
    world, write, release, sign_issue
):
    given = make_consent(world.admin, kind="photo", channels=EVERYWHERE)
    photo = {"image": make_picture().pk, "alt_text": "Two children at a door"}
    body = [text(), voice(given, kind="photo", words="", photo=photo)]
    items = [
        release(write(title="A family", body=body)),
        release(write(title="New rooms", slug="r", body=[picture(make_picture())])),
    ]
    made = issue_of(world, *items)
    sign_issue(made)

    (item,) = items_of()

    assert "The picture is from “New rooms”." in html_of(item).get_text()
    assert "Two children" not in ElementTree.tostring(item, "unicode")


def issue_of(world, *items):
    issue = Issue(title="SEND news")
    issue.items.add(
        *(IssueItem(release=one, sort_order=n) for n, one in enumerate(items))
    )
    issue.save()
    issue.save_revision(user=world.editor)
    return issue


def test_an_issue_without_a_picture_tells_of_none(world, write, release, sign_issue):
    issue = Issue(title="Words alone")
    issue.items.add(IssueItem(release=release(write()), sort_order=0))
    issue.save()
    issue.save_revision(user=world.editor)
    sign_issue(issue)

    (item,) = items_of()

    assert mailchimp(item)["image"] is None
    assert actito(item) is None
    assert html_of(item).img is None


def test_mailup_finds_the_picture_in_the_content_and_none_in_the_summary(made):
    (item,) = items_of()

    found = mailup(item)

    assert found["image"] == mailchimp(item)["image"]["url"]
    assert found["summary"] == "3 items for families in Shropshire, Telford and Wrekin."


def test_actito_and_mautic_find_the_picture_as_an_enclosure(made):
    (item,) = items_of()
    image = mailchimp(item)["image"]

    assert actito(item) == {
        "url": image["url"],
        "length": image["fileSize"],
        "type": "image/png",
    }


def test_brevo_finds_the_same_in_json(made):
    (item,) = Client().get("/feeds/issues.json").json()["items"]
    (rss,) = items_of()

    assert item["image"] == mailchimp(rss)["image"]["url"]
    assert item["content_html"] == said(rss, "content:encoded")
    assert item["id"] == said(rss, "guid")


def test_wordpress_and_govdelivery_find_plain_words(made):
    (item,) = items_of()

    title, link, words = wordpress(item)

    assert (title, link) == ("SEND news", said(item, "link"))
    assert 0 < len(words) <= 300


def test_everything_else_that_programs_file_by_is_there(made):
    (item,) = items_of()

    assert [one.text for one in item.findall("category")] == [
        "Shropshire",
        "Telford and Wrekin",
    ]
    creators = [one.text for one in item.findall("dc:creator", NAMESPACES)]
    assert creators == ["Shropshire Parent and Carer Council", "Parents Opening Doors"]
    assert said(item, "atom:updated")
    guid = item.find("guid")
    assert guid.text == f"urn:uuid:{made.issue.content_id}"
    assert guid.get("isPermaLink") == "false"


# The HTML


def test_the_content_can_be_sent_as_it_is(made):
    (item,) = items_of()
    html = html_of(item)

    forbidden = ("html", "head", "body", "style", "script", "link", "form", "iframe")
    assert not html.find_all(forbidden)
    assert not html.select("[class], [id]")
    for one in html.find_all(["h2", "p", "a", "div"]):
        assert one.get("style"), one
    (around,) = html.find_all(True, recursive=False)
    assert around["lang"] == "en-GB"
    assert "font-size: 16px" in around["style"]
    for one in html.find_all(["a", "img"]):
        address = one.get("href") or one.get("src")
        assert address.startswith(("https://", "mailto:", "tel:"))
        assert "utm_" not in address
    assert all(int(one["width"]) <= 600 for one in html.find_all("img"))


def test_the_words_are_those_that_were_signed(made):
    (item,) = items_of()
    signed = json.loads(bytes(made.release.payload))["html"]

    words = html_of(item).get_text().split()
    wanted = BeautifulSoup(signed, "html.parser").get_text().split()

    assert words[: len(wanted)] == wanted


def test_readers_of_feeds_keep_the_looks_and_every_word(made):
    """feedparser drops what it holds for dangerous, as most readers do."""
    (entry,) = feedparser.parse(Client().get(ADDRESS).content).entries
    (item,) = items_of()
    kept = BeautifulSoup(entry.content[0].value, "html.parser")

    assert kept.get_text() == html_of(item).get_text()
    for name in ("div", "h2", "p", "a"):
        left, right = (
            str(one.select(name)[0]["style"]) for one in (kept, html_of(item))
        )
        assert left.replace(" ", "") == right.replace(" ", "")


@pytest.mark.parametrize("kind", ["news", "all", "local-offer", "withdrawals"])
def test_other_feeds_are_not_dressed(made, kind):
    for item in items_of(f"/feeds/{kind}.rss"):
        assert "style=" not in said(item, "content:encoded")


# What happens to an issue


def leave_out(world, made, *, item):
    withdrawals.withdraw(
        content_id=item.item.content_id, by=world.admin, reason="Wrong"
    )


def change(world, made, sign_issue):
    draft = made.issue.get_latest_revision_as_object()
    draft.introduction = "A date was wrong; this is the right one."
    draft.save_revision(user=world.editor)
    made.issue.refresh_from_db()
    return sign_issue(made.issue)


def test_a_corrected_issue_is_a_new_entry_that_says_so(
    world, made, sign_issue, time_machine
):
    (first,) = items_of()
    looked = datetime.now(tz=UTC)
    time_machine.move_to(looked + timedelta(days=1))

    change(world, made, sign_issue)

    notice, entry = items_of()
    title = "Changed: SEND news"
    assert mailerlite([notice, entry], {said(first, "guid")}) == [title]
    assert [said(one, "title") for one in new_since([notice, entry], looked)] == [title]
    # In its place it is corrected too, under its identity and its date.
    assert said(entry, "guid") == said(first, "guid")
    assert said(entry, "pubDate") == said(first, "pubDate")
    assert "A date was wrong" in said(entry, "content:encoded")
    assert said(notice, "link") == said(entry, "link")
    assert "style=" in said(notice, "content:encoded")
    assert "This newsletter was changed on" in said(notice, "description")


def test_other_texts_that_change_are_no_new_entry(world, write, release, edit):
    page = write("news", title="Swimming")
    release(page)
    edit(page, world.editor, title="Swimming on Mondays")
    release(page)

    titles = [said(one, "title") for one in items_of("/feeds/news.rss")]

    assert titles == ["Swimming on Mondays"]


def test_what_was_taken_out_of_an_issue_is_told_and_gone_with_its_picture(
    world, made, time_machine
):
    (first,) = items_of()
    time_machine.move_to(datetime.now(tz=UTC) + timedelta(days=1))

    leave_out(world, made, item=made.items[1])

    items = items_of()
    assert mailerlite(items, {said(first, "guid")}) == ["Part taken out: SEND news"]
    words = "".join(ElementTree.tostring(one, "unicode") for one in items)
    assert "New rooms" not in words
    assert mailchimp(first)["image"]["url"] not in words
    # The next one that has a picture.
    assert "The picture is from “Another door”." in words


def test_a_picture_of_another_version_is_not_shown(world, made, edit, release):
    page = made.items[1].proof.item
    edit(page, world.editor, title="New rooms, later")
    release(page)

    (item,) = items_of()

    assert "The picture is from “Another door”." in html_of(item).get_text()
    assert "New rooms, later" not in said(item, "content:encoded")


def test_a_withdrawn_issue_is_a_notice_in_its_place_and_a_new_entry(world, made):
    (first,) = items_of()

    withdrawals.withdraw(
        content_id=made.issue.content_id,
        by=world.admin,
        reason="Wrong",
        public_note="A date was wrong.",
    )

    items = items_of()
    assert mailerlite(items, {said(first, "guid")}) == [
        "Withdrawn: an issue of the newsletter"
    ]
    words = "".join(ElementTree.tostring(one, "unicode") for one in items)
    assert "A date was wrong." in words
    for gone in ("SEND news", "Swimming", "New rooms", "/images/"):
        assert gone not in words


def test_making_the_feed_takes_as_many_queries_however_many_issues_there_are(
    world, made, sign_issue
):
    def cost():
        with CaptureQueriesContext(connection) as asked:
            assert Client().get(ADDRESS).status_code == 200
        return len(asked)

    few = cost()
    for number in range(4):
        issue = Issue(title=f"Number {number}")
        issue.items.add(IssueItem(release=made.items[2 - number % 2], sort_order=0))
        issue.save()
        issue.save_revision(user=world.editor)
        sign_issue(issue)
    # The first time a row was written as well; this time it is changed.
    cost()
    change(world, made, sign_issue)

    assert cost() <= few + 1
