"""Voices: shown where their families agreed, and nowhere else, from the moment they say."""

import datetime as dt
import json
from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.core import mail
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail.models import ModelLogEntry, PageLogEntry
from wagtail.test.utils.form_data import nested_form_data, streamfield

from cms import (
    audit,
    canonical,
    channels,
    consent,
    consent_register,
    formats,
    rendering,
    sign_off,
    sweep,
    withdrawals,
)
from cms import corrections as correcting
from cms.errors import ConsentEnded, StaleProof
from cms.models import Consent, FrozenImage, Notice, Proof, ProofForm, ProofVoice
from cms.models.consent import SCOPES
from cms.representation import whole
from syndication import files, releases
from syndication.errors import ProofNotSigned
from syndication.models import Change, Release, ReleaseForm
from syndication.newsletters import sending, subscriptions
from syndication.newsletters.digests import compile_digest
from syndication.newsletters.models import Delivery

from . import memories, shared_blocks
from .public import everything
from .services import NEWS, SERVICE
from .test_bypass import form_of
from .test_formats import EASY_READ, entries
from .test_local_offer import as_promised
from .voices import (
    EVERYWHERE,
    SECRET,
    WORDS,
    heard_in,
    make_consent,
    said_in,
    text,
    voice,
)

NOTICE = "Something that stood here is no longer shown."


def day(number):
    """Noon, some days from now."""
    return dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC) + dt.timedelta(days=number)


@pytest.fixture
def now():
    with time_machine.travel(day(0), tick=False) as clock:
        yield clock


# The matrix: what was agreed to, and what became of it, in every channel.


class Stage:
    """One page with a voice for each channel, agreed to for that channel alone.

    Print is of the site, so that is agreed to as well.
    """

    def __init__(self, world, write, submit, sign, clock):
        self.world, self.by, self.clock = world, world.admin, clock
        self.write, self.submit, self.sign_proof = write, submit, sign
        self.given = []
        self.page = self.proof = None

    def write_about(self, *, release_at=None, **fields):
        scopes = [{one, "site"} if one == "print" else {one} for one in SCOPES]
        self.given = [make_consent(self.by, channels=one, **fields) for one in scopes]
        self.page = self.write(
            areas=[self.world.shropshire],
            release_at=release_at,
            body=[
                text(),
                *(
                    voice(one, words=f"{WORDS} {channel}")
                    for channel, one in zip(SCOPES, self.given, strict=True)
                ),
            ],
        )

    def wait(self, **fields):
        self.write_about(**fields)
        self.proof = self.submit(self.page)

    def sign(self):
        self.sign_proof(self.proof, self.world.pacc, self.world.pat)

    def release(self, **fields):
        self.wait(**fields)
        self.sign()

    def later(self, days):
        self.clock.move_to(day(days))
        sweep.sweep()

    def change(self, **values):
        for one in self.given:
            one.refresh_from_db()
            consent_register.change(consent=one, values=values, by=self.by)

    def withdraw(self):
        for one in self.given:
            consent_register.withdraw(consent=one, by=self.by)

    def submit_again(self):
        self.page.refresh_from_db()
        self.proof = self.submit(self.page)
        self.sign()

    def told(self):
        """For each voice the channels in which a stranger meets it, by first letter."""
        said = said_in(self.page)
        return [
            "".join(one[0] for one in SCOPES if f"{WORDS} {channel}" in said[one])
            or "-"
            for channel in SCOPES
        ]


def not_submitted(stage, **fields):
    stage.write_about(**fields)
    with pytest.raises(ConsentEnded, match="no live consent"):
        stage.submit(stage.page)
    assert not Proof.objects.exists()


def last_day(stage):
    stage.release(ends=3)
    stage.clock.move_to(dt.datetime(2026, 11, 27, 23, 59, 59, tzinfo=dt.UTC))
    sweep.sweep()


def midnight_after_the_last_day(stage):
    stage.release(ends=3)
    stage.clock.move_to(dt.datetime(2026, 11, 28, 0, 0, 0, tzinfo=dt.UTC))
    sweep.sweep()
    assert all(one.expired_at for one in Consent.objects.all())


def over_and_signed_before_any_worker_came(stage):
    stage.wait(ends=1)
    stage.clock.move_to(day(2))
    stage.sign()


def over_when_its_release_is_due(stage):
    stage.release(ends=1, release_at=day(3))
    stage.later(4)


def withdrawn(stage):
    stage.release()
    stage.withdraw()


def withdrawn_while_it_waits(stage):
    stage.wait()
    stage.withdraw()
    with pytest.raises(StaleProof):
        stage.sign()


def withdrawn_before_its_release_date(stage):
    stage.release(release_at=day(3))
    stage.withdraw()
    stage.later(4)
    assert not Release.objects.exists()


def review_is_due(stage):
    stage.release()
    stage.later(200)


def wish_has_changed(stage):
    stage.release()
    stage.change(wish="against")


def name_has_changed(stage):
    stage.release()
    stage.change(attribution="none")


def kind_has_changed(stage):
    stage.release()
    stage.change(kind="voice")


def narrowed_to_partners(stage):
    stage.release()
    stage.change(on_site=False, in_feeds=False, in_email=False, in_print=False)
    stage.change(in_api=True)


def widened(stage):
    stage.release()
    stage.change(**dict.fromkeys(SCOPES.values(), True))


def widened_and_signed(stage):
    widened(stage)
    stage.submit_again()


def given_anew(stage):
    stage.release(ends=3)
    stage.later(5)
    stage.change(expires_on=None)
    sweep.sweep()


def given_anew_and_signed(stage):
    given_anew(stage)
    stage.submit_again()


