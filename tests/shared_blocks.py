"""Shared blocks and the texts that hold them, for tests."""

from cms import sign_off
from cms.models import Proof, SharedBlock
from syndication import hosts
from syndication.models import Release

WORDS = "Ring the shared advice line."


def write_block(world, *, title="Advice line", words=WORDS, areas=None, body=None):
    """Write a draft of a shared block as the editor."""
    block = SharedBlock(title=title, body=body or paragraph(words))
    block.areas = areas if areas is not None else [world.shropshire, world.telford]
    block.save()
    block.save_revision(user=world.editor)
    return block


def rewrite_block(world, block, words=None, *, body=None):
    """Write other words into the draft of a shared block, as the editor."""
    draft = block.get_latest_revision_as_object()
    draft.body = body or paragraph(words)
    draft.save_revision(user=world.editor)
    block.refresh_from_db()
    return block


def submit(world, item):
    """Submit an item for sign-off as the editor; gives back its open proof."""
    item.refresh_from_db()
    item.get_workflow().start(item, world.editor)
    return Proof.objects.open().get(content_id=item.content_id)


def everyone_signs(world, proof):
    """Sign for every forum that is asked; gives back what is public then."""
    members = {world.pacc: world.pat, world.pods: world.pip}
    for forum in sign_off.missing(proof):
        sign_off.sign(
            proof=proof,
            forum=forum,
            by=members[forum],
            fingerprint=proof.fingerprint,
        )
    return public(proof)


def release_block(world, block, words=None):
    """Take a shared block through sign-off, with other words if any are given."""
    if words:
        rewrite_block(world, block, words)
    return everyone_signs(world, submit(world, block))


def public(item):
    """The current release of an item, or None."""
    return Release.objects.current().filter(item__content_id=item.content_id).first()


def work():
    """Do what a worker does for hosts until nothing is due."""
    while hosts.update_due():
        pass


def paragraph(words):
    return [("paragraph", f"<p>{words}</p>")]


def holding(*blocks, words="Words of the page itself."):
    """A body of these shared blocks below some words."""
    return [*paragraph(words), *(("shared_block", block) for block in blocks)]
