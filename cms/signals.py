"""The seam upwards: how sign-off tells others what happened, without knowing them.

All are sent inside the transaction of the decision. A receiver that fails undoes the
decision too, so it writes rows that a worker takes up and does nothing else.
"""

from django.dispatch import Signal

# Arguments: proof (open now), by. Its forums are asked.
proof_frozen = Signal()

# Arguments: proof, forums (a list that policy asks as well since it was frozen).
forums_joined = Signal()

# Argument: sign_off. One forum answered; what it came to follows as another signal.
forum_answered = Signal()

# Arguments: sign_off (taken back by its forum before the text was public).
sign_off_taken_back = Signal()

# Argument: proof (signed by all, waits for its release date).
proof_embargoed = Signal()

# Arguments: proof, by (the person who signed last, None for a release date). Makes it
# public.
proof_signed = Signal()

# Argument: proof (closed without becoming public: changes, not agreed or void).
proof_closed = Signal()

# Arguments: proof (a correction, to be public at once), by.
fact_corrected = Signal()

# Arguments: proof (a correction that was not agreed), standing (the signed proof that
# is to be public again).
correction_refused = Signal()

# Arguments: forum, proof. The version that is public now is no longer for ``forum``.
forum_left = Signal()

# Argument: assurance. Somebody found what is public still correct.
item_assured = Signal()

# Argument: content_ids. Receivers return what is public of these items now, as a
# mapping: {content_id: {"data": representation, "version", "fingerprint"}}.
public_versions = Signal()

# Argument: content_id. Receivers return what each channel gets of this item now, as a
# mapping of channels to representations; an empty one where it is not public.
public_forms = Signal()

# Argument: content_id. Receivers return the content_ids of public items that repeat its
# words: taking it back may take them back too.
repeated_by = Signal()

# Arguments: comment (now to be published with an answer), by, altered (whether its words
# were changed for that).
comment_published = Signal()

# Argument: comments (a list). Receivers return their answers, ``{comment.pk: Answer}``
# (cms.comments).
answers_asked = Signal()

# Arguments: content_ids (public items with a voice that lost its consent), by (a person
# or None). Takes out of them what may not be shown any more; receivers return those that
# changed.
consent_ended = Signal()

# Arguments: content_id, proofs (those it ended, as they are now; none when it comes a
# second time, from Wagtail), by (a person or None), reason (for the record),
# public_note (what readers are told, may be empty), kind (a Withdrawal), to (the
# content_id of the item that replaces it, for a redirect), reason_class (for programs,
# may be empty).
withdrawal_asked = Signal()
