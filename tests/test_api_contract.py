"""What we tell partners of the API is a file, and the answers keep to it."""

import hashlib
import io
import re

import pytest
import rfc8785
from bs4 import BeautifulSoup
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from jsonschema import Draft202012Validator

from cms import withdrawals
from cms.models import Topic
from syndication.api import examples, problems

from .partners import acknowledge, ask, make_key, make_partner

PROMISED = settings.BASE_DIR / "docs" / "openapi.yaml"


@pytest.fixture
def document():
    return Client().get("/api/v1/openapi.json").json()


def described(document):
    """Every operation of the document."""
    return [
        operation
        for operations in document["paths"].values()
        for operation in operations.values()
    ]


@pytest.fixture
def conforms(document):
    """Hold a value against a schema of the document: ``conforms(answer, "Item")``."""

    def conforms(value, name):
        Draft202012Validator(
            {"$ref": f"#/components/schemas/{name}"} | document,
            format_checker=Draft202012Validator.FORMAT_CHECKER,
        ).validate(value)

    return conforms


def test_docs_openapi_yaml_is_what_the_code_says():
    """After a wanted change, write the file again and add a line to the changelog::

    manage.py spectacular --generator-class syndication.api.openapi.PartnerSchema \
        --file docs/openapi.yaml --validate --fail-on-warn
    """
    written = io.StringIO()
    call_command(
        "spectacular",
        generator_class="syndication.api.openapi.PartnerSchema",
        validate=True,
        fail_on_warn=True,
        stdout=written,
    )

    assert written.getvalue().strip() == PROMISED.read_text(encoding="utf-8").strip()


def test_the_served_document_says_where_the_api_is(document):
    assert document["openapi"].startswith("3.1")
    assert document["servers"] == [{"url": settings.PUBLIC_ORIGIN}]


def test_the_served_document_moves_with_the_publisher(document, settings):
    settings.PUBLIC_ORIGIN = "https://moved.example"

    moved = Client().get("/api/v1/openapi.json").json()

    assert moved["servers"] == [{"url": "https://moved.example"}]
    assert "https://moved.example/" in Client().get("/api/v1/docs").content.decode()


def test_the_document_describes_the_partner_api_only(document):
    assert sorted(document["paths"]) == [
        "/api/partner/v1/acknowledgements",
        "/api/partner/v1/me",
        "/api/partner/v1/removals",
        "/api/partner/v1/usage",
        "/api/v1/areas",
        "/api/v1/changes",
        "/api/v1/export",
        "/api/v1/forums",
        "/api/v1/items",
        "/api/v1/items/{content_id}",
        "/api/v1/receipts/{fingerprint}",
        "/api/v1/reconcile",
        "/api/v1/terms",
        "/api/v1/topics",
    ]


def test_everything_in_the_document_is_described(document):
    for operation in described(document):
        for part in [
            operation,
            *operation.get("parameters", ()),
            *operation["responses"].values(),
        ]:
            assert part["description"], operation["operationId"]
    for name, schema in document["components"]["schemas"].items():
        for field, held in schema.get("properties", {}).items():
            assert "$ref" in held or held["description"], (name, field)


def test_the_document_says_where_a_key_is_needed(document):
    keyed = {
        path
        for path, operations in document["paths"].items()
        for operation in operations.values()
        if operation.get("security") == [{"key": []}]
    }

    assert keyed == {path for path in document["paths"] if "/partner/" in path}
    assert document["components"]["securitySchemes"]["key"]["scheme"] == "bearer"


def test_no_example_is_null(document):
    def values(node):
        if isinstance(node, dict):
            for key, value in node.items():
                assert not (key == "value" and value is None)
                yield from values(value)
        elif isinstance(node, list):
            for value in node:
                yield from values(value)
        else:
            yield node

    given = [
        example["value"]
        for operation in described(document)
        for answer in operation["responses"].values()
        for media in answer.get("content", {}).values()
        for example in media["examples"].values()
    ]
    assert given
    assert None not in values(given)


def test_examples_keep_to_their_schema(document, conforms):
    for operation in described(document):
        for answer in operation["responses"].values():
            for media in answer.get("content", {}).values():
                name = media["schema"]["$ref"].rpartition("/")[2]
                for example in media["examples"].values():
                    conforms(example["value"], name)


def test_the_example_can_be_verified_like_a_true_item():
    content = rfc8785.dumps(examples.ITEM["content"])

    assert hashlib.sha256(content).hexdigest() == examples.FINGERPRINT


