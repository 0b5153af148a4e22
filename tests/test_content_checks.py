"""What a machine notices before people sign."""

import datetime as dt

import pytest

from cms.content_checks import Check, check

TODAY = dt.date(2026, 11, 24)
CONTACT = {
    "type": "contact",
    "name": "Advice line",
    "phone": "01632 960101",
    "email": "advice@example.org",
}
PICTURE = {"type": "image", "alt": "A child at a table", "decorative": False}


def text(html):
    return {"type": "paragraph", "html": html}


def words(number, end="."):
    return " ".join(["word"] * number) + end


def noticed(*body, known=(), **fields):
    item = {"title": "Short breaks", "summary": "Who can help.", "body": body} | fields
    return [(one.level, one.message) for one in check(item, today=TODAY, known=known)]


def test_a_plain_text_gives_no_reason_for_a_second_look():
    assert (
        noticed(
            {"type": "heading", "text": "Who to ring"},
            text(
                "<p>Ask for an education, health and care (EHC) plan.</p>"
                '<p>Read <a href="https://example.org/ehc">about EHC plans</a>.</p>'
            ),
            CONTACT,
            PICTURE,
            {"type": "call_to_action", "text": "Book", "url": "https://example.org"},
            review_by="2027-09-01",
            audience="Families",
        )
        == []
    )


@pytest.mark.parametrize(
    ("block", "level", "said"),
    [
        (PICTURE | {"alt": ""}, "fail", "1 picture without a description"),
        (
            {"type": "contact", "name": "Us", "phone": "01632 960101"},
            "warn",
            "The contact “Us” has no email address.",
        ),
        (
            {"type": "contact", "name": "Us", "email": "us@example.org"},
            "warn",
            "The contact “Us” has no telephone number.",
        ),
        (
            {"type": "contact", "name": "Us"},
            "fail",
            "has no telephone number and no email address.",
        ),
        (
            text('<p>See <a href="http://example.org">the leaflet</a>.</p>'),
            "warn",
            "“the leaflet” goes to http://example.org, which is not secure",
        ),
        (
            {"type": "call_to_action", "text": "Book", "url": "http://example.org"},
            "warn",
            "“Book” goes to http://example.org",
        ),
        (
            text('<p><a href="https://example.org">Click here</a>.</p>'),
            "warn",
            "“Click here” does not say where it goes",
        ),
        (
            text('<p><a href="https://evil.example">www.example.org/a</a></p>'),
            "fail",
            "The link says “www.example.org/a” and goes somewhere else",
        ),
        (text(f"<p>{words(26)}</p>"), "warn", "1 sentence of more than 25 words"),
        (
            text(f"<p>{'Short one here. ' * 40}</p>"),
            "warn",
            "starts “Short one here. Short one here. …” has 120 words",
        ),
        (
            text("".join(f"<p>{words(20)}</p>" for _ in range(13))),
            "warn",
            "260 words follow each other without a heading",
        ),
        (text("<p>PLEASE RING FIRST today.</p>"), "warn", "in capital letters"),
        (text("<p>Ask for an EHC plan.</p>"), "warn", "EHC is not explained"),
    ],
)
def test_it_notices(block, level, said):
    [(found, message)] = noticed(block)

    assert found == level
    assert said in message


@pytest.mark.parametrize(
    "block",
    [
        PICTURE | {"alt": "", "decorative": True},
        text('<p>Write <a href="mailto:us@example.org">to us</a>.</p>'),
        text('<p><a href="https://example.org/b">www.example.org/b</a></p>'),
        text(f"<p>{words(25)}</p>"),
        text(f"<p>{words(20)}<br>{words(20)}</p>"),
        text(f"<p>{words(20)} {words(20)}</p>"),
        text("".join(f"<p>{words(20)}</p>" for _ in range(12))),
        text("".join(f"<p>{words(20)}</p>" for _ in range(9)) * 1 + "<h3>More</h3>"
             + "".join(f"<p>{words(20)}</p>" for _ in range(9))),
        text("<p>Ask your GP or the NHS.</p>"),
        text("<p>DLA (Disability Living Allowance) and DLAs after that: DLA.</p>"),
    ],
)  # fmt: skip
def test_it_leaves_in_peace(block):
    assert noticed(block) == []


def test_the_names_of_forums_need_no_explanation():
    assert (
        noticed(text("<p>PACC and PODS wrote this.</p>"), known={"PACC", "PODS"}) == []
    )
    assert "PACC, PODS are not explained" in str(
        noticed(text("<p>PACC and PODS wrote this.</p>"))
    )


@pytest.mark.parametrize(
    ("review_by", "expected"),
    [
        ("2026-11-23", ["fail"]),
        ("2026-11-24", []),
        (None, ["warn"]),
    ],
)
def test_the_date_of_the_next_check_lies_ahead(review_by, expected):
    assert [level for level, _ in noticed(review_by=review_by)] == expected


def test_a_release_date_that_passed_is_noticed():
    [(level, message)] = noticed(release_at="2026-11-20T09:00:00+00:00")

    assert level == "warn"
    assert "as soon as everyone has signed" in message
    assert noticed(release_at="2026-11-25T09:00:00+00:00") == []


def test_what_should_be_mended_comes_first():
    found = check(
        {
            "title": "EHC",
            "body": [PICTURE | {"alt": ""}],
        },
        today=TODAY,
    )

    assert [one.level for one in found] == ["fail", "warn"]
    assert isinstance(found[0], Check)


def test_an_issue_is_checked_without_what_its_items_say():
    [(_, message)] = noticed(
        introduction=f"Hello.\n{words(30)}",
        sections=[{"content_id": "x", "html": f"<p>{words(40)}</p>", "text": ""}],
    )

    assert message.startswith("1 sentence of more than 25 words. The longest has 30")
