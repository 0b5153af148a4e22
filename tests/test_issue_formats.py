"""One issue in the forms that partners paste elsewhere: signed words, none altered."""

import json
import os
import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import html5lib
import pytest
from bs4 import BeautifulSoup, Comment
from django.test import Client

from cms import withdrawals
from cms.models import LocalOfferPage, Proof
from site_settings.models import NewsletterSettings, PublisherSettings
from syndication.models import Release
from syndication.newsletters.digests import compile_digest
from syndication.newsletters.representation import LEFT_OUT
from syndication.newsletters.takeaway import (
    copies,
    fragment,
    markdown,
    paper,
    pieces,
    plain,
)
from syndication.newsletters.takeaway.errors import TooLong
from syndication.newsletters.takeaway.forms import FORMS
from syndication.newsletters.takeaway.picks import Length, Pick
from syndication.rest.problems import InvalidParameter

from .issue_copies import FIRST, FOURTH, GONE, copy, many
from .mail import sample
from .shared_blocks import everyone_signs

CONTRACT = Path(__file__).parent / "contract"
# In which words can be looked for as they are.
IN_WORDS = [suffix for suffix, form in FORMS.items() if not form.is_file]
WITH_LENGTHS = [suffix for suffix, form in FORMS.items() if form.has_lengths]


@pytest.fixture
def stage(world, write, release):
    """A signed issue with two items; ``get`` asks for it as a stranger."""
    PublisherSettings.objects.create()
    NewsletterSettings.objects.create()
    one = release(write(title="Short breaks", closure="Closed until May."))
    two = release(write(title="Talking", slug="two", summary="First. Then. " * 30))
    proof = Proof.objects.open().get(content_id=compile_digest().content_id)
    everyone_signs(world, proof)
    issue = Release.objects.current().get(proof=proof)
    content_id = issue.item.content_id

    def get(end="", **headers):
        return Client().get(f"/newsletter/issues/{content_id}{end}", headers=headers)

    return SimpleNamespace(
        one=one, two=two, issue=issue, content_id=content_id, get=get
    )


def take_back(release, **kwargs):
    withdrawals.withdraw(
        content_id=release.item.content_id, by=None, reason="Wrong", **kwargs
    )


@pytest.mark.parametrize("suffix", IN_WORDS)
def test_each_format_is_as_it_was_promised(suffix):
    made = str(FORMS[suffix].make(copy()))
    file = CONTRACT / f"issue.{suffix}"

    if os.environ.get("CONTRACT") == "write":
        file.write_text(made)
    assert made == file.read_text()


def test_each_format_has_an_address_that_caches_may_keep(stage):
    for suffix in FORMS:
        check_headers(stage, suffix)


def check_headers(stage, suffix):
    answer = stage.get(f".{suffix}")

    assert answer.status_code == 200
    assert answer["Content-Type"] == FORMS[suffix].content_type
    assert answer["Cache-Control"] == "public, max-age=60"
    items = {f"item-{one.item.content_id}" for one in (stage.one, stage.two)}
    assert set(answer["Surrogate-Key"].split()) == {
        f"item-{stage.content_id}",
        "newsletter",
        *items,
    }
    assert answer["Link"] == (
        f'<https://localoffer.example/items/{stage.content_id}>; rel="canonical"'
    )
    assert answer["X-Robots-Tag"] == "noindex"
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert not answer.cookies
    again = stage.get(f".{suffix}", if_none_match=answer["ETag"])
    assert again.status_code == 304
    assert again.content == b""
    assert stage.get(f".{suffix}").content == answer.content


def test_a_format_costs_two_queries(stage, django_assert_num_queries):
    stage.get(".txt")

    for suffix in FORMS:
        with django_assert_num_queries(2):
            stage.get(f".{suffix}")


def test_each_says_whose_it_is_and_how_to_check_it(stage):
    for suffix in IN_WORDS:
        words = stage.get(f".{suffix}").text

        assert f"https://localoffer.example/receipts/{stage.issue.fingerprint}" in words
        assert f"https://localoffer.example/items/{stage.content_id}" in words
        assert "Open Government Licence v3.0" in words
        assert "Agreed by" in words
        assert PublisherSettings().name in words
        # The one for programs tells the moment.
        assert re.search(r"As it stood on \d+ \w+ \d{4}\.|\"as_of\": \"\d{4}-", words)
        assert "Short breaks" in words
        assert "Closed until May." in words


