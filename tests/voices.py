"""Consents and texts with voices, for the tests of them."""

import datetime as dt
import re
from typing import Any

from django.test import Client
from django.utils import timezone

from cms import consent_register
from cms.models import Consent
from cms.models.consent import SCOPES
from syndication.models import Release

WORDS = "zqvoice the ramp changed everything"
# What must get out nowhere, in every field that is not for the public.
SECRET = "zqregister"
EVERYWHERE = tuple(SCOPES)
NOT_IN_PRINT = re.compile(r'<div class="not-in-print">.*?</div>', re.DOTALL)


def make_consent(by, *, channels=EVERYWHERE, given=0, ends=None, **fields):
    """A consent in the register; days count from today."""
    today = timezone.localdate()
    values: dict[str, Any] = {
        "alias": "Sam",
        "kind": "quote",
        "given_by": "both",
        "wish": "for",
        "wish_words": f"{SECRET} asked at the kitchen table",
        "age_band": "11-15",
        "attribution": "alias",
        "given_on": today + dt.timedelta(days=given),
        "review_on": today + dt.timedelta(days=max(given, 0) + 180),
        "expires_on": None if ends is None else today + dt.timedelta(days=ends),
        "form_held": f"{SECRET} folder 3",
        "notes": f"{SECRET} rang on Tuesday",
        **{field: name in channels for name, field in SCOPES.items()},
    }
    return consent_register.give(consent=Consent(**values | fields), by=by)


def voice(consent, **value):
    """A voice block as an editor writes it."""
    return {
        "type": "voice",
        "value": {
            "consent": consent.pk,
            "kind": "quote",
            "words": WORDS,
            "photo": None,
            "film": "",
            "film_title": "",
            "transcript": "",
        }
        | value,
    }


def text(words="Who to ring"):
    return {"type": "paragraph", "value": f"<p>{words}</p>"}


def heard_in(page, words=WORDS):
    """The channels in which a stranger meets ``words`` of a page."""
    return {channel for channel, said in said_in(page).items() if words in said}


def said_in(page):
    """All that each channel says of a page to a stranger."""
    client = Client()
    item = client.get(f"/items/{page.content_id}").content.decode()
    plain = client.get(f"/items/{page.content_id}.txt").content.decode()
    found = {
        "site": item + plain,
        "print": NOT_IN_PRINT.sub("", item),
        "api": client.get(f"/api/v1/items/{page.content_id}").content.decode()
        + client.get("/api/v1/items").content.decode()
        # Met on the websites of others, as what partners take from the API.
        + client.get(f"/fragments/{page.content_id}.html").content.decode()
        + client.get(f"/embed/{page.content_id}").content.decode(),
        "feeds": "".join(
            client.get(f"/feeds/all{area}.{form}").content.decode()
            for area in ("", "/shropshire")
            for form in ("rss", "atom", "json")
        ),
    }
    current = Release.objects.current().with_form("email")
    release = current.filter(item__content_id=page.content_id).first()
    # What the newsletter would read of it.
    found["email"] = release.said.decode() if release else ""
    return found
