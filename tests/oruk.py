"""Services for the tests of Open Referral UK, and the schemas to hold answers against."""

import json
import os
from functools import cache
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django.utils import timezone
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from cms import canonical
from cms.models import LocalOfferPage, Proof, SignOff
from syndication import releases

ROOT = "/oruk/v3"
# The schemas are under a share-alike licence, so they are no part of the project.
SCHEMAS = Path(
    os.environ.get("ORUK_SCHEMAS", settings.BASE_DIR.parent / "shared/data/oruk")
)
PUBLISHED = "https://raw.githubusercontent.com/openreferral/uk-profile/main/schema/"
DESCRIPTION = "urn:oruk"
needs_schemas = pytest.mark.skipif(
    not (SCHEMAS / "uk-3.0/openapi.json").exists(),
    reason=f"The schemas of Open Referral UK are not in {SCHEMAS}; "
    "name their folder in ORUK_SCHEMAS.",
)


def get(path="", **kwargs):
    """Ask as a stranger: ``get("/services?page=1")``."""
    return Client().get(ROOT + path, **kwargs)


def told(path=""):
    """What is answered there, after what is true of every answer was checked."""
    answer = get(path)
    assert answer.status_code == 200, answer.content
    assert answer["Access-Control-Allow-Origin"] == "*"
    found = answer.json()
    assert not [one for one in values_of(found) if one is None or one == ""]
    return found


def values_of(data):
    """Every value in an answer that holds no others."""
    if isinstance(data, dict | list):
        parts = data.values() if isinstance(data, dict) else data
        return [one for part in parts for one in values_of(part)]
    return [data]


def contents(path):
    return told(path)["contents"]


def conform(path, value):
    """Hold an answer against the published description of ``path``, formats too."""
    named = path.replace("~", "~0").replace("/", "~1")
    at = "responses/200/content/application~1json/schema"
    Draft202012Validator(
        {"$ref": f"{DESCRIPTION}#/paths/{named}/get/{at}"},
        registry=REGISTRY,
        format_checker=Draft202012Validator.FORMAT_CHECKER,
    ).validate(value)


def conform_to(file, value):
    """Hold a value against one of the schemas by its file."""
    Draft202012Validator(
        {"$ref": f"{PUBLISHED}{file}"},
        registry=REGISTRY,
        format_checker=Draft202012Validator.FORMAT_CHECKER,
    ).validate(value)


@cache
def _read(uri):
    name = (
        "openapi.json"
        if uri == DESCRIPTION
        else f"schema/{uri.removeprefix(PUBLISHED)}"
    )
    with (SCHEMAS / "uk-3.0" / name).open(encoding="utf-8") as file:
        return Resource.from_contents(json.load(file), DRAFT202012)


def release_facts(world, title="A service", *, content_id=None, **facts):
    """Release without the admin, already signed, a service that says just this."""
    content_id = content_id or uuid4()
    payload = canonical.encode(
        {
            "schema": "countersign/1",
            "content_id": str(content_id),
            "kind": "local-offer",
            "title": title,
            "summary": "",
            "describes": "service",
            "areas": [],
            "topics": [],
            "body": [],
            "html": "",
            "text": "",
        }
        | facts
    )
    now = timezone.now()
    proof = Proof.objects.create(
        content_id=content_id,
        kind="local-offer",
        title=title,
        payload=payload,
        fingerprint=canonical.fingerprint(payload),
        algorithm=canonical.ALGORITHM,
        content_type=ContentType.objects.get_for_model(LocalOfferPage),
        object_id="0",
        submitted_at=now,
        due_on=now.date(),
        closed_at=now,
        outcome=Proof.Outcome.SIGNED,
    )
    proof.forums.set([world.pacc])
    SignOff.objects.create(
        proof=proof, forum=world.pacc, by=world.pat, decision="agree", at=now
    )
    return releases.release(proof=proof)


def place(postcode="SY1 1AA", latitude="", longitude="", **more):
    """A place as a payload has it."""
    point = {"latitude": latitude, "longitude": longitude} if latitude else {}
    return {
        "name": "Community centre",
        "street": "1 Example Road",
        "town": "Shrewsbury",
        "postcode": postcode,
        **point,
        **more,
    }


def weekly(days, opens, closes):
    return {"type": "weekly", "days": days, "opens": opens, "closes": closes}


REGISTRY = Registry(retrieve=_read)  # type: ignore[call-arg]
