"""Forums sign exactly what becomes public."""

import uuid

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from wagtail.blocks import StructBlockValidationError
from wagtail.models import GroupPagePermission, Revision, Site, Workflow

from cms import canonical, tree, withdrawals
from cms import sign_off as verbs
from cms.blocks import ContactBlock
from cms.errors import (
    CommentMissing,
    MayNotSign,
    MayNotWithdraw,
    NotSignedOff,
    ProofClosed,
    StaleProof,
)
from cms.models import LocalOfferIndexPage, LocalOfferPage, Proof
from syndication import changes, releases
from syndication.errors import ProofNotSigned
from syndication.models import Change, Release


def test_nothing_is_public_before_the_last_forum_signed(world, write, submit, sign):
    proof = submit(write())

    sign(proof, world.pods, world.pip)

    assert not Release.objects.exists()


def test_the_last_signature_releases_exactly_the_signed_bytes(
    world, write, submit, sign
):
    page = write()
    proof = submit(page)

    sign(proof, world.pods, world.pip)
    sign(proof, world.pacc, world.pat)

    release = Release.objects.get()
    assert bytes(release.payload) == bytes(proof.payload)
    assert canonical.fingerprint(bytes(release.payload)) == proof.fingerprint
    assert Change.objects.get().type == "published"
    page.refresh_from_db()
    assert page.live


def test_an_edit_after_submission_voids_the_proof(world, write, submit, sign, edit):
    page = write()
    proof = submit(page)

    edit(page, world.editor, title="Something else")

    proof.refresh_from_db()
    assert proof.outcome == Proof.Outcome.VOID
    assert page.current_workflow_state is None
    with pytest.raises(StaleProof):
        sign(proof, world.pacc, world.pat)


def test_a_save_without_changes_does_not_void_the_proof(world, write, submit, edit):
    page = write()
    proof = submit(page)

    edit(page, world.editor)

    proof.refresh_from_db()
    assert proof.is_open


def test_the_author_cannot_sign(world, write, submit, sign):
    proof = submit(write(by=world.pat))

    with pytest.raises(MayNotSign, match="wrote or edited"):
        sign(proof, world.pacc, world.pat)


def test_nobody_signs_for_two_forums(world, write, submit, sign):
    world.pat.groups.add(world.pods.group)
    proof = submit(write())
    sign(proof, world.pacc, world.pat)

    with pytest.raises(MayNotSign, match="Nobody signs for two"):
        sign(proof, world.pods, world.pat)


def test_a_superuser_has_no_shortcut(world, write, submit, sign):
    proof = submit(write())

    with pytest.raises(MayNotSign, match="not a member of PACC"):
        sign(proof, world.pacc, world.admin)


def test_withdrawing_ends_the_release_and_unpublishes_the_page(world, write, release):
    page = write()
    release(page)

    withdrawals.withdraw(
        content_id=page.content_id, by=world.pat, reason="Wrong number"
    )

    assert not Release.objects.current().exists()
    assert list(Change.objects.values_list("type", flat=True)) == [
        "published",
        "withdrawn",
    ]
    page.refresh_from_db()
    assert not page.live


def test_a_deleted_page_is_withdrawn_and_stays_on_record(write, release):
    page = write()
    release(page)

    page.delete()

    assert not Release.objects.current().exists()
    assert Release.objects.count() == 1


def test_unpublishing_in_the_admin_withdraws(world, write, release, client_of):
    page = write()
    release(page)

    client_of(world.admin).post(reverse("wagtailadmin_pages:unpublish", args=[page.pk]))

    taken = Release.objects.get()
    assert not taken.is_current
    assert taken.withdrawn_reason == "unpublished in the admin"


def test_deleting_a_folder_in_the_admin_withdraws_what_it_held(
    world, write, release, client_of
):
    release(write())
    folder = tree.folder(LocalOfferIndexPage)

    client_of(world.admin).post(
        reverse("wagtailadmin_pages:delete", args=[folder.pk]),
        {"confirm_site_name": "Countersign"},
    )

    assert not LocalOfferPage.objects.exists()
    assert not Release.objects.current().exists()


