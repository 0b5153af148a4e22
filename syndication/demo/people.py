"""Who publishes, who writes and who signs in the demonstration, and for what."""

from django.contrib.auth.models import Group, User

from cms import forums, tree
from cms.models import Area, Forum, Topic
from site_settings.demo import DEMO_PASSWORD
from site_settings.models import (
    NewsletterSettings,
    PublisherSettings,
    SignOffRule,
    SignOffSettings,
)

from .pieces import OUTSIDE, SHROPSHIRE, TELFORD

TOPICS = (
    ("advice", "Information and advice"),
    ("communication", "Talking and understanding"),
    ("education", "School and college"),
    ("health", "Health"),
    ("social-care", "Short breaks and social care"),
)


def name_the_publisher() -> None:
    """Say whose site and newsletter this is."""
    publisher = PublisherSettings.load()
    publisher.name = "Countersign demonstration"
    publisher.contact_email = "demo@example.org"
    publisher.save()
    newsletter = NewsletterSettings.load()
    newsletter.title = "SEND news (demonstration)"
    newsletter.consent_wording = (
        "I would like to get this newsletter by email. I can leave at any time with one "
        "click. (Demonstration: nobody really gets your address.)"
    )
    newsletter.save()


def set_up() -> dict[str, User]:
    """Make accounts, forums, areas, topics and the policy. Returns people by username."""
    people = {
        "admin": User.objects.create_superuser("admin", "admin@example.org"),
        "editor": User.objects.create_user("editor", "editor@example.org"),
        "keeper": User.objects.create_user("keeper", "keeper@example.org"),
    }
    people["editor"].groups.add(Group.objects.get(name=tree.EDITORS))
    people["keeper"].groups.add(Group.objects.get(name=tree.KEEPERS))
    _set_up_forums(people)
    for slug, name in TOPICS:
        Topic.objects.create(slug=slug, name=name)
    policy = SignOffSettings.objects.create(dissent=SignOffSettings.Dissent.PUBLISH)
    SignOffRule.objects.create(
        policy=policy,
        kind=SignOffRule.Kind.LOCAL_OFFER,
        topic=Topic.objects.get(slug="health"),
        forum=Forum.objects.get(slug="lead"),
        reason="Health content is also read by the clinical lead.",
    )
    for person in people.values():
        person.set_password(DEMO_PASSWORD)
        person.save()
    return people


def _set_up_forums(people: dict[str, User]) -> None:
    for slug, name, short_name, area_slug, area_name, website in (
        (
            "pacc",
            "Shropshire Parent and Carer Council",
            "PACC",
            SHROPSHIRE,
            "Shropshire",
            "https://www.paccshropshire.org.uk",
        ),
        (
            "pods",
            "Parents Opening Doors",
            "PODS",
            TELFORD,
            "Telford and Wrekin",
            "https://www.podstelford.org",
        ),
    ):
        people[slug] = User.objects.create_user(slug, f"{slug}@example.org")
        forums.set_up(
            name=name,
            short_name=short_name,
            slug=slug,
            website=website,
            areas={area_slug: area_name},
            members=[slug],
        )
    people["lead"] = User.objects.create_user("lead", "lead@example.org")
    forums.set_up(
        name="Clinical lead for children’s therapies (demonstration)",
        short_name="Clinical lead",
        slug="lead",
        role=Forum.Role.PROFESSIONAL,
        members=["lead"],
    )
    # Families of both areas use what is elsewhere, so both forums sign it.
    outside = Area.objects.create(slug=OUTSIDE, name="Outside our area")
    outside.forums.set(Forum.objects.filter(slug__in=["pacc", "pods"]))
