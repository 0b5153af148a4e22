"""The only way out: making a signed proof public, and taking it back."""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Prefetch
from django.utils import timezone

from cms import (
    audit,
    canonical,
    channels,
    consent,
    corrections,
    embedding,
    formats,
    notices,
    reviews,
    sign_off,
)
from cms.channels import Forms
from cms.errors import ConsentEnded
from cms.models import Assurance, Proof, SignOff, Withdrawal
from cms.representation import whole

from . import (
    attribution,
    changes,
    checked,
    encodings,
    files,
    host_updates,
    parts,
    receipts,
    search,
    surveys,
)
from . import publisher as publishers
from .errors import NotAReduction, NotOnlyFollowing, ProofNotSigned
from .models import (
    EXPIRED,
    TOPIC,
    Change,
    Item,
    Release,
    ReleaseArea,
    ReleaseAttachment,
    ReleaseEmbed,
    ReleaseForm,
    ReleaseImage,
    ReleaseTerm,
    permalink,
)
from .publisher import Publisher
from .signals import (
    documents_rebuilt,
    item_released,
    item_withdrawn,
    release_written,
)

# What a list tells of a text besides the envelope, when asked for no more.
BRIEF = (
    "summary", "audience", "age_from", "age_to", "areas", "topics", "terms", "closure",
    "expires_on",
)  # fmt: skip
# What `_renew_document` makes of the other columns.
DOCUMENTS = (
    "document", "brief", "document_piece", "document_brotli", "etag", "credit_basis",
)  # fmt: skip


@transaction.atomic
def release(*, proof: Proof, by: User | None = None) -> Release:
    """Make the bytes of ``proof`` the current release of its item.

    Checks again, under the item's lock, that every forum concerned has signed exactly
    these bytes and that their release date has come; raises ``ProofNotSigned``
    otherwise.
    """
    item, proof = _lock_with_proof(proof)
    _check_signed(proof)
    return _replace(item, proof, by=by)


@transaction.atomic
def release_before_review(*, proof: Proof, by: User) -> Release:
    """Make a corrected fact public at once, labelled so, before its forums review it.

    ``cms.corrections`` decides who may correct what. Checks that this is a correction
    of what is public, and of nothing in it but facts that policy names; raises
    ``ProofNotSigned`` otherwise.
    """
    item, proof = _lock_with_proof(proof)
    current = item.releases.current().first()
    if (
        proof.outcome != Proof.Outcome.OPEN
        or not proof.is_correction
        or current is None
        or corrections.beyond_facts_anywhere(forms_of(current), consent.forms_of(proof))
        or canonical.fingerprint(bytes(proof.payload)) != proof.fingerprint
        or not _has_its_forms(proof)
    ):
        raise ProofNotSigned(f"{proof} is not a correction of something public")
    return _replace(item, proof, by=by, before_review=True)


@transaction.atomic
def release_again(*, proof: Proof) -> Release:
    """Make signed bytes public again after a correction of them was not agreed.

    The signatures still stand; raises ``ProofNotSigned`` otherwise.
    """
    item, proof = _lock_with_proof(proof)
    _check_signed(proof)
    earlier = item.releases.filter(
        proof=proof,
        before_review=False,
        reduced_from=None,
        updated_from=None,
        again=None,
    ).get()
    return _replace(item, proof, by=None, again=earlier)


def _lock_with_proof(proof: Proof) -> tuple[Item, Proof]:
    """Lock a proof's item with all it repeats, and read the proof again under a lock.

    What the caller holds may be older than what another committed.
    """
    # Of two who release it for the first time, one finds it made by the other.
    Item.objects.bulk_create(
        [Item(content_id=proof.content_id, kind=proof.kind)], ignore_conflicts=True
    )
    # What it repeats is locked too: it may be taken back at the same moment.
    item = _lock(proof.content_id, *parts.content_ids(proof.representation))
    answers = Prefetch("sign_offs", SignOff.objects.select_related("forum"))
    proofs = Proof.objects.select_for_update()
    proofs = proofs.prefetch_related("forums", answers, "other_forms")
    return item, proofs.get(pk=proof.pk)


def _check_signed(proof: Proof) -> None:
    if (
        proof.outcome != Proof.Outcome.SIGNED
        or not proof.forums.all()
        or sign_off.missing(proof)
        or canonical.fingerprint(bytes(proof.payload)) != proof.fingerprint
        or not _has_its_forms(proof)
        or (proof.release_at and proof.release_at > timezone.now())
    ):
        raise ProofNotSigned(f"{proof} is not signed by every forum concerned")


