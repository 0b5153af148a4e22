"""Receipts: who stands behind a release, and the sentences that say so.

A receipt is made once, at release, from the answers that the forums gave. Every channel
shows it in these words, so that none can say more than the forums did.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.text import get_text_list

from cms import labels, made_together
from cms.models import Proof, SignOff
from cms.models.proofs import AGREED

SAID = {
    SignOff.Decision.AGREE: "agreed",
    SignOff.Decision.AGREE_WITH_COMMENTS: "agreed, with comments,",
    SignOff.Decision.DISSENT: "did not agree, as it said",
}


# What the receipt of a host repeats of that of a shared block in it.
OF_A_BLOCK = (
    "version",
    "fingerprint",
    "signed_fingerprint",
    "url",
    "forums",
    "before_review",
    "shared_blocks",
)


class Decoder(json.JSONDecoder):
    """Reads a receipt back with its keys in the order in which ``make`` puts them.

    PostgreSQL keeps JSON in an order of its own, and what partners fetch must be the
    same bytes on every database.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options, object_pairs_hook=lambda pairs: dict(sorted(pairs)))


def make(
    proof: Proof,
    payload: Mapping[str, Any],
    version: int,
    fingerprint: str,
    *,
    before_review: bool = False,
    own_review_waits: bool = False,
    added: Sequence[Any] = (),
) -> dict[str, Any]:
    """Return the receipt of a release of ``proof``, as partners get it.

    ``version``, ``fingerprint``, ``algorithm``, ``url``; ``label`` with its reason;
    ``forums`` with what each said and when. Where the bytes are not those that these
    forums signed, because something was taken out since or a shared block in it is
    newer, ``signed_fingerprint`` names those. ``added`` are the releases of such shared
    blocks: ``shared_blocks`` says who signed each. For a correction nobody has reviewed
    ``forums`` is empty, and ``before_review`` says what was changed when. Keys are
    sorted.
    """
    answers = [] if before_review else _answers(proof)
    computed = (
        labels.Label("information", "A fact was changed before the forums’ review.")
        if before_review
        else labels.of(payload, labels.answers(answers))
    )
    receipt: dict[str, Any] = {"version": version, "fingerprint": fingerprint}
    if fingerprint != proof.fingerprint:
        receipt["signed_fingerprint"] = proof.fingerprint
    receipt |= {
        "algorithm": proof.algorithm,
        "url": f"{settings.PUBLIC_ORIGIN}/receipts/{fingerprint}",
        "label": computed.as_data(),
        "forums": [
            {
                "slug": answer.forum.slug,
                "name": answer.forum.name,
                "role": answer.forum.role,
                "decision": answer.decision,
                "signed_at": moment(answer.at),
            }
            for answer in answers
        ],
    }
    if added:
        receipt["shared_blocks"] = [
            {"content_id": str(one.item.content_id)}
            | {key: one.receipt[key] for key in OF_A_BLOCK if key in one.receipt}
            for one in added
        ]
    if before_review:
        own = proof.correction if own_review_waits else None
        receipt["before_review"] = _unreviewed(own, added)
    ordered: dict[str, Any] = json.loads(json.dumps(receipt), cls=Decoder)
    return ordered


def _unreviewed(
    correction: Mapping[str, Any] | None, added: Sequence[Any]
) -> dict[str, Any]:
    """What was changed before review, in the text itself and in its shared blocks."""
    found = [
        one.receipt["before_review"] for one in added if "before_review" in one.receipt
    ]
    if correction:
        at = datetime.fromisoformat(correction["changed_at"])
        found.append({"changed_at": moment(at), "fields": correction["fields"]})
    fields = [name for one in found for name in one["fields"]]
    return {
        "changed_at": max(one["changed_at"] for one in found),
        "fields": list(dict.fromkeys(fields)),
    }


