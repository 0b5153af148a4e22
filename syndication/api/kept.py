"""Items and pages of lists that each process keeps, for as long as nothing changes.

All that changes what is public writes a row of the change log in the same transaction, so
as long as the number of the last one is the same, so is every page: asking for that number
is one small query, and what was taken back is gone at the next request in every process.
The number is read in the statement that reads the page, so it is never younger than that.
What is not in the log (documents made again with another name of the publisher) shows
when it is forgotten, after a minute.
"""

from collections.abc import Hashable
from dataclasses import dataclass

from django.db import connection

from syndication.memory import Memory
from syndication.narrowing import LAST_CHANGE

# Bytes of all bodies in one process, and of the longest of them.
MOST = 16_000_000
LONGEST = 2_000_000


@dataclass(frozen=True)
class Page:
    """An answer, and the number of the last change that there was when it was made."""

    # None for what may not be kept.
    number: int | None
    # Empty where the reader has it.
    body: bytes
    etag: str
    tags: tuple[str, ...]
    # The address of the next page.
    following: str | None = None

    def told(self) -> bytes:
        """Return the body. Raises ``ValueError`` where it was left in the database."""
        if not self.body:
            raise ValueError("The body was left in the database.")
        return self.body


class Pages(Memory[Page]):
    """Those that were asked for last, up to ``most`` bytes."""

    def __init__(self, most: int = MOST) -> None:
        super().__init__(most)

    def find(self, key: Hashable) -> Page | None:
        """Return what was kept if it is still what would be answered.

        Asks one query, and none where nothing was kept.
        """
        page = self.get(key)
        return page if page and last_change() == page.number else None

    def keep(self, key: Hashable, page: Page) -> None:
        """Keep a page, in the place of whatever was kept for the same request."""
        if len(page.body) <= LONGEST:
            self.put(key, page, size=len(page.body))


pages = Pages()


def last_change() -> int | None:
    """Return the number of the last change; None before the first one."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {LAST_CHANGE}")
        return cursor.fetchone()[0]  # type: ignore[no-any-return]
