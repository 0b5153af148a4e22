"""The newsletter compiles itself: each period of a group once, and nothing lost."""

import itertools
import json
from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from cms import canonical, sign_off, withdrawals
from cms.models import Forum, Notice, Proof
from site_settings.models import NewsletterSettings
from syndication.models import Release
from syndication.newsletters import (
    audiences,
    digests,
    frames,
    holds,
    mailings,
    prospects,
    schedule,
    sending,
)
from syndication.newsletters.models import (
    Delivery,
    DigestRun,
    Frequency,
    Hold,
    Issue,
    IssueItem,
    Mailing,
)

from .concurrency import at_once, with_real_concurrency
from .shared_blocks import everyone_signs

Outcome = DigestRun.Outcome
# A Monday. By default a weekly issue is made on Sunday at nine and sent on Thursday.
MONDAY = datetime(2026, 11, 30, 12, tzinfo=UTC)
SUNDAY = datetime(2026, 12, 6, 9, tzinfo=UTC)
THURSDAY = datetime(2026, 12, 10, 9, tzinfo=UTC)


@pytest.fixture
def only_weekly(db):
    """The schedule without monthly issues."""
    newsletter = NewsletterSettings.load()
    newsletter.monthly = False
    newsletter.save()
    return newsletter


@pytest.fixture
def at(time_machine):
    """Set the clock: ``at(MONDAY)``."""

    def at(moment):
        time_machine.move_to(moment, tick=True)

    return at


@pytest.fixture
def begun(world, only_weekly, at):
    """The schedule has looked for the first time, on a Monday."""
    at(MONDAY)
    digests.compile_due()


@pytest.fixture
def sign_issue(world):
    """Let every forum concerned sign an issue; gives its proof, which may wait yet."""

    def sign_issue(issue):
        proof = Proof.objects.open().get(content_id=issue.content_id)
        everyone_signs(world, proof)
        proof.refresh_from_db()
        return proof

    return sign_issue


def reached():
    """To whom mail is to go, once a worker has looked."""
    for mailing in Mailing.objects.under_way():
        mailings.freeze(mailing=mailing)
    return [one.subscriber for one in Delivery.objects.select_related("subscriber")]


def issues(area="shropshire"):
    return list(Issue.objects.filter(area__slug=area).order_by("pk"))


def titles(issue):
    return [release.title for release in issue.releases()]


def runs(area="shropshire"):
    found = DigestRun.objects.filter(area_slug=area).order_by("period_end")
    return [run.outcome for run in found]


def open_proof(issue):
    return Proof.objects.open().get(content_id=issue.content_id)


# The schedule


@pytest.mark.parametrize(
    ("day", "offset"),
    [(date(2026, 3, 26), 0), (date(2026, 4, 2), 1), (date(2026, 10, 29), 0)],
    ids=["before summer time", "in summer time", "after summer time"],
)
def test_an_issue_is_sent_at_the_same_time_on_the_wall(day, offset):
    newsletter = NewsletterSettings()
    noon = datetime.combine(day, time(12), tzinfo=UTC)

    edition = schedule.latest(newsletter, Frequency.WEEKLY, noon)

    assert edition.send_at == datetime.combine(day, time(9 - offset), tzinfo=UTC)


def test_a_month_that_is_too_short_ends_with_its_issue():
    newsletter = NewsletterSettings(monthly_day=31, days_to_review=4)
    at = datetime(2027, 2, 25, tzinfo=UTC)

    edition = schedule.latest(newsletter, Frequency.MONTHLY, at)

    assert edition.send_at == datetime(2027, 2, 28, 9, tzinfo=UTC)
    assert edition.compile_at == datetime(2027, 2, 24, 9, tzinfo=UTC)


@given(
    st.sampled_from([Frequency.WEEKLY, Frequency.MONTHLY]),
    st.integers(0, 6),
    st.integers(1, 31),
    st.times(),
    st.integers(1, 21),
    st.datetimes(datetime(2026, 1, 1), datetime(2031, 1, 1)),  # noqa: DTZ001
)
def test_editions_follow_each_other_whatever_is_set(
    frequency, weekday, day, at, window, now
):
    newsletter = NewsletterSettings(
        weekly_day=weekday,
        weekly_time=at,
        monthly_day=day,
        monthly_time=at,
        days_to_review=window,
    )
    now = now.replace(tzinfo=UTC)

    last = schedule.latest(newsletter, frequency, now)
    before = schedule.before(newsletter, frequency, last)
    after = schedule.upcoming(newsletter, frequency, now)

    assert before.compile_at < last.compile_at <= now < after.compile_at
    assert schedule.latest(newsletter, frequency, after.compile_at) == after
    for one in (before, last, after):
        assert timedelta(0) < one.send_at - one.compile_at <= timedelta(window, 3600)


