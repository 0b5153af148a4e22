"""One page of a list, in the envelope of the standard."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

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

    def envelope(self, form: Callable[[Entry], bytes], **more: Any) -> bytes:
        """Return the page as JSON, each entry as ``form`` makes it.

        Beyond the last page there is nothing, and it is no error.
        """
        pages = -(-self.total // self.per_page)
        head = {
            "total_items": self.total,
            "total_pages": pages,
            "page_number": self.number,
            "size": len(self.entries),
            "first_page": self.number == 1,
            "last_page": self.number >= pages,
            "empty": not self.entries,
            **more,
        }
        contents = documents.joined(map(form, self.entries))
        return documents.spliced(encode(head), contents=contents)


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
