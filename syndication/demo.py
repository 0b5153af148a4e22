"""Demonstration content: two areas, two forums, a clinical lead, items in every state.

The places, bodies and services exist; the words are ours and nobody agreed to them,
which every item says. Mail goes to example.org, telephone numbers come from the range
that Ofcom keeps for drama.
"""

import datetime as dt
import io
from typing import Any

from django.contrib.auth.models import Group, User
from django.core.files.images import ImageFile
from django.db import transaction
from django.utils import timezone
from PIL import Image as Picture
from PIL import ImageDraw
from wagtail.images.models import Image

from cms import corrections, forums, sign_off, terms, tree, withdrawals
from cms.models import (
    Area,
    CoProducedPage,
    Forum,
    LocalOfferIndexPage,
    LocalOfferPage,
    NewsIndexPage,
    NewsItemPage,
    Notice,
    Proof,
    Term,
    Topic,
)
from site_settings.demo import DEMO_PASSWORD
from site_settings.models import (
    NewsletterSettings,
    PublisherSettings,
    SignOffRule,
    SignOffSettings,
)
from syndication.comments import editors as comments
from syndication.newsletters import editors, subscriptions
from syndication.newsletters.digests import compile_digest

DISCLAIMER = (
    "<p><i>Demonstration text. No forum, council or health service has agreed to it; "
    "the sign-offs shown are made up to show how Countersign works. Please do not rely "
    "on it for advice.</i></p>"
)
EXAMPLE_SUBSCRIBER = "parent@example.org"
BOTH = ("shropshire", "telford-and-wrekin")


def heading(words: str) -> dict[str, Any]:
    return {"type": "heading", "value": words}


def text(html: str) -> dict[str, Any]:
    return {"type": "paragraph", "value": html}


def contact(name: str, phone: str, email: str, hours: str = "") -> dict[str, Any]:
    value = {"name": name, "phone": phone, "email": email, "hours": hours}
    return {"type": "contact", "value": value}


def action(words: str, url: str) -> dict[str, Any]:
    return {"type": "call_to_action", "value": {"text": words, "url": url}}


def took_part(who: str | None, stage: str, how_many: str = "") -> dict[str, Any]:
    """One line of a co-production record; ``who`` is a forum's slug or a group."""
    forum = Forum.objects.filter(slug=who).first()
    value = {
        "forum": forum.pk if forum else None,
        "who": "" if forum else who,
        "stage": stage,
        "how_many": how_many,
    }
    return {"type": "part", "value": value}


