"""How the core tells the channels, without knowing them.

Sent inside the transaction: a receiver only writes rows that a worker takes up.
"""

from django.dispatch import Signal

# Argument: release.
item_released = Signal()

# Argument: release (the one taken back).
item_withdrawn = Signal()
