"""What was taken back is taken back in every feed, and from readers that stored it."""

import datetime as dt
import json
import os
import random
from pathlib import Path
from typing import Any
from uuid import UUID
from xml.etree import ElementTree

import feedparser
import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import settings as effort

from cms import consent_register, corrections, expiry, withdrawals
from cms import sign_off as verbs
from cms.models import Proof, Topic
from syndication import changes, releases
from syndication.feeds import window
from syndication.models import Change, Release
from syndication.receipts import moment

from .conftest import submit_draft
from .shared_blocks import everyone_signs
from .voices import WORDS, make_consent, text, voice

CONTRACT = Path(__file__).parent / "contract"
FORMATS = ("rss", "atom", "json")
ORIGIN = "https://localoffer.example"
NOON = dt.datetime(2026, 5, 3, 12, tzinfo=dt.UTC)
FIRST = UUID("11111111-1111-4111-8111-111111111111")
SECOND = UUID("22222222-2222-4222-8222-222222222222")
ATOM = "{http://www.w3.org/2005/Atom}"
AT = "{http://purl.org/atompub/tombstones/1.0}"
TITLE = "Getting help with talking and understanding"
NIGHTLY = effort.get_current_profile_name() == "nightly"


@pytest.fixture(autouse=True)
def noon(time_machine):
    time_machine.move_to(NOON, tick=False)
    return time_machine


@pytest.fixture
def later(time_machine):
    """Let days pass: ``later()``."""

    def later(days=1):
        time_machine.shift(dt.timedelta(days=days))

    return later


@pytest.fixture
def page(write, release):
    page = write(content_id=FIRST)
    release(page)
    return page


@pytest.fixture
def take_back(world, later):
    def take_back(content_id=FIRST, **kwargs):
        later()
        withdrawals.withdraw(
            content_id=content_id, by=world.admin, reason="Zqsecret", **kwargs
        )

    return take_back


@pytest.fixture
def correct(world, later):
    def correct(page, number="01632 960555"):
        later()
        page = corrections.public_version(page)
        (field,) = (
            one for one in corrections.fields(page) if "Telephone of" in one.label
        )
        return corrections.correct(
            page=page, values={field.name: number}, by=world.admin, reason="New line"
        )

    return correct


@pytest.fixture
def release_again(world, edit):
    """Let a text out once more, with new signatures."""

    def release_again(page, **fields):
        page.refresh_from_db()
        if fields:
            edit(page, world.editor, **fields)
        return everyone_signs(world, submit_draft(world, page))

    return release_again


def items(client, path="all"):
    return client.get(f"/feeds/{path}.json").json()["items"]


def titles(client, path="all"):
    return [one["title"] for one in items(client, path)]


def tree(client, path):
    return ElementTree.fromstring(client.get(f"/feeds/{path}").content)  # noqa: S314


def urn(content_id):
    return f"urn:uuid:{content_id}"


# In its place, and beside it.


@pytest.mark.parametrize("form", FORMATS)
def test_a_withdrawn_text_is_replaced_under_its_own_identity(
    client, page, take_back, form
):
    take_back(public_note="The number was wrong.\nRing 01632 960000.")

    body = client.get(f"/feeds/all.{form}").content.decode()
    assert TITLE not in body
    assert "advice line" not in body
    assert "Zqsecret" not in body
    if form == "json":
        notice, place = json.loads(body)["items"]
        assert place["id"] == urn(FIRST)
        assert place["title"] == "This text was withdrawn"
        assert place["date_published"] == "2026-05-03T12:00:00Z"
        assert place["date_modified"] == "2026-05-04T12:00:00Z"
        assert "<p>The number was wrong.</p>\n<p>Ring 01632" in place["content_html"]
        assert "It was taken back on 4 May 2026" in place["content_text"]
        assert "authors" not in place
        assert place["_countersign"]["state"] == "withdrawn"
    else:
        notice, place = feedparser.parse(body).entries
        assert place.id == urn(FIRST)
        assert place.title == "This text was withdrawn"
        assert place.published_parsed[:3] == (2026, 5, 3)
        assert place.updated_parsed[:3] == (2026, 5, 4)
        assert "The number was wrong." in place.content[0].value
    # For readers that never look again at what they have seen.
    assert notice["id"] not in (urn(FIRST), "")
    assert notice["title"] == "Withdrawn: a page of the Local Offer"
    assert f"{ORIGIN}/items/{FIRST}" in str(notice)


