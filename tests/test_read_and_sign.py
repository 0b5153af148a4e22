"""What forum members, editors and administrators meet in the admin."""

import datetime as dt

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone

from cms import corrections, tree
from cms import sign_off as verbs
from cms.models import (
    Area,
    LocalOfferIndexPage,
    LocalOfferPage,
    NoReply,
    Proof,
    SignOff,
)
from site_settings.models import SignOffSettings
from syndication.models import Release
from syndication.newsletters.digests import compile_digest
from syndication.newsletters.editors import let_in
from tests.test_bypass import form_of


def screen(proof):
    return reverse("countersign_sign_off:proof", args=[proof.pk])


def answer(
    client, proof, forum, decision="sign", comment="", fingerprint=None, **fields
):
    return client.post(
        screen(proof),
        {
            "forum": forum.pk if forum else "",
            "fingerprint": fingerprint or proof.fingerprint,
            "decision": decision,
            "comment": comment,
            **fields,
        },
        follow=True,
    )


def read(client, proof, **query):
    """The screen of a proof, as a tree that can be asked."""
    return BeautifulSoup(client.get(screen(proof), query).content, "html.parser")


def part(page, name):
    """The words of one section of the screen, in one row."""
    return words(page.select_one(f"section[aria-labelledby={name}]"))


def words(node):
    return " ".join(node.get_text().split())


@pytest.fixture
def submit_again(world, submit, edit):
    """Edit a page and submit the result: ``submit_again(page, title=...)``."""

    def submit_again(page, **fields):
        edit(page, world.editor, **fields)
        state = page.current_workflow_state
        if state is None:
            return submit(page)
        state.resume(world.editor)
        return Proof.objects.open().get(content_id=page.content_id)

    return submit_again


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
    assert "My ten minutes" in refused.content.decode()
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


def test_somebody_taken_out_of_everything_is_told_and_keeps_their_words(
    world, write, submit, client_of
):
    proof = submit(write(areas=[world.shropshire]))
    client = client_of(world.pat)
    client.get(screen(proof))
    # A member of another forum by now, whom this does not concern.
    world.pat.groups.set([world.pods.group])

    refused = answer(client, proof, world.pacc, comment="My ten minutes")

    assert refused.status_code == 404
    said = refused.content.decode()
    assert "Your answer was not recorded" in said
    assert "My ten minutes" in said
    assert proof.title not in said
    assert not SignOff.objects.exists()


def test_somebody_who_may_not_enter_any_more_records_nothing(
    world, write, submit, client_of
):
    proof = submit(write())
    client = client_of(world.pat)
    world.pat.groups.clear()

    refused = answer(client, proof, world.pacc)

    assert "do not have permission to access" in refused.content.decode()
    assert not SignOff.objects.exists()


def test_a_person_who_was_switched_off_records_nothing(world, write, submit, client_of):
    proof = submit(write())
    client = client_of(world.pat)
    User.objects.filter(pk=world.pat.pk).update(is_active=False)

    answer(client, proof, world.pacc)

    assert not SignOff.objects.exists()


def test_what_was_deleted_meanwhile_cannot_be_signed(world, write, submit, client_of):
    page = write()
    proof = submit(page)
    client = client_of(world.pat)
    client.get(screen(proof))
    page.delete()

    refused = answer(client, proof, world.pacc, comment="My ten minutes")

    assert refused.status_code == 409
    assert "Nothing was recorded" in refused.content.decode()
    assert "My ten minutes" in refused.content.decode()
    assert not SignOff.objects.exists()


def test_the_screen_outlives_the_people_named_on_it(
    world, write, submit, sign, client_of
):
    proof = submit(write())
    sign(proof, world.pods, world.pip, comment="Clear.")
    User.objects.filter(pk=world.pip.pk).update(is_active=False)
    world.editor.delete()

    page = read(client_of(world.pat), proof)

    assert "pip for PODS" in part(page, "discussion")
    assert "Sent on" in part(page, "who")


