"""The register of consent and voices as people meet them, in Chromium."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from cms import consent_register
from cms import sign_off as verbs
from cms.models import Consent
from syndication.models import Release

from .browsing import check, in_chromium, sign_in
from .conftest import make_world, submit_draft, write_draft
from .voices import make_consent, text, voice

pytestmark = in_chromium

WORDS = "Before the ramp I had to wait outside. Now I roll in with everybody else."


@pytest.fixture
def world(transactional_db, live_server, settings):
    settings.PUBLIC_ORIGIN = live_server.url
    return make_world()


def proof_with_voice(world):
    given = make_consent(world.admin, channels=("site", "api"))
    return given, submit_draft(
        world,
        write_draft(
            world,
            areas=[world.shropshire],
            body=[text("The new ramp is open."), voice(given, words=WORDS)],
        ),
    )


@pytest.mark.journey
def test_a_keeper_finds_enters_and_withdraws(live_server, page, world):
    today = timezone.localdate()
    given = make_consent(world.admin, forum=world.pacc)
    ended = make_consent(world.admin, alias="A parent in Telford", channels=("site",))
    consent_register.withdraw(consent=ended, by=world.admin)
    sign_in(page, live_server, world.admin)
    page.goto(live_server.url + reverse("countersign_consent:index"))
    check(page, "consent-register")

    page.get_by_role("link", name="Enter a consent").click()
    check(page, "consent-enter")
    page.get_by_role("button", name="Put it into the register").click()
    page.get_by_role("alert").wait_for()
    check(page, "consent-enter-refused")
    page.get_by_label("Name in the text").fill("Robin")
    page.get_by_label("A few words", exact=True).check()
    page.get_by_label("A parent or carer", exact=True).check()
    page.get_by_label("11 to 15").check()
    page.get_by_label("Wants it to be public").check()
    page.get_by_label("Our own site").check()
    page.get_by_label("Ask again on").fill((today + dt.timedelta(days=100)).isoformat())
    page.get_by_label("Where the form is kept").fill("Safe")
    page.get_by_role("button", name="Put it into the register").click()
    page.get_by_text("“Robin” is in the register.").wait_for()
    assert Consent.objects.get(alias="Robin").scope == {"site"}

    page.goto(
        live_server.url + reverse("countersign_consent:withdraw", args=[given.pk])
    )
    check(page, "consent-withdraw")
    page.get_by_role("button", name="Withdraw now").click()
    page.get_by_text("Withdrawn.").wait_for()
    given.refresh_from_db()
    assert given.withdrawn_at


def test_a_forum_sees_where_a_voice_is_shown(live_server, page, world):
    given, proof = proof_with_voice(world)
    sign_in(page, live_server, world.pat)
    page.goto(live_server.url + reverse("countersign_sign_off:proof", args=[proof.pk]))
    page.get_by_role("heading", name="Voices in it").scroll_into_view_if_needed()
    check(page, "read-and-sign-with-a-voice")

    verbs.sign(
        proof=proof, forum=world.pacc, by=world.pat, fingerprint=proof.fingerprint
    )
    page.goto(f"{live_server.url}/items/{proof.content_id}")
    said = page.get_by_text(WORDS)
    assert said.is_visible()
    assert not page.get_by_text("Something that stood here").is_visible()
    check(page, "item-with-a-voice")
    page.emulate_media(media="print")
    assert not said.is_visible()
    assert page.get_by_text("Something that stood here").is_visible()
    page.emulate_media(media="screen")

    consent_register.withdraw(consent=given, by=world.admin)
    page.reload()
    assert page.get_by_text("Something that stood here").is_visible()
    assert Release.objects.current().get().reduced_from
    check(page, "item-without-the-voice")


def test_an_editor_sees_the_voices_of_a_draft(live_server, page, world):
    _, proof = proof_with_voice(world)
    sign_in(page, live_server, world.editor)
    page.goto(
        live_server.url + reverse("wagtailadmin_pages:edit", args=[proof.item.pk])
    )

    said = page.get_by_text("Shown in: our own site")
    said.wait_for()

    # The screen is Wagtail's, with faults of its own: the panel alone is looked at.
    assert said.get_by_text("Not in: feeds; email; print.").is_visible()
    assert WORDS[:20] in said.inner_text()