def pages(picture: Image) -> list[dict[str, Any]]:
    """The seven local offer pages, each with the state it is taken to."""
    return [
        {
            "state": "released",
            "co_production_level": "service",
            "co_production": [
                took_part("pacc", "idea", "6-20"),
                took_part("pods", "draft", "1-5"),
                took_part("Speech and language therapists", "draft"),
            ],
            "what_changed": "The advice line comes first, and the page says what to "
            "try before anybody rings.",
            "describes": "service",
            "terms": ["communication", "universal", "LO-22"],
            "eligibility": "Your child is under 16, or under 19 and still in full-time "
            "education.",
            "hours": [
                {
                    "type": "weekly",
                    "value": {
                        "days": ["MO", "TU", "WE", "TH"],
                        "opens": "13:00",
                        "closes": "16:00",
                        "note": "in term time",
                    },
                }
            ],
            "languages": [{"type": "language", "value": "English"}],
            "communication": "Tell us if you need an interpreter, or would rather write.",
            "cost_kind": "free",
            "ways_in": [
                {
                    "type": "way",
                    "value": {"by": "self", "how": "Ring the advice line."},
                }
            ],
            "what_next": "A therapist listens and agrees with you what to try. If that "
            "is not enough, you get a date for a visit.",
            "waiting_time": "about 12 weeks to a first visit",
            "waiting_as_at": dt.date(2026, 11, 2),
            "decisions": "The therapist on the line decides with you whether a visit is "
            "needed.",
            "complaints": "Talk to the team first. If that does not help, write to the "
            "patient experience team.",
            "provider": "Shropshire Community Health NHS Trust (demonstration)",
            "contact_team": "Children’s speech and language advice line",
            "contact_phone": "01632 960101",
            "contact_email": "talking@example.org",
            "title": "Getting help with talking and understanding",
            "summary": "When to ring the speech and language advice line, and what to "
            "try at home first.",
            "audience": "Families who worry about how their child talks or understands",
            "age_from": 0,
            "age_to": 19,
            "areas": BOTH,
            "topics": ["health", "communication"],
            "body": [
                heading("You do not need a referral"),
                text(
                    "<p>Any parent or carer can ring the advice line. Tell the "
                    "therapist what your child says, what they seem to follow, and "
                    "what worries you. You will agree together what to try next.</p>"
                ),
                heading("Things that help straight away"),
                text(
                    "<ul><li>Get down to your child’s level, so that they can see your "
                    "face.</li><li>Say less, and wait longer than feels natural.</li>"
                    "<li>Repeat what they said with one word more.</li></ul>"
                ),
                contact(
                    "Children’s speech and language advice line",
                    "01632 960101",
                    "talking@example.org",
                    "Monday to Thursday, 1pm to 4pm",
                ),
                action("Watch the film about stammering", "https://example.org/film"),
            ],
        },
        {
            "state": "waiting for PODS",
            # What both forums signed before, so that there is something to compare.
            "before": [
                text(
                    "<p>A short break is something your child enjoys without you, while "
                    "you get some rest.</p>"
                ),
                heading("In Shropshire"),
                text("<p>Most clubs can be booked directly.</p>"),
                heading("In Telford and Wrekin"),
                text(
                    "<p>Your child can join if they are on the disability register.</p>"
                ),
                contact("Short breaks team", "01632 960192", "breaks@example.org"),
            ],
            "terms": ["LO-23", "targeted"],
            "title": "Short breaks: time for your child, time for you",
            "summary": "Clubs, days out and overnight stays: who can have them in each "
            "council area, and how to apply.",
            "audience": "Families of disabled children and young people",
            "age_from": 5,
            "age_to": 18,
            "areas": BOTH,
            "topics": ["social-care"],
            "body": [
                text(
                    "<p>A short break is something your child enjoys without you, while "
                    "you get some rest. It can be an hour at a club or a night away."
                    "</p>"
                ),
                heading("In Shropshire"),
                text(
                    "<p>Most clubs can be booked directly. If your child needs more "
                    "support than a club can give, ask for an assessment.</p>"
                ),
                heading("In Telford and Wrekin"),
                text(
                    "<p>Your child can join if they are disabled as the Equality Act "
                    "means it. You do not have to be on the disability register.</p>"
                ),
                contact("Short breaks team", "01632 960102", "breaks@example.org"),
            ],
        },
        {
            "state": "released",
            "terms": ["LO-28"],
            "title": "SENDIASS: free and impartial advice",
            "summary": "What the advisers can do for you, what they cannot, and how to "
            "reach them.",
            "audience": "Parents, carers and young people with questions about SEND",
            "areas": BOTH,
            "topics": ["advice"],
            "body": [
                heading("What advisers do"),
                text(
                    "<p>They explain the law in plain words, help you get ready for a "
                    "meeting, and can come with you. It costs nothing and stays "
                    "between you and them.</p>"
                ),
                heading("What they do not do"),
                text(
                    "<p>They do not take sides, decide anything, or speak for the "
                    "council.</p>"
                ),
                contact("SENDIASS", "01632 960103", "advice@example.org"),
            ],
        },
        {
            "state": "changes asked for",
            "comment": "Families here read “EHC” as one more set of letters. Please say "
            "what the plan is before you use the short name.",
            "terms": ["LO-19", "LO-30"],
            "law_as_at": dt.date(2026, 11, 2),
            "title": "Asking for an EHC needs assessment",
            "summary": "Who may ask, and what should have happened by week 6 and week "
            "20.",
            "audience": "Families who think their child needs more help than school "
            "can give by itself",
            "areas": BOTH,
            "topics": ["education", "advice"],
            "body": [
                text(
                    "<p>You can ask the council yourself. School or college can ask "
                    "too, and so can a young person over 16.</p>"
                ),
                heading("The weeks that matter"),
                text(
                    "<ol><li>By week 6 the council says whether it will assess.</li>"
                    "<li>You have 15 days to comment on a draft plan.</li>"
                    "<li>By week 20 a plan, if there is one, is final.</li></ol>"
                    "<p>Law as at November 2026.</p>"
                ),
            ],
        },
        {
            "state": "not agreed",
            "comment": "In Telford nobody has been offered this since the summer. We "
            "cannot tell families that they can have it.",
            "terms": ["LO-22", "physical"],
            "title": "Occupational therapy for daily living",
            "summary": "Eating, dressing, handwriting: what school does first, and when "
            "a therapist comes in.",
            "audience": "Families whose child finds everyday things hard to do",
            "age_from": 4,
            "areas": BOTH,
            "topics": ["health"],
            "body": [
                text(
                    "<p>School tries what the therapists suggest for two terms. If that "
                    "does not help enough, school asks for an assessment.</p>"
                ),
                contact("Occupational therapy", "01632 960104", "therapy@example.org"),
            ],
        },
        {
            "state": "draft",
            "section": "pacc",
            "terms": ["LO-26"],
            "title": "Travel to school and college",
            "summary": "Who gets help with travel, how the rules change after 16, and "
            "how to appeal.",
            "audience": "Families whose child cannot walk or take the bus to school",
            "areas": ("shropshire",),
            "topics": ["education"],
            "body": [
                text("<p>This page is being written. Ideas welcome by comment.</p>")
            ],
        },
        {
            "state": "released",
            "title": "Co-production in healthcare",
            "summary": "How families and health services plan and check services "
            "together, and what that asks of both.",
            "audience": "Parents, carers and everybody who works with them",
            "areas": BOTH,
            "topics": ["health"],
            "body": [
                text(
                    "<p>Co-production means that people who use a service and people "
                    "who provide it decide about it together, from the first idea to "
                    "the last check.</p>"
                ),
                {
                    "type": "image",
                    "value": {
                        "image": picture.pk,
                        "decorative": False,
                        "alt_text": "Five circles that touch each other in a ring, one "
                        "for each value. The list below says them in words.",
                    },
                },
                heading("Five values"),
                text(
                    "<ul><li>Everybody owns it and supports it.</li>"
                    "<li>We are open and honest.</li>"
                    "<li>Power and decisions are shared.</li>"
                    "<li>We say things clearly.</li>"
                    "<li>People are valued and respected.</li></ul>"
                ),
                heading("Seven steps"),
                text(
                    "<ol><li>Win people at the top for it.</li><li>Find people openly "
                    "and fairly.</li><li>Reward and thank them.</li><li>Start together, "
                    "early.</li><li>Build it into the work.</li><li>Train everyone."
                    "</li><li>Look back together and tell people what changed.</li>"
                    "</ol>"
                ),
            ],
        },
    ]


