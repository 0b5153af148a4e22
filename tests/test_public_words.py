"""What every channel says of labels, corrections, dissent and withdrawal.

No channel may claim more than the forums said, and none may drop what they asked for.
"""

import io
import json
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from uuid import uuid4

import feedparser
import pytest
from bs4 import BeautifulSoup
from django.core import mail
from django.core.files.images import ImageFile
from django.core.management import call_command
from PIL import Image as Picture
from wagtail.images.models import Image

from cms import corrections, withdrawals
from cms import sign_off as verbs
from cms.models import FrozenImage, Proof
from site_settings.models import PublisherSettings, SignOffSettings
from syndication import receipts
from syndication.models import Change, Release
from syndication.newsletters import sending
from syndication.newsletters.models import Issue

from .public import everything
from .test_api_contract import conforms, document  # noqa: F401

ORIGIN = "https://localoffer.example"
NOON = datetime(2026, 5, 3, 12, tzinfo=UTC)
TITLE = "Getting help with talking and understanding"
CHANGED = "Changed on 3 May 2026 before forum review"
FEEDS = ("rss", "atom", "json")

EXAMPLES = Path(__file__).parent.parent / "syndication" / "api" / "examples.json"


@pytest.fixture(autouse=True)
def noon(time_machine):
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def page(write):
    return write()


@pytest.fixture
def correct(world):
    """Correct the telephone number of a public page at once; gives the release."""

    def correct(page, number="01632 960555"):
        page = corrections.public_version(page)
        (field,) = (
            one for one in corrections.fields(page) if "Telephone of" in one.label
        )
        corrections.correct(
            page=page, values={field.name: number}, by=world.admin, reason="New line"
        )
        return Release.objects.current().get(item__content_id=page.content_id)

    return correct


@pytest.fixture
def corrected(page, release, correct):
    release(page)
    return correct(page)


@pytest.fixture
def dissented(world, page, submit, sign):
    """A release to which PODS did not agree, and says why."""
    SignOffSettings.objects.create(dissent="publish")
    proof = submit(page)
    verbs.not_agree(
        proof=proof,
        forum=world.pods,
        by=world.pip,
        fingerprint=proof.fingerprint,
        comment="Waiting times\nare left out.",
        comment_is_public=True,
    )
    again = verbs.submit_with_dissent(proof=proof, by=world.editor)
    sign(again, world.pacc, world.pat)
    sign(again, world.pods, world.pip)
    return Release.objects.current().get(item__content_id=page.content_id)


@pytest.fixture
def withdraw(world):
    def withdraw(release, kind="gone", **kwargs):
        withdrawals.withdraw(
            content_id=release.item.content_id,
            by=world.pat,
            reason="Private",
            kind=kind,
            **kwargs,
        )
        release.refresh_from_db()

    return withdraw


def words(client, path):
    """A page as somebody reads it."""
    page = BeautifulSoup(client.get(path).content, "html.parser")
    return " ".join(page.get_text(" ").split())


def address(release):
    return f"/items/{release.item.content_id}"


def entry_of(client, form):
    """The first text in a feed, after notices about it; the same for each format."""
    body = client.get(f"/feeds/all.{form}").content
    if form == "json":
        items = json.loads(body)["items"]
        entry = next(one for one in items if "receipt" in one["_countersign"])
        return SimpleNamespace(
            summary=entry["summary"],
            content=[entry["content_html"], entry["content_text"]],
            authors=[one["name"] for one in entry.get("authors", ())],
        )
    entry = next(one for one in feedparser.parse(body).entries if "rights" in one)
    return SimpleNamespace(
        summary=entry.summary,
        content=[entry.content[0].value],
        authors=[one["name"] for one in entry.get("authors", ()) if "name" in one],
    )


def compile_issue():
    call_command("compile_digest")
    return Issue.objects.get()


# The label.


