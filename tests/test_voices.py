"""Voices: shown where their families agreed, and nowhere else."""

import json

import pytest

from syndication.models import Release

from .voices import WORDS, make_consent, text, voice


def test_smoke(world, write, release, client):
    consent = make_consent(world.admin, channels=("site", "api"))
    page = write(body=[text(), voice(consent)])
    made = release(page)
    print(json.loads(bytes(made.payload)))
    assert made.forms.count() == 2
    assert WORDS.encode() in client.get(f"/items/{page.content_id}").content
    assert WORDS.encode() in client.get(f"/api/v1/items/{page.content_id}").content
    assert WORDS.encode() not in client.get("/feeds/all.rss").content
