"""What people agree to: words of the publisher's, and the bodies that they are for.

Whoever relies on a consent has to be named in it; "our partners" is not enough (ICO).
So the names are not left to an editor's memory: they come from who publishes and from
the forums that sign for the areas, as they are when the page is shown.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from hashlib import sha256

from django.db.models import Prefetch, QuerySet
from django.utils import timezone
from django.utils.text import get_text_list

from cms.models import Area, Forum
from site_settings.models import NewsletterSettings
from syndication.publisher import publisher

from .models import Wording

PUBLISHER, FORUM = "publisher", "forum"


@dataclass(frozen=True)
class Body:
    """One body named in a wording. ``slug`` is a forum's, and empty of the publisher."""

    role: str
    name: str
    slug: str = ""


@dataclass(frozen=True)
class Words:
    """A wording as it stands on a page now."""

    text: str
    bodies: tuple[Body, ...] = ()

    @property
    def mark(self) -> str:
        """What a form carries to tell which wording its page showed."""
        return sha256(self.text.encode()).hexdigest()[:16]


def current() -> Words:
    """Return what a form shows now. Writes nothing."""
    newsletter = NewsletterSettings.objects.first() or NewsletterSettings()
    publishes = Body(PUBLISHER, publisher()["name"])
    forums = [Body(FORUM, forum.name, forum.slug) for forum in _forums()]
    names = get_text_list([forum.name for forum in forums], "and")
    signed = f", and {names}, who agree to every word in it" if names else ""
    text = (
        f"{newsletter.consent_wording.strip()} My address is used for this newsletter "
        f"only, by {publishes.name}, who sends it{signed}."
    )
    return Words(text, (publishes, *forums))


def archived(words: Words) -> Wording:
    """Return the wording as kept for good; keep it if it is new."""
    found, _ = Wording.objects.get_or_create(
        text=words.text,
        defaults={
            "bodies": [asdict(body) for body in words.bodies],
            "first_shown_at": timezone.now(),
        },
    )
    return found


def unnamed(wording: Wording, areas: Iterable[str]) -> list[str]:
    """Return the forums of ``areas`` (slugs) that ``wording`` does not name, by name."""
    named = {body["slug"] for body in wording.bodies if body["role"] == FORUM}
    found = _forums().filter(areas__slug__in=list(areas)).exclude(slug__in=named)
    return [forum.name for forum in found.distinct()]


def areas_with_forums() -> list[Area]:
    """The areas that one may choose, each with its parent carer forums."""
    forums = Forum.objects.filter(role=Forum.Role.FORUM).order_by("name")
    return list(Area.objects.prefetch_related(Prefetch("forums", queryset=forums)))


def _forums() -> "QuerySet[Forum]":
    signing = Forum.objects.filter(role=Forum.Role.FORUM, areas__isnull=False)
    return signing.distinct().order_by("name")
