"""Why a partner does not get what was asked for."""

from syndication import receipts
from syndication.models import Release
from syndication.rest.problems import NotFound, Problem


class Unknown(NotFound):
    default_detail = "There is no such newsletter."


class NoSuchFormat(NotFound):
    default_code = "no_such_format"


class Withdrawn(Problem):
    """The issue was taken back. Tells nothing of what was in it."""

    status_code = 410
    title = "Withdrawn"
    default_code = "withdrawn"
    default_detail = "This newsletter was withdrawn."


class TooLong(Problem):
    """The format has no room for all that was picked."""

    title = "Too long for this format"
    default_code = "too_long"
    default_detail = "Leave some items out, or take less of each."


def withdrawn(release: Release) -> Withdrawn:
    """Return what to say of an issue that was taken back, with its public note."""
    assert release.withdrawn_at is not None  # noqa: S101 - asked by the caller
    day = receipts.day(receipts.moment(release.withdrawn_at))
    note = " ".join(release.withdrawn_note.split())
    words = (
        f"This newsletter was withdrawn on {day}. If you have a copy, please do not "
        "rely on it, and take it down."
    )
    return Withdrawn(f"{words} {note}".strip())