def test_what_a_partner_leaves_out_is_not_in_it_and_it_says_so(stage):
    for suffix in IN_WORDS:
        words = stage.get(f".{suffix}?without={stage.one.item.content_id}").text

        assert "Short breaks" not in words
        assert "Talking" in words
        if suffix == "json":
            assert json.loads(words)["items_in_issue"] == 2
        else:
            assert "1 of the 2 items of this newsletter." in words


def test_a_length_takes_less_of_each_and_never_what_warns(stage):
    for suffix in WITH_LENGTHS:
        full, brief, headline = (
            FORMS[suffix].make(copies.of(stage.issue).picking(Pick(length=length)))
            for length in Length
        )

        assert len(full) > len(brief) > len(headline)


UNLESS = (
    "We do not look after children who need a nurse "
    + "by day or by night " * 10
    + "unless their own nurse comes along."
)


@pytest.mark.parametrize(
    ("summary", "beginning"),
    [
        (UNLESS, ""),
        (f"Come and see us. {UNLESS}", "Come and see us."),
        (f"Ask Dr. Smith, Mrs. Jones, e.g. by phone. {UNLESS}", "Ask Dr. Smith, Mrs. Jones, e.g. by phone."),
        (f"{'Word ' * 49}e.g. at night. More.", ""),
        (f"{'Word ' * 48}with Dr. Smith only. More.", ""),
    ],
    ids=["one", "a short one first", "abbreviated", "small letter", "a title"],
)  # fmt: skip
def test_no_length_ends_in_the_middle_of_a_sentence(summary, beginning):
    item = replace(copy().items[0], summary=summary)
    made = copy()
    short = replace(
        made,
        every=tuple(item if one.content_id == item.content_id else one for one in made.every),
    ).picking(Pick(length=Length.BRIEF))  # fmt: skip

    assert copies.beginning(summary) == beginning
    words = " ".join(piece.text for piece in item.pieces(Length.BRIEF))
    assert "We do not" not in words
    assert f"Read “{item.title}” in full" in words
    assert item.url in str(fragment.make(short))


def test_a_closure_stands_in_every_length(stage):
    for suffix in set(WITH_LENGTHS) & set(IN_WORDS):
        for length in Length:
            words = stage.get(f".{suffix}?length={length.value}").text

            assert "Closed until May." in words
            assert f"items/{stage.one.item.content_id}" in words


@pytest.mark.parametrize("suffix", IN_WORDS)
def test_a_correction_before_review_and_a_dissent_stand_in_every_length(suffix):
    for length in [None, *Length] if FORMS[suffix].has_lengths else [None]:
        alone = Pick(frozenset({FIRST, GONE, FOURTH}), length)
        words = FORMS[suffix].make(copy().picking(alone))

        if suffix == "short.txt":
            # No room for all that has to be said of it: so it is not named.
            assert "1 more: see there" in words
            continue
        assert "Changed on 2 December 2026 before forum review" in words
        assert "Closed on Friday 4 December because of the snow." in words
        assert "Parents Opening Doors did not agree to this text." in words


def test_an_item_that_was_taken_back_leaves_a_neutral_sentence(stage):
    take_back(stage.one)

    for suffix in IN_WORDS:
        answer = stage.get(f".{suffix}")

        assert answer.status_code == 200
        assert "Short breaks" not in answer.text
        assert "Closed until May." not in answer.text
        assert "Talking" in answer.text
        if suffix != "short.txt":
            assert LEFT_OUT in answer.text


def test_an_item_that_has_changed_is_left_out_with_the_way_to_it(
    stage, edit, release, world
):
    page = LocalOfferPage.objects.get(content_id=stage.one.item.content_id)
    release(edit(page, world.editor, title="Short pauses"))

    for suffix in IN_WORDS:
        words = stage.get(f".{suffix}").text

        assert "Short breaks" not in words
        assert "Short pauses" not in words
        if suffix == "json":
            assert json.loads(words)["items"][0]["state"] == "changed"
        if suffix != "short.txt":
            assert copies.CHANGED in words
            assert f"items/{stage.one.item.content_id}" in words


