"""Saying early, and to programs, that an address is on its way out (docs/adr/0021)."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from django.conf import settings
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.http import http_date

from .problems import Retired

# Days between the word and the end: a year, and a day for time zones.
NOTICE = 366


@dataclass(frozen=True)
class Retirement:
    """When an address stopped being recommended, and from when it does not answer.

    ``explained_at`` is a path here, whose page says what to use in its place, and
    ``instead`` the path of that, if it is one address. Raises ``ValueError`` for an end
    that comes sooner than we promised.
    """

    deprecated_on: date
    ends_on: date
    explained_at: str
    instead: str = ""

    def __post_init__(self) -> None:
        if (self.ends_on - self.deprecated_on).days < NOTICE:
            raise ValueError(f"Partners were promised {NOTICE} days of notice.")

    def check(self) -> None:
        """Raise ``Retired`` from the first moment of the last day on."""
        if timezone.now().timestamp() >= _seconds(self.ends_on):
            raise Retired(**self.members(origin=settings.PUBLIC_ORIGIN))

    def members(self, *, origin: str) -> dict[str, str]:
        """Return what ``Retired`` tells besides, with addresses below ``origin``."""
        place = {"instead": f"{origin}{self.instead}"}
        return {"ended_on": self.ends_on.isoformat()} | (place if self.instead else {})

    def say(self, answer: HttpResponseBase) -> None:
        """Tell it in ``answer``: RFC 9745 (Deprecation), 8594 (Sunset), 5829 (Link)."""
        page = f"{settings.PUBLIC_ORIGIN}{self.explained_at}"
        links = [
            answer.get("Link", ""),
            f'<{page}>; rel="deprecation"; type="text/html"',
            f'<{page}>; rel="sunset"; type="text/html"',
        ]
        if self.instead:
            links.append(
                f'<{settings.PUBLIC_ORIGIN}{self.instead}>; rel="successor-version"'
            )
        answer["Deprecation"] = f"@{_seconds(self.deprecated_on)}"
        answer["Sunset"] = http_date(_seconds(self.ends_on))
        answer["Link"] = ", ".join(filter(None, links))


def _seconds(day: date) -> int:
    """Return the first moment of a day in UTC, as Unix counts.

    >>> _seconds(date(2026, 11, 1))
    1793491200
    """
    return int(datetime.combine(day, time(), UTC).timestamp())
