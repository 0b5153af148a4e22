"""Hostile text gets out as text: nothing in any output acts, whoever wrote it."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from html import escape, unescape
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from cms import rendering, representation
from cms.models import Proof
from syndication import encodings
from syndication.models import Release, permalink
from syndication.newsletters import digests, frames, subscriptions
from syndication.newsletters import representation as newsletters
from syndication.newsletters.messages import mould
from syndication.newsletters.takeaway import fragment
from syndication.newsletters.takeaway.forms import FORMS

from . import every_block, issue_copies, memories
from .conftest import submit_draft, write_draft
from .mail import sample
from .posting import post_of
from .shared_blocks import everyone_signs
from .xss import texts
from .xss.active import Active, active
from .xss.corpus import Payload, payloads

# What is done to hostile text is done before it is stored, or after: on SQLite only.
pytestmark = pytest.mark.once

CORPUS = payloads()
# A text has room for so many at a time.
TEXTS = 4
RSS = {
    "content": "{http://purl.org/rss/1.0/modules/content/}encoded",
    "description": "description",
}
ATOM = "{http://www.w3.org/2005/Atom}"


def page(path: str) -> Callable[[Any], list[str]]:
    """The page of each text at an address of its own."""
    return lambda public: [read(path.format(one)) for one in public.items]


def read(path: str) -> str:
    answer = Client().get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


def feed(form: str) -> str:
    return read(f"/feeds/all.{form}")


def rss(public: Any) -> list[str]:
    """What readers of a feed take for HTML."""
    root = ElementTree.fromstring(feed("rss"))  # noqa: S314 - our own answer
    return [one.text or "" for tag in RSS.values() for one in root.iter(tag)]


def atom(public: Any) -> list[str]:
    root = ElementTree.fromstring(feed("atom"))  # noqa: S314 - our own answer
    return [one.text or "" for one in root.iter() if one.get("type") == "html"]


def json_feed(public: Any) -> list[str]:
    return [one["content_html"] for one in json.loads(feed("json"))["items"]]


def api(public: Any) -> list[str]:
    """What programs may show as it is: the text, its parts, the credit."""
    items = [json.loads(read(f"/api/v1/items/{one}")) for one in public.items]
    told = [json.loads(line) for line in read_lines("/api/v1/export")[1:]]
    listed = json.loads(read("/api/v1/items?view=summary"))["items"]
    return [
        *(html for one in (*items, *told) for html in markup(one["content"])),
        *(one["attribution"]["html"] for one in (*items, *told, *listed)),
    ]


def oembed(public: Any) -> list[str]:
    """What a site puts in the place of an address that somebody pasted."""
    told = [json.loads(read(f"/oembed?url={permalink(one)}")) for one in public.items]
    return [one["html"] for one in told]


def read_lines(path: str) -> list[str]:
    return b"".join(Client().get(path)).decode().splitlines()


def markup(value: Any) -> Iterable[str]:
    """Every value in some data that is HTML, by its name."""
    if isinstance(value, dict):
        for name, one in value.items():
            if name in texts.MARKUP and isinstance(one, str):
                yield one
            else:
                yield from markup(one)
    elif isinstance(value, list):
        for one in value:
            yield from markup(one)


def email(public: Any) -> list[str]:
    """The mail, without the styles that we put into it for want of a style sheet."""
    # As they stand in a mail in which nothing is hostile: any other would be found.
    ours = set(re.findall(r' style="[^"]*"', sample.make().html))
    return [
        re.sub(
            # Not beyond a tag: a payload may begin one that it does not end.
            r' style="[^"<>]*"',
            lambda one: "" if one[0] in ours else one[0],
            public.mail.html,
        )
    ]


# The looks and the marks that formats of an issue put around words.
LOOKS = re.compile(r' style="[^"]*"| class="wp-[^"]*"|<!-- /?wp:[^>]*-->')


def issue_formats(public: Any) -> list[str]:
    """Each format of an issue that is HTML, without the looks and marks of ours."""
    found = []
    for suffix in ("html", "rich.html", "wordpress.html"):
        ours = set(LOOKS.findall(str(FORMS[suffix].make(issue_copies.copy()))))
        html = read(f"/newsletter/issues/{public.issue}.{suffix}")
        found.append(LOOKS.sub(partial(_without, ours), html))
    told = json.loads(read(f"/newsletter/issues/{public.issue}.json"))
    return [*found, *markup(told)]


def _without(ours: set[str], look: re.Match[str]) -> str:
    return "" if look[0] in ours else look[0]


# Every place where HTML of ours is read. A new one is a line here: what it answers, or
# what in its answer is taken for HTML.
OUTPUTS: dict[str, Callable[[Any], list[str]]] = {
    "item page": page("/items/{}"),
    "comment page": page("/comments/{}"),
    "receipts": lambda public: [read(f"/receipts/{one}") for one in public.receipts],
    "home page": lambda public: [read("/")],
    "issue page": lambda public: [read(f"/items/{public.issue}")],
    "newsletter page": lambda public: [read("/newsletter/")],
    "coverage": lambda public: [read("/coverage/")],
    "api": api,
    "rss": rss,
    "rss as it is sent": lambda public: [feed("rss")],
    "atom": atom,
    "atom as it is sent": lambda public: [feed("atom")],
    "json feed": json_feed,
    "email": email,
    "formats of an issue": issue_formats,
    "how to take an issue": lambda public: [
        read(f"/newsletter/issues/{public.issue}/use?length=headline")
    ],
    "page of an issue": lambda public: [read(f"/newsletter/issues/{public.issue}")],
    "fragment": page("/fragments/{}.html"),
    "embed": page("/embed/{}"),
    "use page": page("/items/{}/use"),
    "oembed": oembed,
    "feed page": lambda public: [read("/feeds/all/")],
    "list fragment": lambda public: [read("/fragments/all.html")],
}


class Stage:
    """Texts for the public, with other words in them than their writers wrote."""

    def __init__(self, world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        self.world = world
        self.words: list[str] = []
        self._patch(monkeypatch, representation, "of_page", texts.with_words)
        self._patch(monkeypatch, newsletters, "of_issue", texts.issue_with_words)
        # Mail programs cut off what is as long as this.
        monkeypatch.setattr(frames, "LONGEST_HTML", 10**8)
        monkeypatch.setattr(fragment, "LARGEST", 10**8)
        # Good compression of so much nonsense takes most of a minute.
        monkeypatch.setattr(encodings, "ONCE", {encodings.BROTLI: 1, encodings.GZIP: 1})

    def _patch(
        self, monkeypatch: Any, module: Any, name: str, put: Callable[..., Any]
    ) -> None:
        whole = getattr(module, name)
        monkeypatch.setattr(module, name, lambda item: put(whole(item), self.words))

    def outputs(self, words: list[str]) -> dict[str, list[str]]:
        """Let ``words`` out everywhere; return what is read in each place."""
        return outputs(self.world, lambda: list(self._release(words)))

    def _release(self, words: list[str]) -> Iterator[Release]:
        for number in range(TEXTS):
            self.words = words[number::TEXTS]
            kind = "news" if number == TEXTS - 1 else "local-offer"
            item = write_draft(self.world, kind, slug=f"text-{number}")
            yield everyone_signs(self.world, submit_draft(self.world, item))


def outputs(world: Any, release: Callable[[], list[Release]]) -> dict[str, list[str]]:
    """Release texts and a newsletter of them; return what is read in each place.

    Afterwards nothing of it is there any more.
    """
    # No block: what claims a mail has to commit, as far as it knows.
    before = transaction.savepoint()
    released = release()
    subscription = subscriptions.request(
        email="parent@example.org", choices={}, wording="Yes.", source="test"
    )
    subscriptions.confirm(key=subscription.key)
    digests.compile_digest()
    issue = everyone_signs(world, Proof.objects.open().get(kind="issues"))
    public = SimpleNamespace(
        items=[one.item.content_id for one in released],
        receipts=[one.fingerprint for one in (*released, issue)],
        issue=issue.item.content_id,
        mail=mould(issue),
    )
    found = {name: output(public) for name, output in OUTPUTS.items()}
    transaction.savepoint_rollback(before)
    memories.forget()
    return found


@pytest.fixture
def stage(world, monkeypatch):
    return Stage(world, monkeypatch)


def acting(html: str, frame: str = "") -> list[Active]:
    """What acts in ``html``, but for what is in the ``frame`` that is ours."""
    ours = Counter(one.what for one in active(frame)) if frame else Counter[str]()
    found = []
    for one in active(html):
        ours[one.what] -= 1
        if ours[one.what] < 0:
            found.append(one)
    return found


def acting_in(
    said: Mapping[str, list[str]], ours: Mapping[str, list[str]]
) -> list[str]:
    """What acts in some outputs and not in ``ours``, which say the same harmlessly."""
    wrong = []
    for where, pieces in said.items():
        assert len(pieces) >= len(ours[where]), where
        is_page = len(pieces) == len(ours[where])
        for number, html in enumerate(pieces):
            frame = ours[where][number] if is_page else ""
            wrong += report(where, acting(html, frame), CORPUS)
    return wrong


def report(where: str, found: Iterable[Active], among: Iterable[Payload]) -> list[str]:
    """Say of each thing that acts where it does, and which payloads made it."""
    among = list(among)
    return [
        f"{where}: {one.what} by "
        f"{[each.name for each in among if each.mark in one.html] or 'nobody'}: "
        f"{one.html}"
        for one in found
    ]


def test_there_are_more_than_a_thousand_and_each_has_a_name_of_its_own():
    assert len(CORPUS) >= 1000
    assert len({one.text for one in CORPUS}) == len(CORPUS)
    assert len({one.name for one in CORPUS}) == len(CORPUS)
    assert payloads() == CORPUS


ACTS = {
    "a script": "<script>x()</script>",
    "a script in capitals": "<SCRIPT SRC=//x></SCRIPT>",
    "a handler": '<p onclick="x()">Words</p>',
    "a handler without quotes": "<img src=https://x/ alt=x onerror=x()>",
    "a link that runs": '<a href="javascript:x()">Words</a>',
    "a link with a tab in it": '<a href="java\tscript:x()">Words</a>',
    "a link in entities": '<a href="&#106;avascript&colon;x()">Words</a>',
    "a link with data": '<a href="data:text/html,x">Words</a>',
    "a link to where it is shown": '<a href="/admin/">Words</a>',
    "a link without a scheme": '<a href="//x.example/">Words</a>',
    "a picture with data": '<img src="data:image/svg+xml,x">',
    "a frame": '<iframe src="https://x/"></iframe>',
    "frames": '<frameset><frame src="https://x/"></frameset>',
    "an object": '<object data="https://x/"></object>',
    "an embed": '<embed src="https://x/">',
    "a form": '<form action="https://x/"><button>Go</button></form>',
    "a button": '<button formaction="https://x/">Go</button>',
    "a refresh": '<meta http-equiv="refresh" content="0;url=https://x/">',
    "an svg": "<svg><circle/></svg>",
    "a link in an svg": '<svg><a xlink:href="https://x/">x</a></svg>',
    "a formula": "<math><mtext>x</mtext></math>",
    "a style sheet": "<style>p {}</style>",
    "a style": '<p style="color: red">Words</p>',
    "a base": '<base href="https://x/">',
    "a link element": '<link rel="stylesheet" href="https://x/">',
    "a video": '<video src="https://x/"></video>',
    "a template": "<template><p>x</p></template>",
    "what swallows the rest": "<plaintext>",
    "a condition for old mail programs": "<!--[if mso]><p>x</p><![endif]-->",
    "a name that scripts of ours would find": '<p id="x">Words</p>',
    "a class that hides": '<p class="hidden">Words</p>',
    "an element of its own": "<x-element></x-element>",
    "something in a table": "<table><script>x()</script></table>",
    "something after the end": "</body></html><img src=x onerror=x()>",
    "something in a title": "<title><p title='</title><img src=x onerror=x()>'>",
}


@pytest.mark.parametrize("what", ACTS)
def test_what_acts_is_found(what):
    assert active(ACTS[what])


HARMLESS = {
    "nothing": "",
    "words": "Words & <b>more</b> words",
    "links": '<a href="https://x/">x</a><a href="tel:1">x</a><a href="mailto:x@y">x</a>',
    "a table": '<table><thead><tr><th scope="col">x</th></tr></thead></table>',
    "a picture": '<p><img src="https://x/y.png" alt="x" width="1" height="1"></p>',
    "what looks as if": "&lt;script&gt;x()&lt;/script&gt; onclick=x() javascript:x()",
}


@pytest.mark.parametrize("what", HARMLESS)
def test_what_is_harmless_is_let_be(what):
    assert active(HARMLESS[what]) == []


def test_most_of_the_corpus_acts_where_nothing_stops_it():
    # The others need a reader who decodes twice, or an attribute to break out of.
    quiet = {one.name.partition("/")[0] for one in CORPUS if not active(one.text)}

    assert quiet <= {"clothes", "end", "attribute"}
    assert sum(bool(active(one.text)) for one in CORPUS) > 1000
    for one in CORPUS:
        if one.name.startswith("attribute/double"):
            assert active(f'<a href="{one.text}">x</a>'), one.name


def test_a_failure_names_the_payload_that_made_it():
    chosen = [CORPUS[3], CORPUS[900]]
    page = "<p>Words</p>".join(one.text for one in chosen)

    said = "\n".join(report("a page", acting(page), CORPUS))

    assert all(one.name in said for one in chosen)


def test_the_frame_is_not_taken_for_what_it_holds():
    frame = '<head><title>x</title></head><p id="top"></p>'

    assert acting(frame, frame) == []
    (more,) = acting(f'{frame}<p id="zq0001"></p>', frame)
    assert more.what == "<p id>"


def test_no_rich_text_acts_however_often_it_is_read():
    """One by one, as nothing else than this stands between an editor and a page."""
    wrong = []
    for one in CORPUS:
        block = {"type": "paragraph", "html": one.text}
        for where, html in {
            "cleaned": rendering.rich_text(one.text),
            "as a block": rendering.html([block]),
            "twice": rendering.sanitise(rendering.html([block])),
            "decoded": rendering.sanitise(unescape(one.text)),
        }.items():
            wrong += report(where, active(html), [one])

    assert wrong == []


def test_no_payload_acts_in_any_output(stage):
    ours = stage.outputs(["Words"] * TEXTS)
    said = stage.outputs([one.text for one in CORPUS])

    assert all(ours.values())
    assert acting_in(said, ours) == []
    for form in ("rss", "atom"):
        before, after = (one[f"{form} as it is sent"] for one in (ours, said))
        assert elements(*before) == elements(*after)
    # They did get there, as words: but for those that are spelled in other letters.
    told = [one for one in CORPUS if one.mark in one.text]
    assert len(told) > 1400
    for where in ("item page", "api", "rss", "atom", "json feed", "email"):
        whole = "".join(said[where])
        assert [one.name for one in told if one.mark not in whole] == [], where


def elements(feed: str) -> Counter[str]:
    """The elements of a feed, of which no words may make another."""
    root = ElementTree.fromstring(feed)  # noqa: S314 - our own answer
    return Counter(one.tag for one in root.iter())


def test_what_is_posted_in_the_editor_does_not_act_either(world, client_of):
    """As far as the forms take it: a sample, because each goes through the admin."""
    client = client_of(world.editor)
    sample = CORPUS[::40]
    posted = partial(post, world, client)

    ours = outputs(world, lambda: posted(["Words"] * len(sample)))
    said = outputs(world, lambda: posted([one.text for one in sample]))

    assert acting_in(said, ours) == []
    for one in sample:
        assert one.mark in "".join(said["item page"]), one.name


def link_to(address: str) -> str:
    return f'<p><a href="{escape(address)}">Words</a></p>'


def post(world: Any, client: Client, words: list[str]) -> list[Release]:
    """Write a page with ``words`` in the admin's own forms, and have it signed."""
    page = write_draft(world, slug="posted")
    body = [
        *({"type": "paragraph", "value": f"<p>{escape(one)}</p>"} for one in words),
        *({"type": "paragraph", "value": link_to(one)} for one in words),
        *({"type": "heading", "value": one[:120]} for one in words),
        every_block.table(
            columns=("Day", "Words"),
            rows=tuple((one, one) for one in words),
            caption="Words",
        ),
    ]
    shortest = min(words, key=len)
    fields = {
        "title": shortest,
        "summary": shortest,
        "audience": shortest,
        "closure": shortest,
        "action-submit": "1",
    }
    answer = client.post(
        reverse("wagtailadmin_pages:edit", args=[page.pk]),
        post_of(client, page, body) | fields,
    )
    assert answer.status_code == 302
    return [everyone_signs(world, Proof.objects.open().get(content_id=page.content_id))]
