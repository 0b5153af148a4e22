"""Each control is switched off in turn, and the notes of ``tests/promise.py`` tell.

A check that stays green without the control it is for would prove nothing. So every
control has a scene that is played twice: with it, and nothing is broken; without it,
and ``Broken`` names what became public. Where one control stands behind another, both
are switched off: ``besides`` says so.
"""

import contextlib
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.utils import timezone

from cms import (
    authorship,
    canonical,
    channels,
    comments,
    consent,
    consent_register,
    corrections,
    places,
    policy,
    reviews,
    sweep,
    withdrawals,
)
from cms import sign_off as verbs
from cms.append_only import unprotect
from cms.errors import ConsentEnded, SignOffError, StaleProof
from cms.models import (
    Assurance,
    Consent,
    CoProducedMixin,
    Proof,
    ProofForm,
    SignOff,
    Withdrawal,
)
from syndication import releases
from syndication.comments import about
from syndication.comments.models import YouSaidWeDid
from syndication.errors import ProofNotSigned
from syndication.models import Change, Release

from . import memories
from .promise import PHONE, SHROPSHIRE, TELFORD, Broken, Play, clock
from .switches import Off, missed, off
from .voices import heard_in, make_consent, text, voice

# That a promise notices says the same on every database: on SQLite only.
pytestmark = pytest.mark.once

DAY = timedelta(days=1)
PUBLIC, DRAFT = 0, 1


@pytest.fixture
def play(world):
    with clock() as at:
        yield Play.begin(world, at)


# Scenes: what people do.


def a_stale_screen_is_signed(play):
    play.submit(DRAFT)
    play.edit(DRAFT)
    play.submit(DRAFT)
    play.sign_what_was_open_before(DRAFT, "pacc", "pat")
    play.everyone_signs(DRAFT)


def it_is_signed_after_it_was_taken_back(play):
    proof = play.submit(DRAFT)
    play.sign(DRAFT, "pacc", "pat")
    play.withdraw(DRAFT)
    # The screen was still open.
    play.attempt(
        verbs.sign,
        proof=proof,
        forum=play.world.pods,
        by=play.world.pip,
        fingerprint=proof.fingerprint,
    )


def a_stranger_to_the_forum_signs(play):
    play.submit(DRAFT)
    play.sign(DRAFT, "pods", "cleo")
    play.everyone_signs(DRAFT)


def an_author_signs(play):
    play.edit(DRAFT, by="pat")
    play.submit(DRAFT)
    play.sign(DRAFT, "pacc", "pat")
    play.everyone_signs(DRAFT)


def an_author_signs_what_was_brought_back(play):
    play.edit(PUBLIC, by="pat")
    play.later()
    play.edit(PUBLIC)
    play.later()
    play.submit(PUBLIC)
    play.everyone_signs(PUBLIC)
    play.later()
    play.revert(PUBLIC, which=1)
    play.later()
    play.submit(PUBLIC)
    play.sign(PUBLIC, "pacc", "pat")
    play.everyone_signs(PUBLIC)


def one_person_answers_for_two_forums(play):
    play.join("pods", "pat")
    play.submit(DRAFT)
    play.sign(DRAFT, "pacc", "pat")
    play.take_back(DRAFT, "pacc", "pat")
    play.sign(DRAFT, "pods", "pat")
    play.sign(DRAFT, "pacc", "pru")
    play.sign(DRAFT, "pods", "pip")


def a_forum_is_taken_off_after_submission(play):
    play.submit(DRAFT)
    play.area_is_for(TELFORD, "pacc")
    play.sign(DRAFT, "pacc", "pat")


def a_forum_joins_after_submission(play):
    play.submit(DRAFT)
    play.sign(DRAFT, "pacc", "pat")
    play.notes.area_forums[TELFORD] = {"pods", "clinic"}
    # As a script would: nothing is told of it.
    through = type(play.world.telford).forums.through
    through.objects.bulk_create(
        [through(area=play.world.telford, forum=play.world.clinic)]
    )
    play.sign(DRAFT, "pods", "pip")


