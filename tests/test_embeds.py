"""Texts on the websites of others: fragments, frames, oEmbed, and how they are taken."""

import datetime as dt
import gzip
import html
import io
import re
from urllib.parse import quote
from uuid import UUID
from xml.etree import ElementTree

import brotli
import pytest
from bs4 import BeautifulSoup
from django.core.checks import run_checks
from django.urls import URLResolver, get_resolver
from PIL import Image as Picture

from cms import withdrawals
from cms.models import Topic
from site_settings.models import PublisherSettings, ReviewSettings
from syndication import encodings, framing, http
from syndication.models import Release

from .every_block import make_picture
from .partners import make_partner
from .voices import WORDS, make_consent, text, voice

ORIGIN = "https://localoffer.example"
TITLE = "Getting help with talking and understanding"
NOON = dt.datetime(2026, 5, 3, 12, tzinfo=dt.UTC)
FIRST = UUID("11111111-1111-4111-8111-111111111111")
SECOND = UUID("22222222-2222-4222-8222-222222222222")
NEVER = UUID("99999999-9999-4999-8999-999999999999")
FRAGMENT, FRAME = f"/fragments/{FIRST}.html", f"/embed/{FIRST}"
# What may never be in the page of somebody else.
ACTIVE = (
    "script",
    "style",
    "link",
    "meta",
    "iframe",
    "form",
    "object",
    "embed",
    "base",
)


@pytest.fixture
def page(write, time_machine):
    time_machine.move_to(NOON, tick=False)
    return write(content_id=FIRST)


@pytest.fixture
def released(page, release):
    return release(page)


def withdraw(world, content_id=FIRST, **kwargs):
    withdrawals.withdraw(
        content_id=content_id, by=world.pat, reason="Private", **kwargs
    )


def soup(answer):
    return BeautifulSoup(answer.text, "html.parser")


def titles(answer):
    return [one.text for one in soup(answer).select(".countersign-entry")]


def oembed(client, address=f"{ORIGIN}/items/{FIRST}", **given):
    return client.get("/oembed", {"url": address, **given})


# Fragments


def test_a_fragment_is_the_signed_text_with_its_credit(client, released):
    answer = client.get(FRAGMENT)

    (article,) = soup(answer).find_all(recursive=False)
    assert (article.name, article["lang"], article["dir"]) == (
        "article",
        "en-GB",
        "ltr",
    )
    assert "countersign" in article["class"]
    assert article.find("h2").text == TITLE
    assert "<p>Ring the <b>advice line</b> first.</p>" in answer.text
    credit = article.select_one("footer .countersign-credit")
    assert "Agreed by Shropshire Parent and Carer Council" in credit.text
    assert "on 3 May 2026" in credit.text
    assert "Open Government Licence" in credit.find("a", rel="license").text
    links = [link["href"] for link in article.find_all("a")]
    assert f"{ORIGIN}/items/{FIRST}" in links
    assert f"{ORIGIN}/receipts/{released.fingerprint}" in links
    assert f"{ORIGIN}/items/{FIRST}#other-ways" in links
    assert all(re.match("https?:|mailto:|tel:", one) for one in links)


def test_a_fragment_brings_nothing_that_acts_and_nothing_that_meets_the_page(
    client, released
):
    article = soup(client.get(FRAGMENT))

    assert article.find_all(ACTIVE) == []
    assert article.find_all(id=True) == []
    for element in article.find_all():
        assert not [one for one in element.attrs if one.startswith(("on", "style"))]


@pytest.mark.parametrize(
    ("heading", "title", "inside"), [(2, "h2", "h3"), (4, "h4", "h5"), (6, "h6", "h6")]
)
def test_the_headings_of_a_fragment_come_below_those_of_the_page(
    client, released, heading, title, inside
):
    article = soup(client.get(FRAGMENT, {"heading": heading}))

    assert [(one.name, one.text) for one in article.find_all(re.compile("h[1-6]"))] == [
        (title, TITLE),
        (inside, "Who to ring"),
        (inside, "Who it is for"),
    ]


@pytest.mark.parametrize("address", [FRAGMENT, "/fragments/all.html"])
@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("heading=1", "“heading” must be a whole number from 2 to 6."),
        ("heading=7", "“heading” must be a whole number from 2 to 6."),
        ("heading=two", "“heading” must be a whole number from 2 to 6."),
        ("heading=", "“heading” must have 1 to 512 characters"),
        ("heading=2&heading=3", "Give “heading” only once."),
        ("headings=2", "does not know the parameter “headings”. It knows: heading"),
        ("%3Cscript%3E=1", "does not know the parameter “<script>”"),
        ("heading=%00", "no NUL"),
    ],
)
def test_a_fragment_says_what_is_wrong_with_the_question(
    client, released, address, query, told
):
    answer = client.get(f"{address}?{query}")

    assert answer.status_code == 400
    assert told in html.unescape(answer.text)
    assert soup(answer).find_all(ACTIVE) == []
    assert TITLE not in answer.text