# One issue for each group and period


def test_each_area_gets_an_issue_of_its_own(world, begun, write, release, at):
    release(write(title="For both"))
    release(write("news", title="For one", slug="one", areas=[world.telford]))

    at(SUNDAY + timedelta(minutes=1))
    digests.compile_due()

    [shropshire], [telford] = issues(), issues("telford-and-wrekin")
    assert titles(shropshire) == ["For both"]
    assert titles(telford) == ["For both", "For one"]
    assert telford.title == "SEND news for Telford and Wrekin, 10 December 2026"
    assert telford.release_at == THURSDAY
    # Forums are asked until the day on which it is to be sent.
    assert open_proof(telford).due_on == date(2026, 12, 10)


def test_the_first_look_makes_no_issue_and_loses_nothing(
    world, only_weekly, write, release, at
):
    at(MONDAY)
    release(write(title="Released before the schedule began"))

    assert [run.outcome for run in digests.compile_due()] == [Outcome.BEGAN] * 2

    at(SUNDAY + timedelta(hours=1))
    digests.compile_due()
    assert titles(issues()[0]) == ["Released before the schedule began"]


def test_looking_again_makes_no_second_issue(begun, write, release, at):
    release(write())
    at(SUNDAY + timedelta(hours=1))

    digests.compile_due()

    assert digests.compile_due() == []
    assert len(issues()) == 1


def test_who_comes_second_to_a_group_finds_nothing_due(
    world, begun, write, release, at
):
    release(write())
    group = digests.Group(Frequency.WEEKLY, world.shropshire)
    for moment in (SUNDAY + timedelta(hours=1), SUNDAY - timedelta(hours=25)):
        at(moment)
        digests.compile_group(group=group)
        assert digests.compile_group(group=group) is None

    assert len(issues()) == 1


def test_without_news_no_issue_is_made_and_that_is_noted(begun, at):
    at(SUNDAY + timedelta(hours=1))

    digests.compile_due()

    assert issues() == []
    assert runs() == [Outcome.BEGAN, Outcome.EMPTY]


def test_several_missed_periods_become_one_issue(begun, write, release, at):
    at(SUNDAY - timedelta(hours=1))
    release(write(title="In the first week"))
    at(SUNDAY + timedelta(days=8))
    release(write(title="In the second week", slug="second"))
    at(SUNDAY + timedelta(days=24))

    digests.compile_due()

    [issue] = issues()
    assert titles(issue) == ["In the first week", "In the second week"]
    run = DigestRun.objects.get(issue=issue)
    assert run.period_start == SUNDAY - timedelta(days=7)
    assert run.period_end == SUNDAY + timedelta(days=21)


def test_an_issue_that_is_made_late_leaves_forums_all_their_days(
    begun, write, release, at
):
    release(write())
    late = SUNDAY + timedelta(days=3)
    at(late)

    digests.compile_due()

    assert issues()[0].release_at == datetime(2026, 12, 13, 9, tzinfo=UTC)
    assert open_proof(issues()[0]).due_on == date(2026, 12, 13)


def test_a_clock_that_is_put_back_and_forth_makes_no_second_issue(
    begun, write, release, at
):
    release(write())
    for hours in (1, -25, 1, 27, -3, 2):
        at(SUNDAY + timedelta(hours=hours))
        digests.compile_due()

    assert len(issues()) == 1
    assert runs() == [Outcome.BEGAN, Outcome.COMPILED]


@pytest.mark.parametrize("summer_begins", [True, False], ids=["spring", "autumn"])
def test_a_change_of_the_clock_makes_no_issue_early_late_or_twice(
    world, only_weekly, write, release, at, summer_begins
):
    # Made on the Sunday on which the clocks change, at nine on the wall.
    sunday = date(2027, 3, 28) if summer_begins else date(2027, 10, 31)
    nine = datetime.combine(sunday, time(9), tzinfo=schedule.ZONE)
    at(nine - timedelta(days=6))
    digests.compile_due()
    release(write())
    made = []
    # A look every twenty minutes, from Saturday noon to Sunday noon.
    for minutes in range(-21 * 60, 3 * 60, 20):
        moment = nine.astimezone(UTC) + timedelta(minutes=minutes)
        at(moment)
        made += [moment for run in digests.compile_due() if run.issue]

    assert set(made) == {nine.astimezone(UTC)}
    assert len(issues()) == 1