def it_is_rewritten_in_the_moment_of_the_last_signature(play):
    play.submit(DRAFT)
    play.sign(DRAFT, "pacc", "pat")
    play.rewrite_the_revision(DRAFT)
    play.sign(DRAFT, "pods", "pip")


def it_is_edited_while_it_waits(play):
    play.submit(DRAFT)
    play.edit(DRAFT)


def an_embargo_is_signed(play):
    play.edit(DRAFT, release_in=2 * DAY)
    play.submit(DRAFT)
    play.everyone_signs(DRAFT)


def an_embargo_is_finished_early(play):
    an_embargo_is_signed(play)
    play.mark_signed(DRAFT)


def an_embargo_is_released_early(play):
    play.edit(DRAFT, release_in=2 * DAY)
    proof = play.submit(DRAFT)
    play.everyone_signs(DRAFT)
    mark(proof, "signed")
    play.attempt(releases.release, proof=proof)


def mark(proof, outcome):
    Proof.objects.filter(pk=proof.pk).update(outcome=outcome, closed_at=timezone.now())


def an_open_proof_is_released(play):
    proof = play.submit(DRAFT)
    play.sign(DRAFT, "pacc", "pat")
    mark(proof, "signed")
    play.attempt(releases.release, proof=proof)


def what_was_taken_back_is_released(play):
    play.withdraw(PUBLIC)
    # Or the database would say that a proof is released but once.
    Release.objects.update(again=Release.objects.get())
    signed = Proof.objects.get(pk=play.item(PUBLIC).signed_proof)
    play.attempt(releases.release, proof=signed)


def what_asks_nobody_is_released(play):
    proof = Proof.objects.get(pk=play.item(PUBLIC).signed_proof)
    proof.pk, proof._state.adding = None, True
    proof.save()
    play.attempt(releases.release, proof=proof)


def other_bytes_are_released(play):
    proof = Proof.objects.get(pk=play.item(PUBLIC).signed_proof)
    signers = list(proof.sign_offs.all())
    proof.pk, proof._state.adding = None, True
    proof.payload = bytes(proof.payload).replace(b"Who to ring", b"Who to trust")
    proof.save()
    for one in signers:
        proof.forums.add(one.forum)
        one.pk, one._state.adding, one.proof = None, True, proof
        one.save()
    play.attempt(releases.release, proof=proof)


def a_forum_takes_back_its_signature(play):
    play.submit(DRAFT)
    play.sign(DRAFT, "pacc", "pat")
    play.take_back(DRAFT, "pacc", "pat")
    play.sign(DRAFT, "pods", "pip")


def it_is_taken_back_and_then_signed(play):
    play.submit(DRAFT)
    play.sign(DRAFT, "pacc", "pat")
    play.withdraw(DRAFT)
    play.sign(DRAFT, "pods", "pip")


def it_is_taken_back(play):
    play.withdraw(PUBLIC, Withdrawal.NOTICE)


def a_page_is_saved_as_live(play):
    play.save_as_live(DRAFT)
    play.check_drafting_room(DRAFT)


def a_live_page_drifts(play):
    play.drift(PUBLIC)
    play.check_drafting_room(PUBLIC)


def a_title_is_corrected(play):
    play.correct(PUBLIC, "title")


def a_fact_is_corrected_on_a_page_that_drifted(play):
    play.drift_in_the_database(PUBLIC)
    play.correct(PUBLIC)


def a_correction_is_not_agreed(play):
    play.correct(PUBLIC)
    play.not_agree(PUBLIC, "pods", "pip")


def a_page_moves_into_a_section(play):
    play.edit(DRAFT, areas=[TELFORD])
    play.submit(DRAFT)
    play.everyone_signs(DRAFT)
    play.move(DRAFT, "section")