def _has_its_forms(proof: Proof) -> bool:
    """Whether the other channels' bytes are those that the signed payload names."""
    others = {one.channel: bytes(one.payload) for one in proof.other_forms.all()}
    return channels.fits(json.loads(bytes(proof.payload)), others)


def _replace(
    item: Item,
    proof: Proof,
    *,
    by: User | None,
    before_review: bool = False,
    again: Release | None = None,
) -> Release:
    """Supersede the current release by one of ``proof`` and say so in the change log."""
    now = timezone.now()
    before = item.releases.order_by("-version").first()
    if before and before.is_current:
        before.superseded_at = now
        before.save(update_fields=["superseded_at"])
    made = _write(
        item,
        proof,
        bytes(proof.payload),
        (before.version if before else 0) + 1,
        now,
        forms={one.channel: bytes(one.payload) for one in proof.other_forms.all()},
        own_review_waits=before_review,
        again=again,
    )
    within = _selections(made)
    changes.record(
        change=Change.Type.CORRECTED if before_review else _change_type(before),
        content_id=item.content_id,
        kind=item.kind,
        version=made.version,
        within=within,
    )
    changes.record_left(
        content_id=item.content_id,
        kind=item.kind,
        version=made.version,
        # Who follows what was withdrawn was told then that it is gone.
        before=_selections(before)
        if before and before.withdrawn_at is None
        else frozenset(),
        after=within,
    )
    item_released.send(sender=Release, release=made)
    # A receiver may have ended it again: everything it repeats can be gone by now.
    with_all = Release.objects.select_related("item", "proof")
    made.refresh_from_db(from_queryset=with_all)
    _record("released_before_review" if before_review else "released", made, by)
    # Consent may have ended since it was frozen: nobody ever reads what was signed.
    # Not ``made``: a receiver may have taken something out of it already.
    current = made if made.is_current else item.releases.current().first()
    if current is not None:
        current = without_lost_voices(release=current) or current
        _check_something_is_left(current)
        # What it holds may have changed or gone while its forums read it.
        settled = _settle(current)
        host_updates.queue_host(item, settled.waiting)
        if current is not made or settled.followed or settled.gone:
            made.refresh_from_db()
    return made


def _selections(release: Release) -> frozenset[changes.Selection]:
    return changes.selections(json.loads(bytes(release.payload)))


def _check_something_is_left(release: Release) -> None:
    """Raise ``ConsentEnded`` where the end of consent left a text without any words.

    It was frozen with them, and nobody took them out meanwhile. Nothing is released
    then; the end of that consent closes what waits, as soon as a worker sees it.
    """
    lost = any(one.lost for one in release.proof.voices.all())
    if lost and channels.nothing_left(forms_of(release).values()):
        raise ConsentEnded(
            "The consent for what this shows has ended since you opened it, and nothing "
            "else is in it. Nothing was recorded. The editors will be told."
        )


@transaction.atomic
def withdraw(
    *,
    content_id: UUID,
    by: User | None,
    reason: str,
    public_note: str = "",
    kind: str = Withdrawal.GONE,
    to: UUID | None = None,
    reason_class: str = "",
) -> Release | None:
    """End the current release of an item. Returns it, or None if nothing was public.

    Callers ask ``cms.withdrawals.withdraw``, which knows who may.
    """
    if not Item.objects.filter(content_id=content_id).exists():
        return None
    item = _lock(content_id, *_hosts(content_id))
    current = item.releases.current().first()
    if current is None:
        return None
    current.withdrawn_at = timezone.now()
    current.withdrawn_by = by
    current.withdrawn_reason = reason
    current.withdrawn_note = public_note
    current.withdrawn_kind = kind
    current.withdrawn_to = to
    current.withdrawn_class = reason_class
    current.save(
        update_fields=[
            "withdrawn_at",
            "withdrawn_by",
            "withdrawn_reason",
            "withdrawn_note",
            "withdrawn_kind",
            "withdrawn_to",
            "withdrawn_class",
        ]
    )
    # First, because a receiver locks the items that repeat this one, and the change
    # log's counter is among the last locks that anybody takes.
    item_withdrawn.send(sender=Release, release=current)
    hosts_left = _leave_hosts(current)
    changes.record(
        change=_removal_type(kind, to),
        content_id=item.content_id,
        kind=item.kind,
        version=current.version,
        within=_selections(current),
        note=public_note,
        replacement=to,
        reason=reason_class,
    )
    _record("release_withdrawn", current, by)
    if hosts_left:
        notices.tell_block_gone(proof=current.proof, hosts=hosts_left)
    withdrawn: Release = current
    return withdrawn


