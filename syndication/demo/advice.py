"""The pages of the demonstration that inform: advice, law, how things are decided."""

import datetime as dt
from collections.abc import Iterator

from cms.models import LocalOfferPage, SharedBlock

from . import diagram
from .pieces import (
    BOTH,
    Item,
    available,
    day,
    heading,
    question,
    related,
    shared,
    steps,
    text,
    took_part,
)


def pages(advice: SharedBlock) -> Iterator[Item]:
    """Yield each page with the state that it is taken to.

    ``advice`` is the shared block that stands in three of them. A page leads to those
    before it, so each has to be made before the next is asked for.
    """
    yield {
        "state": "released",
        "terms": ["LO-28"],
        "title": "SENDIASS: free and impartial advice",
        "summary": "What the advisers can do for you, what they cannot, and how to "
        "reach them.",
        "audience": "Parents, carers and young people with questions about SEND",
        "areas": BOTH,
        "topics": ["advice"],
        "formats": [available("easy_read", "https://example.org/sendiass-easy-read")],
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
            question(
                "Do I have to tell my school that I asked?",
                "<p>No. What you say stays between you and the adviser.</p>",
            ),
            shared(advice),
        ],
    }
    yield {
        "state": "changes asked for",
        "comment": "Families here read “EHC” as one more set of letters. Please say "
        "what the plan is before you use the short name.",
        "terms": ["LO-19", "LO-30"],
        "law_as_at": dt.date(2026, 11, 2),
        "title": "Asking for an EHC needs assessment",
        "summary": "Who may ask, and what should have happened by week 6 and week 20.",
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
            steps(
                ("By week 6", "<p>The council says whether it will assess.</p>"),
                ("When there is a draft", "<p>You have 15 days to comment on it.</p>"),
                ("By week 20", "<p>A plan, if there is one, is final.</p>"),
            ),
        ],
    }
    yield {
        "state": "released",
        # Long enough ago to say so to readers.
        "review_by": day(after=-20),
        "terms": ["LO-27", "adulthood", "employment", "independent-living"],
        "title": "Getting ready for adult life from Year 9",
        "summary": "Work, home, friends and health: what to talk about when, year "
        "by year.",
        "audience": "Young people from 13, and their families",
        "age_from": 13,
        "age_to": 25,
        "areas": BOTH,
        "topics": ["education", "advice"],
        "body": [
            text(
                "<p>From Year 9 on, every review of an education, health and care "
                "plan asks what you want your life to be like as an adult.</p>"
            ),
            heading("Year by year"),
            steps(
                ("Year 9", "<p>What do you like, and what would you try?</p>"),
                (
                    "At 14",
                    "<p>Ask your doctor about the health check of each year.</p>",
                ),
                ("Year 10", "<p>Try some work.</p>"),
                (
                    "Year 11",
                    "<p>Choose what comes after school, and how you get there.</p>",
                ),
                ("At 16", "<p>You may ask for an assessment yourself.</p>"),
                ("At 17", "<p>Meet the adult services before you need them.</p>"),
            ),
        ],
    }
    yield {
        "state": "found still correct",
        "terms": ["LO-28"],
        # Soon enough for somebody to look at it again already.
        "review_by": day(after=20),
        "title": "Your parent carer forum: PACC or PODS",
        "summary": "How a forum speaks for many families, and how you can join in.",
        "audience": "Parents and carers of a disabled child or young person",
        "areas": BOTH,
        "topics": ["advice"],
        "body": [
            text(
                "<p>A parent carer forum is run by parents of disabled children. It "
                "hears from many families and tells the council and the health "
                "service what they say. Joining costs nothing.</p>"
            ),
            heading("In Shropshire"),
            text(
                "<p>Your forum is PACC, the Shropshire Parent and Carer Council. "
                '<a href="https://www.paccshropshire.org.uk">PACC’s website</a></p>'
            ),
            heading("In Telford and Wrekin"),
            text(
                "<p>Your forum is PODS, Parents Opening Doors. "
                '<a href="https://www.podstelford.org">PODS’ website</a></p>'
            ),
            shared(advice),
        ],
    }
    yield {
        "state": "released",
        "co_production_level": "strategic",
        "co_production": [
            took_part("pacc", "idea"),
            took_part("pods", "idea"),
        ],
        "what_changed": "The diagram, which was a picture alone, is in words now.",
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
            *diagram.blocks(),
        ],
    }
    yield {
        "state": "released",
        "terms": ["LO-30", "LO-31"],
        "law_as_at": dt.date(2026, 11, 2),
        "title": "If you disagree or want to complain",
        "summary": "Talk first, then mediation, then the tribunal; and whom to "
        "complain to about each service.",
        "audience": "Families who do not agree with a decision about their child",
        "areas": BOTH,
        "topics": ["advice", "education"],
        "body": [
            steps(
                ("Talk to whoever decided", "<p>Bring somebody with you.</p>"),
                ("Ask for mediation", "<p>Somebody neutral helps both sides.</p>"),
                (
                    "Appeal to the tribunal",
                    "<p>The letter with the decision says by when.</p>",
                ),
            ),
            heading("Complaints"),
            text(
                "<p>A complaint is about how you were treated. Each service has its "
                "own way; advisers help you find it.</p>"
            ),
            shared(advice),
            related("Read more", *_keys("SENDIASS", "Your parent carer forum")),
        ],
    }


def _keys(*titles: str) -> list[int]:
    return [LocalOfferPage.objects.get(title__startswith=one).pk for one in titles]