def test_a_fragment_can_be_put_into_any_page(client, released):
    answer = client.get(FRAGMENT, headers={"Cookie": "sessionid=x"})

    assert answer["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer
    assert answer["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert answer["X-Robots-Tag"] == "noindex"
    assert answer["Link"] == f'<{ORIGIN}/items/{FIRST}>; rel="canonical"'
    assert answer["Cache-Control"] == "public, max-age=60"
    assert answer["Surrogate-Key"] == f"item-{FIRST} embeds"
    assert answer["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert answer["Countersign-State"] == "current"
    assert not answer.cookies
    assert "Cookie" not in answer.get("Vary", "")


@pytest.mark.parametrize(
    "address", [FRAGMENT, FRAME, "/embed/all", "/fragments/all.html"]
)
def test_what_a_website_has_is_not_sent_again(client, released, address):
    first = client.get(address)

    again = client.get(address, headers={"If-None-Match": f"W/{first['ETag']}"})

    assert (again.status_code, again.content) == (304, b"")
    for name in ("ETag", "Cache-Control", "Access-Control-Allow-Origin"):
        assert again[name] == first[name]
    assert client.head(address)["ETag"] == first["ETag"]
    assert client.post(address).status_code == 405


@pytest.mark.parametrize(
    "address",
    [
        FRAGMENT,
        FRAME,
        "/embed/all",
        "/fragments/all.html",
        f"/items/{FIRST}",
        f"/items/{FIRST}/use",
        f"/oembed?url={ORIGIN}/items/{FIRST}",
    ],
)
@pytest.mark.parametrize(
    ("coding", "unpacked"), [("gzip", gzip.decompress), ("br", brotli.decompress)]
)
def test_an_embed_is_compressed_for_whoever_takes_that(
    client, released, address, coding, unpacked
):
    plain = client.get(address)
    packed = client.get(address, headers={"Accept-Encoding": coding})

    assert packed["Content-Encoding"] == coding
    assert unpacked(packed.content) == plain.content
    assert len(packed.content) < 0.7 * len(plain.content)
    assert int(packed["Content-Length"]) == len(packed.content)
    assert packed["ETag"] == f'{plain["ETag"][:-1]}-{coding}"'
    for answer in (plain, packed):
        assert answer["Vary"] == "Accept-Encoding"
        # Whoever has it in another coding, or from a proxy that named it anew, has it.
        again = client.get(
            address,
            headers={"If-None-Match": f"W/{answer['ETag']}", "Accept-Encoding": coding},
        )
        assert (again.status_code, again.content) == (304, b"")
        assert again["ETag"] == packed["ETag"]
        assert again["Vary"] == "Accept-Encoding"
        assert "Content-Encoding" not in again


def test_the_same_bytes_are_compressed_once(client, released, monkeypatch):
    http._encoded.cache_clear()
    made = []
    compress = encodings.encode

    def counted(*given):
        made.append(given)
        return compress(*given)

    monkeypatch.setattr(encodings, "encode", counted)
    for _ in range(3):
        client.get(FRAGMENT, headers={"Accept-Encoding": "gzip"})

    assert len(made) == 1


def test_what_is_short_stays_as_it_is(client, db):
    answer = client.get(FRAGMENT, headers={"Accept-Encoding": "gzip"})

    assert answer.status_code == 404
    assert "Content-Encoding" not in answer
    assert answer["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize(
    "address",
    [FRAGMENT, FRAME, "/embed/all", "/fragments/local-offer/shropshire.html"],
)
def test_an_embed_costs_one_query(client, released, address, django_assert_num_queries):
    PublisherSettings.objects.create(name="SEND together")
    ReviewSettings.objects.create()

    with django_assert_num_queries(1):
        answer = client.get(address)

    assert TITLE in answer.text
    assert "SEND together" in answer.text


def test_what_was_changed_before_review_and_what_is_overdue_say_so(
    client, released, time_machine
):
    receipt = released.receipt | {
        "forums": [],
        "before_review": {
            "changed_at": "2026-05-04T09:00:00Z",
            "fields": ["Telephone"],
        },
    }
    Release.objects.filter(pk=released.pk).update(
        receipt=receipt, review_by="2026-05-05"
    )
    time_machine.move_to(NOON + dt.timedelta(days=9))

    for address in (FRAGMENT, FRAME):
        shown = client.get(address).text
        assert "Changed on 4 May 2026 before forum review." in shown
        assert "due to be checked by 5 May 2026" in shown
    (entry,) = soup(client.get("/fragments/all.html")).select("li")
    assert entry.text.count("Changed on 4 May 2026 before forum review.") == 1


def test_what_families_gave_our_own_site_alone_is_on_no_other(
    client, world, write, release
):
    """A frame on another website is a partner's site, not our own."""
    ours = make_consent(world.admin, channels=("site",))
    theirs = make_consent(world.admin, channels=("site", "api"))
    page = write(
        content_id=FIRST,
        body=[text(), voice(ours), voice(theirs, words="zqother words for partners")],
    )
    release(page)

    assert WORDS in client.get(f"/items/{FIRST}").text
    for address in (FRAGMENT, FRAME, f"/items/{FIRST}/use"):
        assert WORDS not in client.get(address).text
    assert "zqother words for partners" in client.get(FRAGMENT).text
    assert "except for what children, young people and families say" in (
        client.get(FRAGMENT).text
    )


def test_what_may_not_be_printed_stands_once_on_other_websites(
    client, world, write, release
):
    """Only our own site prints, and only its form has marks that its style sheet knows."""
    given = make_consent(world.admin, channels=("site", "api", "feeds"))
    release(write(content_id=FIRST, body=[text(), voice(given)]))

    assert "only-in-print" in client.get(f"/items/{FIRST}").text
    for address in (FRAGMENT, FRAME):
        shown = client.get(address).text
        assert shown.count(WORDS) == 1
        assert "in-print" not in shown
    for form in ("rss", "atom", "json"):
        assert "in-print" not in client.get(f"/feeds/all.{form}").text


# What was taken back


@pytest.mark.parametrize("address", [FRAGMENT, FRAME])
def test_a_notice_stands_where_a_withdrawn_text_was(client, world, released, address):
    withdraw(world, public_note="The line has closed.")

    answer = client.get(address, headers={"If-None-Match": "*"})
    again = client.get(address)

    assert answer.status_code == 304
    assert again.status_code == 200
    assert again["Countersign-State"] == "withdrawn"
    article = soup(again).find("article")
    assert article["data-state"] == "withdrawn"
    assert "This text was withdrawn" in article.text
    assert "The line has closed." in article.text
    assert "It was taken back on 3 May 2026" in article.text
    for told in (TITLE, "Who can help", "advice line", "Private", "Council"):
        assert told not in again.text


@pytest.mark.parametrize("address", [FRAGMENT, FRAME])
def test_a_notice_leads_to_what_came_in_its_place(
    client, world, write, release, released, address
):
    release(write(content_id=SECOND, title="Help with talking, anew"))
    withdraw(world, kind="redirect", to=SECOND)

    replaced = client.get(address)

    assert replaced["Countersign-State"] == "replaced"
    assert f"item-{SECOND}" in replaced["Surrogate-Key"].split()
    link = soup(replaced).select_one(".countersign-replacement a")
    assert (link["href"], link.text) == (
        f"{ORIGIN}/items/{SECOND}",
        "Help with talking, anew",
    )
    withdraw(world, SECOND)
    gone = client.get(address)
    assert gone["Countersign-State"] == "withdrawn"
    assert "Help with talking, anew" not in gone.text


def test_news_that_is_over_says_so(client, world, write, release, time_machine):
    time_machine.move_to(NOON)
    release(write("news", content_id=FIRST))
    Release.objects.update(
        withdrawn_at=NOON,
        withdrawn_kind="expired",
        withdrawn_reason="over",
        expires_on="2026-05-02",
    )

    answer = client.get(FRAGMENT)

    assert answer["Countersign-State"] == "expired"
    assert "This news is over" in answer.text
    assert "It was shown until 2 May 2026" in answer.text


@pytest.mark.parametrize("kind", ["fragments/{}.html", "embed/{}"])
def test_what_vanished_is_answered_as_what_never_was(
    client, world, page, released, submit, kind
):
    withdraw(world, kind="vanish")
    never = client.get("/" + kind.format(NEVER))

    vanished = client.get("/" + kind.format(FIRST))

    assert vanished.status_code == never.status_code == 404
    assert vanished.content == never.content
    assert "This text is not available." in vanished.text
    assert vanished["Countersign-State"] == never["Countersign-State"] == "unavailable"


def test_a_draft_is_on_no_website(client, page, submit):
    submit(page)

    for address in (FRAGMENT, FRAME, f"/items/{FIRST}/use"):
        answer = client.get(address)
        assert answer.status_code == 404
        assert TITLE not in answer.text
    assert oembed(client).status_code == 404
    assert "There is nothing here yet." in client.get("/fragments/all.html").text


# Lists


@pytest.fixture
def news(world, write, release, released, time_machine):
    time_machine.move_to(NOON + dt.timedelta(days=1), tick=False)
    topic = Topic.objects.create(name="Health", slug="health")
    page = write(
        "news", content_id=SECOND, title="Swimming & <more>", areas=[world.shropshire]
    )
    draft = page.get_latest_revision_as_object()
    draft.topics = [topic]
    draft.save_revision(user=world.editor)
    page.refresh_from_db()
    return release(page)


def test_a_list_has_the_newest_texts_as_links(client, news):
    answer = client.get("/fragments/all.html")

    article = soup(answer).find("article")
    assert article.find("h2").text == "What is new"
    first, second = article.select("li")
    link = first.select_one("h3 a")
    assert (link.text, link["href"]) == (
        "Swimming & <more>",
        f"{ORIGIN}/items/{SECOND}",
    )
    assert "Agreed by Shropshire Parent and Carer Council on 4 May 2026." in first.text
    assert "Who can help, and what to try first." in second.text
    assert article.find("a", rel="license")
    more = article.select_one(".countersign-ways a")
    assert (more.text, more["href"]) == ("More: What is new", f"{ORIGIN}/feeds/all/")
    assert answer["Surrogate-Key"] == "list-items embeds"


@pytest.mark.parametrize(
    ("path", "heading", "shown"),
    [
        ("news", "News", ["Swimming & <more>"]),
        ("local-offer", "Local Offer", [TITLE]),
        ("local-offer/telford-and-wrekin", "Local Offer for Telford and Wrekin", [TITLE]),
        ("all/shropshire", "What is new for Shropshire", ["Swimming & <more>", TITLE]),
        ("all/topic/health", "What is new about Health", ["Swimming & <more>"]),
        ("news/shropshire/topic/health", "News for Shropshire about Health", ["Swimming & <more>"]),
        ("news/telford-and-wrekin", "News for Telford and Wrekin", []),
        ("issues", "Newsletter", []),
        ("you-said-we-did", "You said, we did", []),
    ],
)  # fmt: skip
def test_a_list_is_of_a_kind_for_an_area_about_a_topic(
    client, news, path, heading, shown
):
    for address in (f"/fragments/{path}.html", f"/embed/{path}"):
        answer = client.get(address)
        assert answer.status_code == 200
        assert titles(answer) == shown
        assert soup(answer).select_one(".countersign-title").text == heading
        assert ("There is nothing here yet." in answer.text) is not bool(shown)


def test_a_list_is_as_long_as_is_asked(client, news):
    assert titles(client.get("/fragments/all.html?limit=1")) == ["Swimming & <more>"]
    assert titles(client.get("/embed/all?limit=1")) == ["Swimming & <more>"]
    for limit in ("0", "51", "-1", "ten"):
        answer = client.get("/fragments/all.html", {"limit": limit})
        assert answer.status_code == 400
        assert "“limit” must be a whole number from 1 to 50." in answer.text
    assert client.get("/embed/all?heading=2").status_code == 400


@pytest.mark.parametrize(
    "path", ["nothing", "withdrawals", "shared-block", "news/nowhere", "news/topic/none", "news/a/b/c/d", "", "NEWS"]
)  # fmt: skip
def test_an_unknown_list_says_which_there_are(client, news, path):
    for address in (f"/fragments/{path}.html", f"/embed/{path}"):
        answer = client.get(address)
        assert answer.status_code == 404, address
        assert "There are lists of: all, local-offer, news" in answer.text


@pytest.mark.parametrize("path", ["news/shropshire", "news/topic/health", "news/shropshire/topic/health"])  # fmt: skip
def test_a_list_goes_on_when_its_area_or_its_topic_is_renamed(
    client, world, news, write, release, path
):
    """Nobody changes the pages in which it stands; and what was released says the old name."""
    topic = Topic.objects.get()
    for one, slug, name in (
        (world.shropshire, "shropshire-council", "Shropshire Council"),
        (topic, "well-being", "Well-being"),
    ):
        one.slug, one.name = slug, name
        one.save()
    page = write("news", title="Walking", areas=[world.shropshire])
    draft = page.get_latest_revision_as_object()
    draft.topics = [topic]
    draft.save_revision(user=world.editor)
    page.refresh_from_db()
    release(page)

    new = path.replace("shropshire", "shropshire-council").replace(
        "health", "well-being"
    )
    for one in (path, new):
        answer = client.get(f"/embed/{one}")
        assert titles(answer) == ["Walking", "Swimming & <more>"]
        named = soup(answer).select_one(".countersign-title").text
        assert "Shropshire Council" in named or "Well-being" in named
        # Whatever changes in it from now on is told under the new name.
        told = set(answer["Surrogate-Key"].split())
        assert told & {"area-shropshire-council", "topic-well-being"}
        feed = answer["Link"].partition("<")[2].partition(">")[0]
        assert client.get(feed.removeprefix(ORIGIN)).status_code == 200
        frame = soup(client.get(f"/use/{one}")).find("iframe")
        assert frame["src"] == f"/embed/{new}"
        assert f"/embed/{new}" in oembed(client, f"{ORIGIN}/use/{one}").json()["html"]


def test_a_list_of_an_area_that_is_no_more_still_has_its_texts(client, world, news):
    world.shropshire.delete()

    answer = client.get("/fragments/news/shropshire.html")

    assert titles(answer) == ["Swimming & <more>"]
    assert soup(answer).select_one(".countersign-title").text == "News for shropshire"


def test_what_was_withdrawn_or_is_long_overdue_is_in_no_list(client, world, news):
    Release.objects.filter(pk=news.pk).update(review_by="2026-02-03")
    assert titles(client.get("/fragments/all.html")) == ["Swimming & <more>", TITLE]

    Release.objects.filter(pk=news.pk).update(review_by="2026-02-02")
    assert titles(client.get("/fragments/all.html")) == [TITLE]

    ReviewSettings.objects.create(days_until_left_out=91)
    assert titles(client.get("/fragments/all.html")) == ["Swimming & <more>", TITLE]

    withdraw(world, SECOND)
    withdraw(world)
    assert titles(client.get("/fragments/all.html")) == []


# Frames


def directives(answer):
    policy = answer["Content-Security-Policy"]
    return {
        name: rest
        for name, _, rest in (one.partition(" ") for one in policy.split("; "))
    }


def test_a_frame_has_a_policy_of_its_own(client, released):
    answer = client.get(FRAME)

    assert directives(answer) == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "*",
    }
    assert "X-Frame-Options" not in answer
    assert not answer.cookies
    frame = soup(answer)
    assert frame.title.text == TITLE
    assert frame.find("h1").text == TITLE
    assert frame.find("meta", attrs={"name": "robots"})["content"] == "noindex"
    assert frame.select_one("link[rel=canonical]")["href"] == f"{ORIGIN}/items/{FIRST}"
    assert frame.find("base").attrs == {"target": "_top"}


@pytest.mark.parametrize(
    "path", [FRAME, f"/embed/{NEVER}", "/embed/nothing", "/embed/all?limit=0"]
)
def test_a_frame_may_be_in_the_pages_that_the_setting_names(
    client, released, settings, path
):
    make_partner(name="School", website="https://School.example/news")
    make_partner(name="Surgery", website="http://surgery.example:8080")
    make_partner(name="No website", website="")
    make_partner(name="Ended", website="https://ended.example", ended_at=NOON)
    settings.EMBED_FRAME_ANCESTORS = ["partners", "https://*.council.example"]

    answer = client.get(path)

    assert directives(answer)["frame-ancestors"] == (
        "'self' http://surgery.example:8080 https://*.council.example https://school.example"
    )
    assert "X-Frame-Options" not in answer


@pytest.mark.parametrize(
    ("website", "origin"),
    [
        ("https://école.example/a", "https://xn--cole-9oa.example"),
        ("https://x.example; script-src *", ""),
        ("https://x.example/;y", "https://x.example"),
        ("ftp://x.example", ""),
        ("https://x.example:99999", ""),
        ("https://[::1]/", ""),
        ("https://-", ""),
        ("nonsense", ""),
    ],
)
def test_no_website_of_a_partner_can_change_the_policy(website, origin):
    assert framing.origin(website) == origin


def test_a_setting_that_browsers_would_not_understand_is_noticed(settings):
    settings.EMBED_FRAME_ANCESTORS = [
        "partners",
        "school.example",
        "https://x.example/a",
    ]

    (error,) = [one for one in run_checks() if one.id == "countersign.E020"]

    assert error.msg == (
        "EMBED_FRAME_ANCESTORS cannot name school.example, https://x.example/a."
    )
    settings.EMBED_FRAME_ANCESTORS = ["*", "https://*.council.example"]
    assert [one for one in run_checks() if one.id == "countersign.E020"] == []


def public_addresses():
    """An address for each route that is not below /admin/, found in the routes."""
    examples = {"kind": "news", "area": "shropshire", "content_id": str(FIRST), "form": "rss", "number": "1", "year": "2026"}  # fmt: skip

    def walk(resolver, prefix=""):
        for one in resolver.url_patterns:
            route = prefix + str(one.pattern).lstrip("^")
            if isinstance(one, URLResolver):
                yield from walk(one, route)
            else:
                yield "/" + re.sub(
                    r"<(?:\w+:)?(\w+)>", lambda name: examples.get(name[1], "x"), route
                )

    named = {re.sub(r"\(\?P(<\w+>)[^()]*(?:\([^()]*\)[^()]*)*\)", r"\1", one) for one in walk(get_resolver())}  # fmt: skip
    plain = {re.sub(r"<(\w+)>", lambda name: examples.get(name[1], "x"), one) for one in named}  # fmt: skip
    return sorted(re.sub(r"[$\\^?]|\(.*\)", "", one) for one in plain if not one.startswith("/admin/"))  # fmt: skip


def test_nothing_but_embeds_and_the_form_may_be_framed(client, released):
    addresses = public_addresses()
    framed = set()
    for address in addresses:
        answer = client.get(address)
        if answer.get("X-Frame-Options") == "DENY":
            assert "frame-ancestors 'none'" in answer["Content-Security-Policy"], (
                address
            )
        else:
            framed.add(address.split("/")[1])
            if address.startswith("/newsletter/"):
                assert address == "/newsletter/form"

    assert len(addresses) > 60
    # The preview of drafts stands in a frame of the admin, the form of the newsletter
    # in pages of partners.
    assert framed == {"embed", "newsletter", "preview"}
    assert client.get("/preview/")["X-Frame-Options"] == "SAMEORIGIN"


# oEmbed


def test_a_pasted_link_becomes_a_frame(client, released):
    PublisherSettings.objects.create(name="SEND & together")
    answer = oembed(client)

    told = answer.json()
    assert answer["Content-Type"] == "application/json"
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert answer["X-Frame-Options"] == "DENY"
    assert told.pop("html").startswith(
        f'<blockquote><a href="{ORIGIN}/items/{FIRST}">Read this at SEND &amp; together'
        f'</a></blockquote>\n<iframe src="{ORIGIN}{FRAME}" '
    )
    assert told == {
        "version": "1.0",
        "type": "rich",
        "provider_name": "SEND & together",
        "provider_url": f"{ORIGIN}/",
        "title": TITLE,
        "author_name": "Shropshire Parent and Carer Council and Parents Opening Doors",
        "cache_age": 60,
        "width": 600,
        "height": 600,
    }


def test_oembed_in_xml_says_the_same(client, released):
    answer = oembed(client, format="xml")

    root = ElementTree.fromstring(answer.content)  # noqa: S314 - our own answer
    assert answer["Content-Type"] == "text/xml; charset=utf-8"
    assert root.tag == "oembed"
    as_json = oembed(client, format="json").json()
    assert {one.tag: one.text for one in root} == {
        name: str(value) for name, value in as_json.items()
    }


def test_wordpress_can_show_it(client, released):
    """What it keeps: a blockquote, then a frame with a title. Then its sandbox."""
    kept = oembed(
        client, maxwidth=500, maxheight=750, dnt=1, _embed="", discover="true"
    )

    shown = BeautifulSoup(kept.json()["html"], "html.parser")
    quote_, frame = shown.find_all(["blockquote", "iframe"])
    assert [one.name for one in quote_.find_all()] == ["a"]
    assert (frame["width"], frame["height"]) == ("500", "600")
    assert frame["title"] == "Local Offer page 11111111 from Countersign"
    assert set(frame["sandbox"]) == {
        "allow-scripts",
        "allow-popups",
        "allow-popups-to-escape-sandbox",
        "allow-top-navigation-by-user-activation",
    }


def test_the_name_of_a_host_may_be_written_in_capitals(client, released):
    address = f"https://LocalOffer.Example/items/{FIRST}"

    assert f'src="{ORIGIN}{FRAME}"' in oembed(client, address).json()["html"]


def thumbnail(client, **given):
    told = oembed(client, **given).json()
    return {name: told[name] for name in told if name.startswith("thumbnail")}


def picture(size, colour, **value):
    image = make_picture(size=size, colour=colour)
    given = {"image": image.pk, "alt_text": "A door", "decorative": False}
    return {"type": "image", "value": given | value}


@pytest.fixture
def illustrated(world, write, release):
    """With a photograph of a family, a picture for its looks alone, and two others."""
    given = make_consent(world.admin, kind="photo")
    family = picture((200, 200), "blue")["value"]
    body = [
        voice(given, kind="photo", words="", photo=family),
        picture((300, 900), "green", decorative=True, alt_text=""),
        picture((900, 500), "teal"),
        picture((400, 300), "red"),
    ]
    return release(write(content_id=FIRST, body=body))


def test_a_pasted_link_has_a_picture_of_the_text(client, illustrated):
    told = thumbnail(client)

    shown = [one["src"] for one in soup(client.get(FRAGMENT)).find_all("img")]
    assert told == {
        "thumbnail_url": shown[2],
        "thumbnail_width": 900,
        "thumbnail_height": 500,
    }
    sent = client.get(told["thumbnail_url"].removeprefix(ORIGIN))
    assert Picture.open(io.BytesIO(sent.content)).size == (900, 500)
    # No bigger than is asked for, and all of it or nothing.
    assert thumbnail(client, maxwidth=500) == {
        "thumbnail_url": shown[3],
        "thumbnail_width": 400,
        "thumbnail_height": 300,
    }
    assert thumbnail(client, maxwidth=500, maxheight=299) == {}


def test_the_picture_of_a_pasted_link_goes_with_the_text(client, world, illustrated):
    address = thumbnail(client)["thumbnail_url"]
    withdraw(world)

    assert thumbnail(client) == {}
    assert client.get(address.removeprefix(ORIGIN)).status_code == 410


def test_a_text_without_a_picture_and_a_list_have_none(client, released):
    assert thumbnail(client) == {}
    assert thumbnail(client, address=f"{ORIGIN}/embed/all") == {}


@pytest.mark.parametrize(
    ("path", "shows"),
    [
        (f"/items/{FIRST}", f"/embed/{FIRST}"),
        (f"/items/{FIRST}#other-ways", f"/embed/{FIRST}"),
        (f"/items/{FIRST}?utm_source=x", f"/embed/{FIRST}"),
        (f"/items/{FIRST}/use", f"/embed/{FIRST}"),
        (f"/embed/{FIRST}", f"/embed/{FIRST}"),
        ("/feeds/local-offer/", "/embed/local-offer"),
        ("/feeds/news", "/embed/news"),
        ("/feeds/news/topic/health/", "/embed/news/topic/health"),
        ("/feeds/news/shropshire/health/", "/embed/news/shropshire/topic/health"),
        ("/use/local-offer", "/embed/local-offer"),
        ("/use/all/shropshire", "/embed/all/shropshire"),
        ("/embed/news/shropshire/topic/health", "/embed/news/shropshire/topic/health"),
    ],
)
def test_every_address_of_a_text_or_a_list_can_be_pasted(client, news, path, shows):
    frame = BeautifulSoup(oembed(client, ORIGIN + path).json()["html"], "html.parser")

    assert frame.select("iframe")[0]["src"] == ORIGIN + shows


@pytest.mark.parametrize(
    "address",
    [
        f"{ORIGIN}/items/{NEVER}",
        f"{ORIGIN}/",
        f"{ORIGIN}/admin/",
        f"{ORIGIN}/use/nothing",
        f"{ORIGIN}/use/news/nowhere",
        f"{ORIGIN}/feeds/",
        f"{ORIGIN}/feeds/withdrawals/",
        f"{ORIGIN}/feeds/news/nowhere/",
        f"{ORIGIN}/feeds/news.rss",
        f"https://elsewhere.example/items/{FIRST}",
        f"{ORIGIN}.elsewhere.example/items/{FIRST}",
        f"https://x@elsewhere.example/items/{FIRST}",
        f"//elsewhere.example/items/{FIRST}",
        f"/items/{FIRST}",
        "javascript:alert(1)",
        "https://[",
        "nonsense",
    ],
    ids=range(17),
)  # fmt: skip
def test_what_is_not_ours_is_not_shown(client, released, address):
    answer = oembed(client, address)

    assert (answer.status_code, answer.text) == (
        404,
        "There is nothing to show at this address.\n",
    )


@pytest.mark.parametrize(
    ("query", "status", "told"),
    [
        ("", 400, f"Say what to show: ?url={ORIGIN}/items/…"),
        ("url=", 400, "“url” must have 1 to 512 characters"),
        (
            f"url={quote(ORIGIN)}/items/{FIRST}&format=yaml",
            501,
            "There are two formats",
        ),
        (f"url={quote(ORIGIN)}/items/{FIRST}&maxwidth=0", 400, "“maxwidth” must be"),
        (f"url={quote(ORIGIN)}/items/{FIRST}&maxheight=x", 400, "“maxheight” must be"),
        ("url=a&url=b", 400, "Give “url” only once."),
        ("url=%00", 400, "no NUL"),
    ],
    ids=range(7),
)
def test_oembed_says_what_is_wrong_with_the_question(
    client, released, query, status, told
):
    answer = client.get(f"/oembed?{query}")

    assert answer.status_code == status
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert told in answer.text


def test_a_link_that_was_pasted_goes_on_when_the_text_is_withdrawn(
    client, world, released
):
    """A website that gets a 404 would go on showing the title that it was told."""
    before = oembed(client).json()
    assert TITLE not in before["html"]
    withdraw(world, public_note="The line has closed.")

    after = oembed(client).json()

    assert after["html"] == before["html"]
    assert "title" not in after
    assert TITLE not in str(after)
    page = soup(client.get(f"/items/{FIRST}"))
    assert page.find("link", type="application/json+oembed")
    assert TITLE not in str(page)


def test_a_pasted_link_that_vanished_is_nothing(client, world, released):
    withdraw(world, kind="vanish")

    assert oembed(client).status_code == 404


def test_oembed_costs_one_query(client, illustrated, django_assert_num_queries):
    PublisherSettings.objects.create(name="SEND together")
    for address in (f"/items/{FIRST}", "/use/all"):
        with django_assert_num_queries(1):
            assert oembed(client, ORIGIN + address).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        f"/items/{FIRST}",
        f"/items/{FIRST}/use",
        "/use/all",
        "/feeds/all/",
        "/feeds/local-offer/shropshire/",
        "/feeds/you-said-we-did/",
        "/feeds/issues/",
    ],
)
def test_pages_tell_websites_where_to_ask(client, released, path):
    page = soup(client.get(path))

    for type_ in ("application/json+oembed", "text/xml+oembed"):
        (link,) = page.find_all("link", type=type_)
        assert link["href"].startswith(f"{ORIGIN}/oembed?url=")
        assert client.get(link["href"].removeprefix(ORIGIN)).status_code == 200


