"""Shared blocks: signed once, shown in many texts, never beyond what was signed."""

import json
import os
from pathlib import Path

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from wagtail.test.utils.form_data import nested_form_data, rich_text, streamfield

from cms import audit, corrections, embedding, withdrawals
from cms import sign_off as verbs
from cms.errors import NotSignedOff
from cms.models import Area, Notice, Proof, SharedBlock
from cms.representation import whole
from syndication import parts, releases
from syndication.models import Change, HostUpdate, Release, ReleaseEmbed
from syndication.newsletters.digests import compile_digest

from .conftest import make_member
from .shared_blocks import (
    everyone_signs,
    holding,
    paragraph,
    public,
    release_block,
    rewrite_block,
    submit,
    work,
    write_block,
)
from .test_bypass import form_of

NEW = "Ring the advice line on its new number."


@pytest.fixture
def block(world):
    """A shared block that both forums signed."""
    block = write_block(world)
    release_block(world, block)
    block.refresh_from_db()
    return block


@pytest.fixture
def host(write, release, block):
    """A public page for both areas that holds it."""
    page = write(body=holding(block))
    release(page)
    return page


def read(client, item):
    answer = client.get(f"/api/v1/items/{item.content_id}")
    assert answer.status_code == 200
    return answer.json()


def last_change():
    return Change.objects.order_by("number").last()


def verified():
    return audit.verify() == []


# What a text holds.


def test_a_page_shows_the_words_of_a_shared_block(client, block, host):
    item = read(client, host)

    shown = item["content"]["body"][1]
    released = public(block)
    assert shown == {
        "type": "shared_block",
        "content_id": str(block.content_id),
        "version": 1,
        "fingerprint": released.fingerprint,
        "title": "Advice line",
        "body": [{"type": "paragraph", "html": "<p>Ring the shared advice line.</p>"}],
    }
    for form in ("html", "text"):
        assert "Ring the shared advice line." in item["content"][form]
    assert "signed_fingerprint" not in item["receipt"]
    assert (
        b"Ring the shared advice line."
        in client.get(f"/items/{host.content_id}").content
    )
    embed = ReleaseEmbed.objects.get(release=public(host))
    assert (embed.content_id, embed.embedded) == (block.content_id, released)
    assert verified()


def test_a_shared_block_is_an_item_of_its_own(client, block):
    listed = client.get("/api/v1/items?kind=shared-block").json()["items"]
    assert [one["content_id"] for one in listed] == [str(block.content_id)]
    assert client.get(f"/items/{block.content_id}").status_code == 200
    assert b"Ring the shared" not in client.get("/feeds/all.rss").content
    assert client.get("/feeds/shared-block.rss").status_code == 404


def test_a_text_cannot_hold_what_no_forum_has_signed(world, write):
    page = write(body=holding(write_block(world)))

    with pytest.raises(NotSignedOff, match="not public"):
        submit(world, page)

    assert not Proof.objects.exists()


def test_a_text_cannot_hold_what_was_taken_back(world, write, block):
    page = write(body=holding(block))
    withdrawals.withdraw(content_id=block.content_id, by=world.pat, reason="Wrong")

    with pytest.raises(NotSignedOff):
        submit(world, page)


def test_a_text_cannot_hold_a_block_that_was_deleted(world, write):
    block = write_block(world)
    page = write(body=holding(block))
    block.delete()

    with pytest.raises(NotSignedOff):
        submit(world, page)


def test_it_holds_the_signed_words_while_the_block_is_rewritten(
    client, world, block, host
):
    rewrite_block(world, block, NEW)
    submit(world, block)

    work()

    assert "new number" not in read(client, host)["content"]["text"]


# A new release of the block.


