"""What a worker looks for by itself."""

from . import answers


def sweep() -> bool:
    """Take back what must no longer be told. Returns whether more is due: never."""
    answers.take_back_what_vanished()
    return False
