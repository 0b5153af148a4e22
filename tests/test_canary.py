"""A hundred drafts, each with words of its own: none of them gets out."""

import pytest

from cms.models import LocalOfferPage, NewsItemPage
from syndication.newsletters.digests import compile_digest
from tests.public import everything

DRAFTS = 100


def marker(number):
    return f"canary{number:03}words"


@pytest.mark.slow
def test_no_word_of_a_hundred_drafts_is_public(world, write, submit, release):
    release(write(title="Something that is public"))
    pages = [
        write(
            "news" if number % 3 == 0 else "local-offer",
            title=f"Draft {marker(number)}",
            slug=marker(number),
            summary=marker(number),
            body=[{"type": "paragraph", "value": f"<p>{marker(number)}</p>"}],
        )
        for number in range(DRAFTS)
    ]
    for page in pages[:5]:
        submit(page)
    compile_digest()

    public = everything([*LocalOfferPage.objects.all(), *NewsItemPage.objects.all()])

    assert b"Something that is public" in public
    assert [one for one in range(DRAFTS) if marker(one).encode() in public] == []


def test_a_draft_of_a_released_page_is_not_public(world, write, release, edit):
    page = write()
    release(page)
    edit(page, world.editor, title=marker(1), summary=marker(1))

    assert marker(1).encode() not in everything([page])
