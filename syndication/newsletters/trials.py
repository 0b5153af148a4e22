"""An issue as a mail, for the eyes of the people who write it.

A test goes to nobody but the person who asks for it, who may read the draft in the admin
anyway (docs/adr/0037). It says at its top that it is a test, and claims no agreement.
"""

import json
import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.core.mail import get_connection
from django.utils import timezone
from wagtail.log_actions import log
from wagtail.models import ModelLogEntry

from cms import canonical, replies
from cms.ledger import domain
from cms.models import Proof
from cms.rendering import one_line
from site_settings.models import NewsletterSettings, PublisherSettings
from syndication import receipts
from syndication.models import Release

from . import frames, links, messages, representation
from .errors import NotForAMail, TestNotSent, TooLongForMail
from .models import Issue, Subscription

ACTION = "newsletters.send_test"
PER_HOUR = 20
AGREED = "Signed by its forums"
ASKED = "Waiting for its forums"
NOT_AGREED = "Not agreed yet"


# As long as what the frame says of a dozen forums that agreed.
SPARE = "x" * 2000


@dataclass(frozen=True)
class Trial:
    """What an issue is now, and the mail that it would become."""

    state: str
    subject: str
    frame: frames.Frame
    too_long: str

    @property
    def size(self) -> int:
        """Bytes of the HTML part."""
        return len(self.frame.html.encode())

    @property
    def dark(self) -> str:
        """The HTML as dark mail programs show it, whatever this browser prefers."""
        return re.sub(
            r"@media \(prefers-color-scheme: dark\)", "@media all", self.frame.html
        )


def of(issue: Issue) -> Trial:
    """Return how the newest draft of ``issue`` looks as a mail.

    Once forums were asked about exactly this draft it says who agreed, or who will
    have when everybody has signed, as the forums see it.
    """
    data = _draft(issue)
    state, receipt = _standing(data)
    frame = frames.render(
        data,
        receipt,
        data["sections"],
        newsletter=NewsletterSettings.objects.first() or NewsletterSettings(),
        publisher=PublisherSettings.objects.first() or PublisherSettings(),
        unsubscribe="#",
        preferences="#",
    )
    return Trial(state, one_line(data["title"]), frame, frames.why_too_long(frame.html))


def send(*, issue: Issue, by: User) -> str:
    """Mail the newest draft to ``by`` alone, as a test. Returns the address.

    Raises ``TestNotSent``, in words for the person. Waits for the mail server, so it
    must not be called inside a transaction.
    """
    if not by.email:
        raise TestNotSent(
            "Your account has no email address. Ask an administrator to enter it."
        )
    _count(issue, by)
    data = _draft(issue)
    state, _ = _standing(data)
    subject = one_line(f"[Test: {_in_brief(state)}] {data['title']}")
    try:
        mould = messages.mould_of_test(
            data, subject=subject, warning=_warning(state, by)
        )
        # Links as everybody's, of a subscription that there is not: they change nothing.
        nobody = Subscription(key=uuid.uuid4())
        letter = mould.letter(
            to=by.email,
            message_id=f"<{uuid.uuid4()}@{domain()}>",
            unsubscribe=links.to_unsubscribe(nobody),
            preferences=links.to_preferences(nobody),
        )
    except messages.NothingLeft as error:
        raise TestNotSent(
            "There is nothing to mail: no item of this issue is public in the version "
            "that it names."
        ) from error
    except NotForAMail as error:
        raise TestNotSent(
            f"No mail can be sent to “{by.email}”. Ask an administrator to look at it."
        ) from error
    except TooLongForMail as error:
        raise TestNotSent(str(error)) from error
    try:
        get_connection().send_messages([letter])
    except replies.ERRORS as error:
        raise TestNotSent(
            "The mail server did not take it. Wait a few minutes and try again."
        ) from error
    return by.email


def why_too_long(
    *, title: str, introductions: Iterable[str], releases: Iterable[Release]
) -> str:
    """Say why an issue of these would be cut off by mail programs; empty if it fits.

    Asked before forums are: they would read what cannot be sent. Reckons a little more
    than it will be, since nobody knows yet what the forums answer.
    """
    words = "\n\n".join(introductions)
    sections = [
        representation.section(json.loads(release.said), release.receipt)
        for release in releases
    ]
    draft = {
        "content_id": uuid.UUID(int=0),
        "kind": Issue.kind,
        "language": "en-GB",
        "title": title,
        "summary": SPARE,
        "introduction": words,
    }
    frame = frames.render(
        draft,
        None,
        sections,
        newsletter=NewsletterSettings.objects.first() or NewsletterSettings(),
        publisher=PublisherSettings.objects.first() or PublisherSettings(),
        unsubscribe=SPARE[:150],
        preferences=SPARE[:150],
    )
    return frames.why_too_long(frame.html)


def _count(issue: Issue, by: User) -> None:
    """Note the test in the issue's history, and refuse the twenty-first of an hour."""
    recent = ModelLogEntry.objects.filter(
        action=ACTION, user=by, timestamp__gt=timezone.now() - timedelta(hours=1)
    )
    if recent.count() >= PER_HOUR:
        raise TestNotSent(
            f"You have sent yourself {PER_HOUR} tests within an hour. Look at the "
            "preview here, or wait an hour."
        )
    log(instance=issue, action=ACTION, user=by)


def _draft(issue: Issue) -> dict[str, Any]:
    newest: Issue = issue.get_latest_revision_as_object()
    return newest.representation()


def _standing(data: dict[str, Any]) -> tuple[str, dict[str, Any] | None]:
    """How far exactly these words are agreed, and who agreed or is to agree."""
    fingerprint = canonical.fingerprint(canonical.encode(data))
    public = Release.objects.current().filter(
        item__content_id=data["content_id"], fingerprint=fingerprint
    )
    if release := public.first():
        return AGREED, release.receipt
    asked = Proof.objects.open().filter(
        content_id=data["content_id"], fingerprint=fingerprint
    )
    if proof := asked.first():
        return ASKED, receipts.expected(proof, proof.representation)
    return NOT_AGREED, None


def _in_brief(state: str) -> str:
    return "agreed" if state == AGREED else "not agreed yet"


def _warning(state: str, by: User) -> str:
    words = f"This is a test. It was sent to {by.email} and to nobody else. "
    if state == AGREED:
        return words + "The newsletter itself comes in a mail of its own."
    return words + (
        "Its forums have not agreed to it yet. Please do not pass it on, and do not "
        "publish it."
    )
