"""What strangers and their programs learn of, and do to, who gets the newsletter: nothing.

Scanners of mail open every link; others type addresses into forms to learn who is on the
list. See tests/test_subscribing.py for what each form does.
"""
# The fixtures of the newsletter are imported, and then named as parameters.
# ruff: noqa: F811

import re
import sys
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from bs4 import BeautifulSoup
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

import syndication
from cms import terms
from syndication import limits
from syndication.newsletters import (
    askings,
    notes,
    preferences,
    sending,
    subscriptions,
    suppressions,
    wordings,
)
from syndication.newsletters.models import Asking

from .newsletter import parts_of
from .test_preferences import agreed, everything_stored, path_of  # noqa: F401

PAGES = (
    "/newsletter/",
    "/newsletter/form",
    "/newsletter/link/",
    "/newsletter/use",
    "/newsletter/use?website=www.school.example",
    "/newsletter/issues/",
    "/newsletter/issues/?q=help",
)
# How browsers and mail programs say that nobody may be looking.
LOOKING: tuple[dict[str, str], ...] = (
    {},
    {"sec-purpose": "prefetch"},
    {"sec-purpose": "prefetch;prerender", "purpose": "prefetch"},
    {"x-moz": "prefetch", "user-agent": "Mozilla/5.0 (compatible; Barracuda)"},
)
CODE = str(Path(syndication.__file__).parent)
# Copies of what is public that are kept for the next reader.
KEPT_COPIES = "feeds.FeedDocument"


# Scanners


@pytest.fixture
def one_of_each_mail(agreed, ask, send_issue, mail_server):
    """Every mail that people get, sent. Gives who got one, and the mails."""
    subscription = agreed()
    notes.queue_link(subscription=subscription)
    moved = agreed("moved@example.org")
    subscriptions.request_move(key=moved.key, email="new@example.org")
    send_issue()
    notes.queue_moved(subscription=moved)
    ask("asked@example.org")
    sending.send_due()
    return subscription, mail_server.messages


def test_a_scanner_that_opens_every_link_ten_times_changes_nothing(one_of_each_mail):
    subscription, mails = one_of_each_mail
    # Looking for links opens each of them, too.
    before = stored()
    named = {address for mail in mails for address in links_of_mail(mail)}
    own = [path_of(subscription, one) for one in ("", "address/", "delete/")]
    shown = {
        address
        for page in [*PAGES, *own, *map(in_our_host, sorted(named))]
        for address in links_of_page(page)
    }
    paths = sorted({in_our_host(one) for one in named | shown} | {*PAGES, *own})
    kinds = {path.split("/")[2] for path in paths if path.startswith("/newsletter/")}
    assert kinds >= {"", "confirm", "unsubscribe", "preferences", "issues", "use"}
    assert [path for path in paths if path.endswith("/stored.json")]

    for turn in range(10):
        headers = LOOKING[turn % len(LOOKING)]
        for path in paths:
            for method in ("get", "head", "options"):
                client = Client(enforce_csrf_checks=True, headers=headers)
                answer = getattr(client, method)(path)
                assert answer.status_code < 500, (method, path)
                if path.startswith("/newsletter/"):
                    assert answer.cookies == {}, (method, path)

    assert stored() == before


def test_a_link_is_only_opened_where_a_method_is_safe(one_of_each_mail):
    """A program that tries other methods finds none that do something by themselves."""
    subscription, _ = one_of_each_mail
    before = stored()

    for page in (*PAGES, path_of(subscription), path_of(subscription, "delete/")):
        for method in ("put", "patch", "delete", "trace"):
            answer = getattr(Client(), method)(page)
            assert answer.status_code == 405, (method, page)

    assert stored() == before


def stored():
    return {
        name: rows for name, rows in everything_stored().items() if name != KEPT_COPIES
    }


def links_of_mail(message):
    """All addresses of ours in a mail: in its parts, and in its headers."""
    said = [*parts_of(message), *map(str, message.values())]
    return {
        address.rstrip(".,")
        for words in said
        for address in re.findall(r'https://localoffer\.example[^\s"<>]*', words)
    }