def test_a_notice_keeps_its_identity(client, page, take_back, later, write, release):
    take_back()
    before = items(client)[0]["id"]
    later()

    release(write(slug="another"))

    assert before in [one["id"] for one in items(client)]


def test_a_replaced_text_leads_to_what_replaces_it(
    client, page, take_back, write, release
):
    release(write(content_id=SECOND, slug="new", title="New advice"))
    take_back(kind="redirect", to=SECOND)

    place = next(one for one in items(client) if one["id"] == urn(FIRST))
    assert place["_countersign"]["replacement"] == str(SECOND)
    assert f'<a href="{ORIGIN}/items/{SECOND}">' in place["content_html"]

    take_back(SECOND)
    place = next(one for one in items(client) if one["id"] == urn(FIRST))
    assert "replacement" not in place["_countersign"]
    assert str(SECOND) not in place["content_html"]


def test_what_is_over_is_replaced_without_coming_up_once_more(
    client, write, release, time_machine
):
    day = NOON.date() + dt.timedelta(days=3)
    release(write("news", content_id=FIRST, title="Fair", expires_on=day))
    time_machine.shift(dt.timedelta(days=1))
    release(write("news", content_id=SECOND, title="Stays"))
    time_machine.shift(dt.timedelta(days=5))

    expiry.end_due()

    assert titles(client) == ["Stays", "This news is over"]
    assert "It was shown until 6 May 2026" in items(client)[1]["content_text"]
    assert titles(client, "withdrawals") == ["Over: a news item"]


# Vanish.


@pytest.mark.parametrize("form", FORMATS)
def test_of_what_vanished_nothing_is_left_but_that_it_is_not_there(
    client, page, correct, take_back, form
):
    correct(page)
    assert f"Corrected: {TITLE}" in client.get(f"/feeds/all.{form}").text

    take_back(kind="vanish", public_note="Zqnote")

    body = client.get(f"/feeds/all.{form}").text
    for word in (
        TITLE,
        "advice line",
        "Zq",
        "Corrected",
        "ithdrawn",
        f"/items/{FIRST}",
    ):
        assert word not in body
    if form == "json":
        (entry,) = json.loads(body)["items"]
        assert entry["_countersign"] == {
            "about": f"{ORIGIN}/feeds/",
            "state": "unavailable",
            "content_id": str(FIRST),
        }
        assert entry["id"] == urn(FIRST)
        assert "url" not in entry
        # Not when it was first there either.
        assert entry["date_published"] == entry["date_modified"]
        assert "2026-05-03" not in body
    else:
        (entry,) = feedparser.parse(body).entries
        assert entry.id == urn(FIRST)
        assert entry.title == "No longer available"
    assert str(FIRST) not in client.get(f"/feeds/withdrawals.{form}").text


def test_what_came_back_after_it_vanished_tells_nothing_of_that(
    client, page, correct, take_back, release_again, later
):
    correct(page)
    take_back(kind="vanish")
    later()

    release_again(page)

    assert titles(client) == [TITLE]
    assert items(client, "withdrawals") == []


def test_a_correction_after_that_is_told_again(
    client, page, take_back, release_again, correct
):
    take_back(kind="vanish")
    release_again(page)

    correct(page)

    assert titles(client) == [f"Corrected: {TITLE}", TITLE]


# The feed of withdrawals.


def test_withdrawals_have_a_feed_with_deleted_entries(client, page, take_back):
    take_back(public_note="The number was wrong.", reason_class="wrong")

    feed = tree(client, "withdrawals.atom")
    (deleted,) = feed.findall(f"{AT}deleted-entry")
    assert deleted.attrib == {"ref": urn(FIRST), "when": "2026-05-04T12:00:00Z"}
    assert deleted.findtext(f"{AT}comment") == "The number was wrong."
    (entry,) = feed.findall(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}id") == items(client)[0]["id"]
    # A deleted entry stands in no feed that has an entry of that identity.
    assert tree(client, "all.atom").find(f"{AT}deleted-entry") is None
    for path in ("withdrawals/shropshire", "withdrawals/telford-and-wrekin"):
        assert len(items(client, path)) == 1


