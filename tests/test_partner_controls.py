"""Each control of partners is switched off in turn, and somebody gets what is not theirs.

As in ``tests/test_controls.py``: every scene is played twice, with the control and
without it.
"""

from datetime import timedelta
from types import SimpleNamespace

import pytest
import time_machine
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cms import withdrawals
from syndication import limits
from syndication.api import public
from syndication.models import Change
from syndication.partner_api import keyed
from syndication.partners import keys, register, removals, tokens, usage
from syndication.partners.errors import PartnerEnded, TwoKeysAlready
from syndication.partners.models import ApiKey
from syndication.rest import views

from . import memories
from .partners import acknowledge, ask, make_key, make_partner
from .promise import Broken
from .statements import statements
from .switches import Off, missed, off

# As the other controls: on SQLite only.
pytestmark = pytest.mark.once

NOON = "2026-11-25T12:00:10Z"
HERE = "81.2.69.1"
PROXY = "10.0.0.1"


def refused(answer, *statuses):
    if answer.status_code not in statuses:
        raise Broken(f"answered {answer.status_code}: {answer.content!r}")


def at_most(allowed, answers):
    if (opened := [one.status_code for one in answers].count(200)) > allowed:
        raise Broken(f"{opened} of {len(answers)} were answered, {allowed} may be")


# Scenes: what programs do. ``desk`` is where partners are looked after.


def a_revoked_key_is_used(desk):
    key, token = make_key(desk.partner)
    keys.revoke(key=key, by=desk.admin)
    refused(ask(token), 401)


def a_key_of_yesterday_is_used(desk):
    _, token = make_key(desk.partner, days=1)
    desk.clock.shift(timedelta(days=1))
    refused(ask(token), 401)


def a_key_is_guessed(desk):
    make_key(desk.partner)
    refused(ask(tokens.generate()), 401)


def a_mistyped_key_is_used(desk):
    _, token = make_key(desk.partner)
    wrong = token[:20] + ("a" if token[20] != "a" else "b") + token[21:]
    with CaptureQueriesContext(connection) as captured:
        refused(ask(wrong), 401)
    if [one for one in statements(captured) if "partners_apikey" in one]:
        raise Broken("the database was asked for what cannot be a key")


def a_key_that_may_not_read_reads(desk):
    _, token = make_key(desk.partner, scopes=["acknowledge"])
    refused(ask(token, "removals"), 403)


def a_key_that_may_only_read_confirms(desk):
    _, token = make_key(desk.partner, scopes=["read"])
    refused(acknowledge(token, desk.take_back().number), 403)


def a_partner_that_ended_asks(desk):
    _, token = make_key(desk.partner)
    register.end(partner=desk.partner, by=desk.admin)
    refused(ask(token), 401)


def a_partner_that_ended_gets_a_key(desk):
    register.end(partner=desk.partner, by=desk.admin)
    try:
        make_key(desk.partner)
    except PartnerEnded:
        return
    raise Broken("there is a key")


def a_third_key_is_made(desk):
    make_key(desk.partner)
    make_key(desk.partner)
    try:
        make_key(desk.partner)
    except TwoKeysAlready:
        return
    raise Broken("there are three keys")


def the_database_is_read(desk):
    _, token = make_key(desk.partner)
    if token in str(list(ApiKey.objects.values())):
        raise Broken("it has the key")


def a_key_is_sent_in_an_address(desk):
    _, token = make_key(desk.partner)
    if ask(None, f"me?anything=Bearer%20{token}").json()["code"] != "key_in_address":
        raise Broken("nobody is told that it leaked")


def a_leaked_key_is_looked_up(desk):
    key, token = make_key(desk.partner)
    ask(None, f"me?key={token}")
    key.refresh_from_db()
    if not key.leaked_at:
        raise Broken("nobody would know")


def a_key_is_sent_without_encryption(desk):
    desk.settings.SECURE_SSL_REDIRECT = True
    desk.settings.SECURE_REDIRECT_EXEMPT = ["^api/partner/"]
    _, token = make_key(desk.partner)
    refused(ask(token), 403)


def a_key_is_used_too_often(desk):
    desk.limit(key=2)
    _, token = make_key(desk.partner)
    at_most(2, [ask(token, REMOTE_ADDR=HERE) for _ in range(4)])


def two_keys_of_a_network_are_used_too_often(desk):
    desk.limit(network=2)
    two = [make_key(desk.partner)[1] for _ in range(2)]
    at_most(2, [ask(token, REMOTE_ADDR=HERE) for token in two * 2])


def keys_are_tried_one_after_another(desk):
    desk.limit(network=2)
    tried = [ask(tokens.generate(), REMOTE_ADDR=HERE) for _ in range(4)]
    if [one.status_code for one in tried] != [401, 401, 429, 429]:
        raise Broken("as many keys as anybody likes can be tried")


def a_search_is_repeated_too_often(desk):
    desk.limit(search=2)
    asked = [Client().get("/api/v1/items?q=talk", REMOTE_ADDR=HERE) for _ in range(4)]
    at_most(2, asked)


