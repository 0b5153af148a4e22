"""A service and a piece of news with everything that can be told of them."""

from typing import Any

SERVICE: dict[str, Any] = {
    "title": "Short breaks",
    "summary": "Clubs and days out.",
    "describes": "service",
    "audience": "Families of disabled children",
    "age_from": 5,
    "age_to": 18,
    "eligibility": "Your child is disabled.\nYou live in Shropshire.",
    "places": [
        {
            "type": "place",
            "value": {
                "name": "Community centre",
                "street": "1 Example Road",
                "town": "Shrewsbury",
                "county": "Shropshire",
                "postcode": "sy11aa",
                "latitude": "52.70778",
                "longitude": "-2.75401",
                "access": "No steps.\nA quiet room.",
                "withheld": False,
                "area": "",
            },
        },
        {
            "type": "place",
            "value": {
                "name": "Zq House",
                "street": "2 Zq Lane",
                "town": "Zqville",
                "postcode": "SY1 2ZQ",
                "latitude": "52.70001",
                "longitude": "-2.70001",
                "withheld": True,
                "area": "north Shropshire",
            },
        },
    ],
    "hours": [
        {
            "type": "weekly",
            "value": {
                "days": ["WE", "MO"],
                "opens": "09:00",
                "closes": "12:30",
                "note": "in term time",
            },
        },
        {
            "type": "holiday",
            "value": {
                "first": "2026-12-24",
                "last": "2027-01-01",
                "opens": None,
                "closes": None,
                "note": "Christmas",
            },
        },
    ],
    "languages": [
        {"type": "language", "value": "English"},
        {"type": "language", "value": "British Sign Language"},
    ],
    "communication": "Ask for an interpreter.",
    "cost_kind": "varies",
    "cost": "Clubs are free. A night away costs £10.",
    "help_with_cost": "Ask us.",
    "ways_in": [
        {
            "type": "way",
            "value": {"by": "self", "how": "Ring us.\nTell us your needs."},
        },
        {"type": "way", "value": {"by": "school", "how": ""}},
    ],
    "what_next": "We ring you within a week.",
    "waiting_time": "about 4 weeks",
    "waiting_as_at": "2026-11-02",
    "decisions": "A panel decides every month.",
    "complaints": "Talk to the manager first.",
    "provider": "Shropshire Council",
    "provider_website": "https://example.org/council",
    "contact_team": "Short breaks team",
    "contact_phone": "01632 960102",
    "contact_email": "short.breaks@example.org",
    "contact_hours": "Mondays",
    "contact_website": "https://example.org/ask",
    "law_as_at": "2026-11-01",
    "review_by": "2027-09-01",
}
NEWS: dict[str, Any] = {
    "title": "Meet and Chat",
    "summary": "Bring a question.",
    "expires_on": "2026-12-20",
    "events": [
        {
            "type": "event",
            "value": {
                "name": "Drop-in",
                "starts": "2026-12-10T10:00:00+00:00",
                "ends": "2026-12-10T12:00:00+00:00",
                "place": {
                    "name": "Library",
                    "street": "3 Example Road",
                    "town": "Telford",
                    "postcode": "TF1 1AA",
                    "withheld": False,
                },
                "online": "https://example.org/join",
                "access": "Step-free. An interpreter is there.",
            },
        }
    ],
    "surveys": [
        {
            "type": "survey",
            "value": {
                "name": "School travel",
                "url": "https://example.org/survey",
                "closes": "2026-12-05",
            },
        }
    ],
}
