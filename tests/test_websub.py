"""Hubs are told of every change of a feed, until they took it, and of nothing else."""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import uuid4
from xml.etree import ElementTree

import pytest
import time_machine
from django.core.checks import run_checks
from django.db import connection, transaction

from cms import withdrawals
from cms.models import LocalOfferPage, Topic
from syndication import changes
from syndication.management.commands.worker import Loop
from syndication.websub import hubs, pings
from syndication.websub.models import Ping

from .fakes import FakeHub
from .loopback import free_port

NEWS = "https://localoffer.example/feeds/news.atom"
ALL = "https://localoffer.example/feeds/all.atom"


@pytest.fixture
def hub(settings):
    with FakeHub() as hub:
        settings.WEBSUB_HUBS = [hub.address]
        yield hub


@pytest.fixture
def change(db):
    numbers = iter(range(1, 1000))

    def change(*topics):
        with transaction.atomic():
            pings.queue(change=next(numbers), topics=topics or (NEWS,))

    return change


def send_at(moment):
    with time_machine.travel(moment, tick=False):
        return pings.send_due()


def errors(caplog):
    return [one.getMessage() for one in caplog.records if one.levelno >= logging.ERROR]


def test_a_hub_is_told_which_feeds_changed(hub, change):
    change(NEWS, ALL)

    assert pings.send_due() == 2

    assert hub.told == [
        {"hub.mode": ["publish"], "hub.url": [NEWS]},
        {"hub.mode": ["publish"], "hub.url": [ALL]},
    ]
    assert hub.connections == 1
    assert not Ping.objects.waiting().exists()
    assert pings.send_due() == 0


@pytest.fixture
def several(monkeypatch):
    """Hubs on this machine say that they take several feeds at once."""
    monkeypatch.setattr(hubs, "SEVERAL", {"127.0.0.1": "hub.url"})
    monkeypatch.setattr(hubs, "MOST", 3)


def test_a_hub_that_takes_several_feeds_at_once_is_told_so(hub, change, several):
    topics = [f"{NEWS}?{number}" for number in range(7)]
    change(*topics)

    assert pings.send_due() == 7

    assert [one["hub.url"] for one in hub.told] == [topics[:3], topics[3:6], topics[6:]]
    assert not Ping.objects.waiting().exists()


def test_a_hub_that_refuses_several_is_told_one_by_one(hub, change, several):
    """One of them may be what it does not like, and the others wait for nothing."""
    topics = [f"{NEWS}?{number}" for number in range(3)]
    change(*topics)
    hub.answers = [400, 204, 400, 204]

    pings.send_due()

    assert [one["hub.url"] for one in hub.told] == [topics, *([one] for one in topics)]
    (row,) = Ping.objects.waiting()
    assert (row.topic, row.attempts, row.last_error) == (topics[1], 1, "answered 400")


def test_a_hub_that_has_no_time_for_several_is_left_alone(hub, change, several):
    change(NEWS, ALL)
    hub.answers = [503]

    pings.send_due()

    assert len(hub.told) == 1
    assert Ping.objects.waiting().filter(attempts=1).count() == 2


@pytest.mark.parametrize(
    ("address", "parameter"),
    [
        ("https://pubsubhubbub.appspot.com/", "hub.url"),
        ("https://send.superfeedr.com/", "hub.url[]"),
        ("https://superfeedr.com/", "hub.url[]"),
        ("https://notsuperfeedr.com/", ""),
        ("https://superfeedr.com.hub.example/", ""),
        ("https://hub.example/", ""),
    ],
)
def test_several_at_once_go_only_to_hubs_that_say_so(address, parameter):
    """Another one would take one of them and say that all is well."""
    with hubs.connected(address) as one:
        assert one._parameter == parameter
        assert one.most == (hubs.MOST if parameter else 1)


def test_every_hub_is_told(hub, change, settings):
    with FakeHub() as other:
        settings.WEBSUB_HUBS = [hub.address, other.address]
        change()
        pings.send_due()

    assert hub.topics == other.topics == [NEWS]


