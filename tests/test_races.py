"""Two people at the same moment, again and again, on real connections.

PostgreSQL only: SQLite lets one transaction write at a time. After each race the notes
of ``tests/promise.py`` are compared with what is served, the change log was read along
as a partner would, and at the end the audit log verifies. A deadlock fails the test,
though the database would only have refused one of the two.

``RACES=1000`` runs so many of each; the nightly profile does so by itself.
"""

import json
import os
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest
import time_machine
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import settings as effort

from cms import audit, consent_register, corrections, embedding, withdrawals
from cms import sign_off as verbs
from cms.models import Proof, SignOff
from syndication.models import Change, Release
from syndication.newsletters import digests

from .conftest import make_world, submit_draft, write_draft
from .promise import PHONE, REFUSALS, START, TELFORD, Play
from .shared_blocks import (
    everyone_signs,
    holding,
    public,
    release_block,
    rewrite_block,
    submit,
    work,
    write_block,
)
from .voices import WORDS, make_consent, text, voice

pytestmark = [
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        connection.vendor != "postgresql",
        reason="SQLite lets one transaction write at a time",
    ),
]
PUBLIC, DRAFT = 0, 1
NIGHTLY = effort.get_current_profile_name() == "nightly"
RACES = int(os.environ.get("RACES", "1000" if NIGHTLY else "5"))
# As long as a verb takes, so that each of the two comes first now and then.
HEAD_START = 0.03


@pytest.fixture
def play(transactional_db):
    with time_machine.travel(START, tick=True) as at:
        yield Play.begin(make_world(), at)


@pytest.fixture
def races():
    with Races() as races:
        yield races


class Races:
    """Runs two verbs at once, and follows the change log meanwhile."""

    def __init__(self):
        self.chance = random.Random(4711)  # noqa: S311 - who comes first, no secret
        self.pool = ThreadPoolExecutor(2)
        self.read = []
        self.won = {}

    def __enter__(self):
        return self

    def __exit__(self, *failure):
        gate = threading.Barrier(2)

        def leave():
            gate.wait()
            connection.close()

        for one in [self.pool.submit(leave) for _ in range(2)]:
            one.result()
        self.pool.shutdown()
        if not any(failure):
            self.follow()
            assert audit.verify() == []
            numbers = list(Change.objects.values_list("number", flat=True))
            assert self.read == numbers == list(range(1, len(numbers) + 1))

    def __iter__(self):
        return iter(range(RACES))

    def at_once(self, *two):
        """Return what each of two verbs gave back, or its refusal."""
        gate = threading.Barrier(2)
        waits = [0.0, self.chance.uniform(0, HEAD_START)]
        self.chance.shuffle(waits)

        def run(verb, wait):
            gate.wait()
            time.sleep(wait)
            try:
                return verb()
            except REFUSALS as refusal:
                return refusal

        running = [
            self.pool.submit(run, verb, wait)
            for verb, wait in zip(two, waits, strict=True)
        ]
        while not all(one.done() for one in running):
            self.follow()
            time.sleep(0.002)
        done = [one.result() for one in running]
        self.follow()
        won = tuple(not isinstance(one, REFUSALS) for one in done)
        self.won[won] = self.won.get(won, 0) + 1
        return done

    def follow(self):
        """Read what is new in the change log, as a partner does."""
        last = self.read[-1] if self.read else 0
        rows = Change.objects.filter(number__gt=last)
        self.read += rows.values_list("number", flat=True)


def signing(proof, forum, by):
    """The verb by which somebody signs what is on their screen."""
    return lambda: verbs.sign(
        proof=proof, forum=forum, by=by, fingerprint=proof.fingerprint
    )


def answers_of(proof):
    rows = SignOff.objects.filter(proof=proof, withdrawn_at=None)
    return sorted(rows.values_list("forum__slug", flat=True))


def test_two_forums_sign_at_once(play, races):
    world = play.world
    for _ in races:
        proof = play.submit(DRAFT)

        races.at_once(
            signing(proof, world.pacc, world.pat), signing(proof, world.pods, world.pip)
        )

        play.note(proof, "pacc", "pat", "agree")
        play.note(proof, "pods", "pip", "agree")
        play.check()
        assert answers_of(proof) == ["pacc", "pods"]
        assert Release.objects.current().get(kind="news").proof == proof


