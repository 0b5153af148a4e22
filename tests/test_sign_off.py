"""Forums sign exactly what becomes public."""

import pytest

from cms import canonical
from cms import sign_off as verbs
from cms.errors import MayNotSign, StaleProof
from cms.models import Proof
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

    verbs.withdraw(content_id=page.content_id, by=world.pat, reason="Wrong number")

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