def test_a_withdrawn_issue_is_gone_in_every_format(stage):
    take_back(stage.issue, kind="notice", public_note="Ring 01632 960777.")

    for suffix in ["", *(f".{one}" for one in FORMS)]:
        answer = stage.get(suffix)

        assert answer.status_code == 410
        assert "withdrawn" in answer.text
        assert "Ring 01632 960777." in answer.text
        assert "Short breaks" not in answer.text
        assert "Content-Disposition" not in answer
        assert f"item-{stage.content_id}" in answer["Surrogate-Key"].split()
        assert answer["Cache-Control"] == "public, max-age=60"
        # The address that was chosen before leads to the same words.
        chosen = stage.get(f"{suffix}?without={stage.one.item.content_id}")
        assert chosen.status_code == 410


def test_what_vanished_is_not_spoken_of(stage):
    take_back(stage.issue, kind="vanish")

    for suffix in ["", "/use", *(f".{one}" for one in FORMS)]:
        answer = stage.get(suffix)

        assert answer.status_code == 404
        assert "withdrawn" not in answer.text


def test_a_choice_goes_on_working_when_what_it_left_out_is_taken_back(stage):
    chosen = f".txt?without={stage.one.item.content_id}"
    before = stage.get(chosen)

    take_back(stage.one)

    after = stage.get(chosen)
    assert before.status_code == after.status_code == 200
    assert LEFT_OUT not in after.text


WRONG = {
    "?without=nobody": "must be the number of an item",
    "?without=": "must be the number of an item",
    "?without=11111111-1111-4111-8111-111111111111": "has no item",
    "?length=long": "must be one of: full, brief, headline",
    "?length=": "must have 1 to",
    "?length=full&length=full": "only once",
    "?colour=red": "does not know the parameter “colour”",
    "?" + "&".join(["without=1"] * 201): "at most 200 times",
}


def test_what_cannot_be_meant_is_refused_with_what_to_do(stage):
    for end in ("/use", ".html", ".md", ".json"):
        for query, words in WRONG.items():
            answer = stage.get(f"{end}{query}")

            assert answer.status_code == 400, query
            assert words in answer.text
            if end == ".json":
                assert answer["Content-Type"] == "application/problem+json"


def test_not_everything_can_be_left_out(stage):
    ids = [one.item.content_id for one in (stage.one, stage.two)]

    answer = stage.get(".md?" + "&".join(f"without={one}" for one in ids))

    assert answer.status_code == 400
    assert "Keep at least one item." in answer.text


def test_a_format_of_one_length_takes_no_other(stage):
    answer = stage.get(".short.txt?length=brief")

    assert answer.status_code == 400
    assert "one length only" in answer.text


def test_there_are_no_other_formats_and_nothing_but_issues_has_them(stage):
    assert stage.get(".odt").status_code == 404
    assert "rich.html, html" in stage.get(".odt").text
    other = Client().get(f"/newsletter/issues/{stage.one.item.content_id}.txt")
    assert other.status_code == 404


def test_nothing_can_be_sent_to_a_format(stage):
    path = f"/newsletter/issues/{stage.content_id}.txt"

    assert Client().post(path).status_code == 405
    assert Client().head(path).status_code == 200


def test_the_page_of_an_issue_shows_it_and_names_its_permalink(stage):
    answer = stage.get()

    assert answer.status_code == 200
    assert (
        '<link rel="canonical" '
        f'href="https://localoffer.example/items/{stage.content_id}">' in answer.text
    )
    assert "Closed until May." in answer.text
    assert f"/newsletter/issues/{stage.content_id}/use" in answer.text
    assert f"/receipts/{stage.issue.fingerprint}" in answer.text
    assert stage.get("", if_none_match=answer["ETag"]).status_code == 304
    assert answer["Surrogate-Key"] == f"item-{stage.content_id} newsletter"


def test_the_page_costs_as_much_however_long_it_is(stage, django_assert_num_queries):
    stage.get(".txt")

    with django_assert_num_queries(2):
        stage.get()