def expected(proof: Proof, payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the receipt would say if whoever has not signed did so now.

    For showing, before anything is released: ``label``, ``forums`` and ``url``.
    """
    given = {
        answer.forum_id: answer for answer in proof.sign_offs.all() if answer.counts
    }
    dissent = {one["forum"] for one in payload.get("dissent", ())}
    forums = list(proof.forums.all())
    return {
        "url": f"{settings.PUBLIC_ORIGIN}/receipts/{proof.fingerprint}",
        "label": labels.expected(payload, forums).as_data(),
        "forums": [
            {
                "slug": forum.slug,
                "name": forum.name,
                "role": forum.role,
                "decision": SignOff.Decision.DISSENT
                if forum.slug in dissent
                else SignOff.Decision.AGREE,
                "signed_at": moment(
                    given[forum.pk].at if forum.pk in given else timezone.now()
                ),
            }
            for forum in forums
        ],
    }


def sentence(receipt: Mapping[str, Any]) -> str:
    """Say who stands behind a text, in words that claim no more than is so.

    ``Agreed by Forum A and Forum B on 3 May 2026.`` or, of different days, ``Agreed by
    Forum A on 3 May 2026 and Forum B on 5 May 2026.`` Then who did not: ``Forum C did
    not agree.`` Then who agreed to newer shared blocks in it. Of a correction:
    ``Changed on 3 May 2026 before forum review.``
    """
    if changed := changed_before_review(receipt):
        return f"{changed}."
    words = _agreed_and_not(_by_day(receipt["forums"]), receipt)
    for part in receipt.get("shared_blocks", ()):
        words += f" A part used in several texts is newer: {part_agreed(part)}."
    return words


def part_agreed(part: Mapping[str, Any]) -> str:
    """Say who agreed to a shared block that is newer than the text around it.

    ``agreed by Forum A on 3 May 2026``, to be said inside a sentence.
    """
    if changed := changed_before_review(part):
        return changed[:1].lower() + changed[1:]
    return f"agreed by {get_text_list(_by_day(part['forums']), 'and')}"


def _by_day(forums: Sequence[Mapping[str, Any]]) -> list[str]:
    days: dict[str, list[str]] = {}
    for forum in sorted(forums, key=lambda one: one["signed_at"]):
        if forum["decision"] in AGREED:
            days.setdefault(day(forum["signed_at"]), []).append(forum["name"])
    return [f"{get_text_list(names, 'and')} on {on}" for on, names in days.items()]


def who(receipt: Mapping[str, Any]) -> str:
    """The same without days, for lists: ``Agreed by Forum A and Forum B.``"""
    if changed := changed_before_review(receipt):
        return f"{changed}."
    return _agreed_and_not(agreed(receipt), receipt)


def label(receipt: Mapping[str, Any]) -> str:
    """The label with its reason: ``Reviewed by forum. PACC read the finished …``"""
    return f"{receipt['label']['name']}. {receipt['label']['reason']}"


def flagged(receipt: Mapping[str, Any], words: str) -> str:
    """Return ``words``, such as a summary, with the label of a correction before them.

    Lists show no more than that of a text.
    """
    changed = changed_before_review(receipt)
    return f"{changed}. {words}".strip() if changed else words


def said(decision: str) -> str:
    """What a signatory did, to be said after its name."""
    return SAID[SignOff.Decision(decision)]


def agreed(receipt: Mapping[str, Any]) -> list[str]:
    """The full names of the signatories that stand behind the text."""
    return [one["name"] for one in receipt["forums"] if one["decision"] in AGREED]


def agreed_to_all(receipt: Mapping[str, Any]) -> set[str]:
    """The slugs of the signatories that agreed to every byte of a text.

    Where a shared block in it is newer than what they signed, only those who agreed to
    that as well.
    """
    parts = [receipt, *receipt.get("shared_blocks", ())]
    agreed = (
        {one["slug"] for one in part["forums"] if one["decision"] in AGREED}
        for part in parts
    )
    return set.intersection(*agreed)


def dissenting(receipt: Mapping[str, Any]) -> list[str]:
    """The full names of the forums that did not agree and let it be published so."""
    return [
        one["name"]
        for one in receipt["forums"]
        if one["decision"] == SignOff.Decision.DISSENT
    ]


def co_production(payload: Mapping[str, Any]) -> list[str]:
    """How a text was made together, a line per thing, as forums read it as well."""
    return made_together.lines(payload.get("co_production") or {})


def changed_before_review(receipt: Mapping[str, Any]) -> str:
    """The label of a correction nobody has reviewed; empty for everything else."""
    changed = receipt.get("before_review")
    if not changed:
        return ""
    return f"Changed on {day(changed['changed_at'])} before forum review"


def day(at: str) -> str:
    """Return the day of a ``moment`` in the publisher's time zone: ``3 May 2026``."""
    local = timezone.localtime(
        datetime.fromisoformat(at), timezone.get_default_timezone()
    )
    return format_date(local, "j F Y")


def moment(at: datetime) -> str:
    """Return a time as RFC 3339 in UTC, to the second: ``2026-11-22T09:30:00Z``."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _agreed_and_not(parts: Sequence[str], receipt: Mapping[str, Any]) -> str:
    words = [f"Agreed by {get_text_list(list(parts), 'and')}."] if parts else []
    if names := dissenting(receipt):
        words.append(f"{get_text_list(names, 'and')} did not agree.")
    return " ".join(words)


def _answers(proof: Proof) -> list[SignOff]:
    models.prefetch_related_objects([proof], "sign_offs__forum")
    answers = [answer for answer in proof.sign_offs.all() if answer.counts]
    return sorted(answers, key=lambda answer: answer.forum.slug)
