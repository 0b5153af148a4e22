"""Wake-ups. They carry nothing and may be lost: the sweep finds the same rows."""

from django_tasks import task


@task()
def send_notices() -> None:
    """Send what is due, one piece at a time, until nothing is."""
    from . import notices

    if notices.send_due().more:
        wake_up()


def wake_up() -> None:
    """Let a worker look at the notices now. To be called after the commit."""
    send_notices.enqueue()
