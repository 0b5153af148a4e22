"""The vocabulary that every installation starts with. Administrators change it later.

Areas of need after the SEND Code of Practice, 6.28 ff. The statutory items follow
Schedule 2 of SI 2014/1530 and section 30 of the Children and Families Act 2014; the
codes are ours. ``mark`` says how well each wording is established: V was read in the law
itself, S comes from secondary sources, M from memory.
"""

from typing import NamedTuple

from django.db import transaction

from .models import Term


class Statutory(NamedTuple):
    code: str
    name: str
    description: str
    mark: str
    note: str = ""


NEEDS = {
    ("communication", "Communication and interaction"): {
        "autism": "Autism",
        "dld": "Developmental language disorder",
        "speech": "Speech sounds",
        "stammering": "Stammering",
    },
    ("cognition", "Cognition and learning"): {
        "learning-disability": "Learning disability",
        "dyslexia": "Dyslexia and other specific difficulties",
    },
    ("emotional", "Social, emotional and mental health"): {
        "adhd": "ADHD",
        "anxiety": "Anxiety",
    },
    ("sensory-physical", "Sensory and physical needs"): {
        "hearing": "Hearing",
        "vision": "Vision",
        "physical": "Physical disability",
        "medical": "Long-term illness",
    },
}
STAGES = {
    "early-years": ("Early years", "Before school, from birth on."),
    "primary": ("Primary school", "From Reception to Year 6."),
    "secondary": ("Secondary school", "From Year 7 to Year 11."),
    "post-16": ("After 16", "Sixth form, college, training and apprenticeships."),
    "adulthood": ("Getting ready for adult life", "From Year 9 on."),
    "18-25": ("18 to 25", "Young adults, in education or not."),
}
TIERS = {
    "universal": ("Universal", "For every child or young person."),
    "targeted": ("Targeted", "For those who need some more help."),
    "specialist": ("Specialist", "For the few who need most help."),
}
OUTCOMES = {
    "employment": ("Work", "Finding and keeping a job."),
    "independent-living": ("Independent living", "A home, and choices about it."),
    "community": ("Friends and community", "Taking part in society."),
    "health": ("Health", "Being as healthy as possible in adult life."),
}
STATUTORY = [
    Statutory(
        "LO-01",
        "Provision in the area",
        "SEN and training provision in the area: early years; maintained schools and "
        "units; academies and units; non-maintained special schools; post-16; section "
        "41 institutions; pupil referral units; persons commissioned by the authority.",
        "V",
    ),
    Statutory(
        "LO-02",
        "Provision outside the area",
        "The same provision outside the area, where it is expected to be available.",
        "V",
    ),
    Statutory(
        "LO-03",
        "Mainstream support with learning",
        "Support with learning or the curriculum in mainstream schools and post-16.",
        "V",
    ),
    Statutory(
        "LO-04",
        "Special schools and colleges",
        "Special schools, special post-16 institutions and section 41 institutions.",
        "V",
    ),
    Statutory(
        "LO-05",
        "What the authority secures",
        "What the authority secures in mainstream schools, pupil referral units and "
        "alternative provision academies.",
        "V",
    ),
    Statutory(
        "LO-06",
        "How SEN funding works",
        "How funding for special educational needs works, with delegated budgets.",
        "V",
        "read in part",
    ),
    Statutory(
        "LO-07",
        "How providers identify needs",
        "How providers identify needs, consult parents, secure equipment and services, "
        "and support transfer between phases.",
        "M",
    ),
    Statutory("LO-08", "Approach to teaching", "The approach to teaching.", "V"),
    Statutory(
        "LO-09",
        "Adapting curriculum and environment",
        "How the curriculum and the environment are adapted.",
        "V",
    ),
    Statutory("LO-10", "Extra learning support", "Extra support with learning.", "V"),
    Statutory(
        "LO-11",
        "Progress, and taking part in its review",
        "How progress to outcomes is assessed and reviewed, and how child and parents "
        "take part in that.",
        "V",
    ),
    Statutory(
        "LO-12",
        "How well provision works",
        "How the effectiveness of provision is evaluated, with child and parents.",
        "V",
    ),
    Statutory("LO-13", "Access to facilities", "How facilities can be accessed.", "V"),
    Statutory(
        "LO-14",
        "Activities beyond the curriculum",
        "Activities beyond the curriculum, physical activities included.",
        "V",
    ),
    Statutory("LO-15", "Support available", "The support that is available.", "V"),
    Statutory(
        "LO-16", "Expertise of staff", "How the expertise of staff is secured.", "V"
    ),
    Statutory(
        "LO-17",
        "Emotional, mental and social development",
        "Support for emotional, mental and social development.",
        "V",
    ),
    Statutory(
        "LO-18",
        "Lists of special institutions",
        "Where to find the lists of special, independent and section 41 institutions.",
        "M",
    ),
    Statutory(
        "LO-19",
        "Identifying and assessing needs",
        "Identifying and assessing special educational needs, and how to ask for an "
        "education, health and care needs assessment.",
        "S",
    ),
    Statutory(
        "LO-20",
        "Other educational provision",
        "Other educational provision, such as sport, the arts and reading schemes.",
        "S",
    ),
    Statutory(
        "LO-21",
        "Training",
        "Apprenticeships, traineeships and supported internships.",
        "S",
    ),
    Statutory(
        "LO-22",
        "Health",
        "Therapies and mental health; community nursing, continence, wheelchairs and "
        "equipment; palliative and respite care; medical needs in school; continuing "
        "care; moving to adult health services.",
        "M",
        "matches the headings of another authority",
    ),
    Statutory(
        "LO-23",
        "Social care",
        "Short breaks, support in the home, moving to adult care, independent living.",
        "S",
    ),
    Statutory("LO-24", "Childcare", "Childcare for children with SEND.", "S"),
    Statutory("LO-25", "Leisure activities", "Leisure activities.", "S"),
    Statutory(
        "LO-26",
        "Travel",
        "Specialised transport, the travel policy, help with cost, and travel after 16.",
        "S",
    ),
    Statutory(
        "LO-27",
        "Preparing for adulthood",
        "Employment, accommodation, participation in society, and health.",
        "V",
        "read in the Act",
    ),
    Statutory(
        "LO-28",
        "Information, advice and support",
        "Information, advice and support services, parent carer forums and groups.",
        "S",
    ),
    Statutory(
        "LO-29",
        "Personal budgets",
        "Personal budgets and direct payments.",
        "M",
    ),
    Statutory(
        "LO-30",
        "Resolving disagreements",
        "Resolving disagreements, mediation and appeal to the tribunal.",
        "S",
    ),
    Statutory(
        "LO-31",
        "Complaints",
        "How to complain about provision.",
        "S",
        "paragraph 17",
    ),
    Statutory(
        "LO-32",
        "Eligibility and decisions",
        "Who can have each service where that is relevant, and how decisions are made.",
        "S",
    ),
    Statutory(
        "LO-33",
        "Copies offline and in other formats",
        "How to get a copy without the internet and in other formats (regulation 57).",
        "S",
    ),
    Statutory(
        "LO-34",
        "Comments and the response",
        "Comments received and the response to them (section 30(6)).",
        "V",
    ),
]