def test_a_double_click_signs_once(play, races):
    world = play.world
    for number in races:
        proof = play.submit(DRAFT)
        last = number % 2
        if last:
            play.sign(DRAFT, "pacc", "pru")

        done = races.at_once(*[signing(proof, world.pods, world.pip)] * 2)

        assert sum(isinstance(one, SignOff) for one in done) == 1
        play.note(proof, "pods", "pip", "agree")
        if not last:
            play.sign(DRAFT, "pacc", "pru")
        play.check()
        assert answers_of(proof) == ["pacc", "pods"]
        assert Release.objects.filter(proof=proof).count() == 1


def test_a_signature_against_an_edit(play, races):
    world = play.world
    item = play.item(DRAFT)
    for number in races:
        proof = play.submit(DRAFT)
        play.sign(DRAFT, "pacc", "pat")
        draft = play.page(DRAFT).get_latest_revision_as_object()
        before, draft.title = item.title, play.new_words("editor")
        # Wagtail saves most edits in a transaction, and some without.
        save = transaction.atomic(draft.save_revision)
        if number % 2:
            save = draft.save_revision

        signed, _ = races.at_once(
            signing(proof, world.pods, world.pip),
            lambda save=save: save(user=world.editor),
        )

        proof.refresh_from_db()
        if isinstance(signed, SignOff):
            play.note(proof, "pods", "pip", "agree")
            play.check()
            assert proof.outcome == "signed"
            assert Release.objects.current().get(proof=proof).title == before
        else:
            assert proof.outcome == "void"
            assert answers_of(proof) == ["pacc"]
        item.title = draft.title
        play.check()


def test_a_signature_against_a_withdrawal(play, races):
    world = play.world
    for _ in races:
        proof = play.submit(PUBLIC)
        play.sign(PUBLIC, "pacc", "pat")

        signed, withdrawn = races.at_once(
            signing(proof, world.pods, world.pip),
            lambda: withdrawals.withdraw(
                content_id=play.item(PUBLIC).content_id, by=world.admin, reason="Wrong"
            ),
        )

        assert withdrawn is None
        if isinstance(signed, SignOff):
            play.note(proof, "pods", "pip", "agree")
        play.end(PUBLIC, "was taken back")
        play.check()
        assert not Release.objects.current().filter(kind="local-offer").exists()
        assert not Proof.objects.pending().exists()


def test_an_issue_is_signed_while_what_it_repeats_is_taken_back(play, races):
    world = play.world
    for number in races:
        issue = make_issue(play, items=1 + number % 2)
        signing(issue, world.pacc, world.pat)()

        signed, withdrawn = races.at_once(
            signing(issue, world.pods, world.pip), taking_back(play)
        )

        assert isinstance(signed, SignOff)
        assert withdrawn is None
        nothing_repeats_what_is_gone()
        take_back_everything(play)


def test_an_issue_is_taken_back_together_with_what_it_repeats(play, races):
    world = play.world
    for number in races:
        issue = make_issue(play, items=1 + number % 2)
        signing(issue, world.pacc, world.pat)()
        signing(issue, world.pods, world.pip)()

        races.at_once(
            taking_back(play),
            lambda issue=issue: withdrawals.withdraw(
                content_id=issue.content_id, by=world.admin, reason="Wrong"
            ),
        )

        assert not Release.objects.current().filter(kind="issues").exists()
        take_back_everything(play)


def make_issue(play, *, items):
    """Make one or both items public anew, and an issue that repeats them."""
    for number in (PUBLIC, DRAFT)[:items]:
        play.submit(number)
        play.everyone_signs(number)
    issue = digests.compile_digest()
    return Proof.objects.open().get(content_id=issue.content_id)


def taking_back(play):
    return lambda: withdrawals.withdraw(
        content_id=play.item(PUBLIC).content_id, by=play.world.admin, reason="Wrong"
    )


def take_back_everything(play):
    for release in Release.objects.current().select_related("item"):
        withdrawals.withdraw(
            content_id=release.item.content_id, by=play.world.admin, reason="The end"
        )