def test_a_label_is_shown_with_its_reason(client, world, write, release):
    made = release(
        write(
            co_production=[
                {
                    "type": "part",
                    "value": {
                        "forum": world.pacc.pk,
                        "who": "",
                        "stage": "idea",
                        "how_many": "6-20",
                    },
                }
            ],
            what_changed="The line opens in the evening.",
        )
    )

    reason = "PACC helped before anything was written and agreed to the result."
    label = {"slug": "co-produced", "name": "Co-produced", "reason": reason}
    assert client.get(f"/api/v1{address(made)}").json()["receipt"]["label"] == label
    confirmation = client.get(f"/api/v1/receipts/{made.fingerprint}").json()
    assert confirmation["receipt"]["label"] == label
    for path in (address(made), f"/receipts/{made.fingerprint}"):
        assert f"Co-produced. {reason}" in words(client, path)
    for form in FEEDS:
        for content in entry_of(client, form).content:
            assert f"Co-produced. {reason}" in content
    assert "Co-produced." in words(client, "/")
    shown = words(client, address(made))
    assert (
        "Shropshire Parent and Carer Council: before anything was written, about 6 to "
        "20 people" in shown
    )
    assert "What changed because of them: The line opens in the evening." in shown
    for part in compile_issue().representation()["sections"]:
        assert f"Co-produced. {reason}" in part["html"]
        assert f"Co-produced. {reason}" in part["text"]


# Corrections.


@pytest.mark.parametrize("path", ["/", "item", "receipt"])
def test_pages_say_that_a_fact_was_changed_before_review(client, corrected, path):
    paths = {
        "item": address(corrected),
        "receipt": f"/receipts/{corrected.fingerprint}",
    }

    shown = words(client, paths.get(path, path))

    assert CHANGED in shown
    assert "Agreed by" not in shown
    assert "agreed on" not in shown
    if path != "/":
        assert "Telephone of “Speech and language advice line”" in shown
        assert "Information only." in shown
        assert "No forum has agreed to this version yet." in shown


def test_search_engines_show_the_label_of_a_correction(client, corrected):
    page = client.get(address(corrected)).text

    assert f'<meta name="description" content="{CHANGED}. Who can help' in page


def test_the_api_says_that_a_fact_was_changed_before_review(client, corrected):
    item = client.get(f"/api/v1{address(corrected)}").json()
    (listed,) = client.get("/api/v1/items").json()["items"]
    confirmed = client.get(f"/api/v1/receipts/{corrected.fingerprint}").json()

    for receipt in (item["receipt"], listed["receipt"], confirmed["receipt"]):
        assert receipt["before_review"] == {
            "changed_at": "2026-05-03T12:00:00Z",
            "fields": ["Telephone of “Speech and language advice line”"],
        }
        assert receipt["forums"] == []
    assert client.get("/api/v1/changes").json()["changes"][-1]["type"] == "corrected"


@pytest.mark.parametrize("form", FEEDS)
def test_feeds_say_it_in_the_summary_and_in_the_content(client, corrected, form):
    entry = entry_of(client, form)

    assert entry.summary == f"{CHANGED}. Who can help, and what to try first."
    for content in entry.content:
        # Above the text and below it.
        assert content.removeprefix("<p><strong>").startswith(CHANGED)
        assert content.count(CHANGED) == 2
        assert "Agreed by" not in content
    # Whoever has not agreed is no author of it; Atom and JSON then name the publisher.
    assert not {"Shropshire Parent and Carer Council", "Parents Opening Doors"} & set(
        entry.authors
    )


@pytest.mark.parametrize("form", ["rss", "atom"])
def test_programs_that_read_feeds_learn_what_was_changed(client, corrected, form):
    feed = client.get(f"/feeds/all.{form}").text

    assert '<cs:before-review changed="2026-05-03T12:00:00Z">' in feed
    assert "<cs:field>Telephone of “Speech and language advice line”</cs:field>" in feed


def test_the_newsletter_says_that_a_fact_was_changed_before_review(corrected):
    (section,) = compile_issue().representation()["sections"]

    for part in (section["html"], section["text"]):
        assert f"{CHANGED}." in part
        assert "Agreed by" not in part


