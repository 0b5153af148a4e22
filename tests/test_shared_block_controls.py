"""Each control of shared blocks is switched off in turn, and what it kept back gets out.

As in ``tests/test_controls.py``: every scene is played twice, with the control and
without it. Without, words are public that nobody signed there.
"""

import json

import pytest
from django.db import transaction

from cms import corrections, embedding, withdrawals
from cms import sign_off as verbs
from cms.errors import NotSignedOff
from site_settings.models import SignOffSettings
from syndication import parts, releases

from . import memories
from .conftest import make_forum, submit_draft, write_draft
from .promise import Broken
from .shared_blocks import (
    everyone_signs,
    holding,
    public,
    release_block,
    rewrite_block,
    submit,
    work,
    write_block,
)
from .switches import missed, off

# As the other controls: on SQLite only.
pytestmark = pytest.mark.once

SECRET = "Words that nobody may read here."


def host_of(world, block, **fields):
    page = write_draft(world, body=holding(block), **fields)
    everyone_signs(world, submit_draft(world, page))
    return page


def released(world, **fields):
    block = write_block(world, **fields)
    release_block(world, block)
    block.refresh_from_db()
    return block


def shows(page, words):
    release = public(page)
    if release is not None and words in bytes(release.document).decode():
        raise Broken(f"{page} shows “{words}”")


def a_forum_has_not_signed_the_block(world):
    block = released(world, areas=[world.shropshire])
    page = host_of(world, block)
    release_block(world, block, SECRET)
    work()
    shows(page, SECRET)


def policy_asks_another_by_now(world):
    block = released(world)
    page = host_of(world, block)
    release_block(world, block, SECRET)
    world.telford.forums.add(make_forum("A clinic", "Clinic"))
    work()
    shows(page, SECRET)


def a_forum_dissents_from_the_block(world):
    block = released(world)
    page = host_of(world, block)
    SignOffSettings.objects.update_or_create(defaults={"dissent": "publish"})
    rewrite_block(world, block, SECRET)
    proof = submit(world, block)
    verbs.not_agree(
        proof=proof,
        forum=world.pods,
        by=world.pip,
        fingerprint=proof.fingerprint,
        comment="No",
    )
    proof = verbs.submit_with_dissent(proof=proof, by=world.editor)
    everyone_signs(world, proof)
    work()
    shows(page, SECRET)


def the_block_is_taken_back(world):
    block = released(world, words=SECRET)
    page = host_of(world, block)
    withdraw(world, block)
    shows(page, SECRET)


def withdraw(world, block):
    withdrawals.withdraw(content_id=block.content_id, by=world.pat, reason="Wrong")


def the_block_was_taken_back_and_is_public_again(world):
    block = released(world, words=SECRET, areas=[world.shropshire])
    page = write_draft(world, body=holding(block))
    proof = submit_draft(world, page)
    withdraw(world, block)
    release_block(world, block, "Harmless.")
    everyone_signs(world, proof)
    shows(page, SECRET)


def what_stands_inside_is_taken_back(world):
    inner = released(world, words=SECRET)
    outer = released(
        world, title="Outer", body=holding(inner), areas=[world.shropshire]
    )
    page = host_of(world, outer)
    rewrite_block(world, outer, body=holding(inner, words="Other words."))
    release_block(world, outer)
    withdraw(world, inner)
    shows(page, SECRET)


def a_third_level_is_frozen(world):
    inner = released(world, words=SECRET)
    outer = released(world, title="Outer", body=holding(inner))
    third = write_block(world, title="Third", body=holding(outer))
    try:
        release_block(world, third)
    except NotSignedOff:
        return
    shows(third, SECRET)


def something_else_comes_with_the_block(world):
    block = released(world)
    page = host_of(world, block)
    release_block(world, block, "Other words.")
    settle = parts.settle

    def meddle(release, data):
        settled = settle(release, data)
        if settled.followed:
            settled.body[0] = {"type": "paragraph", "html": f"<p>{SECRET}</p>"}
        return settled

    parts.settle = meddle
    try:
        work()
    finally:
        parts.settle = settle
    shows(page, SECRET)


def a_block_is_corrected(world):
    contact = {"name": "Advice", "phone": "01632 960101", "email": "", "hours": ""}
    block = released(world, body=[("contact", contact)])
    page = host_of(world, block)
    (child,) = block.body
    corrections.correct(
        page=block,
        values={f"{child.id}.phone": "01632 960999"},
        by=world.editor,
        reason="It rings nowhere",
    )
    work()
    document = json.loads(bytes(public(page).document))
    if "960999" in str(document) and "before_review" not in document["receipt"]:
        raise Broken("corrected, and not labelled")


def a_corrected_block_is_signed_for_one_area(world):
    contact = {"name": "Advice", "phone": "01632 960101", "email": "", "hours": ""}
    block = released(world, body=[("contact", contact)], areas=[world.shropshire])
    page = host_of(world, block)
    (child,) = block.body
    proof = corrections.correct(
        page=block,
        values={f"{child.id}.phone": "01632 960999"},
        by=world.editor,
        reason="It rings nowhere",
    )
    work()
    everyone_signs(world, proof)
    work()
    document = json.loads(bytes(public(page).document))
    if "before_review" not in document["receipt"]:
        raise Broken("no label, and PODS has not signed the number")


CONTROLS = {
    "that a label stays until the host is signed": (
        a_corrected_block_is_signed_for_one_area,
        off(
            parts._Settling,
            "may_stand",
            "and not self._loses_its_label(now)",
            "",
        ),
    ),
    "that every forum of the host signed the block": (
        a_forum_has_not_signed_the_block,
        off(parts._Settling, "may_stand", "self._needed <= signatories(now)", "True"),
    ),
    "that policy is asked again": (
        policy_asks_another_by_now,
        off(
            parts,
            "needed",
            "{one.forum.pk for one in policy.required(item)}",
            "set()",
        ),
    ),
    "that a dissent is no agreement": (
        a_forum_dissents_from_the_block,
        off(parts, "signatories", "if one.agrees", "if one.counts"),
    ),
    "that a withdrawn block leaves its hosts": (
        the_block_is_taken_back,
        off(releases, "_leave_hosts", "_settle(host)", "pass"),
    ),
    "that what was taken back is not signed back": (
        the_block_was_taken_back_and_is_public_again,
        off(
            parts._Settling,
            "_was_taken_back",
            'last >= block["version"]',
            "False",
        ),
    ),
    "that it leaves older versions too": (
        what_stands_inside_is_taken_back,
        off(
            parts._Settling,
            "_without_what_is_gone",
            "if now is None or self._was_taken_back(block):",
        ),
    ),
    "that two levels are the most": (
        a_third_level_is_frozen,
        off(embedding, "why_not", 'if levels(body) + (data["kind"] == KIND) > LEVELS:'),
    ),
    "that nothing else comes with a block": (
        something_else_comes_with_the_block,
        off(
            releases,
            "_check_following",
            "parts.is_less(old, new) or",
            "True or",
        ),
    ),
    "that a corrected block is labelled": (
        a_block_is_corrected,
        off(
            releases,
            "_write",
            "own_review_waits or any(one.before_review for one in added)",
            "own_review_waits",
        ),
    ),
}


@pytest.mark.parametrize("control", CONTROLS)
def test_a_control_that_is_switched_off_is_missed(world, monkeypatch, control):
    scene, *switches = CONTROLS[control]

    def play():
        with transaction.atomic():
            try:
                scene(world)
            finally:
                transaction.set_rollback(True)
                memories.forget()

    missed(monkeypatch, switches, play)
