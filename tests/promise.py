"""The promise, remembered apart from the code that keeps it.

``Play`` does what people do, and notes by itself what each of them saw and said. After
any step ``check`` asks what is served and compares it with those notes. It calls
neither ``sign_off.missing`` nor ``policy``: it works out again who had to sign.
"""

import copy
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

import time_machine
from django.contrib.auth.models import Group, User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone
from wagtail.models import Page, Revision

from cms import corrections, reviews, tree, withdrawals
from cms import sign_off as verbs
from cms.errors import SignOffError
from cms.models import (
    Forum,
    LocalOfferIndexPage,
    LocalOfferPage,
    NewsIndexPage,
    NewsItemPage,
    Proof,
    Withdrawal,
)
from site_settings.models import SignOffRule, SignOffSettings
from syndication.errors import SyndicationError
from syndication.models import Change, Release

from . import memories

START = "2026-11-02T09:00:00+00:00"
REFUSALS = (SignOffError, SyndicationError, PermissionDenied, ValidationError)
AGREED = ("agree", "agree_with_comments")
SHROPSHIRE, TELFORD = "shropshire", "telford-and-wrekin"
# What policy can let people correct: everything else of a correction was signed.
FACTS = {"contact": ("phone", "email", "hours"), "call_to_action": ("url",)}
PHONE = "01632 960101"
SERVED = """
    SELECT r.id AS pk, i.content_id, r.version, r.proof_id, r.payload, r.document,
        r.receipt, r.before_review, r.again_id
    FROM syndication_release r JOIN syndication_item i ON i.id = r.item_id
    WHERE r.superseded_at IS NULL AND r.withdrawn_at IS NULL
"""
PENDING = """
    SELECT content_id, title FROM cms_proof WHERE outcome IN ('open', 'embargoed')
"""


def told(document, name):
    """What the envelope of an API answer says."""
    return json.loads(document.partition(b',"content":')[0] + b"}")[name]


class Broken(AssertionError):
    """Something is public that the notes do not cover."""


@dataclass
class Said:
    """What one person did for one forum, with what was on their screen."""

    proof: int
    bytes_seen: str
    forum: str
    person: str
    decision: str
    was_member: bool
    stands: bool = True


@dataclass
class Frozen:
    """One proof as its forums were shown it."""

    number: int
    payload: bytes
    asked: frozenset[str]
    submitted_by: str
    dissent_was_allowed: bool = False
    is_correction: bool = False
    # A correction that was not agreed, or an item that was taken back since.
    ended: str = ""


@dataclass
class Item:
    """What the notes know of one item."""

    content_id: UUID
    model: type
    place: str = "common"
    title: str = ""
    summary: str = ""
    areas: frozenset[str] = frozenset()
    # Its revision was rewritten in the database: nobody can be told at once.
    silently: bool = False
    signed: bytes | None = None
    signed_proof: int | None = None
    bound: frozenset[str] = frozenset()
    objected: set[str] = field(default_factory=set)


@dataclass
class Notes:
    """Everything that is remembered; copied for each run of the machine."""

    items: list[Item]
    members: dict[str, set[str]]
    area_forums: dict[str, set[str]]
    sections: dict[str, dict[str, str]]
    rules: list[dict[str, object]] = field(default_factory=list)
    leaving: str = "ask"
    dissent: str = "block"
    proofs: dict[int, Frozen] = field(default_factory=dict)
    said: list[Said] = field(default_factory=list)
    # Who wrote which words; and which words are for the record only.
    writers: dict[str, str] = field(default_factory=dict)
    private: set[str] = field(default_factory=set)
    # Until when each item was found still correct, and under which signed day.
    assured: dict[int, tuple[str, str]] = field(default_factory=dict)
    # Releases that were found to be covered, with their bytes.
    covered: dict[int, tuple[bytes, bytes]] = field(default_factory=dict)
    changes: list[tuple[object, ...]] = field(default_factory=list)
    words: int = 0


