"""Where a shared block stands: in what is public, and in what is being written.

Nothing in ``cms`` knows what is public, so whoever does says it (``register``).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias
from uuid import UUID

from django.contrib.contenttypes.models import ContentType
from django.urls import reverse
from wagtail.models import ReferenceIndex

from .models import LocalOfferPage, NewsItemPage, SharedBlock

# How many are named where there is little room.
FIRST = 10


@dataclass(frozen=True)
class Use:
    """One text that holds a shared block."""

    content_id: UUID
    title: str
    kind: str
    # Whether it shows the newest public version, and what hinders it.
    is_newest: bool = True
    why_not: str = ""
    # Where its editors change it.
    address: str = ""

    @property
    def path(self) -> str:
        return f"/items/{self.content_id}"


@dataclass(frozen=True)
class Uses:
    """All of them: ``public`` by title, ``drafts`` are not public, or not with it."""

    public: list[Use] = field(default_factory=list)
    drafts: list[Use] = field(default_factory=list)

    @property
    def first(self) -> list[Use]:
        return self.public[:FIRST]

    @property
    def more(self) -> int:
        return max(0, len(self.public) - FIRST)

    @property
    def newest(self) -> int:
        """How many show the newest public version."""
        return sum(use.is_newest for use in self.public)

    @property
    def behind(self) -> list[Use]:
        return [use for use in self.public if not use.is_newest]

    @property
    def behind_first(self) -> list[Use]:
        """All that are public, those first that show an older version."""
        return sorted(self.public, key=lambda use: use.is_newest)


Find: TypeAlias = Callable[[UUID], Iterable[Use]]
_finders: list[Find] = []


def register(find: Find) -> None:
    """Let an app say where a shared block is public. Called once, when it is ready."""
    _finders.append(find)


def of(content_id: UUID) -> Uses:
    """Return where a shared block stands. A fixed number of queries."""
    public = [use for find in _finders for use in find(content_id)]
    known = {use.content_id for use in public}
    block = SharedBlock.objects.filter(content_id=content_id).first()
    holders = _holders(block)
    addresses = _addresses(known)
    return Uses(
        public=[
            replace(use, address=addresses.get(use.content_id, "")) for use in public
        ],
        drafts=sorted(
            (use for use in holders if use.content_id not in known),
            key=lambda use: use.title,
        ),
    )


def public_of(content_id: UUID) -> list[Use]:
    """What is public and holds the shared block, for those who sign it."""
    return [use for find in _finders for use in find(content_id)]


def _holders(block: SharedBlock | None) -> list[Use]:
    """The texts that name a block as they were last saved, public or not."""
    if block is None:
        return []
    rows = ReferenceIndex.get_references_to(block).values_list(
        "content_type", "object_id"
    )
    found: dict[int, set[str]] = {}
    for content_type, pk in rows:
        found.setdefault(content_type, set()).add(pk)
    uses = []
    for model in MODELS:
        pks = found.get(_content_type(model), ())
        uses += [_use(one) for one in model.objects.filter(pk__in=pks)] if pks else []
    return uses


def _addresses(content_ids: set[UUID]) -> dict[UUID, str]:
    if not content_ids:
        return {}
    return {
        one.content_id: address_of(one)
        for model in MODELS
        for one in model.objects.filter(content_id__in=content_ids).only(
            "pk", "content_id"
        )
    }


def _use(item: Any) -> Use:
    title = getattr(item, "draft_title", "") or item.title
    return Use(item.content_id, title, item.kind, address=address_of(item))


def address_of(item: Any) -> str:
    """Where a page or a shared block is edited."""
    if isinstance(item, SharedBlock):
        name = SharedBlock.snippet_viewset.get_url_name("edit")
        return reverse(name, args=[item.pk])
    return reverse("wagtailadmin_pages:edit", args=[item.pk])


def _content_type(model: Any) -> int:
    return ContentType.objects.get_for_model(model).pk


MODELS: tuple[Any, ...] = (LocalOfferPage, NewsItemPage, SharedBlock)
