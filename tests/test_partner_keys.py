"""A key opens its partner's own things, while it lives, and is nowhere to be read."""

import logging
import re
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cms.models import AuditEntry
from syndication.partners import keys, register, tokens
from syndication.partners.errors import PartnerEnded, TwoKeysAlready
from syndication.partners.models import ApiKey

from .partners import PLACE, ask, make_key, make_partner
from .statements import statements

# As a key looks, and none.
MADE_UP = tokens.generate()


@pytest.fixture
def partner(world):
    return make_partner(areas=[world.shropshire], website="https://school.example")


def refused(answer, status, code):
    """Check the form that every refusal has; gives its members."""
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    assert answer["Cache-Control"] == "no-store, private"
    assert "Access-Control-Allow-Origin" not in answer
    assert ("WWW-Authenticate" in answer) == (code in NEEDS_A_KEY)
    said = answer.json()
    assert (said["code"], said["status"]) == (code, status)
    assert said["title"]
    assert said["detail"]
    explained = Client().get(said["type"].removeprefix("https://localoffer.example"))
    assert explained.json()["code"] == code
    return said


NEEDS_A_KEY = {
    "key_missing",
    "key_unknown",
    "key_expired",
    "key_revoked",
    "scope_missing",
}


def test_a_good_key_tells_who_it_is(partner, world):
    _, token = make_key(partner)

    answer = ask(token)

    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/json"
    assert answer["Cache-Control"] == "no-store, private"
    assert "Access-Control-Allow-Origin" not in answer
    assert not answer.cookies
    assert answer.json() == {
        "organisation": {
            "name": "Example School",
            "kind": "school",
            "website": "https://school.example",
        },
        "contacts": [{"role": "removals", "email": "web.team@example.org"}],
        "areas": [{"slug": "shropshire", "name": "Shropshire"}],
        "key": {
            "name": "Nightly",
            "prefix": token[:16],
            "scopes": ["acknowledge", "read"],
            "expires_at": answer.json()["key"]["expires_at"],
        },
        "limits": [
            {"name": "key", "requests": 600, "seconds": 60},
            {"name": "network", "requests": 1200, "seconds": 60},
        ],
    }


def test_a_key_looks_like_a_key():
    assert re.fullmatch("countersign_[0-9A-Za-z]{33}", MADE_UP)
    assert tokens.is_well_formed(MADE_UP)
    assert tokens.generate() != MADE_UP


WRONG = {
    "no such key": MADE_UP,
    "another prefix": MADE_UP.replace("countersign_", "wagtail_"),
    "no prefix": MADE_UP.removeprefix("countersign_"),
    "cut off": MADE_UP[:-1],
    "too long": MADE_UP + "0",
    "mistyped": MADE_UP[:20] + ("a" if MADE_UP[20] != "a" else "b") + MADE_UP[21:],
    "no letters": "countersign_" + "é" * 33,
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_no_key_opens_nothing(db, what):
    answer = Client().get(
        f"{PLACE}/me", headers={"Authorization": f"Bearer {WRONG[what]}"}
    )

    refused(answer, 401, "key_unknown")
    assert (
        answer["WWW-Authenticate"] == 'Bearer realm="partners", error="invalid_token"'
    )


@pytest.mark.parametrize("what", sorted(set(WRONG) - {"no such key"}))
def test_what_cannot_be_a_key_is_not_looked_for(db, django_assert_num_queries, what):
    with django_assert_num_queries(0):
        assert keys.find(WRONG[what]) is None


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer  ", "Basic YTpi", pytest.param(MADE_UP, id="key alone")],
)
def test_without_a_key_one_is_asked_for(db, header):
    answer = Client().get(f"{PLACE}/me", headers={"Authorization": header})

    refused(answer, 401, "key_missing")
    assert answer["WWW-Authenticate"] == 'Bearer realm="partners"'


def test_a_signed_in_person_needs_a_key_too(world, client_of):
    refused(client_of(world.admin).get(f"{PLACE}/me"), 401, "key_missing")


def test_a_key_works_to_its_end_and_no_longer(partner):
    key, token = make_key(partner, days=2)

    with time_machine.travel(key.expires_at - timedelta(seconds=1), tick=False):
        assert ask(token).status_code == 200
    with time_machine.travel(key.expires_at, tick=False):
        refused(ask(token), 401, "key_expired")


def test_a_revoked_key_opens_nothing_from_the_next_request_on(partner, world):
    key, token = make_key(partner)
    assert ask(token).status_code == 200

    keys.revoke(key=key, by=world.admin)

    refused(ask(token), 401, "key_revoked")


