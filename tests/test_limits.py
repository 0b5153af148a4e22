"""Nobody asks more often than they may, whatever they write into their headers."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import time_machine
from django.core.checks import run_checks
from django.db import connection
from django.test import Client, RequestFactory

from syndication import limits
from syndication.limits import Policy, client_address
from syndication.models import NetworkCount
from syndication.partners.models import UsageDay

from .partners import PLACE, ask, make_key, make_partner
from .test_partner_keys import MADE_UP, refused

NOON = "2026-11-25T12:00:10Z"
HERE, THERE = "81.2.69.1", "81.2.69.2"


@pytest.fixture
def noon(db):
    """Ten seconds into a minute, and no count before it."""
    with time_machine.travel(NOON, tick=False) as at:
        yield at


@pytest.fixture
def limit(settings):
    """Set limits: ``limit(key=2)``."""

    def limit(**quotas):
        settings.LIMITS = settings.LIMITS | {
            name: (quota, settings.LIMITS[name][1]) for name, quota in quotas.items()
        }

    return limit


def test_a_key_has_its_limit_and_is_told_where_it_stands(noon, limit, world):
    limit(key=2)
    partner = make_partner()
    _, token = make_key(partner)

    first, second, third = (ask(token) for _ in range(3))

    assert first["RateLimit-Policy"] == '"key";q=2;w=60'
    assert first["RateLimit"] == '"key";r=1;t=50'
    assert second["RateLimit"] == '"key";r=0;t=50'
    assert (first.status_code, second.status_code) == (200, 200)
    refused(third, 429, "too_many_requests")
    assert third["RateLimit"] == '"key";r=0;t=50'
    assert third["Retry-After"] == "50"
    assert UsageDay.objects.values_list("requests", "refused").get() == (3, 1)


def test_the_next_minute_begins_again(noon, limit, world):
    limit(key=1)
    _, token = make_key(make_partner())
    assert [ask(token).status_code for _ in range(2)] == [200, 429]

    noon.shift(50)

    assert ask(token)["RateLimit"] == '"key";r=0;t=60'


def test_each_key_counts_by_itself(noon, limit, world):
    limit(key=1)
    partner = make_partner()
    (_, one), (_, two) = make_key(partner), make_key(partner)

    assert [ask(token).status_code for token in (one, two)] == [200, 200]


def test_a_network_has_its_limit_whatever_key_it_tries(noon, limit, world):
    limit(network=2)
    _, token = make_key(make_partner())

    for _ in range(2):
        refused(ask(MADE_UP, REMOTE_ADDR=HERE), 401, "key_unknown")

    refused(ask(token, REMOTE_ADDR=HERE), 429, "too_many_requests")
    assert ask(token, REMOTE_ADDR=THERE).status_code == 200
    assert not UsageDay.objects.filter(requests__gt=1).exists()


def test_both_limits_are_told(noon, limit, world):
    limit(key=5, network=7)
    _, token = make_key(make_partner())

    answer = ask(token, REMOTE_ADDR=HERE)

    assert answer["RateLimit-Policy"] == '"network";q=7;w=60, "key";q=5;w=60'
    assert answer["RateLimit"] == '"network";r=6;t=50, "key";r=4;t=50'


def test_without_a_limit_nothing_is_counted(noon, limit, world):
    limit(key=0, network=0)
    _, token = make_key(make_partner())

    answer = ask(token, REMOTE_ADDR=HERE)

    assert "RateLimit" not in answer
    assert answer.json()["limits"] == []
    assert not NetworkCount.objects.exists()


COSTLY = {
    "search": lambda client: client.get("/api/v1/items?q=talking"),
    "export": lambda client: client.get("/api/v1/export"),
    "reconcile": lambda client: client.post(
        "/api/v1/reconcile", {"items": []}, content_type="application/json"
    ),
}


@pytest.mark.parametrize("name", COSTLY)
def test_what_costs_most_has_a_limit_without_a_key(noon, limit, name):
    limit(**{name: 2})
    client, neighbour = Client(REMOTE_ADDR=HERE), Client(REMOTE_ADDR=THERE)

    answers = [COSTLY[name](client) for _ in range(3)]

    assert [one.status_code for one in answers] == [200, 200, 429]
    refusal = answers[2]
    assert refusal.json()["code"] == "too_many_requests"
    assert refusal["Cache-Control"] == "no-store"
    assert refusal["Access-Control-Allow-Origin"] == "*"
    assert int(refusal["Retry-After"]) > 0
    assert refusal["RateLimit-Policy"].startswith(f'"{name}";q=2;w=')
    assert COSTLY[name](neighbour).status_code == 200


def test_an_answer_that_caches_keep_says_nothing_of_one_network(noon, limit):
    answer = COSTLY["search"](Client(REMOTE_ADDR=HERE))

    assert "public" in answer["Cache-Control"]
    assert "RateLimit" not in answer


def test_plain_lists_are_not_counted(noon, django_assert_num_queries):
    with django_assert_num_queries(1):
        Client().get("/api/v1/items", REMOTE_ADDR=HERE)

    assert not NetworkCount.objects.exists()


def from_(remote, forwarded=None):
    headers = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded is not None else {}
    return client_address(RequestFactory().get("/", REMOTE_ADDR=remote, **headers))


@pytest.mark.parametrize("forged", ["1.2.3.4", "1.2.3.4, 5.6.7.8", "", "nonsense"])
def test_without_proxies_of_ours_a_header_says_nothing(settings, forged):
    settings.TRUSTED_PROXIES = 0

    assert from_(HERE, forged) == HERE


@pytest.mark.parametrize(
    ("proxies", "forwarded", "found"),
    [
        (1, HERE, HERE),
        (1, f"1.2.3.4, {HERE}", HERE),
        (1, f"1.2.3.4,5.6.7.8,{HERE}", HERE),
        (2, f"1.2.3.4, {HERE}, 10.0.0.2", HERE),
        (2, HERE, "10.0.0.1"),
        (1, None, "10.0.0.1"),
        (1, "", "10.0.0.1"),
        (1, f"{HERE}, unknown", "10.0.0.1"),
        (1, f"{HERE}:4711", f"{HERE}:4711"),
    ],
)
def test_behind_proxies_of_ours_only_what_they_wrote_counts(
    settings, proxies, forwarded, found
):
    settings.TRUSTED_PROXIES = proxies

    assert from_("10.0.0.1", forwarded) == found


@pytest.mark.parametrize("proxies", [0, 1])
def test_forged_headers_gain_nothing(noon, limit, world, settings, proxies):
    limit(network=2)
    settings.TRUSTED_PROXIES = proxies
    _, token = make_key(make_partner())
    remote = "10.0.0.1" if proxies else HERE

    def send(number):
        forged = f"198.51.{number}.1"
        header = f"{forged}, {HERE}" if proxies else forged
        more = {
            "X-Forwarded-For": header,
            "X-Real-Ip": forged,
            "Forwarded": f"for={forged}",
        }
        return ask(token, REMOTE_ADDR=remote, headers=more).status_code

    assert [send(number) for number in range(4)] == [200, 200, 429, 429]


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        ("81.2.69.1", "81.2.69.2", False),
        ("2a02:c7c::1", "2a02:c7c::ffff:ffff", True),
        ("2a02:c7c::1", "2a02:c7c:0:1::1", False),
        ("81.2.69.1", "::ffff:81.2.69.1", True),
        ("81.2.69.1", "81.2.69.1:4711", True),
        ("2a02:c7c::1", "[2a02:c7c::1]:4711", True),
    ],
)
def test_a_program_s_network_is_one_address_or_a_64(noon, one, other, together):
    policy = Policy("test", 1, 60)

    def standing(remote):
        return limits.of_network(RequestFactory().get("/", REMOTE_ADDR=remote), policy)

    assert standing(one).requests == 1
    assert standing(other).is_over == together


@pytest.mark.parametrize("remote", ["127.0.0.1", "10.1.2.3", "::1", "nonsense", ""])
def test_an_address_that_names_nobody_is_not_counted(noon, remote):
    request = RequestFactory().get("/", REMOTE_ADDR=remote)

    assert limits.of_network(request, Policy("test", 1, 60)) is None


@pytest.mark.parametrize(
    ("header", "proxies", "is_warned"),
    [
        (None, 0, False),
        (("HTTP_X_FORWARDED_PROTO", "https"), 1, False),
        (("HTTP_X_FORWARDED_PROTO", "https"), 0, True),
    ],
)
def test_whoever_forgets_the_proxy_is_told_at_the_start(
    settings, header, proxies, is_warned
):
    settings.SECURE_PROXY_SSL_HEADER = header
    settings.TRUSTED_PROXIES = proxies

    warned = [one for one in run_checks() if one.id == "countersign.W011"]

    assert bool(warned) is is_warned


def test_no_address_is_kept(noon, world):
    _, token = make_key(make_partner())
    ask(token, REMOTE_ADDR=HERE)

    stored = str(list(NetworkCount.objects.values()))

    assert NetworkCount.objects.count() == 2
    assert "81.2" not in stored
    assert token[16:] not in stored


def test_counting_is_one_statement(noon, django_assert_num_queries):
    with django_assert_num_queries(1):
        limits.of_holder("somebody", Policy("test", 1, 60))


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite writes in turn")
@pytest.mark.django_db(transaction=True)
def test_many_at_the_same_moment_get_no_more_than_the_limit():
    policy = Policy("test", 25, 3600)

    def once(_):
        try:
            return limits.of_holder("somebody", policy).requests
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        counts = sorted(pool.map(once, range(60)))

    assert counts == list(range(1, 61))


def test_an_address_of_the_service_is_its_own_whatever_host_is_asked(noon, world):
    _, token = make_key(make_partner())

    answer = ask(token, "removals", HTTP_HOST="localhost")

    assert answer["Link"] == (
        f'<https://localoffer.example{PLACE}/removals?after=0>; rel="next"'
    )
