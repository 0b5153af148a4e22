"""Ways around a sign-off for what an issue says beside its words: to whom, when, what."""

from datetime import timedelta

import pytest
from django.utils import timezone
from wagtail.models import Revision

from cms.errors import StaleProof
from cms.models import Proof
from syndication.models import Release
from syndication.newsletters import signed, subscriptions, sweep
from syndication.newsletters.models import Delivery, Issue, IssueItem

from .newsletter import form_of_issue
from .test_bypass import try_it

LATER = timezone.now() + timedelta(days=400)


@pytest.fixture
def issue(world, write, release):
    """A draft for weekly readers in Shropshire of two items; one person would get it."""
    releases = [
        release(write(title="One", areas=[world.shropshire])),
        release(write(title="Two", slug="two", areas=[world.shropshire])),
    ]
    for address, frequency, area in (
        ("here@example.org", "weekly", "shropshire"),
        ("monthly@example.org", "monthly", "shropshire"),
        ("elsewhere@example.org", "weekly", "telford-and-wrekin"),
    ):
        asked = subscriptions.request(
            email=address,
            choices={"area": [area]},
            wording="Yes.",
            source="test",
            frequency=frequency,
        )
        subscriptions.confirm(key=asked.key)
        asked.notes.all().delete()
    issue = Issue(title="SEND news", frequency="weekly", area=world.shropshire)
    issue.items.add(
        *(IssueItem(release=one, sort_order=n) for n, one in enumerate(releases))
    )
    issue.save()
    issue.save_revision(user=world.editor)
    return issue


def another_frequency(world, draft):
    draft.frequency = "monthly"


def every_frequency(world, draft):
    draft.frequency = ""


def another_area(world, draft):
    draft.area = world.telford


def every_area(world, draft):
    draft.area = None


def another_time(world, draft):
    draft.release_at = LATER


def words_above_an_item(world, draft):
    draft.items.all()[0].introduction = "Drifted words 4712"


def another_order(world, draft):
    first, second = draft.items.all()
    first.sort_order, second.sort_order = 1, 0


def one_item_less(world, draft):
    draft.items.remove(draft.items.all()[1])


def one_item_more(world, draft):
    draft.items.add(IssueItem(release=draft.items.all()[0].release, sort_order=5))
    draft.items.all()[2].introduction = "Drifted words 4712"


CHANGES = [
    another_frequency,
    every_frequency,
    another_area,
    every_area,
    another_time,
    words_above_an_item,
    another_order,
    one_item_less,
    one_item_more,
]


def edited(world, issue, change):
    draft = issue.get_latest_revision_as_object()
    change(world, draft)
    draft.save_revision(user=world.editor)


def saved(world, issue, change):
    change(world, issue)
    issue.save()


def written_over(world, issue, change):
    """The revision that forums read, with other content."""
    draft = issue.latest_revision.as_object()
    change(world, draft)
    Revision.objects.filter(pk=issue.latest_revision.pk).update(
        content=issue.latest_revision.content | draft.serializable_data()
    )


def rows_written_over(world, issue, change):
    """The rows themselves, past every guard."""
    Issue.objects.filter(pk=issue.pk).update(frequency="monthly", area=world.telford)
    IssueItem.objects.filter(issue=issue).update(introduction="Drifted words 4712")


WAYS = [edited, saved, written_over, rows_written_over]


def submit(world, issue):
    issue.get_workflow().start(issue, world.editor)
    return Proof.objects.open().get(content_id=issue.content_id)


@pytest.mark.parametrize("way", WAYS, ids=lambda one: one.__name__)
@pytest.mark.parametrize("change", CHANGES, ids=lambda one: one.__name__)
def test_what_is_sent_and_to_whom_is_what_was_signed(world, issue, sign, change, way):
    proof = submit(world, issue)
    try_it(way, world, issue, change)

    try:
        sign(proof, world.pacc, world.pat)
    except StaleProof:
        assert not Release.objects.of_kind("issues").exists()
    sweep.sweep()

    for sent in Release.objects.of_kind("issues"):
        assert bytes(sent.payload) == bytes(proof.payload)
        signed.of(sent)
    reached = {
        one.subscriber.email
        for one in Delivery.objects.select_related("subscriber")
        if one.subscriber
    }
    assert reached <= {"here@example.org"}


@pytest.mark.parametrize("way", [saved, written_over, rows_written_over])
def test_an_issue_that_was_signed_keeps_its_readers(world, issue, sign, way):
    proof = submit(world, issue)
    sign(proof, world.pacc, world.pat)
    issue.refresh_from_db()

    try_it(way, world, issue, every_area)
    try_it(lambda: issue.latest_revision.publish())
    sweep.sweep()

    sent = Release.objects.of_kind("issues").get()
    assert bytes(sent.payload) == bytes(proof.payload)
    (row,) = Delivery.objects.all()
    assert row.subscriber
    assert row.subscriber.email == "here@example.org"


def test_nobody_makes_a_row_of_what_was_taken_back(world, write, release, client_of):
    from syndication.newsletters.digests import compile_digest

    release(write())
    issue = compile_digest(submit=False)
    address = f"/admin/snippets/newsletters/issue/edit/{issue.pk}/"
    form = form_of_issue(
        issue,
        **{
            "taken_back-TOTAL_FORMS": "1",
            "taken_back-0-id": "",
            "taken_back-0-ORDER": "1",
            "taken_back-0-words": "Drifted words 4712",
            "action-submit": "Submit",
        },
    )

    answer = client_of(world.admin).post(address, form)

    assert "filled when an issue is made" in answer.content.decode()
    assert not Proof.objects.filter(content_id=issue.content_id).exists()


def test_an_item_that_is_not_public_cannot_be_put_in(
    world, write, release, edit, client_of
):
    from syndication.newsletters.digests import compile_digest

    page = write()
    old = release(page)
    issue = compile_digest(submit=False)
    page.refresh_from_db()
    edit(page, world.editor, title="A newer version")
    release(page)
    address = f"/admin/snippets/newsletters/issue/edit/{issue.pk}/"

    answer = client_of(world.admin).post(
        address, form_of_issue(issue, **{"action-submit": "Submit"})
    )

    assert "This version is no longer public" in answer.content.decode()
    assert f"{old.title} (changed or taken back since)" in answer.content.decode()