def test_a_correction_that_forums_signed_is_like_any_text(
    client, world, corrected, sign
):
    proof = Proof.objects.open().get(content_id=corrected.item.content_id)
    sign(proof, world.pacc, world.pat)
    sign(proof, world.pods, world.pip)

    page = client.get(address(corrected)).text + client.get("/feeds/all.rss").text

    assert "before forum review" not in page
    receipt = words(client, f"/receipts/{corrected.fingerprint}")
    assert "Current." in receipt
    assert "Parents Opening Doors agreed on" in receipt


def test_a_copy_of_a_correction_is_told_from_one_of_the_signed_text(client, corrected):
    article = BeautifulSoup(
        client.get(address(corrected)).content, "html.parser"
    ).article

    answer = client.post(
        f"/receipts/{corrected.fingerprint}", {"copy": article.get_text(" ")}
    )

    assert "This was changed before forum review." in answer.text
    assert "corrected on 3 May 2026" in answer.text
    assert "Telephone of “Speech and language advice line”" in answer.text


# Dissent.


def test_a_forum_that_did_not_agree_is_never_named_as_agreeing(client, dissented):
    compile_issue()
    # Both agreed to the example that describes the API.
    example = json.loads(EXAMPLES.read_text(encoding="utf-8"))["item"]["attribution"]
    said = everything([]).decode().replace(example["statement"], "")

    assert "Parents Opening Doors did not agree" in said
    for wrong in (
        "Agreed by Parents Opening Doors",
        "Council and Parents Opening Doors",
        "Parents Opening Doors agreed",
        "<dc:creator>Parents Opening Doors",
        "<name>Parents Opening Doors",
    ):
        assert wrong not in said
    assert dissented.receipt["label"]["slug"] == "reviewed"
    assert "PODS" not in dissented.receipt["label"]["reason"]


def test_its_comment_is_shown_beside_its_name(client, dissented):
    for path in (address(dissented), f"/receipts/{dissented.fingerprint}"):
        assert (
            "Parents Opening Doors did not agree, as it said on 3 May 2026 . It says: "
            "“Waiting times are left out.”" in words(client, path)
        )
    for form in FEEDS:
        for content in entry_of(client, form).content:
            assert "Waiting times are left out." in content
            assert (
                "Agreed by Shropshire Parent and Carer Council on 3 May 2026. Parents "
                "Opening Doors did not agree." in content
            )
    (section,) = compile_issue().representation()["sections"]
    for part in (section["html"], section["text"]):
        assert "Parents Opening Doors did not agree" in part
        assert "Waiting times are left out." in part


def test_its_comment_goes_with_the_text(client, dissented, withdraw):
    withdraw(dissented)

    shown = words(client, f"/receipts/{dissented.fingerprint}")

    assert "Parents Opening Doors did not agree" in shown
    assert "Waiting times" not in shown
    assert b"Waiting times" not in everything([])


@pytest.mark.parametrize("form", FEEDS)
def test_a_forum_that_did_not_agree_is_no_author(client, dissented, form):
    assert entry_of(client, form).authors == ["Shropshire Parent and Carer Council"]


def test_the_api_tells_a_dissent_from_a_signature(client, dissented):
    item = client.get(f"/api/v1{address(dissented)}").json()

    assert {one["slug"]: one["decision"] for one in item["receipt"]["forums"]} == {
        "pacc": "agree",
        "pods": "dissent",
    }
    assert item["content"]["dissent"] == [
        {
            "forum": "pods",
            "name": "Parents Opening Doors",
            "comment": "Waiting times\nare left out.",
        }
    ]