def test_changes_that_a_hub_was_not_told_of_yet_are_one_ping(hub, change):
    for _ in range(3):
        change()

    pings.send_due()

    assert hub.topics == [NEWS]
    assert Ping.objects.get().told == 3


def test_each_change_after_a_ping_is_told_again(hub, change):
    change()
    pings.send_due()
    change()
    pings.send_due()

    assert hub.topics == [NEWS, NEWS]


def test_a_change_while_a_hub_is_being_told_is_told_again(hub, change):
    """The hub may have fetched the feed before that change was in it."""
    change()
    rows = pings._claim(hub.address, 100)
    change()
    assert pings.send_due() == 0, "in another worker's hands"
    pings._mark_told(rows)

    assert pings.send_due() == 1
    row = Ping.objects.get()
    assert (row.changed, row.told) == (2, 2)


def test_nothing_is_told_of_what_was_undone(hub, change):
    with transaction.atomic():
        change()
        transaction.set_rollback(True)

    assert pings.send_due() == 0
    assert hub.told == []


@pytest.mark.parametrize("status", [400, 404, 500, 302])
def test_what_a_hub_refuses_is_told_again_and_the_other_feeds_are_told(
    hub, change, status
):
    start = datetime.now(UTC)
    change(NEWS, ALL)
    hub.answers = [status]
    hub.location = hub.address

    assert send_at(start + timedelta(seconds=1)) == 2

    (row,) = Ping.objects.waiting()
    assert (row.topic, row.attempts, row.last_error) == (NEWS, 1, f"answered {status}")
    assert hub.topics == [NEWS, ALL]
    assert send_at(start + timedelta(seconds=15)) == 0
    assert send_at(start + timedelta(seconds=17)) == 1
    row.refresh_from_db()
    assert (row.attempts, row.last_error, row.told) == (0, "", row.changed)


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_hub_that_has_no_time_is_left_alone_for_a_while(hub, change, status):
    change(NEWS, ALL)
    hub.answers = [status]

    assert pings.send_due() == 2

    assert hub.topics == [NEWS]
    errors = Ping.objects.waiting().values_list("last_error", flat=True)
    assert list(errors) == [f"answered {status}"] * 2


def test_a_hub_that_is_down_holds_up_no_other_and_is_asked_once(
    hub, change, settings, monkeypatch
):
    monkeypatch.setattr(pings, "AT_ONCE", 2)
    down = f"http://127.0.0.1:{free_port()}/"
    settings.WEBSUB_HUBS = [down, hub.address]
    change(*(f"{NEWS}?{n}" for n in range(2)), NEWS)

    pings.send_due()

    assert len(hub.told) == 2, "a piece of it"
    waiting = Ping.objects.filter(hub=down)
    # Those beyond the first piece as well: it would be asked in vain for each piece.
    assert [(one.attempts, one.last_error) for one in waiting] == [
        (1, "no answer (ConnectionError)")
    ] * 3


def test_a_slow_hub_is_not_waited_for(hub, change, monkeypatch):
    monkeypatch.setattr(hubs, "TIMEOUT", (1.0, 0.1))
    change(NEWS, ALL)
    hub.seconds = 0.5

    pings.send_due()

    assert hub.topics == [NEWS]
    errors = set(Ping.objects.waiting().values_list("last_error", flat=True))
    assert errors == {"no answer (ReadTimeout)"}


def test_after_ten_seconds_with_one_hub_the_worker_turns_to_something_else(
    hub, change, monkeypatch
):
    monkeypatch.setattr(pings, "PATIENCE", 0.1)
    change(NEWS, ALL)
    hub.seconds = 0.2

    pings.send_due()
    assert hub.topics == [NEWS]

    # What was left is due, and counts as no failure.
    (row,) = Ping.objects.due()
    assert (row.attempts, row.last_error) == (0, "")
    pings.send_due()
    assert hub.topics == [NEWS, ALL]