def test_a_forum_that_never_signed_is_told_so(world, write, submit, client_of):
    page = read(client_of(world.pip), submit(write()))

    assert "PODS has not signed any earlier version" in part(page, "changes")


def test_a_forum_reads_what_changed_since_it_last_signed(
    world, write, release, submit_again, client_of
):
    page = write()
    release(page)
    proof = submit_again(page, title="Getting help with talking", age_to=19)

    screen = read(client_of(world.pip), proof)

    changes = part(screen, "changes")
    assert "What changed since PODS last signed" in changes
    assert "2 parts have changed" in changes
    section = screen.select_one("section[aria-labelledby=changes]")
    told = section.select_one("dl.changes").select("del, ins")
    assert [words(one) for one in told] == [
        "removed: and understanding end of removed.",
        "removed: 25 end of removed.",
        "added: 19 end of added.",
    ]
    table = section.select_one("table")
    heads = [words(one) for one in table.select("thead th")]
    assert heads == ["Part", "When PODS last signed", "Now"]


def test_nothing_changed_is_said_as_well(world, write, release, submit, client_of):
    page = write()
    release(page)

    screen = read(client_of(world.pip), submit(page))

    assert "Nothing has changed since" in part(screen, "changes")


def test_a_forum_that_read_a_version_others_refused_reads_what_changed_since(
    world, write, release, submit_again, sign, client_of
):
    page = write()
    first = release(page).proof
    second = submit_again(page, title="Getting help with talking today")
    sign(second, world.pods, world.pip)
    answer(client_of(world.pat), second, world.pacc, "changes", comment="Shorter.")
    third = submit_again(page, title="Getting help with talking")
    client = client_of(world.pip)

    latest = part(read(client, third), "changes")
    public = part(read(client, third, since=first.pk), "changes")

    assert "changes were asked for, so it was never public" in latest
    assert "removed: today end of removed." in latest
    assert "removed: and understanding end of removed." in public
    # PACC asked for changes to the second: it last signed the first.
    assert "removed: and understanding" in part(
        read(client_of(world.pat), third), "changes"
    )


def test_a_sign_off_that_was_taken_back_is_no_earlier_version(
    world, write, submit, sign, submit_again, client_of
):
    page = write()
    proof = submit(page)
    sign(proof, world.pods, world.pip)
    verbs.take_back(proof=proof, forum=world.pods, by=world.pip)
    answer(client_of(world.pat), proof, world.pacc, "changes", comment="Shorter.")

    again = submit_again(page, title="Talking")

    assert "has not signed any earlier version" in part(
        read(client_of(world.pip), again), "changes"
    )


def test_an_editor_reads_what_changed_since_all_had_signed(
    world, write, release, submit_again, client_of
):
    page = write()
    release(page)
    proof = submit_again(page, title="Getting help with talking")

    changes = part(read(client_of(world.editor), proof), "changes")

    assert "Every forum had signed a version on" in changes
    assert "1 part has changed" in changes


def test_the_screen_shows_how_the_newsletter_and_plain_text_carry_it(
    world, write, submit, client_of
):
    page = read(client_of(world.pat), submit(write()))
    text = page.select_one("section[aria-labelledby=text]")

    names = [words(one) for one in text.select("summary")]

    assert names == [
        "Who gets it by email as soon as it is signed",
        "As the newsletter will carry it by email, if everyone signs today",
        "The same email in plain text",
        "The whole text as plain text",
    ]
    mail = BeautifulSoup(text.select_one("iframe")["srcdoc"], "html.parser")
    assert "Who can help, and what to try first." in mail.get_text()
    assert "Telephone: 01632 960101" in text.select(".sign-off-plain")[-1].get_text()