@pytest.mark.django_db
@given(st.lists(st.integers(-26 * 60, 40 * 24 * 60), min_size=1, max_size=12))
def test_any_sequence_of_clocks_makes_each_period_once_and_loses_none(moves):
    """Whatever the clock does between looks, periods follow each other."""
    from django.db import transaction
    from time_machine import travel

    from .conftest import make_world

    with transaction.atomic():
        make_world()
        newsletter = NewsletterSettings.load()
        newsletter.monthly = False
        newsletter.save()
        latest = moment = MONDAY
        for minutes in [0, *moves]:
            moment = max(moment + timedelta(minutes=minutes), MONDAY)
            latest = max(latest, moment)
            with travel(moment, tick=False):
                digests.compile_due()
        found = list(
            DigestRun.objects.filter(area_slug="shropshire").order_by("period_end")
        )
        for one, following in itertools.pairwise(found):
            assert one.period_end == following.period_start
        # Up to the latest time that any clock showed, and not beyond.
        due = schedule.latest(newsletter, Frequency.WEEKLY, latest)
        assert found[-1].period_end == due.compile_at
        transaction.set_rollback(True)


@with_real_concurrency
@pytest.mark.django_db(transaction=True)
def test_four_schedulers_at_once_make_one_issue(begun, write, release, at):
    release(write())
    at(SUNDAY + timedelta(hours=1))

    at_once(*[digests.compile_due] * 4)

    assert len(issues()) == 1
    assert runs() == [Outcome.BEGAN, Outcome.COMPILED]
    assert Proof.objects.open().filter(kind="issues").count() == 2


# What an issue is made of


@pytest.fixture
def first(begun, write, release, at, sign_issue):
    """The first issue of Shropshire, sent on Thursday, carrying “Old”."""
    page = write(title="Old")
    release(page)
    at(SUNDAY + timedelta(minutes=1))
    digests.compile_due()
    for area in ("shropshire", "telford-and-wrekin"):
        sign_issue(issues(area)[0])
    at(THURSDAY + timedelta(minutes=1))
    sign_off.release_due()
    return page


def next_issue(at, weeks=1):
    at(SUNDAY + timedelta(days=7 * weeks, minutes=1))
    digests.compile_due()
    return issues()[-1]


def test_an_issue_that_is_signed_early_waits_for_its_time(
    begun, write, release, at, sign_issue, subscribe
):
    subscribe()
    release(write())
    at(SUNDAY + timedelta(minutes=1))
    digests.compile_due()

    proof = sign_issue(issues()[0])

    assert proof.outcome == Proof.Outcome.EMBARGOED
    assert not reached()
    at(THURSDAY + timedelta(minutes=1))
    sign_off.release_due()
    assert len(reached()) == 1


def test_what_was_sent_does_not_come_again(first, write, release, at):
    release(write(title="New", slug="new"))

    assert titles(next_issue(at)) == ["New"]


def test_what_changed_comes_again_and_says_so(world, first, edit, release, at):
    first.refresh_from_db()
    edit(first, world.editor, title="Old, with the right number")
    release(first)

    issue = next_issue(at)

    assert titles(issue) == ["Old, with the right number"]
    section = json.loads(bytes(open_proof(issue).payload))["sections"][0]
    assert "We have told you about this before. It has changed" in section["html"]
    assert "We have told you about this before. It has changed" in section["text"]


def test_what_is_told_for_the_first_time_has_no_mark(first, write, release, at):
    release(write(title="New", slug="new"))

    assert "before. It has changed" not in next_issue(at).representation()["html"]


def test_what_was_taken_back_is_told_once_and_without_its_name(
    first, write, release, at, sign_issue
):
    gone = Release.objects.current().get(title="Old")
    withdrawals.withdraw(
        content_id=gone.item.content_id,
        by=None,
        reason="Wrong",
        public_note="The clinic has closed. Ring the council instead.",
    )
    release(write(title="New", slug="new"))

    issue = next_issue(at)

    said = json.loads(bytes(open_proof(issue).payload))
    assert "The clinic has closed. Ring the council instead." in said["html"]
    assert "The clinic has closed. Ring the council instead." in said["text"]
    assert "Old" not in json.dumps(said)
    assert str(gone.item.content_id) not in json.dumps(said)
    sign_issue(issue)
    release(write(title="Newer", slug="newer"))
    assert "was taken back" not in next_issue(at, 2).representation()["html"]


def test_of_what_vanished_an_issue_has_no_words_at_all(first, write, release, at):
    gone = Release.objects.current().get(title="Old")
    withdrawals.withdraw(
        content_id=gone.item.content_id,
        by=None,
        reason="A mother is in danger",
        public_note="Moved away",
        kind="vanish",
    )
    release(write(title="New", slug="new"))

    said = next_issue(at).representation()

    assert "Something that we told you about was taken back." in said["html"]
    assert "Moved away" not in json.dumps(said)