# What is agreed to in each column, and by their first letters where it is heard then.
MATRIX = """
                                          site api feeds email print
live                                      s    a   f     e     sp
last day                                  s    a   f     e     sp
review is due                             s    a   f     e     sp
not given yet                             -    -   -     -     -
against the child’s wish                  -    -   -     -     -
for something else                        -    -   -     -     -
midnight after the last day               -    -   -     -     -
over and signed before any worker came    -    -   -     -     -
over when its release is due              -    -   -     -     -
withdrawn                                 -    -   -     -     -
withdrawn while it waits                  -    -   -     -     -
withdrawn before its release date         -    -   -     -     -
wish has changed                          -    -   -     -     -
name has changed                          -    -   -     -     -
kind has changed                          -    -   -     -     -
narrowed to partners                      -    a   -     -     -
widened                                   s    a   f     e     sp
widened and signed                        safep safep safep safep safep
given anew                                -    -   -     -     -
given anew and signed                     s    a   f     e     sp
"""
STATES: dict[str, Callable[[Any], None]] = {
    "live": Stage.release,
    "last day": last_day,
    "review is due": review_is_due,
    "not given yet": partial(not_submitted, given=2),
    "against the child’s wish": partial(not_submitted, wish="against"),
    "for something else": partial(not_submitted, kind="photo"),
    "midnight after the last day": midnight_after_the_last_day,
    "over and signed before any worker came": over_and_signed_before_any_worker_came,
    "over when its release is due": over_when_its_release_is_due,
    "withdrawn": withdrawn,
    "withdrawn while it waits": withdrawn_while_it_waits,
    "withdrawn before its release date": withdrawn_before_its_release_date,
    "wish has changed": wish_has_changed,
    "name has changed": name_has_changed,
    "kind has changed": kind_has_changed,
    "narrowed to partners": narrowed_to_partners,
    "widened": widened,
    "widened and signed": widened_and_signed,
    "given anew": given_anew,
    "given anew and signed": given_anew_and_signed,
}


@pytest.mark.slow
def test_a_voice_is_heard_where_it_was_agreed_to_and_nowhere_else(
    world, write, submit, sign
):
    told = [["site", "api", "feeds", "email", "print"]]
    for name, happens in STATES.items():
        with time_machine.travel(day(0), tick=False) as clock, transaction.atomic():
            stage = Stage(world, write, submit, sign, clock)
            happens(stage)
            told.append([*name.split(), *stage.told()])
            transaction.set_rollback(True)
            memories.forget()

    assert told == [line.split() for line in MATRIX.strip().splitlines()]


def test_a_keeper_withdraws_with_one_button_and_it_is_gone(
    now, world, write, release, client_of
):
    given = make_consent(world.admin)
    page = write(body=[text(), voice(given)])
    release(page)
    assert heard_in(page) == set(SCOPES)

    answer = client_of(world.admin).post(
        reverse("countersign_consent:withdraw", args=[given.pk])
    )

    assert answer.status_code == 302
    assert heard_in(page) == set()
    # Nor in any list, any receipt of any version, or any mail.
    assert WORDS.encode() not in everything([page])


@pytest.mark.parametrize("channel", SCOPES)
def test_a_voice_whose_consent_is_narrowed_is_left_out_of_that_channel_alone(
    now, world, write, release, channel
):
    given = make_consent(world.admin)
    page = write("news", areas=[world.shropshire], body=[text(), voice(given)])
    release(page)
    assert heard_in(page) == set(SCOPES)
    gone = {channel, "print"} if channel == "site" else {channel}

    consent_register.change(
        consent=given, values={SCOPES[one]: False for one in gone}, by=world.admin
    )

    assert heard_in(page) == set(SCOPES) - gone


# What the forums sign.


def test_one_fingerprint_covers_what_every_channel_gets(world, write, release):
    given = make_consent(world.admin, channels={"site", "print"})
    made = release(write(body=[text(), voice(given)]))

    payload = json.loads(bytes(made.payload))
    assert payload["body"][1] == {"type": "left_out"}
    assert payload["forms"] == {
        one.channel: one.fingerprint for one in made.forms.all()
    }
    assert payload["forms"].keys() == {"site"}
    site = ReleaseForm.objects.get()
    assert canonical.fingerprint(bytes(site.payload)) == site.fingerprint
    assert WORDS.encode() in bytes(site.payload)
    assert WORDS.encode() not in bytes(made.payload)
    assert made.fingerprint == made.proof.fingerprint


def test_where_all_channels_get_the_same_there_are_no_forms(world, write, release):
    made = release(write(body=[text(), voice(make_consent(world.admin))]))

    assert "forms" not in json.loads(bytes(made.payload))
    assert not ProofForm.objects.exists()
    assert not ReleaseForm.objects.exists()


def test_the_golden_voice(world, write, client):
    given = make_consent(world.admin)
    page = write(body=[voice(given, words="The ramp\nchanged everything.")])

    data = page.representation()

    assert data["body"] == [
        {
            "type": "voice",
            "kind": "quote",
            "attribution": "Sam",
            "licence": "permission-this-channel-only",
            "words": "The ramp\nchanged everything.",
        }
    ]
    html, text = rendering.html(data["body"]), rendering.text(data["body"])
    assert html == (
        "<blockquote><p>The ramp</p>\n<p>changed everything.</p></blockquote>\n<p>Sam</p>"
    )
    assert text == "“The ramp\nchanged everything.”\n\n(Sam)"
    assert data["html"].startswith(html)
    assert data["text"].startswith(text)