def a_page_is_written_in_a_section(play):
    play.move(DRAFT, "section")
    play.edit(DRAFT, areas=[TELFORD])
    play.submit(DRAFT)
    play.sign(DRAFT, "pods", "pip")


def a_workflow_is_finished(play):
    play.submit(DRAFT)
    play.sign(DRAFT, "pacc", "pat")
    play.finish_the_workflow(DRAFT)


def an_area_loses_its_forum(play):
    play.submit(DRAFT)
    play.area_is_for(TELFORD)
    play.submit(DRAFT)
    play.sign(DRAFT, "pacc", "pat")
    play.sign(DRAFT, "pods", "pip")


def it_is_for_nobody(play):
    play.edit(DRAFT, areas=[])
    proof = play.submit(DRAFT)
    if proof:
        play.attempt(verbs._finish, verbs.Held(proof), by=play.world.editor)


def a_forum_is_left_out(play):
    play.edit(PUBLIC, areas=[SHROPSHIRE])
    play.submit(PUBLIC)
    play.sign(PUBLIC, "pacc", "pat")


def a_forum_that_objected_is_left_out(play):
    play.submit(DRAFT)
    play.not_agree(DRAFT, "pods", "pip")
    play.edit(DRAFT, areas=[SHROPSHIRE])
    play.submit(DRAFT)
    play.sign(DRAFT, "pacc", "pat")


def a_rule_asks_another(play):
    play.add_rule("clinic")
    play.submit(DRAFT)
    play.sign(DRAFT, "pacc", "pat")
    play.sign(DRAFT, "pods", "pip")


def a_dissent_is_published(play):
    play.policy(dissent="publish")
    play.submit(DRAFT)
    play.not_agree(DRAFT, "pods", "pip", publicly=False)
    play.submit_with_dissent(DRAFT)
    play.everyone_signs(DRAFT)


def a_dissent_is_published_against_policy(play):
    play.submit(DRAFT)
    play.not_agree(DRAFT, "pods", "pip")
    play.submit_with_dissent(DRAFT)
    play.everyone_signs(DRAFT)


def a_published_dissent_is_written_over(play):
    a_dissent_is_published(play)
    play.tamper(SignOff.objects.all(), decision="agree")
    releases.rebuild_documents()


def the_bytes_of_a_release_are_written_over(play):
    other = bytes(Release.objects.get().payload).replace(b"ring", b"call")
    play.tamper(Release.objects.all(), payload=other)


def the_bytes_of_a_proof_are_written_over(play):
    proof = play.submit(DRAFT)
    payload = bytes(proof.payload).replace(b"ring", b"call")
    play.tamper(
        Proof.objects.filter(pk=proof.pk),
        payload=payload,
        fingerprint=canonical.fingerprint(payload),
    )
    play.everyone_signs(DRAFT)


def a_forum_is_written_out_of_a_proof(play):
    proof = play.submit(DRAFT)
    play.area_is_for(TELFORD, "pacc")
    asked = Proof.forums.through.objects.filter(proof=proof, forum=play.world.pods)
    play.tamper(asked, forum=play.world.clinic)
    play.sign(DRAFT, "pacc", "pat")
    play.sign(DRAFT, "clinic", "cleo")


def the_change_log_is_written_over(play):
    play.check_changes()
    play.tamper(Change.objects.all(), type="withdrawn")
    play.check_changes()


def a_member_leaves_before_signing(play):
    play.submit(DRAFT)
    play.leave("pods", "pip")
    play.sign(DRAFT, "pods", "pip")
    play.everyone_signs(DRAFT)


def a_stranger_finds_it_still_correct(play):
    play.assure(PUBLIC, "cleo")


def an_older_screen_is_found_still_correct(play):
    screen = Release.objects.get()
    play.edit(PUBLIC)
    play.submit(PUBLIC)
    play.everyone_signs(PUBLIC)
    play.assure(PUBLIC, "pat", screen=screen)


