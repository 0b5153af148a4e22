"""A partner or a parent opens a receipt and compares a copy with what was signed."""

import json

import feedparser
import pytest
from bs4 import BeautifulSoup
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cms import withdrawals
from syndication import comparison
from syndication.words import visible

from .conftest import BODY

TITLE = "Getting help with talking and understanding"


def body(number):
    text = json.dumps(BODY).replace("01632 960101", number)
    return json.loads(text)


@pytest.fixture
def page(write):
    return write()


@pytest.fixture
def released(page, release):
    return release(page)


@pytest.fixture
def compare(client):
    """Paste a copy at a receipt; gives the answer with what it says to the reader."""

    def compare(released, copy):
        answer = client.post(f"/receipts/{released.fingerprint}", {"copy": copy})
        answer.shown = BeautifulSoup(answer.text, "html.parser")
        answer.result = " ".join(
            answer.shown.find(role=["status", "alert"]).text.split()
        )
        return answer

    return compare


def copied(client, released):
    """The item's own page, as a browser copies it."""
    page = client.get(f"/items/{released.item.content_id}").text
    article = str(BeautifulSoup(page, "html.parser").article)
    return visible(article.replace("</dt>", " ").replace("</dd>", "<br>"))


def withdraw(world, released, **kwargs):
    withdrawals.withdraw(
        content_id=released.item.content_id, by=world.pat, reason="Private", **kwargs
    )


def test_a_receipt_offers_to_compare_a_copy(client, released):
    page = client.get(f"/receipts/{released.fingerprint}")

    (form,) = BeautifulSoup(page.text, "html.parser").select("form")
    assert form.select("label[for=copy]")[0].text == "Your copy"
    assert form["method"] == "post"
    # To this address, not to one that somebody put into it.
    assert not form.has_attr("action")
    assert page["Cache-Control"] == "public, max-age=60"


def test_our_own_page_is_the_signed_text_to_the_last_word(client, released, compare):
    copy = copied(client, released)

    answer = compare(released, copy)

    assert "Families of children who find talking hard" in copy
    assert "1 September 2027" in copy
    assert answer.status_code == 200
    assert answer.result.startswith("This is the signed text.")
    assert "did not sign" not in answer.result


def test_the_upper_half_of_our_page_is_part_of_the_signed_text(
    client, released, compare
):
    words = copied(client, released).split()

    answer = compare(released, " ".join(words[:30]))

    assert answer.result.startswith("This is part of the signed text.")


@pytest.mark.parametrize("form", ["rss", "atom", "json"])
def test_what_a_feed_carries_is_the_signed_text(client, released, compare, form):
    feed = client.get(f"/feeds/all.{form}").content
    if form == "json":
        (entry,) = json.loads(feed)["items"]
        content = entry["content_text"]
    else:
        (entry,) = feedparser.parse(feed).entries
        content = visible(entry.content[0].value)
    copy = f"{entry['title']} {entry['summary']} {content}"

    assert compare(released, copy).result.startswith("This is the signed text.")


def test_a_changed_telephone_number_is_shown_beside_the_signed_one(
    client, released, compare
):
    copy = copied(client, released).replace("01632 960101", "01632 960102")

    answer = compare(released, copy)

    assert answer.result.startswith("This is not the signed text: words differ.")
    assert "Signed text … line Telephone: 01632 960101 Email" in answer.result
    assert "Your copy … line Telephone: 01632 960102 Email" in answer.result
    link = answer.shown.select_one("[role=status] a")
    assert link["href"] == f"/items/{released.item.content_id}"


def test_the_menu_of_a_school_is_told_apart(client, released, compare):
    answer = compare(released, f"Home Term dates\n{copied(client, released)}")

    assert answer.result.startswith("This is the signed text.")
    assert "did not sign: “Home Term dates”" in answer.result


def test_a_copy_without_title_is_told_so(client, released, compare):
    words = copied(client, released)

    answer = compare(released, words[words.index("Who to ring") :])

    assert answer.result.startswith("The body is the signed text.")
    assert "the title and the summary that belong to it" in answer.result


