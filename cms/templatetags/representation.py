"""Filters for templates that show a public representation."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django import template

from cms import formats as formats_of_text

register = template.Library()


@register.filter
def as_date(value: str) -> dt.date:
    """Return the date or the moment that a representation writes as text.

    >>> as_date("2027-09-01")
    datetime.date(2027, 9, 1)
    """
    if "T" in value:
        return dt.datetime.fromisoformat(value)
    return dt.date.fromisoformat(value)


@register.filter
def formats(item: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the formats of a representation, each with its ``name``.

    Which version a format was made for is known only where versions are.
    """
    return formats_of_text.register(item, {})
