"""Asking the forums of a public text again, because a shared block in it changed."""

from django.db import transaction

from . import authorship, sign_off, source
from .errors import NotSubmittedAgain
from .models import Proof


@transaction.atomic
def submit_again(*, signed: Proof, because: str) -> Proof:
    """Freeze what is public of an item anew and ask its forums. Returns the new proof.

    ``signed`` is the proof of what is public, ``because`` the sentence that forums and
    editors read. What is public stays until they have signed. A proof that waits of the
    same text is void: what it holds is no longer what would be shown.

    Raises ``NotSubmittedAgain``, with what its editors can do, where somebody began to
    change the text or a correction waits, and what ``sign_off.freeze`` raises.
    """
    sign_off.lock_proofs(signed.content_id)
    item, latest = signed.item, authorship.latest_revision(signed)
    if item is None or latest is None:
        raise NotSubmittedAgain("Its draft is gone. Take it back from the public.")
    pending = Proof.objects.pending().filter(content_id=signed.content_id).first()
    if pending is not None and pending.is_correction:
        raise NotSubmittedAgain(
            "A correction of it waits for its forums. They read the shared block after "
            "that."
        )
    if source.digest(latest.as_object()) != signed.source_digest:
        raise NotSubmittedAgain(
            "Another version of it waits for its forums. They are asked about the shared "
            "block after that."
            if pending
            else "Somebody is changing it. Submit the draft: its forums then sign the "
            "shared block with it."
        )
    if pending is not None:
        sign_off.void(pending, "a shared block in it changed again")
    if (state := item.current_workflow_state) is not None:
        # Given back to its editors earlier, who have changed nothing.
        state.cancel()
    circumstances = sign_off.Circumstances(
        dissents=signed.representation.get("dissent", []),
        because=because,
        # Nobody asked for a voice that is not public any more.
        no_more_than=signed,
    )
    with sign_off.under(circumstances):
        item.get_workflow().start(item, None)
    if pending is not None:
        sign_off.record_closed(pending)
    return Proof.objects.open().get(content_id=signed.content_id)
