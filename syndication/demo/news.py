"""The news items of the demonstration."""

from collections.abc import Iterator

from cms.models import Consent, CoProducedPage

from .pieces import (
    BOTH,
    SHROPSHIRE,
    Item,
    action,
    available,
    contact,
    day,
    text,
    voice,
)


def items(*, rewritten: CoProducedPage, story: Consent) -> Iterator[Item]:
    """Yield each news item with the state that it is taken to.

    ``rewritten`` is the page that one reports on, ``story`` the consent of another.
    """
    yield {
        "state": "released",
        "section": "pacc",
        "expires_on": day(after=60),
        "title": "Half-term short-break places open on Monday",
        "summary": "Swimming, cooking and a trip to the farm. Places go to whoever "
        "books first.",
        "areas": (SHROPSHIRE,),
        "topics": ["social-care"],
        "body": [
            text(
                "<p>Booking opens at 9am. Every activity has a changing place "
                "nearby, and a quiet room.</p>"
            ),
            action("See the activities", "https://example.org/half-term"),
        ],
    }
    yield {
        "state": "released",
        "title": "You said the therapy page was confusing, so we rewrote it",
        "summary": "Parents told us they could not find the telephone number. It "
        "now comes first.",
        "areas": BOTH,
        "topics": ["communication"],
        "reports_on": [{"type": "page", "value": rewritten.pk}],
        "body": [
            text(
                "<p>Eleven families wrote to their forum about one page. Together "
                "with the therapists we took out half of the words and moved the "
                "advice line to the top.</p>"
            )
        ],
    }
    yield {
        "state": "withdrawn",
        "reason": "The venue cancelled.",
        "public_note": "This drop-in does not take place. A new date follows.",
        "expires_on": day(after=30),
        "events": [
            {
                "type": "event",
                "value": {
                    "name": "Meet and Chat",
                    "starts": f"{day(after=14)}T10:00:00+00:00",
                    "ends": f"{day(after=14)}T12:00:00+00:00",
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
    }
    yield {
        "state": "waiting",
        "expires_on": day(after=40),
        "surveys": [
            {
                "type": "survey",
                "value": {
                    "name": "School travel",
                    "url": "https://example.org/travel-survey",
                    "closes": f"{day(after=14)}",
                },
            }
        ],
        "title": "Tell us about school travel",
        "summary": "A survey of ten questions, open for two weeks.",
        "areas": BOTH,
        "topics": ["education"],
        "formats": [
            available("easy_read", "https://example.org/travel-survey-easy-read")
        ],
        "body": [
            text("<p>Your answers go to both forums. No names are asked.</p>"),
            action("Answer the survey", "https://example.org/travel-survey"),
        ],
    }
    yield {
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
    }
    yield {
        "state": "released",
        "title": "A young person’s view: starting college with a travel buddy",
        "summary": "What the first weeks were like, told by somebody who did it.",
        "areas": BOTH,
        "topics": ["education"],
        "body": [
            voice(
                story,
                "story",
                "In the first week my buddy met me at the stop. In the third I met "
                "them there. Now I know which driver says hello. (Demonstration: "
                "nobody told this.)",
            )
        ],
    }
    yield {
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
    }
    yield {
        "state": "released",
        "title": "PINS: what five schools learned",
        "summary": "What stayed after the programme’s second year, as at March 2026.",
        "areas": BOTH,
        "topics": ["education"],
        "body": [
            text(
                "<p>Five schools and both forums looked back together. What helped "
                "most cost little: a quiet corner, the day’s plan on the wall, and "
                "one adult who knows the child.</p>"
            )
        ],
    }