def test_what_was_taken_back_cannot_be_shown_as_a_list(client, released):
    page = soup(client.get("/feeds/withdrawals/"))

    assert page.find_all("link", type="application/json+oembed") == []
    assert "Use this on your website" not in page.text


@pytest.mark.parametrize(
    "path", ["all", "news/shropshire", "news/topic/health", "news/shropshire/health"]
)
def test_a_list_and_its_feed_lead_to_each_other(client, news, path):
    feed = soup(client.get(f"/feeds/{path}/"))
    (use,) = [
        one for one in feed.find_all("a") if one.text == "Use this on your website"
    ]

    page = soup(client.get(use["href"]))

    assert codes(page)["link"] == f"{ORIGIN}/feeds/{path}/"
    shown = client.get(page.find("iframe")["src"])
    assert shown["Link"] == f'<{ORIGIN}/feeds/{path}/>; rel="canonical"'


# “Use this on your website”


def codes(page):
    return {
        one["id"].removeprefix("code-"): one.text
        for one in page.select("pre[id^=code-]")
    }


def test_a_text_leads_to_the_ways_of_using_it(client, released):
    page = soup(client.get(f"/items/{FIRST}"))
    (link,) = [
        one for one in page.find_all("a") if one.text == "Use this on your website"
    ]

    answer = client.get(link["href"])

    ready = codes(soup(answer))
    assert ready["link"] == f"{ORIGIN}/items/{FIRST}"
    assert ready["frame"].startswith(
        f'<iframe src="{ORIGIN}{FRAME}" title="Local Offer'
    )
    assert ready["fragment"] == f"{ORIGIN}{FRAGMENT}?heading=2"
    assert f"file_get_contents('{ORIGIN}{FRAGMENT}?heading=2'" in ready["php"]
    assert ready["api"] == f"{ORIGIN}/api/v1/items/{FIRST}"
    assert ready["rss"] == f"{ORIGIN}/feeds/local-offer.rss"
    assert "Agreed by" in ready["words"]
    assert 'rel="license"' in ready["credit"]
    assert ready["height"] == (
        f'<script src="{ORIGIN}/static/embeds/height.js" defer></script>'
    )
    assert soup(answer).find("iframe")["src"] == FRAME
    for line in (f"frame-src {ORIGIN};", f"script-src {ORIGIN};", f"img-src {ORIGIN};"):
        assert line in answer.text
    assert not answer.cookies
    assert answer["X-Frame-Options"] == "DENY"
    assert directives(answer)["frame-src"] == "'self'"