@transaction.atomic
def install() -> int:
    """Make what is missing of the vocabulary. Returns how many terms were made.

    Safe to run again: what is there stays as it is, whatever it says by now.
    """
    known = set(Term.objects.values_list("scheme", "code"))
    parents = [
        Term(
            scheme=Term.Scheme.NEED,
            code=code,
            name=name,
            description=f"Needs in {name.lower()}.",
            position=place,
        )
        for place, (code, name) in enumerate(NEEDS)
    ]
    made = _make(parents, known)
    areas = {term.code: term for term in Term.objects.of(Term.Scheme.NEED)}
    conditions = [
        Term(
            scheme=Term.Scheme.NEED,
            code=code,
            name=name,
            description=f"{name}, part of {need.lower()}.",
            parent=areas[area],
            position=place,
        )
        for place, ((area, need), parts) in enumerate(NEEDS.items())
        for code, name in parts.items()
        if area in areas
    ]
    plain = [
        Term(scheme=scheme, code=code, name=name, description=described, position=place)
        for scheme, terms in (
            (Term.Scheme.STAGE, STAGES),
            (Term.Scheme.TIER, TIERS),
            (Term.Scheme.OUTCOME, OUTCOMES),
        )
        for place, (code, (name, described)) in enumerate(terms.items())
    ]
    statutory = [
        Term(
            scheme=Term.Scheme.STATUTORY,
            code=one.code,
            name=one.name,
            description=one.description,
            position=place,
            mark=one.mark,
            mark_note=one.note,
        )
        for place, one in enumerate(STATUTORY, 1)
    ]
    return made + _make([*conditions, *plain, *statutory], known)


def why_not_delete(term: Term) -> str:
    """Why a term cannot be deleted; empty when it can."""
    if term.pages.exists():  # type: ignore[attr-defined]
        return (
            f"“{term}” is chosen in pages, so it was not deleted. Give it a last day: "
            "then nobody can choose it newly."
        )
    if term.children.exists():
        return f"“{term}” has parts. Nothing was deleted: delete those first."
    return ""


def _make(terms: list[Term], known: set[tuple[str, str]]) -> int:
    new = [term for term in terms if (term.scheme, term.code) not in known]
    Term.objects.bulk_create(new)
    return len(new)