def test_hosts_follow_a_block_that_all_their_forums_signed(client, world, block, host):
    before = public(host)
    release_block(world, block, NEW)
    assert public(host) == before

    work()

    item = read(client, host)
    after, now = public(host), public(block)
    assert after.version == 2
    assert after.updated_from == before
    assert item["content"]["body"][1]["version"] == 2
    assert "new number" in item["content"]["html"]
    assert "shared advice line" not in json.dumps(item)
    assert last_change().type == "host_content_updated"
    assert last_change().content_id == host.content_id
    # Everything else is what the forums signed.
    old, new = json.loads(bytes(before.payload)), item["content"]
    for key in old.keys() - {"body", "html", "text"}:
        assert old[key] == new[key]
    assert old["body"][0] == new["body"][0]
    # And the receipt says who signed what.
    receipt = item["receipt"]
    assert receipt["signed_fingerprint"] == before.proof.fingerprint
    (part,) = receipt["shared_blocks"]
    assert part["fingerprint"] == now.fingerprint
    assert part["content_id"] == str(block.content_id)
    assert {one["slug"] for one in part["forums"]} == {"pacc", "pods"}
    assert not Proof.objects.pending().exists()
    assert verified()


def test_following_again_changes_nothing(world, block, host):
    release_block(world, block, NEW)
    work()
    now = timezone.now()
    HostUpdate.objects.update(state="due", settled_at=None, next_attempt_at=now)

    work()

    assert public(host).version == 2
    assert HostUpdate.objects.get().state == "done"


def test_a_lost_wake_up_loses_nothing(world, block, host):
    release_block(world, block, NEW)
    row = HostUpdate.objects.get()
    assert (row.state, row.host.content_id) == ("due", host.content_id)


def test_documents_made_again_say_the_same(world, block, host):
    release_block(world, block, NEW)
    work()

    assert releases.rebuild_documents() == 0


@pytest.fixture
def one_sided(world):
    """A shared block for Shropshire alone: PODS never signs it."""
    block = write_block(world, areas=[world.shropshire])
    release_block(world, block)
    block.refresh_from_db()
    return block


def test_a_host_waits_for_a_forum_that_has_not_signed_the_block(
    client, world, write, release, one_sided
):
    host = write(body=holding(one_sided))
    release(host)

    release_block(world, one_sided, NEW)
    work()

    assert "new number" not in json.dumps(read(client, host))
    proof = Proof.objects.open().get(content_id=host.content_id)
    assert "new number" in proof.representation["text"]
    assert set(proof.forums.all()) == {world.pacc, world.pods}
    assert any("has changed" in why for why in proof.why_asked(world.pods))
    row = HostUpdate.objects.get()
    assert (row.state, bool(row.reason)) == ("asked", True)
    assert Notice.objects.filter(purpose="hosts_wait").exists()

    everyone_signs(world, proof)

    item = read(client, host)
    assert "new number" in item["content"]["text"]
    assert "shared_blocks" not in item["receipt"]
    assert verified()


def test_a_host_of_one_forum_follows_while_another_waits(
    client, world, write, release, one_sided
):
    near = write(title="Near", body=holding(one_sided), areas=[world.shropshire])
    both = write(title="Both", body=holding(one_sided))
    release(near)
    release(both)

    release_block(world, one_sided, NEW)
    work()

    assert "new number" in read(client, near)["content"]["text"]
    assert "new number" not in read(client, both)["content"]["text"]


def test_whoever_policy_asks_by_now_is_needed_too(client, world, block, host):
    clinic = world.pods.__class__.objects.create(
        name="Clinic",
        short_name="Clinic",
        slug="clinic",
        group=world.pods.group.__class__.objects.create(name="Clinic members"),
    )
    release_block(world, block, NEW)
    world.telford.forums.add(clinic)

    work()

    assert "new number" not in read(client, host)["content"]["text"]
    assert clinic in Proof.objects.open().get(content_id=host.content_id).forums.all()


def test_a_draft_that_somebody_writes_is_not_sent_to_forums(
    world, write, release, edit, one_sided
):
    host = write(body=holding(one_sided))
    release(host)
    edit(host, world.editor, title="Half-written")

    release_block(world, one_sided, NEW)
    work()

    assert not Proof.objects.pending().exists()
    row = HostUpdate.objects.get()
    assert row.state == "stuck"
    assert "Submit the draft" in row.reason