def test_the_pauses_grow_and_somebody_is_told_after_an_hour(hub, change, caplog):
    hub.status = 500
    start = datetime.now(UTC)
    change()
    at = start
    for minutes in (0, 0.25, 1, 5, 15):
        at += timedelta(minutes=minutes, seconds=1)
        assert send_at(at - timedelta(seconds=2)) == 0
        assert send_at(at) == 1
    assert errors(caplog) == []

    assert send_at(at + timedelta(minutes=61)) == 1

    (said,) = errors(caplog)
    assert said == (
        f"The hub {hub.address} has to be told again of 1 feeds: answered 500"
    )
    assert send_at(at + timedelta(hours=6)) == 0
    hub.status = 204
    assert send_at(at + timedelta(hours=8)) == 1
    assert not Ping.objects.waiting().exists()


def test_a_new_change_does_not_shorten_the_pause(hub, change):
    hub.status = 503
    change()
    pings.send_due()
    before = Ping.objects.get()

    change()

    after = Ping.objects.get()
    assert after.next_attempt_at == before.next_attempt_at
    assert after.waiting_since == before.waiting_since
    assert after.changed == 2


def test_behind_a_shared_cache_a_hub_is_told_after_the_cache_was(hub, change, settings):
    """It would fetch what it has already, and find nothing new."""
    settings.EDGE_CACHES = ["varnish+http://127.0.0.1:6081"]
    start = datetime.now(UTC)
    change()

    assert send_at(start + timedelta(seconds=9)) == 0
    assert send_at(start + timedelta(seconds=11)) == 1


def test_a_worker_that_was_held_up_marks_nothing(hub, change):
    change()
    start = datetime.now(UTC)
    late = pings._claim(hub.address, 100)
    assert send_at(start + timedelta(minutes=1)) == 0
    assert send_at(start + timedelta(minutes=6)) == 1

    pings._again(hub.address, late, "it was held up")

    assert not Ping.objects.waiting().exists()
    assert Ping.objects.get().last_error == ""


def test_without_a_hub_nothing_is_written(change, settings):
    settings.WEBSUB_HUBS = []
    change()

    assert not Ping.objects.exists()


def test_what_is_over_is_forgotten(hub, change, settings):
    change(NEWS, ALL)
    pings.send_due()
    change(ALL)

    assert pings.forget_old() == 0
    with time_machine.travel(datetime.now(UTC) + timedelta(days=91)):
        assert pings.forget_old() == 1
    assert Ping.objects.get().topic == ALL

    settings.WEBSUB_HUBS = []
    assert pings.forget_old() == 1


def test_what_is_told_costs_the_same_for_any_number_of_feeds(
    hub, change, django_assert_num_queries
):
    topics = [f"{NEWS}?{number}" for number in range(60)]
    change(*topics)

    # A savepoint and its end; insert, lock, change.
    with django_assert_num_queries(5):
        change(*topics)
    # The same for taking them and for marking them, however many.
    with django_assert_num_queries(8):
        assert pings.send_due() == 60


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("hub.example", "is no address such as"),
        ("https://", "is no address such as"),
        ("ftp://hub.example/", "is no address such as"),
        ("https://hub.example:x/", "is no address such as"),
        ("https://hub.example/<b>", "is no address such as"),
        ("https://hub.example/ü", "is no address such as"),
        ("https://hub.example/#top", "is no address such as"),
        ("http://hub.example/", "has to begin with https://"),
        ("https://somebody:SECRET@hub.example/", "has a name or password in it"),
        (f"https://hub.example/{'x' * 200}", "is longer than 200 characters"),
    ],
)
def test_an_address_that_cannot_be_meant_is_noticed_at_the_start(
    settings, address, says
):
    settings.WEBSUB_HUBS = [address]

    (error,) = [one for one in run_checks() if one.id == "countersign.E011"]

    assert says in error.msg
    assert "SECRET" not in error.msg


