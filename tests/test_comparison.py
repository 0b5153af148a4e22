"""Whether a copy is the signed text: the rules, without a database."""

import unicodedata
from datetime import UTC, datetime
from difflib import SequenceMatcher
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cms import alignment
from cms.plain_text import text_of_html
from syndication import comparison
from syndication.comparison import Standing, Verdict, Version, compare
from syndication.errors import CopyTooLong
from syndication.words import Words, visible

TITLE = "Getting help with talking and understanding"
SUMMARY = "Who can help, and what to try first."
BODY = """\
<h2>Who to ring</h2>
<p>Ring the <b>advice line</b> first: it’s free, and you don’t need a referral.</p>
<ul><li>Mondays, 9am to noon</li><li>Thursdays, 1pm to 4pm</li></ul>
<ol><li>Say what worries you.</li><li>Say what you have tried.</li></ol>
<p><strong>Advice line</strong><br/>Telephone: <a href="tel:01632960101">01632 960101</a>
<br/>Email: <a href="mailto:advice@example.org">advice@example.org</a></p>
<p>A session costs £5. Read <a href="https://example.org/leaflet">our leaflet</a>.</p>
"""
FACTS = ("Area Shropshire", "Ages 0 to 25")


def version(number=1, *, standing=Standing.PUBLIC, changed_at=None, **fields):
    values: dict[str, Any] = {
        "title": TITLE,
        "summary": SUMMARY,
        "html": BODY,
        "facts": FACTS,
        "facts_below": ("Will be checked by 1 September 2027",),
    } | fields
    values.setdefault("text", text_of_html(values["html"]))
    return Version(number=number, standing=standing, changed_at=changed_at, **values)


CURRENT = version()


def body_of(one=CURRENT):
    return visible(one.html)


def whole(one=CURRENT):
    return f"{one.title}\n\n{one.summary}\n\n{body_of(one)}"


def verdict(text, *versions):
    return compare(text, versions or [CURRENT]).verdict


# What is the signed text.


def test_a_whole_copy_is_the_signed_text():
    found = compare(whole(), [CURRENT])

    assert found.verdict == Verdict.SIGNED
    assert (found.missing, found.around, found.passages) == ((), (), ())


def test_our_plain_text_is_the_signed_text():
    """It adds the addresses of links, and numbers to lists."""
    assert "(tel:01632960101)" in CURRENT.text
    assert verdict(f"{TITLE}\n{SUMMARY}\n\n{CURRENT.text}") == Verdict.SIGNED


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.upper(),
        lambda text: text.replace("’", "'"),
        lambda text: text.replace(" ", "\n"),
        lambda text: text.replace(" ", "\N{NO-BREAK SPACE}"),
        lambda text: text.replace("referral", "refer\N{SOFT HYPHEN}ral"),
        lambda text: text.replace("referral", "refer\N{ZERO WIDTH SPACE}ral"),
        lambda text: text.replace("Mondays", "\N{BULLET} Mondays"),
        lambda text: text.replace("Who to ring", "“Who to ring”"),
        lambda text: text.replace("first", "\N{LATIN SMALL LIGATURE FI}rst"),
        lambda text: "\n".join(f"> {line}" for line in text.splitlines()),
        lambda text: f"☎️ {text}",
    ],
    ids=[
        "capitals", "straight quotes", "line ends", "fixed spaces", "soft hyphen",
        "invisible space", "bullets", "quotation marks", "ligature", "quoted in a mail",
        "a picture",
    ],
)  # fmt: skip
def test_what_happens_on_the_way_between_sites_is_no_change(change):
    assert verdict(change(whole())) == Verdict.SIGNED


def test_letters_with_marks_may_be_composed_or_not():
    café = version(html="<p>Come to the café in the library on every Monday.</p>")
    copy = whole(café)

    for form in ("NFC", "NFD"):
        assert verdict(unicodedata.normalize(form, copy), café) == Verdict.SIGNED


@pytest.mark.parametrize("numbers", [False, True])
@pytest.mark.parametrize("descriptions", [False, True])
def test_browsers_may_copy_numbers_and_descriptions(numbers, descriptions):
    shown = version(html=BODY + '<p><img src="https://x.example/a" alt="A door"></p>')
    copied = visible(shown.html, numbers=numbers, descriptions=descriptions)

    assert verdict(f"{TITLE} {SUMMARY} {copied}", shown) == Verdict.SIGNED


