"""The register of sign-offs: on screen, narrowed, and as a file that does no harm."""

import csv
import io
import zipfile
from datetime import datetime, timedelta

import openpyxl
import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import given, settings, strategies

from cms import register, sign_off, spreadsheets
from cms.models import NoReply, Proof
from cms.spreadsheets import harmless

ADDRESS = "/admin/sign-off/register/"


@pytest.fixture
def answers(world, write, submit, sign):
    """Short breaks are released; PODS let the due date of the news pass."""
    proof = submit(write(title="Short breaks"))
    sign(proof, world.pacc, world.pat, comment="Clear and kind.")
    sign(proof, world.pods, world.pip)
    news = submit(write("news", title="New times", areas=[world.telford]))
    NoReply.objects.create(
        proof=news, forum=world.pods, due_on=news.due_on, recorded_at=timezone.now()
    )
    return proof, news


def shown(response):
    """``[(title, signatory, answer)]`` of a page of the register."""
    assert response.status_code == 200
    return [
        (row.proof.title, row.forum.short_name, row.answer)
        for row in register.read(response.context_data["page"].object_list)
    ]


def read_csv(response):
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def read_xlsx(response):
    file = io.BytesIO(response.getvalue())
    sheet = openpyxl.load_workbook(file).active
    headings, *rows = sheet.iter_rows()
    return [
        {heading.value: cell for heading, cell in zip(headings, row, strict=True)}
        for row in rows
    ]


# Who sees what


def test_an_editor_finds_every_answer_and_every_silence(world, answers, client_of):
    response = client_of(world.editor).get(ADDRESS)

    assert shown(response) == [
        ("New times", "PODS", f"No reply by {answers[1].due_on:%-d %B %Y}"),
        ("Short breaks", "PODS", "Agreed"),
        ("Short breaks", "PACC", "Agreed, with comments"),
    ]
    html = response.content.decode()
    assert "Clear and kind." in html
    assert answers[0].fingerprint[:8] in html
    assert "Released on" in html


def test_a_member_sees_the_proofs_that_concern_their_forum(world, answers, client_of):
    assert [row[:2] for row in shown(client_of(world.pat).get(ADDRESS))] == [
        ("Short breaks", "PODS"),
        ("Short breaks", "PACC"),
    ]
    assert len(shown(client_of(world.pip).get(ADDRESS))) == 3
    assert len(shown(client_of(world.admin).get(ADDRESS))) == 3


def test_a_file_holds_no_more_than_its_reader_may_see(world, answers, client_of):
    rows = read_csv(client_of(world.pat).get(ADDRESS, {"as": "csv"}))

    assert {row["Item"] for row in rows} == {"Short breaks"}


def test_who_belongs_nowhere_is_turned_away(world, answers, client_of):
    kit = User.objects.create_user("kit")
    kit.user_permissions.add(*world.pacc.group.permissions.all())

    response = client_of(kit).get(ADDRESS)

    assert response.status_code == 302
    assert response["Location"] == reverse("wagtailadmin_home")


def test_strangers_are_asked_to_sign_in(answers, client):
    assert "/login/" in client.get(ADDRESS)["Location"]


def test_a_member_finds_the_register_in_the_menu(world, client_of):
    html = client_of(world.pat).get("/admin/").content.decode()

    assert ADDRESS in html


# Narrowing


@pytest.mark.parametrize(
    ("chosen", "found"),
    [
        ({"words": "kind."}, ["PACC"]),
        ({"words": "short BREAKS"}, ["PODS", "PACC"]),
        ({"words": "pip"}, ["PODS"]),
        ({"words": "nothing like it"}, []),
        ({"answer": "agree"}, ["PODS"]),
        ({"answer": "no_reply"}, ["PODS"]),
        ({"kind": "news"}, ["PODS"]),
        ({"since": "2999-01-01"}, []),
        ({"until": "2001-01-01"}, []),
        ({"since": "2001-01-01", "until": "2999-01-01"}, ["PODS", "PODS", "PACC"]),
    ],
)
def test_the_register_can_be_narrowed(world, answers, client_of, chosen, found):
    rows = shown(client_of(world.editor).get(ADDRESS, chosen))

    assert [forum for _, forum, _ in rows] == found