def test_withdrawals_are_by_area(client, world, write, release, take_back):
    release(write(content_id=FIRST, areas=[world.shropshire]))

    take_back()

    assert len(items(client, "withdrawals/shropshire")) == 1
    assert items(client, "withdrawals/telford-and-wrekin") == []


def test_what_is_public_again_is_no_withdrawal(
    client, page, take_back, release_again, later
):
    take_back()
    later()

    release_again(page)

    assert items(client, "withdrawals") == []
    assert tree(client, "withdrawals.atom").find(f"{AT}deleted-entry") is None
    assert titles(client) == [f"Public again: {TITLE}", TITLE]
    assert items(client)[1]["id"] == urn(FIRST)


# Corrections, and what is taken out.


@pytest.mark.parametrize("form", FORMATS)
def test_a_correction_is_announced_beside_the_corrected_text(
    client, page, correct, form
):
    correct(page)

    body = client.get(f"/feeds/all.{form}").content
    if form == "json":
        found = json.loads(body)["items"]
    else:
        found = feedparser.parse(body).entries
    notice, entry = sorted(found, key=lambda one: one["id"] == urn(FIRST))
    assert entry["id"] == urn(FIRST)
    assert "01632 960555" in str(entry)
    assert notice["title"] == f"Corrected: {TITLE}"
    assert "changed on 4 May 2026" in str(notice)


def test_a_correction_that_is_not_agreed_is_announced_as_well(
    client, world, page, correct, later
):
    proof = correct(page)
    first = [one["id"] for one in items(client)]
    later()

    verbs.not_agree(
        proof=proof,
        forum=world.pods,
        by=world.pip,
        fingerprint=proof.fingerprint,
        comment="It is the old number.",
    )

    assert "01632 960101" in str(items(client))
    assert "01632 960555" not in str(items(client))
    assert titles(client).count(f"Corrected: {TITLE}") == 2
    assert len({one["id"] for one in items(client)} - set(first)) == 1


def test_a_voice_that_was_taken_out_is_announced_without_saying_what(
    client, world, write, release, later
):
    given = make_consent(world.admin, channels=("site", "api", "feeds"))
    release(write(content_id=FIRST, body=[text(), voice(given)]))
    assert WORDS in client.get("/feeds/all.json").content.decode()
    later()

    consent_register.withdraw(consent=given, by=world.admin)

    assert WORDS not in client.get("/feeds/all.json").content.decode()
    assert titles(client) == [f"Part taken out: {TITLE}", TITLE]
    assert "Something was taken out of this text on 4 May" in str(items(client))


# Other selections.


def test_a_text_that_left_an_area_is_replaced_there(
    client, world, page, release_again, later, take_back
):
    later()
    release_again(page, areas=[world.shropshire], title="For Shropshire")

    assert titles(client, "all/shropshire") == ["For Shropshire"]
    (entry,) = items(client, "all/telford-and-wrekin")
    assert entry["id"] == urn(FIRST)
    assert entry["title"] == "No longer in this feed"
    assert entry["url"] == f"{ORIGIN}/items/{FIRST}"
    assert "advice line" not in str(entry)

    take_back()
    (entry,) = items(client, "all/telford-and-wrekin")
    assert entry["title"] == "This text was withdrawn"
    assert entry["date_modified"] == "2026-05-05T12:00:00Z"


def test_topics_have_feeds_and_keep_their_address_when_renamed(
    client, world, write, release
):
    health = Topic.objects.create(name="Health", slug="health")
    Topic.objects.create(name="School", slug="school")
    page = write(content_id=FIRST)
    page.topics = [health]
    page.save_revision(user=world.editor)
    release(page)
    paths = ("all/topic/health", "local-offer/shropshire/health")
    for path in paths:
        assert titles(client, path) == [TITLE]
    for path in ("all/topic/school", "news/topic/health"):
        assert items(client, path) == []

    health.slug = "wellbeing"
    health.save()

    for path in paths:
        answer = client.get(f"/feeds/{path}.rss")
        new = path.replace("health", "wellbeing")
        assert answer.status_code == 301
        assert answer["Location"] == f"{ORIGIN}/feeds/{new}.rss"
        assert answer["Cache-Control"].startswith("public")
        # What was signed says the old name, and is there all the same.
        assert titles(client, new) == [TITLE]
    assert client.get("/feeds/all/topic/nothing.rss").status_code == 404