def test_a_second_change_asks_the_forums_about_the_newest(
    world, write, release, one_sided
):
    host = write(body=holding(one_sided))
    release(host)
    release_block(world, one_sided, NEW)
    work()

    release_block(world, one_sided, "Ring nobody.")
    work()

    proof = Proof.objects.open().get(content_id=host.content_id)
    assert "Ring nobody." in proof.representation["text"]
    assert HostUpdate.objects.get(block=public(one_sided)).state == "asked"


def test_what_forums_signed_while_the_block_changed_follows_at_once(
    client, world, write, block
):
    page = write(body=holding(block))
    proof = submit(world, page)
    release_block(world, block, NEW)

    everyone_signs(world, proof)

    assert "new number" in read(client, page)["content"]["text"]
    types = Change.objects.filter(content_id=page.content_id).order_by("number")
    assert list(types.values_list("type", flat=True)) == [
        "published",
        "host_content_updated",
    ]
    assert (
        Release.objects.get(item__content_id=page.content_id, version=1).proof == proof
    )
    assert verified()


def test_what_forums_signed_stays_until_they_sign_the_newer_block(
    client, world, write, one_sided
):
    page = write(body=holding(one_sided))
    proof = submit(world, page)
    release_block(world, one_sided, NEW)

    everyone_signs(world, proof)
    assert "shared advice line" in read(client, page)["content"]["text"]
    work()

    waiting = Proof.objects.open().get(content_id=page.content_id)
    assert "new number" in waiting.representation["text"]


def test_more_than_the_block_is_never_changed_by_following(
    monkeypatch, world, block, host
):
    release_block(world, block, NEW)
    settle = parts.settle

    def meddle(release, data):
        settled = settle(release, data)
        if settled.followed:
            settled.body[0] = {"type": "paragraph", "html": "<p>Buy</p>"}
        return settled

    monkeypatch.setattr(parts, "settle", meddle)
    work()

    assert public(host).version == 1
    assert HostUpdate.objects.get().state == "due"


# Taking away.


@pytest.mark.parametrize("kind", ["gone", "notice", "vanish"])
def test_a_withdrawn_block_leaves_its_hosts_at_once(client, world, block, host, kind):
    withdrawals.withdraw(
        content_id=block.content_id,
        by=world.pat,
        reason="It was wrong",
        kind=kind,
        public_note="Sorry" if kind == "notice" else "",
    )

    item = read(client, host)
    assert "shared advice line" not in json.dumps(item)
    assert item["content"]["body"][1] == {"type": "left_out"}
    assert "Words of the page itself." in item["content"]["text"]
    assert "Something that stood here is no longer shown." in item["content"]["html"]
    assert Change.objects.filter(content_id=host.content_id, type="reduced").exists()
    told = Notice.objects.filter(purpose="block_gone")
    assert world.editor in {one.recipient for one in told}
    assert verified()


def test_a_member_who_wrote_a_host_hears_that_the_block_left_it(
    world, write, block, sign
):
    page = write(body=holding(block), areas=[world.shropshire], by=world.pat)
    page.get_workflow().start(page, world.pat)
    proof = Proof.objects.open().get(content_id=page.content_id)
    sign(proof, world.pacc, make_member("pam", world.pacc))

    withdrawals.withdraw(content_id=block.content_id, by=world.pip, reason="Wrong")

    told = Notice.objects.filter(purpose="block_gone")
    assert world.pat in {one.recipient for one in told}


def test_a_block_that_comes_back_does_not_come_back_into_its_hosts(
    client, world, block, host
):
    withdrawals.withdraw(content_id=block.content_id, by=world.pat, reason="Wrong")
    release_block(world, block, NEW)

    work()

    assert read(client, host)["content"]["body"][1] == {"type": "left_out"}


def test_signing_a_host_does_not_bring_back_what_was_taken_back_meanwhile(
    client, world, write, block
):
    page = write(body=holding(block))
    proof = submit(world, page)
    withdrawals.withdraw(content_id=block.content_id, by=world.pat, reason="Wrong")
    release_block(world, block, NEW)

    everyone_signs(world, proof)
    work()

    assert read(client, page)["content"]["body"][1] == {"type": "left_out"}
    assert verified()


