"""What becomes of a proof: not agreed, dissent, embargo, taken back, and its label."""

import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from cms import sign_off, withdrawals
from cms.errors import (
    CommentMissing,
    DissentNotPossible,
    MayNotSign,
    ProofClosed,
)
from cms.models import Proof, SignOff
from site_settings.models import SignOffSettings
from syndication import receipts
from syndication.models import Release

from .public import everything


@pytest.fixture
def disagree():
    def disagree(proof, forum, by, comment="We were not asked.", **kwargs):
        return sign_off.not_agree(
            proof=proof,
            forum=forum,
            by=by,
            fingerprint=proof.fingerprint,
            comment=comment,
            **kwargs,
        )

    return disagree


@pytest.fixture
def dissent_may_be_published(db):
    SignOffSettings.objects.create(dissent=SignOffSettings.Dissent.PUBLISH)


def newest():
    return Proof.objects.first()


def test_what_a_forum_did_not_agree_to_is_not_released(
    world, write, submit, sign, disagree
):
    page = write(title="Words that PODS does not agree to")
    proof = submit(page)
    sign(proof, world.pacc, world.pat)

    disagree(proof, world.pods, world.pip)

    proof.refresh_from_db()
    assert proof.outcome == Proof.Outcome.NOT_AGREED
    assert page.current_workflow_state.status == "needs_changes"
    assert b"Words that PODS" not in everything([page])


def test_not_agreeing_needs_a_reason(world, write, submit, disagree):
    proof = submit(write())

    with pytest.raises(CommentMissing, match="why your forum does not agree"):
        disagree(proof, world.pods, world.pip, comment=" ")

    assert not SignOff.objects.exists()


def test_policy_blocks_dissent_unless_told_otherwise(world, write, submit, disagree):
    proof = submit(write())
    disagree(proof, world.pods, world.pip)

    with pytest.raises(DissentNotPossible, match="policy does not allow"):
        sign_off.submit_with_dissent(proof=proof, by=world.editor)


def test_everyone_signs_again_knowing_the_dissent(
    world, write, submit, sign, disagree, dissent_may_be_published
):
    proof = submit(write())
    sign(proof, world.pacc, world.pat)
    disagree(
        proof, world.pods, world.pip, "Not how it is here.", comment_is_public=True
    )

    again = sign_off.submit_with_dissent(proof=proof, by=world.editor)

    assert sign_off.missing(again) == [world.pacc, world.pods]
    assert again.representation["dissent"] == [
        {
            "forum": "pods",
            "name": "Parents Opening Doors",
            "comment": "Not how it is here.",
        }
    ]
    assert "did not agree to this text" in again.representation["html"]
    assert "Not how it is here." in again.representation["text"]


def test_a_dissent_that_is_published_is_no_endorsement(
    world, write, submit, sign, disagree, dissent_may_be_published
):
    page = write()
    proof = submit(page)
    disagree(proof, world.pods, world.pip)
    again = sign_off.submit_with_dissent(proof=proof, by=world.editor)

    sign(again, world.pacc, world.pat)
    assert not Release.objects.exists()
    sign(again, world.pods, world.pip)

    receipt = Release.objects.get().receipt
    assert [one["decision"] for one in receipt["forums"]] == ["agree", "dissent"]
    assert receipts.agreed(receipt) == ["Shropshire Parent and Carer Council"]
    assert "Parents Opening Doors did not agree." in receipts.sentence(receipt)


def test_a_reason_that_is_not_for_the_public_stays_inside(
    world, write, submit, sign, disagree, dissent_may_be_published
):
    page = write()
    proof = submit(page)
    disagree(proof, world.pods, world.pip, "Only for the editors 4711.")
    again = sign_off.submit_with_dissent(proof=proof, by=world.editor)
    sign(again, world.pacc, world.pat)
    sign(again, world.pods, world.pip)

    public = everything([page])

    assert b"did not agree" in public
    assert b"4711" not in public


def test_an_edit_takes_the_dissent_out_and_asks_anew(
    world, write, submit, edit, disagree, dissent_may_be_published
):
    page = write()
    proof = submit(page)
    disagree(proof, world.pods, world.pip)
    edit(page, world.editor, title="As PODS wished")

    with pytest.raises(DissentNotPossible, match="edited since"):
        sign_off.submit_with_dissent(proof=proof, by=world.editor)
    page.current_workflow_state.resume(world.editor)

    assert "dissent" not in Proof.objects.open().get().representation


