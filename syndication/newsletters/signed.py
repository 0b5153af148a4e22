"""What may be mailed of a release: only what its forums signed, reckoned anew.

The rows say so already. This trusts none of them: it takes the fingerprints of the bytes
that would go out and holds them against the proof, when an audience is frozen and again
whenever a worker takes up a mailing.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from cms import canonical, channels, sign_off
from cms.models import Proof
from syndication.models import Release

from . import representation
from .errors import NotAsSigned
from .models import Issue


def of(release: Release) -> dict[str, Any]:
    """Return what the mail may say of ``release``: its email form, without seals.

    Raises ``NotAsSigned``, with what differs, when that is not what was signed. A
    withdrawn or superseded release is not this function's matter.
    """
    proof = Proof.objects.prefetch_related("forums", "sign_offs").get(
        pk=release.proof_id
    )
    payload = bytes(release.payload)
    _same("the proof", canonical.fingerprint(bytes(proof.payload)), proof.fingerprint)
    _same("the release", canonical.fingerprint(payload), release.fingerprint)
    _check_signatures(release, proof)
    data = json.loads(payload)
    forms = {one.channel: bytes(one.payload) for one in release.forms.all()}
    if not channels.fits(data, forms):
        raise NotAsSigned(f"“{release}” has a form that its signed bytes do not name.")
    _check_what_was_taken_out(release, data, proof)
    if release.kind == Issue.kind:
        _check_items(release, data["items"])
    said: dict[str, Any] = (
        json.loads(forms[channels.EMAIL]) if forms.get(channels.EMAIL) else data
    )
    return channels.bare(said)


def _check_signatures(release: Release, proof: Proof) -> None:
    if release.before_review and proof.is_correction:
        # Public at once by the rule for facts, and labelled so wherever it goes.
        return
    if (
        proof.outcome != Proof.Outcome.SIGNED
        or not proof.forums.all()
        or sign_off.missing(proof)
    ):
        raise NotAsSigned(f"“{release}” lacks a signature that it needs.")


def _check_what_was_taken_out(
    release: Release, data: dict[str, Any], proof: Proof
) -> None:
    """An issue is its proof, or its proof with notices in the place of items."""
    if release.fingerprint == proof.fingerprint:
        return
    if release.kind != Issue.kind:
        if release.reduced_from_id or release.updated_from_id:
            # Held against what it was made from when it was made (syndication.releases).
            return
        raise NotAsSigned(f"“{release}” is not the text that was signed.")
    signed = json.loads(bytes(proof.payload))
    left = {item["content_id"] for item in data["items"]}
    gone = {item["content_id"] for item in signed["items"]} - left
    if not gone or representation.without(signed, gone) != data:
        raise NotAsSigned(f"“{release}” is not the issue that was signed.")


def _check_items(release: Release, items: Iterable[Mapping[str, Any]]) -> None:
    """Every version that an issue names is the one that was released under it."""
    items = list(items)
    released = {
        (str(content_id), version): fingerprint
        for content_id, version, fingerprint in Release.objects.filter(
            item__content_id__in=[item["content_id"] for item in items]
        ).values_list("item__content_id", "version", "fingerprint")
    }
    for item in items:
        _same(
            f"“{item['title']}” in “{release}”",
            released.get((item["content_id"], item["version"])),
            item["fingerprint"],
        )


def _same(what: str, found: str | None, wanted: str) -> None:
    if found != wanted:
        raise NotAsSigned(
            f"The bytes of {what} are not those that were signed (fingerprint "
            f"{(found or 'none')[:12]}, signed {wanted[:12]})."
        )
