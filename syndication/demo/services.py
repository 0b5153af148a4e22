"""The pages of the demonstration that tell of services."""

import datetime as dt
from collections.abc import Iterator, Mapping

from cms.models import Consent

from .pieces import (
    BOTH,
    OUTSIDE,
    SHROPSHIRE,
    Item,
    available,
    contact,
    heading,
    on_request,
    table,
    text,
    took_part,
    voice,
)


def pages(consents: Mapping[str, Consent]) -> Iterator[Item]:
    """Yield each page with the state that it is taken to."""
    yield {
        "state": "released",
        # The telephone number stood last, until somebody commented on it.
        "before": [
            heading("Things that help"),
            text(
                "<p>There are many things that you can try at home before you ring, and "
                "most children come on well with them.</p>"
            ),
            contact(
                "Children’s speech and language advice line",
                "01632 960101",
                "talking@example.org",
                "Monday to Thursday, 1pm to 4pm",
            ),
        ],
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
            contact(
                "Children’s speech and language advice line",
                "01632 960101",
                "talking@example.org",
                "Monday to Thursday, 1pm to 4pm",
            ),
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
        ],
    }
    yield {
        "state": "released",
        "title": "Stammering: what children told us",
        "summary": "What helps a child who stammers, in the words of children who "
        "do, and a film with signs.",
        "audience": "Families, friends and teachers of children who stammer",
        "age_from": 4,
        "age_to": 16,
        "areas": BOTH,
        "topics": ["communication", "health"],
        "terms": ["LO-17", "LO-22", "stammering"],
        "formats": [
            available("bsl", "https://example.org/stammering-bsl"),
            on_request("large_print", 10),
            on_request("translation", 20, "pl"),
        ],
        "co_production_level": "service",
        "co_production": [
            took_part("Children and young people who stammer", "idea", "6-20"),
            took_part("pacc", "draft", "1-5"),
        ],
        "what_changed": "The page begins with what children said, not with what "
        "stammering is.",
        "body": [
            heading("What helps"),
            text(
                "<ul><li>Wait. Do not finish the sentence for them.</li>"
                "<li>Look at them as you always do.</li>"
                "<li>Listen to what they say, not to how.</li></ul>"
            ),
            voice(
                consents["everywhere"],
                "quote",
                "When you wait, I can say it. (Demonstration: nobody said this.)",
            ),
            voice(
                consents["site"],
                "quote",
                "I like it when my teacher asks me first. (Demonstration: nobody said "
                "this.)",
            ),
            {
                "type": "video",
                "value": {
                    "title": "What helps when somebody stammers (demonstration)",
                    "url": "https://example.org/stammering",
                    "length": "3 minutes",
                    "captions_url": "https://example.org/stammering.vtt",
                    "captions_in_picture": False,
                    "transcript": "<p>Two people talk. One stammers, the other waits "
                    "and looks at them. The words “Wait. Look. Listen.” appear.</p>",
                },
            },
        ],
    }
    yield {
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
            text("<p>Your child can join if they are on the disability register.</p>"),
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
            table(
                "What there is",
                ("What", "In Shropshire", "In Telford and Wrekin"),
                ("Clubs", "book directly", "book directly"),
                ("Days out", "book directly", "ask the team"),
                ("Nights away", "after an assessment", "after an assessment"),
            ),
            contact("Short breaks team", "01632 960102", "breaks@example.org"),
        ],
    }
    yield {
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
    }
    yield {
        "state": "released",
        "title": "PINS: whole-school support for neurodivergent pupils",
        "summary": "What schools, therapists and parents did together, as at March "
        "2026.",
        "audience": "Families of pupils at primary school",
        "age_from": 4,
        "age_to": 11,
        "areas": BOTH,
        "topics": ["education"],
        "terms": ["LO-15", "primary", "universal"],
        "body": [
            text(
                "<p>In this programme health and education staff worked with the "
                "whole school, so that fewer children had to wait for help of their "
                "own. Parent carers had a say in each school. This is what it was "
                "as at 31 March 2026, when its second year ended. Ask your school "
                "what goes on now.</p>"
            ),
            heading("What a school could choose"),
            text(
                "<ul><li>Training for everybody who works there.</li><li>A look at "
                "noise, light and places to be quiet.</li><li>Meetings of parents "
                "and staff, run by the forum.</li></ul>"
            ),
        ],
    }
    yield {
        "state": "draft",
        "section": "pacc",
        "terms": ["LO-26"],
        "title": "Travel to school and college",
        "summary": "Who gets help with travel, how the rules change after 16, and "
        "how to appeal.",
        "audience": "Families whose child cannot walk or take the bus to school",
        "areas": (SHROPSHIRE,),
        "topics": ["education"],
        "body": [text("<p>This page is being written. Ideas welcome by comment.</p>")],
    }
    yield {
        "state": "released",
        "title": "A residential college outside our area",
        "summary": "When a young person can go to a specialist college elsewhere, "
        "and who decides.",
        "audience": "Young people who need a specialist college, and their families",
        "age_from": 16,
        "age_to": 25,
        "areas": (OUTSIDE,),
        "topics": ["education"],
        "terms": ["LO-02", "post-16", "specialist"],
        "body": [
            text(
                "<p>If no college near here can meet the needs in the plan, the "
                "council can name one elsewhere. Visit it first, and ask who will "
                "be there at weekends.</p>"
            ),
        ],
    }
    yield {
        "state": "withdrawn for consent",
        "consent": consents["withdrawn"],
        "title": "Our first swim: a family’s story",
        "summary": "What the first hour in the pool was like. Nothing but their words, "
        "so nothing is left when they take them back.",
        "audience": "Families who would like to try a club (demonstration)",
        "areas": BOTH,
        "topics": ["social-care"],
        "body": [
            voice(
                consents["withdrawn"],
                "story",
                "We sat at the edge for half an hour. Then Kit put one foot in. "
                "(Demonstration text: this family is made up.)",
            )
        ],
        "says_so_itself": True,
    }
