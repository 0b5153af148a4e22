"""The API keeps to its own description, whatever Schemathesis makes of it.

Here a few cases of each operation, the same each time; ``make contract`` runs many.
"""

import subprocess

import pytest
from django.conf import settings

from cms import withdrawals

from .conftest import make_world
from .contract import IDENTITIES, identities, schemathesis

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def published(write, release, live_server, settings):
    """Something of each kind of answer: current, superseded and taken back."""
    settings.PUBLIC_ORIGIN = live_server.url
    world = make_world()
    kept = write("news")
    release(kept)
    gone = write()
    release(gone)
    withdrawals.withdraw(
        content_id=gone.content_id, by=world.pat, reason="Wrong", public_note="Gone"
    )


@pytest.mark.parametrize("identity", IDENTITIES)
def test_no_case_breaks_a_promise_of_the_document(published, live_server, identity):
    done = run(
        live_server.url,
        identities.make()[identity],
        # Who asks makes no difference to what is open to everyone.
        *([] if identity == "anonymous" else ["--include-tag", "Partners"]),
    )

    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert "generated" in done.stdout


def run(origin, headers, *more):
    # Kept open, Django's test server waits 40 ms at the end of each answer.
    command = schemathesis(origin, most=2, headers=[*headers, "Connection: close"])
    return subprocess.run(  # noqa: S603 - what this very environment has installed
        [*command, *more], cwd=settings.BASE_DIR, capture_output=True, text=True
    )


def test_a_broken_promise_is_noticed(published, live_server, monkeypatch):
    monkeypatch.setattr(
        "syndication.directory.areas", lambda: [{"slug": "shropshire", "forums": []}]
    )

    done = run(live_server.url, [], "--include-operation-id", "listAreas")

    assert done.returncode == 1
    assert "Response violates schema" in done.stdout