def test_an_issue_is_shown_as_the_mail_that_it_becomes(
    world, write, release, client_of
):
    release(write())
    compile_digest()
    proof = Proof.objects.open().get(kind="issues")

    page = read(client_of(world.pat), proof)

    mail = BeautifulSoup(page.select_one("iframe")["srcdoc"], "html.parser")
    assert "Stop getting this newsletter" in mail.get_text()
    assert "Getting help with talking and understanding" in mail.get_text()
    # No script, no form, nothing of ours: it is a picture of a mail.
    assert page.select_one("iframe").has_attr("sandbox")
    assert not page.select_one("iframe")["sandbox"]


def test_what_it_was_made_with_and_the_label_it_would_have(
    world, write, submit, client_of
):
    page = write(
        co_production_level="service",
        co_production=[
            {
                "type": "part",
                "value": {
                    "forum": world.pacc.pk,
                    "who": "",
                    "stage": "idea",
                    "how_many": "6-20",
                },
            }
        ],
        what_changed="The opening hours.",
    )

    made = part(read(client_of(world.pat), submit(page)), "made")

    assert "What was decided together: how a service works" in made
    assert "before anything was written, about 6 to 20 people" in made
    assert "What changed because of them: The opening hours." in made
    assert "If everyone signs, families see the label “Co-produced”." in made


def test_nothing_recorded_makes_a_lesser_label(world, write, submit, client_of):
    made = part(read(client_of(world.pat), submit(write())), "made")

    assert "Nothing is recorded" in made
    assert "“Reviewed by forum”" in made


def test_what_a_machine_noticed_is_shown(world, write, submit, client_of):
    proof = submit(write(review_by="2020-01-01", summary="Ask for an EHC plan."))

    checks = part(read(client_of(world.pat), proof), "checks")

    assert "Should be mended: The date by which somebody checks this" in checks
    assert "Please look: EHC is used before it is explained" in checks
    assert "PACC" not in checks


def test_a_text_without_faults_is_said_to_be_so(world, write, submit, client_of):
    checks = part(read(client_of(world.pat), submit(write())), "checks")

    assert "noticed nothing" in checks


def test_who_has_signed_who_has_not_and_why_each_is_asked(
    world, write, submit, sign, client_of
):
    proof = submit(write())
    sign(proof, world.pods, world.pip)

    who = part(read(client_of(world.pat), proof), "who")

    assert "Parents Opening Doors: agreed" in who
    assert f"no answer yet, due {proof.due_on:%-d %B %Y}" in who
    assert "Why it is asked: PACC signs what is for Shropshire." in who


def test_no_reply_is_shown_as_such_and_a_late_answer_beside_it(
    world, write, submit, sign, client_of
):
    proof = submit(write())
    due = dt.date(2026, 5, 3)
    for forum in (world.pacc, world.pods):
        NoReply.objects.create(
            proof=proof, forum=forum, due_on=due, recorded_at=timezone.now()
        )
    sign(proof, world.pods, world.pip)

    who = part(read(client_of(world.pat), proof), "who")

    assert "Shropshire Parent and Carer Council: no reply by 3 May 2026" in who
    assert "(no reply by 3 May 2026, answered later)" in who


def test_what_is_overdue_is_marked_and_can_still_be_answered(
    world, write, submit, client_of
):
    proof = submit(write())
    Proof.objects.filter(pk=proof.pk).update(due_on=dt.date(2020, 1, 1))
    client = client_of(world.pat)

    seen = words(read(client, proof))
    listed = words(BeautifulSoup(client.get("/admin/sign-off/").content, "html.parser"))
    answer(client, proof, world.pacc)

    assert "Overdue A late answer still counts." in seen
    assert "due 1 January 2020 Overdue" in listed
    assert SignOff.objects.exists()


