"""The mail of an issue and of an item: made once, its blanks filled in for each."""

import email
import json
import os
import random
import re
import shutil
import unicodedata
import warnings
from email.parser import BytesHeaderParser
from email.policy import compat32
from email.policy import default as policy
from itertools import pairwise

import html5lib
import pytest
from bs4 import BeautifulSoup
from django.template.loader import render_to_string
from hypothesis import given
from hypothesis import strategies as st

from cms import canonical, mail_styles, withdrawals
from cms.models import Proof
from cms.rendering import one_line
from site_settings.models import NewsletterSettings, PublisherSettings
from syndication.models import Release
from syndication.newsletters import digests, frames, messages, moulds, smtp
from syndication.newsletters.errors import (
    NotForAMail,
    PlaceholderLost,
    TooLongForMail,
)
from syndication.newsletters.flowed import flow, unflow

from .contract.__main__ import KEPT
from .mail import sample, signatures
from .mail.__main__ import read_signature
from .mail.sample import CONTRACT, PERSONAL
from .shared_blocks import everyone_signs

LEAVE, CHOOSE = PERSONAL["unsubscribe"], PERSONAL["preferences"]
OPENSSL = shutil.which("openssl")
HEADERS = [
    "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Precedence",
    "List-Id", "List-Unsubscribe", "List-Unsubscribe-Post", "List-Help", "List-Archive",
    "Feedback-ID", "X-Countersign-Delivery", "Reply-To", "MIME-Version", "Content-Type",
]  # fmt: skip


@pytest.fixture
def signed_issue(world, write, release):
    """Write an item, compile and sign an issue of it; gives the issue's release."""

    def signed_issue(**fields):
        release(write(**fields))
        issue = digests.compile_digest()
        assert issue
        proof = Proof.objects.open().get(content_id=issue.content_id)
        everyone_signs(world, proof)
        return Release.objects.get(proof=proof)

    return signed_issue


def read(source):
    return email.message_from_bytes(source, policy=policy)


def parts_of(source):
    """The text, its lines joined again, and the HTML."""
    message = read(source)
    text = message.get_body(["plain"]).get_content().replace("\r\n", "\n")
    return unflow(text), message.get_body(["html"]).get_content().replace("\r\n", "\n")


def without_styles(html):
    return re.sub(r' style="[^"]*"', "", html)


# One mould, many mails


@pytest.fixture(scope="module")
def dotted():
    return sample.make(sample.issue(title=".Dots.", introduction=".\n\n.x\n\n.."))


@given(dots=st.lists(st.integers(0, 200), max_size=40))
def test_what_follows_data_is_the_mail_with_its_dots_doubled(dotted, dots):
    """Wherever a dot stands in a link: some of its places begin a line."""
    token = ["a"] * 201
    for at in dots:
        token[at] = "."
    link = f"https://localoffer.example/{''.join(token)}/"
    personal = PERSONAL | {"unsubscribe": link, "preferences": link}

    assert dotted.closed(**personal) == smtp.closed(dotted.join(**personal))


def test_one_mould_makes_everybodys_mail():
    mould = sample.make()

    source = mould.join(**PERSONAL)

    message = read(source)
    text, html = parts_of(source)
    assert message["To"] == PERSONAL["to"]
    assert message["Message-ID"] == PERSONAL["message_id"]
    assert message["X-Countersign-Delivery"] == PERSONAL["message_id"][1:37]
    assert message["List-Unsubscribe"] == f"<{LEAVE}>"
    assert (html.count(LEAVE), html.count(CHOOSE)) == (2, 1)
    assert (text.count(LEAVE), text.count(CHOOSE)) == (1, 1)
    assert b".invalid" not in source
    assert mould.size_of_html == len(mould.html.encode())
    assert not message.defects


def test_the_bytes_are_as_servers_ask_for_them():
    """Lines end in CRLF, of 78 signs in the body and fewer than 998 anywhere; ASCII."""
    source = sample.make().join(**PERSONAL)

    head, _, body = source.partition(b"\r\n\r\n")
    assert b"\n" not in source.replace(b"\r\n", b"")
    assert b"\r" not in source.replace(b"\r\n", b"")
    assert source.isascii()
    assert max(map(len, head.split(b"\r\n"))) < 300
    assert max(map(len, body.split(b"\r\n"))) <= 76