def test_the_golden_page_with_voices(world, write, release, client):
    """What partners get of it, and what the site and feeds get besides."""
    film = {
        "kind": "film",
        "words": "",
        "film": "https://example.org/film",
        "film_title": "A new ramp",
        "transcript": "A girl rolls up.\nShe waves.",
    }
    with time_machine.travel(day(0), tick=False):
        given = make_consent(world.admin, attribution="none")
        on_site = make_consent(
            world.admin, kind="story", channels={"site", "print"}, ends=90
        )
        on_screen = make_consent(world.admin, kind="film", channels={"site", "feeds"})
        made = release(
            write(
                content_id=UUID("5a1c2f6e-6c0f-4f7b-9a52-8a1f4f3f7d15"),
                body=[
                    text(),
                    voice(given, words="It helped."),
                    voice(
                        on_site, kind="story", words="First I waited.\nThen I did not."
                    ),
                    voice(on_screen, **film),
                ],
            )
        )
        answer = client.get(f"/api/v1/items/{made.item.content_id}").json()

    forms = {one.channel: json.loads(bytes(one.payload)) for one in made.forms.all()}
    assert as_promised("item-voices.json", answer | {"forms": forms})


def test_a_film_comes_with_its_words(world, write):
    given = make_consent(world.admin, kind="film", attribution="none")
    film = voice(
        given,
        kind="film",
        words="",
        film="https://example.org/film",
        film_title="A new ramp",
        transcript="A girl rolls up.",
    )

    (block,) = write(body=[film]).representation()["body"]

    assert block == {
        "type": "voice",
        "kind": "film",
        "attribution": None,
        "licence": "permission-this-channel-only",
        "film": "https://example.org/film",
        "film_title": "A new ramp",
        "transcript": "A girl rolls up.",
    }


def test_a_voice_says_nothing_where_nobody_knows_the_channel(world, write):
    page = write(body=[voice(make_consent(world.admin))])

    assert page.body.stream_block.public(page.body) == [{"type": "left_out"}]


def test_hidden_words_cannot_be_found_by_trying(world, write, submit, settings):
    given = make_consent(world.admin, channels={"email"})
    proof = submit(write(body=[text(), voice(given)]))

    form = ProofForm.objects.get(channel="email").representation
    guess = {key: value for key, value in form.items() if key != "nonce"}
    told = proof.representation["forms"]["email"]
    assert canonical.fingerprint(canonical.encode(guess)) != told
    assert len(form["nonce"]) == 64
    # Whoever has another key comes to another number, and so does another channel.
    bare = channels.bare(form)
    assert channels._sealed(bare, "email") == form
    assert channels._sealed(bare, "site")["nonce"] != form["nonce"]
    settings.SECRET_KEY = "a stranger's"
    assert channels._sealed(bare, "email")["nonce"] != form["nonce"]


@pytest.mark.parametrize("model", [ProofForm, ReleaseForm])
def test_other_channels_bytes_stay_as_they_were_signed(world, write, release, model):
    release(write(body=[voice(make_consent(world.admin, channels={"site"}))]))

    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        model.objects.update(payload=b"{}")


def test_a_proof_without_its_forms_is_not_released(world, write, submit, sign):
    proof = submit(
        write(
            areas=[world.shropshire],
            body=[voice(make_consent(world.admin, channels={"site"}))],
        )
    )
    ProofForm.objects.bulk_create(
        [ProofForm(proof=proof, channel="feeds", payload=b"{}", fingerprint="0" * 64)]
    )

    with pytest.raises(ProofNotSigned):
        sign(proof, world.pacc, world.pat)

    assert not Release.objects.exists()
    assert audit.verify() != []


def test_forums_see_what_each_channel_gets_before_they_sign(
    world, write, submit, client_of
):
    given = make_consent(world.admin, channels={"site", "api"})
    proof = submit(write(body=[text(), voice(given)]))

    page = client_of(world.pat).get(
        reverse("countersign_sign_off:proof", args=[proof.pk])
    )

    said = " ".join(page.content.decode().split())
    assert WORDS in said
    assert "Shown in</dt><dd>our own site; partners’ sites (API)<" in said
    assert "Not in</dt><dd><strong>feeds; email; print<" in said
    assert "What feeds carry of it, as plain text" in said
    assert "What email may carry of it, as plain text" in said
    assert "What partners’ sites get of it" not in said
    assert SECRET not in said


def test_what_changed_in_one_channel_is_told(
    world, write, release, edit, submit, client_of
):
    """Also where the API's bytes have nothing of it."""
    given = make_consent(world.admin, channels={"site"})
    page = write(areas=[world.shropshire], body=[text(), voice(given)])
    release(page)
    page.refresh_from_db()
    body = page.body.stream_block.to_python(
        [text(), voice(given, words="zqvoice the lift changed everything")]
    )
    proof = submit(edit(page, world.editor, body=body))

    screen = client_of(world.pat).get(
        reverse("countersign_sign_off:proof", args=[proof.pk])
    )

    changed = screen.context["comparison"].changed
    assert any("lift" in one.after and "ramp" in one.before for one in changed)


# What is public, from end to end.


def test_reading_asks_no_query_more_for_forms(
    world, write, release, client, django_assert_num_queries
):
    def ask(address):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert client.get(address).status_code == 200
        return len(asked)

    plain = release(write(title="Plain"))
    counts = [ask(f"/items/{plain.item.content_id}"), ask("/feeds/all.rss")]
    for number in range(3):
        given = make_consent(world.admin, channels={"site"})
        made = release(
            write(title=f"{number}", slug=f"n{number}", body=[text(), voice(given)])
        )

    assert [ask(f"/items/{made.item.content_id}"), ask("/feeds/all.rss")] == counts