def _in(*, days: int) -> dt.date:
    """The day so many days from now."""
    return timezone.localdate() + dt.timedelta(days=days)


def news() -> list[dict[str, Any]]:
    """The six news items, each with the state it is taken to."""
    return [
        {
            "state": "corrected",
            "reason": "The line is not staffed in the mornings any more.",
            "title": "Occupational therapy phone line",
            "summary": "A number to ring when everyday things are hard.",
            "areas": BOTH,
            "topics": ["health"],
            "body": [
                text("<p>You can ring without a referral.</p>"),
                contact(
                    "Occupational therapy phone line",
                    "01632 960105",
                    "",
                    "Mornings, 9am to noon",
                ),
            ],
        },
        {
            "state": "embargoed",
            "title": "New words for EHC plans? What is and is not changing",
            "summary": "The law is as it was. What has been proposed, and what has not.",
            "areas": BOTH,
            "topics": ["education"],
            "body": [
                text(
                    "<p>Nothing has changed for your child’s plan. Law as at November "
                    "2026.</p>"
                )
            ],
        },
        {
            "state": "released",
            "section": "pacc",
            "expires_on": _in(days=60),
            "title": "Half-term short-break places open on Monday",
            "summary": "Swimming, cooking and a trip to the farm. Places go to whoever "
            "books first.",
            "areas": ("shropshire",),
            "topics": ["social-care"],
            "body": [
                text(
                    "<p>Booking opens at 9am. Every activity has a changing place "
                    "nearby, and a quiet room.</p>"
                ),
                action("See the activities", "https://example.org/half-term"),
            ],
        },
        {
            "state": "released",
            "title": "You said the therapy page was confusing, so we rewrote it",
            "summary": "Parents told us they could not find the telephone number. It "
            "now comes first.",
            "areas": BOTH,
            "topics": ["communication"],
            "body": [
                text(
                    "<p>Eleven families wrote to their forum about one page. Together "
                    "with the therapists we took out half of the words and moved the "
                    "advice line to the top.</p>"
                )
            ],
        },
        {
            "state": "withdrawn",
            "reason": "The venue cancelled.",
            "public_note": "This drop-in does not take place. A new date follows.",
            "expires_on": _in(days=30),
            "events": [
                {
                    "type": "event",
                    "value": {
                        "name": "Meet and Chat",
                        "starts": f"{_in(days=14)}T10:00:00+00:00",
                        "ends": f"{_in(days=14)}T12:00:00+00:00",
                        "place": {
                            "name": "Demonstration hall",
                            "street": "1 Example Road",
                            "town": "Shrewsbury",
                            "postcode": "SY1 1AA",
                            "access": "Step-free from the car park. A quiet room.",
                        },
                        "online": "",
                        "access": "Bring whoever helps you. No need to book.",
                    },
                }
            ],
            "title": "Meet and Chat: bring a question, leave with a name to ring",
            "summary": "A drop-in with therapists, advisers and other parents.",
            "areas": BOTH,
            "topics": ["advice"],
            "body": [text("<p>No need to book. The hall is step-free.</p>")],
        },
        {
            "state": "waiting",
            "expires_on": _in(days=40),
            "surveys": [
                {
                    "type": "survey",
                    "value": {
                        "name": "School travel",
                        "url": "https://example.org/travel-survey",
                        "closes": f"{_in(days=14)}",
                    },
                }
            ],
            "title": "Tell us about school travel",
            "summary": "A survey of ten questions, open for two weeks.",
            "areas": BOTH,
            "topics": ["education"],
            "body": [
                text("<p>Your answers go to both forums. No names are asked.</p>"),
                action("Answer the survey", "https://example.org/travel-survey"),
            ],
        },
    ]


