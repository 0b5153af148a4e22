"""What Schemathesis has to be told of this API; named in ``schemathesis.toml``."""

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import schemathesis
from schemathesis.checks import CHECKS

Query = Mapping[str, Any]
WORD = re.compile(r"\w+")
# The rest of the rules, which the document tells in words: whether a value that its
# schema allows breaks one. By the parameter that the problem names.
BROKEN: dict[str, Callable[[Query], bool]] = {
    # Only a cursor that was given out, with the filters that it was given out for.
    "cursor": lambda query: "cursor" in query,
    "q": lambda query: (
        not 1 <= len(WORD.findall(str(query["q"]))) <= 12 or "\0" in str(query["q"])
    ),
    "order": lambda query: query["order"] == "relevance" and "q" not in query,
    "updated_since": lambda query: not _exists(str(query["updated_since"])),
}


@schemathesis.check
def what_the_document_allows_is_answered(
    ctx: schemathesis.CheckContext,
    response: schemathesis.Response,
    case: schemathesis.Case[Any],
) -> bool | None:
    meant = case.meta is not None and case.meta.generation.mode.is_positive
    if meant and response.status_code == 400 and _breaks_a_rule(response.json(), case):
        return None
    check: Any = CHECKS.get_one("positive_data_acceptance")
    passed: bool | None = check(ctx, response, case)
    return passed


@schemathesis.deserializer("application/x-ndjson")
def first_line(
    ctx: schemathesis.DeserializationContext, response: schemathesis.Response
) -> Any:
    """The line that is described; that the others are items is another test's matter."""
    return json.loads(response.content.partition(b"\n")[0])


def _breaks_a_rule(problem: Mapping[str, Any], case: schemathesis.Case[Any]) -> bool:
    body: Any = case.body
    if problem["code"] == "invalid_body":
        # Each item once, where copies are compared.
        ids = [copy["content_id"] for copy in body.get("items", ())]
        return len(ids) > len(set(ids))
    name = problem.get("parameter")
    return name in BROKEN and BROKEN[name](case.query)


def _exists(moment: str) -> bool:
    """Whether a moment after RFC 3339 can be told in UTC without leap seconds."""
    try:
        datetime.fromisoformat(moment.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        return False
    return True