def test_a_change_tells_partners_to_replace_and_nothing_else(
    now, world, write, release, client
):
    given = make_consent(world.admin)
    page = write(body=[text(), voice(given)])
    release(page)

    consent_register.withdraw(consent=given, by=world.admin)

    change = client.get("/api/v1/changes").json()["changes"][-1]
    assert (change["type"], change["version"]) == ("consent_ended", 2)
    assert change.keys() == {
        "number", "type", "content_id", "kind", "version", "at", "url",
    }  # fmt: skip
    item = client.get(f"/api/v1/items/{page.content_id}").json()
    assert item["content"]["body"][1] == {"type": "left_out"}
    assert NOTICE in item["content"]["html"]
    assert "forms" not in item["content"]
    assert [one["slug"] for one in item["receipt"]["forums"]] == ["pacc", "pods"]


def test_a_page_that_is_nothing_but_a_voice_is_taken_back(
    now, world, write, release, client
):
    given = make_consent(world.admin)
    page = write(
        body=[{"type": "heading", "value": "A young person’s view"}, voice(given)]
    )
    release(page)

    consent_register.withdraw(consent=given, by=world.admin)

    answer = client.get(f"/api/v1/items/{page.content_id}")
    assert answer.status_code == 410
    assert answer.json()["reason"] == "consent_withdrawn"
    assert "note" not in answer.json()
    assert client.get(f"/items/{page.content_id}").status_code == 410
    change = client.get("/api/v1/changes").json()["changes"][-1]
    assert (change["type"], change["reason"]) == ("withdrawn", "consent_withdrawn")
    assert heard_in(page) == set()
    assert WORDS.encode() not in everything([page])


TOLD = {
    "contact": ("local-offer", SERVICE, ["contact_team", "contact_phone"]),
    "ways_in": ("local-offer", SERVICE, ["ways_in"]),
    "places": ("local-offer", SERVICE, ["places"]),
    "events": ("news", NEWS, ["events"]),
    "surveys": ("news", NEWS, ["surveys"]),
}


@pytest.mark.parametrize("told", TOLD)
def test_a_page_that_still_tells_what_families_can_do_stays(
    now, world, write, release, told
):
    given = make_consent(world.admin)
    kind, values, names = TOLD[told]
    fields = {name: values[name] for name in names}
    page = write(kind, body=[voice(given)], **fields)
    release(page)
    assert page.representation()[told]

    consent_register.withdraw(consent=given, by=world.admin)

    current = Release.objects.current().get()
    assert current.reduced_from
    assert heard_in(page) == set()
    assert NOTICE in said_in(page)["site"]
    assert Change.objects.order_by("number").last().type == "consent_ended"


@pytest.mark.parametrize("told", channels.STILL_OF_USE)
def test_a_notice_beside_something_of_use_is_something(told):
    body = [{"type": "heading", "text": "A"}, {"type": "left_out"}]

    assert channels.nothing_left([{"body": body}])
    assert channels.nothing_left([{"body": body, told: []}])
    assert not channels.nothing_left([{"body": body, told: ["one"]}])
    # In any channel.
    assert not channels.nothing_left([{"body": body}, {"body": body, told: ["one"]}])


@pytest.mark.parametrize("late", ["signature", "date"])
def test_nothing_but_a_notice_is_never_released(
    now, world, write, submit, sign, client, late
):
    """The last day is over, no worker came, and the voice was all there was."""
    given = make_consent(world.admin, ends=1)
    page = write(
        areas=[world.shropshire],
        body=[{"type": "heading", "value": "A young person’s view"}, voice(given)],
        release_at=day(3) if late == "date" else None,
    )
    proof = submit(page)
    if late == "date":
        sign(proof, world.pacc, world.pat)
        now.move_to(day(4))
        assert sign_off.release_due() == 0
    else:
        now.move_to(day(2))
        with pytest.raises(ConsentEnded, match="nothing else is in it"):
            sign(proof, world.pacc, world.pat)
        proof.refresh_from_db()
        assert proof.is_open

    assert not Release.objects.exists()
    sweep.sweep()
    proof.refresh_from_db()
    assert proof.outcome == Proof.Outcome.VOID
    assert client.get(f"/items/{page.content_id}").status_code == 404
    assert Notice.objects.filter(purpose="void", recipient=world.editor).exists()
    assert audit.verify() == []


def test_agreeing_again_brings_nothing_back_without_new_signatures(
    now, world, write, release, submit, sign
):
    given = make_consent(world.admin, ends=3)
    page = write(areas=[world.shropshire], body=[text(), voice(given)])
    release(page)
    now.move_to(day(5))
    sweep.sweep()
    consent_register.change(
        consent=Consent.objects.get(),
        values={"expires_on": None},
        by=world.admin,
    )
    sweep.sweep()
    assert heard_in(page) == set()
    page.refresh_from_db()

    sign(submit(page), world.pacc, world.pat)

    assert heard_in(page) == set(SCOPES)


def test_another_name_than_was_agreed_to_is_not_shown(now, world, write, release):
    given = make_consent(world.admin)
    page = write(body=[text(), voice(given)])
    release(page)

    consent_register.change(
        consent=given, values={"attribution": "none"}, by=world.admin
    )

    assert heard_in(page) == set()
    assert heard_in(page, "Sam") == set()


def test_the_photo_of_a_voice_is_served_no_more(
    now, world, write, release, client, client_of
):
    from wagtail.images.models import Image

    from .test_representation import photo

    image = Image.objects.create(title="IMG_1", file=photo())
    given = make_consent(world.admin, kind="photo", channels={"site"})
    picture = {"image": image.pk, "decorative": False, "alt_text": "A red card"}
    page = write(body=[text(), voice(given, kind="photo", words="", photo=picture)])
    made = release(page)
    name = made.images.get().name
    assert client.get(f"/images/{name}").status_code == 200

    consent_register.withdraw(consent=given, by=world.admin)

    assert client.get(f"/images/{name}").status_code == 410
    assert not Release.objects.current().get().images.exists()
    # The file itself goes, also for those who could see it in drafts.
    files.remove_what_is_over()
    assert FrozenImage.objects.get().removed_at
    assert client_of(world.editor).get(f"/images/{name}").status_code == 404