def forged(desk, *, remote, proxies):
    desk.limit(network=2)
    desk.settings.TRUSTED_PROXIES = proxies
    _, token = make_key(desk.partner)

    def send(number):
        entries = [f"198.51.{number}.1", *([HERE] if proxies else [])]
        more = {"X-Forwarded-For": ", ".join(entries)}
        return ask(token, REMOTE_ADDR=remote, headers=more)

    at_most(2, [send(number) for number in range(4)])


def a_network_claims_to_be_others(desk):
    forged(desk, remote=HERE, proxies=0)


def a_network_behind_our_proxy_claims_to_be_others(desk):
    forged(desk, remote=PROXY, proxies=1)


def somebody_goes_round_the_proxy(desk):
    """With two proxies of ours before us, whoever reaches us with one entry did."""
    desk.limit(network=2)
    desk.settings.TRUSTED_PROXIES = 2
    _, token = make_key(desk.partner)
    at_most(
        2,
        [
            ask(
                token,
                REMOTE_ADDR=HERE,
                headers={"X-Forwarded-For": f"198.51.{number}.1"},
            )
            for number in range(4)
        ],
    )


def another_partner_has_confirmed(desk):
    row = desk.take_back()
    acknowledge(make_key(desk.other)[1], row.number, "removed")
    (told,) = ask(make_key(desk.partner)[1], "removals").json()["removals"]
    if any(told["acknowledged"].values()):
        raise Broken("the word of another partner is told")


def a_removal_of_another_area_is_listed(desk):
    desk.take_back(areas=[desk.world.telford])
    if ask(make_key(desk.partner)[1], "removals").json()["removals"]:
        raise Broken("what does not concern it is listed")


def a_removal_of_another_area_is_confirmed(desk):
    row = desk.take_back(areas=[desk.world.telford])
    refused(acknowledge(make_key(desk.partner)[1], row.number), 404)


def a_removal_of_before_its_time_is_listed(desk):
    desk.take_back()
    desk.clock.shift(timedelta(days=1))
    newcomer = make_partner("A newcomer")
    if ask(make_key(newcomer)[1], "removals").json()["removals"]:
        raise Broken("what was before its time is listed")


def the_use_of_another_is_counted(desk):
    _, theirs = make_key(desk.other)
    _, mine = make_key(desk.partner)
    for token in (theirs, theirs, mine):
        ask(token)
    told = ask(mine, "usage").json()["days"]
    if [one["requests"] for one in told] != [2]:
        raise Broken("the use of one partner is told to another")


def a_shared_cache_stands_in_between(desk):
    _, token = make_key(desk.partner)
    for answer in (ask(token), ask(None), ask(None, "nope")):
        if "no-store" not in answer["Cache-Control"]:
            raise Broken("a cache may give it to others")


def a_cache_keeps_where_somebody_stands(desk):
    answer = Client().get("/api/v1/items?q=talk", REMOTE_ADDR=HERE)
    if "public" in answer["Cache-Control"] and "RateLimit" in answer:
        raise Broken("a cache would tell it to others")


def a_cache_keeps_that_somebody_asked_too_often(desk):
    desk.limit(search=1)
    for _ in range(2):
        answer = Client().get("/api/v1/items?q=talk", REMOTE_ADDR=HERE)
    if answer.status_code != 429 or "no-store" not in answer["Cache-Control"]:
        raise Broken("everybody behind the cache would be refused")


KEY = "_key"
WELL_FORMED = "return secrets.compare_digest(checksum, _checksum(secret))"

