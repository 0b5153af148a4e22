"""Wake-ups. They carry nothing and may be lost: the sweep finds the same rows."""

from django_tasks import task


@task()
def purge() -> None:
    """Ask the caches for what is due."""
    from . import purges

    if purges.send_due():
        wake_up()


def wake_up() -> None:
    """Let a worker ask the caches now. To be called after the commit."""
    purge.enqueue()
