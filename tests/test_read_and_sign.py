"""What forum members, editors and administrators meet in the admin."""

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from cms import tree
from cms.models import Area, LocalOfferIndexPage, LocalOfferPage, Proof, SignOff
from syndication.models import Release
from syndication.newsletters.digests import compile_digest
from syndication.newsletters.editors import let_in
from tests.test_bypass import form_of


def screen(proof):
    return reverse("countersign_sign_off:proof", args=[proof.pk])


def answer(client, proof, forum, decision="sign", comment="", fingerprint=None):
    return client.post(
        screen(proof),
        {
            "forum": forum.pk,
            "fingerprint": fingerprint or proof.fingerprint,
            "decision": decision,
            "comment": comment,
        },
        follow=True,
    )


def test_a_member_finds_what_waits_on_the_dashboard(world, write, submit, client_of):
    proof = submit(write())

    page = client_of(world.pat).get("/admin/").content.decode()

    assert "Waiting for your sign-off" in page
    assert screen(proof) in page


def test_what_a_forum_signed_is_off_its_list_and_stays_on_the_others(
    world, write, submit, sign, client_of
):
    proof = submit(write())
    sign(proof, world.pods, world.pip)

    assert screen(proof) not in client_of(world.pip).get("/admin/").content.decode()
    assert screen(proof) in client_of(world.pat).get("/admin/").content.decode()


def test_the_screen_shows_what_families_will_read(world, write, submit, client_of):
    proof = submit(write())

    page = client_of(world.pat).get(screen(proof)).content.decode()

    assert proof.representation["html"] in page
    assert "Who can help, and what to try first." in page
    assert "Sign for PACC" in page
    assert "Sign for PODS" not in page


def test_two_forums_sign_and_it_is_public(world, write, submit, client_of):
    proof = submit(write())

    first = answer(client_of(world.pip), proof, world.pods)
    second = answer(client_of(world.pat), proof, world.pacc)

    assert "still waits for PACC" in first.content.decode()
    assert "is now public" in second.content.decode()
    assert Release.objects.current().count() == 1


def test_a_comment_makes_it_agree_with_comments(world, write, submit, client_of):
    proof = submit(write())

    answer(client_of(world.pat), proof, world.pacc, comment="Lovely.")

    signed = SignOff.objects.get()
    assert signed.decision == SignOff.Decision.AGREE_WITH_COMMENTS
    assert signed.comment == "Lovely."


def test_asking_for_changes_needs_a_sentence(world, write, submit, client_of):
    proof = submit(write())

    refused = answer(client_of(world.pat), proof, world.pacc, "changes", comment=" ")

    assert refused.status_code == 400
    assert "Please write what should change" in refused.content.decode()
    assert not SignOff.objects.exists()


def test_asking_for_changes_gives_the_page_back_to_its_editors(
    world, write, submit, client_of
):
    page = write()
    proof = submit(page)

    answer(
        client_of(world.pat), proof, world.pacc, "changes", comment="Say EHC in full."
    )

    proof.refresh_from_db()
    assert proof.outcome == Proof.Outcome.CHANGES
    assert page.current_workflow_state.status == "needs_changes"
    assert not page.get_lock()
    seen = client_of(world.editor).get(screen(proof)).content.decode()
    assert "Say EHC in full." in seen


def test_after_changes_every_forum_is_asked_again(
    world, write, submit, sign, client_of, edit
):
    page = write()
    proof = submit(page)
    sign(proof, world.pods, world.pip)
    answer(client_of(world.pat), proof, world.pacc, "changes", comment="Shorter.")
    edit(page, world.editor, title="Talking")
    page.current_workflow_state.resume(world.editor)

    again = Proof.objects.open().get()

    assert set(again.forums.all()) == {world.pacc, world.pods}
    assert not again.sign_offs.exists()


def test_a_member_of_another_forum_cannot_answer_for_it(
    world, write, submit, client_of
):
    proof = submit(write())

    refused = answer(client_of(world.pip), proof, world.pacc)

    assert refused.status_code == 403
    assert "You are not a member of PACC" in refused.content.decode()
    assert not SignOff.objects.exists()


def test_a_superuser_reads_but_cannot_answer(world, write, submit, client_of):
    proof = submit(write())
    client = client_of(world.admin)

    assert "Sign for" not in client.get(screen(proof)).content.decode()
    assert answer(client, proof, world.pacc).status_code == 403
    assert not SignOff.objects.exists()


