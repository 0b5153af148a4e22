"""Plain text with bare addresses, for school apps and whatever takes no more."""

from collections.abc import Iterable, Iterator

from .copies import Copy, State
from .picks import Length
from .pieces import Piece, Role, Run, grouped

# Signs that a message in a school app may have.
SHORT = 600
WIDEST_LINE = 60
NOT_ALL = "Not every forum agreed to this text."


def long(copy: Copy) -> str:
    """Return all of it, paragraphs apart by empty lines."""
    parts = [_part(together) for together in grouped(copy.pieces())]
    return "\n\n".join(parts) + "\n"


def short(copy: Copy) -> str:
    """Return at most 600 signs: what is in it, where to read it, how to check it.

    An item whose name, with all that has to be said of it, has no room is counted.
    """
    found = next((one for one in _shorter(copy) if len(one) < SHORT), None)
    return f"{found or _without_names(copy)}\n"


def _shorter(copy: Copy) -> Iterator[str]:
    """The same with fewer and fewer items named, at last without who agreed."""
    notices = [notice.text for notice in copy.notices]
    lines = [
        f"- {piece.text}"
        for entry in copy.entries
        if entry.state in (State.CURRENT, State.NOTICE)
        for piece in entry.pieces(Length.HEADLINE)
    ]
    for agreed in ([copy.credit.statement], []):
        for named in range(len(lines), -1, -1):
            more = len(lines) - named
            yield "\n".join(
                [
                    copy.title,
                    *notices,
                    *lines[:named],
                    *([f"- {more} more: see there"] if more else []),
                    *agreed,
                    *_end(copy),
                ]
            )


def _without_names(copy: Copy) -> str:
    """With as much of the title as there is room for, where all else is long."""
    rest = [*([NOT_ALL] if copy.notices else []), *_end(copy)]
    room = SHORT - len("\n".join(rest)) - 2
    title = copy.title
    if len(title) > room:
        title = f"{title[: max(0, room - 2)].rstrip()} …"
    return "\n".join([title, *rest])


def _end(copy: Copy) -> list[str]:
    credit = copy.credit
    return [
        f"Read it: {copy.url}",
        *([copy.picked] if copy.picked else []),
        f"{credit.publisher_name}. {copy.as_it_stood} {credit.licence_name}.",
        f"Check it: {credit.check_url}",
    ]


def _part(together: list[Piece]) -> str:
    first = together[0]
    match first.role:
        case Role.TITLE:
            return f"{first.text}\n{'=' * min(len(first.text), WIDEST_LINE)}"
        case Role.HEADING:
            return f"{first.text}\n{'-' * min(len(first.text), WIDEST_LINE)}"
        case Role.ITEM:
            return "\n".join(f"* {words(one.runs)}" for one in together)
        case Role.RULE:
            return "-" * WIDEST_LINE
        case _:
            return first.plain or words(first.runs)


def words(runs: Iterable[Run]) -> str:
    """Return words in one line, each link as its words and its address."""
    return "".join(
        f"{run.text}: {run.href}" if run.href and run.href != run.text else run.text
        for run in runs
    )
