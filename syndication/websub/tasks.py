"""Wake-ups. They carry nothing and may be lost: the sweep finds the same rows."""

from django_tasks import task


@task()
def ping() -> None:
    """Tell the hubs what is due. What is left then is for the sweep."""
    from . import pings

    pings.send_due()


def wake_up() -> None:
    """Let a worker tell the hubs now. To be called after the commit."""
    ping.enqueue()
