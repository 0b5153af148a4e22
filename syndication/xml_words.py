"""Words for XML 1.0, which cannot hold every character."""

import re

# Everything but the Char production of XML 1.0, section 2.2.
ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def legal(text: str) -> str:
    """Return ``text`` without the characters that XML 1.0 cannot hold.

    Line ends become line feeds: a parser would read them so anyway (section 2.11).

    >>> legal("a" + chr(0) + "b" + chr(13) + chr(10) + "c")
    'ab\\nc'
    """
    return ILLEGAL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