def nothing_repeats_what_is_gone():
    current = Release.objects.current()
    public = set(current.values_list("item__content_id", flat=True))
    for issue in current.filter(kind="issues"):
        data = json.loads(bytes(issue.payload))
        assert {item["content_id"] for item in data["items"]} <= set(map(str, public))


def test_two_corrections_at_once(play, races):
    for number in races:
        page = play.page(PUBLIC)
        phones = [f"01632 {960200 + 2 * number + which}" for which in (0, 1)]

        done = races.at_once(*[correcting(play, page, phone) for phone in phones])

        assert [isinstance(one, Proof) for one in done] == [True, True]
        play.froze(PUBLIC, "editor", is_correction=True)
        play.check()
        (current,) = Release.objects.current().filter(kind="local-offer")
        assert current.before_review
        assert PHONE.encode() not in bytes(current.payload)
        if number % 10 == 9:
            play.everyone_signs(PUBLIC)
            play.check()


def correcting(play, page, phone):
    (contact,) = [one for one in page.body if one.block_type == "contact"]
    return lambda: corrections.correct(
        page=page,
        values={f"{contact.id}.phone": phone},
        by=play.world.editor,
        reason="It was wrong",
    )


def test_a_correction_is_refused_while_the_item_is_taken_back(play, races):
    world = play.world
    for _ in races:
        if not Release.objects.current().filter(kind="local-offer").exists():
            play.submit(PUBLIC)
            play.everyone_signs(PUBLIC)
        play.correct(PUBLIC)
        proof = play.waiting(PUBLIC)

        races.at_once(
            lambda proof=proof: verbs.not_agree(
                proof=proof,
                forum=world.pods,
                by=world.pip,
                fingerprint=proof.fingerprint,
                comment="It was right.",
            ),
            taking_back(play),
        )

        play.end(PUBLIC, "was taken back")
        play.check()


def test_a_signature_is_taken_back_when_its_release_is_due(play, races):
    world = play.world
    for _ in races:
        play.edit(DRAFT, release_in=timedelta(hours=1))
        proof = play.submit(DRAFT)
        play.everyone_signs(DRAFT)
        play.check()
        play.clock.shift(timedelta(hours=2))

        taken, released = races.at_once(
            lambda proof=proof: verbs.take_back(
                proof=proof, forum=world.pods, by=world.pip
            ),
            verbs.release_due,
        )

        proof.refresh_from_db()
        if isinstance(taken, SignOff):
            assert (released, proof.outcome) == (0, "open")
            play.notes.said[-1].stands = False
        else:
            assert (released, proof.outcome) == (1, "signed")
        play.check()


# Consent: two verbs of which one ends it. From then on nobody ever meets the voice.


def heard():
    """The items in whose public bytes, of any channel, the words of a voice stand."""
    return {
        release.item.content_id
        for release in Release.objects.current().select_related("item")
        for said in (release.payload, *(one.payload for one in release.forms.all()))
        if WORDS.encode() in bytes(said)
    }


def speaking(play, *, number, given, **fields):
    """A draft that says something, and has a voice for the site and feeds alone."""
    body = [text(f"Words {number}."), *(voice(one) for one in given)]
    return write_draft(play.world, title=f"Voice {number}", body=body, **fields)


def withdrawing(play, given):
    return lambda: consent_register.withdraw(consent=given, by=play.world.admin)


def test_a_signature_against_the_end_of_consent(play, races):
    world = play.world
    for number in races:
        given = make_consent(world.admin, channels=("site", "feeds"))
        proof = submit_draft(world, speaking(play, number=number, given=[given]))
        signing(proof, world.pacc, world.pat)()
        last = signing(proof, world.pods, world.pip)

        signed, ended = races.at_once(
            last if number % 3 else transaction.atomic(last),
            withdrawing(play, given),
        )

        assert ended.withdrawn_at
        assert heard() == set()
        proof.refresh_from_db()
        if isinstance(signed, SignOff):
            assert proof.outcome == "signed"
            assert Release.objects.current().get(proof=proof).reduced_from
        else:
            assert proof.outcome == "void"


