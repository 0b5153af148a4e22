"""How the newsletter will carry what forums read before they sign it."""

from collections.abc import Iterator

from django.template.loader import render_to_string

from cms import appearances, consent
from cms.appearances import Appearance
from cms.channels import EMAIL
from cms.models import Proof
from site_settings.models import NewsletterSettings, PublisherSettings
from syndication import receipts

from . import representation
from .messages import context_of, styled
from .models import Issue
from .models.issues import KINDS


def of_proof(proof: Proof) -> Iterator[Appearance]:
    """Yield the mail that an issue becomes, or how an item stands in the next one.

    Both as if whoever has not signed did so now.
    """
    data = consent.forms_of(proof)[EMAIL]
    receipt = receipts.expected(proof, data)
    if proof.kind == Issue.kind:
        context = context_of(
            data,
            receipt,
            data["sections"],
            newsletter=NewsletterSettings.objects.first() or NewsletterSettings(),
            publisher=PublisherSettings.objects.first() or PublisherSettings(),
            # Each mail has an address of its own here.
            unsubscribe="#",
            preferences="#",
        )
        yield Appearance(
            "As the email will carry it, if everyone signs today",
            html=render_to_string("newsletters/mail/issue.html", context),
        )
        yield Appearance(
            "The same email in plain text",
            text=render_to_string("newsletters/mail/issue.txt", context).strip(),
        )
    elif proof.kind in KINDS:
        section = representation.section(data, receipt)
        context = {"item": data, "section": styled(section["html"])}
        yield Appearance(
            "As the newsletter will carry it by email, if everyone signs today",
            html=render_to_string("newsletters/mail/sample.html", context),
        )
        yield Appearance("The same in a plain text email", text=section["text"])


appearances.register(of_proof)