def test_a_deleted_block_leaves_its_hosts_too(client, block, host):
    block.delete()

    assert read(client, host)["content"]["body"][1] == {"type": "left_out"}


def test_something_taken_out_of_the_block_leaves_its_hosts(
    client, world, write, release
):
    two = [*paragraph("Stays."), *paragraph("A voice.")]
    block = write_block(world, body=two, areas=[world.shropshire])
    release_block(world, block)
    host = write(body=holding(block))
    release(host)
    data = json.loads(bytes(public(block).payload))
    data["body"][1] = {"type": "left_out"}

    releases.reduce(release=public(block), representation=whole(data))
    work()

    # Taking away needs nobody: PODS signed none of the block.
    item = read(client, host)
    assert "A voice." not in json.dumps(item)
    assert item["content"]["body"][1]["version"] == 2
    assert verified()


# Corrections.


@pytest.fixture
def telephone(world):
    contact = {"name": "Advice", "phone": "01632 960101", "email": "", "hours": ""}
    block = write_block(world, body=[("contact", contact)])
    release_block(world, block)
    block.refresh_from_db()
    return block


@pytest.fixture
def correct(world):
    def correct(block, phone):
        (child,) = [one for one in block.body if one.block_type == "contact"]
        return corrections.correct(
            page=block,
            values={f"{child.id}.phone": phone},
            by=world.editor,
            reason="It rings nowhere",
        )

    return correct


def test_a_correction_of_a_block_reaches_its_hosts_with_its_label(
    client, world, write, release, telephone, correct
):
    host = write(body=holding(telephone))
    release(host)

    proof = correct(telephone, "01632 960999")
    work()

    item = read(client, host)
    assert "01632 960999" in item["content"]["text"]
    assert "01632 960101" not in json.dumps(item)
    assert item["receipt"]["before_review"]["fields"] == ["Telephone of “Advice”"]
    assert item["receipt"]["forums"] == []
    page = client.get(f"/items/{host.content_id}").content.decode()
    assert "before forum review" in page
    assert releases.rebuild_documents() == 0

    everyone_signs(world, proof)
    work()

    item = read(client, host)
    assert "before_review" not in item["receipt"]
    assert "01632 960999" in item["content"]["text"]
    assert verified()


def test_the_label_stays_until_every_forum_of_the_host_has_signed(
    client, world, write, release, correct
):
    contact = {"name": "Advice", "phone": "01632 960101", "email": "", "hours": ""}
    block = write_block(world, body=[("contact", contact)], areas=[world.shropshire])
    release_block(world, block)
    block.refresh_from_db()
    host = write(body=holding(block))
    release(host)
    proof = correct(block, "01632 960999")
    work()

    # PACC alone signs the block; PODS has not seen the number.
    everyone_signs(world, proof)
    work()

    assert "before_review" in read(client, host)["receipt"]
    proof = Proof.objects.open().get(content_id=host.content_id)
    assert world.pods in proof.forums.all()
    everyone_signs(world, proof)
    assert "before_review" not in read(client, host)["receipt"]
    assert verified()


def test_a_refused_correction_of_a_block_leaves_its_hosts(
    client, world, write, release, telephone, correct
):
    host = write(body=holding(telephone))
    release(host)
    proof = correct(telephone, "01632 960999")
    work()

    verbs.not_agree(
        proof=proof,
        forum=world.pods,
        by=world.pip,
        fingerprint=proof.fingerprint,
        comment="It was right.",
    )
    work()

    item = read(client, host)
    assert "01632 960101" in item["content"]["text"]
    assert "01632 960999" not in json.dumps(item)
    assert "before_review" not in item["receipt"]
    assert verified()


def test_a_fact_of_a_host_can_be_corrected_while_its_block_is_newer(
    client, world, write, release, one_sided
):
    host = write(body=holding(one_sided), closure="")
    release(host)
    release_block(world, one_sided, NEW)
    host.refresh_from_db()

    corrections.correct(
        page=host, values={"closure": "Closed today"}, by=world.editor, reason="Snow"
    )

    content = read(client, host)["content"]
    assert content["closure"] == "Closed today"
    assert "new number" not in content["text"]


