"""How the core tells the channels, without knowing them.

Sent inside the transaction: a receiver only writes rows that a worker takes up.
"""

from django.dispatch import Signal

# Argument: release.
item_released = Signal()

# Argument: release (the one taken back).
item_withdrawn = Signal()

# Argument: release. What is public of an item, or what stands around it, was written:
# at each of the above, and when a release was reduced, follows a shared block, was
# found still correct, or had its documents made again. It may be superseded by now.
release_written = Signal()

# Arguments: change, within (the selections whose followers are told).
change_recorded = Signal()

# What stands around the signed bytes was made again, of many releases and by itself.
documents_rebuilt = Signal()