@transaction.atomic
def reduce(
    *,
    release: Release,
    representation: dict[str, Any],
    forms: Mapping[str, dict[str, Any]] | None = None,
    change: str = Change.Type.REDUCED,
    by: User | None = None,
) -> Release | None:
    """Replace a release by itself with something taken away, without new signatures.

    For words that were taken back and are no item of their own, or another's: taking
    away is always allowed, adding and altering never. ``forms`` are what the other
    channels get, each with something taken away or as it was; they may be left out for
    a release of which all channels get the same. Returns the new release, or None when
    the given one is not current any more. Raises ``NotAReduction``.
    """
    item = _lock(release.item.content_id)
    release = item.releases.get(pk=release.pk)
    if not release.is_current:
        return None
    before = forms_of(release)
    if forms is None and release.forms.exists():
        raise NotAReduction("the forms of other channels would stay as they are")
    after = dict.fromkeys(before, representation) | dict(forms or {})
    after[channels.API] = representation
    shown = {channel: channels.bare(form) for channel, form in after.items()}
    if shown == before:
        raise NotAReduction("nothing would be taken away")
    for channel, form in before.items():
        if shown[channel] != form:
            _check_reduction(form, shown[channel])
    made = _succeed(
        release,
        shown,
        change,
        reduced_from=release,
        released_at=release.released_at,
    )
    _record("reduced", made, by)
    host_updates.queue(made)
    return made


def take_out(
    *, release: Release, change: Callable[[dict[str, Any]], dict[str, Any]]
) -> Release | None:
    """``reduce`` a release by what ``change`` takes out of what each channel gets."""
    after = {channel: change(form) for channel, form in forms_of(release).items()}
    return reduce(release=release, representation=after.pop(channels.API), forms=after)


@transaction.atomic
def follow(*, content_id: UUID) -> parts.Settled | None:
    """Let a host show what is public now of its shared blocks, as far as it may.

    Returns what came of it: ``waiting`` names what its forums have to sign first. None
    when nothing of the host is public. The caller holds the locks of its proofs.
    """
    current = Release.objects.current().filter(item__content_id=content_id).first()
    if current is None:
        return None
    item = _lock(content_id, *parts.content_ids(json.loads(bytes(current.payload))))
    # It may have been released anew, or ended, while we waited.
    found = item.releases.current().select_related("item", "proof").first()
    return _settle(found) if found and found.pk == current.pk else None


def _settle(release: Release) -> parts.Settled:
    """Bring the shared blocks of a current release up to date, then tell its hosts.

    What was taken back goes in any case. Hosts of it, if it is a shared block itself,
    are queued for what stands at the end.
    """
    before = json.loads(bytes(release.payload))
    settled = parts.settle(release, before)
    follow_suit = partial(_as_settled, before.get("body", []), settled.body)
    if settled.followed:
        release = _follow(release, follow_suit, settled.followed)
    elif settled.body != before.get("body", []):
        release = take_out(release=release, change=follow_suit) or release
    host_updates.queue(release)
    return settled


def _as_settled(
    before: list[Any], settled: list[Any], form: dict[str, Any]
) -> dict[str, Any]:
    """What a channel gets when the API's body goes from ``before`` to ``settled``.

    The shared blocks of a text are the same in every channel: no voice is in one.
    """
    body = [
        own if old == new else new
        for old, new, own in zip(before, settled, form["body"], strict=True)
    ]
    return whole(form | {"body": body})


def _follow(
    release: Release,
    follow_suit: Callable[[dict[str, Any]], dict[str, Any]],
    followed: list[Release],
) -> Release:
    """Replace a release by itself with newer versions of its shared blocks."""
    forms = forms_of(release)
    following = {channel: follow_suit(form) for channel, form in forms.items()}
    for channel, form in following.items():
        _check_following(forms[channel], form, followed)
    before, after = forms[channels.API], following[channels.API]
    pairs = zip(before["body"], after["body"], strict=True)
    only_less = all(parts.is_less(*pair) for pair in pairs)
    made = _succeed(
        release,
        following,
        # The same words under another label are no reduction.
        Change.Type.REDUCED
        if only_less and before["html"] != after["html"]
        else Change.Type.HOST_CONTENT_UPDATED,
        updated_from=release,
    )
    shown = [_evidence_of(one) for one in followed]
    _record("host_updated", made, None, shared_blocks=shown)
    return made


