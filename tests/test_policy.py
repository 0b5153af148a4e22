"""Who has to sign follows from where a text stands and what it is about."""

import pytest
from django.urls import reverse
from wagtail.models import Page

from cms import policy, sign_off
from cms.errors import NoForumConcerned, NotSignedOff
from cms.models import (
    Area,
    Forum,
    LocalOfferIndexPage,
    Proof,
    SignOff,
    Topic,
)
from site_settings.models import SignOffRule, SignOffSettings
from syndication.models import Change, Release

from .conftest import make_forum, make_member


@pytest.fixture
def rules(db):
    return SignOffSettings.objects.create()


@pytest.fixture
def lead(world):
    """A clinical lead, who signs for no area."""
    forum = make_forum("Clinical lead, children’s therapies", "Lead")
    forum.role = Forum.Role.PROFESSIONAL
    forum.save()
    return forum


def asked(page):
    return {
        one.forum.short_name: [reason.code for reason in one.reasons]
        for one in policy.required(page)
    }


def add_rule(rules, forum, **values):
    return SignOffRule.objects.create(
        policy=rules, forum=forum, reason="Also read by them.", **values
    )


def test_every_forum_of_every_area_is_asked(world, write):
    assert asked(write()) == {"PACC": ["area"], "PODS": ["area"]}
    assert asked(write(areas=[world.telford])) == {"PODS": ["area"]}


def test_an_area_without_a_forum_stops_the_submission(world, write):
    outside = Area.objects.create(name="Outside our area", slug="outside")

    with pytest.raises(NoForumConcerned, match="Nobody signs for Outside our area"):
        policy.required(write(areas=[world.shropshire, outside]))


def test_health_content_is_also_signed_by_the_clinical_lead(world, write, rules, lead):
    health = Topic.objects.create(name="Health", slug="health")
    add_rule(rules, lead, kind="local-offer", topic=health)
    page = write()
    page.topics = [health]
    page.save()

    assert asked(page)["Lead"] == ["rule"]
    assert "Lead" not in asked(write())


def test_a_rule_for_joint_items_leaves_others_alone(world, write, rules, lead):
    add_rule(rules, lead, only_joint=True)

    assert "Lead" in asked(write())
    assert "Lead" not in asked(write(areas=[world.shropshire]))


def test_a_rule_for_news_leaves_local_offer_pages_alone(world, write, rules, lead):
    add_rule(rules, lead, kind="news")

    assert "Lead" in asked(write("news"))
    assert "Lead" not in asked(write())


def test_the_professional_signs_too_before_anything_is_public(
    world, write, rules, lead, submit, sign
):
    add_rule(rules, lead)
    lea = make_member("lea", lead)
    proof = submit(write())
    sign(proof, world.pacc, world.pat)
    sign(proof, world.pods, world.pip)
    assert not Release.objects.exists()

    sign(proof, lead, lea)

    receipt = Release.objects.get().receipt
    assert {one["slug"]: one["role"] for one in receipt["forums"]} == {
        "lead": "professional",
        "pacc": "forum",
        "pods": "forum",
    }


def test_whoever_signs_is_told_why(world, write, submit):
    proof = submit(write())

    assert proof.why_asked(world.pods) == ["PODS signs what is for Telford and Wrekin."]


def test_a_rule_made_while_a_text_waits_asks_that_signatory_too(
    world, write, rules, lead, submit, sign
):
    proof = submit(write())
    add_rule(rules, lead)

    sign(proof, world.pacc, world.pat)
    sign(proof, world.pods, world.pip)

    assert not Release.objects.exists()
    assert sign_off.missing(Proof.objects.get()) == [lead]


def test_a_forum_added_to_an_area_meanwhile_is_asked_at_once(world, write, submit):
    proof = submit(write(areas=[world.shropshire]))

    world.shropshire.forums.add(world.pods)

    assert set(proof.forums.all()) == {world.pacc, world.pods}


# Leaving: an area that was signed for is dropped.


def drop_telford(world, page, edit):
    edit(page, world.editor, areas=[world.shropshire])


def test_a_forum_whose_area_is_dropped_signs_that_it_leaves(
    world, write, release, edit, submit, sign
):
    page = write()
    release(page)
    drop_telford(world, page, edit)
    proof = submit(page)
    assert set(proof.forums.all()) == {world.pacc, world.pods}

    sign(proof, world.pacc, world.pat)
    assert Release.objects.current().get().version == 1

    sign(proof, world.pods, world.pip)
    assert Release.objects.current().get().version == 2


