"""A partner with a key, and a program that asks with it."""

from datetime import timedelta

from django.test import Client
from django.utils import timezone

from syndication.partners import keys, register
from syndication.partners.models import ApiKey, Partner

PLACE = "/api/partner/v1"
ALL = tuple(ApiKey.Scope.values)


def make_partner(name="Example School", *, areas=(), by=None, **fields):
    return register.save(
        partner=Partner(name=name, kind="school", **fields),
        areas=areas,
        mailboxes={"removals": "web.team@example.org"},
        by=by,
    )


def make_key(partner, *, scopes=ALL, days=30, by=None, name="Nightly"):
    """The row and the key itself."""
    return keys.make(
        partner=partner,
        name=name,
        scopes=scopes,
        expires_at=timezone.now() + timedelta(days=days),
        by=by,
    )


def ask(token, name="me", *, method="get", **more):
    """What a program gets that sends ``token`` in the header."""
    headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
    send = getattr(Client(raise_request_exception=False), method)
    return send(f"{PLACE}/{name}", headers=headers | more.pop("headers", {}), **more)


def acknowledge(token, number, state="removed"):
    return ask(
        token,
        "acknowledgements",
        method="post",
        data={"change": number, "state": state},
        content_type="application/json",
    )