def _evidence_of(block: Release) -> dict[str, Any]:
    return {
        "content_id": str(block.item.content_id),
        "version": block.version,
        "fingerprint": block.fingerprint,
        "signed_fingerprint": block.proof.fingerprint,
    }


def _succeed(
    release: Release,
    forms: Mapping[str, dict[str, Any]],
    change: str,
    **lineage: Any,
) -> Release:
    """Supersede a current release by other bytes of the same proof, for each channel."""
    now = timezone.now()
    sealed = channels.seal(forms)
    release.superseded_at = now
    release.save(update_fields=["superseded_at"])
    made = _write(
        release.item,
        release.proof,
        canonical.encode(sealed.payload),
        release.version + 1,
        now,
        forms={
            channel: canonical.encode(form) for channel, form in sealed.others.items()
        },
        # Its own label stays until its forums have answered.
        own_review_waits=_own_review_waits(release),
        **lineage,
    )
    changes.record(
        change=change,
        content_id=made.item.content_id,
        kind=made.kind,
        version=made.version,
        within=_selections(made),
    )
    return made


@transaction.atomic
def assure(*, assurance: Assurance) -> Release | None:
    """Say of the current release that somebody found it still correct.

    Its bytes, version and receipt stay. What stands around them, and so the tag of the
    API's answer, says the new days; the change log tells. Returns the release, or None
    when the item is not public.
    """
    item = Item.objects.filter(content_id=assurance.content_id).first()
    if item is None:
        return None
    item = _lock(item.content_id)
    current = item.releases.current().select_related("proof").first()
    if current is None:
        return None
    current.review_by, current.assured_at = reviews.in_force(current.proof)
    _renew_document(current)
    current.save(
        update_fields=[
            "review_by",
            "assured_at",
            "reviewed_on",
            *DOCUMENTS,
        ]
    )
    release_written.send(sender=Release, release=current)
    changes.record(
        change=Change.Type.ASSURED,
        content_id=item.content_id,
        kind=item.kind,
        version=current.version,
        within=_selections(current),
    )
    return current


def _had_to_be_reviewed(release: Release) -> bool:
    """Whether the text itself, and not a shared block in it, was unreviewed then."""
    proof = release.proof
    signed_before = (
        proof.outcome == Proof.Outcome.SIGNED
        and proof.closed_at is not None
        and proof.closed_at <= release.released_at
    )
    return release.before_review and proof.is_correction and not signed_before


def _own_review_waits(release: Release) -> bool:
    return release.proof.is_correction and release.proof.outcome != Proof.Outcome.SIGNED


def _leave_hosts(gone: Release) -> list[UUID]:
    """Take the words of a withdrawn shared block out of all that holds them, at once.

    Returns the content_ids of the hosts. Shared blocks that held it come first: what
    holds those is then looked at as it stands.
    """
    if gone.kind != embedding.KIND:
        return []
    content_id = gone.item.content_id
    # Whatever became a host while we waited for the locks is locked now.
    _lock(content_id, *_hosts(content_id))
    hosts = sorted(
        current_hosts(content_id), key=lambda host: host.kind != embedding.KIND
    )
    for host in hosts:
        _settle(host)
    return [host.item.content_id for host in hosts]


def public_forms(content_id: UUID) -> dict[str, dict[str, Any]]:
    """What each channel gets of an item now; empty where it is not public."""
    current = Release.objects.current().filter(item__content_id=content_id).first()
    return forms_of(current) if current else {}


def public_versions(content_ids: Iterable[UUID]) -> dict[UUID, dict[str, Any]]:
    """What is public of these items: ``{content_id: {data, version, fingerprint}}``."""
    current = Release.objects.current().filter(item__content_id__in=list(content_ids))
    return {
        content_id: {
            "data": json.loads(bytes(payload)),
            "version": version,
            "fingerprint": fingerprint,
        }
        for content_id, payload, version, fingerprint in current.values_list(
            "item__content_id", "payload", "version", "fingerprint"
        )
    }


