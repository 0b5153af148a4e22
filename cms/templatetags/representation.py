"""Filters for templates that show a public representation."""

import datetime as dt

from django import template

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