def test_an_author_is_told_why_somebody_else_signs(world, write, submit, client_of):
    proof = submit(write(by=world.pat))
    client = client_of(world.pat)

    page = client.get(screen(proof)).content.decode()

    assert "You wrote or edited part of this" in page
    assert "Sign for PACC" not in page
    assert answer(client, proof, world.pacc).status_code == 403


def test_for_people_it_does_not_concern_there_is_no_such_proof(
    world, write, submit, client_of
):
    proof = submit(write(areas=[world.shropshire]))

    assert client_of(world.pip).get(screen(proof)).status_code == 404


def test_a_forged_fingerprint_records_nothing(world, write, submit, client_of):
    proof = submit(write())

    refused = answer(client_of(world.pat), proof, world.pacc, fingerprint="0" * 64)

    assert refused.status_code == 409
    assert "not the version that waits" in refused.content.decode()
    assert not SignOff.objects.exists()


def test_what_was_edited_meanwhile_is_not_signed_and_the_comment_is_kept(
    world, write, submit, client_of, edit
):
    page = write()
    proof = submit(page)
    edit(page, world.editor, title="Changed behind the back")

    refused = answer(client_of(world.pat), proof, world.pacc, comment="My ten minutes")

    assert refused.status_code == 409
    assert "edited after you opened it" in refused.content.decode()
    assert not SignOff.objects.exists()


def test_pressing_twice_signs_once(world, write, submit, client_of):
    proof = submit(write())
    client = client_of(world.pat)
    answer(client, proof, world.pacc)

    again = answer(client, proof, world.pacc)

    assert again.status_code == 403
    assert "PACC has already answered" in again.content.decode()
    assert SignOff.objects.count() == 1


def test_reading_changes_nothing(world, write, submit, client_of):
    proof = submit(write())

    client_of(world.pat).get(screen(proof), {"decision": "sign"})

    assert not SignOff.objects.exists()


def test_a_member_who_left_the_forum_cannot_sign_any_more(
    world, write, submit, client_of
):
    proof = submit(write())
    client = client_of(world.pat)
    client.get(screen(proof))
    # Still somebody who may read it, but nobody who may sign.
    world.pat.groups.set(world.editor.groups.all())

    refused = answer(client, proof, world.pacc)

    assert refused.status_code == 403
    assert "You are not a member of PACC" in refused.content.decode()
    assert not SignOff.objects.exists()


def withdrawal(proof):
    return reverse("countersign_sign_off:withdraw", args=[proof.content_id])


def test_a_forum_that_signed_takes_it_back_with_a_reason(
    world, write, release, client_of
):
    proof = release(write()).proof
    client = client_of(world.pip)
    assert "disappears" in client.get(withdrawal(proof)).content.decode()

    client.post(withdrawal(proof), {"reason": "Wrong number", "public_note": "Moved."})

    taken = Release.objects.get()
    assert not taken.is_current
    assert taken.withdrawn_by == world.pip
    assert taken.withdrawn_reason == "Wrong number"
    assert taken.withdrawn_note == "Moved."


def test_taking_back_needs_a_reason(world, write, release, client_of):
    proof = release(write()).proof

    refused = client_of(world.pip).post(withdrawal(proof), {"reason": " "})

    assert refused.status_code == 400
    assert "Please write why" in refused.content.decode()
    assert Release.objects.get().is_current


@pytest.mark.parametrize("who", ["editor", "pip"])
def test_only_signatories_and_administrators_take_back(
    world, write, release, client_of, who
):
    proof = release(write(areas=[world.shropshire])).proof

    refused = client_of(getattr(world, who)).post(
        withdrawal(proof), {"reason": "I want to"}
    )

    assert refused.status_code == 404
    assert Release.objects.get().is_current


def test_an_administrator_takes_back_from_the_page_editor(
    world, write, release, client_of
):
    page = write()
    proof = release(page).proof
    client = client_of(world.admin)

    editor = client.get(reverse("wagtailadmin_pages:edit", args=[page.pk]))

    assert withdrawal(proof) in editor.content.decode()


def test_what_waits_for_sign_off_cannot_be_edited_by_anyone(
    world, write, submit, client_of
):
    page = write()
    edit_view = reverse("wagtailadmin_pages:edit", args=[page.pk])
    data = form_of(client_of(world.editor), page) | {"title": "Changed"}
    submit(page)

    for user in (world.editor, world.admin):
        client_of(user).post(edit_view, data)

    assert LocalOfferPage.objects.get().get_latest_revision().content["title"] == (
        page.title
    )