def test_dropping_an_area_shows_in_the_change_log(
    world, write, release, edit, submit, sign
):
    page = write()
    release(page)
    drop_telford(world, page, edit)
    proof = submit(page)
    sign(proof, world.pacc, world.pat)
    sign(proof, world.pods, world.pip)

    assert list(Change.objects.values_list("type", "area", "version")) == [
        ("published", "", 1),
        ("updated", "", 2),
        ("left_selection", "telford-and-wrekin", 2),
    ]


def test_who_has_left_is_not_asked_again(world, write, release, edit, submit, sign):
    page = write()
    release(page)
    drop_telford(world, page, edit)
    proof = submit(page)
    sign(proof, world.pacc, world.pat)
    sign(proof, world.pods, world.pip)

    edit(page, world.editor, title="Only for Shropshire")

    assert asked(page.get_latest_revision_as_object()) == {"PACC": ["area"]}


def test_policy_can_tell_instead_of_ask(
    world, write, rules, release, edit, submit, sign
):
    rules.leaving = SignOffSettings.Leaving.TELL
    rules.save()
    told = []

    def note(forum, **kwargs):
        told.append(forum)

    from cms.signals import forum_left

    page = write()
    release(page)
    drop_telford(world, page, edit)
    proof = submit(page)
    forum_left.connect(note)
    try:
        sign(proof, world.pacc, world.pat)
    finally:
        forum_left.disconnect(note)

    assert told == [world.pods]
    assert Change.objects.filter(type="left_selection").count() == 1


def test_who_did_not_agree_cannot_be_got_round_by_dropping_its_area(
    world, write, submit, edit
):
    page = write()
    proof = submit(page)
    sign_off.not_agree(
        proof=proof,
        forum=world.pods,
        by=world.pip,
        fingerprint=proof.fingerprint,
        comment="This is not how it is in Telford.",
    )
    drop_telford(world, page, edit)

    draft = page.get_latest_revision_as_object()

    assert asked(draft) == {"PACC": ["area"], "PODS": ["objected"]}


# Places in the tree


@pytest.fixture
def section(world):
    """The folder of PODS under the local offer."""
    return LocalOfferIndexPage.objects.get(forum=world.pods)


def test_the_forum_of_a_section_signs_whatever_is_written_there(world, write, section):
    page = write(areas=[world.shropshire], parent=section)

    assert asked(page) == {"PACC": ["area"], "PODS": ["section"]}


def test_what_waits_is_asked_of_the_section_it_is_moved_to(
    world, write, submit, section
):
    page = write(areas=[world.shropshire])
    proof = submit(page)

    Page.objects.get(pk=page.pk).move(section, pos="last-child")

    assert set(proof.forums.all()) == {world.pacc, world.pods}


def test_a_public_page_does_not_move_into_a_section_that_has_not_signed(
    world, write, release, section, client_of
):
    page = write(areas=[world.shropshire])
    release(page)
    before = Page.objects.get(pk=page.pk).path

    with pytest.raises(NotSignedOff, match="PODS, whose section this is"):
        Page.objects.get(pk=page.pk).move(section, pos="last-child")
    answer = client_of(world.admin).post(
        reverse("wagtailadmin_pages:move_confirm", args=[page.pk, section.pk]),
        follow=True,
    )

    assert "has not signed it. Nothing was moved." in answer.content.decode()
    assert Page.objects.get(pk=page.pk).path == before


def test_a_public_page_moves_into_a_section_that_has_signed_it(
    world, write, release, section
):
    page = write()
    release(page)

    Page.objects.get(pk=page.pk).move(section, pos="last-child")

    assert Page.objects.get(pk=page.pk).get_parent().pk == section.pk


def test_the_last_signature_is_refused_when_policy_asks_somebody_it_forgot(
    world, write, rules, lead, submit, sign, monkeypatch
):
    """The check at the very end stands by itself."""
    proof = submit(write())
    sign(proof, world.pacc, world.pat)
    add_rule(rules, lead)
    Proof.forums.through.objects.filter(forum=lead)
    monkeypatch.setattr(sign_off, "_ask_newcomers", lambda proof: [])
    monkeypatch.setattr(
        sign_off,
        "missing",
        lambda proof: [] if proof.sign_offs.count() > 1 else [world.pods],
    )

    with pytest.raises(NotSignedOff, match="Policy asks a forum"):
        sign(proof, world.pods, world.pip)

    assert SignOff.objects.count() == 1
    assert not Release.objects.exists()
