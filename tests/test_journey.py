"""The whole path once, over real HTTP and a real mail server."""

import json
import re
import urllib.error
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar

import feedparser
import pytest
from bs4 import BeautifulSoup
from django.core.management import call_command
from wagtail.test.utils.form_data import nested_form_data, streamfield

from cms import tree
from cms.models import LocalOfferIndexPage
from syndication.newsletters import askings, sending
from syndication.newsletters.models import Subscription
from tests.conftest import make_world
from tests.fakes import FakeMailServer
from tests.test_bypass import fields_of


class Browser:
    """Somebody's browser: keeps cookies, follows redirects, sends forms."""

    def __init__(self, origin):
        self.origin = origin
        self.opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(CookieJar())
        )

    def get(self, path):
        return self._open(self.origin + path, None)

    def post(self, path, data):
        body = urllib.parse.urlencode(data, doseq=True).encode()
        return self._open(self.origin + path, body)

    def _open(self, address, body):
        request = urllib.request.Request(address, data=body)  # noqa: S310
        request.add_header("Referer", address)
        try:
            with self.opener.open(request, timeout=20) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def sign_in(self, username):
        _, page = self.get("/admin/login/")
        self.post(
            "/admin/login/",
            {
                "username": username,
                "password": "secret",
                "csrfmiddlewaretoken": csrf(page),
            },
        )
        return self


def csrf(page):
    return re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[0]


def form_on(page, form_id):
    return fields_of(BeautifulSoup(page, "html.parser").find(id=form_id))


def local(address):
    """The path of a public address, which is built from PUBLIC_ORIGIN."""
    return urllib.parse.urlsplit(address).path


@pytest.fixture
def world(transactional_db, live_server, settings):
    settings.PUBLIC_ORIGIN = live_server.url
    return make_world()


@pytest.fixture
def mail_server(settings):
    with FakeMailServer() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST = "127.0.0.1"
        settings.EMAIL_PORT = server.port
        yield server


def sign_everything(browser):
    """Find what waits on the list, open it, read it, sign it. Returns how many."""
    _, page = browser.get("/admin/sign-off/")
    waiting = page.partition("Waiting for your sign-off")[2].partition("<h2>")[0]
    screens = re.findall(r'href="(/admin/sign-off/\d+/)"', waiting)
    for screen in screens:
        _, page = browser.get(screen)
        answer = BeautifulSoup(page, "html.parser").find(class_="sign-off-answer")
        status, answered = browser.post(
            screen, fields_of(answer) | {"decision": "sign"}
        )
        assert status == 200, answered
        assert "Signed for" in answered
    return len(screens)


@pytest.mark.slow
def test_from_the_first_word_to_the_mailbox_and_back(world, live_server, mail_server):
    editor, pat, pip, stranger = (
        Browser(live_server.url).sign_in(name) if name else Browser(live_server.url)
        for name in ("editor", "pat", "pip", "")
    )

    # A parent subscribes, and confirms by pressing the button behind the mailed link.
    _, page = stranger.get("/newsletter/")
    asked = fields_of(BeautifulSoup(page, "html.parser").find("form"))
    stranger.post(
        "/newsletter/", asked | {"email": "parent@example.org", "agree": "yes"}
    )
    askings.take_up()
    sending.send_due()
    link = next(
        address
        for address in addresses_in(mail_server.messages[-1])
        if "/newsletter/confirm/" in address
    )
    stranger.get(link)
    assert not Subscription.objects.exclude(confirmed_at=None).exists()
    stranger.post(link, {})
    assert Subscription.objects.exclude(confirmed_at=None).exists()

    # An editor writes a page in the admin and submits it.
    folder = tree.folder(LocalOfferIndexPage).pk
    new = f"/admin/pages/add/cms/localofferpage/{folder}/"
    _, page = editor.get(new)
    draft = form_on(page, "page-edit-form") | nested_form_data(
        {
            "body": streamfield([("heading", "Ring the advice line")]),
            "co_production": streamfield([]),
            **dict.fromkeys(
                ("places", "hours", "languages", "ways_in"), streamfield([])
            ),
            "formats": streamfield([]),
        }
    )
    status, page = editor.post(
        new,
        draft
        | {
            "title": "Help with talking",
            "summary": "Who to ring first.",
            "audience": "Families",
            "describes": "information",
            "areas": [world.shropshire.pk, world.telford.pk],
            "age_from": "0",
            "age_to": "19",
            "review_by": "2030-01-01",
            "action-submit": "1",
        },
    )
    assert status == 200
    assert "submitted for moderation" in page
    assert "Help with talking" not in stranger.get("/api/v1/items")[1]

    # Both forums read and sign; with the last signature it is public.
    assert sign_everything(pip) == 1
    assert "Help with talking" not in stranger.get("/api/v1/items")[1]
    assert sign_everything(pat) == 1
    (item,) = json.loads(stranger.get("/api/v1/items")[1])["items"]
    assert item["title"] == "Help with talking"
    assert [forum["slug"] for forum in item["receipt"]["forums"]] == ["pacc", "pods"]
    status, receipt = stranger.get(f"/api/v1/receipts/{item['receipt']['fingerprint']}")
    assert (status, json.loads(receipt)["status"]) == (200, "current")
    for form in ("rss", "atom"):
        feed = feedparser.parse(stranger.get(f"/feeds/all.{form}")[1].encode())
        assert not feed.bozo
        assert [entry.title for entry in feed.entries] == ["Help with talking"]
    assert "Ring the advice line" in stranger.get(local(item["url"]))[1]

    # A digest is compiled, signed by both, and arrives.
    call_command("compile_digest")
    sending.send_due()
    assert len(mail_server.messages) == 1
    assert sign_everything(pip) == sign_everything(pat) == 1
    sending.send_due()
    mail = mail_server.messages[-1]
    assert mail["To"] == "parent@example.org"
    assert "Help with talking" in mail.get_body(["plain"]).get_content()
    assert "Help with talking" in mail.get_body(["html"]).get_content()
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"

    # One forum takes it back: gone everywhere, at the next request.
    _, page = pip.get(f"/admin/sign-off/withdraw/{item['content_id']}/")
    pip.post(
        f"/admin/sign-off/withdraw/{item['content_id']}/",
        {
            "reason": "The number is wrong",
            "kind": "gone",
            "csrfmiddlewaretoken": csrf(page),
        },
    )
    status, gone = stranger.get(f"/api/v1/items/{item['content_id']}")
    assert status == 410
    assert "Ring the advice line" not in gone
    assert stranger.get(local(item["url"]))[0] == 410
    assert "Help with talking" not in stranger.get("/feeds/local-offer.rss")[1]
    changes = json.loads(stranger.get("/api/v1/changes")[1])["changes"]
    assert [
        change["type"]
        for change in changes
        if change["content_id"] == item["content_id"]
    ] == ["published", "withdrawn"]

    # And the parent leaves with one click of their mail program.
    one_click = re.findall(r"<(http[^>]+)>", mail["List-Unsubscribe"])[0]
    assert stranger.post(local(one_click), {"List-Unsubscribe": "One-Click"})[0] == 200
    assert not Subscription.objects.filter(ended_at=None).exists()


def addresses_in(message):
    """The paths of all links in the text of a mail."""
    text = message.get_body(["plain"]).get_content()
    return [local(address) for address in re.findall(r"https?://\S+", text)]