def test_an_editor_submits_from_the_editor(world, write, client_of):
    page = write()
    client = client_of(world.editor)
    data = form_of(client, page) | {"action-submit": "1"}

    answered = client.post(
        reverse("wagtailadmin_pages:edit", args=[page.pk]), data, follow=True
    )

    assert "submitted" in answered.content.decode()
    assert Proof.objects.open().get().submitted_by == world.editor


def test_an_area_without_a_forum_is_refused_beside_its_field(world, write, client_of):
    page = write(areas=[Area.objects.create(name="Outside", slug="outside")])
    client = client_of(world.editor)
    data = form_of(client, page) | {"action-submit": "1"}

    answered = client.post(reverse("wagtailadmin_pages:edit", args=[page.pk]), data)

    assert "No forum signs for Outside yet" in str(answered.context["form"].errors)
    assert not Proof.objects.exists()


def test_a_draft_may_be_incomplete_and_a_submission_not(world, write, client_of):
    page = write()
    client = client_of(world.editor)
    data = form_of(client, page) | {"summary": "", "areas": []}
    address = reverse("wagtailadmin_pages:edit", args=[page.pk])

    saved = client.post(address, data)
    submitted = client.post(address, data | {"action-submit": "1"})

    assert saved.status_code == 302, saved.context["form"].errors
    assert set(submitted.context["form"].errors) == {"summary", "areas"}
    assert not Proof.objects.exists()


def test_an_editor_saves_a_draft_of_what_is_public(world, write, release, client_of):
    page = write()
    release(page)
    client = client_of(world.editor)
    data = form_of(client, page) | {"title": "The next version"}

    saved = client.post(reverse("wagtailadmin_pages:edit", args=[page.pk]), data)

    assert saved.status_code == 302
    stored = LocalOfferPage.objects.get()
    assert stored.live
    assert stored.get_latest_revision_as_object().title == "The next version"
    assert Release.objects.current().get().title == page.title


def test_nobody_is_offered_a_publish_button(world, write, client_of):
    page = write()

    for user in (world.admin, world.editor):
        html = (
            client_of(user)
            .get(reverse("wagtailadmin_pages:edit", args=[page.pk]))
            .content.decode()
        )
        assert 'name="action-publish"' not in html
        assert 'name="action-submit"' in html


def test_an_alias_is_refused_with_the_reason(world, write, release, client_of):
    page = write()
    release(page)

    answered = client_of(world.admin).post(
        reverse("wagtailadmin_pages:copy", args=[page.pk]),
        {
            "new_title": "Alias",
            "new_slug": "alias",
            "new_parent_page": tree.folder(LocalOfferIndexPage).pk,
            "alias": "on",
        },
        follow=True,
    )

    assert "cannot have an alias" in answered.content.decode()


@pytest.mark.parametrize("address", ["/admin/", "/admin/sign-off/"])
def test_lists_take_the_same_number_of_queries_however_long(
    world, write, submit, release, client_of, django_assert_max_num_queries, address
):
    client = client_of(world.pat)
    submit(write(title="One"))
    release(write(title="Two"))
    client.get(address)
    with django_assert_max_num_queries(100) as few:
        client.get(address)
    for number in range(4):
        submit(write(title=f"Waiting {number}"))
        release(write(title=f"Public {number}"))

    with django_assert_max_num_queries(len(few)):
        client.get(address)


def test_somebody_in_no_forum_is_told_so(world, client_of):
    stranger = User.objects.create_superuser("other")

    page = client_of(stranger).get("/admin/sign-off/").content.decode()

    assert "You belong to no forum" in page


def test_an_answer_without_a_decision_is_asked_for_again(
    world, write, submit, client_of
):
    proof = submit(write())

    refused = answer(client_of(world.pat), proof, world.pacc, decision="")

    assert refused.status_code == 400
    assert "Please choose one of the buttons" in refused.content.decode()


def test_what_is_not_public_cannot_be_taken_back(world, write, submit, client_of):
    proof = submit(write())

    answered = client_of(world.admin).get(withdrawal(proof), follow=True)

    assert "This is not public" in answered.content.decode()


def test_an_editor_of_issues_reads_what_forums_say_of_them(
    world, write, release, client_of
):
    release(write())
    compile_digest()
    proof = Proof.objects.open().get(kind="issues")
    assert client_of(world.editor).get(screen(proof)).status_code == 404

    let_in(world.editor.groups.get())

    assert client_of(world.editor).get(screen(proof)).status_code == 200