def test_what_nobody_was_told_of_is_not_named_when_it_is_taken_back(
    first, write, release, at
):
    gone = release(write(title="Never in an issue", slug="never"))
    withdrawals.withdraw(content_id=gone.item.content_id, by=None, reason="Wrong")
    release(write(title="New", slug="new"))

    assert "taken back" not in next_issue(at).representation()["html"]


def test_what_an_editor_left_out_is_not_brought_up_again(
    world, begun, write, release, at, sign_issue
):
    release(write(title="Kept"))
    release(write(title="Left out", slug="left"))
    at(SUNDAY + timedelta(minutes=1))
    digests.compile_due()
    [issue] = issues()
    draft = issue.get_latest_revision_as_object()
    draft.items.remove(draft.items.all()[1])
    draft.save_revision(user=world.editor)
    draft.get_workflow().start(draft, world.editor)
    sign_issue(issue)
    at(THURSDAY + timedelta(minutes=1))
    sign_off.release_due()
    release(write(title="New", slug="new"))

    assert titles(next_issue(at)) == ["New"]


def test_what_a_forum_did_not_agree_to_comes_in_the_next_issue(
    world, begun, write, release, at
):
    release(write(title="In the refused issue", areas=[world.shropshire]))
    at(SUNDAY + timedelta(minutes=1))
    digests.compile_due()
    [refused] = issues()
    proof = open_proof(refused)
    sign_off.not_agree(
        proof=proof,
        forum=world.pacc,
        by=world.pat,
        fingerprint=proof.fingerprint,
        comment="Too long",
    )
    release(write(title="New", slug="new", areas=[world.shropshire]))

    issue = next_issue(at)

    assert titles(issue) == ["In the refused issue", "New"]
    assert refused.is_given_up
    assert runs() == [Outcome.BEGAN, Outcome.GIVEN_UP, Outcome.COMPILED]


def test_what_a_deleted_issue_carried_comes_in_the_next(
    world, begun, write, release, at
):
    release(write(title="In the deleted issue", areas=[world.shropshire]))
    at(SUNDAY + timedelta(minutes=1))
    digests.compile_due()
    issues()[0].delete()

    assert titles(next_issue(at)) == ["In the deleted issue"]


def test_what_still_waits_for_its_forums_is_in_no_second_issue(
    begun, write, release, at
):
    release(write(title="In the first issue"))
    at(SUNDAY + timedelta(minutes=1))
    digests.compile_due()
    release(write(title="New", slug="new"))

    assert titles(next_issue(at)) == ["New"]


def test_what_one_extra_issue_carried_is_not_in_the_weekly_one(
    begun, write, release, at
):
    release(write(title="In the extra issue"))
    digests.compile_digest()
    release(write(title="New", slug="new"))
    at(SUNDAY + timedelta(minutes=1))
    digests.compile_due()

    assert titles(issues()[0]) == ["New"]


def test_an_area_for_which_nobody_signs_holds_up_no_other(
    world, begun, write, release, at
):
    release(write(title="One"))
    world.shropshire.forums.clear()
    at(SUNDAY + timedelta(minutes=1))

    digests.compile_due()

    run = DigestRun.objects.get(area_slug="shropshire", outcome=Outcome.SKIPPED)
    assert "Nobody signs for Shropshire yet" in run.reason
    # The draft says so to its editors, and what they leave comes in the next.
    assert "Nobody signs for Shropshire yet" in prospects.of(issues()[0]).reason
    world.shropshire.forums.add(world.pacc)
    assert titles(next_issue(at)) == ["One"]


def test_what_is_too_much_for_one_issue_comes_in_the_next(
    begun, write, release, at, monkeypatch
):
    monkeypatch.setattr(digests, "MOST", 2)
    for number in range(5):
        release(write(title=f"Item {number}", slug=f"item-{number}"))

    at(SUNDAY + timedelta(minutes=1))
    digests.compile_due()
    first = issues()[0]

    assert titles(first) == ["Item 0", "Item 1"]
    assert prospects.of(first).postponed == 3
    assert titles(next_issue(at)) == ["Item 2", "Item 3"]
    assert titles(next_issue(at, 2)) == ["Item 4"]


def test_a_failure_in_one_group_holds_up_no_other(
    begun, write, release, at, monkeypatch, caplog
):
    release(write())
    at(SUNDAY + timedelta(minutes=1))
    real = digests.compile_group

    def fail_for_shropshire(*, group):
        if group.area.slug == "shropshire":
            raise RuntimeError("a fault")
        return real(group=group)

    monkeypatch.setattr(digests, "compile_group", fail_for_shropshire)
    digests.compile_due()
    assert issues() == []
    assert len(issues("telford-and-wrekin")) == 1
    assert "Compiling the newsletter (Shropshire, once a week) failed" in caplog.text

    monkeypatch.undo()
    digests.compile_due()
    assert len(issues()) == 1


