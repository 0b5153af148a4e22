"""Ways by which something unsigned could get out, each found by a machine and closed.

``tests/test_state_machine.py`` and ``tests/test_races.py`` found them.
"""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from cms import audit, corrections, withdrawals
from cms import sign_off as verbs
from cms.errors import MayNotCorrect, MayNotSign
from cms.models import LocalOfferPage, Proof
from site_settings.models import SignOffRule, SignOffSettings
from syndication import releases
from syndication.errors import ProofNotSigned
from syndication.models import Release
from syndication.newsletters import digests

from .conftest import make_forum, make_member


@pytest.fixture
def clock():
    """A minute passes only when the test says so."""
    with time_machine.travel("2026-11-02T09:00:00+00:00", tick=False) as clock:
        yield clock


@pytest.fixture
def correct(world):
    """Close a page at short notice, as the editor who may."""

    def correct(page, closure="Closed on Monday"):
        return corrections.correct(
            page=LocalOfferPage.objects.get(pk=page.pk),
            values={"closure": closure},
            by=world.editor,
            reason="The hall is flooded",
        )

    return correct


@pytest.fixture
def refuse(world):
    """PODS does not agree to what waits."""

    def refuse(proof):
        return verbs.not_agree(
            proof=proof,
            forum=world.pods,
            by=world.pip,
            fingerprint=proof.fingerprint,
            comment="Not so.",
        )

    return refuse


def test_a_correction_carries_nothing_that_was_written_past_the_draft(
    write, release, correct
):
    page = write()
    signed = release(page)
    LocalOfferPage.objects.filter(pk=page.pk).update(summary="Nobody signed this.")

    with pytest.raises(
        MayNotCorrect, match=r"More than the fact would change.*summary"
    ):
        correct(page)

    assert Release.objects.current().get() == signed


def test_a_renamed_area_does_not_go_out_with_a_correction(
    world, write, release, correct
):
    page = write()
    signed = release(page)
    world.telford.name = "Elsewhere"
    world.telford.save()

    with pytest.raises(MayNotCorrect, match="areas"):
        correct(page)

    assert Release.objects.current().get() == signed


def test_a_release_before_review_differs_in_facts_only(
    write, release, submit, edit, world
):
    page = write()
    signed = release(page)
    edit(page, world.editor, title="Nobody signed this")
    proof = submit(page)
    # As if somebody had written into the database that it is one.
    Proof.objects.filter(pk=proof.pk).update(outcome="void", closed_at=timezone.now())
    proof.pk, proof._state.adding, proof.route = None, True, "correction"
    proof.correction = {"fields": [], "changed_at": timezone.now().isoformat()}
    proof.save()

    with pytest.raises(ProofNotSigned):
        releases.release_before_review(proof=proof, by=world.editor)

    assert Release.objects.current().get() == signed


def test_a_correction_keeps_the_dissent_that_the_text_was_published_with(
    world, write, submit, sign, correct, refuse
):
    SignOffSettings.objects.create(dissent="publish")
    page = write()
    proof = submit(page)
    refuse(proof)
    proof = verbs.submit_with_dissent(proof=proof, by=world.editor)
    sign(proof, world.pacc, world.pat)
    sign(proof, world.pods, world.pip)

    corrected = correct(page).representation

    assert corrected["dissent"] == proof.representation["dissent"]
    assert "Parents Opening Doors did not agree" in corrected["text"]


def test_a_refused_correction_that_is_submitted_with_dissent_waits_like_any_text(
    world, write, release, correct, refuse
):
    SignOffSettings.objects.create(dissent="publish")
    page = write()
    signed = release(page)
    refused = correct(page)
    refuse(refused)

    proof = verbs.submit_with_dissent(proof=refused, by=world.editor)

    assert not proof.is_correction
    standing = Proof.objects.standing().filter(content_id=page.content_id)
    assert standing.first() == signed.proof


def test_whoever_wrote_an_older_version_does_not_sign_it_when_it_is_brought_back(
    world, write, release, submit, sign, edit, clock
):
    page = write()
    edit(page, world.pat, title="Words of Pat")
    hers = page.get_latest_revision()
    clock.shift(timedelta(minutes=1))
    edit(page, world.editor, title="Words of the editor")
    world.pru = world.pat
    world.pat = make_member("pru", world.pacc)
    release(page)
    clock.shift(timedelta(minutes=1))
    hers.as_object().save_revision(
        user=world.editor, log_action=True, previous_revision=hers
    )

    proof = submit(page)

    assert proof.title == "Words of Pat"
    with pytest.raises(MayNotSign, match="wrote or edited"):
        sign(proof, world.pacc, world.pru)


def test_an_area_without_forum_does_not_stop_a_change_of_policy(world, write, submit):
    proof = submit(write())
    world.telford.forums.clear()
    clinic = make_forum("Clinical lead", "Clinic")

    SignOffRule.objects.create(
        policy=SignOffSettings.objects.create(), forum=clinic, reason="Health."
    )
    world.shropshire.forums.set([world.pods])

    assert set(proof.forums.all()) == {world.pacc, world.pods}
    # Asked as soon as somebody signs for the area again.
    world.telford.forums.set([world.pods])
    assert clinic in proof.forums.all()


def test_a_correction_that_was_taken_back_unsigned_lets_nobody_leave_unasked(
    world, write, release, submit, correct
):
    page = write()
    release(page)
    world.telford.forums.set([make_forum("Another forum", "Another")])
    correction = correct(page)
    assert world.pods in correction.forums.all()
    withdrawals.withdraw(content_id=page.content_id, by=world.admin, reason="Flooded")

    proof = submit(page)

    assert world.pods in proof.forums.all()


def test_a_correction_that_was_taken_back_unsigned_clears_no_author(
    world, write, release, submit, edit, sign, correct, clock
):
    page = write()
    release(page)
    clock.shift(timedelta(minutes=1))
    edit(page, world.pat, summary="Words of Pat")
    hers = page.get_latest_revision()
    clock.shift(timedelta(minutes=1))
    correct(page)
    withdrawals.withdraw(content_id=page.content_id, by=world.admin, reason="Flooded")
    clock.shift(timedelta(minutes=1))
    hers.as_object().save_revision(user=world.editor)

    proof = submit(page)

    with pytest.raises(MayNotSign, match="wrote or edited"):
        sign(proof, world.pacc, world.pat)


def test_the_audit_log_knows_an_issue_that_ended_in_the_moment_of_its_release(
    world, write, release, sign
):
    page = write()
    release(page)
    issue = digests.compile_digest()
    withdrawals.withdraw(content_id=page.content_id, by=world.pat, reason="Wrong")
    proof = Proof.objects.open().get(content_id=issue.content_id)

    sign(proof, world.pacc, world.pat)
    sign(proof, world.pods, world.pip)

    assert not Release.objects.current().exists()
    assert audit.verify() == []
