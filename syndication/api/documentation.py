"""The OpenAPI document, arranged for a page that people read."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.conf import settings

from syndication.rest.described import SUCCESSOR, SUNSET
from syndication.rest.problems import CONTENT_TYPE

from . import openapi
from .problems import PROBLEMS

# Envelopes and errors are told in the text; enumerations where they are used.
TOLD_ELSEWHERE = ("Page", "Directory", "Enum", "Problem")
FORMATS = {
    "date-time": "time in UTC",
    "date": "date",
    "uri": "address",
    "uuid": "UUID",
}


@dataclass(frozen=True)
class Explained:
    """A parameter or a field: what it is called, what it holds, what it means."""

    name: str
    holds: str
    meaning: str


@dataclass(frozen=True)
class Operation:
    """One address of the API as the page shows it."""

    name: str
    method: str
    path: str
    summary: str
    description: str
    parameters: list[Explained]
    request: str
    answer: str
    codes: list[str]


@dataclass(frozen=True)
class Shape:
    """One thing that answers are made of."""

    name: str
    description: str
    fields: list[Explained]


def context() -> dict[str, Any]:
    """Return what the template of the documentation page needs."""
    document = openapi.document(origin=settings.PUBLIC_ORIGIN)
    schemas = document["components"]["schemas"]
    order = [tag["name"] for tag in document["tags"]]
    operations = sorted(
        (
            (order.index(described["tags"][0]), path, method, described)
            for path, methods in document["paths"].items()
            for method, described in methods.items()
        ),
        key=lambda entry: entry[:3],
    )
    origin = document["servers"][0]["url"]
    return {
        "info": document["info"],
        "origin": origin,
        "operations": [
            _operation(origin, path, method, described, schemas)
            for _, path, method, described in operations
        ],
        "shapes": [
            _shape(name, schema, schemas)
            for name, schema in schemas.items()
            if not name.endswith(TOLD_ELSEWHERE)
        ],
        "problems": _problems(document),
        "ending": [
            {
                "method": method.upper(),
                "path": path,
                "ends_on": described[SUNSET],
                "instead": described.get(SUCCESSOR),
            }
            for _, path, method, described in operations
            if SUNSET in described
        ],
    }


def _problems(document: Mapping[str, Any]) -> list[Explained]:
    """Every problem there is: those of any address, and what the document has besides."""
    found = {
        problem.default_code: Explained(
            problem.default_code,
            str(problem.status_code),
            str(problem.default_detail),
        )
        for problem in PROBLEMS
    }
    for methods in document["paths"].values():
        for described in methods.values():
            for answer in described["responses"].values():
                for said in _refusals(answer):
                    code = said["code"]
                    found.setdefault(
                        code, Explained(code, str(said["status"]), said["detail"])
                    )
    return list(found.values())


def _refusals(answer: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    described = answer.get("content", {}).get(CONTENT_TYPE, {})
    return [example["value"] for example in described.get("examples", {}).values()]


def _operation(
    origin: str,
    path: str,
    method: str,
    described: Mapping[str, Any],
    schemas: Mapping[str, Any],
) -> Operation:
    answers = described["responses"]
    (answered,) = answers["200"]["content"].values()
    said = _key(described) + _body(described)
    parameters = described.get("parameters", [])
    return Operation(
        name=described["operationId"],
        method=method.upper(),
        path=path,
        summary=described["summary"],
        description=described["description"],
        parameters=[
            Explained(
                parameter["name"],
                _holds(parameter["schema"], schemas),
                parameter["description"],
            )
            # What most readers want first: the header is the same everywhere.
            for parameter in sorted(parameters, key=lambda one: one["in"] == "header")
        ],
        request=f"curl {said}'{origin}{_address(path, parameters)}'",
        answer=json.dumps(_first(answered["examples"]), indent=2, ensure_ascii=False),
        codes=[
            said["code"] for answer in answers.values() for said in _refusals(answer)
        ],
    )


def _key(described: Mapping[str, Any]) -> str:
    """What has to be said to curl where a key is needed."""
    is_keyed = any(described.get("security", ()))
    return "-H 'Authorization: Bearer YOUR_KEY' \\\n  " if is_keyed else ""


def _body(described: Mapping[str, Any]) -> str:
    """What has to be said to curl where something is sent."""
    if "requestBody" not in described:
        return ""
    sent = described["requestBody"]["content"]["application/json"]["examples"]
    return (
        "-H 'Content-Type: application/json' \\\n"
        f"  -d '{json.dumps(_first(sent))}' \\\n  "
    )


def _shape(name: str, schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Shape:
    required = schema.get("required", ())
    return Shape(
        name=name,
        description=schema["description"],
        fields=[
            Explained(
                field,
                _holds(held, schemas) + ("" if field in required else ", optional"),
                _meaning(held, schemas),
            )
            for field, held in schema["properties"].items()
        ],
    )


def _address(path: str, parameters: list[Mapping[str, Any]]) -> str:
    query = {}
    for parameter in parameters:
        if "examples" not in parameter:
            continue
        if parameter["in"] == "path":
            path = path.replace(
                f"{{{parameter['name']}}}", _first(parameter["examples"])
            )
        else:
            query[parameter["name"]] = _first(parameter["examples"])
    return path + (f"?{urlencode(query)}" if query else "")


def _first(examples: Mapping[str, Any]) -> Any:
    return next(iter(examples.values()))["value"]


def _holds(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> str:
    """Say in a few words what a value is.

    >>> _holds({"type": "array", "items": {"type": "integer"}}, {})
    'list of: whole number'
    """
    # A reference with words of its own.
    for part in schema.get("allOf", ()):
        return _holds(part, schemas)
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return "text" if "enum" in schemas[name] else name
    if "enum" in schema:
        return f"one of {', '.join(schema['enum'])}"
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if kinds == ["array"]:
        return f"list of: {_holds(schema['items'], schemas)}"
    said = {
        "string": "text",
        "integer": "whole number",
        "boolean": "true or false",
        "object": "object",
    }[kinds[0]]
    said = FORMATS.get(schema.get("format", ""), said)
    return f"{said} or null" if "null" in kinds else said


def _meaning(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> str:
    """Return what a field means: its own words, or those of what it refers to."""
    if "$ref" not in schema:
        meaning: str = schema["description"]
        return meaning
    referred = schemas[schema["$ref"].rpartition("/")[2]]
    # drf-spectacular tells the choices as a Markdown list: "* `news` - a news item".
    lines = referred["description"].splitlines()
    return "; ".join(
        line.removeprefix("* ").replace("`", "").replace(" - ", ": ", 1)
        for line in lines
    )