# Who gets it, and who signs


def test_an_issue_goes_to_whom_its_signed_rule_finds(
    world, begun, write, release, at, sign_issue, subscribe
):
    wanted = [
        subscribe("area@example.org", area=["shropshire"]),
        subscribe("all@example.org"),
        subscribe("news@example.org", kind=["news"]),
    ]
    subscribe("monthly@example.org", frequency="monthly")
    subscribe("elsewhere@example.org", area=["telford-and-wrekin"])
    subscribe("pages@example.org", kind=["local-offer"])
    release(write("news", title="News", areas=[world.shropshire]))
    at(SUNDAY + timedelta(minutes=1))
    digests.compile_due()
    [issue] = issues()

    said = json.loads(bytes(open_proof(issue).payload))["recipients"]

    assert said["words"] == (
        "By email it goes to everyone who asked for mail once a week, for Shropshire, "
        "about news. People who made no choice of one sort get all of that sort."
    )
    assert set(audiences.find(said)) == set(wanted)
    sign_issue(issue)
    at(THURSDAY + timedelta(minutes=1))
    sign_off.release_due()
    assert set(reached()) == {one.subscriber for one in wanted}


def test_another_audience_is_another_text_to_sign(world, begun, write, release, at):
    release(write())
    at(SUNDAY + timedelta(minutes=1))
    digests.compile_due()
    [issue] = issues()
    before = canonical.fingerprint(canonical.encode(issue.representation()))
    proof = open_proof(issue)
    draft = issue.get_latest_revision_as_object()
    draft.frequency = "monthly"
    draft.save_revision(user=world.editor)

    assert canonical.fingerprint(canonical.encode(draft.representation())) != before
    proof.refresh_from_db()
    assert proof.outcome == Proof.Outcome.VOID


def test_words_above_an_item_are_signed_with_the_issue(
    world, begun, write, release, at
):
    release(write(title="Short breaks"))
    at(SUNDAY + timedelta(minutes=1))
    digests.compile_due()
    [issue] = issues()
    draft = issue.get_latest_revision_as_object()
    draft.items.all()[0].introduction = "Many of you <asked> for this."
    proof = open_proof(issue)

    draft.save_revision(user=world.editor)

    said = draft.representation()
    assert "<p>Many of you &lt;asked&gt; for this.</p>" in said["html"]
    assert "Many of you <asked> for this." in said["text"]
    proof.refresh_from_db()
    assert proof.outcome == Proof.Outcome.VOID


def test_the_forum_of_the_area_signs_even_if_no_item_is_for_it(
    world, begun, write, release
):
    made = release(write(areas=[world.telford]))
    issue = Issue(title="For Shropshire", area=world.shropshire, frequency="weekly")
    issue.items.add(IssueItem(release=made, sort_order=0))
    issue.save()
    issue.save_revision(user=world.editor)
    issue.get_workflow().start(issue, world.editor)

    proof = open_proof(issue)
    assert set(proof.forums.all()) == set(Forum.objects.all())
    assert [area["name"] for area in proof.representation["areas"]] == [
        "Shropshire",
        "Telford and Wrekin",
    ]


# Between signing and sending


def test_forums_are_told_of_what_is_taken_back_before_an_issue_goes_out(
    begun, write, release, at, sign_issue, subscribe
):
    subscribe()
    gone = release(write(title="Gone"))
    release(write(title="Stays", slug="stays"))
    at(SUNDAY + timedelta(minutes=1))
    digests.compile_due()
    proof = sign_issue(issues()[0])

    withdrawals.withdraw(content_id=gone.item.content_id, by=None, reason="Wrong")

    told = Notice.objects.filter(purpose="left_out", proof=proof)
    assert {one.recipient.username for one in told} >= {"pat", "pip", "editor"}
    at(THURSDAY + timedelta(minutes=1))
    sign_off.release_due()
    sent = Release.objects.current().get(proof=proof)
    assert [one["title"] for one in json.loads(bytes(sent.payload))["items"]] == [
        "Stays"
    ]
    # Once, though it was seen twice.
    assert told.count() == len({one.recipient_id for one in told})


def test_forums_are_told_of_a_newer_version_before_an_issue_goes_out(
    world, begun, write, release, at, sign_issue, edit
):
    page = write(title="First version")
    release(page)
    at(SUNDAY + timedelta(minutes=1))
    digests.compile_due()
    proof = sign_issue(issues()[0])
    page.refresh_from_db()
    edit(page, world.editor, title="Second version")

    release(page)

    assert Notice.objects.filter(purpose="left_out", proof=proof).exists()