def test_the_discussion_goes_on_over_the_versions(
    world, write, submit, sign, submit_again, client_of
):
    page = write()
    first = submit(page)
    sign(first, world.pods, world.pip, comment="Clear and kind.")
    answer(client_of(world.pat), first, world.pacc, "changes", comment="Say it short.")
    second = submit_again(page, title="Talking")
    sign(second, world.pods, world.pip)
    verbs.take_back(
        proof=second, forum=world.pods, by=world.pip, reason="The number is old."
    )

    said = part(read(client_of(world.pat), second), "discussion")

    assert said.index("The number is old.") < said.index("Say it short.")
    assert said.index("Say it short.") < said.index("Clear and kind.")
    assert "pat for PACC" in said
    assert "About the version sent on" in said
    assert "pip for PODS" in said
    assert "took its sign-off back" in said


def test_a_release_date_is_said_before_and_after_signing(
    world, write, submit, client_of
):
    when = timezone.now() + dt.timedelta(days=40)
    proof = submit(write(release_at=when))
    day = f"{timezone.localtime(when):%-d %B %Y, %H:%M}"

    before = words(read(client_of(world.pat), proof))
    answer(client_of(world.pip), proof, world.pods)
    signed = answer(client_of(world.pat), proof, world.pacc)
    after = words(read(client_of(world.pat), proof))

    assert f"it waits until {day} and is public then" in before
    assert f"will be public on {day}" in signed.content.decode()
    assert f"Every forum has signed. This will be public on {day}." in after
    assert "Signed, not public yet" in signed.content.decode()
    assert not Release.objects.exists()


def test_a_forum_takes_back_its_own_sign_off_before_release(
    world, write, submit, sign, client_of
):
    proof = submit(write())
    sign(proof, world.pods, world.pip)
    client = client_of(world.pip)
    assert "Take back the sign-off of PODS" in words(read(client, proof))
    assert "Take back the sign-off" not in words(read(client_of(world.pat), proof))

    done = answer(client, proof, world.pods, "take_back", comment="I misread it.")

    assert "waits for PODS again" in done.content.decode()
    assert SignOff.objects.get().withdrawn_reason == "I misread it."
    assert "Sign for PODS" in words(read(client, proof))


def test_nobody_takes_back_the_sign_off_of_another_forum(
    world, write, submit, sign, client_of
):
    proof = submit(write())
    sign(proof, world.pods, world.pip)

    refused = answer(client_of(world.pat), proof, world.pods, "take_back")

    assert refused.status_code == 403
    assert "You are not a member of PODS" in refused.content.decode()
    assert SignOff.objects.get().stands


def test_not_agreeing_needs_a_reason_and_keeps_what_was_chosen(
    world, write, submit, client_of
):
    proof = submit(write())

    refused = answer(
        client_of(world.pat), proof, world.pacc, "not_agreed", comment_is_public="yes"
    )

    page = BeautifulSoup(refused.content, "html.parser")
    assert refused.status_code == 400
    assert "Please write why PACC does not agree." in words(page)
    assert page.select_one("textarea[aria-invalid]")
    assert page.select_one("input[value=yes]").has_attr("checked")
    assert page.select_one("details[open] button[value=not_agreed]")
    assert page.select_one("[role=alert]").has_attr("autofocus")
    assert not SignOff.objects.exists()


def test_a_forum_does_not_agree(world, write, submit, client_of):
    proof = submit(write())

    done = answer(
        client_of(world.pat),
        proof,
        world.pacc,
        "not_agreed",
        comment="It promises too much.",
        comment_is_public="yes",
    )

    assert "PACC does not agree" in done.content.decode()
    answered = SignOff.objects.get()
    assert answered.decision == SignOff.Decision.NOT_AGREED
    assert answered.comment_is_public
    assert not Release.objects.exists()


def test_the_reason_stays_indoors_unless_the_forum_says_so(
    world, write, submit, client_of
):
    proof = submit(write())

    answer(client_of(world.pat), proof, world.pacc, "not_agreed", comment="No.")

    assert not SignOff.objects.get().comment_is_public