def test_an_older_copy_leads_to_the_current_text(
    client, world, page, released, edit, release, compare
):
    copy = copied(client, released)
    second = release(edit(page, world.editor, body=body("01632 960555")))

    for receipt in (released, second):
        answer = compare(receipt, copy)
        assert answer.result.startswith("This is an older version.")
        assert "the same as version 1." in answer.result
        assert answer.shown.select_one("[role=status] a")["href"] == (
            f"/items/{page.content_id}"
        )


def test_a_copy_of_a_withdrawn_text_is_to_be_removed(
    client, world, page, released, compare
):
    copy = copied(client, released)
    withdraw(world, released)

    answer = compare(released, copy)

    assert answer.result.startswith("This text was taken back.")
    assert "Please remove your copy." in answer.result
    assert "current text" not in answer.result


def test_after_a_withdrawal_a_later_version_is_offered(
    client, world, page, released, edit, release, compare
):
    copy = copied(client, released)
    withdraw(world, released)
    page.refresh_from_db()
    later = release(edit(page, world.editor, title="Help with talking"))

    answer = compare(later, copy)

    assert answer.result.startswith("This text was taken back.")
    assert "A later version is public: you can use the current text." in answer.result


def test_no_word_of_what_is_not_public_gets_out(
    client, world, page, edit, release, compare
):
    """Whatever a stranger pastes, and whichever receipt they paste it at."""
    secret = [{"type": "paragraph", "value": "<p>The refuge is at 9 Hidden Lane.</p>"}]
    first = release(edit(page, world.editor, body=[*secret, *BODY]))
    near = copied(client, first).replace("9 Hidden Lane", "")
    withdraw(world, first)
    page.refresh_from_db()
    second = release(edit(page, world.editor, body=BODY))

    for receipt in (first, second):
        for copy in (near, near.replace("Ring", "Call"), "The refuge is at", "x"):
            assert "Hidden" not in compare(receipt, copy).text


def test_a_different_text_is_told_so(released, compare):
    answer = compare(released, "The library is open every day of the week but Sunday.")

    assert answer.result.startswith("This is a different text.")


def test_a_few_words_are_not_enough(released, compare):
    answer = compare(released, "Ring the advice line")

    assert answer.result.startswith("These are too few words to compare.")


def test_what_was_pasted_stays_in_the_box_and_does_nothing(released, compare):
    nasty = '\n</textarea><script>alert("1")</script> & more'

    answer = compare(released, nasty)

    # Forms send line ends as CR LF; the parser drops the first.
    assert answer.shown.textarea.text.strip("\n") == nasty.strip("\n")
    assert "<script" not in answer.text


def test_words_around_a_copy_do_nothing_either(client, released, compare):
    answer = compare(
        released, f"<b>x</b> {copied(client, released)} <script>1</script>"
    )

    assert "<script" not in answer.text
    assert "<b>x" not in answer.text


@pytest.mark.parametrize(
    ("copy", "said"),
    [
        ("", "There is nothing in the box."),
        (" \n ", "There is nothing in the box."),
        ("x" * (comparison.LONGEST + 1), "more than 100,000 characters"),
        ("x" * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1), "more than 100,000"),
    ],
    ids=["nothing", "spaces", "too long", "far too long"],
)
def test_what_cannot_be_compared_is_said(released, compare, copy, said):
    answer = compare(released, copy)

    assert answer.status_code == 400
    assert said in answer.result
    assert answer.shown.title.text.startswith("Error: ")