def test_revoking_twice_changes_nothing(partner, world):
    key, _ = make_key(partner)
    first = keys.revoke(key=key, by=world.admin)

    assert keys.revoke(key=key, by=world.admin).revoked_at == first.revoked_at
    assert AuditEntry.objects.filter(action="partners.revoke_key").count() == 1


def test_two_keys_live_side_by_side_and_a_third_is_refused(partner):
    (first, one), (_, two) = make_key(partner), make_key(partner)
    assert [ask(token).status_code for token in (one, two)] == [200, 200]

    with pytest.raises(TwoKeysAlready, match="Revoke one of them first"):
        make_key(partner)

    keys.revoke(key=first, by=None)
    assert ask(make_key(partner)[1]).status_code == 200


def test_a_key_that_is_over_makes_room(partner):
    make_key(partner, days=1)
    make_key(partner, days=1)

    with time_machine.travel(timezone.now() + timedelta(days=2)):
        assert ask(make_key(partner)[1]).status_code == 200


def test_a_partner_that_ended_has_no_keys_and_gets_none(partner, world):
    _, token = make_key(partner)
    register.end(partner=partner, by=world.admin)

    refused(ask(token), 401, "key_revoked")
    with pytest.raises(PartnerEnded):
        make_key(partner)


@pytest.mark.parametrize(
    ("method", "name"),
    [("get", "removals"), ("get", "usage"), ("head", "removals")],
)
def test_a_key_that_may_not_read_is_told_so(partner, method, name):
    _, token = make_key(partner, scopes=["acknowledge"])

    answer = ask(token, name, method=method)

    assert answer.status_code == 403
    assert 'error="insufficient_scope"' in answer["WWW-Authenticate"]
    if method == "get":
        assert refused(answer, 403, "scope_missing")["scope"] == "read"


def test_a_key_that_may_only_read_confirms_nothing(partner):
    _, token = make_key(partner, scopes=["read"])

    answer = ask(token, "acknowledgements", method="post")

    assert refused(answer, 403, "scope_missing")["scope"] == "acknowledge"


@pytest.mark.parametrize("name", ["key", "token", "access_token", "anything"])
def test_a_key_in_an_address_counts_as_leaked(partner, name):
    key, token = make_key(partner)

    answer = ask(token, f"me?{name}={token}")

    said = refused(answer, 400, "key_in_address")
    assert "counts as leaked" in said["detail"]
    assert token not in answer.content.decode()
    key.refresh_from_db()
    assert key.leaked_at


def test_a_key_in_an_address_is_found_inside_a_value_too(partner):
    key, token = make_key(partner)

    refused(ask(None, f"me?a=Bearer%20{token}x"), 400, "key_in_address")
    refused(ask(None, f"me?{token}=1"), 400, "key_in_address")
    key.refresh_from_db()
    assert key.leaked_at


def test_a_key_over_plain_http_is_refused_and_not_redirected(partner, settings):
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_REDIRECT_EXEMPT = ["^api/partner/"]
    _, token = make_key(partner)

    refused(ask(token), 403, "unencrypted")
    assert ask(token, secure=True).status_code == 200


def test_a_key_that_was_hashed_with_an_earlier_secret_is_carried_over(
    partner, settings
):
    _, token = make_key(partner)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another"
    assert ask(token).status_code == 200

    settings.SECRET_KEY_FALLBACKS = []

    assert ask(token).status_code == 200


def test_without_its_secret_a_key_opens_nothing(partner, settings):
    _, token = make_key(partner)
    settings.SECRET_KEY = "another"

    refused(ask(token), 401, "key_unknown")


def test_last_use_is_noted_at_most_once_a_minute(partner):
    key, token = make_key(partner)
    start = timezone.now()

    def used_at(seconds):
        with time_machine.travel(start + timedelta(seconds=seconds), tick=False):
            ask(token)
        key.refresh_from_db()
        return round((key.last_used_at - start).total_seconds())

    assert [used_at(at) for at in (0, 30, 59, 60, 61)] == [0, 0, 0, 60, 60]


def test_a_refused_key_was_not_used(partner):
    key, token = make_key(partner)
    keys.revoke(key=key, by=None)

    ask(token)

    key.refresh_from_db()
    assert key.last_used_at is None