def test_the_fragment_stands_by_itself_in_any_page():
    html = fragment.make(copy().picking(Pick(length=Length.FULL)))

    assert len(html.encode()) <= fragment.LARGEST
    # Strict: it stops at the first mistake.
    parser = html5lib.HTMLParser(strict=True)
    parser.parseFragment(html)
    soup = BeautifulSoup(html, "html.parser")
    assert {tag.name for tag in soup.find_all()} <= {
        "div", "h2", "h3", "p", "a", "strong", "ul", "li", "hr",
    }  # fmt: skip
    for tag in soup.find_all():
        assert set(tag.attrs) <= {"style", "href", "lang", "dir"}
        assert tag.name == "strong" or tag.get("style")
    for link in soup.find_all("a"):
        assert link["href"].startswith(("https://", "http://", "mailto:", "tel:"))


def test_a_long_issue_is_a_fragment_of_beginnings_or_of_headlines():
    for count, length in ((5, Length.FULL), (20, Length.BRIEF), (60, Length.HEADLINE)):
        taken = many(count)
        html = fragment.make(taken)

        assert html == fragment.make(taken.picking(Pick(length=length)))
        assert len(html.encode()) <= fragment.LARGEST


def test_a_length_that_does_not_fit_is_refused_with_what_to_do():
    with pytest.raises(TooLong, match=r"no more than 20,000\. Leave some"):
        fragment.make(many(60).picking(Pick(length=Length.FULL)))
    with pytest.raises(TooLong):
        fragment.make(many(300))


@pytest.mark.parametrize("count", [1, 5, 60])
def test_the_short_message_is_never_longer_than_school_apps_take(count):
    words = plain.short(many(count))

    assert len(words) <= plain.SHORT
    assert f"https://localoffer.example/items/{sample.ISSUE}" in words
    assert "more: see there" in words or count < 60
    assert "Agreed by" in words


def test_the_short_message_is_short_where_every_name_is_long():
    taken = many(3)
    name = "A very long name of a publisher in which everybody is named " * 2
    long = replace(
        taken,
        title="A subject that says very much of what is in it " * 3,
        notices=(pieces.said(pieces.Role.PARAGRAPH, "They said much. " * 50),),
        credit=replace(
            taken.credit, publisher_name=name[:120], licence_name=name[:120]
        ),
    )

    words = plain.short(long)

    assert len(words) <= plain.SHORT
    assert words.startswith("A subject that")
    assert plain.NOT_ALL in words
    assert "Check it: https://localoffer.example/receipts/" in words


def test_markdown_has_nothing_that_notify_does_not_know():
    words = markdown.make(copy())

    lines = [line for line in words.splitlines() if line]
    assert lines[0].startswith("# ")
    assert [line for line in lines if line.startswith("## ")]
    kinds = ("# ", "## ", "* ", "^ ", "---", "\\", "[")
    for line in lines:
        assert line.startswith(kinds) or line[0].isalnum() or line[0] == "“", line
    assert "((" not in words
    assert "))" not in words
    assert "**" not in words
    assert "![" not in words
    # Of Notify: what stands between two round brackets on each side is asked for.
    assert not re.search(r"\({2}([^()]+)\){2}", words)


SAID = {
    "((name))": r"(\(name)\)",
    "(((name)))": r"(\(\(name)\)\)",
    "[words](https://x)": r"\[words\](https://x)",
    "a \\ b": r"a \\ b",
    "(one) (two)": "(one) (two)",
}


@pytest.mark.parametrize("words", SAID, ids=range(len(SAID)))
def test_what_notify_would_take_for_a_mark_is_escaped(words):
    assert markdown.escape(words) == SAID[words]


STARTS = {
    "# of places": r"\# of places",
    "* see below": r"\* see below",
    "- 5 degrees": r"\- 5 degrees",
    "1. of May": r"1\. of May",
    "1.5 hours": r"1\.5 hours",
    "^ up": "\N{WORD JOINER}^ up",
    "• point": "\N{WORD JOINER}• point",
    "> more": "> more",
    "12 places": "12 places",
}


@pytest.mark.parametrize("words", STARTS, ids=range(len(STARTS)))
def test_a_paragraph_stays_one_however_it_begins(words):
    introduced = copy(introduction=words)

    assert STARTS[words] in markdown.make(introduced).split("\n\n")