def without_lost_voices(*, release: Release, by: User | None = None) -> Release | None:
    """Replace a release by itself without the voices whose consent has ended.

    Returns the new one; None where every voice in it may still be heard.
    """
    lost = consent.lose(proof=release.proof)
    if not lost:
        return None
    before = forms_of(release)
    after = {
        channel: channels.without(form, lost, channel)
        for channel, form in before.items()
    }
    if after == before:
        return None
    return reduce(
        release=release,
        representation=after.pop(channels.API),
        forms=after,
        change=Change.Type.CONSENT_ENDED,
        by=by,
    )


def lock(*content_ids: UUID) -> None:
    """Lock items together with all that repeat them, before anything is changed.

    For who changes several of them: the change log's counter is locked after them all.
    """
    _lock_all({*content_ids, *(host for one in content_ids for host in _hosts(one))})


def forms_of(release: Release) -> dict[str, dict[str, Any]]:
    """What each channel gets of a release, without seals."""
    own = {one.channel: json.loads(bytes(one.payload)) for one in release.forms.all()}
    whole = Forms(json.loads(bytes(release.payload)), own)
    return {one: whole.of(one) for one in (channels.API, *channels.OTHERS)}


def current_hosts(content_id: UUID) -> list[Release]:
    """The current releases that repeat words of an item, in the order of locking."""
    return list(
        Release.objects.current()
        .filter(embeds__content_id=content_id)
        .select_related("item", "proof")
        .order_by("item_id")
    )


@transaction.atomic
def credit(*, content_id: UUID, publisher: Publisher) -> bool:
    """Let what stands around a current release name ``publisher`` and its licence.

    Its bytes, version and receipt stay; the tag of the API's answer is a new one.
    Returns whether anything was written: not where it says so already, or is not public.
    """
    item = _lock(content_id)
    stale = item.releases.current().credited_otherwise(attribution.basis(publisher))
    current = stale.select_related("item").first()
    if current is None:
        return False
    _renew_document(current, publisher)
    current.save(update_fields=[*DOCUMENTS])
    release_written.send(sender=Release, release=current)
    return True


def rebuild_documents(watch: Callable[[int], None] | None = None) -> int:
    """Write every document again, after the public origin moved. Returns how many.

    Signed bytes stay as they are: addresses inside them keep the old origin. ``watch``
    is told how many were looked at, after each.
    """
    count = 0
    publisher = publishers.publisher()
    found = Release.objects.select_related("proof").iterator(chunk_size=200)
    for looked_at, one in enumerate(found, start=1):
        payload = bytes(one.payload)
        data = json.loads(payload)
        receipt = receipts.make(
            one.proof,
            data,
            one.version,
            one.fingerprint,
            before_review=one.before_review,
            own_review_waits=_had_to_be_reviewed(one),
            added=parts.added(one.proof, data, parts.standing(data)),
        )
        before, one.receipt = bytes(one.document), receipt
        # Where plain text is depends on the origin as well.
        one.formats = _formats(one, json.loads(payload))
        _renew_document(one, publisher)
        if one.document != before:
            one.save(update_fields=["receipt", "formats", *DOCUMENTS])
            count += 1
            release_written.send(sender=Release, release=one)
        if watch is not None:
            watch(looked_at)
    documents_rebuilt.send(sender=Release)
    return count


def dates(data: Mapping[str, Any]) -> dict[str, date | None]:
    """The days of a representation on which something happens by itself, by column."""
    return {
        "expires_on": _day(data.get("expires_on")),
        "survey_closes_on": surveys.next_close(data.get("surveys", [])),
    }


def _day(said: str | None) -> date | None:
    return date.fromisoformat(said) if said else None


def _record(action: str, release: Release, by: User | None, **more: Any) -> None:
    audit.record(
        action=action,
        by=by,
        content_id=release.item.content_id,
        row=release,
        version=release.version,
        fingerprint=release.fingerprint,
        **more,
    )


def _change_type(before: Release | None) -> str:
    if before is None:
        return Change.Type.PUBLISHED
    if before.withdrawn_at:
        return Change.Type.RESTORED
    return Change.Type.UPDATED


def _removal_type(kind: str, to: UUID | None) -> str:
    if kind == EXPIRED:
        return Change.Type.EXPIRED
    return Change.Type.REDIRECTED if to else Change.Type.WITHDRAWN


def _lock(content_id: UUID, *others: UUID) -> Item:
    """Lock an item together with others, always in the same order. Returns the one."""
    return _lock_all({content_id, *others})[content_id]


