"""Demonstration content: two forums, a clinical lead, items in every state.

The places, bodies and services exist; the words are ours and nobody agreed to them,
which every item says. Families and voices are made up. Mail goes to example.org,
telephone numbers come from the range that Ofcom keeps for drama.
"""

from django.contrib.auth.models import Group
from django.db import transaction

from cms import terms, tree
from cms.models import Forum, Notice, Proof
from syndication.comments import editors as comment_editors
from syndication.newsletters import editors as newsletter_editors
from syndication.newsletters import subscriptions, wordings
from syndication.newsletters.digests import compile_digest

from . import advice, comments, news, people, services, states, voices
from .pieces import contact

EXAMPLE_SUBSCRIBER = "parent@example.org"


@transaction.atomic
def seed(*, hostname: str, port: int) -> bool:
    """Make the demonstration, unless it is there. Returns whether it was made."""
    if Forum.objects.exists():
        return False
    tree.install(hostname=hostname, port=port)
    terms.install()
    editors = Group.objects.get(name=tree.EDITORS)
    newsletter_editors.let_in(editors)
    comment_editors.let_in(editors)
    people.name_the_publisher()
    _write(people.set_up())
    _subscribe(EXAMPLE_SUBSCRIBER)
    compile_digest()
    # What came before the demonstration began is no news to anybody.
    Notice.objects.exclude(
        purpose=Notice.Purpose.WAITS, proof__outcome=Proof.Outcome.OPEN
    ).delete()
    return True


def _write(cast: states.People) -> None:
    consents = voices.give(by=cast["keeper"])
    shared = states.share(
        "SENDIASS: how to reach the advisers (demonstration)",
        [contact("SENDIASS", "01632 960103", "advice@example.org")],
        cast,
    )
    rewritten, *_ = [
        # One after the other: a page may lead to those before it.
        states.make(states.LOCAL_OFFER, item, cast)
        for pages in (services.pages(consents), advice.pages(shared))
        for item in pages
    ]
    comments.make(rewritten, cast)
    for item in news.items(rewritten=rewritten, story=consents["no email"]):
        states.make(states.NEWS, item, cast)


def _subscribe(email: str) -> None:
    """A confirmed subscriber to everything, whose confirmation mail is not sent."""
    subscription = subscriptions.request(
        email=email,
        choices={},
        wording=wordings.archived(wordings.current()).text,
        source="demonstration",
    )
    subscriptions.confirm(key=subscription.key)
    subscription.notes.all().delete()
