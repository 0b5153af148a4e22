"""The seam upwards: how sign-off tells whoever publishes, without knowing them.

Both are sent inside the transaction of the decision. A receiver that fails undoes
the decision too.
"""

from django.dispatch import Signal

# Arguments: proof, by (the person who signed last).
proof_signed = Signal()

# Arguments: content_id, by (a person or None), reason (for the record),
# public_note (what readers are told, may be empty).
withdrawal_asked = Signal()