def it_is_found_still_correct_and_then_written_over(play):
    play.assure(PUBLIC, "pat")
    play.check()
    play.tamper(Assurance.objects.all(), review_by="2099-01-01")
    play.edit(PUBLIC)
    play.submit(PUBLIC)
    play.everyone_signs(PUBLIC)


def one_forum_of_two_signs_the_answer_to_a_comment(play):
    world = play.world
    release = Release.objects.current().get(
        item__content_id=play.item(PUBLIC).content_id
    )
    comment = comments.receive(
        key=uuid4(),
        proof=release.proof,
        version=release.version,
        topic="content",
        is_gap=False,
        words="It does not say where.",
    )
    comments.publish(comment=comment, by=world.editor, words=comment.words)
    answer = YouSaidWeDid.objects.get(comment=comment)
    answer.response = "It does now."
    answer.save_revision(user=world.editor)
    answer.get_workflow().start(answer, world.editor)
    proof = Proof.objects.open().get(content_id=answer.content_id)
    verbs.sign(
        proof=proof, forum=world.pacc, by=world.pat, fingerprint=proof.fingerprint
    )
    proof.refresh_from_db()
    if proof.is_open:
        # The notes know nothing of answers, neither waiting nor public.
        proof.workflow_state.cancel(user=world.editor)


# Switches: how a control is taken out.


class WithoutTrigger:
    """Drops the trigger that keeps a table as it was written."""

    def __init__(self, table):
        self.table = table

    def switch(self, monkeypatch):
        with connection.cursor() as cursor:

            def execute(sql, params=None):
                cursor.execute(sql)

            editor: Any = SimpleNamespace(connection=connection, execute=execute)
            unprotect(editor, self.table)


class AlsoCorrects:
    """Names one more field among the facts that may be corrected at once."""

    def __init__(self, field):
        self.field = field

    def switch(self, monkeypatch):
        monkeypatch.setitem(corrections.PAGE_FIELDS, self.field, "closure")
        monkeypatch.setitem(corrections.PAGE_LABELS, self.field, self.field)


MEMBERSHIP = "if not forums_of(user).filter(pk=forum.pk).exists():"
DIGEST = "if revision is None or source.digest(held.item) != proof.source_digest:"
EMBARGO = "if proof.release_at and proof.release_at > timezone.now():"
ALL_SIGNED = "if concerned - {answer.forum_id for answer in _counting(proof)}:"
GUARD = off(CoProducedMixin, "_refuse_unsigned", "if not self.live:", "if True:")
VOID_IF_EDITED = off(
    verbs,
    "_void_if_edited",
    "if held.revision and source.digest(held.item) == proof.source_digest:",
    "if True:",
)
RELEASE_EMBARGO = off(
    releases,
    "_check_signed",
    "or (proof.release_at and proof.release_at > timezone.now())",
    "",
)
BEYOND_FACTS = off(
    corrections, "beyond_facts", "return sorted(", "return [] and sorted("
)