def test_a_release_that_is_due_against_the_end_of_consent(play, races):
    world = play.world
    for number in races:
        given = make_consent(world.admin, channels=("site", "feeds"), ends=number % 2)
        later = timezone.now() + timedelta(hours=1)
        page = speaking(play, number=number, given=[given], release_at=later)
        proof = submit_draft(world, page)
        signing(proof, world.pacc, world.pat)()
        signing(proof, world.pods, world.pip)()
        # Now it is due alone, now its voice is over as well.
        play.clock.shift(timedelta(days=2 * (number % 4 == 1), hours=2))

        released, _ = races.at_once(verbs.release_due, withdrawing(play, given))

        assert heard() == set()
        proof.refresh_from_db()
        assert proof.outcome == ("signed" if released else "void")


def test_a_host_follows_while_consent_in_it_ends(play, races):
    world = play.world
    for number in races:
        block, page, given = make_speaking_host(play, number=number)
        release_block(world, block, f"Newer words {number}.")

        races.at_once(work, withdrawing(play, given))
        work()

        assert heard() == set()
        nothing_holds_what_is_gone()
        assert f"Newer words {number}." in str(bytes(public(page).document))


def test_a_block_is_taken_back_while_consent_in_its_host_ends(play, races):
    world = play.world
    for number in races:
        block, page, given = make_speaking_host(play, number=number)

        races.at_once(
            lambda block=block: withdrawals.withdraw(
                content_id=block.content_id, by=world.admin, reason="Wrong"
            ),
            withdrawing(play, given),
        )

        assert heard() == set()
        nothing_holds_what_is_gone()
        assert f"ords {number}." not in str(bytes(public(page).document))


def make_speaking_host(play, *, number):
    """A public page that holds a shared block, beside a voice."""
    world = play.world
    block = write_block(world, title=f"Block {number}", words=f"Words {number}.")
    release_block(world, block)
    block.refresh_from_db()
    given = make_consent(world.admin, channels=("site", "feeds"))
    body = [text(), voice(given), {"type": "shared_block", "value": block.pk}]
    page = write_draft(world, title=f"Host {number}", body=body)
    everyone_signs(world, submit_draft(world, page))
    return block, page, given


ENDS = {
    "withdrawn": lambda given, by: consent_register.withdraw(consent=given, by=by),
    "expired": lambda given, by: consent_register.expire(consent=given),
    "narrowed": lambda given, by: consent_register.change(
        consent=given, values={"on_site": False, "in_feeds": False}, by=by
    ),
}


@pytest.mark.parametrize("other", ENDS)
def test_two_ends_of_one_consent(play, races, other):
    world = play.world
    for number in races:
        given = make_consent(world.admin, channels=("site", "feeds"), ends=1)
        # Alone on its page now and then: that is taken back as a whole.
        page = speaking(play, number=number, given=[given])
        if number % 2:
            page = write_draft(world, title=f"Alone {number}", body=[voice(given)])
        everyone_signs(world, submit_draft(world, page))
        assert heard() == {page.content_id}
        play.clock.shift(timedelta(days=3))

        races.at_once(
            withdrawing(play, given),
            lambda given=given: ENDS[other](given, world.admin),
        )

        assert heard() == set()
        changes = Change.objects.filter(content_id=page.content_id)
        gone = "withdrawn" if number % 2 else "consent_ended"
        # The item that is alone on its page loses it first, and is taken back then.
        assert changes.filter(type=gone).count() == 1
        assert (public(page) is None) == bool(number % 2)


def test_two_consents_of_one_page_end_at_once(play, races):
    world = play.world
    for number in races:
        given = [make_consent(world.admin), make_consent(world.admin)]
        page = speaking(play, number=number, given=given)
        everyone_signs(world, submit_draft(world, page))

        races.at_once(*(withdrawing(play, one) for one in given))

        assert heard() == set()
        assert public(page).version == 3


def test_a_draft_is_submitted_while_a_consent_in_it_ends(play, races):
    """On two consents that another page stands on too, in the other order."""
    world = play.world
    for number in races:
        first, second = make_consent(world.admin), make_consent(world.admin)
        other = speaking(play, number=f"{number} beside", given=[first, second])
        everyone_signs(world, submit_draft(world, other))
        page = speaking(play, number=number, given=[second])
        submit_draft(world, page)
        draft = page.get_latest_revision_as_object()
        draft.body = draft.body.stream_block.to_python(
            [text("Newer."), voice(second), voice(first)]
        )

        @transaction.atomic
        def save_and_submit(draft=draft, page=page):
            # As one click does in the admin.
            draft.save_revision(user=world.editor)
            page.refresh_from_db()
            return submit_draft(world, page)

        submitted, _ = races.at_once(save_and_submit, withdrawing(play, first))

        if isinstance(submitted, Proof):
            submitted.refresh_from_db()
            assert submitted.outcome == "void"
        withdrawing(play, second)()
        assert heard() == set()


