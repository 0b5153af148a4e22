"""The screens of shared blocks, on a telephone and on a desk."""

import pytest
from django.urls import reverse

from cms.models import SharedBlock

from .browsing import check, in_chromium, sign_in
from .conftest import make_world, submit_draft, write_draft
from .shared_blocks import (
    everyone_signs,
    holding,
    release_block,
    rewrite_block,
    submit,
    work,
    write_block,
)

pytestmark = in_chromium


@pytest.fixture
def world(transactional_db):
    """A block of Shropshire's in three pages, one of which waits for PODS."""
    world = make_world()
    block = write_block(world, areas=[world.shropshire])
    release_block(world, block)
    block.refresh_from_db()
    for title, areas in (
        ("Short breaks this winter", [world.shropshire]),
        ("Travel to school and college", [world.shropshire, world.telford]),
        ("Getting help with talking and understanding", [world.shropshire]),
    ):
        page = write_draft(world, title=title, areas=areas, body=holding(block))
        everyone_signs(world, submit_draft(world, page))
    write_draft(world, title="A page that nobody has signed", body=holding(block))
    release_block(world, block, "Ring the advice line on its new number.")
    work()
    rewrite_block(world, block, "Ring the advice line, or come on a Monday.")
    world.block = block
    return world


def test_an_editor_sees_where_a_block_stands(live_server, page, world):
    sign_in(page, live_server, world.editor)

    edit = reverse(
        SharedBlock.snippet_viewset.get_url_name("edit"), args=[world.block.pk]
    )
    page.goto(live_server.url + edit)
    page.get_by_text("Used in 3 texts").wait_for()
    uses = reverse("countersign_sign_off:uses", args=[world.block.content_id])
    page.goto(live_server.url + uses)
    check(page, "shared-block-uses")


def test_a_forum_sees_what_its_signature_reaches(live_server, page, world):
    proof = submit(world, world.block)
    sign_in(page, live_server, world.pat)

    page.goto(live_server.url + reverse("countersign_sign_off:proof", args=[proof.pk]))

    page.get_by_role("heading", name="Where this stands").wait_for()
    check(page, "shared-block-proof")
