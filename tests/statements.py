"""Counting what is asked of the database."""

# What begins a transaction, or marks where in it to go back to, asks for nothing.
MARKS = ("BEGIN", "SAVEPOINT", "RELEASE SAVEPOINT")


def statements(captured):
    """The statements of a ``CaptureQueriesContext`` that read or write something."""
    return [one["sql"] for one in captured if not one["sql"].startswith(MARKS)]
