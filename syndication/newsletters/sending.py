"""Taking newsletters to the mail server. Every confirmed subscriber gets an issue."""

from collections.abc import Callable

from django.core.mail import EmailMultiAlternatives

from cms import mail

from . import deliveries
from .messages import Composer
from .models import Delivery


def send_due(*, seconds: float = mail.SECONDS) -> mail.Batch:
    """Send what is due, for about ``seconds`` (see ``cms.mail``)."""
    return mail.send_due(
        Delivery, name="Newsletter mail", writer=_writer, seconds=seconds
    )


def _writer() -> Callable[[Delivery], EmailMultiAlternatives]:
    composer = Composer()

    def write(delivery: Delivery) -> EmailMultiAlternatives:
        if reason := deliveries.why_not(delivery):
            raise mail.NotToBeSent(reason)
        return composer.compose(delivery)

    return write
