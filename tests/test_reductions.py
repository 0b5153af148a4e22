"""What is taken away from a release goes at once; nothing else changes without names."""

import json

import pytest

from cms.representation import whole
from syndication import releases
from syndication.errors import NotAReduction
from syndication.models import Change, Release

NOTICE = {"type": "left_out"}
BODY = [
    ("heading", "Where"),
    ("paragraph", "<p>In Shrewsbury.</p>"),
    ("paragraph", "<p>In Ironbridge.</p>"),
]


@pytest.fixture
def public(write, release):
    return release(write(body=BODY))


def reduced(public, change):
    signed = json.loads(bytes(public.payload))
    change(signed["body"])
    return whole(signed)


def test_a_notice_stands_where_a_block_was_taken_away(client, public):
    after = reduced(public, lambda body: body.__setitem__(2, NOTICE))

    releases.reduce(release=public, representation=after)

    item = f"/api/v1/items/{public.item.content_id}"
    content = client.get(item).json()["content"]
    assert content["body"][2] == NOTICE
    for form in ("html", "text"):
        assert "Ironbridge" not in content[form]
        assert "Shrewsbury" in content[form]
        assert "Something that stood here is no longer shown." in content[form]
    assert Change.objects.order_by("number").last().type == "reduced"
    assert (
        client.get(item).json()["receipt"]["signed_fingerprint"] == public.fingerprint
    )


ALTERATIONS = {
    "nothing": lambda body: None,
    "other words": lambda body: body[1].__setitem__("html", "<p>Buy now</p>"),
    "a block more": lambda body: body.append(NOTICE),
    "a block without a notice": lambda body: body.pop(),
    "a notice with words": lambda body: body.__setitem__(1, {**NOTICE, "why": "Buy"}),
    "another order": lambda body: body.reverse(),
    "a block in a block": lambda body: body[1].__setitem__("body", [NOTICE]),
}


@pytest.mark.parametrize("change", ALTERATIONS.values(), ids=ALTERATIONS.keys())
def test_blocks_are_not_altered_added_or_moved_without_signatures(public, change):
    with pytest.raises(NotAReduction):
        releases.reduce(release=public, representation=reduced(public, change))

    assert Release.objects.current().get() == public


def test_what_follows_from_the_blocks_is_not_altered_either(public):
    after = reduced(public, lambda body: body.__setitem__(2, NOTICE))

    for form in ("html", "text"):
        with pytest.raises(NotAReduction):
            releases.reduce(
                release=public, representation=after | {form: after[form] + "Buy"}
            )