def test_the_mail_says_who_did_not_agree_to_the_issue(
    world,
    page,
    release,
    sign,
    subscribe,
):
    """In its frame, and above its items."""
    release(page)
    SignOffSettings.objects.create(dissent="publish")
    subscribe()
    issue = compile_issue()
    proof = Proof.objects.open().get(content_id=issue.content_id)
    verbs.not_agree(
        proof=proof,
        forum=world.pods,
        by=world.pip,
        fingerprint=proof.fingerprint,
        comment="Too late.",
        comment_is_public=True,
    )
    again = verbs.submit_with_dissent(proof=proof, by=world.editor)
    sign(again, world.pacc, world.pat)
    sign(again, world.pods, world.pip)
    sending.send_due()

    message = mail.outbox[-1]
    for body in (message.body, message.alternatives[0].content):
        # Lines of the text part end where mail programs join them again.
        part = " ".join(body.split())
        assert "Parents Opening Doors did not agree to this text." in part
        assert "It says: Too late." in part
        assert (
            "Agreed by Shropshire Parent and Carer Council on 3 May 2026. Parents "
            "Opening Doors did not agree." in part
        )
        assert "Reviewed by forum. PACC read the finished text" in part


# Withdrawal.


def test_what_was_replaced_leads_to_the_other_text(client, write, release, withdraw):
    old, new = release(write()), release(write("news", title="The new line"))
    withdraw(old, "redirect", to=new.item.content_id, public_note="See the new page.")

    page = client.get(address(old))
    problem = client.get(f"/api/v1{address(old)}")
    row = client.get("/api/v1/changes").json()["changes"][-1]

    replacement = {
        "content_id": str(new.item.content_id),
        "url": f"{ORIGIN}{address(new)}",
    }
    assert (page.status_code, page["Location"]) == (301, replacement["url"])
    assert page["Cache-Control"] == "public, max-age=60"
    assert f"item-{new.item.content_id}" in page["Cache-Tag"]
    assert problem.status_code == 410
    assert problem.json()["replacement"] == replacement
    assert problem.json()["note"] == "See the new page."
    assert "link to the replacement" in problem.json()["detail"]
    assert (row["type"], row["replacement"]) == ("redirected", replacement)
    receipt = client.get(f"/receipts/{old.fingerprint}").text
    assert f'<a href="{address(new)}">' in receipt
    assert TITLE not in receipt


def test_nothing_leads_to_a_text_that_is_gone_too(client, write, release, withdraw):
    old, new = release(write()), release(write("news", title="The new line"))
    withdraw(old, "redirect", to=new.item.content_id)
    withdraw(new)

    assert client.get(address(old)).status_code == 410
    problem = client.get(f"/api/v1{address(old)}")
    assert problem.status_code == 410
    assert "replacement" not in problem.json()
    assert address(new) not in client.get(f"/receipts/{old.fingerprint}").text


def test_a_notice_stays_readable_in_place_of_the_text(client, page, release, withdraw):
    made = release(page)
    withdraw(made, "notice", public_note="The line has closed.\n\nRing 111 instead.")

    shown = client.get(address(made))
    problem = client.get(f"/api/v1{address(made)}")

    assert shown.status_code == 200
    assert "<p>The line has closed.</p>" in shown.text
    assert "noindex" not in shown.text
    assert TITLE not in shown.text
    assert problem.status_code == 410
    assert problem.json()["note"].startswith("The line has closed.")
    assert "The line has closed." in client.get(f"/receipts/{made.fingerprint}").text


def test_what_is_gone_says_so(client, page, release, withdraw):
    made = release(page)
    withdraw(made, public_note="A mistake.")

    shown = client.get(address(made))

    assert shown.status_code == 410
    assert "A mistake." in shown.text
    assert "noindex" in shown.text


@pytest.fixture
def vanished(world, write, release, edit, withdraw):
    """An item of two versions and an image-less body, taken back without trace."""
    page = write()
    first = release(page)
    second = release(edit(page, world.editor, title="Help with talking"))
    withdraw(second, "vanish", public_note="Not to be shown.")
    return SimpleNamespace(first=first, second=second, page=page)


