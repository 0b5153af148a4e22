"""What Wagtail tells us. Each receiver decides nothing but whether to call."""

from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ImproperlyConfigured
from django.db.models.signals import (
    m2m_changed,
    post_delete,
    post_migrate,
    post_save,
    pre_delete,
)
from wagtail.models import Page, Revision, WorkflowState
from wagtail.signals import (
    page_unpublished,
    post_page_move,
    pre_page_move,
    unpublished,
    workflow_approved,
    workflow_cancelled,
    workflow_rejected,
    workflow_submitted,
)

from site_settings.models import SignOffRule

from . import consent, membership, notices, places, sign_off, withdrawals
from .models import Area, CoProducedMixin, Forum, Proof, SignOff, Withdrawal
from .models.proofs import EXPIRED
from .signals import (
    forum_answered,
    forum_left,
    forums_joined,
    proof_closed,
    proof_frozen,
    proof_signed,
    sign_off_taken_back,
    withdrawal_asked,
)
from .workflow import sign_off_workflow


def connect() -> None:
    """Listen to Wagtail. Called once, when the app is ready."""
    _silence_wagtail_mail()
    post_save.connect(revision_was_saved, sender=Revision, dispatch_uid="cms.revision")
    post_delete.connect(object_was_deleted, dispatch_uid="cms.deleted")
    post_migrate.connect(database_is_ready, dispatch_uid="cms.workflow")
    page_unpublished.connect(
        object_was_unpublished, dispatch_uid="cms.page_unpublished"
    )
    unpublished.connect(object_was_unpublished, dispatch_uid="cms.unpublished")
    workflow_cancelled.connect(workflow_was_ended, dispatch_uid="cms.cancelled")
    workflow_rejected.connect(workflow_was_ended, dispatch_uid="cms.rejected")
    pre_page_move.connect(page_is_to_be_moved, dispatch_uid="cms.to_be_moved")
    post_page_move.connect(page_was_moved, dispatch_uid="cms.moved")
    m2m_changed.connect(
        area_got_another_forum, sender=Area.forums.through, dispatch_uid="cms.area"
    )
    post_save.connect(policy_changed, sender=SignOffRule, dispatch_uid="cms.rule")
    m2m_changed.connect(
        groups_were_changed, sender=User.groups.through, dispatch_uid="cms.membership"
    )
    pre_delete.connect(account_goes, sender=User, dispatch_uid="cms.account")
    for signal, receiver in (
        (proof_frozen, proof_was_frozen),
        (forums_joined, forums_were_joined),
        (forum_answered, forum_has_answered),
        (sign_off_taken_back, sign_off_was_taken_back),
        (proof_closed, proof_was_closed),
        (proof_signed, proof_was_signed),
        (forum_left, forum_has_left),
        (withdrawal_asked, item_was_withdrawn),
    ):
        signal.connect(receiver, dispatch_uid=f"cms.{receiver.__name__}")


def _silence_wagtail_mail() -> None:
    """Stop Wagtail from mailing in the middle of a sign-off.

    Its notifiers talk to the mail server inside our transaction, with the proof
    locked. What people are told goes through a ledger and a worker.
    """
    for signal, uid in (
        (workflow_submitted, "workflow_state_submitted_email_notification"),
        (workflow_rejected, "workflow_state_rejected_email_notification"),
        (workflow_approved, "workflow_state_approved_email_notification"),
    ):
        if not signal.disconnect(sender=WorkflowState, dispatch_uid=uid):
            raise ImproperlyConfigured(
                f"Wagtail's receiver {uid} was not there to disconnect: "
                "list wagtail.admin before cms in INSTALLED_APPS."
            )


def revision_was_saved(instance: Revision, raw: bool = False, **kwargs: Any) -> None:
    model = instance.content_type.model_class()
    if not raw and model is not None and issubclass(model, CoProducedMixin):
        sign_off.void_if_edited(
            instance.content["content_id"], naming=consent.ids_of(instance)
        )


def object_was_unpublished(instance: Any, **kwargs: Any) -> None:
    item = getattr(instance, "specific", instance)
    if isinstance(item, CoProducedMixin):
        _withdraw(item, "unpublished in the admin")


def object_was_deleted(instance: Any, **kwargs: Any) -> None:
    if isinstance(instance, CoProducedMixin):
        _withdraw(instance, "deleted in the admin")


def workflow_was_ended(instance: Any, **kwargs: Any) -> None:
    sign_off.stop_for_workflow(workflow_state=instance)


def page_is_to_be_moved(instance: Page, parent_page_after: Page, **kwargs: Any) -> None:
    places.check_move(page=instance, to=parent_page_after)


def page_was_moved(instance: Page, **kwargs: Any) -> None:
    sign_off.ask_again(places.content_ids_below(instance))


def area_got_another_forum(action: str, **kwargs: Any) -> None:
    if action == "post_add":
        policy_changed()


def policy_changed(**kwargs: Any) -> None:
    sign_off.ask_again()


def groups_were_changed(
    instance: Any, action: str, reverse: bool, pk_set: set[int] | None, **kwargs: Any
) -> None:
    if action not in membership.RECORDED:
        return
    users, groups = membership.both_sides(instance, reverse=reverse, others=pk_set)
    joined = action == "post_add"
    notices.tell_membership(joined=joined, users=users, groups=groups)
    membership.record(joined=joined, users=users, groups=groups)


def account_goes(instance: User, **kwargs: Any) -> None:
    # The rows of its memberships go without a word.
    groups = instance.groups.all()
    notices.tell_account_gone(user=instance, groups=groups)
    membership.record(joined=False, users=[instance], groups=groups)


def proof_was_frozen(proof: Proof, **kwargs: Any) -> None:
    notices.ask(proof=proof, forums=proof.forums.all())


def forums_were_joined(proof: Proof, forums: list[Forum], **kwargs: Any) -> None:
    notices.ask(proof=proof, forums=forums)
    notices.tell_asked_too(proof=proof, forums=forums)


def forum_has_answered(sign_off: SignOff, **kwargs: Any) -> None:
    notices.tell_answer(sign_off=sign_off)


def sign_off_was_taken_back(sign_off: SignOff, **kwargs: Any) -> None:
    notices.tell_taken_back(sign_off=sign_off)


def proof_was_closed(proof: Proof, **kwargs: Any) -> None:
    # A forum's answer that closed it was told of with the answer, and whoever stopped
    # it on purpose knows.
    if proof.outcome == Proof.Outcome.VOID:
        notices.tell_void(proof=proof)


def proof_was_signed(proof: Proof, by: User | None, **kwargs: Any) -> None:
    notices.tell_public(proof=proof, by=by)


def forum_has_left(proof: Proof, forum: Forum, **kwargs: Any) -> None:
    notices.tell_left(proof=proof, forum=forum)


def item_was_withdrawn(
    proofs: list[Proof], by: User | None, kind: str, **kwargs: Any
) -> None:
    # What must vanish is not named in a mail either, and that news grows old is none.
    if kind in (Withdrawal.VANISH, EXPIRED):
        return
    for proof in proofs:
        if proof.outcome == Proof.Outcome.WITHDRAWN:
            notices.tell_withdrawn(proof=proof, by=by)


def database_is_ready(sender: Any, **kwargs: Any) -> None:
    if sender.name == "cms":
        sign_off_workflow()


def _withdraw(item: CoProducedMixin, reason: str) -> None:
    withdrawals.withdraw(content_id=item.content_id, by=None, reason=reason)
