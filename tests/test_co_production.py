"""The co-production dashboard: its numbers, its pictures, and the tables beside them."""

import re
from datetime import date

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given, settings, strategies

from cms import sign_off, withdrawals
from cms.models import NoReply
from syndication import charts, figures
from syndication.charts import Bar

ADDRESS = "/admin/co-production/"
TODAY = date(2026, 11, 24)


@pytest.fixture
def autumn(world, write, submit, sign, time_machine):
    """PACC answers in two and four days, PODS in eight; one waits since September."""

    def on(day):
        time_machine.move_to(f"{day}T12:00:00Z", tick=False)

    on("2026-09-07")
    waiting = submit(write(title="Waiting", areas=[world.telford]))
    first = submit(write(title="First"))
    on("2026-09-09")
    sign(first, world.pacc, world.pat)
    on("2026-09-15")
    sign(first, world.pods, world.pip)
    on("2026-10-01")
    NoReply.objects.create(
        proof=waiting,
        forum=world.pods,
        due_on=waiting.due_on,
        recorded_at=timezone.now(),
    )
    second = submit(write("news", title="Second", areas=[world.shropshire]))
    on("2026-10-05")
    sign(second, world.pacc, world.pat)
    on("2026-11-20")
    withdrawals.withdraw(content_id=first.content_id, by=world.admin, reason="Wrong.")
    on(TODAY)
    return waiting


def test_the_median_and_the_slowest_answer_of_each_signatory(world, autumn):
    pacc, pods = figures.paces(today=TODAY)

    assert (pacc.forum, pacc.answers, pacc.median, pacc.slowest) == (
        world.pacc,
        2,
        3.0,
        4,
    )
    assert (pods.forum, pods.answers, pods.median, pods.slowest) == (
        world.pods,
        1,
        8.0,
        8,
    )


def test_what_waits_and_what_is_overdue(world, autumn):
    pacc, pods = figures.paces(today=TODAY)

    assert (pacc.waiting, pacc.overdue, pacc.oldest) == (0, 0, None)
    assert (pods.waiting, pods.overdue, pods.oldest) == (1, 1, date(2026, 9, 7))
    (_, in_time) = figures.paces(today=autumn.due_on)
    assert (in_time.waiting, in_time.overdue) == (1, 0)


def test_a_sign_off_that_was_taken_back_waits_again(world, write, submit, sign):
    proof = submit(write())
    sign(proof, world.pacc, world.pat)
    assert figures.paces(today=TODAY)[0].waiting == 0

    sign_off.take_back(proof=proof, forum=world.pacc, by=world.pat)

    assert figures.paces(today=TODAY)[0].waiting == 1


def test_the_last_twelve_months(autumn):
    months = figures.months(today=TODAY)

    assert [month.first for month in months][::11] == [
        date(2025, 12, 1),
        date(2026, 11, 1),
    ]
    assert [
        (one.first.month, one.sent, one.waiting, one.overdue, one.withdrawn)
        for one in months[8:]
    ] == [(8, 0, 0, 0, 0), (9, 2, 1, 0, 0), (10, 1, 1, 1, 0), (11, 0, 1, 0, 1)]


def test_a_text_does_not_wait_after_its_release_although_it_was_taken_back_later(
    autumn,
):
    # The first was released in September and taken back in November.
    assert [one.waiting for one in figures.months(today=TODAY)[-3:]] == [1, 1, 1]


def test_the_share_of_each_label_without_what_repeats_others(
    world, write, release, autumn
):
    release(write(title="Third"))

    shares = {one.name: (one.count, one.percent) for one in figures.shares()}

    assert shares == {
        "Co-produced": (0, 0),
        "Consulted": (0, 0),
        "Reviewed by forum": (2, 100),
        "Information only": (0, 0),
    }


def test_nothing_has_no_share(db):
    assert {one.percent for one in figures.shares()} == {0}


# The screen


def text_of(html):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


@pytest.mark.parametrize("who", ["pat", "editor", "admin"])
def test_every_picture_has_a_table_that_says_the_same(world, autumn, client_of, who):
    html = client_of(getattr(world, who)).get(ADDRESS).content.decode()

    pictures = re.findall(r"<svg class=.chart.*?</svg>", html, re.DOTALL)
    tables = re.findall(r"<details>.*?</details>", html, re.DOTALL)
    assert len(pictures) == len(tables) == 7
    for picture, table in zip(pictures, tables, strict=True):
        for value in re.findall(r'class="chart-value">([^<]+)<', picture):
            for number in re.findall(r"\d+", value):
                assert number in text_of(table)
    assert "PODS 1 1 7 September 2026" in text_of(tables[2])
    assert "PACC 2 3 4" in text_of(tables[1])
    assert "<script" not in "".join(pictures + tables)


def test_who_belongs_nowhere_is_turned_away(world, client_of):
    kit = User.objects.create_user("kit")
    kit.user_permissions.add(*world.pacc.group.permissions.all())

    assert client_of(kit).get(ADDRESS).status_code == 302


def test_a_new_installation_has_nothing_to_show_and_says_so(world, client_of):
    html = client_of(world.editor).get(ADDRESS).content.decode()

    assert "Nothing to show." in html


def test_the_dashboard_is_in_the_menu(world, client_of):
    assert ADDRESS in client_of(world.editor).get("/admin/").content.decode()


def test_more_items_need_no_more_queries(world, write, release, client_of):
    client = client_of(world.editor)

    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert client.get(ADDRESS).status_code == 200
        return len(captured)

    release(write())
    client.get(ADDRESS)
    few = queries()
    release(write())
    release(write("news", areas=[world.shropshire]))

    assert queries() == few


# Pictures


@given(
    strategies.lists(
        strategies.builds(
            Bar,
            strategies.text(max_size=20),
            strategies.floats(0, 1e6),
            strategies.text(max_size=10),
        ),
        max_size=14,
    )
)
@settings(deadline=None)
def test_no_bar_leaves_its_picture(bars):
    for make in (charts.across, charts.upwards):
        svg = make(bars, name="Bars")
        (height,) = map(int, re.findall(r'viewBox="0 0 360 (\d+)"', svg))
        rects = re.findall(
            r'<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"', svg
        )
        assert len(rects) == len(bars)
        for x, y, wide, high in (map(float, rect) for rect in rects):
            assert x + wide <= charts.WIDTH
            assert y + high <= height


def test_a_label_cannot_bring_its_own_markup():
    svg = charts.across([Bar("<script>", 1, '"><b>')], name='"><i>')

    assert "<script>" not in svg
    assert "<b>" not in svg
    assert "<i>" not in svg