CONTROLS = {
    "that a revoked key opens nothing": (
        a_revoked_key_is_used,
        off(keyed, KEY, "if key.revoked_at:"),
    ),
    "that a key has an end": (
        a_key_of_yesterday_is_used,
        off(keyed, KEY, "if key.expires_at <= timezone.now():"),
    ),
    "that it is one of our keys": (
        a_key_is_guessed,
        off(keys, "find", ".filter(digest__in=[now, *earlier])", ""),
    ),
    "that its checksum fits": (
        a_mistyped_key_is_used,
        off(tokens, "is_well_formed", WELL_FORMED, "return True"),
    ),
    "the scope of reading": (
        a_key_that_may_not_read_reads,
        off(keyed.KeyedView, "admit", "if scope and scope not in self.key.scopes:"),
    ),
    "the scope of confirming": (
        a_key_that_may_only_read_confirms,
        off(keyed.KeyedView, "admit", "if scope and scope not in self.key.scopes:"),
    ),
    "that the end of a partner ends its keys": (
        a_partner_that_ended_asks,
        off(
            register,
            "end",
            "locked.keys.filter(revoked_at=None).update(revoked_at=now)",
            "pass",
        ),
    ),
    "that a partner that ended gets no key": (
        a_partner_that_ended_gets_a_key,
        off(keys, "make", "if locked.ended_at:"),
    ),
    "that there are two keys at most": (
        a_third_key_is_made,
        off(keys, "make", "if locked.keys.live().count() >= MOST_LIVE:"),
    ),
    "that no key is stored": (
        the_database_is_read,
        off(keys, "make", "digest=tokens.digest(token)", "digest=token"),
    ),
    "that no key is taken from an address": (
        a_key_is_sent_in_an_address,
        off(keyed, "_refuse_what_leaks", "if tokens.PREFIX in value:"),
    ),
    "that a key in an address counts as leaked": (
        a_leaked_key_is_looked_up,
        off(keys, "note_leak", "if tokens.is_well_formed(token):"),
    ),
    "that no key is taken without encryption": (
        a_key_is_sent_without_encryption,
        off(
            keyed,
            "_refuse_what_leaks",
            "if settings.SECURE_SSL_REDIRECT and not request.is_secure():",
        ),
    ),
    "the limit of a key": (
        a_key_is_used_too_often,
        off(keyed.KeyedView, "admit", "self.count(limit)", "pass"),
    ),
    "the limit of a network": (
        two_keys_of_a_network_are_used_too_often,
        off(limits, "of_network", "if network else None", "and None"),
    ),
    "that trying keys is limited": (
        keys_are_tried_one_after_another,
        off(limits, "of_network", "if network else None", "and None"),
    ),
    "the limit of searches": (
        a_search_is_repeated_too_often,
        off(limits, "of_network", "if network else None", "and None"),
    ),
    "that a limit is a limit": (
        a_key_is_used_too_often,
        off(keyed.PrivateView, "count", "if standing and standing.is_over:"),
    ),
    "that nobody says from where they come": (
        a_network_claims_to_be_others,
        off(limits, "client_address", "if not proxies:"),
    ),
    "that only our proxies say from where somebody comes": (
        a_network_behind_our_proxy_claims_to_be_others,
        off(limits, "client_address", "passed[-proxies]", "passed[0]"),
    ),
    "that a request came through all our proxies": (
        somebody_goes_round_the_proxy,
        Off(
            limits,
            "client_address",
            pieces={"if len(passed) < proxies:": "if False:", "-proxies": "0"},
        ),
    ),
    "whose word it is": (
        another_partner_has_confirmed,
        off(removals, "_said", "partner=partner, ", ""),
    ),
    "whose removals are listed": (
        a_removal_of_another_area_is_listed,
        off(removals, "of", "if not areas:", "if True:"),
    ),
    "whose removals are confirmed": (
        a_removal_of_another_area_is_confirmed,
        off(
            removals,
            "acknowledge",
            "if not of(partner).filter(number=number).exists():",
        ),
    ),
    "from when on removals concern a partner": (
        a_removal_of_before_its_time_is_listed,
        off(removals, "of", "filter(at__gte=partner.added_at)", "all()"),
    ),
    "whose use is counted": (
        the_use_of_another_is_counted,
        off(usage, "count", "rows = UsageDay.objects.filter(partner=partner, day=today)",
            "rows = UsageDay.objects.filter(day=today)"),
    ),
    "that keyed answers are kept by no cache": (
        a_shared_cache_stands_in_between,
        Off(
            keyed.PrivateView,
            "dispatch",
            pieces={
                "patch_cache_control(answer, no_store=True, private=True)": (
                    "patch_cache_control(answer, public=True)"
                ),
                # What is compiled apart knows no class of its own.
                "super()": "super(PrivateView, self)",
            },
        ),
    ),
    "that no cache tells where somebody stands": (
        a_cache_keeps_where_somebody_stands,
        Off(
            public.PublicView,
            "dispatch",
            pieces={
                'if "no-store" in answer["Cache-Control"]:': "if True:",
                "super()": "super(PublicView, self)",
            },
        ),
    ),
    "that no cache keeps a refusal of one": (
        a_cache_keeps_that_somebody_asked_too_often,
        Off(
            views.PublicView,
            "dispatch",
            pieces={
                "if answer.status_code in CACHED_PROBLEMS:": "if True:",
                "super()": "super(PublicView, self)",
            },
        ),
    ),
}  # fmt: skip


@pytest.fixture
def desk(world, settings, write, release):
    def take_back(*, areas=()):
        page = write("news", areas=list(areas) or None)
        release(page)
        withdrawals.withdraw(content_id=page.content_id, by=world.admin, reason="wrong")
        return Change.objects.order_by("-number").first()

    def limit(**quotas):
        settings.LIMITS = settings.LIMITS | {
            name: (quota, settings.LIMITS[name][1]) for name, quota in quotas.items()
        }

    with time_machine.travel(NOON, tick=False) as clock:
        yield SimpleNamespace(
            world=world,
            admin=world.admin,
            settings=settings,
            clock=clock,
            limit=limit,
            take_back=take_back,
            partner=make_partner(areas=[world.shropshire]),
            other=make_partner("Another"),
        )


@pytest.mark.parametrize("control", CONTROLS)
def test_a_control_of_partners_that_is_switched_off_is_missed(
    desk, monkeypatch, control
):
    scene, *switches = CONTROLS[control]

    def play():
        desk.clock.move_to(NOON, tick=False)
        with transaction.atomic():
            try:
                scene(desk)
            finally:
                transaction.set_rollback(True)
                memories.forget()

    missed(monkeypatch, switches, play)