def test_the_same_mail_has_the_same_fingerprint_on_every_machine():
    one, other = sample.make(), sample.make()

    assert one.fingerprint == other.fingerprint
    assert one.blanks != other.blanks
    assert one.join(**PERSONAL) == other.join(**PERSONAL)
    changed = sample.make(sample.issue(introduction="Dear family,"))
    assert changed.fingerprint != one.fingerprint


def test_what_providers_are_given_says_the_same():
    """Backends that take no bytes get parts; the recipient sees the same mail."""
    mould = sample.make()

    letter = mould.letter(**PERSONAL)

    text, html = parts_of(mould.join(**PERSONAL))
    assert unflow(str(letter.body)) == text.rstrip("\n")
    assert letter.alternatives[0][0] == html.rstrip("\n")
    sent = letter.message()
    message = read(mould.join(**PERSONAL))
    for name in set(HEADERS) - {"Content-Type", "From", "Subject"}:
        assert sent[name] == message[name], name
    assert letter.recipients() == [PERSONAL["to"]]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("to", "parent@example.org\r\nBcc: all@example.org"),
        ("to", "parent@example.org, all@example.org"),
        ("to", "parent@example.org@example.com"),
        ("to", "Pat <parent@example.org>"),
        ("to", "pät@example.org"),
        ("message_id", "<a@b>\r\nX: y"),
        ("message_id", "<a@b> <c@d>"),
        ("message_id", "a@b"),
        ("unsubscribe", 'https://x.example/"><img src="https://y.example"'),
        ("unsubscribe", "https://x.example/?a=3D"),
        ("unsubscribe", "https://x.example/" + "a" * 1000),
        ("preferences", "javascript:alert(1)"),
    ],
    ids=[
        "a header behind the address",
        "two addresses",
        "two hosts",
        "a name",
        "not ASCII",
        "a header behind the id",
        "two ids",
        "no id",
        "a tag in the link",
        "an equals sign in the link",
        "a link longer than a line",
        "a script",
    ],
)
def test_nothing_personal_can_become_more_than_one_value(name, value):
    mould = sample.make()

    with pytest.raises(NotForAMail):
        mould.join(**PERSONAL | {name: value})
    with pytest.raises(NotForAMail):
        mould.letter(**PERSONAL | {name: value})


def test_no_address_that_people_may_enter_is_refused():
    mould = sample.make()

    for address in ("o'brien+news@example.org", "a.b_c&d=e@sub.example.co.uk"):
        assert read(mould.join(**PERSONAL | {"to": address}))["To"] == address


# Blanks


@pytest.mark.parametrize("lost", ["unsubscribe", "preferences"])
def test_a_template_that_lost_a_personal_link_makes_no_mail(monkeypatch, lost):
    monkeypatch.setattr(
        frames,
        "render_to_string",
        lambda name, context: render_to_string(name, context | {lost: "#"}),
    )

    with pytest.raises(PlaceholderLost, match="A personal link got lost in the HTML"):
        sample.make()


def test_a_text_that_lost_the_link_to_leave_makes_no_mail(monkeypatch):
    monkeypatch.setattr(
        frames,
        "render_to_string",
        lambda name, context: (
            render_to_string(name, context) if name.endswith("html") else "Hello"
        ),
    )

    with pytest.raises(PlaceholderLost, match="in the text of this mail"):
        sample.make()


def test_a_blank_that_is_cut_by_a_soft_line_break_makes_no_mail(monkeypatch):
    """As quoted-printable does with every third one, left to itself."""
    monkeypatch.setattr(moulds, "_quoted", lambda words, blanks: moulds._body(words))

    with pytest.raises(PlaceholderLost, match="in the encoded mail"):
        sample.make()


def test_a_personal_link_too_many_makes_no_mail(monkeypatch):
    blanks = moulds.Blanks.new()
    monkeypatch.setattr(moulds.Blanks, "new", lambda: blanks)

    with pytest.raises(PlaceholderLost):
        sample.make(sample.issue(introduction=f"Press here: {blanks.unsubscribe}"))


# Signed words