@transaction.atomic
def seed(*, hostname: str, port: int) -> bool:
    """Make the demonstration, unless it is there. Returns whether it was made."""
    if Forum.objects.exists():
        return False
    tree.install(hostname=hostname, port=port)
    terms.install()
    editors.let_in(Group.objects.get(name=tree.EDITORS))
    comments.let_in(Group.objects.get(name=tree.EDITORS))
    _name_the_publisher()
    people = _people()
    picture = _picture()
    for model, index, items in (
        (LocalOfferPage, LocalOfferIndexPage, pages(picture)),
        (NewsItemPage, NewsIndexPage, news()),
    ):
        for item in items:
            state = {
                name: item.pop(name, "")
                for name in ("state", "comment", "reason", "public_note", "before")
            }
            item["embargoed"] = state["state"] == "embargoed"
            page = _write(model, index, item, people["editor"])
            _take_to(page, state, people)
    _subscribe(EXAMPLE_SUBSCRIBER)
    compile_digest()
    # What came before the demonstration began is no news to anybody.
    Notice.objects.exclude(
        purpose=Notice.Purpose.WAITS, proof__outcome=Proof.Outcome.OPEN
    ).delete()
    return True


def _subscribe(email: str) -> None:
    """A confirmed subscriber to everything, whose confirmation mail is not sent."""
    subscription = subscriptions.request(
        email=email,
        areas=(),
        wording=NewsletterSettings.load().consent_wording,
        source="demonstration",
    )
    subscriptions.confirm(key=subscription.key)
    subscription.deliveries.all().delete()


def _name_the_publisher() -> None:
    publisher = PublisherSettings.load()
    publisher.name = "Countersign demonstration"
    publisher.contact_email = "demo@example.org"
    publisher.save()
    newsletter = NewsletterSettings.load()
    newsletter.title = "SEND news (demonstration)"
    newsletter.consent_wording = (
        "I would like PACC, PODS and their partners to send me this newsletter. I can "
        "leave at any time with one click. (Demonstration: no organisation gets your "
        "address.)"
    )
    newsletter.save()


