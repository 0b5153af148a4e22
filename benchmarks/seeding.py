"""Many public items at once, each as a release would have left it.

One page is written, submitted, signed and released as anybody would. All others are
copies of what that left: proof, release, compressed bytes, areas, terms, words for
searching and a row of the change log, with an identity, a title and a fingerprint of their
own. No signatures are copied, and brotli compresses quickly: nothing that is measured
looks at either. Beyond ``BY_HAND`` the rows themselves are copied in the database, with
identities of their own and the bytes of the first ones.
"""

import json
from collections.abc import Iterator
from copy import copy
from datetime import timedelta
from typing import Any, NamedTuple
from unittest.mock import patch
from uuid import NAMESPACE_URL, UUID, uuid5

AT_ONCE = 1000
BY_HAND = 2000
# Each in the title of one item in a hundred.
WORDS = [
    f"{sound}{end}"
    for sound in (
        "bram",
        "clow",
        "drin",
        "fesk",
        "glim",
        "hort",
        "jabe",
        "kern",
        "lusk",
        "mord",
    )
    for end in ("ing", "er", "ment", "ness", "al", "ous", "ful", "ist", "ard", "ock")
]
# Each is a word of one text in a hundred. Of the first half, some texts have it in the
# title, in the summary or often; of the rest it is once in the text, and nowhere else.
SEARCHED = [
    f"{first}{second}k"
    for first in (f"{a}{b}{c}" for a in "bdfglm" for b in "aio" for c in "nrt")
    for second in (f"{a}{b}" for a in "dfgpvz" for b in "aio")
]
OTHERS = "of everything else that was asked"
SENTENCE = (
    "Ask the school first, then ring the advice line, which is open on weekday mornings "
    "and answers within two working days. "
)


class Words(NamedTuple):
    """Those of ``SEARCHED`` that a text has, as what is added to its parts."""

    title: str
    summary: str
    body: str