def test_newsletters_that_wait_go_out_without_it(
    now, world, write, release, sign, mailoutbox
):
    given = make_consent(world.admin)
    page = write("news", areas=[world.shropshire], body=[voice(given)])
    release(page)
    other = write("news", title="Other", slug="other", areas=[world.shropshire])
    release(other)
    subscribe()
    issue = compile_digest()
    proof = Proof.objects.open().get(content_id=issue.content_id)
    sign(proof, world.pacc, world.pat)

    consent_register.withdraw(consent=given, by=world.admin)

    archived = json.loads(bytes(Release.objects.current().get(kind="issues").payload))
    assert [one["content_id"] for one in archived["items"]] == [str(other.content_id)]
    mailoutbox.clear()
    sending.send_due()
    (sent,) = mailoutbox
    assert "Other" in sent.body
    assert page.title not in sent.body
    assert WORDS not in sent.body


def test_what_was_taken_out_of_is_no_news(now, world, write, release, sign):
    given = make_consent(world.admin)
    release(write("news", areas=[world.shropshire], body=[text(), voice(given)]))
    issue = compile_digest()
    sign(Proof.objects.open().get(content_id=issue.content_id), world.pacc, world.pat)

    consent_register.withdraw(consent=given, by=world.admin)

    assert compile_digest() is None


# What waits for forums.


def test_a_proof_that_shows_it_no_longer_waits(now, world, write, submit, client_of):
    given = make_consent(world.admin)
    page = write(body=[text(), voice(given)])
    proof = submit(page)

    consent_register.withdraw(consent=given, by=world.admin)

    with pytest.raises(StaleProof, match="consent for a voice"):
        sign_off.sign(
            proof=proof, forum=world.pacc, by=world.pat, fingerprint=proof.fingerprint
        )
    proof.refresh_from_db()
    assert proof.outcome == Proof.Outcome.VOID
    page.refresh_from_db()
    assert not page.locked
    told = Notice.objects.get(purpose="void", recipient=world.editor)
    assert told.proof == proof


def test_consent_that_ended_unnoticed_is_seen_at_the_last_signature(
    now, world, write, submit, sign
):
    """The worker was late: the last day is over, and nobody swept yet."""
    given = make_consent(world.admin, ends=1)
    page = write(areas=[world.shropshire], body=[text(), voice(given)])
    proof = submit(page)
    now.move_to(day(2))

    sign(proof, world.pacc, world.pat)

    assert heard_in(page) == set()
    signed, shown = Release.objects.order_by("version")
    assert bytes(signed.payload) == bytes(proof.payload)
    assert signed.superseded_at is not None
    assert shown.reduced_from == signed
    assert Change.objects.order_by("number").last().type == "consent_ended"


def test_an_embargo_ends_with_what_still_has_consent(
    now, world, write, submit, sign, monkeypatch
):
    given = make_consent(world.admin, ends=1)
    page = write(
        areas=[world.shropshire], body=[text(), voice(given)], release_at=day(3)
    )
    sign(submit(page), world.pacc, world.pat)
    now.move_to(day(4))

    assert sign_off.release_due() == 1

    assert heard_in(page) == set()


def test_a_correction_neither_loses_nor_adds_a_voice(now, world, write, release):
    kept = make_consent(world.admin, channels={"site", "print"})
    ended = make_consent(world.admin)
    contact = {
        "type": "contact",
        "value": {"name": "Line", "phone": "01632 960101", "email": "", "hours": ""},
    }
    page = write(
        areas=[world.shropshire],
        body=[contact, voice(kept), voice(ended, words="zqother")],
    )
    release(page)
    consent_register.withdraw(consent=ended, by=world.admin)
    consent_register.change(
        consent=kept,
        values=dict.fromkeys(SCOPES.values(), True),
        by=world.admin,
    )
    page.refresh_from_db()
    block = page.body[0]

    correcting.correct(
        page=page,
        values={f"{block.id}.phone": "01632 960102"},
        by=world.editor,
        reason="It was wrong",
    )

    assert heard_in(page) == {"site", "print"}
    assert heard_in(page, "zqother") == set()
    assert heard_in(page, "01632 960102") == set(SCOPES)
    assert Release.objects.current().get().before_review
    consent_register.withdraw(consent=kept, by=world.admin)
    assert heard_in(page) == set()
    current = Release.objects.current().get()
    assert current.before_review
    assert "before_review" in current.receipt


@pytest.mark.parametrize("agreed", [EVERYWHERE, ("site", "api")])
def test_a_newsletter_carries_title_and_summary_whatever_was_agreed_to(
    now, world, write, release, sign, mailoutbox, agreed
):
    given = make_consent(world.admin, channels=agreed)
    page = write("news", areas=[world.shropshire], body=[text(), voice(given)])
    release(page)
    subscribe()
    issue = compile_digest()
    mailoutbox.clear()
    sign(Proof.objects.open().get(content_id=issue.content_id), world.pacc, world.pat)

    sending.send_due()

    (sent,) = mailoutbox
    assert page.title in sent.body
    assert WORDS not in sent.body
    (data,) = Release.objects.filter(kind="news").with_form("email")
    assert (WORDS in data.said.decode()) == ("email" in agreed)


def subscribe():
    subscription = subscriptions.request(
        email="parent@example.org",
        areas=["shropshire"],
        wording="Yes please.",
        source="test",
    )
    Delivery.objects.all().delete()
    subscriptions.confirm(key=subscription.key)