def test_nobody_is_told_of_issues_that_went_out(first):
    sending.send_due()
    gone = Release.objects.current().get(title="Old")

    withdrawals.withdraw(content_id=gone.item.content_id, by=None, reason="Wrong")

    assert not Notice.objects.filter(purpose="left_out").exists()


def test_the_letter_names_nothing_that_was_taken_back(
    begun, write, release, at, sign_issue
):
    from cms.letters import letter

    gone = release(write(title="Gone"))
    release(write(title="Stays", slug="stays"))
    at(SUNDAY + timedelta(minutes=1))
    digests.compile_due()
    sign_issue(issues()[0])
    withdrawals.withdraw(content_id=gone.item.content_id, by=None, reason="Wrong")

    words = letter(Notice.objects.filter(purpose="left_out")[0])

    assert words.subject == (
        "Something is left out of “SEND news for Shropshire, 10 December 2026”"
    )
    assert "Gone" not in " ".join(words.paragraphs)


# Signed too late


@pytest.fixture
def late(begun, write, release, at, sign_issue, subscribe):
    """An issue that was signed a week after it was to be sent."""
    subscribe()
    release(write())
    at(SUNDAY + timedelta(minutes=1))
    digests.compile_due()
    at(THURSDAY + timedelta(days=7))
    sign_issue(issues()[0])
    return issues()[0]


def test_an_issue_that_is_signed_a_little_late_is_sent_when_it_is_signed(
    begun, write, release, at, sign_issue, subscribe
):
    subscribe()
    release(write())
    at(SUNDAY + timedelta(minutes=1))
    digests.compile_due()
    at(THURSDAY + timedelta(days=2))

    sign_issue(issues()[0])

    assert len(reached()) == 1
    assert not Hold.objects.exists()


def test_an_issue_that_is_signed_far_too_late_waits_for_a_person(late):
    assert not reached()
    assert Hold.objects.get().settled_at is None


def test_a_person_sends_a_late_issue_once(world, late):
    assert holds.settle(issue=late, by=world.editor, send=True)
    assert not holds.settle(issue=late, by=world.editor, send=True)

    assert len(reached()) == 1


def test_a_person_decides_that_a_late_issue_is_not_mailed(world, late):
    assert holds.settle(issue=late, by=world.editor, send=False)
    assert not holds.settle(issue=late, by=world.editor, send=True)

    assert not reached()


def test_an_issue_that_is_too_long_for_mail_stays_a_draft_with_the_reason(
    begun, write, release, at, monkeypatch
):
    monkeypatch.setattr(frames, "LONGEST_HTML", 1000)
    release(write())
    at(SUNDAY + timedelta(minutes=1))

    digests.compile_due()

    assert runs()[-1] == Outcome.SKIPPED
    assert "too long for an email" in DigestRun.objects.get(issue=issues()[0]).reason
    assert not Proof.objects.open().filter(kind="issues").exists()


def test_the_command_makes_no_issue_that_is_too_long_for_mail(
    begun, write, release, monkeypatch
):
    monkeypatch.setattr(frames, "LONGEST_HTML", 1000)
    release(write())

    with pytest.raises(CommandError, match="make it with --draft and edit it"):
        call_command("compile_digest")

    assert not Issue.objects.exists()


# An area with another short name


def rename(area, slug):
    area.slug = slug
    area.save()


def test_who_chose_an_area_goes_on_getting_its_newsletter_once_it_is_renamed(
    world, begun, write, release, at, sign_issue, subscribe
):
    before = subscribe("before@example.org", area=["shropshire"])
    subscribe("elsewhere@example.org", area=["telford-and-wrekin"])
    # Signed under the old name, and told of under the new one.
    release(write(title="Signed before"))
    rename(world.shropshire, "the-marches")
    release(write(title="Signed after", slug="after"))
    after = subscribe("after@example.org", area=["the-marches"])

    at(SUNDAY + timedelta(minutes=1))
    digests.compile_due()
    [issue] = issues("the-marches")
    assert titles(issue) == ["Signed before", "Signed after"]
    said = json.loads(bytes(open_proof(issue).payload))
    assert said["recipients"]["areas"] == ["the-marches"]
    assert {area["slug"] for area in said["areas"]} == {
        "the-marches",
        "telford-and-wrekin",
    }
    sign_issue(issue)
    at(THURSDAY + timedelta(minutes=1))
    sign_off.release_due()

    assert set(reached()) == {before.subscriber, after.subscriber}