def _words(number: int) -> Words:
    """Return what one text in a hundred has of each word."""
    title, summary, text = [], [], []
    for group in range(10):
        at = group * 100 + number // (group + 1) % 100
        if at >= len(SEARCHED):
            continue
        word, role = SEARCHED[at], (number + number // 100) % 10
        if at >= len(SEARCHED) // 2 or role > 4:
            text.append(word)
        elif role > 2:
            text += [word] * 4
        elif role > 0:
            summary.append(word)
        else:
            title.append(word)
    return Words(
        *("".join(f", {word}" for word in some) for some in (title, summary, text))
    )


def body() -> list[dict[str, Any]]:
    """Three kilobytes of text in six blocks."""
    return [
        {"type": "heading", "value": "Who to ring"},
        *({"type": "paragraph", "value": f"<p>{SENTENCE * 5}</p>"} for _ in range(3)),
        {"type": "paragraph", "value": f"<p>{SENTENCE * 5}{OTHERS}</p>"},
        {
            "type": "call_to_action",
            "value": {"text": "Read the leaflet", "url": "https://example.org/leaflet"},
        },
    ]


def fill(count: int, stock: int) -> list[str]:
    """Make ``count`` public items, and ``stock`` pages for Wagtail's own API.

    Returns the identities of some of the items.
    """
    from cms import sign_off
    from syndication import encodings
    from syndication.models import Release
    from tests.conftest import make_world, submit_draft, write_draft

    world = make_world()
    page = write_draft(world, body=body())
    proof = submit_draft(world, page)
    for forum, by in ((world.pacc, world.pat), (world.pods, world.pip)):
        sign_off.sign(proof=proof, forum=forum, by=by, fingerprint=proof.fingerprint)
    template = Release.objects.select_related("proof", "item").get()
    made: list[str] = [str(template.item.content_id)]
    with patch.dict(encodings.ONCE, {encodings.BROTLI: 1}):
        first = min(count, BY_HAND)
        for start in range(1, first, AT_ONCE):
            made += _copy(template, range(start, min(first, start + AT_ONCE)))
    _pages(world, stock)
    _multiply(first, count)
    return made[:: max(1, first // 200)]


def _copy(template: Any, numbers: range) -> list[str]:
    """Make a copy of a release for each number."""
    from cms import canonical
    from cms.models import Proof
    from syndication import search
    from syndication.models import (
        Change,
        ChangeCounter,
        ChangeSelection,
        Item,
        Release,
        ReleaseArea,
        ReleaseTerm,
    )

    old = str(template.item.content_id)
    areas = list(template.areas.values_list("slug", flat=True))
    terms = list(template.terms.values_list("scheme", "code"))
    items, proofs, releases = [], [], []
    for number in numbers:
        content_id = UUID(bytes=uuid5(NAMESPACE_URL, str(number)).bytes, version=4)
        words = _words(number)
        title = f"Help with {WORDS[number % len(WORDS)]}, part {number}{words.title}"
        summary = f"{template.summary}{words.summary}"
        payload = _renamed(
            template.payload,
            *(old, str(content_id)),
            *(template.title, title),
            *(template.summary, summary),
            *(OTHERS, f"{OTHERS}{words.body}"),
        )
        fingerprint = canonical.fingerprint(payload)
        items.append(Item(content_id=content_id, kind=template.kind))
        proof = copy(template.proof)
        proof.pk, proof._state = None, copy(proof._state)
        proof._state.adding = True
        proof.content_id, proof.title = content_id, title
        proof.payload, proof.fingerprint = payload, fingerprint
        proofs.append(proof)
        releases.append((content_id, title, summary, payload, fingerprint, number))
    Item.objects.bulk_create(items)
    Proof.objects.bulk_create(proofs)
    made = [
        _release(template, item, proof, *rest)
        for item, proof, rest in zip(items, proofs, releases, strict=True)
    ]
    Release.objects.bulk_create(made)
    for one in made:
        search.index(one, json.loads(one.payload))
    ReleaseArea.objects.bulk_create(
        ReleaseArea(release=one, slug=areas[at % len(areas)])
        for at, one in enumerate(made)
    )
    ReleaseTerm.objects.bulk_create(
        ReleaseTerm(release=one, scheme=scheme, code=code)
        for one in made
        for scheme, code in terms
    )
    last = ChangeCounter.objects.get(pk=1).last
    changes = [
        Change(
            number=last + at,
            type=Change.Type.PUBLISHED,
            content_id=one.item.content_id,
            kind=one.kind,
            version=1,
            at=one.released_at,
        )
        for at, one in enumerate(made, 1)
    ]
    Change.objects.bulk_create(changes)
    ChangeSelection.objects.bulk_create(
        ChangeSelection(change=change, scheme="area", slug=areas[at % len(areas)])
        for at, change in enumerate(changes)
    )
    ChangeCounter.objects.update(last=last + len(made))
    return [str(one.item.content_id) for one in made]


def _release(
    template: Any, item: Any, proof: Any, content_id: UUID, title: str, summary: str,
    payload: bytes, fingerprint: str, number: int,
) -> Any:  # fmt: skip
    from cms import formats
    from syndication import releases

    one = copy(template)
    one.pk, one._state = None, copy(one._state)
    one._state.adding = True
    one.item, one.proof, one.title, one.summary = item, proof, title, summary
    one.payload, one.fingerprint = payload, fingerprint
    one.released_at = one.updated_at = template.released_at + timedelta(seconds=number)
    one.receipt = template.receipt | {
        "fingerprint": fingerprint,
        "url": template.receipt["url"].replace(template.fingerprint, fingerprint),
    }
    one.text_fingerprint = formats.text_fingerprint(json.loads(payload))
    releases._renew_document(one)
    return one


def _renamed(data: bytes, *pairs: str) -> bytes:
    """Replace the first of each pair by the second."""
    told = bytes(data).decode()
    for old, new in zip(pairs[::2], pairs[1::2], strict=True):
        told = told.replace(old, new)
    return told.encode()


def _multiply(first: int, count: int) -> None:
    """Copy the rows of the first items, again and again, until there are ``count``.

    A row with the key ``id`` is copied to ``id`` and a multiple of ``first``.
    """
    from django.core.management.color import no_style
    from django.db import connection, transaction

    from cms.models import Proof
    from syndication.models import (
        Change,
        ChangeCounter,
        ChangeSelection,
        Item,
        Release,
        ReleaseArea,
        ReleaseTerm,
    )

    models = (Item, Proof, Release, ReleaseArea, ReleaseTerm, Change, ChangeSelection)
    identity = {
        "sqlite": "printf('%%08x', {at}) || substr(one.content_id, 9)",
        "postgresql": "(lpad(to_hex({at}), 8, '0') || substr(one.content_id::text, 9))::uuid",
    }[connection.vendor]
    key, parts = {
        "sqlite": ("rowid", "title, about, body"),
        "postgresql": (
            "release_id",
            "released_at, updated_at, title, about, words",
        ),
    }[connection.vendor]
    with transaction.atomic(), connection.cursor() as cursor:
        last: dict[Any, int] = {
            model: model.objects.order_by("-pk").values_list("pk", flat=True)[0]
            for model in models
            if model.objects.exists()
        }
        for step in range(1, -(-count // first)):
            for model in last:
                more = {
                    field.column: f"one.{field.column} + {step * last[target]}"
                    for field in model._meta.concrete_fields
                    if (target := field.remote_field and field.remote_field.model)
                    in last
                    and field.column
                    not in ("reduced_from_id", "updated_from_id", "again_id")
                }
                pk = model._meta.pk.column
                more[pk] = f"one.{pk} + {step * last[model]}"
                if any(
                    field.column == "content_id"
                    for field in model._meta.concrete_fields
                ):
                    more["content_id"] = identity.format(at=more[pk])
                columns = [field.column for field in model._meta.concrete_fields]
                told = [more.get(column, f"one.{column}") for column in columns]
                statement = f"""
                    INSERT INTO {model._meta.db_table} ({", ".join(columns)})
                    SELECT {", ".join(told)} FROM {model._meta.db_table} one
                    WHERE one.{pk} <= {last[model]}
                """  # noqa: S608 - names of ours
                cursor.execute(statement, [])
            cursor.execute(
                f"INSERT INTO syndication_releasewords ({key}, {parts}) "  # noqa: S608
                f"SELECT {key} + %s, {parts} FROM syndication_releasewords "
                f"WHERE {key} <= %s",
                [step * last[Release], last[Release]],
            )
        ChangeCounter.objects.update(last=Change.objects.count())
        for statement in connection.ops.sequence_reset_sql(no_style(), [*last]):
            cursor.execute(statement)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _pages(world: Any, count: int) -> None:
    """Real pages with the same text, public as far as Wagtail knows."""
    from cms import tree
    from cms.models import LocalOfferIndexPage, LocalOfferPage

    home = tree.folder(LocalOfferIndexPage)
    for some in _pieces(count):
        for number in some:
            home.add_child(
                instance=LocalOfferPage(
                    title=f"Stock {number}", slug=f"stock-{number}", owner=world.editor,
                    summary="Who can help.", audience="Families", body=body(),
                    describes="information", review_by="2099-01-01",
                )
            )  # fmt: skip
    # Past the gate, and no text of anybody's: these are for Wagtail's own API alone.
    LocalOfferPage.objects.update(live=True)


def _pieces(count: int) -> Iterator[range]:
    for start in range(0, count, AT_ONCE):
        yield range(start, min(count, start + AT_ONCE))