def test_the_longest_copy_is_compared(released, compare):
    assert compare(released, "é " * (comparison.LONGEST // 2)).status_code == 200


def test_an_answer_is_for_one_reader(released, compare):
    answer = compare(released, "Ring the advice line")

    assert answer["Cache-Control"] == "no-store"
    assert not answer.cookies
    assert "ETag" not in answer
    assert "Cache-Tag" not in answer
    assert "default-src 'none'" in answer["Content-Security-Policy"]


def test_comparing_changes_nothing(released, compare):
    with CaptureQueriesContext(
        connection,
    ) as queries:
        compare(released, "Ring the advice line")

    assert [one["sql"][:6] for one in queries.captured_queries] == ["SELECT"] * 4


def test_the_number_of_versions_costs_no_queries(
    world, page, released, edit, release, compare, django_assert_num_queries
):
    for number in range(3):
        last = release(edit(page, world.editor, title=f"Help with talking {number}"))

    with django_assert_num_queries(4):
        compare(last, "Ring the advice line")


def test_very_old_versions_are_compared_at_their_own_receipt(
    world, page, released, edit, release, compare, client, monkeypatch
):
    copy = copied(client, released)
    monkeypatch.setattr(comparison, "VERSIONS", 1)
    second = release(edit(page, world.editor, body=body("01632 960555")))

    assert compare(released, copy).result.startswith("This is an older version.")
    assert compare(second, copy).result.startswith("This is not the signed text")


def test_a_form_of_another_site_may_ask_too(released):
    """There is nothing to forge, and partners may link to the form from theirs."""
    answer = Client(enforce_csrf_checks=True).post(
        f"/receipts/{released.fingerprint}", {"copy": "x"}
    )

    assert answer.status_code == 200


def test_an_unknown_receipt_compares_nothing(client, db):
    answer = client.post("/receipts/x", {"copy": "words"})

    assert answer.status_code == 404
    assert "We do not know this fingerprint" in answer.text


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_a_receipt_is_read_and_compared_and_nothing_else(client, released, method):
    answer = getattr(client, method)(f"/receipts/{released.fingerprint}")

    assert answer.status_code == 405


# Without a receipt.


@pytest.fixture
def check(client):
    def check(copy):
        answer = client.post("/receipts/", {"copy": copy})
        (said,) = BeautifulSoup(answer.text, "html.parser").select("[role]")
        answer.result = " ".join(said.text.split())
        return answer

    return check


def test_a_copy_is_found_by_its_title(client, released, check, release, write):
    release(write("news", title="Help with talking"))
    copy = copied(client, released)

    signed = check(f"Menu {copy}")
    changed = check(copy.replace("960101", "960102"))

    assert signed.result.startswith("This is the signed text.")
    assert changed.result.startswith("This is not the signed text")
    for answer in (signed, changed):
        assert f'<a href="/receipts/{released.fingerprint}">' in answer.text
        assert answer["Cache-Control"] == "no-store"


def test_a_copy_may_name_another_text_of_ours(client, release, write, check):
    one = release(write("news", title="Help with talking", summary="Every week."))
    release(write("news", title="More help with talking", body=body("01632 960199")))

    answer = check(f"{copied(client, one)} See also: More help with talking")

    assert answer.result.startswith("This is the signed text.")


def test_a_copy_without_a_title_of_ours_is_not_found(client, world, released, check):
    copy = copied(client, released)

    assert check("Ring the advice line first").result.startswith("We did not find")
    assert check(f"{TITLE}? {'Never mind. ' * 20}").result.startswith("We did not find")
    withdraw(world, released)
    gone = check(copy)
    assert gone.result.startswith("We did not find the text")
    assert "withdrawn" in gone.result


def test_the_page_to_check_a_copy_says_what_is_wrong(check, db):
    assert check("").status_code == 400
    assert check("x" * (comparison.LONGEST + 1)).status_code == 400


def test_the_page_to_check_a_copy_is_linked_and_cached(client, db):
    page = client.get("/receipts/")

    assert "<h1>Check a copy</h1>" in page.text
    assert page["Cache-Control"] == "public, max-age=60"
    assert client.get("/receipts")["Location"] == "/receipts/"
    for path in ("/", "/receipts/x"):
        assert '<a href="/receipts/">' in client.get(path).text


def test_the_number_of_texts_costs_no_queries(
    client, release, write, check, django_assert_num_queries
):
    one = release(write())
    copy = copied(client, one)
    for title in ("Come on Monday", "Come on Tuesday"):
        release(write("news", title=title))

    with django_assert_num_queries(4):
        check(copy)
