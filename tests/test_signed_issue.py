"""Nothing is mailed but what its forums signed, reckoned anew before it goes."""

import json

import pytest

from cms import canonical, withdrawals
from cms.models import Proof
from syndication.models import Release
from syndication.newsletters import audiences, signed
from syndication.newsletters.digests import compile_digest
from syndication.newsletters.errors import NotAsSigned

from .conftest import make_forum
from .shared_blocks import everyone_signs


@pytest.fixture
def issue(world, write, release):
    """The release of an issue with two items, signed by both forums."""
    release(write(title="One"))
    release(write(title="Two", slug="two"))
    proof = Proof.objects.open().get(content_id=compile_digest().content_id)
    everyone_signs(world, proof)
    return Release.objects.current().get(proof=proof)


def altered(release, **values):
    """The release as somebody could have left it who got past every other guard."""
    data = json.loads(bytes(release.payload)) | values
    release.payload = canonical.encode(data)
    return release


def test_a_signed_issue_says_what_its_forums_read(issue):
    said = signed.of(issue)

    assert [one["title"] for one in said["items"]] == ["One", "Two"]
    assert said == json.loads(bytes(issue.proof.payload))


@pytest.mark.parametrize(
    "values",
    [
        {"title": "Another"},
        {"introduction": "Buy now"},
        {"recipients": {"frequencies": [], "areas": [], "kinds": [], "stages": []}},
        {"items": []},
    ],
    ids=["subject", "introduction", "audience", "items"],
)
def test_an_altered_issue_is_not_sent(issue, values):
    with pytest.raises(NotAsSigned, match="not those that were signed"):
        signed.of(altered(issue, **values))


def test_an_alteration_that_took_its_fingerprint_along_is_not_sent_either(issue):
    altered(issue, introduction="Buy now")
    issue.fingerprint = canonical.fingerprint(bytes(issue.payload))

    with pytest.raises(NotAsSigned, match="not the issue that was signed"):
        signed.of(issue)


def test_an_item_under_whose_version_other_bytes_stand_stops_the_issue(issue):
    data = json.loads(bytes(issue.payload))
    data["items"][0]["fingerprint"] = "0" * 64

    with pytest.raises(NotAsSigned, match="“One” in"):
        signed._check_items(issue, data["items"])


def test_an_issue_that_lacks_a_signature_is_not_sent(issue):
    issue.proof.forums.add(make_forum("Another forum", "OTHER"))

    with pytest.raises(NotAsSigned, match="lacks a signature"):
        signed.of(issue)


def test_an_issue_with_an_item_taken_out_is_what_is_left_of_the_signed_one(issue):
    first = Release.objects.get(title="One")
    withdrawals.withdraw(content_id=first.item.content_id, by=None, reason="Wrong")
    left = Release.objects.current().get(item=issue.item)

    assert [one["title"] for one in signed.of(left)["items"]] == ["Two"]


def test_an_item_is_mailed_by_itself_as_it_was_signed(issue):
    one = Release.objects.get(title="One")

    assert signed.of(one)["title"] == "One"
    with pytest.raises(NotAsSigned):
        signed.of(altered(one, title="Another"))


def test_who_gets_an_item_at_once_follows_from_what_it_is_about(
    world, write, release, subscribe
):
    here = subscribe("here@example.org", frequency="at_once", area=["shropshire"])
    subscribe("elsewhere@example.org", frequency="at_once", area=["telford-and-wrekin"])
    subscribe("other-kind@example.org", frequency="at_once", kind=["news"])
    subscribe("weekly@example.org")
    everything = subscribe("everything@example.org", frequency="at_once")
    item = release(write(areas=[world.shropshire]))

    rule = audiences.of_item(item)

    assert rule == {
        "frequencies": ["at_once"],
        "areas": ["shropshire"],
        "kinds": ["local-offer"],
        "stages": [],
        "words": "By email it goes to everyone who asked for mail as it happens, for "
        "Shropshire, about pages of the Local Offer. People who made no choice of one "
        "sort get all of that sort.",
    }
    assert set(audiences.find(rule)) == {here, everything}