# Two levels, and no circles.


@pytest.fixture
def nested(world, block):
    """A shared block that holds another."""
    outer = write_block(world, title="Outer", body=holding(block, words="Outer words."))
    release_block(world, outer)
    outer.refresh_from_db()
    return outer


def test_a_block_in_a_block_reaches_the_page(client, write, release, nested):
    page = write(body=holding(nested))
    release(page)

    text = read(client, page)["content"]["text"]

    assert "Outer words." in text
    assert "shared advice line" in text


def test_a_change_goes_through_both_levels(
    client, world, write, release, block, nested
):
    page = write(body=holding(nested))
    release(page)

    release_block(world, block, NEW)
    work()

    item = read(client, page)
    assert "new number" in item["content"]["text"]
    (part,) = item["receipt"]["shared_blocks"]
    assert part["content_id"] == str(nested.content_id)
    assert part["shared_blocks"][0]["fingerprint"] == public(block).fingerprint
    assert verified()


def test_a_withdrawal_goes_through_both_levels_at_once(
    client, world, write, release, block, nested
):
    page = write(body=holding(nested))
    release(page)

    withdrawals.withdraw(content_id=block.content_id, by=world.pat, reason="Wrong")

    for item in (nested, page):
        assert "shared advice line" not in json.dumps(read(client, item))
        assert "Outer words." in read(client, item)["content"]["text"]
    work()
    assert "Outer words." in read(client, page)["content"]["text"]
    assert verified()


def test_an_older_version_that_stays_loses_what_was_withdrawn_inside_it(
    client, world, write, release, block
):
    outer = write_block(
        world, body=holding(block, words="Outer words."), areas=[world.shropshire]
    )
    release_block(world, outer)
    page = write(body=holding(outer))
    release(page)
    rewrite_block(world, outer, body=holding(block, words="Other outer words."))
    release_block(world, outer)
    work()

    withdrawals.withdraw(content_id=block.content_id, by=world.pat, reason="Wrong")

    item = read(client, page)
    assert "shared advice line" not in json.dumps(item)
    assert "Outer words." in item["content"]["text"]
    assert "Other outer words." not in item["content"]["text"]
    assert verified()


def test_a_third_level_cannot_be_frozen(world, nested):
    third = write_block(world, title="Third", body=holding(nested))

    with pytest.raises(NotSignedOff, match="Two levels"):
        submit(world, third)


def test_a_circle_cannot_be_frozen(world, block, nested):
    rewrite_block(world, block, body=holding(nested))

    with pytest.raises(NotSignedOff):
        submit(world, block)


def form_of_block(block, areas, *held, title="Advice line"):
    blocks = [("paragraph", rich_text("<p>Some words.</p>"))]
    blocks += [("shared_block", str(one.pk)) for one in held]
    data = nested_form_data(
        {
            "title": title,
            "body": streamfield(blocks),
            "co_production": streamfield([]),
            "formats": streamfield([]),
            "co_production_level": "",
            "what_changed": "",
            "release_at": "",
        }
    )
    return data | {"areas": [area.pk for area in areas]}


def edit_address(block):
    return reverse(SharedBlock.snippet_viewset.get_url_name("edit"), args=[block.pk])


@pytest.mark.parametrize("button", ["", "action-submit"])
def test_a_circle_is_refused_beside_the_field(client_of, world, block, nested, button):
    data = form_of_block(block, [world.shropshire], nested)

    answer = client_of(world.editor).post(
        edit_address(block), data | ({button: "1"} if button else {})
    )

    assert "it cannot stand inside a shared block" in answer.content.decode()
    block.refresh_from_db()
    assert "shared_block" not in str(
        block.get_latest_revision_as_object().body.raw_data
    )


def test_a_block_that_stands_in_another_can_hold_none(client_of, world, block, nested):
    other = write_block(world, title="Other")

    answer = client_of(world.editor).post(
        edit_address(block), form_of_block(block, [world.shropshire], other)
    )

    assert "so it can hold none itself" in answer.content.decode()