def test_a_site_around_the_text_is_reported_and_harmless():
    site = "Home News Contact\n{}\nShare this page. © A school"

    found = compare(site.format(whole()), [CURRENT])

    assert found.verdict == Verdict.SIGNED
    assert found.around == ("Home News Contact", "Share this page. © A school")


def test_the_facts_that_our_page_shows_are_no_other_words():
    copy = f"{TITLE} {SUMMARY} {' '.join(FACTS)} {body_of()} Will be checked by 1 September 2027"

    found = compare(copy, [CURRENT])

    assert found.verdict == Verdict.SIGNED
    assert found.around == ()


def test_many_other_words_are_cut():
    found = compare(f"{'menu ' * 500}{whole()}", [CURRENT])

    assert found.around == (f"{'menu ' * 20}… {'menu ' * 20}".strip(),)


def test_a_copy_without_its_title_says_so():
    found = compare(f"{SUMMARY}\n{body_of()}", [CURRENT])

    assert found.verdict == Verdict.BODY
    assert found.missing == ("title",)


def test_a_text_without_summary_misses_none():
    short = version(summary="")

    assert compare(f"{TITLE} {body_of()}", [short]).verdict == Verdict.SIGNED


def test_an_excerpt_is_part_of_the_signed_text():
    assert verdict("Telephone: 01632 960101. Email: advice@example.org") == Verdict.PART
    assert verdict(f"{TITLE}: {SUMMARY}") == Verdict.PART


def test_the_upper_half_of_our_page_is_part_of_the_signed_text():
    copy = (
        f"{TITLE} {SUMMARY} {' '.join(FACTS)} Who to ring. Ring the advice line first"
    )

    assert verdict(copy) == Verdict.PART


def test_the_beginning_of_a_text_below_a_menu_is_part_of_it():
    copy = f"Home News {' '.join(whole().split()[:40])}"

    found = compare(copy, [CURRENT])

    assert found.verdict == Verdict.PART
    assert found.around == ("Home News",)


def test_a_few_words_tell_nothing():
    assert verdict("Ring the advice line first") == Verdict.TOO_SHORT
    assert verdict("") == Verdict.TOO_SHORT
    assert verdict("— • !") == Verdict.TOO_SHORT


def test_a_very_short_text_is_recognised_by_itself_only():
    brief = version(title="Closed", summary="", html="<p>The library.</p>", facts=())

    assert verdict("Closed: the library", brief) == Verdict.SIGNED
    assert verdict(f"{'word ' * 9} the library {'word ' * 9}", brief) == Verdict.OTHER


# What is not.


def changes():
    yield "telephone", whole().replace("960101", "960102"), "960101"
    yield "price", whole().replace("£5", "£6"), "5"
    yield "currency", whole().replace("£5", "$5"), "£"
    yield "address", whole().replace("advice@example.org", "advice@example.net"), "org"
    yield "day", whole().replace("Thursdays", "Tuesdays"), "Thursdays"
    yield "left out", whole().replace("don’t need", "need"), "don’t"
    yield "put in", whole().replace("it’s free", "it’s not free"), ""
    yield "first word", whole().replace("Getting", "Forgetting"), "Getting"
    yield "last word", whole().replace("our leaflet", "our website"), "leaflet"
    yield "summary", whole().replace("what to try", "what to pay"), "try"
    yield "plain text", f"{TITLE} {CURRENT.text}".replace("tel:016", "tel:019"), "016"
    yield "no title", body_of().replace("960101", "960102"), "960101"
    yield "excerpt", "Email: advice@example.org A session costs £50. Read", "5"
    yield (
        "look-alike",
        whole().replace("Advice", "\N{CYRILLIC CAPITAL LETTER A}dvice"),
        "Advice",
    )


@pytest.mark.parametrize(
    ("copy", "signed"),
    [one[1:] for one in changes()],
    ids=[one[0] for one in changes()],
)
@pytest.mark.parametrize("around", ["{}", "Home News\n{}\nShare © A school"])
def test_a_changed_fact_is_a_changed_text(copy, signed, around):
    found = compare(around.format(copy), [CURRENT])

    assert found.verdict == Verdict.ALTERED
    assert any(signed in passage.signed for passage in found.passages)