def test_a_hub_named_twice_is_noticed_at_the_start(settings):
    settings.WEBSUB_HUBS = ["https://hub.example/"] * 2

    (error,) = [one for one in run_checks() if one.id == "countersign.E011"]

    assert error.msg == "WEBSUB_HUBS names a hub twice"


def test_a_hub_over_tls_is_as_it_should_be(settings):
    settings.WEBSUB_HUBS = ["https://hub.example/", "http://127.0.0.1:4000/"]

    assert not [one for one in run_checks() if one.id == "countersign.E011"]


# From here on: what a change of a text tells the hubs.


@pytest.fixture
def health(world):
    return Topic.objects.create(name="Health", slug="health")


@pytest.fixture
def both(world, health, write, release, hub):
    """A page for Shropshire about health, with the hub told of it."""
    page = write(areas=[world.shropshire])
    page.topics = [health]
    page.save_revision(user=world.editor)
    released = release(page)
    while pings.send_due():
        pass
    return released


def feeds_of(*kinds):
    parts = ("", "/shropshire", "/topic/health", "/shropshire/health")
    return {
        f"https://localoffer.example/feeds/{kind}{part}.{form}"
        for kind in kinds
        for part in parts
        for form in ("rss", "atom", "json")
    }


def test_a_release_is_told_for_every_feed_that_has_it(both, hub):
    assert set(hub.topics) == feeds_of("all", "local-offer")
    assert len(hub.topics) == 24


def test_every_address_that_a_hub_is_told_is_that_of_a_feed_which_says_so(
    both, hub, client
):
    """WebSub, section 4: the hub knows a feed by what it says is its own address."""
    for topic in hub.topics:
        answer = client.get(topic.removeprefix("https://localoffer.example"))
        assert answer.status_code == 200, topic
        assert answer["Link"] == (f'<{hub.address}>; rel="hub", <{topic}>; rel="self"')
        assert topic in answer.text


@pytest.mark.parametrize("kind", ["gone", "notice", "vanish"])
def test_a_withdrawal_is_told_and_also_for_the_feeds_of_withdrawals(
    both, hub, world, kind
):
    hub.told.clear()
    withdrawals.withdraw(
        content_id=both.item.content_id,
        by=world.pat,
        reason="Wrong number",
        kind=kind,
        public_note="It has closed." if kind == "notice" else "",
    )
    while pings.send_due():
        pass

    assert set(hub.topics) == feeds_of("all", "local-offer", "withdrawals")


def test_a_text_that_leaves_an_area_is_told_for_that_area_too(
    both, hub, world, edit, release
):
    hub.told.clear()
    page = LocalOfferPage.objects.get(content_id=both.item.content_id)
    release(edit(page, world.editor, areas=[world.telford]))
    while pings.send_due():
        pass

    told = set(hub.topics)
    for area in ("shropshire", "telford-and-wrekin"):
        assert f"https://localoffer.example/feeds/local-offer/{area}.rss" in told
        assert f"https://localoffer.example/feeds/all/{area}/health.atom" in told


def test_nothing_is_told_of_a_draft_or_of_what_waits(world, write, submit, hub):
    write()
    submit(write())

    assert not Ping.objects.exists()


def test_a_hub_that_is_down_holds_up_no_release(world, write, release, settings):
    settings.WEBSUB_HUBS = [f"http://127.0.0.1:{free_port()}/"]

    assert release(write()).is_current
    pings.send_due()
    assert Ping.objects.waiting().exists()


def test_the_worker_tells_hubs_of_what_is_due(both, hub, world):
    hub.told.clear()
    withdrawals.withdraw(content_id=both.item.content_id, by=world.pat, reason="Over")

    loop = Loop(seconds_between_sweeps=0)
    while loop._sweep():
        pass

    assert set(hub.topics) == feeds_of("all", "local-offer", "withdrawals")