# What is switched off (all of it at once: the first is the control, the others stand
# behind it), and the scene in which it matters.
CONTROLS = {
    "the fingerprint on the screen": (
        a_stale_screen_is_signed,
        off(verbs, "_check_open", "if fingerprint != locked.fingerprint:"),
    ),
    "the outcome of what is signed": (
        it_is_signed_after_it_was_taken_back,
        Off(
            verbs,
            "_check_open",
            pieces={
                "if locked.outcome == Proof.Outcome.VOID:": "if False:",
                "if not locked.is_open:": "if False:",
            },
        ),
        # Wagtail lets nobody end a workflow that was cancelled.
        off(verbs, "void", "state.cancel()", "pass"),
    ),
    "that the signer is a member": (
        a_stranger_to_the_forum_signs,
        off(verbs, "why_not", MEMBERSHIP),
    ),
    "that the signer is still a member": (
        a_member_leaves_before_signing,
        off(verbs, "why_not", MEMBERSHIP),
    ),
    "that the signer wrote none of it": (
        an_author_signs,
        off(verbs, "why_not", "if user in proof.authors.all():"),
    ),
    "that the signer wrote none of what was brought back": (
        an_author_signs_what_was_brought_back,
        off(
            authorship,
            "_brought_back",
            'logs.filter(action="wagtail.revert", ',
            "logs.none().filter(",
        ),
    ),
    "that nobody signs for two": (
        one_person_answers_for_two_forums,
        off(verbs, "why_not", "if any(", "if False and any("),
    ),
    "who is still missing": (
        a_forum_is_taken_off_after_submission,
        off(verbs, "missing", "if forum.pk not in counting", "if False"),
        # It also takes what was just signed for the version that a forum is to leave.
        off(verbs, "publish", ALL_SIGNED),
    ),
    "that newcomers are asked, and policy looked at again": (
        a_forum_joins_after_submission,
        off(verbs, "_ask_newcomers", "if not new:", "if True:"),
        off(verbs, "publish", ALL_SIGNED),
    ),
    "that an edit voids the proof": (it_is_edited_while_it_waits, VOID_IF_EDITED),
    "that the text is compared once more": (
        it_is_rewritten_in_the_moment_of_the_last_signature,
        off(verbs, "publish", DIGEST),
        VOID_IF_EDITED,
        GUARD,
    ),
    "the end of a workflow": (
        a_workflow_is_finished,
        Off(
            verbs,
            "publish",
            pieces={
                "or held.proof.outcome != Proof.Outcome.SIGNED": "",
                "or missing(held.proof)": "",
                ALL_SIGNED: "if False:",
            },
        ),
        Off(
            releases,
            "_check_signed",
            pieces={
                "proof.outcome != Proof.Outcome.SIGNED\n": "False\n",
                "or sign_off.missing(proof)": "",
            },
        ),
        GUARD,
    ),
    "the release date at the last signature": (
        an_embargo_is_signed,
        off(verbs, "sign", EMBARGO),
        off(verbs, "publish", EMBARGO),
        RELEASE_EMBARGO,
    ),
    "the release date at the end of a workflow": (
        an_embargo_is_finished_early,
        off(verbs, "publish", EMBARGO),
        RELEASE_EMBARGO,
    ),
    "the release date of a release": (an_embargo_is_released_early, RELEASE_EMBARGO),
    "the signatures of a release": (
        an_open_proof_is_released,
        off(releases, "_check_signed", "or sign_off.missing(proof)", ""),
    ),
    "the outcome of a release": (
        what_was_taken_back_is_released,
        off(
            releases, "_check_signed", "proof.outcome != Proof.Outcome.SIGNED", "False"
        ),
    ),
    "that a release asks somebody": (
        what_asks_nobody_is_released,
        off(releases, "_check_signed", "or not proof.forums.all()", ""),
    ),
    "the fingerprint of a release": (
        other_bytes_are_released,
        off(
            releases,
            "_check_signed",
            "or canonical.fingerprint(bytes(proof.payload)) != proof.fingerprint",
            "",
        ),
    ),
    "what counts": (
        a_forum_takes_back_its_signature,
        off(SignOff, "stands", "self.withdrawn_at is None", "True"),
    ),
    "that taking back closes what waits": (
        it_is_taken_back_and_then_signed,
        off(
            withdrawals,
            "withdraw",
            "if proof.is_pending:",
            "if False:",
        ),
    ),
    "that taking back ends the release": (
        it_is_taken_back,
        off(releases, "withdraw", "if current is None:", "if True:"),
    ),
    "that nothing unsigned is saved as live": (a_page_is_saved_as_live, GUARD),
    "that nothing live is altered": (a_live_page_drifts, GUARD),
    "which facts can be corrected": (
        a_title_is_corrected,
        AlsoCorrects("title"),
    ),
    "that nothing else is corrected": (
        a_fact_is_corrected_on_a_page_that_drifted,
        BEYOND_FACTS,
    ),
    "that a refused correction ends": (
        a_correction_is_not_agreed,
        off(verbs, "not_agree", "if proof.is_correction:"),
    ),
    "where a public page may move": (
        a_page_moves_into_a_section,
        off(places, "why_not_move", "if new:"),
    ),
    "that a forum signs its section": (
        a_page_is_written_in_a_section,
        off(policy, "required", "for forum in item.sections():", "for forum in []:"),
    ),
    "that every area has a forum": (
        an_area_loses_its_forum,
        off(policy, "forums_of", "if not forums:"),
    ),
    "that somebody is concerned": (
        it_is_for_nobody,
        off(policy, "required", "if not asked.found:"),
        off(releases, "_check_signed", "or not proof.forums.all()", ""),
    ),
    "that a forum is asked before it is left out": (
        a_forum_is_left_out,
        off(policy, "required", "if policy.leaving == SignOffSettings.Leaving.ASK:"),
    ),
    "that a forum that objected is asked again": (
        a_forum_that_objected_is_left_out,
        off(
            policy,
            "required",
            "for forum in _objectors(item.content_id, since=last, kept=asked.found):",
            "for forum in []:",
        ),
    ),
    "that an answer asks every forum of the text": (
        one_forum_of_two_signs_the_answer_to_a_comment,
        off(
            about,
            "areas",
            "filter(release=release)",
            'filter(release=release, slug="shropshire")',
        ),
    ),
    "the rules of the policy": (
        a_rule_asks_another,
        off(
            policy,
            "_applies",
            "rule.topic_id is None or rule.topic_id in item.topics_covered()",
            "False",
        ),
    ),
    "that a dissent is no agreement": (
        a_dissent_is_published,
        off(
            verbs,
            "_agreement",
            'if forum.slug in {dissent["forum"] for dissent in dissents}:',
        ),
    ),
    "what a forum said for the record": (
        a_dissent_is_published,
        off(verbs, "_dissents", "if answer.comment_is_public:", "if True:"),
    ),
    "that policy lets a dissent be published": (
        a_dissent_is_published_against_policy,
        off(
            verbs,
            "submit_with_dissent",
            "if SignOffSettings.current().dissent != SignOffSettings.Dissent.PUBLISH:",
        ),
    ),
    "that proofs stay as they were written": (
        the_bytes_of_a_proof_are_written_over,
        WithoutTrigger("cms_proof"),
    ),
    "that nobody drops out of a proof": (
        a_forum_is_written_out_of_a_proof,
        WithoutTrigger("cms_proof_forums"),
    ),
    "that answers stay as they were written": (
        a_published_dissent_is_written_over,
        WithoutTrigger("cms_signoff"),
    ),
    "that releases stay as they were written": (
        the_bytes_of_a_release_are_written_over,
        WithoutTrigger("syndication_release"),
    ),
    "who may find it still correct": (
        a_stranger_finds_it_still_correct,
        off(reviews, "assure", "if not may_assure(proof=proof, user=by):"),
    ),
    "which text was found still correct": (
        an_older_screen_is_found_still_correct,
        off(reviews, "assure", "if fingerprint != proof.fingerprint:"),
    ),
    "that assurances stay as they were written": (
        it_is_found_still_correct_and_then_written_over,
        WithoutTrigger("cms_assurance"),
    ),
    "that the change log stays as it was written": (
        the_change_log_is_written_over,
        WithoutTrigger("syndication_change"),
    ),
}