def test_what_the_mail_says_is_what_the_forums_signed(signed_issue):
    made = signed_issue(title="<Talking> & “listening”")

    source = messages.mould(made).join(**PERSONAL)

    signed = json.loads(bytes(made.payload))
    assert canonical.fingerprint(bytes(made.payload)) == made.fingerprint
    text, html = parts_of(source)
    assert read(source)["Subject"] == signed["title"]
    plain = without_styles(html)
    for section in signed["sections"]:
        assert section["text"] in text
        assert section["html"] in plain
        assert section["html"] in signed["html"]
        assert section["text"] in signed["text"]
    (item,) = signed["items"]
    assert item["title"] == "<Talking> & “listening”"
    assert item["url"] == f"https://localoffer.example/items/{item['content_id']}"
    for part in (text, html):
        assert f"/receipts/{made.fingerprint}" in part
    assert f'href="{item["url"]}"' in html


def test_an_item_that_is_mailed_by_itself_says_its_signed_words(write, release):
    made = release(write("news", title="The play group is closed on Friday"))

    source = messages.mould(made).join(**PERSONAL)

    text, html = parts_of(source)
    assert read(source)["Subject"] == "The play group is closed on Friday"
    assert made.item.content_id.hex[:16] in read(source)["Feedback-ID"]
    for part in (text, html):
        assert "Who can help, and what to try first." in part
        assert "you asked for news as it happens" in part
        assert f"/receipts/{made.fingerprint}" in part
    # Once: as the heading of the item, below the name of the newsletter.
    soup = BeautifulSoup(html, "html.parser")
    assert [one.get_text() for one in soup.find_all(["h1", "h2"])] == [
        "SEND news",
        "The play group is closed on Friday",
    ]


def test_an_item_that_was_taken_back_is_not_mailed_by_itself(world, write, release):
    made = release(write("news"))
    withdrawals.withdraw(
        content_id=made.item.content_id, by=world.pat, reason="It was wrong"
    )

    with pytest.raises(messages.NothingLeft):
        messages.mould(made)


def test_items_that_went_meanwhile_make_another_mould(
    world, write, release, signed_issue, django_assert_num_queries
):
    gone = release(write("news", title="Wrong and taken back"))
    made = signed_issue(title="Still right")
    kept = messages.Moulds()
    first = kept.of(made)

    with django_assert_num_queries(1):
        assert kept.of(made) is first
    Release.objects.filter(pk=gone.pk).update(superseded_at="2026-12-01T00:00Z")

    second = kept.of(made)
    assert messages.gone_since(made) == {str(gone.item.content_id)}
    assert second.fingerprint != first.fingerprint
    text, html = parts_of(second.join(**PERSONAL))
    for part in (text, html):
        assert "Still right" in part
        assert "has been changed or taken back since" in part
        assert "Wrong and taken back" not in part


@pytest.mark.parametrize(
    ("kept", "field", "words"),
    [
        (NewsletterSettings, "reply_to", "other@example.org"),
        (PublisherSettings, "postal_address", "2 Other Road, Telford"),
    ],
    ids=["newsletter", "publisher"],
)
def test_a_worker_makes_a_mail_once_and_again_when_anything_in_it_changed(
    world, release, write, signed_issue, kept, field, words
):
    release(write("news"))
    made = signed_issue(title="What is new")
    first = messages.Moulds().of(made)

    assert messages.Moulds().of(made) is first
    row = kept.load()
    setattr(row, field, words)
    row.save()

    second = messages.Moulds().of(made)
    assert [words in mould.text for mould in (first, second)] == [False, True]


def test_whom_to_write_to_stands_in_the_mail():
    message = read(sample.make().join(**PERSONAL))

    assert message["Reply-To"] == "news@example.org"
    (sender,) = message["From"].addresses
    assert sender.display_name == "PACC & PODS"
    for part in parts_of(message.as_bytes(policy=policy.clone(linesep="\r\n"))):
        assert "news@example.org" in part
        assert "1 Example Road, Shrewsbury SY1 1AA" in part


def test_words_of_an_editor_are_never_a_template():
    words = "{{ settings.SECRET_KEY }} {% now 'Y' %}"
    text, html = parts_of(sample.make(sample.issue(title=words)).join(**PERSONAL))

    assert words in text
    assert "{{ settings.SECRET_KEY }}" in html


# Headers