def _people() -> dict[str, User]:
    people: dict[str, User] = {
        "admin": User.objects.create_superuser("admin", "admin@example.org"),
        "editor": User.objects.create_user("editor", "editor@example.org"),
    }
    people["editor"].groups.add(Group.objects.get(name=tree.EDITORS))
    for slug, name, short_name, area_slug, area_name, website in (
        (
            "pacc",
            "Shropshire Parent and Carer Council",
            "PACC",
            "shropshire",
            "Shropshire",
            "https://www.paccshropshire.org.uk",
        ),
        (
            "pods",
            "Parents Opening Doors",
            "PODS",
            "telford-and-wrekin",
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
    for slug, name in (
        ("advice", "Information and advice"),
        ("communication", "Talking and understanding"),
        ("education", "School and college"),
        ("health", "Health"),
        ("social-care", "Short breaks and social care"),
    ):
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


def _picture() -> Image:
    """Draw five circles in a ring, so that no picture has to be fetched."""
    from math import cos, pi, sin

    drawn = Picture.new("RGB", (1200, 800), "#f1f5f4")
    pen = ImageDraw.Draw(drawn)
    for number, colour in enumerate(
        ("#0b5d56", "#00508c", "#8a4b00", "#6b2d73", "#7a1f2b")
    ):
        angle = 2 * pi * number / 5 - pi / 2
        x, y = 600 + 235 * cos(angle), 400 + 235 * sin(angle)
        pen.ellipse((x - 136, y - 136, x + 136, y + 136), fill=colour)
    file = io.BytesIO()
    drawn.save(file, "PNG")
    file.seek(0)
    image: Image = Image.objects.create(
        title="Five circles in a ring", file=ImageFile(file, "five-values.png")
    )
    return image


def _write(
    model: type[CoProducedPage], index: Any, item: dict[str, Any], editor: User
) -> CoProducedPage:
    areas = Area.objects.filter(slug__in=item.pop("areas"))
    section = index.objects.filter(forum__slug=item.pop("section", "")).first()
    topics = Topic.objects.filter(slug__in=item.pop("topics"))
    named = Term.objects.filter(code__in=item.pop("terms", ()))
    body = [*item.pop("body"), text(DISCLAIMER)]
    if model is LocalOfferPage:
        item["review_by"] = dt.date(dt.date.today().year + 1, 9, 1)  # noqa: DTZ011
        item.setdefault("describes", LocalOfferPage.Describes.INFORMATION)
    if item.pop("embargoed", False):
        item["release_at"] = timezone.now() + dt.timedelta(days=7)
    page = model(owner=editor, body=body, **item)
    page.areas = areas
    page.topics = topics
    if isinstance(page, LocalOfferPage):
        page.terms = named
    (section or tree.folder(index)).add_child(instance=page)
    page.save_revision(user=editor, log_action=True)
    return page


def _take_to(
    page: CoProducedPage, state: dict[str, Any], people: dict[str, User]
) -> None:
    """Take a draft to its state by the verbs that people use."""
    if state["state"] == "draft":
        return
    if state["before"]:
        _release_before(page, state["before"], people)
    proof = _submit(page, people["editor"])
    asked = list(proof.forums.order_by("slug"))
    answered = {
        "waiting": [],
        "waiting for PODS": [forum for forum in asked if forum.slug == "pacc"],
        "changes asked for": [],
        "not agreed": [forum for forum in asked if forum.slug == "lead"],
    }.get(state["state"], asked)
    for forum in answered:
        _sign(proof, forum, people)
    if state["state"] in ("changes asked for", "not agreed"):
        verb = (
            sign_off.not_agree
            if state["state"] == "not agreed"
            else sign_off.ask_for_changes
        )
        verb(
            proof=proof,
            forum=asked[-1],
            by=people[asked[-1].slug],
            fingerprint=proof.fingerprint,
            comment=state["comment"],
        )
    if state["state"] == "corrected":
        page.refresh_from_db()
        hours = [one for one in corrections.fields(page) if one.name.endswith("hours")]
        corrections.correct(
            page=page,
            values={hours[0].name: "Afternoons, 1pm to 4pm"},
            by=people["editor"],
            reason=state["reason"],
        )
    if state["state"] == "withdrawn":
        withdrawals.withdraw(
            content_id=page.content_id,
            by=people["pacc"],
            reason=state["reason"],
            public_note=state["public_note"],
        )


def _submit(page: CoProducedPage, editor: User) -> Proof:
    page.get_workflow().start(page, editor)
    return Proof.objects.open().get(content_id=page.content_id)


def _sign(proof: Proof, forum: Forum, people: dict[str, User]) -> None:
    sign_off.sign(
        proof=proof,
        forum=forum,
        by=people[forum.slug],
        fingerprint=proof.fingerprint,
    )


def _release_before(
    page: CoProducedPage, body: list[dict[str, Any]], people: dict[str, User]
) -> None:
    """Release ``page`` with an earlier body, then edit it to the one it has."""
    now = page.body.raw_data
    page.body = [*body, text(DISCLAIMER)]
    page.save_revision(user=people["editor"])
    proof = _submit(page, people["editor"])
    for forum in proof.forums.all():
        _sign(proof, forum, people)
    page.refresh_from_db()
    page.body = now
    page.save_revision(user=people["editor"], log_action=True)