def test_a_difference_is_told_with_what_stands_around_it():
    found = compare(whole().replace("960101", "960 102"), [CURRENT])

    (passage,) = found.passages
    assert passage.before == "line Telephone: 01632"
    assert (passage.signed, passage.copy) == ("960101", "960 102")
    assert passage.after == "Email: advice@"


def test_left_out_and_put_in_have_an_empty_side():
    less = compare(whole().replace("don’t need", "need"), [CURRENT]).passages[0]
    more = compare(whole().replace("first", "very first", 1), [CURRENT]).passages[0]

    assert (less.signed, less.copy) == ("don’t", "")
    assert (more.signed, more.copy) == ("", "very")


def test_a_changed_title_is_told_though_the_body_is_whole():
    found = compare(
        f"Menu {TITLE.replace('talking', 'walking')} {body_of()}", [CURRENT]
    )

    assert found.verdict == Verdict.ALTERED
    (passage,) = found.passages
    assert (passage.signed, passage.copy) == ("talking", "walking")
    assert found.around == ("Menu",)


def test_many_differences_are_counted_and_not_all_shown():
    words = [f"word{number}" for number in range(400)]
    long = version(html=f"<p>{' '.join(words)}</p>", facts=(), facts_below=())
    words[::8] = ["other"] * 50

    found = compare(" ".join(words), [long])

    assert len(found.passages) == comparison.PASSAGES
    assert found.more_passages == 30


def test_a_long_difference_is_cut():
    copy = whole().replace("first: it’s", f"first: {'very ' * 200} it’s")

    (passage,) = compare(copy, [CURRENT]).passages

    assert passage.copy == f"{'very ' * 20}… {'very ' * 20}".strip()


def test_another_text_is_something_else():
    copy = """
        The county council’s library is open on Mondays and Thursdays. You can borrow
        books, and there are computers that you can use. Ring the library first if you
        need help with the stairs. Who can join? Everybody can join, and it is free.
    """

    assert verdict(copy) == Verdict.OTHER


def test_the_same_words_in_another_order_are_a_changed_text():
    words = [f"word{number}" for number in range(400)]
    long = version(html=f"<p>{' '.join(words)}</p>", facts=(), facts_below=())

    found = compare(" ".join(words[200:] + words[:200]), [long])
    reversed_copy = compare(" ".join(reversed(words)), [long])

    assert found.verdict == Verdict.ALTERED
    assert reversed_copy.verdict == Verdict.ALTERED


# Versions that are not, or not only, the signed text of today.

OLD = version(1, standing=Standing.SUPERSEDED, html=BODY.replace("960101", "960555"))
TAKEN_BACK = version(
    2, standing=Standing.WITHDRAWN, html="<p>The secret centre is at 9 Hidden Lane.</p>"
)
NEW = version(3)


def test_an_older_version_is_named():
    found = compare(whole(OLD), [NEW, OLD])

    assert (found.verdict, found.version, found.public) == (Verdict.OLDER, OLD, NEW)
    assert found.passages == ()


def test_a_part_of_an_older_version_is_named():
    found = compare(
        "Advice line. Telephone 01632 960555. Email: advice@example.org", [NEW, OLD]
    )

    assert (found.verdict, found.is_part) == (Verdict.OLDER, True)


def test_what_old_and_new_have_in_common_is_signed():
    assert (
        verdict("Ring the advice line first: it’s free, and you", NEW, OLD)
        == Verdict.PART
    )


def test_a_withdrawn_text_is_recognised_and_not_shown():
    for copy in (whole(TAKEN_BACK), body_of(TAKEN_BACK)):
        found = compare(copy, [NEW, TAKEN_BACK, OLD])
        assert (found.verdict, found.version) == (Verdict.WITHDRAWN, TAKEN_BACK)
        assert found.passages == ()


def test_a_text_like_a_withdrawn_one_is_recognised_and_no_word_of_it_shown():
    found = compare("The secret centre is at 8 Hidden Lane.", [NEW, TAKEN_BACK, OLD])

    assert (found.verdict, found.close) == (Verdict.WITHDRAWN, True)
    assert found.passages == ()
    assert found.around == ()