def watch(scene, play):
    scene(play)
    play.check()


@pytest.mark.parametrize("control", CONTROLS)
def test_a_control_that_is_switched_off_is_missed(play, monkeypatch, control):
    scene, *switches = CONTROLS[control]
    with transaction.atomic():
        as_it_is = play.again(play.clock)
        watch(scene, as_it_is)
        transaction.set_rollback(True)
        memories.forget()
    for one in switches:
        one.switch(monkeypatch)

    with pytest.raises(Broken):
        watch(scene, play)


# Consent: its own scenes, since what is taken out has no signature to be noted.


def a_voice_is_agreed_to_for_the_site_alone(stage):
    stage.release(make_consent(stage.admin, channels=("site", "print")))


def a_voice_is_agreed_to_for_all_but_print(stage):
    stage.release(make_consent(stage.admin, channels=("site", "api", "feeds", "email")))


def a_consent_is_withdrawn(stage):
    given = make_consent(stage.admin)
    stage.release(given)
    consent_register.withdraw(consent=given, by=stage.admin)
    stage.agreed = set()


def a_consent_is_withdrawn_while_it_is_signed(stage):
    given = make_consent(stage.admin)
    proof = stage.submit(given)
    consent_register.withdraw(consent=given, by=stage.admin)
    with contextlib.suppress(StaleProof):
        stage.sign(proof)
    stage.agreed = set()