@pytest.mark.parametrize("suffix", ["wordpress.html", "html", "rich.html"])
def test_wordpress_finds_no_shortcode_in_html(suffix):
    made = str(FORMS[suffix].make(copy(title="Ask [gallery] or ring")))

    assert "[" not in made
    assert "Ask [gallery] or ring" in BeautifulSoup(made, "html.parser").get_text()


def test_wordpress_finds_only_whole_blocks():
    soup = BeautifulSoup(FORMS["wordpress.html"].make(copy()), "html.parser")

    opened: list[str] = []
    for node in soup.descendants:
        if not isinstance(node, Comment):
            continue
        words = node.strip()
        if words.startswith("/wp:"):
            assert opened.pop() == words.removeprefix("/wp:")
            continue
        name, _, attributes = words.removeprefix("wp:").partition(" ")
        opened.append(name)
        assert not attributes or json.loads(attributes) == {"level": 3}
    assert not opened
    headings = {"h2": "wp-block-heading", "h3": "wp-block-heading"}
    for tag in soup.find_all(["h2", "h3", "ul", "p", "li", "hr"]):
        assert (tag.get("class") or [None])[0] in {
            None, headings.get(tag.name), "wp-block-list", "wp-block-separator",
        }  # fmt: skip


def test_rich_text_has_no_look_of_its_own():
    soup = BeautifulSoup(FORMS["rich.html"].make(copy()), "html.parser")

    assert {tag.name for tag in soup.find_all()} <= {
        "h2", "h3", "p", "a", "strong", "ul", "li",
    }  # fmt: skip
    assert all(set(tag.attrs) <= {"href"} for tag in soup.find_all())


@pytest.fixture
def documents(settings):
    """Let a network have so many documents with items left out."""

    def documents(quota):
        settings.LIMITS = settings.LIMITS | {"documents": (quota, 3600)}

    return documents


def a_choice(stage, suffix="pdf", network="81.2.69.1"):
    address = f"/newsletter/issues/{stage.content_id}.{suffix}"
    address += f"?without={stage.two.item.content_id}"
    return Client().get(address, REMOTE_ADDR=network)


@pytest.mark.parametrize("suffix", ["docx", "pdf"])
def test_documents_of_ones_own_choice_are_made_so_often_for_one_network(
    stage, documents, suffix, time_machine
):
    time_machine.move_to("2026-11-29T12:40:00Z", tick=False)
    documents(2)

    answers = [a_choice(stage, suffix) for _ in range(3)]

    assert [one.status_code for one in answers] == [200, 200, 429]
    refusal = answers[2]
    words = refusal.content.decode()
    assert refusal["Content-Type"] == "text/plain; charset=utf-8"
    assert "Wait 20 minutes" in words
    assert f"/newsletter/issues/{stage.content_id}.{suffix}" in words
    assert refusal["Retry-After"] == "1200"
    assert refusal["RateLimit-Policy"] == '"documents";q=2;w=3600'
    assert refusal["Cache-Control"] == "no-store"
    for name in ("Surrogate-Key", "Cache-Tag", "xkey", "ETag"):
        assert name not in refusal
    # What anybody may keep says nothing of one network.
    assert "RateLimit" not in answers[0]
    assert a_choice(stage, suffix, network="81.2.69.2").status_code == 200


def test_a_shorter_document_counts_as_a_choice(stage, documents):
    documents(1)

    for status in (200, 429):
        answer = Client().get(
            f"/newsletter/issues/{stage.content_id}.docx?length=headline",
            REMOTE_ADDR="81.2.69.1",
        )
        assert answer.status_code == status


def test_whole_issues_words_and_wrong_questions_are_not_counted(stage, documents):
    documents(1)
    reader = Client(REMOTE_ADDR="81.2.69.1")
    issue = f"/newsletter/issues/{stage.content_id}"

    for _ in range(3):
        assert reader.get(f"{issue}.pdf").status_code == 200
        assert reader.get(f"{issue}.docx?length=full").status_code == 200
        assert reader.get(f"{issue}.pdf?without=x").status_code == 400
        assert reader.get(f"{issue}.txt?length=brief").status_code == 200

    assert a_choice(stage).status_code == 200


def test_the_picker_makes_no_document_of_ones_own_choice(stage, documents, monkeypatch):
    monkeypatch.setattr(paper, "_compile", lambda *given: pytest.fail("was made"))

    page = stage.get(f"/use?format=pdf&without={stage.two.item.content_id}")

    assert page.status_code == 200
    assert ">Download</a>" in page.content.decode()