def test_a_block_cannot_hold_itself(client_of, world, block):
    answer = client_of(world.editor).post(
        edit_address(block), form_of_block(block, [world.shropshire], block)
    )

    assert "cannot hold itself" in answer.content.decode()


def test_a_shared_block_cannot_hold_a_voice():
    voice = {"type": "voice", "text": "We were heard."}
    inside = {
        "type": "shared_block",
        "content_id": ID,
        "fingerprint": "f",
        "version": 1,
    }
    data = {"content_id": HOST, "kind": "shared-block", "title": "T", "body": [voice]}

    assert "cannot hold a voice" in embedding.why_not(data)
    # Not by way of a text either, which may have a voice of its own.
    page = data | {"kind": "news", "body": [inside | {"body": [voice]}]}
    assert "cannot hold a voice" in embedding.why_not(page)
    assert embedding.why_not(data | {"kind": "news"}) == ""


# In the admin.


def form_of_page(client, page, *held):
    blocks = [("paragraph", rich_text("<p>Some words.</p>"))]
    blocks += [("shared_block", str(one.pk)) for one in held]
    kept = {
        name: value
        for name, value in form_of(client, page).items()
        if not name.startswith("body-")
    }
    return kept | nested_form_data({"body": streamfield(blocks)})


def test_submitting_an_unsigned_block_is_refused_beside_it(client_of, world, write):
    unsigned = write_block(world)
    page = write()
    address = reverse("wagtailadmin_pages:edit", args=[page.pk])
    client = client_of(world.editor)
    data = form_of_page(client, page, unsigned)

    answer = client.post(address, data | {"action-submit": "1"})

    assert (
        "Submit the block and let its forums sign it first" in answer.content.decode()
    )
    assert not Proof.objects.exists()

    # A draft may name it.
    assert client.post(address, data).status_code == 302
    body = type(page).objects.get(pk=page.pk).get_latest_revision_as_object().body
    assert [child.block_type for child in body] == ["paragraph", "shared_block"]


def test_the_edit_screen_says_where_a_block_stands(client_of, world, block, host):
    screen = client_of(world.editor).get(edit_address(block)).content.decode()

    assert "Used in 1 text" in screen
    assert reverse("wagtailadmin_pages:edit", args=[host.pk]) in screen


def test_the_edit_screen_asks_no_more_for_more_hosts(
    client_of, write, release, world, block, host
):
    client = client_of(world.editor)
    client.get(edit_address(block))
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(
            connection,
        ) as found:
            client.get(edit_address(block))
            client.get(reverse("countersign_sign_off:uses", args=[block.content_id]))
        counts.append(len(found))
        release(write(title="One more", body=holding(block)))
        write(title="A draft", body=holding(block))
    assert counts[0] == counts[1]


def test_the_uses_screen_tells_how_far_it_is_and_why(
    client_of, world, write, release, one_sided
):
    near = write(title="Near", body=holding(one_sided), areas=[world.shropshire])
    both = write(title="Both", body=holding(one_sided))
    release(near)
    release(both)
    release_block(world, one_sided, NEW)
    work()
    address = reverse("countersign_sign_off:uses", args=[one_sided.content_id])

    screen = client_of(world.editor).get(address).content.decode()

    assert "1 of 2" in screen
    assert "Its forums read it with the new shared block." in screen
    # Who signs it may look; a forum that has nothing to do with it may not.
    assert client_of(world.pat).get(address).status_code == 200
    assert client_of(world.pip).get(address).status_code == 404


def test_who_signs_a_block_sees_where_it_stands(client_of, world, block, host):
    rewrite_block(world, block, NEW)
    proof = submit(world, block)

    screen = client_of(world.pat).get(
        reverse("countersign_sign_off:proof", args=[proof.pk])
    )

    assert "This stands in 1 public text" in screen.content.decode()
    assert f"/items/{host.content_id}" in screen.content.decode()