# Copies.


def test_a_copy_of_what_any_channel_shows_is_recognised(world, write, release, client):
    words = "The ramp at the new building changed everything for me and my whole class."
    given = make_consent(world.admin, channels={"site"})
    page = write(
        body=[text("Ring the advice line first of all."), voice(given, words=words)]
    )
    made = release(page)
    copy = f"{page.title}\n{page.summary}\nRing the advice line first of all.\n{words}\nSam"
    without = copy.replace(f"{words}\nSam", NOTICE)

    for one in (copy, without):
        answer = client.post(f"/receipts/{made.fingerprint}", {"copy": one})
        assert "exactly" in answer.content.decode() or "word for word" in (
            answer.content.decode()
        )


@pytest.mark.parametrize("channel", ["api", "feeds"])
def test_no_comparison_tells_on_our_site_what_another_channel_was_given(
    world, write, release, client, channel
):
    """Somebody could leave a word out, to be told what stood there."""
    words = "The ramp at the new building changed everything for me and my whole class."
    given = make_consent(world.admin, channels={channel})
    page = write(body=[text("Ring the advice line first."), voice(given, words=words)])
    made = release(page)
    head = f"{page.title}\n{page.summary}\nRing the advice line first.\n"
    altered = words.replace("everything", "nothing")

    for copy in (f"{head}{altered}\nSam", altered, f"{head}{words[:40]}"):
        for address in (f"/receipts/{made.fingerprint}", "/receipts/"):
            answer = client.post(address, {"copy": copy}).content.decode()
            assert "everything" not in answer
            assert "whole class" not in answer.replace(altered, "")

    # Of what our own site shows, differences are told as ever.
    answer = client.post(
        f"/receipts/{made.fingerprint}",
        {"copy": f"{head.replace('first', 'last')}{NOTICE}"},
    )
    assert "<strong>first</strong>" in answer.content.decode()


# Who may know.


def test_members_learn_whether_consent_is_live_and_nothing_else(
    world, write, submit, client_of
):
    given = make_consent(world.admin, forum=world.pacc)
    hidden = make_consent(world.admin, alias="zqhidden", forum=world.pods)
    client = client_of(world.pat)

    listed = client.get(reverse("consent_chooser:choose")).content.decode()
    assert "Sam" in listed
    assert "live" in listed
    assert "zqhidden" not in listed
    assert SECRET not in listed
    assert (
        client.get(reverse("consent_chooser:chosen", args=[given.pk])).status_code
        == 200
    )
    assert (
        client.get(reverse("consent_chooser:chosen", args=[hidden.pk])).status_code
        == 404
    )
    for name, args in (
        ("index", []), ("add", []), ("edit", [given.pk]), ("withdraw", [given.pk]),
    ):  # fmt: skip
        address = reverse(f"countersign_consent:{name}", args=args)
        assert (
            "Register of consent"
            not in client.get(address, follow=True).content.decode()
        )
        client.post(address)
    given.refresh_from_db()
    assert given.withdrawn_at is None


def test_a_childs_own_wish_is_told_to_keepers_alone(
    now, world, write, submit, client_of
):
    given = make_consent(world.admin, forum=world.pacc)
    page = write(areas=[world.shropshire], body=[text(), voice(given)])
    proof = submit(page)
    consent_register.change(consent=given, values={"wish": "against"}, by=world.admin)
    member, editor = client_of(world.pat), client_of(world.editor)

    for client, address in (
        (member, reverse("consent_chooser:choose")),
        (member, reverse("countersign_sign_off:proof", args=[proof.pk])),
        (editor, reverse("wagtailadmin_pages:edit", args=[page.pk])),
    ):
        said = client.get(address).content.decode().lower()
        assert "not live" in said
        assert "not want" not in said
        assert "wish" not in said
    kept = client_of(world.admin).get(reverse("countersign_consent:index"))
    assert "the child does not want it" in kept.content.decode()


def test_nothing_of_the_register_gets_out(
    world, write, release, submit, tmp_path, client_of, caplog
):
    caplog.set_level("DEBUG")
    given = make_consent(
        world.admin, alias=f"{SECRET} alias", attribution="none", forum=world.pacc
    )
    page = write(areas=[world.shropshire], body=[text(), voice(given)])
    release(page)
    again = write(slug="again", body=[text(), voice(given)])
    submit(again)
    consent_register.withdraw(consent=given, by=world.admin)
    sweep.sweep()
    call_command("audit_export", output=tmp_path / "log.jsonl")

    public = everything([page, again])
    exported = b"".join(
        one.read_bytes() for one in tmp_path.rglob("*") if one.is_file()
    )
    bytes_of_proofs = b"".join(
        bytes(one.payload)
        for model in (Proof, ProofForm, Release, ReleaseForm)
        for one in model.objects.all()
    )
    register = client_of(world.pat).get(
        reverse("countersign_sign_off:register") + "?as=csv"
    )
    mails = b"".join(one.message().as_bytes() for one in mail.outbox)

    assert mail.outbox
    logged = caplog.text.encode()
    history = "".join(
        f"{one.message} {one.data}"
        for model in (PageLogEntry, ModelLogEntry)
        for one in model.objects.all()
    )
    for said in (
        public, exported, bytes_of_proofs, b"".join(register), mails, logged,
        history.encode(),
    ):  # fmt: skip
        assert SECRET.encode() not in said
        assert b"kitchen" not in said
    assert exported.count(b"consent_withdrawn") == 1
    assert audit.verify() == []


