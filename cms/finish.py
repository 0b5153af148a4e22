"""What happens when the sign-off workflow ends.

Named by ``WAGTAIL_FINISH_WORKFLOW_ACTION``. Wagtail imports this module while its own
models load, so nothing of ours may be imported before the function runs.
"""

from typing import Any


def publish_signed(workflow_state: Any, user: Any = None) -> None:
    """Publish and release what every forum signed, or raise ``NotSignedOff``."""
    from . import sign_off

    sign_off.publish(workflow_state=workflow_state, by=user)