def test_a_signature_against_a_change_of_policy(play, races):
    world = play.world
    for number in races:
        # Two items wait, and the one that is signed is now the first, now the last.
        other, signed_one = (PUBLIC, DRAFT) if number % 2 else (DRAFT, PUBLIC)
        play.submit(PUBLIC)
        play.submit(DRAFT)
        play.sign(signed_one, "pacc", "pat")
        proof = play.waiting(signed_one)

        signed, _ = races.at_once(
            signing(proof, world.pods, world.pip),
            transaction.atomic(lambda: world.telford.forums.add(world.clinic)),
        )

        play.note(proof, "pods", "pip", "agree")
        assert isinstance(signed, SignOff)
        proof.refresh_from_db()
        if proof.outcome == "signed":
            play.check()
        play.notes.area_forums[TELFORD] = {"pods", "clinic"}
        play.everyone_signs(signed_one)
        play.everyone_signs(other)
        play.check()
        play.area_is_for(TELFORD, "pods")
        play.policy(leaving="tell")


# Shared blocks: two verbs that meet on the host or on the block in it.


def make_host(play, *, number):
    """A public shared block and a proof of a page that holds it, signed by PACC."""
    world = play.world
    block = write_block(world, title=f"Block {number}", words=f"Words {number}.")
    release_block(world, block)
    block.refresh_from_db()
    page = write_draft(world, title=f"Host {number}", body=holding(block))
    proof = submit_draft(world, page)
    signing(proof, world.pacc, world.pat)()
    return block, page, proof


def nothing_holds_what_is_gone():
    current = Release.objects.current()
    public = set(current.values_list("item__content_id", "version"))
    for release in current:
        body = json.loads(bytes(release.payload)).get("body", [])
        for held in embedding.every_shared(body):
            assert (UUID(held["content_id"]), held["version"]) in public


def test_a_host_is_signed_while_its_block_is_taken_back(play, races):
    world = play.world
    for number in races:
        block, page, proof = make_host(play, number=number)

        signed, withdrawn = races.at_once(
            signing(proof, world.pods, world.pip),
            lambda block=block: withdrawals.withdraw(
                content_id=block.content_id, by=world.admin, reason="Wrong"
            ),
        )

        assert isinstance(signed, SignOff)
        assert withdrawn is None
        nothing_holds_what_is_gone()
        assert f"Words {number}." not in str(bytes(public(page).document))


def test_a_host_is_signed_while_its_block_is_released(play, races):
    world = play.world
    for number in races:
        block, page, proof = make_host(play, number=number)
        rewrite_block(world, block, f"Newer words {number}.")
        newer = submit(world, block)
        signing(newer, world.pacc, world.pat)()

        done = races.at_once(
            signing(proof, world.pods, world.pip),
            signing(newer, world.pods, world.pip),
        )
        work()

        assert all(isinstance(one, SignOff) for one in done)
        nothing_holds_what_is_gone()
        assert f"Newer words {number}." in str(bytes(public(page).document))


def test_a_host_follows_while_its_block_is_taken_back(play, races):
    world = play.world
    for number in races:
        block, page, proof = make_host(play, number=number)
        signing(proof, world.pods, world.pip)()
        release_block(world, block, f"Newer words {number}.")

        races.at_once(
            work,
            lambda block=block: withdrawals.withdraw(
                content_id=block.content_id, by=world.admin, reason="Wrong"
            ),
        )
        work()

        nothing_holds_what_is_gone()
        assert f"ords {number}." not in str(bytes(public(page).document))


def test_two_workers_let_the_same_hosts_follow(play, races):
    world = play.world
    for number in races:
        block, page, proof = make_host(play, number=number)
        signing(proof, world.pods, world.pip)()
        release_block(world, block, f"Newer words {number}.")

        races.at_once(work, work)

        nothing_holds_what_is_gone()
        assert public(page).version == 2