def same(client, path, unknown, **kwargs):
    """Whether two answers are the same but for the address that was asked."""
    got, expected = client.get(path), client.get(unknown)
    last, other = path.rpartition("/")[2], unknown.rpartition("/")[2]

    def told(answer, name):
        headers = {key: value.replace(name, "") for key, value in answer.items()}
        return answer.status_code, answer.text.replace(name, ""), headers

    return told(got, last) == told(expected, other)


def test_what_vanished_is_as_if_it_had_never_been(client, vanished):
    known, never = str(vanished.page.content_id), str(uuid4())

    for place in ("/items/", "/api/v1/items/", "/newsletter/issues/"):
        assert client.get(place + known).status_code == 404
        assert same(client, place + known, place + never)
    for made in (vanished.first, vanished.second):
        for place in ("/receipts/", "/api/v1/receipts/"):
            assert client.get(place + made.fingerprint).status_code == 404
            assert same(client, place + made.fingerprint, place + "0" * 64)
        copy = {"copy": "Who can help, and what to try first. Who to ring"}
        assert client.post(f"/receipts/{made.fingerprint}", copy).status_code == 404


def test_the_log_still_says_that_it_went_and_nothing_more(client, vanished):
    rows = client.get("/api/v1/changes").json()["changes"]

    assert [row["type"] for row in rows] == ["published", "updated", "withdrawn"]
    assert all("note" not in row for row in rows)
    for told in (TITLE, "Help with talking", "Not to be shown"):
        assert told.encode() not in everything([vanished.page])


def test_a_note_of_before_vanishes_too(client, world, page, release, withdraw):
    """An earlier word about the item may be what endangers somebody."""
    first = release(page)
    withdraw(first, public_note="It named a refuge.")
    page.refresh_from_db()
    withdraw(release(page), "vanish")

    assert "refuge" not in client.get("/api/v1/changes").text
    assert Change.objects.filter(note__contains="refuge").exists()


def test_what_vanished_can_be_signed_anew_and_its_past_stays_hidden(
    client, world, vanished, edit, release
):
    vanished.page.refresh_from_db()
    again = release(edit(vanished.page, world.editor, title="Safe to show"))

    assert client.get(address(again)).status_code == 200
    assert client.get(f"/receipts/{vanished.second.fingerprint}").status_code == 404
    copy = "Help with talking. Who can help, and what to try first. Who to ring"
    answer = client.post(f"/receipts/{again.fingerprint}", {"copy": copy})
    assert "This is an older version" not in answer.text


def test_the_log_tells_what_is_said_after_it_came_back_and_nothing_of_before(
    client, world, page, release, withdraw, edit
):
    withdraw(release(page), "gone", public_note="It named a refuge.")
    page.refresh_from_db()
    withdraw(release(page), "vanish", public_note="Not to be shown.")
    page.refresh_from_db()
    again = release(edit(page, world.editor, title="Safe to show"))
    withdraw(again, "notice", public_note="The line has closed.")

    rows = client.get("/api/v1/changes").json()["changes"]

    told = [(row["type"], row["version"], row.get("note")) for row in rows]
    assert told == [
        ("published", 1, None),
        ("withdrawn", 1, None),
        ("restored", 2, None),
        ("withdrawn", 2, None),
        ("restored", 3, None),
        ("withdrawn", 3, "The line has closed."),
    ]


def test_an_image_that_vanished_was_never_there(client, write, release, withdraw):
    file = io.BytesIO()
    Picture.new("RGB", (40, 30), "teal").save(file, "PNG")
    image = Image.objects.create(title="A", file=ImageFile(file, name="a.png"))
    block = {"image": image.pk, "alt_text": "A door", "decorative": False}
    made = release(write(body=[{"type": "image", "value": block}]))
    withdraw(made, "vanish")

    assert client.get(f"/images/{FrozenImage.objects.get().name}").status_code == 404


