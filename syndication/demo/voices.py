"""Consents of the demonstration's register. Nobody in it exists."""

from django.contrib.auth.models import User

from cms import channels, consent_register
from cms.models import Consent
from cms.models.consent import SCOPES

from .pieces import day

MADE_UP = "Made up for the demonstration: there is no form and no family."


def give(*, by: User) -> dict[str, Consent]:
    """Enter the consents that the demonstration's voices stand on, by a short name."""
    return {
        "everywhere": _give("Robin, who is made up", "quote", channels.CHANNELS, by),
        "site": _give(
            "Ash, who is made up", "quote", (channels.SITE, channels.PRINT), by
        ),
        # What a story needs that partners may show, and that no mail carries away.
        "no email": _give(
            "Sam, who is made up", "story", (channels.SITE, channels.API), by
        ),
        "withdrawn": _give("Kit, who is made up", "story", channels.CHANNELS, by),
    }


def _give(alias: str, kind: str, heard: tuple[str, ...], by: User) -> Consent:
    consent = Consent(
        alias=alias,
        kind=kind,
        given_by=Consent.GivenBy.BOTH,
        wish=Consent.Wish.FOR,
        wish_words=MADE_UP,
        age_band=Consent.AgeBand.UNDER_16,
        attribution=Consent.Attribution.ALIAS,
        given_on=day(after=-30),
        review_on=day(after=180),
        form_held=MADE_UP,
        **{field: channel in heard for channel, field in SCOPES.items()},
    )
    return consent_register.give(consent=consent, by=by)