def test_a_rule_signed_before_an_area_was_renamed_finds_the_same_people(
    world, begun, write, release, at, sign_issue, subscribe
):
    before = subscribe("before@example.org", area=["shropshire"])
    release(write())
    at(SUNDAY + timedelta(minutes=1))
    digests.compile_due()
    [issue] = issues()
    rename(world.shropshire, "the-marches")
    after = subscribe("after@example.org", area=["the-marches"])

    sign_issue(issue)
    at(THURSDAY + timedelta(minutes=1))
    sign_off.release_due()

    assert set(reached()) == {before.subscriber, after.subscriber}


def test_an_area_that_was_renamed_gets_each_period_once_and_nothing_twice(
    world, first, write, release, at
):
    rename(world.shropshire, "the-marches")
    release(write(title="New", slug="new"))
    at(SUNDAY + timedelta(days=7, minutes=1))

    digests.compile_due()
    digests.compile_due()

    _, second = issues("the-marches")
    assert titles(second) == ["New"]
    assert runs("shropshire") == [Outcome.BEGAN, Outcome.COMPILED]
    assert runs("the-marches") == [Outcome.COMPILED]


def test_an_item_mailed_at_once_finds_who_chose_its_area_by_either_name(
    world, write, release, subscribe
):
    before = subscribe("before@example.org", area=["shropshire"], frequency="at_once")
    rename(world.shropshire, "the-marches")
    after = subscribe("after@example.org", area=["the-marches"], frequency="at_once")

    release(write())

    assert set(reached()) == {before.subscriber, after.subscriber}


def test_a_name_that_another_area_has_now_means_that_area(world, subscribe):
    marches = subscribe("marches@example.org", area=["the-marches"])
    telford = subscribe("telford@example.org", area=["telford-and-wrekin"])
    rename(world.shropshire, "the-marches")
    rename(world.telford, "shropshire")

    rule = {"frequencies": ["weekly"], "areas": ["shropshire"]}
    found = audiences.find(rule | {"kinds": [], "stages": []})

    assert telford in found
    assert marches not in found


# The screens

# The screens


def queries_of(client, address):
    from django.test.utils import CaptureQueriesContext

    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(address)
    assert answer.status_code == 200
    return len(captured)


def test_more_issues_cost_no_more_queries_in_the_list(world, write, release, client_of):
    client = client_of(world.admin)
    address = "/admin/snippets/newsletters/issue/"
    counts = []
    for number in range(1, 9):
        release(write(title=f"Item {number}", slug=f"item-{number}"))
        issue = digests.compile_digest()
        Issue.objects.filter(pk=issue.pk).update(area=world.telford)
        if number in (2, 8):
            counts.append(queries_of(client, address))

    assert counts[0] == counts[1]


def test_more_items_cost_no_more_queries_on_the_screens_of_an_issue(
    world, write, release, client_of
):
    client = client_of(world.admin)
    counts = []
    for many in (2, 8):
        for number in range(many):
            release(write(title=f"Item {many} {number}", slug=f"item-{many}-{number}"))
        issue = digests.compile_digest(submit=False)
        assert issue.items.count() == many
        edit = f"/admin/snippets/newsletters/issue/edit/{issue.pk}/"
        counts.append(
            [
                queries_of(client, edit),
                queries_of(client, f"/admin/newsletter/issues/{issue.pk}/"),
            ]
        )

    assert counts[0] == counts[1]


def test_the_screen_of_an_issue_says_who_gets_it_who_signs_and_what_it_leaves_out(
    world, begun, write, release, at, subscribe, client_of
):
    subscribe("one@example.org", area=["shropshire"])
    subscribe("two@example.org", area=["telford-and-wrekin"])
    release(write(title="Kept"))
    release(write(title="Left out", slug="left"))
    at(SUNDAY + timedelta(minutes=1))
    digests.compile_due()
    [issue] = issues()
    draft = issue.get_latest_revision_as_object()
    draft.items.remove(draft.items.all()[1])
    draft.save_revision(user=world.editor)

    screen = client_of(world.admin).get(f"/admin/newsletter/issues/{issue.pk}/")

    words = " ".join(screen.content.decode().split())
    assert "<strong>1 person</strong> as of now." in words
    assert "Parents Opening Doors" in words
    assert "Shropshire Parent and Carer Council" in words
    assert "Thursday 10 December 2026, 09:00" in words
    assert "<li>Left out</li>" in words
    assert "<li>Kept</li>" not in words