@pytest.fixture
def refused(world, write, submit, client_of):
    """A proof that PACC did not agree to, under a policy that may publish it so."""
    SignOffSettings.objects.create(dissent=SignOffSettings.Dissent.PUBLISH)
    proof = submit(write())
    answer(
        client_of(world.pat),
        proof,
        world.pacc,
        "not_agreed",
        comment="It promises too much.",
        comment_is_public="yes",
    )
    proof.refresh_from_db()
    return proof


def test_an_editor_submits_it_again_with_the_dissent(world, refused, client_of):
    client = client_of(world.editor)
    assert "Submit again with this dissent in it" in words(read(client, refused))

    done = answer(client, refused, None, "with_dissent")

    proof = Proof.objects.open().get()
    assert done.redirect_chain[-1][0] == screen(proof)
    seen = words(read(client_of(world.pip), proof))
    assert "Shropshire Parent and Carer Council does not agree." in seen
    assert "It promises too much." in seen
    assert "never named as having agreed" in seen


def test_only_editors_may_and_only_where_policy_does(world, refused, client_of):
    offer = "Submit again with this dissent in it"
    assert offer not in words(read(client_of(world.pip), refused))
    by_a_forum = answer(client_of(world.pip), refused, None, "with_dissent")
    SignOffSettings.objects.update(dissent=SignOffSettings.Dissent.BLOCK)
    assert offer not in words(read(client_of(world.editor), refused))
    by_an_editor = answer(client_of(world.editor), refused, None, "with_dissent")

    assert by_a_forum.status_code == by_an_editor.status_code == 409
    assert "Only editors of this text" in by_a_forum.content.decode()
    assert "does not allow publishing without the agreement" in (
        by_an_editor.content.decode()
    )
    assert not Proof.objects.open().exists()


@pytest.fixture
def corrected(world, write, release):
    """A correction of a telephone number, public and not reviewed yet."""
    page = write()
    release(page)
    live = corrections.public_version(page)
    [phone] = [one for one in corrections.fields(live) if "Telephone of" in one.label]
    return corrections.correct(
        page=page,
        values={phone.name: "01632 960199"},
        by=world.admin,
        reason="The line has moved.",
    )


def test_a_correction_that_all_sign_stays_public_without_its_label(
    world, corrected, client_of
):
    answer(client_of(world.pip), corrected, world.pods)

    done = answer(client_of(world.pat), corrected, world.pacc)

    assert "stays public, now without the words" in done.content.decode()
    assert "before_review" not in Release.objects.current().get().receipt


def test_a_forum_that_is_asked_to_review_a_correction_can_take_it_back(
    world, corrected, client_of
):
    page = read(client_of(world.pat), corrected)

    assert page.select(f'a[href="{withdrawal(corrected)}"]')


def test_a_correction_says_what_was_corrected_and_why(world, corrected, client_of):
    proof = corrected

    seen = words(read(client_of(world.pat), proof))

    assert "This is public already" in seen
    assert "Telephone of “Speech and language advice line”" in seen
    assert "The line has moved." in seen
    assert "removed: 01632 960101 end of removed." in seen
    listed = client_of(world.pat).get("/admin/sign-off/").content.decode()
    assert "a correction, public already" in listed
    done = answer(client_of(world.pat), proof, world.pacc, "not_agreed", comment="No.")
    assert (
        "The version that was signed before is public again." in done.content.decode()
    )


def test_an_old_version_leads_to_the_one_that_waits(
    world, write, submit, submit_again, client_of
):
    page = write()
    old = submit(page)
    answer(client_of(world.pat), old, world.pacc, "changes", comment="Shorter.")
    new = submit_again(page, title="Talking")
    client = client_of(world.pat)

    assert read(client, old).select(f'a[href="{screen(new)}"]')
    late = answer(client, old, world.pacc, comment="My ten minutes")

    assert late.status_code == 409
    assert f'href="{screen(new)}"' in late.content.decode()
    assert "My ten minutes" in late.content.decode()