def test_each_format_names_the_hubs(client, db, settings):
    settings.WEBSUB_HUBS = ["https://hub.example/?a=1&b=2", "https://other.example/"]
    atom = ElementTree.fromstring(  # noqa: S314 - our own words
        client.get("/feeds/all.atom").content
    )
    rss = ElementTree.fromstring(  # noqa: S314 - our own words
        client.get("/feeds/all.rss").content
    )
    link = "{http://www.w3.org/2005/Atom}link"

    for found in (atom.findall(link), rss.findall(f"channel/{link}")):
        hubs = [one.get("href") for one in found if one.get("rel") == "hub"]
        assert hubs == settings.WEBSUB_HUBS
    assert client.get("/feeds/all.json").json()["hubs"] == [
        {"type": "WebSub", "url": hub} for hub in settings.WEBSUB_HUBS
    ]
    assert "the WebSub hub that each feed names" in client.get("/feeds/").text


@pytest.mark.parametrize("form", ["rss", "atom", "json"])
def test_a_feed_that_a_reader_has_names_the_hubs_too(client, hub, db, form):
    address = f"/feeds/all.{form}"
    etag = client.get(address)["ETag"]

    for answer in (
        client.head(address),
        client.get(address, headers={"If-None-Match": etag}),
    ):
        assert f'<{hub.address}>; rel="hub"' in answer["Link"]


@pytest.mark.parametrize("form", ["rss", "atom", "json"])
def test_a_feed_that_was_made_before_names_another_hub_at_once(
    client, db, settings, form
):
    address = f"/feeds/all.{form}"
    before = client.get(address)
    settings.WEBSUB_HUBS = ["https://hub.example/"]

    after = client.get(address, headers={"If-None-Match": before["ETag"]})

    assert after.status_code == 200
    assert "https://hub.example/" in after.text


@pytest.mark.parametrize("form", ["rss", "atom", "json"])
def test_without_hubs_no_feed_names_any(client, db, form):
    answer = client.get(f"/feeds/all.{form}")

    assert "Link" not in answer
    assert "hub" not in answer.text.lower()


# At the same moment, on real connections.

on_postgresql = pytest.mark.skipif(
    connection.vendor != "postgresql",
    reason="SQLite lets one transaction write at a time",
)


def in_a_thread(pool, work):
    def run():
        try:
            return work()
        finally:
            connection.close()

    return pool.submit(run)


@on_postgresql
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_what_is_being_changed_is_told_when_it_was(hub):
    """Told before, the hub would fetch the feed as it was, and look no more."""
    with transaction.atomic():
        pings.queue(change=1, topics=[NEWS])
    written, told = threading.Event(), threading.Event()

    def change():
        with transaction.atomic():
            pings.queue(change=2, topics=[NEWS])
            written.set()
            told.wait(10)

    with ThreadPoolExecutor(1) as pool:
        changing = in_a_thread(pool, change)
        written.wait(10)
        assert pings.send_due() == 0
        told.set()
        changing.result()

    assert pings.send_due() == 1
    assert Ping.objects.get().told == 2


@on_postgresql
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_changes_and_workers_at_once_lose_nothing_and_wait_for_nobody(hub, monkeypatch):
    monkeypatch.setattr(pings, "AT_ONCE", 7)
    content_id = uuid4()
    done = threading.Event()

    def change():
        for _ in range(30):
            with transaction.atomic():
                changes.record(
                    change="updated",
                    content_id=content_id,
                    kind="news",
                    version=1,
                    within=[("area", "shropshire"), ("topic", "health")],
                )

    def work():
        while not done.is_set():
            pings.send_due()

    def forget():
        while not done.is_set():
            pings.forget_old()

    with ThreadPoolExecutor(5) as pool:
        changing = [in_a_thread(pool, change) for _ in range(2)]
        others = [in_a_thread(pool, one) for one in (work, work, forget)]
        for one in changing:
            one.result()
        done.set()
        for one in others:
            one.result()
    while pings.send_due():
        pass

    assert set(Ping.objects.values_list("changed", "told")) == {(60, 60)}
    assert set(hub.topics) == feeds_of("all", "news")