def test_code_that_stays_in_other_pages_holds_no_word_of_the_text(client, released):
    """Nobody changes it there when the text is corrected or taken back."""
    page = soup(client.get(f"/items/{FIRST}/use"))

    ready = codes(page) | {one["id"]: one.text for one in page.select("pre code[id]")}
    for name in set(ready) - {"credit", "words"}:
        assert TITLE not in ready[name], name


def test_code_for_a_server_holds_nothing_that_somebody_wrote(
    client, write, release, time_machine
):
    PublisherSettings.objects.create(name="It's '); system('x'); //")
    release(write(content_id=FIRST, title="Who's who'); system('x'); //"))

    assert "system" not in codes(soup(client.get(f"/items/{FIRST}/use")))["php"]


def test_a_list_leads_to_the_ways_of_using_it(client, news):
    index = soup(client.get("/use/"))
    (link,) = [one for one in index.find_all("a") if one.text == "News for Shropshire"]

    answer = client.get(link["href"])

    ready = codes(soup(answer))
    assert ready["link"] == f"{ORIGIN}/feeds/news/shropshire/"
    assert client.get("/feeds/news/shropshire/").status_code == 200
    assert ready["fragment"] == f"{ORIGIN}/fragments/news/shropshire.html?heading=2"
    assert ready["api"] == f"{ORIGIN}/api/v1/items?kind=news&area=shropshire"
    assert ready["atom"] == f"{ORIGIN}/feeds/news/shropshire.atom"
    for name in ("api", "rss", "fragment"):
        assert client.get(ready[name].removeprefix(ORIGIN)).status_code == 200
    topic = codes(soup(client.get("/use/news/topic/health")))
    assert topic["rss"] == f"{ORIGIN}/feeds/news/topic/health.rss"
    both = codes(soup(client.get("/use/news/shropshire/topic/health")))
    assert both["rss"] == f"{ORIGIN}/feeds/news/shropshire/health.rss"
    assert both["api"].endswith("?kind=news&area=shropshire&topic=health")


def test_ways_of_using_what_is_not_there(client, world, released):
    for path in (f"/items/{NEVER}/use", "/use/nothing", "/use/news/x", "/use/a/b/c"):
        answer = client.get(path)
        assert answer.status_code == 404
        assert "There is nothing to use at this address" in answer.text
    withdraw(world)

    gone = client.get(f"/items/{FIRST}/use")

    assert (gone.status_code, gone["Location"]) == (302, f"{ORIGIN}/items/{FIRST}")
    assert client.get("/use")["Location"] == "/use/"


def test_ways_of_using_cost_one_query(client, released, django_assert_num_queries):
    PublisherSettings.objects.create(name="SEND together")
    for path in (f"/items/{FIRST}/use", "/use/all", "/use/local-offer/shropshire"):
        with django_assert_num_queries(1):
            assert client.get(path).status_code == 200