@pytest.mark.parametrize("standing", [Standing.WITHDRAWN, Standing.SUPERSEDED])
def test_a_changed_title_of_what_is_not_public_is_not_corrected(standing):
    """Its body is there word for word; its true title must not be given away."""
    hidden = version(
        2,
        standing=standing,
        title="A refuge in Hidden Lane",
        html="<p>Ring the bell twice and say who sent you to us.</p>",
    )

    found = compare(
        f"A refuge in Other Lane {SUMMARY} {body_of(hidden)}", [NEW, hidden]
    )

    assert found.version == hidden
    assert found.verdict in (Verdict.WITHDRAWN, Verdict.OLDER)
    assert found.passages == ()


def test_nothing_of_an_item_that_was_taken_back_is_an_older_version():
    found = compare(whole(OLD), [TAKEN_BACK, OLD])

    assert (found.verdict, found.version) == (Verdict.WITHDRAWN, OLD)


def test_a_changed_copy_of_what_is_not_public_shows_no_words():
    withdrawn = version(standing=Standing.WITHDRAWN)

    found = compare(whole().replace("960101", "960102"), [withdrawn])

    assert (found.verdict, found.close, found.passages) == (Verdict.WITHDRAWN, True, ())


def test_the_same_bytes_signed_again_are_the_signed_text():
    again, first = version(2), version(1, standing=Standing.WITHDRAWN)

    assert compare(whole(), [again, first]).version == again


def test_the_version_that_holds_more_of_a_copy_decides():
    """The body stayed, the title changed: a copy with the old title is old."""
    renamed = version(2, title="Help with talking and with understanding others")
    old = version(1, standing=Standing.SUPERSEDED)

    assert verdict(whole(old), renamed, old) == Verdict.OLDER
    assert verdict(body_of(), renamed, old) == Verdict.BODY


def test_a_title_inside_a_longer_old_one_is_not_the_title():
    shorter = version(2, title="Help with talking")
    old = version(1, standing=Standing.SUPERSEDED)

    assert verdict(whole(old), shorter, old) == Verdict.OLDER
    assert verdict(f"Menu {whole(shorter)}", shorter, old) == Verdict.SIGNED


def test_a_copy_with_a_paragraph_that_was_removed_is_old():
    shorter = version(
        2, html="<p>Ring us on any day of the week, and ask for help.</p>"
    )
    old = version(
        1, standing=Standing.SUPERSEDED, html=f"{shorter.html}<p>Or visit us.</p>"
    )

    assert verdict(whole(old), shorter, old) == Verdict.OLDER


def test_a_correction_is_not_called_signed():
    corrected = version(2, changed_at=datetime(2026, 11, 24, tzinfo=UTC))
    before = version(
        1, standing=Standing.SUPERSEDED, html=BODY.replace("960101", "960555")
    )

    for copy in (whole(), body_of(), " ".join(whole().split()[:20])):
        assert verdict(copy, corrected, before) == Verdict.BEFORE_REVIEW
    assert verdict(whole(before), corrected, before) == Verdict.OLDER


# Words.


def keys(text):
    return Words(text).keys


def test_words_numbers_and_signs_that_carry_a_fact():
    assert keys("It’s 'free' - £5.50 (10%), for under-5s!") == [
        "it's", "free", "£", "5", "50", "10", "%", "for", "under", "5s"
    ]  # fmt: skip
    assert keys("<b> if age < 5 & > 2") == ["b", "if", "age", "<", "5", "&", ">", "2"]


def test_letters_of_other_scripts_keep_their_marks():
    assert keys("বাংলা, हिन्दी") == ["বাংলা", "हिन्दी"]


def test_words_are_shown_as_they_were_written():
    words = Words("Ring\n  “us”, on Mon\N{SOFT HYPHEN}day!")

    assert words.shown(1, 4) == "us”, on Monday"
    assert words.shown(2, 2) == ""


# Bounds.


