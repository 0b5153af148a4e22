"""Writing the demonstration's items and taking them to their states by the verbs that people use."""

import datetime as dt
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from cms import consent_register, corrections, reviews, sign_off, tree, withdrawals
from cms.models import (
    Area,
    Consent,
    CoProducedPage,
    CoProducedSnippet,
    Forum,
    LocalOfferIndexPage,
    LocalOfferPage,
    NewsIndexPage,
    NewsItemPage,
    Proof,
    SharedBlock,
    Term,
    Topic,
)
from syndication.models import Release

from .pieces import DISCLAIMER, Block, Item, text

Pages = tuple[type[CoProducedPage], type[LocalOfferIndexPage] | type[NewsIndexPage]]
LOCAL_OFFER: Pages = (LocalOfferPage, LocalOfferIndexPage)
NEWS: Pages = (NewsItemPage, NewsIndexPage)

People = dict[str, User]
# What an item has beside what it says.
ASIDE = ("state", "comment", "reason", "public_note", "before", "consent")


def make(where: Pages, item: Item, people: People) -> CoProducedPage:
    """Write an item and take it to its state."""
    state = {name: item.pop(name, None) for name in ASIDE}
    if state["state"] == "embargoed":
        item["release_at"] = timezone.now() + dt.timedelta(days=7)
    page = _write(*where, item, people["editor"])
    if state["state"] != "draft":
        _take_to(page, state, people)
    return page


def share(title: str, body: list[Block], people: People) -> SharedBlock:
    """Write a shared block for all areas of ours and release it."""
    block = SharedBlock(title=title, body=body)
    block.areas = Area.objects.filter(forums__slug__in=["pacc", "pods"]).distinct()
    block.save()
    block.save_revision(user=people["editor"])
    release(block, people)
    return block


def release(item: CoProducedPage | CoProducedSnippet, people: People) -> Release:
    """Submit an item and sign it for everybody who is asked."""
    proof = _submit(item, people["editor"])
    for forum in proof.forums.all():
        _sign(proof, forum, people)
    found: Release = Release.objects.current().get(item__content_id=item.content_id)
    return found


def _write(
    model: type[CoProducedPage],
    index: Any,
    item: Item,
    editor: User,
) -> CoProducedPage:
    areas = Area.objects.filter(slug__in=item.pop("areas"))
    section = index.objects.filter(forum__slug=item.pop("section", "")).first()
    topics = Topic.objects.filter(slug__in=item.pop("topics"))
    named = Term.objects.filter(code__in=item.pop("terms", ()))
    body = item.pop("body")
    if not item.pop("says_so_itself", False):
        body = [*body, text(DISCLAIMER)]
    if model is LocalOfferPage:
        item.setdefault("review_by", dt.date(timezone.localdate().year + 1, 9, 1))
        item.setdefault("describes", LocalOfferPage.Describes.INFORMATION)
    page = model(owner=editor, body=body, **item)
    page.areas = areas
    page.topics = topics
    if isinstance(page, LocalOfferPage):
        page.terms = named
    (section or tree.folder(index)).add_child(instance=page)
    page.save_revision(user=editor, log_action=True)
    return page


def _take_to(page: CoProducedPage, state: dict[str, Any], people: People) -> None:
    if state["before"]:
        _release_before(page, state["before"], people)
    proof = _submit(page, people["editor"])
    asked = list(proof.forums.order_by("slug"))
    answered = {
        "waiting": [],
        "waiting for PODS": [forum for forum in asked if forum.slug == "pacc"],
        "changes asked for": [],
        "not agreed": [forum for forum in asked if forum.slug == "lead"],
    }.get(state["state"], asked)
    for forum in answered:
        _sign(proof, forum, people)
    if then := AFTERWARDS.get(state["state"]):
        page.refresh_from_db()
        then(page, proof, state, people)


def _answer_otherwise(
    page: CoProducedPage, proof: Proof, state: dict[str, Any], people: People
) -> None:
    forum = proof.forums.order_by("slug").last()
    if forum is None:
        raise LookupError(f"Nobody is asked to sign {page}")
    verb = (
        sign_off.not_agree
        if state["state"] == "not agreed"
        else sign_off.ask_for_changes
    )
    verb(
        proof=proof,
        forum=forum,
        by=people[forum.slug],
        fingerprint=proof.fingerprint,
        comment=state["comment"],
    )


def _correct(
    page: CoProducedPage, proof: Proof, state: dict[str, Any], people: People
) -> None:
    hours = [one for one in corrections.fields(page) if one.name.endswith("hours")]
    corrections.correct(
        page=page,
        values={hours[0].name: "Afternoons, 1pm to 4pm"},
        by=people["editor"],
        reason=state["reason"],
    )


def _withdraw(
    page: CoProducedPage, proof: Proof, state: dict[str, Any], people: People
) -> None:
    withdrawals.withdraw(
        content_id=page.content_id,
        by=people["pacc"],
        reason=state["reason"],
        public_note=state["public_note"],
    )


def _end_consent(
    page: CoProducedPage, proof: Proof, state: dict[str, Any], people: People
) -> None:
    consent: Consent = state["consent"]
    consent_register.withdraw(consent=consent, by=people["keeper"])


def _assure(
    page: CoProducedPage, proof: Proof, state: dict[str, Any], people: People
) -> None:
    reviews.assure(
        content_id=page.content_id, by=people["pods"], fingerprint=proof.fingerprint
    )


AFTERWARDS = {
    "changes asked for": _answer_otherwise,
    "not agreed": _answer_otherwise,
    "corrected": _correct,
    "withdrawn": _withdraw,
    "withdrawn for consent": _end_consent,
    "found still correct": _assure,
}


def _submit(item: CoProducedPage | CoProducedSnippet, editor: User) -> Proof:
    item.refresh_from_db()
    item.get_workflow().start(item, editor)
    return Proof.objects.open().get(content_id=item.content_id)


def _sign(proof: Proof, forum: Forum, people: People) -> None:
    sign_off.sign(
        proof=proof,
        forum=forum,
        by=people[forum.slug],
        fingerprint=proof.fingerprint,
    )


def _release_before(page: CoProducedPage, body: list[Block], people: People) -> None:
    """Release ``page`` with an earlier body, then edit it to the one it has."""
    now = page.body.raw_data
    page.body = [*body, text(DISCLAIMER)]
    page.save_revision(user=people["editor"])
    release(page, people)
    page.refresh_from_db()
    page.body = now
    page.save_revision(user=people["editor"], log_action=True)