def test_every_header_a_mail_program_needs_is_there():
    message = read(sample.make().join(**PERSONAL))

    assert message.keys() == HEADERS
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["List-Id"] == "<newsletter.localoffer.example>"
    assert message["List-Help"] == "<https://localoffer.example/newsletter/>"
    assert message["List-Archive"] == "<https://localoffer.example/newsletter/issues/>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Precedence"] == "list"
    assert message["Date"] == "Thu, 03 Dec 2026 09:00:00 +0000"


def test_complaints_are_counted_without_a_person_in_it():
    issue, area, kind, sender = read(sample.make().join(**PERSONAL))[
        "Feedback-ID"
    ].split(":")

    assert issue == sample.ISSUE.replace("-", "")[:16]
    assert (area, kind) == ("several", "issues")
    assert re.fullmatch(r"[a-z0-9]{5,15}", sender)
    one_area = sample.issue(areas=[sample.SHROPSHIRE])
    assert (
        ":shropshire:issues:"
        in read(sample.make(one_area).join(**PERSONAL))["Feedback-ID"]
    )


def test_the_date_is_that_of_the_last_signature(signed_issue):
    made = signed_issue()

    date = read(messages.mould(made).join(**PERSONAL))["Date"].datetime

    assert date == made.released_at.replace(microsecond=0)


@pytest.mark.parametrize("form", ["html", "txt", "headers"])
def test_the_mail_is_as_promised(form):
    """Golden: a changed mail shows as a changed file.

    ``CONTRACT=write pytest tests/test_mail_rendering.py`` writes the files anew.
    """
    source = sample.make().join(**PERSONAL)
    text, html = parts_of(source)
    head = source.partition(b"\r\n\r\n")[0].decode().replace("\r\n", "\n")
    head = re.sub(r"=_[0-9a-f]{32}", "=_boundary", head)
    said = {"html": html, "txt": text, "headers": head + "\n"}[form]
    file = CONTRACT / f"mail-issue.{form}"
    if os.environ.get("CONTRACT") == "write":
        file.write_text(said)

    assert said == file.read_text()


PIECES = [
    "\r\n", "\n", "\r", "\0", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029", "\t",
    " ", ":", ",", ";", "<", ">", "@", '"', "'", "(", ")", "\\", "=", "=?", "?=", "é",
    "Bcc: all@example.org", "Content-Type: text/html", "\r\n\r\n<b>x</b>", "News",
    "=?utf-8?q?=0D=0ABcc:_all=40example.org?=", "=?utf-8?b?DQpCY2M6IGE=?=", "=??Q?=0D",
    '" <evil@example.org>, "', "a" * 90, "’" * 40, "\ud800", "\u202e", "👩‍👧‍👦", "From ", ".",
    "--=_boundary", "{to}", "%0D%0A",
]  # fmt: skip


def hostile(chance):
    return "".join(chance.choices(PIECES, k=chance.randint(0, 6)))


def raw_names(source):
    """The names of the headers, read by no library: as a plain server would."""
    head = source.partition(b"\r\n\r\n")[0]
    lines = filter(None, head.split(b"\r\n"))
    return [
        line.partition(b":")[0].decode() for line in lines if line[:1] not in b" \t"
    ]


@pytest.mark.slow
def test_ten_thousand_hostile_words_add_no_header_and_no_recipient():
    """Subjects, names, addresses of settings and areas, each made of what hurts."""
    chance = random.Random(20261203)  # noqa: S311 - the same each time
    blanks = moulds.Blanks.new()
    expected = [*HEADERS[:3], *HEADERS[5:-1]]
    for _ in range(10_000):
        subject = one_line(hostile(chance))
        newsletter = NewsletterSettings(
            from_name=hostile(chance), reply_to=hostile(chance)
        )
        data = {
            "content_id": sample.ISSUE,
            "kind": "issues",
            "areas": [{"slug": hostile(chance)}],
        }
        sender = messages.sender_of(newsletter)
        headers = messages.headers_of(data, newsletter, blanks)

        source = moulds.head(subject, sender, headers, blanks) + b"\r\n"

        names = raw_names(source[:-2])
        assert names in (expected, [name for name in expected if name != "Reply-To"])
        modern = BytesHeaderParser(policy=policy).parsebytes(source)
        assert BytesHeaderParser(policy=compat32).parsebytes(source).keys() == names
        assert modern.keys() == names
        assert modern["To"] == blanks.to
        (address,) = modern["From"].addresses
        assert address.addr_spec == "newsletter@example.org"
        assert not modern.defects
        for words in (str(modern["Subject"]), address.display_name):
            signs = {unicodedata.category(sign) for sign in words}
            assert not signs & {"Cc", "Zl", "Zp"}
        assert str(modern["Subject"]).split() == subject.split()
        # Python reads a space between two encoded words, which RFC 2047 leaves out.
        said, wanted = address.display_name, sender.display_name
        assert "".join(said.split()) == "".join(wanted.split())