# The window.


def test_nothing_old_slides_in_when_something_is_taken_back(
    client, write, release, later, take_back, monkeypatch
):
    monkeypatch.setattr(window, "NEWEST", 2)
    ids = []
    for number in range(3):
        page = write(slug=f"n{number}", title=f"Number {number}")
        release(page)
        ids.append(page.content_id)
        later()
    assert titles(client) == ["Number 2", "Number 1"]

    take_back(ids[2], kind="vanish")
    assert titles(client) == ["No longer available", "Number 1"]
    take_back(ids[1])
    assert "Number 0" not in titles(client)
    # What is not in the feed any more, readers may still hold.
    take_back(ids[0])
    assert urn(ids[0]) in [one["id"] for one in items(client)]


@pytest.mark.slow
@pytest.mark.parametrize("game", range(30 if NIGHTLY else 2))
def test_whatever_happens_only_what_just_changed_comes_in(
    client, world, write, release_again, later, correct, monkeypatch, game
):
    monkeypatch.setattr(window, "NEWEST", 3)
    chance = random.Random(game)  # noqa: S311 - no secret
    pages: list[Any] = []
    public: set[int] = set()
    paths = ("all", "all/shropshire", "withdrawals", "all/telford-and-wrekin")
    seen: dict[str, set[str]] = {path: set() for path in paths}

    def move():
        page = chance.choice(pages)
        if page.pk not in public or chance.random() < 0.3:
            areas = chance.choice([[world.shropshire], [world.telford]])
            release_again(page, areas=areas, title=f"Text {chance.random()}")
            public.add(page.pk)
        elif chance.random() < 0.4:
            correct(page, number=f"01632 960{chance.randrange(100, 999)}")
            everyone_signs(world, Proof.objects.open().get(content_id=page.content_id))
        else:
            kind = chance.choice(["gone", "vanish"])
            withdrawals.withdraw(
                content_id=page.content_id, by=world.admin, reason="x", kind=kind
            )
            public.discard(page.pk)

    for number in range(14):
        later()
        before = moment(timezone.now())
        if number < 4:
            pages.append(write(slug=f"n{number}", title=f"Number {number}"))
            release_again(pages[-1])
            public.add(pages[-1].pk)
        else:
            move()
        for path in paths:
            found = {one["id"]: one["date_modified"] for one in items(client, path)}
            for came in found.keys() - seen[path]:
                assert found[came] >= before, (path, number)
            seen[path] = set(found)


# Archives.


@pytest.fixture
def room_for_two(monkeypatch):
    monkeypatch.setattr(window, "NEWEST", 2)
    monkeypatch.setattr(window, "ARCHIVED", 4)


@pytest.fixture
def archive(room_for_two, seven):
    """Seven texts in a feed that has room for two, four changes to a document."""
    return seven


@pytest.fixture
def seven(write, release, later):
    pages = []
    for number in range(7):
        pages.append(write(slug=f"n{number}", title=f"Number {number}"))
        release(pages[-1])
        later()
    return pages


def walk(client, path="all"):
    """Everything from the feed back through its archives, as a client reads it."""
    found, address = [], f"/feeds/{path}.atom"
    while address:
        answer = client.get(address)
        assert answer.status_code == 200
        feed = ElementTree.fromstring(answer.content)  # noqa: S314
        found.append((address, feed))
        links = {one.get("rel"): one.get("href") for one in feed.findall(f"{ATOM}link")}
        assert links["self"] == ORIGIN + address
        if len(found) > 1:
            assert links["current"] == f"{ORIGIN}/feeds/{path}.atom"
            assert (
                feed.find("{http://purl.org/syndication/history/1.0}archive")
                is not None
            )
        address = links.get("prev-archive", "").removeprefix(ORIGIN)
    return found


def logical(client, path="all"):
    """What such a client has at the end: the newest entry of each identity."""
    newest: dict[str, str] = {}
    for _, feed in walk(client, path):
        for entry in feed.findall(f"{ATOM}entry"):
            newest.setdefault(
                entry.findtext(f"{ATOM}id"), entry.findtext(f"{ATOM}title")
            )
    return newest