def test_what_was_taken_back_needs_every_signature_again(
    world, write, release, submit, sign
):
    page = write()
    release(page)
    withdrawals.withdraw(
        content_id=page.content_id, by=world.pat, reason="Wrong number"
    )
    page.refresh_from_db()

    with pytest.raises(NotSignedOff):
        page.get_latest_revision().publish()
    assert not Release.objects.current().exists()

    proof = submit(page)
    sign(proof, world.pacc, world.pat)
    assert not Release.objects.current().exists()
    sign(proof, world.pods, world.pip)
    assert Release.objects.current().get().version == 2
    assert Change.objects.filter(type="restored").count() == 1


def test_taking_back_ends_what_waits_too(world, write, release, submit, sign, edit):
    page = write()
    release(page)
    page.refresh_from_db()
    edit(page, world.editor, title="A new version")
    proof = submit(page)
    sign(proof, world.pacc, world.pat)

    withdrawals.withdraw(
        content_id=page.content_id, by=world.pip, reason="Wrong number"
    )

    with pytest.raises(ProofClosed, match="taken back"):
        sign(proof, world.pods, world.pip)
    assert not Release.objects.current().exists()


def test_a_new_version_takes_the_place_of_the_old_one(world, write, release, edit):
    page = write()
    release(page)
    page.refresh_from_db()
    edit(page, world.editor, title="A new version")

    second = release(page)

    assert (second.version, second.title) == (2, "A new version")
    assert [one.version for one in Release.objects.current()] == [2]
    assert [change.type for change in Change.objects.all()] == ["published", "updated"]


def test_a_failure_while_releasing_undoes_the_signature_too(
    world, write, submit, sign, monkeypatch
):
    page = write()
    proof = submit(page)
    sign(proof, world.pods, world.pip)
    monkeypatch.setattr("syndication.releases.changes.record", lambda **kwargs: 1 / 0)

    with pytest.raises(ZeroDivisionError), transaction.atomic():
        sign(proof, world.pacc, world.pat)

    proof.refresh_from_db()
    page.refresh_from_db()
    assert proof.is_open
    assert proof.sign_offs.count() == 1
    assert not page.live
    assert not Release.objects.exists()


def test_a_release_of_an_unsigned_proof_is_refused(world, write, submit, sign):
    proof = submit(write())
    sign(proof, world.pods, world.pip)

    with pytest.raises(ProofNotSigned):
        releases.release(proof=proof)


def test_only_one_release_of_an_item_can_be_current(write, release):
    current = release(write())

    with pytest.raises(IntegrityError), transaction.atomic():
        Release.objects.create(
            item=current.item,
            version=2,
            proof=current.proof,
            payload=current.payload,
            fingerprint=current.fingerprint,
            receipt={},
            document=b"{}",
            etag="x",
            kind=current.kind,
            title="Another",
            released_at=current.released_at,
        )


def test_a_change_is_only_numbered_in_the_transaction_of_its_cause(
    transactional_db,
):
    with pytest.raises(transaction.TransactionManagementError):
        changes.record(
            change="published", content_id=uuid.uuid4(), kind="news", version=1
        )


def test_submitting_again_after_the_workflow_was_deleted_voids_what_waited(
    world, write, submit
):
    page = write()
    first = submit(page)
    page.current_workflow_state.delete()

    submit(page)

    first.refresh_from_db()
    assert first.outcome == Proof.Outcome.VOID


def test_the_last_signature_on_an_item_without_workflow_records_nothing(
    world, write, submit, sign
):
    # A step at which no workflow stands any more.
    other = write()
    verbs.ask_for_changes(
        proof=(asked := submit(other)),
        forum=world.pacc,
        by=world.pat,
        fingerprint=asked.fingerprint,
        comment="Please say where.",
    )
    other.current_workflow_state.resume(user=world.editor)
    page = write()
    proof = submit(page)
    sign(proof, world.pods, world.pip)
    page.current_workflow_state.delete()

    with pytest.raises(NotSignedOff, match="Submit it again"):
        sign(proof, world.pacc, world.pat)

    assert proof.sign_offs.count() == 1
    assert not Release.objects.exists()


