"""What a partner can get wrong here, besides what any address for programs refuses."""

from syndication.rest.problems import (
    BadRequest,
    InvalidBody,
    InvalidParameter,
    LengthRequired,
    NotAllowed,
    NotFound,
    Problem,
    RepeatedParameter,
    Retired,
    ServerError,
    TooLarge,
    TooManyRequests,
    TryLater,
    UnknownParameter,
    UnsupportedMediaType,
)

# Where each is explained, with its code behind.
EXPLAINED_AT = "/api/v1/docs#"


class BadCursor(Problem):
    title = "Bad cursor"
    default_code = "bad_cursor"
    default_detail = (
        "This cursor was not given out by this address, or was damaged on the way. "
        "Start again without it, and follow “next” as it is."
    )


class CursorMismatch(Problem):
    title = "Cursor of another selection"
    default_code = "cursor_mismatch"
    default_detail = (
        "This cursor belongs to other filters. Keep the filters of the first page, or "
        "start again without the cursor."
    )


class ItemNotFound(Problem):
    status_code = 404
    title = "No such item"
    default_code = "item_not_found"
    default_detail = "No item with this identity was ever released."


class ReceiptNotFound(Problem):
    status_code = 404
    title = "No such receipt"
    default_code = "receipt_not_found"
    default_detail = (
        "Nothing with this fingerprint was ever released here. If somebody showed you "
        "a text with it, the forums did not sign that text."
    )


class ItemWithdrawn(Problem):
    status_code = 410
    title = "Withdrawn"
    default_code = "item_withdrawn"
    default_detail = "This item was taken back. Remove every copy of it."
    replaced_detail = (
        "This item was taken back and another replaces it. Remove every copy of it, "
        "and link to the replacement."
    )


class ItemExpired(Problem):
    status_code = 410
    title = "Expired"
    default_code = "item_expired"
    default_detail = (
        "The time of this item is over, as its forums signed it. Remove every copy."
    )


class VersionNotFound(Problem):
    status_code = 404
    title = "No such version"
    default_code = "version_not_found"
    default_detail = "This item never had a version with this number."


class VersionWithdrawn(Problem):
    status_code = 410
    title = "Version taken back"
    default_code = "version_withdrawn"
    default_detail = (
        "Something in this version was taken back since. Remove every copy of it, and "
        "read the item without “version”."
    )


class Resync(Problem):
    status_code = 410
    title = "Start again"
    default_code = "resync"
    default_detail = (
        "This cursor is older than the changes that are kept. Load everything again "
        "from “start”, remove what is not in it, and follow the changes from the "
        "address in its first line."
    )


# In the order of the documentation page.
PROBLEMS: tuple[type[Problem], ...] = (
    UnknownParameter,
    RepeatedParameter,
    InvalidParameter,
    BadCursor,
    CursorMismatch,
    BadRequest,
    InvalidBody,
    UnsupportedMediaType,
    LengthRequired,
    TooLarge,
    NotFound,
    ItemNotFound,
    VersionNotFound,
    ReceiptNotFound,
    NotAllowed,
    ItemWithdrawn,
    ItemExpired,
    VersionWithdrawn,
    Resync,
    Retired,
    TooManyRequests,
    TryLater,
    ServerError,
)
