"""What a long page costs: queries that do not grow with it, nor with other pages."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

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

MOST_QUERIES = 60


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
            counts[name] = len(captured)
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
    assert many["freeze"] <= MOST_QUERIES
    assert many["release"] <= MOST_QUERIES


def test_other_pages_cost_nothing(world, write, targets, release, monkeypatch):
    first = write(body=body(targets, 1), areas=[world.shropshire])
    before = cost(world, first, monkeypatch)
    for number in range(5):
        release(write(title=f"More {number}", areas=[world.shropshire]))

    second = write(body=body(targets, 1), areas=[world.shropshire])

    assert cost(world, second, monkeypatch) == before