@pytest.mark.slow
def test_hostile_words_add_no_part_to_a_whole_mail():
    chance = random.Random(20261204)  # noqa: S311 - the same each time
    for _ in range(100):
        # JSON that can be signed holds no half of a sign.
        title = hostile(chance).replace("\ud800", "")
        mould = sample.make(
            sample.issue(title=title, introduction=title, sections=[]),
            newsletter=NewsletterSettings(title=one_line(hostile(chance))),
            publisher=PublisherSettings(
                name=one_line(hostile(chance)), postal_address=one_line(hostile(chance))
            ),
            subject=one_line(title),
        )
        source = mould.join(**PERSONAL)
        message = read(source)
        assert [part.get_content_type() for part in message.walk()] == [
            "multipart/alternative",
            "text/plain",
            "text/html",
        ]
        assert not message.defects
        soup = BeautifulSoup(parts_of(source)[1], "html.parser")
        assert not soup.find("b")
        assert len(soup.find_all("a")) == 7


# The other reader of a signature


@pytest.fixture(scope="module")
def key():
    if OPENSSL is None:
        pytest.skip("no openssl to make a key with")
    return signatures.make_key(OPENSSL)


def test_a_signature_holds_over_both_headers_to_unsubscribe_with(key):
    signed = signatures.sign(sample.make().join(**PERSONAL), key)

    assert signatures.holds(signed, key)
    assert {"list-unsubscribe", "list-unsubscribe-post"} <= signatures.covered(signed)
    assert not signatures.holds(signed.replace(b"One-Click", b"One-Clock", 1), key)
    assert not signatures.holds(signed.replace(b"families", b"families!", 1), key)
    # As some servers do on the way: a signature has to outlive it.
    assert signatures.holds(signed.replace(b"To: parent", b"To:  parent", 1), key)


def test_another_reader_finds_the_signature_right_too(key, tmp_path):
    if not (KEPT / "node-mail" / "installed").exists():
        pytest.skip("no mailauth here: python -m tests.mail fetches it, with Node")
    signed = signatures.sign(sample.make().join(**PERSONAL), key)

    assert read_signature(tmp_path, signed, key.record) == "pass"
    altered = signed.replace(b"One-Click", b"One-Clock", 1)
    assert read_signature(tmp_path, altered, key.record) != "pass"


# HTML


def test_no_mistake_is_in_the_html():
    _, html = parts_of(sample.make().join(**PERSONAL))

    with warnings.catch_warnings():
        # html5lib names what Python is about to drop.
        warnings.simplefilter("ignore", DeprecationWarning)
        html5lib.HTMLParser(strict=True).parse(html)


def test_language_and_direction_stand_in_the_body_as_well():
    """Webmail throws away <html>."""
    for language, direction in (("en-GB", "ltr"), ("ar", "rtl")):
        html = sample.make(sample.issue(language=language)).html
        soup = BeautifulSoup(html, "html.parser")
        for tag in soup.select("html, body > div"):
            assert (tag["lang"], tag["dir"]) == (language, direction)
        assert len(soup.select("[lang][dir]")) == 2
        (paper,) = soup.select(".paper")
        assert paper["align"] == {"ltr": "left", "rtl": "right"}[direction]


def test_every_table_that_is_no_table_says_so():
    soup = BeautifulSoup(sample.make().html, "html.parser")

    tables = soup.find_all("table")
    (with_cells,) = [one for one in tables if one.get("role") != "presentation"]
    assert with_cells.caption.get_text() == "Opening hours"
    assert len(tables) == 3


def test_headings_come_in_order():
    soup = BeautifulSoup(sample.make().html, "html.parser")

    levels = [int(one.name[1]) for one in soup.find_all(re.compile(r"^h[1-6]$"))]

    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(then - one <= 1 for one, then in pairwise(levels))