def test_an_editor_decides_about_a_late_issue_on_its_screen(world, late, client_of):
    client = client_of(world.admin)
    address = f"/admin/newsletter/issues/{late.pk}/"

    nothing = client.post(address, {}, follow=True)
    assert "Choose one of the two buttons." in nothing.content.decode()
    assert not reached()
    sent = client.post(address, {"decision": "send"}, follow=True)
    again = client.post(address, {"decision": "drop"}, follow=True)

    assert "is being mailed" in sent.content.decode()
    assert "Somebody has decided this already." in again.content.decode()
    assert len(reached()) == 1


def test_a_late_issue_can_be_kept_from_mail_on_its_screen(world, late, client_of):
    answer = client_of(world.admin).post(
        f"/admin/newsletter/issues/{late.pk}/", {"decision": "drop"}, follow=True
    )

    assert "is not mailed. It stays public." in answer.content.decode()
    assert not reached()


def test_opening_the_screen_of_a_late_issue_sends_nothing(world, late, client_of):
    client_of(world.admin).get(f"/admin/newsletter/issues/{late.pk}/")

    assert not reached()


def test_an_issue_that_was_given_up_cannot_be_submitted(
    world, begun, write, release, at, client_of
):
    from .newsletter import form_of_issue

    newsletter = NewsletterSettings.load()
    newsletter.submit_by_itself = False
    newsletter.save()
    release(write(title="One"))
    at(SUNDAY + timedelta(minutes=1))
    digests.compile_due()
    [draft] = issues()
    release(write(title="New", slug="new"))
    assert titles(next_issue(at)) == ["One", "New"]

    answer = client_of(world.admin).post(
        f"/admin/snippets/newsletters/issue/edit/{draft.pk}/",
        form_of_issue(
            draft,
            frequency="weekly",
            area=world.shropshire.pk,
            **{"action-submit": "Submit"},
        ),
    )

    assert "The next issue was made before this one" in answer.content.decode()
    assert not Proof.objects.exists() or not Proof.objects.filter(
        content_id=draft.content_id
    )


def test_the_command_says_what_it_made_and_is_safe_to_repeat(
    begun, write, release, at, capsys
):
    from django.core.management import call_command

    release(write())
    at(SUNDAY + timedelta(minutes=1))

    call_command("compile_newsletters")
    call_command("compile_newsletters")
    call_command("compile_newsletters", "--schedule")

    said = capsys.readouterr().out.splitlines()
    assert said == [
        (
            "Shropshire, once a week: made “SEND news for Shropshire, 10 December 2026” "
            "with 1 item, to be sent on Thursday 10 December 2026 at 09:00"
        ),
        (
            "Telford and Wrekin, once a week: made “SEND news for Telford and Wrekin, 10 "
            "December 2026” with 1 item, to be sent on Thursday 10 December 2026 at 09:00"
        ),
        "Nothing is due.",
        (
            "once a week: made on Sunday 13 December 2026 at 09:00, to be sent on Thursday "
            "17 December 2026 at 09:00"
        ),
    ]


def test_the_worker_makes_what_is_due(begun, write, release, at):
    from syndication.newsletters import sweep

    release(write())
    at(SUNDAY + timedelta(minutes=1))

    sweep.sweep()

    assert len(issues()) == 1


@with_real_concurrency
@pytest.mark.django_db(transaction=True)
def test_a_double_clicked_submit_asks_forums_once(world, write, release, client_of):
    from .newsletter import form_of_issue

    release(write())
    issue = digests.compile_digest(submit=False)
    form = form_of_issue(issue, **{"action-submit": "Submit"})
    clients = [client_of(world.admin) for _ in range(2)]

    answers = []
    at_once(
        *(
            lambda client=client: answers.append(
                client.post(f"/admin/snippets/newsletters/issue/edit/{issue.pk}/", form)
            )
            for client in clients
        )
    )

    # The second is told that it is locked by now; neither fails.
    assert sorted(answer.status_code for answer in answers) == [200, 302]
    assert Proof.objects.filter(content_id=issue.content_id).count() == 1


def test_a_correction_comes_once_and_names_what_was_corrected(
    world, first, write, release, at, sign_issue
):
    from cms import corrections

    first.refresh_from_db()
    corrections.correct(
        page=first,
        values={"closure": "Closed until 3 January"},
        by=world.editor,
        reason="The building is flooded.",
    )

    issue = next_issue(at)

    [section] = open_proof(issue).representation["sections"][:1]
    for words in (section["html"], section["text"]):
        assert "before forum review" in words
        assert "We have told you about this before. It has changed" in words
        assert "Corrected: Closed or changed at short notice." in words
        assert "Closed until 3 January" in words
    sign_issue(issue)
    everyone_signs(world, Proof.objects.open().get(content_id=first.content_id))
    release(write(title="New", slug="new"))
    # The same words, signed by now, are no news.
    assert titles(next_issue(at, 2)) == ["New"]