def test_two_forums_can_be_named_as_not_agreeing(
    world, write, submit, disagree, dissent_may_be_published
):
    proof = submit(write())
    disagree(proof, world.pods, world.pip)
    again = sign_off.submit_with_dissent(proof=proof, by=world.editor)
    disagree(again, world.pacc, world.pat)

    third = sign_off.submit_with_dissent(proof=again, by=world.editor)

    named = third.representation["dissent"]
    assert [one["forum"] for one in named] == ["pacc", "pods"]


def test_an_old_refusal_cannot_be_submitted_twice(
    world, write, submit, disagree, dissent_may_be_published
):
    proof = submit(write())
    disagree(proof, world.pods, world.pip)
    sign_off.submit_with_dissent(proof=proof, by=world.editor)

    with pytest.raises(DissentNotPossible, match="no longer the latest"):
        sign_off.submit_with_dissent(proof=proof, by=world.editor)


# Embargo


def tomorrow():
    return timezone.now() + dt.timedelta(days=1)


@pytest.fixture
def embargoed(world, write, submit, sign):
    """A page that both forums signed for tomorrow."""
    page = write(title="Not before tomorrow", release_at=tomorrow())
    proof = submit(page)
    sign(proof, world.pacc, world.pat)
    sign(proof, world.pods, world.pip)
    proof.refresh_from_db()
    return page, proof


def test_the_release_date_is_part_of_what_is_signed(embargoed):
    _, proof = embargoed

    assert proof.release_at.isoformat() == proof.representation["release_at"]


def test_nothing_is_public_before_its_date(embargoed):
    page, proof = embargoed

    assert proof.outcome == Proof.Outcome.EMBARGOED
    assert sign_off.release_due() == 0
    assert b"Not before tomorrow" not in everything([page])


def test_it_is_public_at_its_date(embargoed):
    _, proof = embargoed

    with time_machine.travel(tomorrow() + dt.timedelta(minutes=1)):
        assert sign_off.release_due() == 1
        assert sign_off.release_due() == 0

    assert bytes(Release.objects.current().get().payload) == bytes(proof.payload)


def test_a_sign_off_taken_back_before_then_stops_it(world, embargoed):
    _, proof = embargoed
    sign_off.take_back(proof=proof, forum=world.pods, by=world.pip, reason="Not yet.")

    with time_machine.travel(tomorrow() + dt.timedelta(minutes=1)):
        assert sign_off.release_due() == 0

    assert not Release.objects.exists()
    proof.refresh_from_db()
    assert sign_off.missing(proof) == [world.pods]


def test_a_forum_that_took_its_sign_off_back_may_sign_again(world, embargoed, sign):
    _, proof = embargoed
    sign_off.take_back(proof=proof, forum=world.pods, by=world.pip)

    with time_machine.travel(tomorrow() + dt.timedelta(minutes=1)):
        sign(proof, world.pods, world.pip)

    assert Release.objects.current().count() == 1


def test_one_refused_item_holds_up_no_other(
    world, write, submit, sign, embargoed, monkeypatch
):
    later = write(title="The one after", release_at=tomorrow())
    proof = submit(later)
    sign(proof, world.pacc, world.pat)
    sign(proof, world.pods, world.pip)
    # Behind the back: the first one is no longer what was signed.
    _, first = embargoed
    content = first.revision.content | {"title": "Changed behind the back"}
    type(first.revision).objects.filter(pk=first.revision.pk).update(content=content)

    with time_machine.travel(tomorrow() + dt.timedelta(minutes=1)):
        assert sign_off.release_due() == 1

    assert Release.objects.get().title == "The one after"
    first.refresh_from_db()
    assert first.outcome == Proof.Outcome.VOID


def test_an_area_that_lost_its_forum_stops_the_release_and_says_why(world, embargoed):
    _, proof = embargoed
    world.telford.forums.clear()

    with time_machine.travel(tomorrow() + dt.timedelta(minutes=1)):
        assert sign_off.release_due() == 0

    proof.refresh_from_db()
    assert proof.outcome == Proof.Outcome.VOID
    assert "Nobody signs for Telford and Wrekin" in proof.closed_reason


def test_a_forum_that_policy_asks_by_then_is_waited_for(world, embargoed, make_late):
    _, proof = embargoed
    late, lou = make_late

    with time_machine.travel(tomorrow() + dt.timedelta(minutes=1)):
        assert sign_off.release_due() == 0
        assert not Release.objects.exists()
        proof.refresh_from_db()
        sign_off.sign(proof=proof, forum=late, by=lou, fingerprint=proof.fingerprint)

    assert Release.objects.current().count() == 1