def test_a_whole_document_is_made_once_for_many(stage, monkeypatch):
    made = []
    compile_paper = paper._compile

    def counted(*given):
        made.append(given)
        return compile_paper(*given)

    monkeypatch.setattr(paper, "_compile", counted)

    first, second = stage.get(".pdf"), stage.get(".pdf")

    assert first.content == second.content
    assert len(made) == 1


def test_a_whole_document_that_changed_is_made_anew(stage):
    before = stage.get(".pdf")
    take_back(stage.two)

    assert stage.get(".pdf").content != before.content


def test_a_document_comes_as_a_file_named_by_its_day(stage):
    for suffix in ("docx", "pdf"):
        answer = stage.get(f".{suffix}")

        day = f"{stage.issue.released_at:%Y-%m-%d}"
        assert answer["Content-Disposition"] == (
            f'attachment; filename="newsletter-{day}.{suffix}"'
        )


def test_the_picker_leads_to_what_was_chosen(stage):
    left_out = f"without={stage.one.item.content_id}"
    for suffix, form in FORMS.items():
        shown = stage.get(f"/use?{left_out}&length=brief&format={suffix}")

        assert shown.status_code == 200
        length = "&amp;length=brief" if form.has_lengths else ""
        path = f"/newsletter/issues/{stage.content_id}.{suffix}?{left_out}{length}"
        assert f"https://localoffer.example{path}" in unescape_once(shown.text), suffix
        assert (">Download</a>" in shown.text) == form.is_file
        assert (
            stage.get(
                path.partition("issues/")[2][36:].replace("&amp;", "&")
            ).status_code
            == 200
        )


def test_the_picker_keeps_what_was_chosen_when_it_does_not_fit(stage, monkeypatch):
    monkeypatch.setattr(fragment, "LARGEST", 100)
    left_out = stage.one.item.content_id

    shown = stage.get(f"/use?without={left_out}&length=brief&format=html")

    assert shown.status_code == 400
    assert "Leave some items out, or take less of each." in shown.text
    assert f'value="{left_out}" checked' in shown.text
    assert 'value="brief" checked' in shown.text
    assert 'value="html" checked' in shown.text


def unescape_once(html):
    """Code is shown escaped twice as far as its “&” goes."""
    return html.replace("&amp;amp;", "&amp;")


def test_the_picker_is_kept_by_caches_as_long_as_what_it_shows(stage):
    answer = stage.get("/use")

    assert answer["Cache-Control"] == "public, max-age=60"
    assert f"item-{stage.one.item.content_id}" in answer["Surrogate-Key"].split()
    assert stage.get("/use", if_none_match=answer["ETag"]).status_code == 304
    assert "script-src 'self'" in answer["Content-Security-Policy"]
    assert not answer.cookies


def test_the_picker_costs_two_queries(stage, django_assert_num_queries):
    stage.get(".txt")

    with django_assert_num_queries(2):
        stage.get("/use")


def test_json_names_the_version_of_every_item(stage):
    data = stage.get(".json").json()

    assert [
        (one["content_id"], one["version"], one["fingerprint"]) for one in data["items"]
    ] == [
        (str(one.item.content_id), one.version, one.fingerprint)
        for one in (stage.one, stage.two)
    ]
    assert data["version"] == 1
    assert data["fingerprint"] == stage.issue.fingerprint
    assert data["receipt"]["fingerprint"] == stage.issue.fingerprint


def test_what_earlier_issues_told_and_was_taken_back_cannot_be_left_out():
    notice = {
        "content_id": sample.ISSUE,
        "html": "<h2>No longer public</h2>\n<p>Something was taken back.</p>",
        "text": "",
    }
    data = copy(sections=[*sample.sections(), notice])
    made = replace(
        data,
        every=tuple(
            replace(one, state=copies.State.NOTICE)
            if one.content_id == sample.ISSUE
            else one
            for one in data.every
        ),
    )

    assert sample.ISSUE not in [one.content_id for one in made.items]
    with pytest.raises(InvalidParameter):
        made.picking(Pick(frozenset({sample.ISSUE})))
