"""A wrong number is put right at once, says so everywhere, and is reviewed after."""

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from cms import corrections, sign_off, withdrawals
from cms.errors import (
    CommentMissing,
    CorrectionInvalid,
    MayNotCorrect,
    NothingToCorrect,
)
from cms.models import LocalOfferPage, Proof
from site_settings.models import SignOffSettings
from syndication import receipts
from syndication.models import Change, Release

WRONG, RIGHT = "01632 960101", "01632 960999"
REASON = "Families ring a dead line."


@pytest.fixture
def page(write, release):
    """A page that is public, with a wrong number."""
    page = write()
    release(page)
    page.refresh_from_db()
    return page


def name_of(page, kind):
    """The name of the field in its contact, or its call to action, for ``kind``."""
    return next(
        one.name
        for one in corrections.fields(page)
        if one.name.endswith(kind) and one.name not in corrections.PAGE_FIELDS
    )


def correct(world, page, *, by=None, reason=REASON, **values):
    values = values or {"phone": RIGHT}
    return corrections.correct(
        page=page,
        values={name_of(page, kind): value for kind, value in values.items()},
        by=by or world.editor,
        reason=reason,
    )


def current():
    return Release.objects.current().get()


def test_a_corrected_number_is_public_at_once(world, page):
    correct(world, page)

    assert RIGHT in current().payload.decode()
    assert WRONG not in current().payload.decode()
    assert list(Change.objects.values_list("type", flat=True)) == [
        "published",
        "corrected",
    ]


def test_it_says_that_no_forum_has_reviewed_it(world, page):
    proof = correct(world, page)

    receipt = current().receipt
    assert receipt["forums"] == []
    assert receipt["label"]["slug"] == "information"
    assert receipt["before_review"]["fields"] == [
        "Telephone of “Speech and language advice line”"
    ]
    assert receipts.sentence(receipt).startswith("Changed on ")
    assert receipts.sentence(receipt).endswith(" before forum review.")
    assert current().before_review
    assert proof.correction["reason"] == REASON


def test_it_waits_for_the_forums_with_a_deadline_of_its_own(world, page):
    SignOffSettings.objects.create(days_to_review_correction=2, days_to_answer=20)

    proof = correct(world, page)

    assert set(proof.forums.all()) == {world.pacc, world.pods}
    assert (proof.due_on - proof.submitted_at.date()).days == 2
    assert proof.is_open


def test_once_the_forums_signed_the_label_is_gone(world, page, sign):
    proof = correct(world, page)

    sign(proof, world.pacc, world.pat)
    assert current().before_review
    sign(proof, world.pods, world.pip)

    assert not current().before_review
    assert "before_review" not in current().receipt
    assert bytes(current().payload) == bytes(proof.payload)
    assert [one.version for one in Release.objects.order_by("version")] == [1, 2, 3]


def test_a_correction_that_is_not_agreed_ends_at_once(world, page):
    signed = bytes(current().payload)
    proof = correct(world, page)

    sign_off.not_agree(
        proof=proof,
        forum=world.pods,
        by=world.pip,
        fingerprint=proof.fingerprint,
        comment="That number is the wrong one.",
    )

    assert bytes(current().payload) == signed
    assert not current().before_review
    assert receipts.agreed(current().receipt)
    page.refresh_from_db()
    assert page.live


def test_the_signed_bytes_come_back_whatever_became_of_the_draft(world, page):
    signed = bytes(current().payload)
    revision = page.get_latest_revision()
    proof = correct(world, page)
    content = revision.content | {"title": "Rewritten behind the back"}
    type(revision).objects.filter(pk=revision.pk).update(content=content)

    sign_off.not_agree(
        proof=proof,
        forum=world.pods,
        by=world.pip,
        fingerprint=proof.fingerprint,
        comment="That number is the wrong one.",
    )

    assert bytes(current().payload) == signed


def test_a_correction_that_needs_changes_stays_with_its_label(world, page):
    proof = correct(world, page)

    sign_off.ask_for_changes(
        proof=proof,
        forum=world.pods,
        by=world.pip,
        fingerprint=proof.fingerprint,
        comment="Add the opening hours too.",
    )

    assert current().before_review
    assert list(Proof.objects.unreviewed()) == [Proof.objects.get(pk=proof.pk)]
    # The drafting room still takes a harmless save of what stands live.
    LocalOfferPage.objects.get(pk=page.pk).save()


def test_a_second_correction_says_both(world, page):
    correct(world, page)
    page.refresh_from_db()
    correct(world, page, hours="Tuesdays")

    assert current().receipt["before_review"]["fields"] == [
        "Telephone of “Speech and language advice line”",
        "When somebody answers at “Speech and language advice line”",
    ]
    assert Proof.objects.open().count() == 1


