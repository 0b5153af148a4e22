"""Wake-ups. They carry nothing and may be lost: the sweep finds the same rows."""

from django_tasks import task


@task()
def update_hosts() -> None:
    """Let hosts follow their shared blocks, a piece at a time, until none is due."""
    from . import hosts

    if hosts.update_due():
        wake_up()


@task()
def renew_credits() -> None:
    """Let documents name the publisher as it is now, a piece at a time."""
    from . import crediting

    if crediting.renew_due():
        renew_credits.enqueue()


def wake_up() -> None:
    """Let a worker look at the hosts now. To be called after the commit."""
    update_hosts.enqueue()