def test_sending_the_last_signature_twice_releases_once(
    world, write, submit, sign, client_of
):
    proof = submit(write())
    sign(proof, world.pods, world.pip)
    client = client_of(world.pat)
    answer(client, proof, world.pacc)

    again = answer(client, proof, world.pacc)

    assert again.status_code == 409
    assert "no longer open: signed by every forum" in again.content.decode()
    assert SignOff.objects.count() == 2
    assert Release.objects.count() == 1


@pytest.mark.parametrize(
    ("comment", "reason"),
    [
        ("long " * 1000, "at most 4,000 characters"),
        ("long long long\0", "signs in it that cannot be kept"),
    ],
)
def test_a_comment_that_cannot_be_kept_is_given_back(
    world, write, submit, client_of, comment, reason
):
    proof = submit(write())

    refused = answer(client_of(world.pat), proof, world.pacc, comment=comment)

    assert refused.status_code == 400
    assert reason in refused.content.decode()
    assert "long long long" in refused.content.decode()
    assert not SignOff.objects.exists()


@pytest.mark.parametrize(
    ("field", "value", "status"),
    [
        ("forum", "999999", 400),
        ("forum", "", 400),
        ("forum", "PACC", 400),
        ("decision", "publish", 400),
        ("fingerprint", "", 409),
        ("fingerprint", "../../etc", 409),
        ("comment_is_public", "maybe", 400),
    ],
)
def test_a_made_up_answer_records_nothing(
    world, write, submit, client_of, field, value, status
):
    proof = submit(write())
    data = {
        "forum": world.pacc.pk,
        "fingerprint": proof.fingerprint,
        "decision": "sign",
    } | {field: value}

    refused = client_of(world.pat).post(screen(proof), data)

    assert refused.status_code == status
    assert "Nothing was recorded" in refused.content.decode()
    assert not SignOff.objects.exists()


def test_the_screen_takes_the_same_number_of_queries_however_much_was_said(
    world, write, submit, sign, submit_again, client_of, django_assert_max_num_queries
):
    def one_more_round(number):
        sign(
            Proof.objects.open().get(), world.pods, world.pip, comment=f"Good {number}"
        )
        pat = client_of(world.pat)
        proof = Proof.objects.open().get()
        answer(pat, proof, world.pacc, "changes", comment=f"Change {number}")
        return submit_again(page, title=f"Version {number}")

    page = write()
    submit(page)
    proof = one_more_round(0)
    client = client_of(world.pip)
    client.get(screen(proof))
    with django_assert_max_num_queries(60) as captured:
        client.get(screen(proof))
    # The log of queries is emptied by the next request.
    few = len(captured)
    for number in range(1, 4):
        proof = one_more_round(number)

    assert 10 < few < 50
    with django_assert_max_num_queries(few):
        client.get(screen(proof))


def withdrawal(proof):
    return reverse("countersign_sign_off:withdraw", args=[proof.content_id])


def test_a_forum_that_signed_takes_it_back_with_a_reason(
    world, write, release, client_of
):
    proof = release(write()).proof
    client = client_of(world.pip)
    assert "disappears" in client.get(withdrawal(proof)).content.decode()

    client.post(
        withdrawal(proof),
        {"kind": "gone", "reason": "Wrong number", "public_note": "Moved."},
    )

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
    world,
    write,
    submit,
    sign,
    release,
    client_of,
    django_assert_max_num_queries,
    address,
):
    client = client_of(world.pat)
    submit(write(title="One"))
    release(write(title="Two"))
    sign(submit(write(title="Three")), world.pacc, world.pat)
    client.get(address)
    with django_assert_max_num_queries(100) as few:
        client.get(address)
    for number in range(4):
        submit(write(title=f"Waiting {number}"))
        sign(submit(write(title=f"With others {number}")), world.pacc, world.pat)
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