def test_everybody_concerned_is_told_without_details(
    now, world, write, release, mailoutbox
):
    given = make_consent(world.admin)
    release(write(body=[text(), voice(given)]))
    sweep.sweep()
    mailoutbox.clear()

    consent_register.withdraw(consent=given, by=world.admin)
    sweep.sweep()

    told = {one.to[0] for one in mailoutbox}
    assert told == {"editor@example.org", "pat@example.org", "pip@example.org"}
    for one in mailoutbox:
        assert "A voice was taken out" in one.subject
        assert "Sam" not in one.body
        assert WORDS not in one.body


def test_keepers_are_reminded_once_and_the_voice_stays(
    now, world, write, release, mailoutbox
):
    from django.contrib.auth.models import Group

    from cms import tree

    world.pip.groups.add(Group.objects.get(name=tree.KEEPERS))
    given = make_consent(world.admin, ends=300)
    page = write(areas=[world.shropshire], body=[text(), voice(given)])
    release(page)
    now.move_to(day(181))
    mailoutbox.clear()

    sweep.sweep()
    sweep.sweep()

    due = [one for one in mailoutbox if "reviewed" in one.subject]
    assert [one.to for one in due] == [["pip@example.org"]]
    assert "Sam" not in due[0].body
    assert heard_in(page) == set(SCOPES)


@pytest.mark.parametrize("mark", ["only-in-print", "not-in-print"])
def test_nobody_hides_words_from_who_signs_by_marking_them(world, write, mark):
    said = f'<div class="{mark}">zq</div>'

    page = write(body=[{"type": "paragraph", "value": said}])

    assert "class" not in page.representation()["html"]


# The screens.


def test_a_keeper_enters_changes_and_withdraws(world, client_of):
    client = client_of(world.admin)
    given = {
        "alias": "Robin",
        "kind": "quote",
        "given_by": "both",
        "age_band": "11-15",
        "wish": "for",
        "on_site": "on",
        "attribution": "alias",
        "given_on": "2026-11-01",
        "review_on": "2027-05-01",
        "form_held": "Safe",
    }
    with time_machine.travel(day(0), tick=False):
        wrong = client.post(
            reverse("countersign_consent:add"), {**given, "form_held": ""}
        )
        assert wrong.status_code == 400
        assert not Consent.objects.exists()
        made = client.post(reverse("countersign_consent:add"), given)
    assert made.status_code == 302
    consent_row = Consent.objects.get()
    assert consent_row.scope == {"site"}
    with time_machine.travel(day(0), tick=False):
        changed = client.post(
            reverse("countersign_consent:edit", args=[consent_row.pk]),
            {**given, "in_feeds": "on"},
        )
        assert changed.status_code == 302
        listed = client.get(reverse("countersign_consent:index")).content.decode()
    assert "Our own site, feeds" in listed
    asked = reverse("countersign_consent:withdraw", args=[consent_row.pk])
    assert client.get(asked).status_code == 200
    assert Consent.objects.get().withdrawn_at is None
    client.post(asked)
    assert Consent.objects.get().withdrawn_at
    refused = client.post(
        reverse("countersign_consent:edit", args=[consent_row.pk]), given
    )
    assert refused.status_code in (400, 409)


def test_two_keepers_do_not_write_over_each_other(world, client_of):
    given = make_consent(world.admin)
    client = client_of(world.admin)
    address = reverse("countersign_consent:edit", args=[given.pk])
    opened = client.get(address)
    form = opened.context["form"].initial | {"seen": given.state, "notes": "Rang."}
    form = {name: value for name, value in form.items() if value not in (None, False)}
    consent_register.change(
        consent=given, values={"on_site": False, "in_print": False}, by=world.admin
    )

    refused = client.post(address, form)

    assert f'name="seen" value="{given.state}"' in opened.content.decode()
    assert refused.status_code == 409
    assert "Somebody else changed this consent" in refused.content.decode()
    now = Consent.objects.get()
    assert (now.on_site, now.notes) == (False, given.notes)
    # What is shown now can be saved.
    form = {"notes": "Rang.", "seen": now.state, **form}
    del form["on_site"], form["in_print"]
    assert client.post(address, form | {"seen": now.state}).status_code == 302
    assert Consent.objects.get().notes == "Rang."