def test_every_link_is_underlined_and_leads_to_an_absolute_address():
    soup = BeautifulSoup(sample.make().html, "html.parser")

    for link in soup.find_all("a"):
        assert "text-decoration: underline" in link["style"], link
        assert re.match(r"(https|mailto|tel):", str(link["href"]))
    names = [one.get_text() for one in soup.find_all("a")]
    assert "Unsubscribe" in names
    assert "Stop getting this newsletter" in names
    assert "here" not in names


def test_every_kind_of_block_is_dressed_and_says_the_same():
    """No tag of signed words goes out as a mail program would dress it by itself."""
    blocks = json.loads((CONTRACT / "blocks.json").read_text())
    html = sample.make().html

    bare = without_styles(str(BeautifulSoup(html, "html.parser")))
    assert str(BeautifulSoup(blocks["html"], "html.parser")) in bare
    words = BeautifulSoup(html, "html.parser").find_all(class_="item")[-2]
    bare = {"b", "strong", "em", "i", "br", "tbody", "thead", "tr"}
    for tag in words.find_all():
        assert tag.name in bare or tag.get("style"), tag
    for picture in words.find_all("img"):
        assert picture["alt"]
        assert "max-width: 100%" in picture["style"]


def test_nothing_in_the_mail_tells_whether_it_was_read():
    """No picture but those of signed words, and no address that differs by person."""
    soup = BeautifulSoup(sample.make(sample.issue(sections=[])).html, "html.parser")

    assert not soup.find_all(["img", "script", "link", "iframe", "form"])
    assert "url(" not in str(soup)


def test_no_style_sheet_is_ever_fetched():
    html = (
        '<html><head><link rel="stylesheet" href="https://evil.example/a.css">'
        "<style>p { margin: 0 }</style></head><body><p>Hello</p></body></html>"
    )

    assert '<p style="margin: 0;">' in mail_styles.inline(html)


def test_dark_colours_stay_in_a_sheet_of_their_own():
    html = sample.make().html

    assert html.count("<style") == 1
    assert "@media (prefers-color-scheme: dark)" in html
    assert '<meta name="color-scheme" content="light dark">' in html


def test_a_mail_is_as_small_as_it_can_be_and_never_too_long():
    """Ninety items fit; a hundred and fifty are refused, with what to do."""
    section = sample.sections()[0]

    def of(count):
        items = [{**section, "content_id": f"{number:036}"} for number in range(count)]
        named = [{"content_id": one["content_id"], "version": 1} for one in items]
        return sample.issue(sections=items, items=named)

    assert sample.make(of(12)).size_of_html < 20_000
    assert len(sample.make(of(12)).join(**PERSONAL)) < 35_000
    assert sample.make(of(90)).size_of_html <= 90_000
    with pytest.raises(TooLongForMail, match="Leave some items out"):
        sample.make(of(150))


# Plain text


def test_the_text_is_written_from_the_items_and_loses_nothing():
    text = sample.make().text
    signed = sample.issue()

    assert "<" not in text
    for section in signed["sections"]:
        if section["content_id"] != sample.GONE:
            assert section["text"] in unflow(text)


def test_no_line_of_the_text_is_longer_than_a_screen_but_addresses():
    for line in sample.make().text.split("\n"):
        assert len(line) <= 78 or "://" in line or sample.LONG_WORD in line


@pytest.mark.parametrize(
    "words",
    [
        "",
        "-- ",
        "One line",
        "word " * 60,
        "two  spaces " * 20,
        "> quoted\n From there\nFrom here\n  indented " + "word " * 40,
        "a" * 200,
        "see https://example.org/" + "a" * 100 + " and " + "word " * 30,
        "\n\n\nfour\n\n",
    ],
    ids=[
        "nothing",
        "footer",
        "short",
        "long",
        "spaces",
        "marks",
        "word",
        "link",
        "gaps",
    ],
)
def test_flowing_text_can_be_undone(words):
    wanted = "\n".join(
        line if line == "-- " else line.rstrip(" ") for line in words.split("\n")
    )

    flowed = flow(words)

    assert unflow(flowed) == wanted
    for line in flowed.split("\n"):
        assert len(line) <= 78 or " " not in line.strip() or "://" in line