def test_a_draft_begun_since_is_corrected_too_and_not_published(
    world, page, edit, submit, sign
):
    edit(page, world.editor, title="A new title that nobody signed")
    submit(page)

    proof = correct(world, page)

    assert "A new title" not in current().payload.decode()
    drafts = [revision.as_object() for revision in page.revisions.order_by("-pk")[:2]]
    assert drafts[1].title == "A new title that nobody signed"
    assert RIGHT in str(drafts[1].body.raw_data[2])
    assert Proof.objects.open().get() == proof


def test_a_closure_stands_above_the_text_in_every_channel(world, page):
    corrections.correct(
        page=page,
        values={"closure": "Closed until 3 January"},
        by=world.editor,
        reason=REASON,
    )

    assert current().payload.decode().count("Closed until 3 January") == 3


def test_only_what_policy_names_may_be_corrected(world, page):
    name = name_of(page, "phone")
    SignOffSettings.objects.create(correct_phone=False)

    with pytest.raises(MayNotCorrect, match="none of them"):
        corrections.correct(
            page=page, values={name: RIGHT}, by=world.editor, reason=REASON
        )
    with pytest.raises(MayNotCorrect):
        corrections.correct(
            page=page, values={"title": "Anything"}, by=world.editor, reason=REASON
        )

    assert Release.objects.count() == 1


@pytest.mark.parametrize("who", ["pat", "pip"])
def test_only_who_is_permitted_may_correct(world, page, who):
    with pytest.raises(MayNotCorrect):
        correct(world, page, by=getattr(world, who))


def test_the_permission_alone_is_not_enough(world, page):
    world.pip.user_permissions.add(Permission.objects.get(codename="correct_facts"))

    with pytest.raises(MayNotCorrect):
        correct(world, page, by=world.pip)


def test_whoever_corrected_it_cannot_sign_it(world, page):
    proof = correct(world, page, by=world.admin)
    world.admin.groups.add(world.pacc.group)

    assert "somebody else" in sign_off.why_not(
        proof=proof, forum=world.pacc, user=world.admin
    )


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"email": "not an address"}, CorrectionInvalid),
        ({"url": "javascript:alert(1)"}, CorrectionInvalid),
        ({"phone": "", "email": ""}, CorrectionInvalid),
        ({"phone": WRONG}, NothingToCorrect),
    ],
)
def test_a_value_that_is_no_good_changes_nothing(world, page, values, error):
    with pytest.raises(error):
        correct(world, page, **values)

    assert Release.objects.count() == 1
    assert page.revisions.count() == 1


def test_a_correction_needs_a_reason(world, page):
    with pytest.raises(CommentMissing):
        correct(world, page, reason=" ")


def test_what_is_not_public_is_edited_as_a_draft(world, write):
    with pytest.raises(NothingToCorrect, match="not public"):
        corrections.correct(
            page=write(), values={"closure": "Closed"}, by=world.editor, reason=REASON
        )


def test_a_withdrawn_correction_is_gone(world, page):
    correct(world, page)

    withdrawals.withdraw(
        content_id=page.content_id, by=world.pat, reason="Wrong again."
    )

    assert not Release.objects.current().exists()
    assert not Proof.objects.standing().exists()


# The screen


def address(page):
    return reverse("countersign_sign_off:correct", args=[page.content_id])


def test_an_editor_corrects_a_number_on_one_form(world, page, client_of):
    client = client_of(world.editor)
    shown = client.get(address(page)).content.decode()
    assert WRONG in shown

    form = {name: one.value for name, one in facts(page).items()}
    answer = client.post(
        address(page), form | {name_of(page, "phone"): RIGHT, "reason": REASON}
    )

    assert answer.status_code == 302
    assert RIGHT in current().payload.decode()


def facts(page):
    return {one.name: one for one in corrections.fields(page)}


def test_what_is_wrong_is_said_beside_the_field_and_nothing_is_lost(
    world, page, client_of
):
    form = {name: one.value for name, one in facts(page).items()}
    answer = client_of(world.editor).post(
        address(page),
        form | {name_of(page, "email"): "advice at example", "reason": REASON},
    )

    shown = answer.content.decode()
    assert answer.status_code == 400
    assert "Enter a valid email address" in shown
    assert "advice at example" in shown
    assert Release.objects.count() == 1


@pytest.mark.parametrize("who", ["pat", "pip"])
def test_the_form_does_not_exist_for_others(world, page, client_of, who):
    assert client_of(getattr(world, who)).get(address(page)).status_code == 404


def test_the_button_is_there_for_whoever_may(world, page, client_of):
    edit = reverse("wagtailadmin_pages:edit", args=[page.pk])

    assert address(page) in client_of(world.editor).get(edit).content.decode()