def test_an_edit_in_the_very_moment_of_the_last_signature_undoes_it(
    world, write, submit, sign, monkeypatch
):
    page = write()
    proof = submit(page)
    sign(proof, world.pods, world.pip)
    revision = page.get_latest_revision()
    Revision.objects.filter(pk=revision.pk).update(
        content=revision.content | {"title": "Slipped in"}
    )
    monkeypatch.setattr(verbs, "_void_if_edited", lambda held: False)

    with pytest.raises(NotSignedOff, match="edited after it was signed"):
        sign(proof, world.pacc, world.pat)

    assert proof.sign_offs.count() == 1
    assert not Release.objects.exists()


def test_what_is_closed_takes_no_more_answers(world, write, release, sign):
    proof = release(write(areas=[world.shropshire])).proof

    with pytest.raises(ProofClosed, match="signed by every forum"):
        sign(proof, world.pods, world.pip)


def test_a_forum_that_is_not_asked_does_not_answer(world, write, submit, sign):
    proof = submit(write(areas=[world.shropshire]))

    with pytest.raises(MayNotSign, match="PODS is not asked"):
        sign(proof, world.pods, world.pip)


def test_an_account_that_was_switched_off_signs_no_more(world, write, submit, sign):
    proof = submit(write())
    world.pat.is_active = False
    world.pat.save()

    with pytest.raises(MayNotSign):
        sign(proof, world.pacc, world.pat)


def test_taking_back_asks_for_a_reason_and_for_the_right_person(world, write, release):
    content_id = release(write(areas=[world.shropshire])).item.content_id

    with pytest.raises(CommentMissing):
        withdrawals.withdraw(content_id=content_id, by=world.pat, reason=" ")
    with pytest.raises(MayNotWithdraw):
        withdrawals.withdraw(content_id=content_id, by=world.pip, reason="I disagree")

    assert Release.objects.current().exists()


def test_taking_back_what_was_never_public_changes_nothing(world, write, submit):
    page = write()
    submit(page)

    withdrawals.withdraw(content_id=page.content_id, by=world.admin, reason="Not now")

    assert Proof.objects.get().outcome == Proof.Outcome.STOPPED
    assert not Change.objects.exists()


def test_a_contact_names_a_way_to_reach_it():
    block = ContactBlock()
    value = block.to_python({"name": "Advice line", "phone": "", "email": ""})

    with pytest.raises(StructBlockValidationError) as refused:
        block.clean(value)

    said = str(refused.value.block_errors["phone"])
    assert "Give a telephone number or an email address" in said


def test_a_new_installation_is_set_up_by_one_command_that_can_be_run_twice(
    nobody, settings, capsys
):
    settings.PUBLIC_ORIGIN = "https://localoffer.example"
    for _ in range(2):
        call_command("setup_site")

    site = Site.objects.get()
    assert (site.hostname, site.port) == ("localoffer.example", 443)
    assert LocalOfferIndexPage.objects.count() == 1
    assert "https://localoffer.example/admin/" in capsys.readouterr().out
    # Nobody is left who could publish by Wagtail's own permission.
    assert not Group.objects.filter(permissions__codename="publish_page").exists()
    assert not GroupPagePermission.objects.filter(
        permission__codename="publish_page"
    ).exists()
    assert [workflow.name for workflow in Workflow.objects.all()] == ["Forum sign-off"]


def test_a_proof_marked_signed_without_every_signature_is_not_released(
    world, write, submit, sign
):
    proof = submit(write())
    sign(proof, world.pods, world.pip)
    Proof.objects.update(outcome="signed", closed_at=timezone.now())

    with pytest.raises(ProofNotSigned):
        releases.release(proof=proof)


def test_a_proof_that_was_taken_back_is_not_released_again(world, write, release):
    proof = release(write()).proof
    withdrawals.withdraw(
        content_id=proof.content_id, by=world.pat, reason="Wrong number"
    )

    with pytest.raises(ProofNotSigned):
        releases.release(proof=proof)


def test_a_proof_whose_bytes_lack_their_fingerprint_is_not_released(
    world, write, release
):
    proof = release(write(areas=[world.shropshire])).proof
    proof.pk = None
    proof._state.adding = True
    proof.fingerprint = "0" * 64
    proof.save()
    proof.forums.set([world.pacc])
    proof.sign_offs.create(
        forum=world.pacc, by=world.pat, decision="agree", at=timezone.now()
    )

    with pytest.raises(ProofNotSigned):
        releases.release(proof=proof)
