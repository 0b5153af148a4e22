"""Letting stored documents name the publisher and the licence as they are now.

``Release.credit_basis`` says what each was made of, so nothing else has to be kept: any
of this can stop anywhere, be lost, or run twice. Each release is a transaction of its own.
"""

import logging
import time
from functools import partial

from cms import sweep

from . import attribution, publisher, releases
from .models import Release

logger = logging.getLogger(__name__)

AT_ONCE = 200
# A worker that is told to stop finishes its piece first, so pieces are short.
SECONDS = 5.0


def renew_due(*, seconds: float = SECONDS) -> bool:
    """Make documents again for about ``seconds``. Returns whether more are due.

    One that fails is logged, holds up no other, and is tried at the next sweep.
    """
    started = time.monotonic()
    publishes = publisher.publisher()
    stale = Release.objects.current().credited_otherwise(attribution.basis(publishes))
    last = done = 0
    while rows := list(
        stale.filter(pk__gt=last)
        .order_by("pk")
        .values_list("pk", "item__content_id")[:AT_ONCE]
    ):
        last = rows[-1][0]
        for _, content_id in rows:
            if time.monotonic() - started > seconds:
                return True
            name = partial(releases.credit, content_id=content_id, publisher=publishes)
            done += bool(sweep.attempt(f"Crediting {content_id}", name))
    if done:
        logger.info(
            "Credits: %s made again in %.1f s", done, time.monotonic() - started
        )
    return False
