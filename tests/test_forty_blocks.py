"""What a long page costs: queries that do not grow with it, nor with other pages."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cms import sign_off
from cms.models import Proof
from syndication import releases

from .every_block import (
    attachment,
    diagram,
    make_document,
    make_picture,
    picture,
    question,
    related,
    steps,
    table,
    video,
)
from .posting import post_of
from .statements import statements

# How many queries there are is decided above the database: on SQLite only.
pytestmark = pytest.mark.once

# A third of this is Wagtail's own: its workflow, its history, and publishing in the
# drafting room. ``python -m benchmarks.queries`` tells who asks what.
MOST_TO_SUBMIT = 46
MOST_TO_SIGN = 92
MOST_IN_THE_FORM = 106
# Wagtail looks up by its key whatever was chosen in a block: to read the form, to see
# whether it changed, and to check it.
CHOOSER_LOOKUPS = 3


@pytest.fixture
def targets(world, write, release):
    """Four public items to lead to."""
    pages = [
        write(title=f"Other {number}", areas=[world.shropshire]) for number in range(4)
    ]
    for page in pages:
        release(page)
    return pages


def body(targets, times):
    """Ten blocks, as often as asked, with pictures and files of their own each time."""
    link = '<p>See <a linktype="page" id="{}">there</a>.</p>'
    blocks = []
    for number in range(times):
        target = targets[number % len(targets)]
        shown = make_picture(f"Picture {number}", colour=(number * 9, 90, 90))
        blocks += [
            {"type": "heading", "value": "And then"},
            {"type": "paragraph", "value": link.format(target.pk)},
            picture(shown),
            diagram(shown),
            attachment(make_document(f"File {number}")),
            related(target),
            steps(),
            question(),
            table(),
            video(),
        ]
    return blocks


def cost(world, page, monkeypatch):
    """How many queries each part of submitting and signing a page takes."""
    counts = {}

    def counted(name, verb):
        def call(*args, **kwargs):
            with CaptureQueriesContext(connection) as captured:
                result = verb(*args, **kwargs)
            counts[name] = len(statements(captured))
            return result

        return call

    with monkeypatch.context() as patched:
        patched.setattr(sign_off, "freeze", counted("freeze", sign_off.freeze))
        patched.setattr(releases, "release", counted("release", releases.release))
        submit = counted("submit", page.get_workflow().start)
        submit(page, world.editor)
        proof = Proof.objects.open().get(content_id=page.content_id)
        sign = counted("sign", sign_off.sign)
        sign(
            proof=proof,
            forum=world.pacc,
            by=world.pat,
            fingerprint=proof.fingerprint,
        )
    return counts


def test_forty_blocks_take_no_more_queries_than_ten(world, write, targets, monkeypatch):
    short = write(body=body(targets, 1), areas=[world.shropshire])
    long = write(body=body(targets, 4), areas=[world.shropshire])

    few, many = (cost(world, page, monkeypatch) for page in (short, long))

    assert (
        len(Proof.objects.get(content_id=long.content_id).representation["body"]) == 40
    )
    # The other three kinds of page that are led to are no other queries.
    assert many == few
    assert many["submit"] <= MOST_TO_SUBMIT
    assert many["sign"] <= MOST_TO_SIGN


def test_other_pages_and_proofs_cost_nothing(
    world, write, submit, targets, release, monkeypatch
):
    first = write(body=body(targets, 1), areas=[world.shropshire])
    before = cost(world, first, monkeypatch)
    for number in range(5):
        release(write(title=f"More {number}", areas=[world.shropshire]))
        submit(write(title=f"Waiting {number}", areas=[world.shropshire]))

    second = write(body=body(targets, 1), areas=[world.shropshire])

    assert cost(world, second, monkeypatch) == before


def cost_of_the_form(client, page, blocks):
    """How many queries it takes to submit a page with these blocks in the admin."""
    data = post_of(client, page, blocks) | {"action-submit": "1"}
    with CaptureQueriesContext(connection) as captured:
        client.post(reverse("wagtailadmin_pages:edit", args=[page.pk]), data)
    assert Proof.objects.open().filter(content_id=page.content_id).exists()
    return len(statements(captured))


@pytest.fixture
def submit_in_the_form(world, write, client_of):
    """Submit a page with these blocks in the admin; gives what that costs."""
    client = client_of(world.editor)

    def submit_in_the_form(blocks):
        return cost_of_the_form(client, write(areas=[world.shropshire]), blocks)

    # What Wagtail keeps for the life of a process is read first.
    submit_in_the_form([steps()])
    return submit_in_the_form


def test_a_form_of_forty_blocks_looks_up_only_what_was_chosen(
    targets, submit_in_the_form
):
    few, many = (submit_in_the_form(body(targets, times)) for times in (1, 4))

    chosen = 4  # Of ten blocks: two pictures, a file, a page.
    assert many - few <= CHOOSER_LOOKUPS * chosen * 3
    assert few - CHOOSER_LOOKUPS * chosen <= MOST_IN_THE_FORM


def test_other_pages_cost_nothing_in_the_form(
    world, write, submit, targets, release, submit_in_the_form
):
    before = submit_in_the_form(body(targets, 1))
    for number in range(5):
        release(write(title=f"More {number}", areas=[world.shropshire]))
        submit(write(title=f"Waiting {number}", areas=[world.shropshire]))

    assert submit_in_the_form(body(targets, 1)) == before