class Play:
    """Two items, three signatories, an editor: everything they can do, and a check."""

    def __init__(self, world, folders, notes, clock):
        self.world = world
        self.folders = folders
        self.notes = notes
        self.clock = clock
        self.refusal = ""

    @classmethod
    def begin(cls, world, clock):
        """Set the scene: one item signed and public, one drafted."""
        world.clinic = make_professional()
        world.pru = make_person("pru", world.pacc)
        world.pol = make_person("pol", world.pods)
        world.cleo = make_person("cleo", world.clinic)
        SignOffSettings.objects.create()
        folders = find_folders(world)
        notes = Notes(
            items=[],
            members={
                "pacc": {"pat", "pru"},
                "pods": {"pip", "pol"},
                "clinic": {"cleo"},
            },
            area_forums={SHROPSHIRE: {"pacc"}, TELFORD: {"pods"}},
            sections={
                "local-offer": {"common": "", "section": "pods"},
                "news": {"common": "", "section": "pacc"},
            },
        )
        play = cls(world, folders, notes, clock)
        play.write(LocalOfferPage)
        play.write(NewsItemPage)
        play.submit(0)
        play.everyone_signs(0)
        play.check()
        return play

    def again(self, clock):
        """The same scene for another run; the database was rolled back to it."""
        return Play(self.world, self.folders, copy.deepcopy(self.notes), clock)

    # What people do.

    def write(self, model):
        """An editor writes a draft for both areas."""
        item = Item(content_id=UUID(int=0), model=model)
        kind = model.kind
        values = {
            "title": self.new_words("editor"),
            "summary": self.new_words("editor"),
            "body": body(PHONE),
            "owner": self.world.editor,
        }
        if model is LocalOfferPage:
            values |= {
                "audience": "Families",
                "review_by": "2027-09-01",
                "describes": "information",
            }
        page = model(**values)
        page.areas = [self.world.shropshire, self.world.telford]
        self.folder(kind, "common").add_child(instance=page)
        page.save_revision(user=self.world.editor)
        item.content_id = page.content_id
        item.title, item.summary = page.title, page.summary
        item.areas = frozenset({SHROPSHIRE, TELFORD})
        self.notes.items.append(item)

    def edit(self, number, by="editor", *, areas=None, release_in=None):
        """Somebody writes a new title, and perhaps other areas or a release date."""
        draft = self.page(number).get_latest_revision_as_object()
        draft.title = self.new_words(by)
        if areas is not None:
            draft.areas = [self.area(slug) for slug in areas]
        if release_in is not None:
            draft.release_at = self.now() + release_in if release_in else None
        if self.attempt(draft.save_revision, user=self.person(by)):
            self.draft_is(number, draft)

    def revert(self, number, which=0):
        """The editor brings back an older version."""
        page = self.page(number)
        kept = list(page.revisions.order_by("pk"))
        older = kept[which % len(kept)]
        draft = older.as_object()
        if self.attempt(
            draft.save_revision,
            user=self.world.editor,
            log_action=True,
            previous_revision=older,
        ):
            self.draft_is(number, draft)

    def submit(self, number, by="editor"):
        """Submit the draft, or submit it again after it was sent back."""
        page = self.page(number)
        state = page.current_workflow_state
        if state is None:
            self.attempt(page.get_workflow().start, page, self.person(by))
        elif state.status == state.STATUS_NEEDS_CHANGES:
            self.attempt(state.resume, user=self.person(by))
        return self.froze(number, by)

    def submit_with_dissent(self, number):
        """An editor asks every forum to sign the text with the dissent in it."""
        proof = self.newest(number)
        if proof is not None and self.attempt(
            verbs.submit_with_dissent, proof=proof, by=self.world.editor
        ):
            self.froze(number, "editor", with_dissent=True)

    def sign(self, number, forum, by, comment="", *, screen=None):
        """Sign what waits; ``screen`` is the proof that was opened earlier, if any."""
        proof = self.waiting(number)
        if proof is None:
            return
        screen = screen or proof
        done = self.attempt(
            verbs.sign,
            proof=proof,
            forum=self.forum(forum),
            by=self.person(by),
            fingerprint=screen.fingerprint,
            comment=comment,
        )
        if done:
            named = json.loads(bytes(screen.payload)).get("dissent", [])
            decision = "agree_with_comments" if comment else "agree"
            if forum in {one["forum"] for one in named}:
                decision = "dissent"
            self.note(proof, forum, by, decision, seen=bytes(screen.payload))

    def sign_what_was_open_before(self, number, forum, by):
        """Sign with a screen that shows an earlier proof of the item."""
        proofs = Proof.objects.filter(content_id=self.item(number).content_id)
        self.sign(number, forum, by, screen=proofs.order_by("pk").first())

    def everyone_signs(self, number):
        """Whoever may and has not yet signs, one for each forum."""
        proof = self.waiting(number)
        if proof is None:
            return
        for forum in sorted(proof.forums.values_list("slug", flat=True)):
            for person in sorted(self.notes.members[forum]):
                if verbs.why_not(
                    proof=proof, forum=self.forum(forum), user=self.person(person)
                ):
                    continue
                self.sign(number, forum, person)
                break

    def ask_for_changes(self, number, forum, by):
        proof = self.waiting(number)
        if proof is not None and self.attempt(
            verbs.ask_for_changes,
            proof=proof,
            forum=self.forum(forum),
            by=self.person(by),
            fingerprint=proof.fingerprint,
            comment="Please say when.",
        ):
            self.note(proof, forum, by, "changes")

    def not_agree(self, number, forum, by, *, publicly=True):
        proof = self.waiting(number)
        if proof is None:
            return
        comment = self.new_words(by)
        if not publicly:
            self.notes.private.add(comment)
        if self.attempt(
            verbs.not_agree,
            proof=proof,
            forum=self.forum(forum),
            by=self.person(by),
            fingerprint=proof.fingerprint,
            comment=comment,
            comment_is_public=publicly,
        ):
            self.note(proof, forum, by, "not_agreed")
            self.item(number).objected.add(forum)
            frozen = self.notes.proofs[proof.pk]
            if frozen.is_correction:
                frozen.ended = "was not agreed"

    def take_back(self, number, forum, by):
        """A forum takes back what it signed, before the text is public."""
        proof = self.pending(number)
        if proof is not None and self.attempt(
            verbs.take_back,
            proof=proof,
            forum=self.forum(forum),
            by=self.person(by),
            reason="Signed too soon",
        ):
            for said in self.notes.said:
                if (said.proof, said.forum) == (proof.pk, forum):
                    said.stands = False

    def withdraw(self, number, kind=Withdrawal.GONE, by="admin"):
        """Take the item back; ``unpublish`` is what Wagtail's own button does."""
        item = self.item(number)
        if kind == "unpublish":
            page = self.page(number)
            was_live = page.live
            page.unpublish()
            done = was_live
        else:
            self.attempt(
                withdrawals.withdraw,
                content_id=item.content_id,
                by=self.person(by),
                reason="Wrong",
                kind=kind,
                public_note="Ring instead." if kind == Withdrawal.NOTICE else "",
                to=self.item(1 - number).content_id
                if kind == Withdrawal.REDIRECT
                else None,
            )
            done = not self.refusal
        if done:
            self.end(number, "was taken back")

    def correct(self, number, name="phone"):
        """An editor corrects a fact at once."""
        page = self.page(number)
        values = {"closure": f"Closed, {self.new_words('editor')}"}
        if name == "phone":
            (contact,) = [one for one in page.body if one.block_type == "contact"]
            values = {f"{contact.id}.phone": f"01632 96{self.number():04}"}
        elif name != "closure":
            values = {name: self.new_words("editor")}
        if self.attempt(
            corrections.correct,
            page=page,
            values=values,
            by=self.world.editor,
            reason="It was wrong",
        ):
            item = self.item(number)
            self.froze(number, "editor", is_correction=True)
            signed = json.loads(item.signed)
            item.title, item.summary = signed["title"], signed["summary"]
            item.areas = frozenset(area["slug"] for area in signed["areas"])
            item.silently = False

    def assure(self, number, by, *, screen=None):
        """Somebody finds what is public still correct; ``screen`` is an older release."""
        item = self.item(number)
        served = Release.objects.current().filter(item__content_id=item.content_id)
        shown = served.first()
        if shown is None:
            return
        screen = screen or shown
        if not self.attempt(
            reviews.assure,
            content_id=item.content_id,
            by=self.person(by),
            fingerprint=screen.fingerprint,
        ):
            return
        forums = self.standing(shown.proof_id)
        allowed = by in ("editor", "admin") or any(
            by in self.notes.members[forum] for forum in forums
        )
        if allowed and bytes(screen.payload) == bytes(shown.payload):
            signed = json.loads(bytes(shown.payload))["review_by"]
            today = timezone.localdate()
            year_on = today.replace(year=today.year + 1).isoformat()
            known, until = self.notes.assured.get(number, (signed, signed))
            day = max(signed, year_on, until if known == signed else signed)
            self.notes.assured[number] = (signed, day)

    def later(self):
        self.clock.shift(timedelta(minutes=1))

    def time_passes(self, by, *, worker=True):
        """Let the clock go on; the worker then looks for release dates."""
        self.clock.shift(by)
        if worker:
            verbs.release_due()

    def move(self, number, place):
        item = self.item(number)
        kind = item.model.kind
        self.attempt(self.page(number).move, self.folder(kind, place), pos="last-child")
        if not self.refusal:
            item.place = place

    def leave(self, forum, person):
        self.person(person).groups.remove(self.forum(forum).group)
        self.notes.members[forum].discard(person)

    def join(self, forum, person):
        self.person(person).groups.add(self.forum(forum).group)
        self.notes.members[forum].add(person)

    def area_is_for(self, area, *forums):
        """An administrator lets other forums sign for an area, or none."""
        before = set(self.notes.area_forums[area])
        self.notes.area_forums[area] = set(forums)
        chosen = [self.forum(one) for one in forums]
        # As the admin saves a form: all of it or nothing.
        self.attempt(transaction.atomic(self.area(area).forums.set), chosen)
        if self.refusal:
            self.notes.area_forums[area] = before

    def add_rule(self, forum, *, kind="", only_joint=False):
        self.attempt(
            SignOffRule.objects.create,
            policy=SignOffSettings.objects.get(),
            kind=kind,
            only_joint=only_joint,
            forum=self.forum(forum),
            reason="It is read by them as well.",
        )
        if not self.refusal:
            self.notes.rules.append(
                {"forum": forum, "kind": kind, "only_joint": only_joint}
            )

    def drop_rules(self):
        SignOffRule.objects.all().delete()
        self.notes.rules.clear()

    def policy(self, **values):
        """``leaving`` is "ask" or "tell", ``dissent`` is "block" or "publish"."""
        SignOffSettings.objects.update(**values)
        for name, value in values.items():
            setattr(self.notes, name, value)

    # What nobody should do.

    def rewrite_the_revision(self, number):
        revision = self.page(number).get_latest_revision()
        item = self.item(number)
        item.title = self.new_words("nobody")
        item.silently = True
        Revision.objects.filter(pk=revision.pk).update(
            content=revision.content | {"title": item.title}
        )

    def overwrite_the_revision(self, number):
        revision = self.page(number).get_latest_revision()
        draft = revision.as_object()
        draft.title = self.new_words(revision.user.username)
        if self.attempt(
            draft.save_revision, user=revision.user, overwrite_revision=revision
        ):
            self.draft_is(number, draft)

    def drift(self, number):
        """Change the page itself, not its draft."""
        page = self.page(number)
        page.title = self.new_words("nobody")
        self.attempt(page.save)

    def drift_in_the_database(self, number):
        item = self.item(number)
        item.model.objects.filter(content_id=item.content_id).update(
            title=self.new_words("nobody")
        )

    def make_live(self, number):
        item = self.item(number)
        item.model.objects.filter(content_id=item.content_id).update(live=True)

    def save_as_live(self, number):
        page = self.page(number)
        page.live = True
        self.attempt(page.save)

    def publish(self, number):
        revision = self.page(number).get_latest_revision()
        self.attempt(revision.publish, user=self.world.admin)

    def finish_the_workflow(self, number):
        state = self.page(number).current_workflow_state
        if state is not None:
            self.attempt(state.finish, user=self.world.admin)

    def mark_signed(self, number):
        """Write the outcome into the database, then have it published."""
        proof = self.pending(number)
        if proof is None:
            return
        with transaction.atomic():
            before = transaction.savepoint()
            Proof.objects.filter(pk=proof.pk).update(
                outcome="signed", closed_at=self.now()
            )
            self.attempt(proof.workflow_state.finish, user=self.world.admin)
            # Whoever wrote into the database puts it back; nobody else could.
            if self.refusal:
                transaction.savepoint_rollback(before)
                memories.forget()

    def tamper(self, rows, **values):
        """Write into records that are kept as they were written."""
        self.refusal = ""
        try:
            with transaction.atomic():
                rows.update(**values)
        except IntegrityError as refusal:
            self.refusal = str(refusal)

    # What the notes say.

    def check(self):
        """Raise ``Broken`` where something is public that the notes do not cover."""
        served = set()
        for row in self.rows_of(SERVED):
            row["content_id"] = as_uuid(row["content_id"])
            if row["content_id"] in served:
                raise Broken("two releases of one item are current")
            served.add(row["content_id"])
            self.check_release(row)
        for row in self.rows_of(PENDING):
            item = self.item(self.number_of(as_uuid(row["content_id"])))
            if row["title"] != item.title and not item.silently:
                raise Broken("a proof waits, and the draft says something else")

    def rows_of(self, sql):
        """Straight from the tables: no manager or model stands between."""
        with connection.cursor() as cursor:
            cursor.execute(sql)
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def check_release(self, row):
        payload, document = bytes(row["payload"]), bytes(row["document"])
        frozen = self.notes.proofs.get(row["proof_id"])
        if frozen is None or self.item(frozen.number).content_id != row["content_id"]:
            raise Broken("a release of a proof that nobody was shown")
        if payload != frozen.payload:
            raise Broken("not the bytes that people were shown")
        if frozen.ended:
            raise Broken(f"served although it {frozen.ended}")
        self.check_place(frozen, row)
        known = self.notes.covered.get(row["pk"])
        if known == (payload, document):
            return
        if known is not None and known[0] != payload:
            raise Broken("what is served changed without a new release")
        if isinstance(row["receipt"], str):
            row["receipt"] = json.loads(row["receipt"])
        self.check_document(row, payload, document)
        if known is None:
            self.check_cover(frozen, row, payload)
        elif told(known[1], "receipt") != told(document, "receipt"):
            # Finding it still correct moves the days in the envelope and no more.
            raise Broken("another receipt without a new release")
        self.notes.covered[row["pk"]] = (payload, document)

    def check_cover(self, frozen, row, payload):
        data = json.loads(payload)
        embargo = data.get("release_at")
        if embargo and datetime.fromisoformat(embargo) > self.now():
            raise Broken("served before its release date")
        if any(words in payload.decode() for words in self.notes.private):
            raise Broken("a comment that was for the record is public")
        if row["before_review"]:
            self.check_correction(frozen, row["receipt"])
            return
        if not row["again_id"]:
            self.check_signed(frozen, row["proof_id"], data)
        elif payload != self.item(frozen.number).signed:
            raise Broken("public again, and not what was signed last")
        self.check_receipt(row["proof_id"], row["receipt"])

    def check_document(self, row, payload, document):
        head, found, tail = document.partition(b',"content":')
        if not found or tail != payload + b"}":
            raise Broken("the answer of the API does not hold the bytes")
        envelope = json.loads(head + b"}")
        if envelope["receipt"] != row["receipt"]:
            raise Broken("the API tells another receipt than the pages")
        if envelope["version"] != row["version"]:
            raise Broken("the API tells another version")
        self.check_days(row["content_id"], json.loads(payload), envelope)

    def check_days(self, content_id, data, envelope):
        """The day of the next check is the signed one, or somebody may have moved it."""
        review = envelope.get("review", {})
        signed = data.get("review_by")
        known, day = self.notes.assured.get(self.number_of(content_id), ("", ""))
        holds = signed is not None and known == signed
        if ("assured_date" in review) != holds:
            raise Broken("nobody who may found this still correct")
        if review.get("review_by") != (day if holds else signed):
            raise Broken("readers are told of another day for the next check")

    def check_place(self, frozen, row):
        """Whose section it stands in has signed it, also after it was moved."""
        item = self.item(frozen.number)
        forum = self.notes.sections[item.model.kind][item.place]
        proof = item.signed_proof if row["before_review"] else row["proof_id"]
        if forum and forum not in self.standing(proof):
            raise Broken(f"it stands in the section of {forum}, which has not signed")

    def check_signed(self, frozen, proof, data):
        item = self.item(frozen.number)
        areas = frozenset(area["slug"] for area in data["areas"])
        concerned, bound = self.concerned(frozen.number, areas)
        standing = self.standing(proof)
        digest = sha256(frozen.payload).hexdigest()
        fresh = self.words_of(frozen.payload) - self.words_of(item.signed or b"")
        wrote = {self.notes.writers[words] for words in fresh} | {frozen.submitted_by}
        named = {one["forum"] for one in data.get("dissent", [])}
        for forum in concerned | frozen.asked:
            said = standing.get(forum)
            if said is None:
                raise Broken(f"{forum} was concerned and has not signed")
            if said.bytes_seen != digest:
                raise Broken(f"{forum} read something else")
            if not said.was_member:
                raise Broken(f"{said.person} was no member of {forum}")
            if said.person in wrote:
                raise Broken(f"{said.person} signed what they wrote")
            if any(
                other.person == said.person and other.forum != forum
                for other in self.notes.said
                if other.proof == proof
            ):
                raise Broken(f"{said.person} answered for two forums")
            if (said.decision == "dissent") != (forum in named):
                raise Broken(f"the bytes do not say what {forum} said")
        before = json.loads(item.signed or b"{}").get("dissent", [])
        kept = {one["forum"] for one in before}
        if named and not (frozen.dissent_was_allowed and named <= item.objected | kept):
            raise Broken("a dissent that nobody gave, or that policy does not publish")
        says = (data["title"], data["summary"], areas)
        if says != (item.title, item.summary, item.areas):
            raise Broken("it was edited after it was submitted")
        item.signed, item.signed_proof, item.bound = frozen.payload, proof, bound
        item.objected = set()

    def check_correction(self, frozen, receipt):
        item = self.item(frozen.number)
        if receipt["forums"] or not receipt.get("before_review"):
            raise Broken("a correction that claims to have been signed")
        if item.signed is None or not frozen.is_correction:
            raise Broken("a correction of nothing")
        if without_facts(frozen.payload) != without_facts(item.signed):
            raise Broken("more than a fact was changed before review")
        closure = json.loads(frozen.payload).get("closure", "").encode()
        fresh = self.words_of(frozen.payload) - self.words_of(item.signed)
        if fresh - self.words_of(closure):
            raise Broken("words were changed before review")

    def check_receipt(self, proof, receipt):
        told = {(one["slug"], one["decision"]) for one in receipt["forums"]}
        really = {(said.forum, said.decision) for said in self.standing(proof).values()}
        if told != really:
            raise Broken(f"the receipt tells of {told}, and it was {really}")
        agreed = {forum for forum, decision in really if decision in AGREED}
        if not agreed & {"pacc", "pods"} and receipt["label"]["slug"] != "information":
            raise Broken("its label names an endorsement that nobody gave")

    def check_drafting_room(self, number):
        """Raise where a page stands live and says what nobody has signed."""
        page, item = self.page(number), self.item(number)
        if page.live and (
            item.signed is None or page.title != json.loads(item.signed)["title"]
        ):
            raise Broken("a page is live with words that nobody signed")

    def check_changes(self):
        """Raise where the change log is not what it was, or a number is left out."""
        rows = list(
            Change.objects.values_list("number", "type", "content_id", "version")
        )
        if rows[: len(self.notes.changes)] != self.notes.changes:
            raise Broken("the change log was altered")
        if [row[0] for row in rows] != list(range(1, len(rows) + 1)):
            raise Broken("a number of the change log is left out")
        self.notes.changes = rows

    def read_as_a_stranger(self):
        """Ask the real addresses, and compare with what was found to be covered."""
        client = Client()
        documents = list(
            Release.objects.current().newest_first().values_list("document", flat=True)
        )
        answer = client.get("/api/v1/items")
        expected = b",".join(bytes(document) for document in documents)
        if answer.content != b'{"items":[' + expected + b'],"next":null}':
            raise Broken("the API lists something else than the current releases")
        words = self.words_of(client.get("/feeds/all.json").content)
        if words - self.words_of(expected):
            raise Broken("the feed has words that are in no current release")
        for item in self.notes.items:
            served = str(item.content_id).encode() in expected
            answer = client.get(f"/api/v1/items/{item.content_id}")
            if (answer.status_code == 200) != served:
                raise Broken("an item answers that is not public")

    def concerned(self, number, areas):
        """Return who has to sign now, and whom of them it is for."""
        item = self.item(number)
        asked = set()
        for area in areas:
            if not self.notes.area_forums[area]:
                raise Broken(f"nobody signs for {area}")
            asked |= self.notes.area_forums[area]
        if forum := self.notes.sections[item.model.kind][item.place]:
            asked.add(forum)
        asked |= {
            rule["forum"]
            for rule in self.notes.rules
            if rule["kind"] in ("", item.model.kind)
            and (len(areas) > 1 or not rule["only_joint"])
        }
        if not asked:
            raise Broken("nobody signs for this")
        leaving = item.bound - asked if self.notes.leaving == "ask" else set()
        objected = item.objected - asked - leaving
        return asked | leaving | objected, frozenset(asked | objected)

    def standing(self, proof):
        """What stands of the answers to a proof that let it go out, by forum."""
        return {
            said.forum: said
            for said in self.notes.said
            if said.proof == proof
            and said.stands
            and said.decision in (*AGREED, "dissent")
        }

    def froze(self, number, by, *, with_dissent=False, is_correction=False):
        """Note the proof that was just made, if one was."""
        proof = self.waiting(number)
        if proof is None or proof.pk in self.notes.proofs:
            return None
        data = proof.representation
        areas = frozenset(area["slug"] for area in data["areas"])
        try:
            asked, _ = self.concerned(number, areas)
        except Broken:
            # It should have been refused; what matters is that it never gets out.
            asked = set()
        self.notes.proofs[proof.pk] = Frozen(
            number=number,
            payload=bytes(proof.payload),
            asked=frozenset(asked),
            submitted_by=by,
            dissent_was_allowed=is_correction
            or (with_dissent and self.notes.dissent == "publish"),
            is_correction=is_correction,
        )
        self.item(number).silently = False
        return proof

    def note(self, proof, forum, by, decision, *, seen=None):
        self.notes.said.append(
            Said(
                proof=proof.pk,
                bytes_seen=sha256(
                    bytes(proof.payload) if seen is None else seen
                ).hexdigest(),
                forum=forum,
                person=by,
                decision=decision,
                was_member=by in self.notes.members[forum],
            )
        )

    def end(self, number, why):
        for frozen in self.notes.proofs.values():
            if frozen.number == number:
                frozen.ended = why

    def draft_is(self, number, draft):
        item = self.item(number)
        item.title, item.summary = draft.title, draft.summary
        item.areas = frozenset(area.slug for area in draft.areas.all())
        item.silently = False

    # Looking things up.

    def attempt(self, verb, *args, **kwargs):
        """Do it, or remember why it was refused and give back nothing."""
        self.refusal = ""
        try:
            return verb(*args, **kwargs)
        except REFUSALS as refusal:
            self.refusal = str(refusal) or type(refusal).__name__
            return None

    def now(self):
        return timezone.now()

    def item(self, number):
        return self.notes.items[number]

    def number_of(self, content_id):
        return [item.content_id for item in self.notes.items].index(content_id)

    def page(self, number):
        item = self.item(number)
        return item.model.objects.get(content_id=item.content_id)

    def folder(self, kind, place):
        folder = self.folders[kind, place]
        return type(folder).objects.get(pk=folder.pk)

    def waiting(self, number):
        """The proof on the list of what waits, read anew."""
        content_id = self.item(number).content_id
        return Proof.objects.open().filter(content_id=content_id).first()

    def pending(self, number):
        content_id = self.item(number).content_id
        return Proof.objects.pending().filter(content_id=content_id).first()

    def newest(self, number):
        return Proof.objects.filter(content_id=self.item(number).content_id).first()

    def person(self, name):
        return getattr(self.world, name)

    def forum(self, slug):
        return getattr(self.world, slug)

    def area(self, slug):
        return {SHROPSHIRE: self.world.shropshire, TELFORD: self.world.telford}[slug]

    def number(self):
        self.notes.words += 1
        return self.notes.words

    def new_words(self, by):
        """Words that nobody wrote before, remembered as theirs."""
        words = f"words{self.number():04}"
        self.notes.writers[words] = by
        return words

    def words_of(self, payload):
        text = payload.decode()
        return {words for words in self.notes.writers if words in text}


