"""Wake-ups. They carry nothing and may be lost: the sweep finds the same rows."""

from django_tasks import task


@task()
def send_mail() -> None:
    """Send what is due, one piece at a time, until nothing is."""
    from . import sending

    if sending.send_due().more:
        wake_up()


def wake_up() -> None:
    """Let a worker look at the ledger now. To be called after the commit."""
    send_mail.enqueue()


@task()
def take_up_askings() -> None:
    """Do what people asked for with our forms."""
    from . import askings

    askings.take_up()


def wake_up_for_askings() -> None:
    """Let a worker look at what was asked for. To be called after the commit."""
    take_up_askings.enqueue()
