"""Providers of mail (through Anymail), and what they tell us by webhooks."""

from collections.abc import Callable
from typing import Any

from anymail.signals import AnymailTrackingEvent, EventType, RejectReason
from django.conf import settings
from django.http import HttpResponse
from django.utils.module_loading import import_string

from . import bounces
from .bounces import News

BACKEND = "anymail.backends."
# The view that reads what each tells, and whether it signs it. Who does not sign has to
# know a secret of ours (ANYMAIL_WEBHOOK_SECRET), or nothing is read. Amazon signs, and
# Anymail does not look at the signature.
VIEWS = {
    "amazon_ses": ("amazon_ses.AmazonSESTrackingWebhookView", False),
    "brevo": ("brevo.BrevoTrackingWebhookView", False),
    "mailersend": ("mailersend.MailerSendTrackingWebhookView", True),
    "mailgun": ("mailgun.MailgunTrackingWebhookView", True),
    "mailjet": ("mailjet.MailjetTrackingWebhookView", False),
    "mailtrap": ("mailtrap.MailtrapTrackingWebhookView", False),
    "mandrill": ("mandrill.MandrillCombinedWebhookView", True),
    "postal": ("postal.PostalTrackingWebhookView", True),
    "postmark": ("postmark.PostmarkTrackingWebhookView", False),
    "resend": ("resend.ResendTrackingWebhookView", False),
    "sparkpost": ("sparkpost.SparkPostTrackingWebhookView", False),
    "unisender_go": ("unisender_go.UnisenderGoTrackingWebhookView", True),
}
# Reasons for which writing again is of no use.
FOR_GOOD = (RejectReason.BOUNCED, RejectReason.INVALID)


def configured() -> str:
    """The provider that the settings name; empty with a mail server of one's own."""
    backend = settings.EMAIL_BACKEND
    if not backend.startswith(BACKEND):
        return ""
    return str(backend.removeprefix(BACKEND).partition(".")[0])


def webhook(name: str) -> Callable[..., HttpResponse] | None:
    """The view for what this provider tells. None unless it is ours, and can be trusted."""
    if name != configured() or name not in VIEWS:
        return None
    path, signs = VIEWS[name]
    if not signs and not settings.ANYMAIL.get("WEBHOOK_SECRET"):
        return None
    view: Any = import_string(f"anymail.webhooks.{path}")
    made: Callable[..., HttpResponse] = view.as_view()
    return made


def note(event: AnymailTrackingEvent, provider: str) -> bool:
    """Act on what a provider tells of one mail. Returns whether it was one of ours."""
    news = _news(event)
    if news is None:
        return False
    metadata = event.metadata or {}
    delivery = bounces.find(
        message_id=str(metadata.get("delivery") or event.message_id or ""),
        provider_id=str(event.message_id or ""),
    )
    if delivery is None:
        return False
    words = event.mta_response or event.description or ""
    bounces.note(delivery=delivery, news=news, provider=provider, words=words)
    return True


def _news(event: AnymailTrackingEvent) -> News | None:
    kind, reason = event.event_type, event.reject_reason
    if kind == EventType.BOUNCED:
        return News.BOUNCED if reason in FOR_GOOD else News.SOFT_BOUNCE
    if kind == EventType.REJECTED and reason == RejectReason.SPAM:
        return News.COMPLAINT
    return {
        EventType.DELIVERED: News.DELIVERED,
        EventType.COMPLAINED: News.COMPLAINT,
        EventType.UNSUBSCRIBED: News.UNSUBSCRIBED,
        EventType.REJECTED: News.REFUSED,
        EventType.FAILED: News.REFUSED,
    }.get(kind)