def _lock_all(content_ids: Collection[UUID]) -> dict[UUID, Item]:
    return {
        item.content_id: item
        for item in Item.objects.select_for_update()
        .filter(content_id__in=content_ids)
        .order_by("pk")
    }


def _hosts(content_id: UUID) -> list[UUID]:
    return [release.item.content_id for release in current_hosts(content_id)]


def _check_reduction(before: dict[str, Any], after: dict[str, Any]) -> None:
    """Raise unless ``after`` is ``before`` with something left out of it.

    Out of an issue go items, out of a body blocks, out of a survey that is over its
    address. ``html`` and ``text`` follow.
    """
    derived = {"items", "sections", "body", "surveys", "html", "text"}
    if before.keys() != after.keys() or any(
        before[key] != after[key] for key in before.keys() - derived
    ):
        raise NotAReduction("more than the items or blocks would change")
    if "body" in before:
        _check_blocks(before["body"], after["body"])
        surveys.check_reduction(before.get("surveys", []), after.get("surveys", []))
        same = all(before.get(key) == after.get(key) for key in ("body", "surveys"))
        if same or after != whole(after):
            raise NotAReduction("the blocks are not what is left of the signed ones")
    else:
        _check_items(before, after)


def _check_blocks(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> None:
    """A block is the one that was signed, a notice, or holds blocks that are either."""
    if len(before) != len(after):
        raise NotAReduction("a block would be added, or go without a notice")
    for signed, shown in zip(before, after, strict=True):
        if shown in (signed, {"type": "left_out"}):
            continue
        # A voice that stays on the site and is no longer printed.
        if signed["type"] == "voice" and shown == signed | {"print": False}:
            continue
        if "body" not in signed or signed | {"body": shown.get("body")} != shown:
            raise NotAReduction("a block would be altered")
        _check_blocks(signed["body"], shown["body"])


def _check_following(
    before: dict[str, Any], after: dict[str, Any], followed: list[Release]
) -> None:
    """Raise unless only shared blocks differ, and each is a release word for word.

    Whether these releases may stand there was decided before (``parts``). This makes
    sure that nothing else came with them.
    """
    derived = {"body", "html", "text"}
    if before.keys() != after.keys() or any(
        before[key] != after[key] for key in before.keys() - derived
    ):
        raise NotOnlyFollowing("more than a shared block would change")
    if len(before["body"]) != len(after["body"]) or after != whole(after):
        raise NotOnlyFollowing("the text is not what its blocks say")
    embedding.check(after)
    public = [parts.block_of(one) for one in followed]
    for old, new in zip(before["body"], after["body"], strict=True):
        if not (
            parts.is_less(old, new) or (_is_same_block(old, new) and new in public)
        ):
            raise NotOnlyFollowing("a block would be altered")


def _is_same_block(old: dict[str, Any], new: dict[str, Any]) -> bool:
    """Whether both are versions of one shared block, which is what may change."""
    return bool(
        old["type"] == new["type"] == embedding.TYPE
        and old["content_id"] == new["content_id"]
    )


def _check_items(before: dict[str, Any], after: dict[str, Any]) -> None:
    """A section is the one that was signed, or a notice, which has no link."""
    kept = iter(before["items"])
    if len(after["items"]) >= len(before["items"]) or not all(
        item in kept for item in after["items"]
    ):
        raise NotAReduction("the items are not what is left of the signed ones")
    for signed, shown in zip(before["sections"], after["sections"], strict=True):
        if shown != signed and "<a" in shown["html"]:
            raise NotAReduction("a section was replaced by more than a notice")


def _write(
    item: Item,
    proof: Proof,
    payload: bytes,
    version: int,
    now: datetime,
    *,
    forms: Mapping[str, bytes],
    reduced_from: Release | None = None,
    updated_from: Release | None = None,
    released_at: datetime | None = None,
    own_review_waits: bool = False,
    again: Release | None = None,
) -> Release:
    data = json.loads(payload)
    embedding.check(data)
    fingerprint = canonical.fingerprint(payload)
    released_at = released_at or now
    stand = parts.standing(data)
    added = parts.added(proof, data, stand)
    before_review = own_review_waits or any(one.before_review for one in added)
    receipt = receipts.make(
        proof,
        data,
        version,
        fingerprint,
        before_review=before_review,
        own_review_waits=own_review_waits,
        added=added,
    )
    review_by, assured_at = reviews.in_force(proof)
    made = Release(
        item=item,
        version=version,
        proof=proof,
        reduced_from=reduced_from,
        updated_from=updated_from,
        before_review=before_review,
        again=again,
        payload=payload,
        fingerprint=fingerprint,
        text_fingerprint=formats.text_fingerprint(data),
        review_by=review_by,
        assured_at=assured_at,
        receipt=receipt,
        kind=data["kind"],
        title=data["title"][:255],
        summary=data.get("summary", ""),
        label=receipt["label"]["slug"],
        released_at=released_at,
        updated_at=now,
        age_from=data.get("age_from"),
        age_to=data.get("age_to"),
        **dates(data),
    )
    made.formats = _formats(made, data)
    _renew_document(made)
    made.save(force_insert=True)
    ReleaseTerm.objects.bulk_create(
        ReleaseTerm(release=made, scheme=scheme, code=code)
        for scheme, code in _terms(data)
    )
    search.index(made, data)
    ReleaseEmbed.objects.bulk_create(
        ReleaseEmbed(
            release=made, content_id=content_id, embedded=stand.get(content_id)
        )
        for content_id in parts.content_ids(data)
    )
    ReleaseArea.objects.bulk_create(
        ReleaseArea(release=made, slug=area["slug"]) for area in data.get("areas", [])
    )
    ReleaseForm.objects.bulk_create(
        ReleaseForm(
            release=made,
            channel=channel,
            payload=form,
            fingerprint=canonical.fingerprint(form),
        )
        for channel, form in forms.items()
    )
    # Of every channel: each shows its own pictures.
    names = files.names(data, *map(json.loads, forms.values()))
    ReleaseImage.objects.bulk_create(
        ReleaseImage(release=made, name=name) for name in sorted(names.images)
    )
    ReleaseAttachment.objects.bulk_create(
        ReleaseAttachment(release=made, name=name, title=title)
        for name, title in sorted(names.attachments.items())
    )
    release_written.send(sender=Release, release=made)
    return made


def _terms(data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for term in data.get("terms", ()):
        yield term["scheme"], term["code"]
    for topic in data.get("topics", ()):
        yield TOPIC, topic["slug"]


def _formats(release: Release, data: dict[str, Any]) -> list[dict[str, Any]]:
    """Every way to get this text, plain text first. Follows from released facts alone."""
    earlier = release.item.releases.filter(version__lt=release.version)
    versions = (
        dict(earlier.values_list("version", "text_fingerprint"))
        if release.version > 1
        else {}
    )
    versions[release.version] = release.text_fingerprint
    plain = {
        "format": formats.PLAIN_TEXT,
        "name": formats.NAMES[formats.PLAIN_TEXT],
        "state": formats.AVAILABLE,
        "url": f"{permalink(data['content_id'])}.txt",
        "version": release.version,
        "older": False,
    }
    found = [plain, *formats.register(data, versions)]
    ordered: list[dict[str, Any]] = json.loads(json.dumps(found), cls=receipts.Decoder)
    return ordered


def _renew_document(release: Release, publisher: Publisher | None = None) -> None:
    """Make again what the API answers: the envelope, then the signed bytes."""
    publisher = publisher or publishers.publisher()
    payload = bytes(release.payload)
    data = json.loads(payload)
    envelope = {
        "content_id": data["content_id"],
        "kind": data["kind"],
        "version": release.version,
        "title": data["title"],
        "url": permalink(data["content_id"]),
        "released_at": receipts.moment(release.released_at),
        "receipt": release.receipt,
        "formats": release.formats,
    }
    days = checked.of(release)
    release.reviewed_on = days.on
    if review := checked.as_data(days):
        envelope["review"] = review
    envelope["attribution"] = attribution.of(
        data, release.receipt, publisher=publisher, days=days
    ).as_data()
    release.credit_basis = attribution.basis(publisher)
    head = _json(envelope)
    # Spliced, not parsed and written again: these are the bytes that were signed.
    release.document = head[:-1] + b',"content":' + payload + b"}"
    release.brief = _json(envelope | {key: data[key] for key in BRIEF if key in data})
    release.document_piece = encodings.pack(release.document)
    release.document_brotli = encodings.encode(
        release.document, encodings.BROTLI, encodings.ONCE
    )
    release.etag = canonical.fingerprint(release.document)[:32]


def _json(data: Mapping[str, Any]) -> bytes:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()