def make_professional():
    """A clinical lead signs as well where a rule says so."""
    return Forum.objects.create(
        name="Clinical lead",
        short_name="Clinic",
        slug="clinic",
        role=Forum.Role.PROFESSIONAL,
        group=Group.objects.create(name="Clinic members"),
    )


def make_person(name, forum):
    person = User.objects.create_user(name)
    person.groups.add(forum.group)
    return person


def find_folders(world):
    """Folders that are nobody's, and one section of a forum for each kind."""
    found: dict[tuple[str, str], Page] = {}
    for model, kind, forum in (
        (LocalOfferIndexPage, "local-offer", world.pods),
        (NewsIndexPage, "news", world.pacc),
    ):
        found[kind, "common"] = tree.folder(model)
        found[kind, "section"] = model.objects.get(forum=forum)
    return found


def body(phone):
    return [
        {"type": "heading", "value": "Who to ring"},
        {
            "type": "contact",
            "value": {"name": "Advice line", "phone": phone, "email": "", "hours": ""},
        },
    ]


def as_uuid(value):
    """SQLite keeps an identity as text."""
    return value if isinstance(value, UUID) else UUID(value)


def without_facts(payload):
    """What of a representation nobody may change before it was reviewed."""
    data = json.loads(payload)
    for name in ("closure", "review_by", "waiting", "hours", "law_as_at"):
        data.pop(name, None)
    for name in ("html", "text"):
        data.pop(name, None)
    for block in data["body"]:
        for name in FACTS.get(block["type"], ()):
            block.pop(name, None)
            if isinstance(block.get("value"), dict):
                block["value"].pop(name, None)
    return data


def clock():
    """A clock that stands still until it is told."""
    return time_machine.travel(START, tick=False)
