"""What a public issue repeats of an item goes when the item is taken back."""

import json

import pytest

from cms import canonical, withdrawals
from cms.models import Proof
from syndication import releases
from syndication.errors import NotAReduction
from syndication.models import Change, Release
from syndication.newsletters.digests import compile_digest
from syndication.newsletters.models import Mailing
from syndication.newsletters.representation import LEFT_OUT
from tests.public import everything


@pytest.fixture
def sign_issue(sign_issue):
    """Compile an issue and let both forums sign it; gives its release."""
    return lambda: sign_issue(compile_digest())


def take_back(release):
    withdrawals.withdraw(content_id=release.item.content_id, by=None, reason="Wrong")


def test_an_item_taken_back_leaves_the_issue_at_once(write, release, sign_issue):
    gone = release(write(title="Taken back later", summary="Words that must go"))
    release(write(title="Still good", slug="good"))
    issue = sign_issue()

    take_back(gone)

    now = Release.objects.current().get(item=issue.item)
    public = everything()
    assert b"Taken back later" not in public
    assert b"Words that must go" not in public
    assert b"Still good" in bytes(now.payload)
    assert LEFT_OUT in json.loads(bytes(now.payload))["html"]


def test_the_receipt_of_a_reduced_issue_says_so(write, release, sign_issue):
    gone = release(write(title="Taken back later"))
    release(write(title="Still good", slug="good"))
    issue = sign_issue()

    take_back(gone)

    now = Release.objects.current().get(item=issue.item)
    assert now.version == 2
    assert now.reduced_from == issue
    assert now.receipt["signed_fingerprint"] == issue.fingerprint
    assert now.receipt["fingerprint"] == canonical.fingerprint(bytes(now.payload))
    assert Change.objects.filter(type="reduced", version=2).count() == 1


def test_an_issue_of_which_nothing_is_left_is_taken_back(write, release, sign_issue):
    gone = release(write(title="Taken back later"))
    issue = sign_issue()

    take_back(gone)

    issue.refresh_from_db()
    assert not issue.is_current
    assert b"Taken back later" not in everything()


def test_what_was_taken_back_while_forums_read_the_issue_never_shows(
    world, write, release, sign
):
    gone = release(write(title="Taken back meanwhile"))
    release(write(title="Still good", slug="good"))
    issue = compile_digest()
    proof = Proof.objects.open().get(content_id=issue.content_id)
    sign(proof, world.pacc, world.pat)
    take_back(gone)

    sign(proof, world.pods, world.pip)

    now = Release.objects.current().get(item__content_id=issue.content_id)
    assert b"Taken back meanwhile" not in bytes(now.payload)
    assert b"Taken back meanwhile" not in everything()


def test_an_item_with_a_newer_version_stays_in_the_issue(
    world, write, release, edit, sign_issue
):
    page = write(title="First version")
    release(page)
    issue = sign_issue()
    page.refresh_from_db()
    edit(page, world.editor, title="Second version")

    release(page)

    issue.refresh_from_db()
    assert issue.is_current


def test_waiting_mail_goes_out_as_the_reduced_issue(
    world, write, release, sign_issue, subscriber
):
    gone = release(write(title="Taken back later"))
    release(write(title="Still good", slug="good"))
    sign_issue()

    take_back(gone)

    mailing = Mailing.objects.get()
    assert mailing.state == Mailing.State.PREPARING
    assert mailing.release.is_current
    assert mailing.release.reduced_from


@pytest.fixture
def subscriber(world):
    from syndication.newsletters import subscriptions

    asked = subscriptions.request(
        email="parent@example.org", choices={}, wording="Yes.", source="test"
    )
    subscriptions.confirm(key=asked.key)
    asked.notes.all().delete()


ALTERATIONS = {
    "another title": {"title": "Another"},
    "another introduction": {"introduction": "Buy now"},
    "nothing left out": {},
    "a key more": {"more": "words"},
}


@pytest.mark.parametrize("values", ALTERATIONS.values(), ids=ALTERATIONS.keys())
def test_nothing_is_altered_or_added_without_signatures(
    write, release, sign_issue, values
):
    release(write(title="One"))
    release(write(title="Two", slug="two"))
    issue = sign_issue()
    signed = json.loads(bytes(issue.payload))

    with pytest.raises(NotAReduction):
        releases.reduce(release=issue, representation=signed | values)

    issue.refresh_from_db()
    assert issue.is_current


def test_a_section_is_replaced_by_nothing_but_a_notice(write, release, sign_issue):
    release(write(title="One"))
    release(write(title="Two", slug="two"))
    issue = sign_issue()
    signed = json.loads(bytes(issue.payload))
    signed["items"].pop()
    signed["sections"][1]["html"] = '<p><a href="https://example.org">Buy</a></p>'

    with pytest.raises(NotAReduction):
        releases.reduce(release=issue, representation=signed)