def test_what_leaves_an_area_is_told_by_area(client, world, page, release):
    release(page)
    SignOffSettings.objects.create(leaving="tell")
    draft = page.get_latest_revision_as_object()
    draft.areas = [world.shropshire]
    draft.save_revision(user=world.editor)
    page.refresh_from_db()
    release(page)

    rows = client.get("/api/v1/changes").json()["changes"]

    assert [row["type"] for row in rows] == ["published", "updated", "left_selection"]
    assert [row.get("area") for row in rows] == [None, None, "telford-and-wrekin"]


@pytest.mark.parametrize("kind", ["gone", "redirect", "notice", "vanish"])
def test_whatever_stays_costs_one_query(
    client, write, release, withdraw, kind, django_assert_num_queries
):
    made, other = release(write()), release(write("news", title="The new line"))
    to = {"to": other.item.content_id} if kind == "redirect" else {}
    PublisherSettings.objects.create(name="SEND together")
    withdraw(made, kind, public_note="Closed.", **to)
    path = address(made)

    # Of what vanished the query finds nothing that could name the publisher.
    with django_assert_num_queries(2 if kind == "vanish" else 1):
        client.get(path)
    with django_assert_num_queries(1):
        client.get(f"/api/v1{path}")
    with django_assert_num_queries(1):
        client.get("/api/v1/changes")


# What is promised of all this in the description for programs.


def test_answers_about_outcomes_keep_to_the_document(
    client,
    world,
    dissented,
    write,
    release,
    correct,
    withdraw,
    conforms,  # noqa: F811
    document,  # noqa: F811
):
    other = write("news", title="The new line", what_changed="Evenings.")
    release(other)
    corrected = correct(other)
    items = client.get("/api/v1/items").json()
    withdraw(dissented, "redirect", to=other.content_id, public_note="Moved.")
    problem = client.get(f"/api/v1{address(dissented)}").json()
    changes = client.get("/api/v1/changes").json()

    conforms(items, "ItemPage")
    conforms(problem, "Withdrawn")
    conforms(changes, "ChangePage")
    conforms(
        client.get(f"/api/v1/receipts/{corrected.fingerprint}").json(), "Confirmation"
    )
    told = document["components"]["schemas"]
    newest, oldest = items["items"]
    for name, value in (
        ("Receipt", newest["receipt"]),
        ("BeforeReview", newest["receipt"]["before_review"]),
        ("Content", newest["content"]),
        ("CoProduction", newest["content"]["co_production"]),
        ("Content", oldest["content"]),
        ("Dissent", oldest["content"]["dissent"][0]),
        ("Label", oldest["receipt"]["label"]),
        ("Withdrawn", problem),
        ("Change", changes["changes"][-1]),
    ):
        assert set(value) <= set(told[name]["properties"]), name


# The sentences themselves.


def receipt(*forums, **more):
    names = [
        {"name": name, "decision": decision, "signed_at": at}
        for name, decision, at in forums
    ]
    return {"forums": names, **more}


DAY = "2026-05-03T12:00:00Z"
NEXT = "2026-05-05T12:00:00Z"


@pytest.mark.parametrize(
    ("given", "sentence", "who"),
    [
        (
            receipt(("A", "agree", DAY), ("B", "agree_with_comments", DAY)),
            "Agreed by A and B on 3 May 2026.",
            "Agreed by A and B.",
        ),
        (
            receipt(("A", "agree", DAY), ("B", "agree", NEXT), ("C", "dissent", NEXT)),
            "Agreed by A on 3 May 2026 and B on 5 May 2026. C did not agree.",
            "Agreed by A and B. C did not agree.",
        ),
        (receipt(("A", "dissent", DAY)), "A did not agree.", "A did not agree."),
        (
            receipt(before_review={"changed_at": DAY, "fields": ["Ages"]}),
            f"{CHANGED}.",
            f"{CHANGED}.",
        ),
    ],
)
def test_a_sentence_claims_no_more_than_is_so(given, sentence, who):
    assert receipts.sentence(given) == sentence
    assert receipts.who(given) == who
