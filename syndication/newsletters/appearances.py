"""How the newsletter will carry what forums read before they sign it."""

from collections.abc import Iterator

from cms import appearances, consent
from cms.appearances import Appearance
from cms.channels import EMAIL
from cms.models import Proof
from site_settings.models import NewsletterSettings, PublisherSettings
from syndication import receipts

from . import audiences, frames, representation
from .models import Issue
from .models.issues import KINDS


def of_proof(proof: Proof) -> Iterator[Appearance]:
    """Yield the mail that an issue becomes, or that an item becomes as it happens.

    An issue carries an item in the words of the latter. Both as if whoever has not
    signed did so now.
    """
    data = consent.forms_of(proof)[EMAIL]
    receipt = receipts.expected(proof, data)
    if proof.kind == Issue.kind:
        name = "As the email will carry it, if everyone signs today"
        sections = data["sections"]
        audience = Appearance("Who gets it by email", text=data["recipients"]["words"])
    elif proof.kind in KINDS:
        name = "As the newsletter will carry it by email, if everyone signs today"
        sections = [representation.section(data, receipt)]
        audience = Appearance(
            "Who gets it by email as soon as it is signed",
            text=audiences.of_item_data(data)["words"],
        )
    else:
        return
    frame = frames.render(
        data,
        receipt,
        sections,
        newsletter=NewsletterSettings.objects.first() or NewsletterSettings(),
        publisher=PublisherSettings.objects.first() or PublisherSettings(),
        # Each mail has addresses of its own here.
        unsubscribe="#",
        preferences="#",
    )
    yield audience
    yield Appearance(name, html=frame.html)
    yield Appearance("The same email in plain text", text=frame.text)


appearances.register(of_proof)