def test_a_copy_may_be_so_long_and_no_longer():
    assert verdict("word " * (comparison.LONGEST // 5)) == Verdict.OTHER
    with pytest.raises(CopyTooLong):
        compare("x" * (comparison.LONGEST + 1), [CURRENT])


@pytest.fixture
def steps(monkeypatch):
    """Fails as soon as ``difflib`` is given more to do than is allowed."""
    spent = []

    def counted(junk, old, new, **options):
        spent.append(alignment._cost(old, new))
        # Before it is done: it could take minutes.
        assert sum(spent) <= alignment.STEPS
        return SequenceMatcher(junk, old, new, **options)

    monkeypatch.setattr(alignment, "SequenceMatcher", counted)


def hostile():
    yield "one word", ["word"] * 20_000, ["word"] * 19_000
    yield "two words", ["a", "b"] * 10_000, ["b", "a"] * 9_000
    yield "a word apart", ["a", "b"] * 10_000, ["a", "b", "b"] * 6_000
    yield (
        "backwards",
        [f"w{n}" for n in range(10_000)],
        [f"w{n}" for n in range(10_000)][::-1],
    )
    yield (
        "sevens",
        [f"w{n % 7}" for n in range(20_000)],
        [f"w{n % 6}" for n in range(20_000)],
    )
    yield (
        "every tenth",
        [f"w{n}" for n in range(9_000)],
        [f"w{n}" if n % 10 else "x" for n in range(9_000)],
    )


@pytest.mark.parametrize(
    ("copy", "signed"),
    [one[1:] for one in hostile()],
    ids=[one[0] for one in hostile()],
)
@pytest.mark.usefixtures("steps")
def test_the_work_of_aligning_is_bounded(copy, signed):
    runs = comparison.align(signed, copy)

    assert all(
        signed[start : start + length] == copy[other : other + length]
        for start, other, length in runs
    )


def test_a_heap_of_marks_is_no_word_to_normalise():
    """Sorting marks, as normalising does, can take the square of their number."""
    copy = "e" + "\u0301\u0316" * 40_000

    assert len(keys(copy)) == 1
    assert verdict(copy) == Verdict.TOO_SHORT


# Whatever the words are.

WORD = st.sampled_from(["ring", "us", "don't", "01632", "£", "£5", "ÉCOLE", "Straße", "on"]) | st.text(
    st.characters(categories=["L", "N"]), min_size=1, max_size=6
)  # fmt: skip
TEXT = st.lists(WORD, min_size=1, max_size=60)


def made(title, summary, body):
    html = f"<p>{' '.join(body[::2])}</p><p>{' '.join(body[1::2])}</p>"
    return version(
        title=" ".join(title), summary=" ".join(summary), html=html, facts=(), facts_below=()
    )  # fmt: skip


@given(TEXT, TEXT, TEXT, st.data())
def test_no_excerpt_is_ever_called_altered(title, summary, body, data):
    one = made(title, summary, body)
    words = whole(one).split()
    start = data.draw(st.integers(0, len(words) - 1))
    end = data.draw(st.integers(start + 1, len(words)))

    found = compare(" ".join(words[start:end]), [one])

    assert found.verdict in {
        Verdict.SIGNED, Verdict.BODY, Verdict.PART, Verdict.TOO_SHORT
    }  # fmt: skip


@given(TEXT, TEXT, TEXT, st.data())
def test_a_copy_with_one_changed_word_is_never_called_signed(
    title, summary, body, data
):
    one = made(title, summary, body)
    words = whole(one).split()
    place = data.draw(st.integers(0, len(words) - 1))
    other = data.draw(WORD.filter(lambda word: keys(word) != keys(words[place])))
    words[place] = other

    assert compare(" ".join(words), [one]).verdict != Verdict.SIGNED


@given(TEXT, TEXT, TEXT, st.text(max_size=60), st.text(max_size=60))
def test_a_whole_copy_among_other_words_is_never_called_altered(
    title, summary, body, before, after
):
    one = made(title, summary, body)

    found = compare(f"{before}\n{whole(one)}\n{after}", [one])

    assert found.verdict in {Verdict.SIGNED, Verdict.TOO_SHORT, Verdict.OTHER}
    if len(keys(whole(one))) >= comparison.FEWEST:
        assert found.verdict == Verdict.SIGNED


@given(st.text(max_size=400), st.text(max_size=400))
def test_any_text_can_be_compared_with_any(signed, copy):
    one = version(title=signed, summary="", html=f"<p>{copy}</p>", text=copy)

    assert compare(copy, [one]).verdict in Verdict