def test_archives_lead_back_to_everything(client, archive):
    for path in ("all", "local-offer", "all/shropshire"):
        assert set(logical(client, path).values()) == {f"Number {n}" for n in range(7)}
    assert [address for address, _ in walk(client)] == [
        "/feeds/all.atom",
        "/feeds/archive/1/all.atom",
        "/feeds/archive/0/all.atom",
    ]
    following = [
        one.get("href")
        for one in walk(client)[2][1].findall(f"{ATOM}link")
        if one.get("rel") == "next-archive"
    ]
    assert following == [f"{ORIGIN}/feeds/archive/1/all.atom"]
    assert "prev-archive" not in client.get("/feeds/news.atom").text


def test_what_is_taken_back_leaves_the_archives(client, archive, take_back):
    gone = archive[0]
    assert "Number 0" in client.get("/feeds/archive/0/all.atom").text

    take_back(gone.content_id)

    assert "Number 0" not in client.get("/feeds/archive/0/all.atom").text
    assert logical(client)[urn(gone.content_id)] == "This text was withdrawn"
    assert len(logical(client)) == 8


def test_an_archive_only_ever_loses_entries(client, archive, release_again, later):
    before = client.get("/feeds/archive/0/all.atom")
    again = {"If-None-Match": before["ETag"]}
    later()
    release_again(archive[6], title="Number 6 anew")
    assert client.get("/feeds/archive/0/all.atom", headers=again).status_code == 304

    release_again(archive[1], title="Number 1 anew")

    after = client.get("/feeds/archive/0/all.atom", headers=again)
    assert after.status_code == 200
    assert "Number 1" not in after.text
    assert "Number 2" in after.text
    assert logical(client)[urn(archive[1].content_id)] == "Number 1 anew"


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/feeds/archive/7/all.atom", 404),
        ("/feeds/archive/0/nonsense.atom", 404),
        ("/feeds/archive/0/all.rss", 404),
        ("/feeds/archive/00/all.atom", 404),
        ("/feeds/archive/0/all.atom?page=1", 400),
        ("/feeds/archive/99999999999999/all.atom", 404),
    ],
)
def test_wrong_addresses_of_archives(client, archive, address, status):
    assert client.get(address).status_code == status


def test_archives_of_a_renamed_topic_lead_on(client, archive):
    topic = Topic.objects.create(name="Health", slug="health")
    topic.slug = "wellbeing"
    topic.save()

    answer = client.get("/feeds/archive/0/all/topic/health.atom")

    assert answer.status_code == 301
    assert answer["Location"] == f"{ORIGIN}/feeds/archive/0/all/topic/wellbeing.atom"


# Promises.


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("path", ["all", "withdrawals"])
def test_what_is_told_of_changes_is_as_promised(
    client, write, release, correct, take_back, form, path
):
    """A text that was corrected, one that was withdrawn and one that vanished.

    ``CONTRACT=write pytest tests/test_feeds_removals.py`` writes the files anew.
    """
    corrected = write(content_id=SECOND, title="Where to ask", slug="ask")
    release(corrected)
    for number, content_id in enumerate((FIRST, UUID(int=SECOND.int + 1)), 1):
        release(write("news", content_id=content_id, title=f"News {number}"))
    correct(corrected)
    take_back(public_note="The number was wrong.")
    take_back(UUID(int=SECOND.int + 1), kind="vanish")

    body = client.get(f"/feeds/{path}.{form}").content
    name = "changes" if path == "all" else path
    file = CONTRACT / f"feed-{name}.{form}"
    if os.environ.get("CONTRACT") == "write":
        file.write_bytes(body)

    assert body.decode() == file.read_text()


def test_the_log_alone_makes_no_entry(client, page):
    """Only what was released is ever told."""
    with transaction.atomic():
        changes.record(
            change="published", content_id=SECOND, kind="news", version=1, within=()
        )

    assert [one["id"] for one in items(client)] == [urn(FIRST)]
    assert Change.objects.count() == 2
    assert releases.public_forms(SECOND) == {}
    assert Release.objects.count() == 1
