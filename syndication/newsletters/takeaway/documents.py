"""The files of an issue, which cost the most to make: how often, and for whom.

The whole issue is the same for everybody and is remembered for a while. What somebody
leaves out or shortens is made for them alone, and there are more choices than anybody
could keep: so a network may have so many in an hour (``LIMITS["documents"]``).
"""

import hashlib

from django.http import HttpRequest, HttpResponse

from syndication import limits
from syndication.limits import Standing
from syndication.memory import Memory

from .copies import Copy
from .forms import PLAIN, Form

# A document has some tens of thousands of bytes.
MOST = 8 * 1024 * 1024
remembered = Memory[str | bytes](MOST)


def make(form: Form, copy: Copy) -> str | bytes:
    """Return a copy in a format; the whole issue as a file from memory, if it is there."""
    if not form.is_file or is_own_choice(copy):
        return form.make(copy)
    # A copy is all that a format is made of.
    key = form.suffix, hashlib.sha256(repr(copy).encode()).digest()
    if (made := remembered.get(key)) is None:
        made = form.make(copy)
        remembered.put(key, made, size=len(made))
    return made


def is_own_choice(copy: Copy) -> bool:
    """Whether something of the issue was left out or shortened."""
    return bool(copy.pick.query)


def count(request: HttpRequest, form: Form, copy: Copy) -> Standing | None:
    """Count a request for a file of one's own choice. None where nothing is counted."""
    if not form.is_file or not is_own_choice(copy):
        return None
    return limits.of_network(request, limits.policy("documents"))


def refuse(standing: Standing, whole: str) -> HttpResponse:
    """Say when to come again, and that the ``whole`` issue can be had meanwhile."""
    minutes = -(-standing.again_in // 60)
    wait = "a minute" if minutes == 1 else f"{minutes} minutes"
    answer = HttpResponse(
        f"Your network has taken {standing.policy.quota} documents with something left "
        f"out or shortened within an hour. Wait {wait}, then try again.\n\n"
        f"You can take the whole newsletter now: {whole}\n",
        status=429,
        content_type=PLAIN,
        headers={"Cache-Control": "no-store"},
    )
    limits.say(answer, standing)
    return answer