def links_of_page(path):
    """All addresses of ours on a page: to follow, to load, to send a form to."""
    html = BeautifulSoup(Client().get(path).content, "html.parser")
    named = {
        str(one[name])
        for name in ("href", "src", "action")
        for one in html.select(f"[{name}]")
    }
    base = f"{settings.PUBLIC_ORIGIN}{path}"
    whole = {urljoin(base, one) for one in named}
    return {
        one
        for one in whole
        if one.startswith(f"{settings.PUBLIC_ORIGIN}/")
        and not one.startswith(f"{settings.PUBLIC_ORIGIN}{settings.STATIC_URL}")
    }


def in_our_host(address):
    found = urlsplit(address)
    return f"{found.path}?{found.query}" if found.query else found.path


# Enumeration

NAMES = ("unknown", "known", "pending", "left", "never", "forgotten")


@pytest.fixture
def everybody(world, ask, subscribe, agreed):
    """Somebody in each state that an address can be in. Gives a subscriber besides."""
    terms.install()
    subscribe("known@example.org")
    left = subscribe("left@example.org")
    subscriptions.end(key=left.key, reason="unsubscribed")
    suppressions.suppress(email="never@example.org", reason="complained")
    ask("pending@example.org")
    Client().post(path_of(agreed("forgotten@example.org"), "delete/"))
    me = agreed("me@example.org")
    askings.take_up()
    return me


@pytest.mark.parametrize(
    "form",
    [
        "/newsletter/",
        "/newsletter/form",
        "/newsletter/start",
        "/newsletter/link/",
        "move",
    ],
)
def test_no_form_tells_who_is_on_the_list(everybody, monkeypatch, form):
    """The same status, headers, body, statements and lines of code for every address."""
    monkeypatch.setattr(preferences, "MOVES", limits.Policy("newsletter-move", 99, 60))
    path = path_of(everybody, "address/") if form == "move" else form
    # Whatever is made at the first time, or kept.
    for number in range(2):
        send(path, f"first{number}@example.org")
    Asking.objects.all().delete()

    answers = {name: send(path, f"{name}@example.org") for name in NAMES}

    for name, found in answers.items():
        for part, expected in answers["unknown"].items():
            assert found[part] == expected, (form, name, part)
    assert answers["unknown"]["status"] == 200
    assert any("newsletters/" in line for line in answers["unknown"]["lines"])


@pytest.mark.parametrize("path", ["/newsletter/", "/newsletter/link/"])
def test_a_wrong_address_is_answered_alike_too(everybody, path):
    answers = [send(path, f"{name}@example") for name in ("known", "unknown")]

    assert answers[0] == answers[1]
    assert answers[0]["status"] == 400


@pytest.mark.parametrize("page", ["confirm", "unsubscribe", "preferences"])
def test_links_made_up_are_answered_alike(everybody, page):
    """Also with the number of somebody who is there: nobody can count subscribers."""
    key = everybody.key
    tokens = ["x", str(key), f"{key}:1:x", f"{everybody.pk}", "0"]

    answers = [Client().get(f"/newsletter/{page}/{one}/") for one in tokens]

    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1


def send(path, address):
    """All that a stranger can see or measure of how a form is answered."""
    values = {
        "email": address,
        "frequency": "weekly",
        "agree": "yes",
        "wording": wordings.current().mark,
    }
    client = Client()
    with CaptureQueriesContext(connection) as asked, lines_run() as lines:
        answer = client.post(path, values, REMOTE_ADDR="81.2.69.9")
    body = answer.content.decode().replace(address, "ADDRESS")
    headers = {
        name: value for name, value in answer.items() if name != "Content-Length"
    }
    return {
        "status": answer.status_code,
        "headers": headers,
        "body": body,
        "cookies": dict(answer.cookies),
        "statements": [
            re.sub(r"'[^']*'|\b\d+\b", "?", query["sql"])
            for query in asked.captured_queries
            if "SAVEPOINT" not in query["sql"]
        ],
        "lines": lines,
    }


@contextmanager
def lines_run():
    """The lines of ours that are run, each once, in the order of the files."""
    found: set[str] = set()
    ran: list[str] = []

    def note(frame, event, _):
        if not frame.f_code.co_filename.startswith(CODE):
            return None
        if event == "line":
            name = frame.f_code.co_filename.removeprefix(f"{CODE}/")
            found.add(f"{name}:{frame.f_lineno}")
        return note

    before = sys.gettrace()
    sys.settrace(note)
    try:
        yield ran
    finally:
        sys.settrace(before)
        ran += sorted(found)