def a_consent_is_over_and_no_worker_came(stage):
    given = make_consent(stage.admin, ends=1)
    proof = stage.submit(given)
    stage.clock.shift(3 * DAY)
    stage.sign(proof)
    stage.agreed = set()


def a_consent_is_over(stage):
    stage.release(make_consent(stage.admin, ends=1))
    stage.clock.shift(3 * DAY)
    sweep.sweep()
    stage.agreed = set()


def a_consent_is_given_anew(stage):
    given = make_consent(stage.admin, ends=1)
    stage.release(given)
    stage.clock.shift(3 * DAY)
    sweep.sweep()
    given.refresh_from_db()
    consent_register.change(consent=given, values={"expires_on": None}, by=stage.admin)
    releases.release_again(proof=Proof.objects.get())
    stage.agreed = set()


def a_child_does_not_want_it(stage):
    with contextlib.suppress(ConsentEnded):
        stage.release(make_consent(stage.admin, wish="against"))
    stage.agreed = set()


def another_name_is_agreed_to(stage):
    given = make_consent(stage.admin)
    stage.release(given)
    consent_register.change(
        consent=given, values={"attribution": "none"}, by=stage.admin
    )
    stage.agreed = set()


def something_else_is_agreed_to(stage):
    given = make_consent(stage.admin)
    stage.release(given)
    consent_register.change(consent=given, values={"kind": "photo"}, by=stage.admin)
    stage.agreed = set()


def a_fact_is_corrected_beside_what_ended(stage):
    given = make_consent(stage.admin, ends=1)
    contact = {"name": "Line", "phone": PHONE, "email": "", "hours": ""}
    stage.release(given, besides=[{"type": "contact", "value": contact}])
    stage.clock.shift(3 * DAY)
    sweep.sweep()
    given.refresh_from_db()
    consent_register.change(consent=given, values={"expires_on": None}, by=stage.admin)
    stage.page.refresh_from_db()
    (block,) = [one for one in stage.page.body if one.block_type == "contact"]
    with contextlib.suppress(SignOffError):
        corrections.correct(
            page=stage.page,
            values={f"{block.id}.phone": "01632 960102"},
            by=stage.world.editor,
            reason="It was wrong",
        )
    stage.agreed = set()


def other_bytes_wait_for_a_channel(stage):
    proof = stage.submit(make_consent(stage.admin, channels=("site",)))
    # Feeds get what partners get: no form of theirs was signed.
    site = ProofForm.objects.get()
    ProofForm.objects.create(
        proof=proof,
        channel="feeds",
        payload=bytes(site.payload),
        fingerprint=site.fingerprint,
    )
    with contextlib.suppress(ProofNotSigned):
        stage.sign(proof)