@pytest.mark.parametrize("method", ["get", "head"])
@pytest.mark.parametrize("name", ["me", "removals", "usage"])
def test_head_says_what_get_says_without_a_body(partner, method, name):
    _, token = make_key(partner)

    answer = ask(token, name, method=method)

    assert answer.status_code == 200
    assert bool(answer.content) == (method == "get")
    assert answer["Cache-Control"] == "no-store, private"


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("me", "GET, HEAD, OPTIONS"),
        ("removals", "GET, HEAD, OPTIONS"),
        ("usage", "GET, HEAD, OPTIONS"),
        ("acknowledgements", "POST, OPTIONS"),
    ],
)
def test_options_needs_no_key_and_lets_no_other_site_in(db, name, allowed):
    answer = ask(
        None,
        name,
        method="options",
        headers={
            "Origin": "https://school.example",
            "Access-Control-Request-Method": "GET",
            "Access-Control-Request-Headers": "authorization",
        },
    )

    assert answer.status_code == 200
    assert answer["Allow"] == allowed
    assert not [name for name in answer.headers if name.startswith("Access-Control")]


@pytest.mark.parametrize(
    ("method", "name"),
    [
        ("post", "me"),
        ("delete", "removals"),
        ("put", "usage"),
        ("get", "acknowledgements"),
    ],
)
def test_other_methods_are_a_problem_that_names_what_is_allowed(partner, method, name):
    _, token = make_key(partner)

    answer = ask(token, name, method=method)

    refused(answer, 405, "method_not_allowed")
    assert answer["Allow"]


@pytest.mark.parametrize("path", ["", "nope", "me/", "removals/1", "problems/nope"])
def test_another_address_is_a_problem_and_no_redirect(db, path):
    for method in ("get", "post"):
        if path == "problems/nope" and method == "post":
            continue
        refused(ask(None, path, method=method), 404, "not_found")


@pytest.mark.parametrize("query", ["page=1", "limit=1&page=1"])
def test_a_parameter_that_is_not_known_is_refused(partner, query):
    _, token = make_key(partner)

    said = refused(ask(token, f"removals?{query}"), 400, "unknown_parameter")

    assert said["parameter"] == "page"


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=101",
        "limit=",
        "limit=\u0661",
        "after=-1",
        "after=" + "9" * 19,
        "after=" + "9" * 600,
        "show=some",
    ],
)
def test_a_value_that_cannot_be_meant_is_refused(partner, query):
    _, token = make_key(partner)

    refused(ask(token, f"removals?{query}"), 400, "invalid_parameter")


def test_a_parameter_is_given_once(partner):
    _, token = make_key(partner)

    refused(ask(token, "removals?limit=1&limit=2"), 400, "repeated_parameter")


def test_the_key_is_written_nowhere(partner, caplog, world, monkeypatch):
    caplog.set_level(logging.DEBUG)
    with CaptureQueriesContext(connection) as captured:
        _, token = make_key(partner, by=world.admin)
        for name in ("me", "nope", f"me?key={token}", "acknowledgements"):
            ask(token, name)
        monkeypatch.setattr(ApiKey, "partner", property(lambda key: 1 / 0))
        assert ask(token).status_code == 500
    entry = AuditEntry.objects.get(action="partners.make_key")

    assert token not in caplog.text
    assert entry.actor == f"admin ({world.admin.pk})"
    assert token[:16] in entry.details
    secret = token[16:]
    assert secret not in entry.details
    assert not [one for one in statements(captured) if secret in one]
    assert "server_error" in ask(token).content.decode()


def test_the_database_holds_no_key(partner):
    key, token = make_key(partner)

    stored = str(ApiKey.objects.values().get())

    assert token[16:] not in stored
    assert len(key.digest) == 64


def test_every_request_asks_the_database_as_often(partner, world):
    _, token = make_key(partner)
    ask(token)

    counts = {}
    for name in ("me", "removals", "usage"):
        with CaptureQueriesContext(connection) as captured:
            assert ask(token, name).status_code == 200
        counts[name] = len(statements(captured))

    # The key, its limit, the figure of the day; then what was asked for.
    assert counts == {"me": 5, "removals": 5, "usage": 4}


def test_many_contacts_and_areas_cost_no_more(partner, world):
    _, token = make_key(partner)
    ask(token)
    register.save(
        partner=partner,
        areas=[world.shropshire, world.telford],
        mailboxes={"technical": "it.team@example.org", "office": "office@example.org"},
        by=None,
    )

    with CaptureQueriesContext(connection) as captured:
        answer = ask(token)

    assert len(answer.json()["contacts"]) == 3
    assert len(statements(captured)) == 5