def test_who_takes_a_block_back_sees_what_it_leaves(client_of, world, block, host):
    address = reverse("countersign_sign_off:withdraw", args=[block.content_id])

    screen = client_of(world.pat).get(address).content.decode()

    assert "It stands in 1 public text and leaves it at the same moment." in screen


def test_forums_see_the_words_of_the_block_in_what_changed(
    client_of, world, write, release, one_sided
):
    host = write(body=holding(one_sided))
    release(host)
    release_block(world, one_sided, NEW)
    work()
    proof = Proof.objects.open().get(content_id=host.content_id)

    screen = (
        client_of(world.pip)
        .get(reverse("countersign_sign_off:proof", args=[proof.pk]))
        .content.decode()
    )

    assert "Shared block “Advice line”" in screen
    assert "has changed." in screen


def test_nobody_signs_a_page_with_a_block_they_wrote(world, write, block):
    draft = block.get_latest_revision_as_object()
    draft.body = paragraph(NEW)
    draft.save_revision(user=world.pat)
    pru = make_member("pru", world.pacc)
    proof = submit(world, block)
    for forum, by in ((world.pacc, pru), (world.pods, world.pip)):
        verbs.sign(proof=proof, forum=forum, by=by, fingerprint=proof.fingerprint)

    page = submit(world, write(body=holding(block)))

    assert world.pat in page.authors.all()


def test_an_issue_cannot_carry_a_shared_block(block):
    assert compile_digest() is None


def test_many_shared_blocks_are_one_question(world, write, block):
    others = [write_block(world, title=f"Block {n}") for n in range(3)]
    for other in others:
        release_block(world, other)
    few, many = write(body=holding(block)), write(body=holding(block, *others))
    counts = []
    for page in (few, many):
        page = type(page).objects.get(pk=page.pk)
        with CaptureQueriesContext(connection) as found:
            page.representation()
        counts.append(len(found))
    assert counts[0] == counts[1]


# What partners are promised.

CONTRACT = Path(__file__).parent / "contract" / "shared-block.json"
ID = "11111111-2222-4333-8444-555555555555"
HOST = "11111111-2222-4333-8444-666666666666"


def test_a_block_and_its_host_are_as_promised_to_partners(world, write, client):
    with time_machine.travel("2026-11-02T09:00Z", tick=False) as clock:
        block = write_block(world)
        SharedBlock.objects.filter(pk=block.pk).update(content_id=ID)
        block = SharedBlock.objects.get(pk=block.pk)
        block.save_revision(user=world.editor)
        release_block(world, block)
        page = write("news", content_id=HOST, body=holding(block), title="A host")
        everyone_signs(world, submit(world, page))
        clock.shift(86400)
        release_block(world, block, NEW)
        work()

    host = read(client, page)
    found = {
        "shared-block": read(client, block),
        # What its own kind has besides is promised elsewhere.
        "host": {
            "body": host["content"]["body"],
            "shared_blocks": host["receipt"]["shared_blocks"],
        },
    }

    if os.environ.get("CONTRACT") == "write":
        text = json.dumps(found, indent=2, ensure_ascii=False)
        CONTRACT.write_text(text + "\n", encoding="utf-8")
    assert found == json.loads(CONTRACT.read_text(encoding="utf-8"))


def test_what_is_said_of_other_formats_of_a_block_is_signed_with_it(world):
    block = SharedBlock(
        title="Advice line",
        body=[("paragraph", "<p>Ring us.</p>")],
        formats=[("format", {"format": "bsl", "state": "being_made"})],
    )
    block.areas = [world.shropshire]

    (told,) = block.representation()["formats"]

    assert (told["format"], told["state"]) == ("bsl", "being_made")


def test_a_block_for_an_area_that_nobody_signs_for_is_refused_beside_it(
    client_of, world, block
):
    outside = Area.objects.create(name="Outside", slug="outside")

    answer = client_of(world.editor).post(
        edit_address(block),
        form_of_block(block, [outside]) | {"action-submit": "1"},
    )

    assert "No forum signs for Outside yet" in str(answer.context["form"].errors)
    assert not Proof.objects.open().exists()
