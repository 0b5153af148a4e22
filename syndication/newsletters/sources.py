"""Where a subscription was asked for, as its record says for years.

Said by the form itself, because a browser's Referer is often missing and says whatever
a page makes it say. A form on a partner's site names that site in a field of its own;
that is what the form claims, and the record says so by naming the way it came.
"""

import re
from urllib.parse import urlsplit

WEBSITE, FRAME, FORM, PREFERENCES = "website", "frame", "form", "preferences"
# A host, as one may stand in the address of a website.
HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,60}[a-z0-9])?")


def host(value: str) -> str:
    """Return the host that ``value`` names, or nothing where it names none.

    >>> host("https://www.School.example/news?x=1")
    'www.school.example'
    >>> host("school.example")
    'school.example'
    >>> host("<script>")
    ''
    """
    typed = value.strip().lower()
    try:
        found = urlsplit(typed if "//" in typed else f"//{typed}").hostname or ""
    except ValueError:
        return ""
    return found if HOST.fullmatch(found) and "." in found else ""


def of(way: str, claimed: str) -> str:
    """Return what to record of a form that came by ``way`` and names ``claimed``.

    >>> of(FRAME, "school.example")
    'frame school.example'
    >>> of(FORM, "not a host")
    'form'
    """
    return f"{way} {host(claimed)}".strip()
