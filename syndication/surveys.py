"""Surveys in news, which close by themselves after the last day that was signed.

Closing takes the address away and adds nothing, so it needs no signature: the item is
released again without it, in every channel.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, TypeAlias

from cms.representation import whole

from .errors import NotAReduction

Survey: TypeAlias = Mapping[str, Any]


def next_close(surveys: Sequence[Survey]) -> date | None:
    """Return the last day of the survey that closes next; None where none is open."""
    days = [date.fromisoformat(one["closes"]) for one in surveys if "url" in one]
    return min(days, default=None)


def closed(data: Mapping[str, Any], *, today: date) -> dict[str, Any]:
    """Return a representation in which surveys that are over have no address."""
    surveys = [
        _without_address(one)
        if "url" in one and date.fromisoformat(one["closes"]) < today
        else one
        for one in data["surveys"]
    ]
    return whole({**data, "surveys": surveys})


def check_reduction(before: Sequence[Survey], after: Sequence[Survey]) -> None:
    """Raise ``NotAReduction`` unless each survey is as it was, or closed."""
    if len(before) != len(after) or any(
        shown not in (signed, _without_address(signed))
        for signed, shown in zip(before, after, strict=True)
    ):
        raise NotAReduction("a survey would be altered")


def _without_address(survey: Survey) -> dict[str, Any]:
    rest = {name: value for name, value in survey.items() if name != "url"}
    return rest | {"closed": True}
