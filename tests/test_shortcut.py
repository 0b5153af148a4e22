"""Programs are answered without what browsers need, and no less safely."""

from uuid import uuid4

import pytest
from django.test import Client

from cms import withdrawals

LIST = "/api/v1/items"


@pytest.fixture
def public(write, release):
    page = write()
    release(page)
    return page


def test_every_answer_keeps_browsers_from_showing_or_running_it(world, public):
    one = f"{LIST}/{public.content_id}"
    client = Client(raise_request_exception=False)
    tag = client.get(one)["ETag"]
    answers = {
        200: client.get(one),
        304: client.get(one, headers={"If-None-Match": tag}),
        400: client.get(f"{LIST}?knd=news"),
        401: client.get("/api/partner/v1/me"),
        404: client.get(f"{LIST}/{uuid4()}"),
        405: client.delete(LIST),
    }
    withdrawals.withdraw(content_id=public.content_id, by=world.pat, reason="A name")
    answers[410] = client.get(one)

    for status, answer in answers.items():
        assert answer.status_code == status
        assert answer["X-Frame-Options"] == "DENY"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in answer["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
        # Of what is not sent a 304 would have to tell the true length, or nothing.
        if status != 304:
            assert int(answer["Content-Length"]) == len(answer.content)
        assert not answer.cookies


def test_a_browser_that_asks_first_is_answered(public):
    answer = Client().options(LIST)

    assert answer.status_code == 200
    assert answer["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"


def test_another_host_is_refused(public):
    client = Client(raise_request_exception=False)

    assert client.get(LIST, HTTP_HOST="elsewhere.example").status_code == 400


def test_who_is_signed_in_is_not_even_looked_up(
    world, client_of, public, django_assert_num_queries
):
    client = client_of(world.admin)
    client.get(LIST)

    with django_assert_num_queries(1):
        client.get(LIST)


def test_the_page_for_people_is_drawn_the_usual_way(db):
    answer = Client().get("/api/v1/docs")

    assert "style-src 'self'" in answer["Content-Security-Policy"]
    assert "sandbox" not in answer["Content-Security-Policy"]