def test_answers_keep_to_the_document(world, write, release, conforms):
    client = Client()
    page = write()
    page.topics = [Topic.objects.create(name="Talking", slug="talking")]
    page.save_revision(user=world.editor)
    made = release(page)
    release(write("news"))

    def answer(path):
        return client.get(f"/api/v1/{path}").json()

    conforms(answer("items"), "ItemPage")
    conforms(answer("items?limit=1"), "ItemPage")
    conforms(answer(f"items/{page.content_id}"), "Item")
    conforms(answer(f"receipts/{made.fingerprint}"), "Confirmation")
    conforms(answer("areas"), "AreaDirectory")
    conforms(answer("forums"), "ForumDirectory")
    conforms(answer("topics"), "TopicDirectory")
    conforms(answer("items?nope=1"), "Problem")
    conforms(answer("nope"), "Problem")
    withdrawals.withdraw(
        content_id=page.content_id, by=world.pat, reason="Wrong", public_note="Gone"
    )
    conforms(answer(f"items/{page.content_id}"), "Withdrawn")
    conforms(answer(f"receipts/{made.fingerprint}"), "Confirmation")
    conforms(answer("changes"), "ChangePage")


def test_keyed_answers_keep_to_the_document(world, write, release, conforms):
    partner = make_partner(areas=[world.shropshire])
    _, token = make_key(partner)
    page = write()
    release(page)
    withdrawals.withdraw(content_id=page.content_id, by=world.pat, reason="Wrong")
    page_of_removals = ask(token, "removals").json()
    (removal,) = page_of_removals["removals"]
    made = acknowledge(token, removal["change"])

    conforms(page_of_removals, "RemovalPage")
    conforms(ask(token, "removals").json(), "RemovalPage")
    conforms(ask(token, "me").json(), "Me")
    conforms(ask(token, "usage").json(), "Usage")
    assert made.status_code == 201
    conforms(made.json(), "AcknowledgementMade")
    conforms(ask("nonsense").json(), "Problem")


def test_no_answer_has_a_field_that_is_not_described(write, release, document):
    item = Client().get(f"/api/v1/items/{release(write()).item.content_id}").json()
    schemas = document["components"]["schemas"]

    for name, value in (
        ("Item", item),
        ("Receipt", item["receipt"]),
        ("Signature", item["receipt"]["forums"][0]),
        ("Content", item["content"]),
    ):
        assert set(value) <= set(schemas[name]["properties"])


@pytest.fixture
def page():
    answer = Client().get("/api/v1/docs")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/html; charset=utf-8"
    assert not answer.cookies
    assert answer["Vary"] == "Accept-Encoding"
    return BeautifulSoup(answer.content, "html.parser")


def test_the_page_for_people_tells_all_that_the_document_does(page, document):
    text = page.get_text()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            assert f"{method.upper()} {path}" in text
            assert page.find("h2", id=operation["operationId"])
            assert operation["description"] in text
            for parameter in operation.get("parameters", ()):
                assert parameter["description"] in text
    for name in ("Item", "Receipt", "Content", "Change", "Confirmation", "Withdrawn"):
        shape = document["components"]["schemas"][name]
        fields = page.find("h3", id=name).find_next("dl").get_text()
        for field, held in shape["properties"].items():
            assert field in fields
            assert held.get("description", "") in fields
    assert "withdrawn: the item was taken back: remove every copy" in text


def test_every_error_is_explained_at_the_address_in_its_type(page):
    for problem in problems.PROBLEMS:
        assert page.find(id=problem.default_code).find_next("dd").get_text() == (
            problem.default_detail
        )


def test_the_page_needs_no_script_and_no_style_of_its_own(page):
    assert not page.find_all(["script", "style", "iframe"])
    assert not page.find_all(style=True)
    assert not re.findall(r'\bon[a-z]+="', str(page))


def test_tables_of_the_page_have_header_cells(page):
    for table in page.find_all("table"):
        assert table.find("caption")
        assert [cell["scope"] for cell in table.find_all("th")][:2] == ["col", "col"]
        for row in table.find("tbody").find_all("tr"):
            assert row.find("th")["scope"] == "row"


def test_links_within_the_page_lead_somewhere_and_ids_are_unique(page):
    ids = [tag["id"] for tag in page.find_all(id=True)]

    assert len(ids) == len(set(ids))
    assert {
        link["href"][1:] for link in page.find_all("a", href=re.compile("^#"))
    } <= set(ids)
