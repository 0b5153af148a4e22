"""One page of a list, in the envelope of the standard."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import QuerySet

from syndication.rest.parameters import Given
from syndication.rest.views import encode

from . import documents, parameters

PARAMETERS = ("page", "per_page")
Entry = TypeVar("Entry", bound=Any)


@dataclass(frozen=True)
class Page(Generic[Entry]):
    """Entries of one page, and where in the list they stand."""

    entries: Sequence[Entry]
    number: int
    per_page: int
    total: int

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return -(-self.total // self.per_page)

    def envelope(self, form: Callable[[Entry], bytes], **more: Any) -> bytes:
        """Return the page as JSON, each entry as ``form`` makes it.

        Beyond the last page there is nothing, and it is no error.
        """
        head = {
            "total_items": self.total,
            "total_pages": self.pages,
            "page_number": self.number,
            "size": len(self.entries),
            "first_page": self.number == 1,
            "last_page": self.number >= self.pages,
            "empty": not self.entries,
            **more,
        }
        contents = documents.joined(map(form, self.entries))
        return documents.spliced(encode(head), contents=contents)

    def links(self, path: str, given: Given) -> str:
        """Return the header Link (RFC 8288): the pages around this one.

        ``path`` and ``given`` are what was asked. Beyond the last page the one before is
        the last.
        """
        last = max(self.pages, 1)
        numbers = {"first": 1, "last": last}
        if self.number > 1:
            numbers["prev"] = min(self.number - 1, last)
        if self.number < last:
            numbers["next"] = self.number + 1
        # Never from the request's Host header, which a stranger chooses.
        return ", ".join(
            f"<{settings.PUBLIC_ORIGIN}{path}?{urlencode({**given, 'page': number})}>; "
            f'rel="{relation}"'
            for relation, number in numbers.items()
        )


def of_rows(found: QuerySet[Entry], given: Given) -> Page[Entry]:
    """Return the page that was asked for: two queries, however long it is."""
    number, size = parameters.page(given), parameters.per_page(given)
    first = (number - 1) * size
    total = found.count()
    return Page(list(found[first : first + size]), number, size, total)


def of_list(found: Iterable[Entry], given: Given) -> Page[Entry]:
    """The same of what is at hand already."""
    number, size = parameters.page(given), parameters.per_page(given)
    every = list(found)
    first = (number - 1) * size
    return Page(every[first : first + size], number, size, len(every))