@pytest.fixture
def make_late(world, embargoed):
    """A forum that Shropshire got after both others had signed."""
    from .conftest import make_forum, make_member

    late = make_forum("A third forum", "Third")
    world.shropshire.forums.add(late)
    return late, make_member("lou", late)


def test_what_was_taken_back_from_waiting_is_not_released_at_its_date(world, embargoed):
    page, _ = embargoed
    withdrawals.withdraw(content_id=page.content_id, by=world.admin, reason="No.")

    with time_machine.travel(tomorrow() + dt.timedelta(minutes=1)):
        sign_off.release_due()

    assert not Release.objects.exists()


def test_a_date_that_has_passed_releases_at_once(world, write, submit, sign):
    page = write(release_at=timezone.now() - dt.timedelta(days=1))
    proof = submit(page)
    sign(proof, world.pacc, world.pat)
    sign(proof, world.pods, world.pip)

    assert Release.objects.current().count() == 1


# Taking a sign-off back


def test_taking_back_is_for_members_of_that_forum(world, write, submit, sign):
    proof = submit(write())
    sign(proof, world.pacc, world.pat)

    with pytest.raises(MayNotSign, match="not a member of PACC"):
        sign_off.take_back(proof=proof, forum=world.pacc, by=world.pip)
    with pytest.raises(MayNotSign, match="PODS has not signed"):
        sign_off.take_back(proof=proof, forum=world.pods, by=world.pip)


def test_what_is_public_is_taken_back_from_the_public_instead(
    world, write, submit, release
):
    page = write()
    release(page)

    with pytest.raises(ProofClosed, match="take the item back from the public"):
        sign_off.take_back(proof=newest(), forum=world.pods, by=world.pip)


def test_who_took_back_for_one_forum_cannot_sign_for_another(
    world, write, submit, sign
):
    world.pat.groups.add(world.pods.group)
    proof = submit(write())
    sign(proof, world.pacc, world.pat)
    sign_off.take_back(proof=proof, forum=world.pacc, by=world.pat)

    with pytest.raises(MayNotSign, match="Nobody signs for two"):
        sign(proof, world.pods, world.pat)


# The label


def took_part(forum, stage):
    return ("part", {"forum": forum, "who": "", "stage": stage, "how_many": "6-20"})


@pytest.mark.parametrize(
    ("stage", "label", "reason"),
    [
        ("idea", "co-produced", "PODS helped before anything was written"),
        ("draft", "consulted", "Asked while it was made: Parents Opening Doors."),
        ("review", "consulted", "Asked while it was made: Parents Opening Doors."),
    ],
)
def test_the_label_follows_from_when_a_forum_joined(
    world, write, release, stage, label, reason
):
    page = write(co_production=[took_part(world.pods, stage)])

    receipt = release(page).receipt

    assert receipt["label"]["slug"] == label
    assert reason in receipt["label"]["reason"]


def test_a_record_that_leaves_a_value_out_can_be_signed(world, write, release):
    """As an import or a script writes it: the admin's form always sends both."""
    part = {"type": "part", "value": {"forum": world.pods.pk, "stage": "idea"}}

    assert release(write(co_production=[part])).label == "co-produced"


def test_without_a_record_it_was_only_reviewed(write, release):
    assert release(write()).receipt["label"]["slug"] == "reviewed"


def test_a_forum_that_did_not_agree_makes_nothing_co_produced(
    world, write, submit, sign, disagree, dissent_may_be_published
):
    page = write(co_production=[took_part(world.pods, "idea")])
    proof = submit(page)
    disagree(proof, world.pods, world.pip)
    again = sign_off.submit_with_dissent(proof=proof, by=world.editor)
    sign(again, world.pacc, world.pat)
    sign(again, world.pods, world.pip)

    assert Release.objects.get().label == "consulted"


def test_the_record_is_part_of_what_is_signed(world, write, submit):
    proof = submit(
        write(
            co_production=[took_part(world.pods, "idea")],
            co_production_level="service",
            what_changed="The number comes first now.",
        )
    )

    assert proof.representation["co_production"] == {
        "level": "service",
        "parts": [
            {
                "who": "Parents Opening Doors",
                "forum": "pods",
                "stage": "idea",
                "how_many": "6-20",
            }
        ],
        "changed": "The number comes first now.",
    }