def test_one_signatory_can_be_chosen_and_the_file_keeps_to_it(
    world, answers, client_of
):
    client = client_of(world.editor)
    response = client.get(ADDRESS, {"forum": world.pacc.pk})

    assert [row[1] for row in shown(response)] == ["PACC"]
    assert f"?forum={world.pacc.pk}&amp;as=csv" in response.content.decode()
    (row,) = read_csv(client.get(f"{ADDRESS}?forum={world.pacc.pk}&as=csv"))
    assert row["Signatory"] == world.pacc.name


def test_a_day_begins_and_ends_where_the_forums_live(
    world, write, submit, sign, client_of, time_machine
):
    time_machine.move_to("2026-07-01T10:00:00Z")
    proof = submit(write())
    time_machine.move_to("2026-07-01T23:30:00Z")  # Half past midnight in London.
    sign(proof, world.pacc, world.pat)

    client = client_of(world.editor)
    assert len(shown(client.get(ADDRESS, {"since": "2026-07-02"}))) == 1
    assert shown(client.get(ADDRESS, {"until": "2026-07-01"})) == []
    (row,) = read_csv(client.get(ADDRESS, {"as": "csv"}))
    assert (row["When"], row["Days taken"]) == ("2026-07-02 00:30", "1")


@pytest.mark.parametrize(
    "chosen", [{"since": "yesterday"}, {"forum": "999"}, {"answer": "maybe"}]
)
def test_what_cannot_be_chosen_is_said(world, answers, client_of, chosen):
    response = client_of(world.editor).get(ADDRESS, chosen)

    assert response.status_code == 400
    assert "could not be used" in response.content.decode()


def test_a_member_cannot_choose_a_signatory_of_other_proofs(
    world, write, submit, sign, client_of
):
    sign(submit(write(areas=[world.telford])), world.pods, world.pip)

    response = client_of(world.pat).get(ADDRESS, {"forum": world.pods.pk})

    assert response.status_code == 400


# What became of it


def test_a_sign_off_that_was_taken_back_stays_on_record(
    world, write, submit, sign, client_of
):
    proof = submit(write())
    sign(proof, world.pacc, world.pat)
    sign_off.take_back(proof=proof, forum=world.pacc, by=world.pat)

    response = client_of(world.editor).get(ADDRESS)

    assert "Taken back on" in response.content.decode()
    assert "Waits for sign-off" in response.content.decode()


@pytest.mark.parametrize(
    ("outcome", "fields", "said"),
    [
        ("open", {}, "Waits for sign-off"),
        ("open", {"route": "correction"}, "Public before review, waits for it"),
        ("embargoed", {}, "Signed, to be released on 3 May 2027"),
        ("signed", {}, "Released on 2 May 2027"),
        ("withdrawn", {}, "Released, taken back on 2 May 2027"),
        ("changes", {}, "Not released: changes asked for"),
        ("not_agreed", {}, "Not released: not agreed"),
        ("not_agreed", {"route": "correction"}, "Public before review; not agreed"),
        ("stopped", {"closed_reason": "taken back"}, "Not released: taken back"),
    ],
)
def test_what_became_of_a_proof_is_said_in_a_few_words(outcome, fields, said):
    noon = datetime(2027, 5, 2, 12, tzinfo=timezone.get_default_timezone())
    proof = Proof(
        outcome=outcome,
        closed_at=noon,
        release_at=noon + timedelta(days=1),
        **fields,
    )

    assert register.result_of(proof) == said


# Files


def test_the_file_tells_the_whole_fingerprint_and_when(world, answers, client_of):
    response = client_of(world.editor).get(ADDRESS, {"as": "csv"})

    assert response.streaming
    assert response["Content-Disposition"].endswith(f'{timezone.localdate()}.csv"')
    rows = read_csv(response)
    assert [row["By"] for row in rows] == ["", "pip", "pat"]
    assert rows[2] == {
        "Item": "Short breaks",
        "Kind": "Local offer",
        "Fingerprint": answers[0].fingerprint,
        "Signatory": "Shropshire Parent and Carer Council",
        "Answer": "Agreed, with comments",
        "By": "pat",
        "When": rows[2]["When"],
        "Sent": rows[2]["Sent"],
        "Days taken": "0",
        "Comment": "Clear and kind.",
        "Taken back": "",
        "Result": rows[2]["Result"],
    }