REFUSED = {
    "a name beside a picture": (
        {"kind": "photo", "attribution": "first_name", "first_name": "Sam"},
        "attribution",
    ),
    "a first name that nobody is told": ({"first_name": "Sam"}, "first_name"),
    "a young child alone": ({"given_by": "child", "age_band": "5-10"}, "given_by"),
    "a child alone as a young person": ({"given_by": "young_person"}, "given_by"),
    "print without the site": ({"in_print": "on", "on_site": ""}, "in_print"),
    "nowhere": ({"on_site": ""}, "on_site"),
    "an end before the beginning": ({"expires_on": "2026-10-01"}, "expires_on"),
    "a review too late": ({"review_on": "2028-05-01"}, "review_on"),
    "a wish that nobody wrote down": ({"wish": "cannot_say"}, "wish_words"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_the_register_refuses_beside_the_field(world, client_of, case):
    values, field = REFUSED[case]
    given = {
        "alias": "Robin",
        "kind": "quote",
        "given_by": "both",
        "age_band": "11-15",
        "wish": "for",
        "on_site": "on",
        "attribution": "alias",
        "given_on": "2026-11-01",
        "review_on": "2027-05-01",
        "form_held": "Safe",
    }
    with time_machine.travel(day(0), tick=False):
        answer = client_of(world.admin).post(
            reverse("countersign_consent:add"), given | values
        )

    assert answer.status_code == 400
    assert field in answer.context["form"].errors
    assert not Consent.objects.exists()


def test_the_register_is_listed_in_a_fixed_number_of_queries(world, client_of):
    client = client_of(world.admin)

    def ask():
        with CaptureQueriesContext(connection) as asked:
            client.get(reverse("countersign_consent:index"))
        return len(asked)

    make_consent(world.admin, forum=world.pacc)
    ask()
    few = ask()
    for _ in range(5):
        make_consent(world.admin, forum=world.pods)

    assert ask() == few


def test_submission_without_live_consent_is_refused_beside_the_voice(
    world, write, client_of
):
    given = make_consent(world.admin, given=3)
    page = write(body=[text(), voice(given)])
    client = client_of(world.editor)
    address = reverse("wagtailadmin_pages:edit", args=[page.pk])
    kept = {
        name: one
        for name, one in form_of(client, page).items()
        if not name.startswith("body-") and name != "action-submit"
    }
    value = {
        "consent": str(given.pk),
        "kind": "quote",
        "words": WORDS,
        "photo": {"image": "", "alt_text": ""},
        "film": "",
        "film_title": "",
        "transcript": "",
    }
    form = kept | nested_form_data({"body": streamfield([("voice", value)])})

    saved = client.post(address, form)
    assert saved.status_code == 302
    refused = client.post(address, form | {"action-submit": "Submit"})

    assert refused.status_code == 200
    assert "There is no live consent for this: it is not given yet." in (
        refused.content.decode()
    )
    assert not Proof.objects.exists()


def test_what_could_tell_who_it_is_is_said_on_both_screens(
    world, write, submit, client_of
):
    given = make_consent(world.admin)
    page = write(
        body=[voice(given, words="I am 7 and autistic. My school in Wem has a ramp.")]
    )
    words = "a school, a condition, an age and a place together"

    edit_screen = client_of(world.editor).get(
        reverse("wagtailadmin_pages:edit", args=[page.pk])
    )
    proof = submit(page)
    sign_screen = client_of(world.pat).get(
        reverse("countersign_sign_off:proof", args=[proof.pk])
    )

    assert words in edit_screen.content.decode()
    assert words in sign_screen.content.decode()


def test_a_page_about_schools_is_no_hint_by_itself(world, write):
    from cms import identifiability

    page = write(summary="Autism support at school in Telford, aged 5 to 11")
    data = page.representation()

    assert identifiability.hint(data, [{"words": "It helped."}]) == ""
    assert identifiability.hint(data, [{"words": "At my school it helped."}]) != ""


def test_a_voice_inside_another_block_is_found_and_taken_out():
    """As in a shared block."""
    block = {"type": "voice", "words": "x"}
    body: list[dict[str, Any]] = [
        {"type": "shared_block", "body": [{"type": "heading"}, block]},
        {"type": "left_out"},
    ]

    (path,) = [path for path, one in channels.places(body) if one is block]
    after = channels._put(body, path, channels._left_out)

    assert path == (0, 1)
    assert after[0]["body"] == [{"type": "heading"}, {"type": "left_out"}]
    assert body[0]["body"][1] is block
    assert channels.nothing_left([{"body": after}])
    assert not channels.nothing_left([{"body": after}, {"body": body}])
    # What stood in a block that is out already is out.
    out: list[dict[str, Any]] = [{"type": "left_out"}]
    assert channels._put(out, path, channels._left_out) == out


def test_the_voices_of_a_proof_cannot_be_written_over(world, write, submit):
    submit(write(body=[voice(make_consent(world.admin, channels={"site"}))]))

    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        ProofVoice.objects.update(channels=list(EVERYWHERE))


def test_a_release_with_forms_is_reduced_in_all_of_them_or_not_at_all(
    world, write, release
):
    from syndication.errors import NotAReduction

    given = make_consent(world.admin, channels={"site"})
    made = release(write(body=[text("One"), text("Two"), voice(given)]))
    data = releases.forms_of(made)["api"]
    data["body"][0] = {"type": "left_out"}

    with pytest.raises(NotAReduction):
        releases.reduce(release=made, representation=whole(data))

    assert consent.everything(made.proof)["body"][2]["shown in"] == ["our own site"]


# Beside what else changes a release.


@pytest.fixture
def beside_a_block(world, write, release):
    """A public page with a voice for the site alone and a shared block, and the block."""
    block = shared_blocks.write_block(world)
    shared_blocks.release_block(world, block)
    given = make_consent(world.admin, channels={"site"})
    page = write(
        body=[voice(given), {"type": "shared_block", "value": block.pk}],
        formats=entries(EASY_READ),
    )
    release(page)
    return page, block


def test_every_channel_follows_a_shared_block(world, beside_a_block):
    page, block = beside_a_block

    shared_blocks.release_block(world, block, "Ring the new line.")
    shared_blocks.work()

    current = shared_blocks.public(page)
    assert current.version == 2
    assert heard_in(page) == {"site"}
    assert heard_in(page, "Ring the new line.") == set(EVERYWHERE)
    assert heard_in(page, shared_blocks.WORDS) == set()
    assert audit.verify() == []


def test_every_channel_loses_a_shared_block_that_is_taken_back(world, beside_a_block):
    page, block = beside_a_block

    withdrawals.withdraw(
        content_id=block.content_id, by=world.pat, reason="It is wrong."
    )

    assert heard_in(page) == {"site"}
    assert heard_in(page, shared_blocks.WORDS) == set()


def test_a_format_is_made_for_what_partners_get(beside_a_block):
    page, _ = beside_a_block
    proof = Proof.objects.get(content_id=page.content_id)

    forms = consent.forms_of(proof).values()

    made_for = {form["formats"][0]["made_for"] for form in forms}
    assert made_for == {formats.text_fingerprint(proof.representation)}
    assert not shared_blocks.public(page).formats[1]["older"]
