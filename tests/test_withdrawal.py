"""Taking back: one person, at once, and four ways to leave the address."""

import uuid

import pytest
from django.urls import reverse

from cms import withdrawals
from cms.errors import WithdrawalIncomplete
from cms.models import Proof, Withdrawal
from syndication.models import Change, Release


@pytest.fixture
def page(write, release):
    page = write()
    release(page)
    return page


def withdraw(world, page, **values):
    withdrawals.withdraw(
        content_id=page.content_id, by=world.pat, reason="It is wrong.", **values
    )


def test_a_redirect_names_what_replaces_it(world, page, write, release):
    other = write(title="The better page")
    release(other)

    withdraw(world, page, kind=Withdrawal.REDIRECT, to=other.content_id)

    gone = Release.objects.get(item__content_id=page.content_id)
    assert gone.withdrawn_to == other.content_id
    row = Change.objects.last()
    assert (row.type, row.replacement) == ("redirected", other.content_id)


def test_a_redirect_leads_to_something_public_and_elsewhere(world, page, write):
    draft = write(title="A draft")
    for to in (None, page.content_id, draft.content_id, uuid.uuid4()):
        with pytest.raises(WithdrawalIncomplete, match="replaces it"):
            withdraw(world, page, kind=Withdrawal.REDIRECT, to=to)

    assert Release.objects.current().exists()


def test_a_notice_needs_its_words(world, page):
    with pytest.raises(WithdrawalIncomplete, match="what readers are told"):
        withdraw(world, page, kind=Withdrawal.NOTICE)

    withdraw(world, page, kind=Withdrawal.NOTICE, public_note="It moves to Monday.")

    assert Release.objects.get().withdrawn_note == "It moves to Monday."


def test_what_vanishes_leaves_no_words(world, page):
    withdraw(world, page, kind=Withdrawal.VANISH, public_note="Somebody was hurt.")

    assert Release.objects.get().withdrawn_note == ""
    assert Change.objects.last().note == ""


def test_an_unknown_way_is_refused(world, page):
    with pytest.raises(WithdrawalIncomplete, match="Choose what should stay"):
        withdraw(world, page, kind="maybe")

    assert Release.objects.current().exists()


def test_a_forum_that_was_not_asked_cannot_take_it_back(world, write, release):
    from cms.errors import MayNotWithdraw

    page = write(areas=[world.telford])
    release(page)

    with pytest.raises(MayNotWithdraw):
        withdraw(world, page)


def test_restoring_needs_new_signatures(world, page, submit, sign):
    withdraw(world, page)
    proof = submit(page)
    sign(proof, world.pacc, world.pat)
    assert not Release.objects.current().exists()

    sign(proof, world.pods, world.pip)

    assert Release.objects.current().count() == 1
    assert Change.objects.last().type == "restored"


def test_the_form_asks_for_what_each_way_needs(world, page, client_of):
    address = reverse("countersign_sign_off:withdraw", args=[page.content_id])
    client = client_of(world.pat)

    refused = client.post(address, {"reason": "Wrong", "kind": "redirect", "to": ""})
    assert refused.status_code == 400
    assert "Choose the item that replaces it" in refused.content.decode()
    assert Release.objects.current().exists()

    client.post(
        address, {"reason": "Wrong", "kind": "notice", "public_note": "It moved."}
    )
    assert Release.objects.get().withdrawn_kind == "notice"


def test_one_withdrawal_is_one_entry_of_the_audit_log(world, page):
    from cms.models import AuditEntry

    withdraw(world, page)

    assert AuditEntry.objects.filter(action="withdrawn").count() == 1
    assert AuditEntry.objects.filter(action="release_withdrawn").count() == 1
    assert Proof.objects.get().outcome == "withdrawn"
