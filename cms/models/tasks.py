"""The one step of the sign-off workflow."""

from typing import Any

from wagtail.models import Task, TaskState

from cms.errors import NotSignedOff


class ForumSignOffTask(Task):
    """Asks every forum concerned at the same time; done when all have signed.

    Offers no action of Wagtail's own: forums answer on the read-and-sign screen,
    which shows what they sign. So there is no second way in that could forget a rule.
    """

    class Meta:
        verbose_name = "forum sign-off"

    def start(self, workflow_state: Any, user: Any = None) -> TaskState:
        """Freeze what was submitted, then ask. Refused when no forum is concerned."""
        from cms import sign_off

        task_state = super().start(workflow_state, user=user)
        sign_off.freeze(task_state=task_state, by=user)
        return task_state

    def locked_for_user(self, obj: Any, user: Any) -> bool:
        """Nobody edits what is being signed, superusers included."""
        return True

    def on_action(
        self, task_state: Any, user: Any, action_name: str, **kwargs: Any
    ) -> None:
        raise NotSignedOff("Forums answer on the read-and-sign screen.")

    def deactivate(self, user: Any = None) -> None:
        """Refused: without this step everything waiting would count as agreed."""
        raise NotSignedOff("The sign-off step cannot be switched off.")

    @classmethod
    def get_description(cls) -> str:
        return "Every forum of the item's areas reads and signs the same text"
