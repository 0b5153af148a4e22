"""Consent to voices, as freezing and releasing a text ask for it.

Consent has its last word after the forums': where it ended for a channel, nothing puts
a voice back but new signatures. Entries are made and ended in ``consent_register``.
"""

import json
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import models
from wagtail.models import Revision

from . import canonical, channels
from .channels import Draft, Forms
from .errors import ConsentEnded
from .models.channels import ProofForm, ProofVoice
from .models.consent import Consent
from .models.proofs import Proof
from .models.vocabulary import Forum
from .permissions import sees_everything

KEEP = "cms.keep_consent"


def may_keep(user: Any) -> bool:
    """Whether ``user`` keeps the register: sees, adds, changes and withdraws."""
    return bool(user.is_active and user.has_perm(KEEP))


def choosable(user: Any) -> "models.QuerySet[Consent]":
    """The consents that ``user`` may put into a text.

    Keepers and editors: all. Members: those of their forums, so that nobody learns of
    voices that another forum has not published.
    """
    if may_keep(user) or sees_everything(user):
        return Consent.objects.all()
    return Consent.objects.for_forums(Forum.objects.filter(group__user=user.pk))


def ids_in(body: Any) -> set[int]:
    """The consents that a body of blocks names, as primary keys."""
    if not body:
        return set()
    return {
        int(pk)
        for model, pk, *_ in body.stream_block.extract_references(body)
        if model is Consent
    }


def ids_of(revision: Revision) -> set[int]:
    """The consents that what was saved names, as primary keys. Makes no query."""
    blocks = json.loads(revision.content.get("body") or "[]")
    return {
        block["value"]["consent"]
        for block in blocks
        if block["type"] == "voice" and block["value"].get("consent")
    }


def judged(draft: Draft) -> Draft:
    """Return a draft as consent stands now, with every consent in it locked.

    So none ends between this and the end of the transaction without its end coming
    after, when what was made here can be found and mended.
    """
    pks = {one.consent.pk for one in draft.voices}
    if not pks:
        return draft
    return draft.with_consents(lock_rows(Consent.objects.filter(pk__in=pks)))


def check(draft: Draft) -> None:
    """Raise ``ConsentEnded`` where a voice may be heard in no channel at all."""
    for voice in draft.voices:
        if not voice.channels:
            raise ConsentEnded(
                "There is no live consent for a voice in this text. Take it out, or ask "
                "whoever keeps the register, then submit it again."
            )


def no_more_than(draft: Draft, earlier: Proof) -> Draft:
    """Return a draft in which no voice is heard where ``earlier`` has not got it.

    For what changes without the forums, so that it cannot add a voice.
    """
    rows = ProofVoice.objects.filter(proof=earlier)
    return draft.limited_to({tuple(row.path): row.shown_in for row in rows})


def keep(*, proof: Proof, draft: Draft, forms: Forms) -> None:
    """Store with a proof what it needs beside its payload. Part of freezing it."""
    ProofForm.objects.bulk_create(
        ProofForm(
            proof=proof,
            channel=channel,
            payload=(payload := canonical.encode(form)),
            fingerprint=canonical.fingerprint(payload),
        )
        for channel, form in forms.others.items()
    )
    ProofVoice.objects.bulk_create(
        ProofVoice(
            proof=proof,
            consent=voice.consent,
            path=list(voice.path),
            kind=voice.kind,
            attribution=voice.attribution,
            channels=sorted(voice.channels),
        )
        for voice in draft.voices
    )


def forms_of(proof: Proof) -> dict[str, Any]:
    """What each channel got of a proof when it was frozen, without seals."""
    others = {one.channel: one.representation for one in proof.other_forms.all()}
    whole = Forms(proof.representation, others)
    return {one: whole.of(one) for one in (channels.API, *channels.OTHERS)}


def everything(proof: Proof) -> dict[str, Any]:
    """The text of a proof with every voice in it, and where each is heard.

    For those who sign and those who check; never for the public.
    """
    shown = {tuple(one.path): one.channels for one in proof.voices.all()}
    return channels.fullest(forms_of(proof), shown)


def lose(*, proof: Proof) -> dict[str, list[channels.Path]]:
    """Note what of a proof's voices has no consent any more; return all that has not.

    By channel, the places in its body. What is noted stays so, whatever is agreed to
    later. The caller holds the lock of the item.
    """
    lacking: dict[str, list[channels.Path]] = {}
    for voice in proof.voices.select_related("consent"):
        allowed = voice.consent.allows(kind=voice.kind, attribution=voice.attribution)
        lost = sorted({*voice.lost, *(set(voice.channels) - allowed)})
        if lost != voice.lost:
            voice.lost = lost
            voice.save(update_fields=["lost"])
        for channel in lost:
            lacking.setdefault(channel, []).append(tuple(voice.path))
    return lacking


def lock_those_of(
    content_ids: Iterable[UUID | str], *, besides: Iterable[int] = ()
) -> None:
    """Lock every consent that some items ever stood on: before their proofs.

    ``besides`` are others, by their keys, that the caller is going to need: locked in
    one go with these, so that everybody takes them in the same order.
    """
    found = models.Q(voices__proof__content_id__in=list(content_ids))
    if others := list(besides):
        found |= models.Q(pk__in=others)
    lock_rows(Consent.objects.filter(found))


def lock_rows(found: "models.QuerySet[Consent]") -> dict[int, Consent]:
    """Lock consents, always in the same order; return them by their keys."""
    # By their keys: a database does not lock what it had to make distinct.
    rows = Consent.objects.filter(pk__in=found.order_by().values("pk")).order_by("pk")
    return {one.pk: one for one in rows.select_for_update()}
