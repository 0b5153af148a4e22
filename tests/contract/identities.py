"""Partners and keys for those who ask; as a program it prints their headers as JSON."""

import json
import sys

import django

from . import IDENTITIES


def make() -> dict[str, list[str]]:
    """Return the headers of each of ``IDENTITIES``, made in the database at hand."""
    from syndication.partners import keys
    from tests.partners import make_key, make_partner

    partner = make_partner()
    revoked, revoked_token = make_key(partner, name="Revoked")
    keys.revoke(key=revoked, by=None)
    tokens = {
        "anonymous": None,
        "key": make_key(partner)[1],
        "revoked key": revoked_token,
        "other partner": make_key(make_partner("Another School"))[1],
    }
    return {
        name: [f"Authorization: Bearer {tokens[name]}"] if tokens[name] else []
        for name in IDENTITIES
    }


if __name__ == "__main__":
    django.setup()
    json.dump(make(), sys.stdout)