STARTS = [
    *"=+-@|%\t\r\n",
    *"\uff1d\uff0b\uff0d\uff20",  # The same, full width.
    "\N{MINUS SIGN}",
    "\N{SMALL PLUS SIGN}",
    " =",
    "\u200b=",
    "\ufeff=",
    "\u00a0@",
]


@pytest.mark.parametrize("start", STARTS)
def test_a_comment_never_becomes_a_formula(start):
    bad = f"{start}HYPERLINK(1)"

    lines = b"".join(spreadsheets.as_csv("", ["Comment"], [[bad]])).decode("utf-8-sig")
    (row,) = list(csv.reader(io.StringIO(lines, newline="")))[1:]
    file = io.BytesIO(b"".join(spreadsheets.as_xlsx("Sheet", ["Comment"], [[bad]])))
    cell = openpyxl.load_workbook(file).active["A2"]
    sheet = zipfile.ZipFile(file).read("xl/worksheets/sheet1.xml")

    assert row == [f"'{bad}"]
    # XML may have a line feed for it: that depends on who writes it.
    assert cell.value.replace("\r", "\n") == f"'{bad}".replace("\r", "\n")
    assert cell.data_type == "s"
    assert b"<f>" not in sheet


@given(strategies.text(max_size=20))
@settings(deadline=None)
def test_no_text_is_active_in_any_way_of_reading_it(text):
    cell = harmless(text)

    assert cell in {text, f"'{text}"}
    first = str(cell).strip().lstrip("\ufeff\u200b").strip()[:1]
    assert not set(first) & set("=+-@|%\uff1d\uff0b\uff0d\uff20\u2212")
    assert not set(str(cell)[:1]) & set("\t\r\n")


def test_a_comment_and_a_title_are_harmless_in_the_register(
    world, write, submit, sign, client_of
):
    proof = submit(write(title="=1+1"))
    sign(proof, world.pacc, world.pat, comment='=HYPERLINK("https://example.org")')

    (row,) = read_csv(client_of(world.editor).get(ADDRESS, {"as": "csv"}))
    assert (row["Item"], row["Comment"][:2]) == ("'=1+1", "'=")
    (row,) = read_xlsx(client_of(world.editor).get(ADDRESS, {"as": "xlsx"}))
    assert row["Item"].value == "'=1+1"
    assert row["Days taken"].value == 0
    assert "f" not in {cell.data_type for cell in row.values()}


def test_a_control_character_spoils_no_workbook():
    pieces = spreadsheets.as_xlsx("Sheet", ["Comment"], [["Ding\x07"]])
    cell = openpyxl.load_workbook(io.BytesIO(b"".join(pieces))).active["A2"]

    assert cell.value == "Ding\N{REPLACEMENT CHARACTER}"


# How much it asks of the database


def test_a_longer_register_needs_no_more_queries(world, write, submit, sign, client_of):
    client = client_of(world.editor)

    def queries(address):
        with CaptureQueriesContext(
            connection,
        ) as captured:
            response = client.get(address)
            response.getvalue()
        return len(captured)

    def more():
        sign(submit(write()), world.pacc, world.pat, comment="Good.")

    more()
    client.get(ADDRESS)
    few = [
        queries(ADDRESS),
        queries(f"{ADDRESS}?as=csv"),
        queries(f"{ADDRESS}?as=xlsx"),
    ]
    for _ in range(4):
        more()
    many = [
        queries(ADDRESS),
        queries(f"{ADDRESS}?as=csv"),
        queries(f"{ADDRESS}?as=xlsx"),
    ]

    assert many == few


def test_a_long_register_comes_in_pages_and_batches(
    world, answers, client_of, monkeypatch
):
    monkeypatch.setattr("cms.views.register.ROWS_ON_A_PAGE", 2)
    monkeypatch.setattr(register, "BATCH", 2)
    client = client_of(world.editor)

    first = client.get(ADDRESS, {"words": "s"})
    assert len(shown(first)) == 2
    assert "?words=s&amp;p=2" in first.content.decode()
    assert len(shown(client.get(ADDRESS, {"words": "s", "p": 2}))) == 1
    assert len(read_csv(client.get(ADDRESS, {"as": "csv"}))) == 3