CONSENT_CONTROLS = {
    "that each channel has a form of its own": (
        a_voice_is_agreed_to_for_the_site_alone,
        off(channels, "split", "if channel not in one.channels", "if False"),
    ),
    "that print is told from the site": (
        a_voice_is_agreed_to_for_all_but_print,
        off(channels, "without", "if channel == SITE:"),
    ),
    "that the end of consent is looked for": (
        a_consent_is_withdrawn,
        off(releases, "without_lost_voices", "if not lost:", "if True:"),
    ),
    "that the end of consent closes what waits": (
        a_consent_is_withdrawn_while_it_is_signed,
        off(consent_register, "_take_out", "if proof.is_pending:"),
        off(releases, "without_lost_voices", "if not lost:", "if True:"),
    ),
    "that consent is asked once more at release": (
        a_consent_is_over_and_no_worker_came,
        off(
            releases,
            "_replace",
            "without_lost_voices(release=current) or current",
            "current",
        ),
    ),
    "that the last day ends it": (
        a_consent_is_over,
        off(
            consent_register, "over", "Consent.objects.over()", "Consent.objects.none()"
        ),
    ),
    "that what ended stays out": (
        a_consent_is_given_anew,
        off(
            consent,
            "lose",
            "lost = sorted({*voice.lost, *(set(voice.channels) - allowed)})",
            "lost = sorted(set(voice.channels) - allowed)",
        ),
    ),
    "the child’s own wish": (
        a_child_does_not_want_it,
        off(Consent, "is_live", "and self.wish != self.Wish.AGAINST", ""),
    ),
    "what was agreed to": (
        something_else_is_agreed_to,
        off(Consent, "allows", "or self.kind not in COVERED_BY.get(kind, ())", ""),
    ),
    "that a last day is looked at once more": (
        a_consent_is_over_and_no_worker_came,
        off(
            Consent,
            "is_live",
            "and (self.expires_on is None or today <= self.expires_on)",
            "",
        ),
    ),
    "that what nobody signs adds no voice": (
        a_fact_is_corrected_beside_what_ended,
        off(
            verbs,
            "freeze",
            "draft = consent.no_more_than(draft, circumstances.no_more_than)",
            "pass",
        ),
        BEYOND_FACTS,
    ),
    "the name that was agreed to": (
        another_name_is_agreed_to,
        off(Consent, "allows", 'if attribution not in ("", self.public_name):'),
    ),
    "that other channels’ bytes are those signed": (
        other_bytes_wait_for_a_channel,
        off(releases, "_check_signed", "or not _has_its_forms(proof)", ""),
    ),
}


class Stage:
    """A page with a voice, and where a stranger may hear it."""

    def __init__(self, world, clock, write, submit, sign):
        self.world, self.admin, self.clock = world, world.admin, clock
        self.write, self.submit_page, self.sign_proof = write, submit, sign
        self.agreed = None
        self.page = None

    def submit(self, given, *, besides=()):
        self.agreed = set(given.scope)
        self.page = self.write(
            areas=[self.world.shropshire],
            body=[{"type": "heading", "value": "A"}, text(), *besides, voice(given)],
        )
        return self.submit_page(self.page)

    def sign(self, proof):
        self.sign_proof(proof, self.world.pacc, self.world.pat)

    def release(self, given, **fields):
        self.sign(self.submit(given, **fields))

    def check(self):
        if more := heard_in(self.page) - self.agreed:
            raise Broken(f"heard in {sorted(more)} without consent")


@pytest.mark.parametrize("control", CONSENT_CONTROLS)
def test_a_control_of_consent_that_is_switched_off_is_missed(
    world, write, submit, sign, monkeypatch, control
):
    scene, *switches = CONSENT_CONTROLS[control]

    def play():
        with clock() as at, transaction.atomic():
            stage = Stage(world, at, write, submit, sign)
            try:
                scene(stage)
                stage.check()
            finally:
                transaction.set_rollback(True)
                memories.forget()

    missed(monkeypatch, switches, play)
