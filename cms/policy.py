"""Who has to sign an item, and why.

Derived from where the item stands and what it is about, never from a list that its
author keeps: an author who could drop a forum could publish without it. Fails closed:
whoever cannot be resolved stops the submission.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from site_settings.models import SignOffSettings

from .errors import NoForumConcerned
from .models.proofs import Proof, SignOff
from .models.vocabulary import Area, Forum

if TYPE_CHECKING:
    from uuid import UUID

    from .models.items import CoProducedMixin

# Reasons that bind a forum to one version only: it signs that it is leaving.
LEAVING = {"leaving"}


@dataclass(frozen=True)
class Reason:
    """Why one signatory is asked. ``text`` is a sentence for the screen."""

    code: str
    text: str


@dataclass(frozen=True)
class Requirement:
    """One signatory that has to sign, with every reason for it."""

    forum: Forum
    reasons: tuple[Reason, ...]


def required(
    item: "CoProducedMixin", *, policy: SignOffSettings | None = None
) -> list[Requirement]:
    """Return everyone who must sign ``item`` as it is now, by short name.

    They are the forums of each of its areas, the forum in whose section of the tree it
    stands, whoever a rule in the sign-off settings names, and, where policy says so,
    the forums that signed the version before and would be dropped by this one.

    Raises ``NoForumConcerned`` when there is nobody, or when nobody signs for one of
    its areas: then nobody could stand behind what it says to the families there.
    """
    policy = policy or SignOffSettings.current()
    asked = _Asked()
    areas = item.areas_covered()
    for area in areas:
        for forum in forums_of(area, item=item):
            asked.add(forum, "area", f"{forum} signs what is for {area}.")
    for forum in item.sections():
        asked.add(forum, "section", f"{forum} signs what is written in its section.")
    for rule in policy.rules.select_related("forum"):
        if _applies(rule, item, areas):
            asked.add(rule.forum, "rule", rule.reason)
    if not asked.found:
        raise NoForumConcerned(
            f"“{item}” names no area that a forum signs for. Choose an area first."
        )
    last = _last_signed(item.content_id)
    if policy.leaving == SignOffSettings.Leaving.ASK:
        for forum in _dropped(last, kept=asked.found):
            asked.add(
                forum,
                "leaving",
                f"{forum} signed the version before and would not be asked for this "
                "one any more. It signs once more, and so agrees to leave.",
            )
    for forum in _objectors(item.content_id, since=last, kept=asked.found):
        asked.add(
            forum,
            "objected",
            f"{forum} did not agree to an earlier version, so it is asked again.",
        )
    return asked.requirements()


class _Asked:
    """Signatories as they are found, each with all its reasons."""

    def __init__(self) -> None:
        self.found: dict[int, tuple[Forum, list[Reason]]] = {}

    def add(self, forum: Forum, code: str, text: str) -> None:
        _, reasons = self.found.setdefault(forum.pk, (forum, []))
        reasons.append(Reason(code, text))

    def requirements(self) -> list[Requirement]:
        return sorted(
            (Requirement(forum, tuple(why)) for forum, why in self.found.values()),
            key=lambda one: one.forum.short_name,
        )


def forums_of(area: Area, *, item: object) -> list[Forum]:
    """The forums that sign for ``area``. Raises ``NoForumConcerned`` without any."""
    forums = list(area.forums.all())
    if not forums:
        raise NoForumConcerned(
            f"Nobody signs for {area} yet, so “{item}” cannot be signed off. Choose "
            "another area, or ask an administrator to name its forum."
        )
    return forums


def dropped(
    content_id: "UUID", *, kept: Iterable[int], before: Proof | None = None
) -> list[Forum]:
    """The forums that the last signed version was for and a newer one is not.

    ``kept`` are the keys of those that the newer one is for, ``before`` its proof if it
    is signed itself by now. A forum that signed only to leave is not dropped again.
    """
    return _dropped(_last_signed(content_id, before=before), kept=kept)


def _dropped(last: Proof | None, *, kept: Iterable[int]) -> list[Forum]:
    if last is None:
        return []
    return [
        forum
        for forum in last.forums.exclude(pk__in=kept)
        if not only_leaving(last.reasons.get(str(forum.pk), []))
    ]


def _applies(rule: Any, item: "CoProducedMixin", areas: list[Area]) -> bool:
    if rule.kind and rule.kind != item.kind:
        return False
    if rule.only_joint and len(areas) < 2:
        return False
    return rule.topic_id is None or rule.topic_id in item.topics_covered()


def _last_signed(content_id: "UUID", before: Proof | None = None) -> Proof | None:
    outcomes = [Proof.Outcome.SIGNED, Proof.Outcome.WITHDRAWN]
    proofs = Proof.objects.filter(content_id=content_id, outcome__in=outcomes)
    proofs = proofs.defer("payload")
    if before is not None:
        proofs = proofs.filter(pk__lt=before.pk)
    last = proofs.first()
    if last and last.is_correction and last.outcome == Proof.Outcome.WITHDRAWN:
        # Only a correction can be taken back before anybody signed it.
        return proofs.once_signed().first()
    return last


def only_leaving(reasons: list[dict[str, str]]) -> bool:
    """Whether these reasons of a proof bound a forum to that one version only."""
    return bool(reasons) and {reason["code"] for reason in reasons} <= LEAVING


def _objectors(
    content_id: "UUID", *, since: Proof | None, kept: Iterable[int]
) -> list[Forum]:
    """Who did not agree since the item was last signed, and would now be left out."""
    refusals = SignOff.objects.filter(
        proof__content_id=content_id, decision=SignOff.Decision.NOT_AGREED
    )
    if since is not None:
        refusals = refusals.filter(proof_id__gt=since.pk)
    return list(
        Forum.objects.filter(pk__in=refusals.values("forum")).exclude(pk__in=kept)
    )
