"""Open Referral UK 3.0: what families can use, as other directories read it."""

import datetime as dt
import json
import random
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlencode, urlsplit
from uuid import UUID, uuid4

import pytest
import time_machine
from django.conf import settings as configured
from django.core.management import call_command
from django.db import OperationalError
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as effort
from hypothesis import strategies as st
from requests.utils import parse_header_links

from cms import consent_register, corrections, reviews, terms, withdrawals
from cms.models import Term
from site_settings.models import PublisherSettings
from syndication import releases
from syndication.models import Release
from syndication.oruk import documents, filters, pages, vocabulary
from syndication.oruk.models import Service

from .oruk import (
    ROOT,
    conform,
    conform_to,
    contents,
    get,
    needs_schemas,
    place,
    release_facts,
    told,
    weekly,
)
from .services import SERVICE
from .voices import WORDS, make_consent, voice

PROMISED = configured.BASE_DIR / "tests" / "contract" / "oruk-service.json"
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
LISTS = ("/services", "/service_at_locations", "/taxonomies", "/taxonomy_terms")
UNKNOWN = "4f1c2f6e-6c0f-4f7b-9a52-8a1f4f3f7d10"
CONTENT_ID = UUID("5a1c2f6e-6c0f-4f7b-9a52-8a1f4f3f7d11")
EVERY_ADDRESS = (
    "",
    *LISTS,
    *(f"{one}/{UNKNOWN}" for one in LISTS),
    "/nope",
    "/services?nope=1",
)
# Everything that a page can tell, and things that are awkward to tell.
AWKWARD = {
    "title": "Naïve “quotes” & <tags> \U0001f9e9",
    "summary": "Line\nbreak",
    "closure": "Closed until 3 January.",
    "age_from": 0,
    "age_to": 25,
    "provider": {"website": "https://example.org/é?q=a b"},
    "contact": {"email": "nobody", "website": "http://["},
    "places": [
        place("sw1a", "52.1"),
        {"name": "Half an address", "street": "2 Example Road"},
        {"withheld": True, "area": "north Shropshire"},
        {"withheld": True, "area": "north Shropshire"},
        {},
    ],
    "hours": [
        {"type": "weekly", "days": ["MO"], "note": "by appointment"},
        {"type": "holiday", "first": "2026-12-24", "last": "2026-12-24"},
    ],
    "cost": {"details": "£5 a visit."},
    "terms": [{"scheme": "condition", "code": "gone", "name": "No longer in use"}],
    "co_production": {"level": None, "parts": [], "changed": "The name."},
    "dissent": [{"forum": "pods", "name": "Parents Opening Doors"}],
}


@pytest.fixture
def write_service(write, db):
    """Write a page that tells everything: ``write_service(title=…)``."""

    def write_service(**fields):
        terms.install()
        days = {
            name: dt.date.fromisoformat(SERVICE[name])
            for name in ("law_as_at", "review_by", "waiting_as_at")
        }
        page = write(**(SERVICE | days | fields))
        page.terms = list(
            Term.objects.filter(code__in=["physical", "targeted", "LO-23", "LO-32"])
        )
        page.save_revision()
        return page

    return write_service


@pytest.fixture
def service(write_service, release):
    """The release of a page that tells everything."""
    return release(write_service())


@pytest.fixture
def many(world, service):
    """Every kind of service there is, and so many that lists have pages."""
    release_facts(world, "As little as there can be")
    release_facts(world, **AWKWARD)
    for number in range(12):
        release_facts(
            world,
            f"Service {number}",
            places=[place(f"TF{number} 1AA", f"52.{number:02}1", "-2.501")],
        )


def of(release):
    return told(f"/services/{release.item.content_id}")


def names(path):
    return [one["name"] for one in contents(path)]


def query(path, **parameters):
    return f"{path}?{urlencode(parameters)}"


# The standard


@needs_schemas
def test_every_answer_keeps_to_the_published_description(many):
    """As the official validator goes: first, middle and last page, then ten at random."""
    for path in LISTS:
        first = told(f"{path}?page=1&per_page=7")
        ids = []
        for number in range(1, first["total_pages"] + 1):
            page = told(f"{path}?page={number}&per_page=7")
            if number in {1, (first["total_pages"] + 1) // 2, first["total_pages"]}:
                conform(path, page)
                assert page["size"] == len(page["contents"]) > 0
            ids += [one["id"] for one in page["contents"]]
        assert len(ids) == len(set(ids)) == first["total_items"] > 4

        for uuid in random.sample(ids, min(10, len(ids))):
            one = told(f"{path}/{uuid}")
            conform(f"{path}/{{id}}", one)
            assert one["id"] == uuid


@pytest.mark.parametrize("path", LISTS)
def test_every_page_links_to_those_around_it(many, path):
    """Followed as RFC 8288 has it, a list is whole, forwards and backwards."""

    def walk(path, relation):
        while path:
            answer = get(path)
            links = parse_header_links(answer["Link"])
            yield answer.json(), {one["rel"]: one["url"] for one in links}
            path = {one["rel"]: one["url"] for one in links}.get(relation)
            assert path is None or path.startswith(f"{configured.PUBLIC_ORIGIN}{ROOT}/")
            path = path and path.removeprefix(f"{configured.PUBLIC_ORIGIN}{ROOT}")

    forwards = list(walk(f"{path}?per_page=3", "next"))
    first, last = forwards[0], forwards[-1]
    backwards = list(walk(last[1]["last"].partition(ROOT)[2], "prev"))

    assert len(forwards) == first[0]["total_pages"] > 1
    assert [page for page, _ in backwards] == [page for page, _ in reversed(forwards)]
    assert "prev" not in first[1]
    assert "next" not in last[1]
    assert {links["first"] for _, links in forwards} == {first[1]["first"]}


def test_links_keep_the_filters_and_lead_back_from_beyond_the_last_page(many):
    asked = {"search": "Service", "per_page": "5"}

    def links(number):
        answer = get(query("/services", **asked, page=number))
        found = parse_header_links(answer["Link"])
        return {
            one["rel"]: dict(parse_qsl(urlsplit(one["url"]).query)) for one in found
        }

    assert links(2) == {
        "first": asked | {"page": "1"},
        "prev": asked | {"page": "1"},
        "next": asked | {"page": "3"},
        "last": asked | {"page": "3"},
    }
    assert links(99)["prev"] == asked | {"page": "3"}
    assert "next" not in links(99)


def test_an_empty_list_and_a_copy_that_still_fits_have_links_too(db):
    empty = get("/services")
    again = get("/services", headers={"if-none-match": empty["ETag"]})

    assert again.status_code == 304
    place = f"<{configured.PUBLIC_ORIGIN}{ROOT}/services?page=1>"
    assert empty["Link"] == again["Link"]
    assert again["Link"] == f'{place}; rel="first", {place}; rel="last"'


@needs_schemas
def test_everything_and_next_to_nothing_keep_to_the_schemas(world, service):
    told_of = [
        service,
        release_facts(world, "As little as there can be"),
        release_facts(world, **AWKWARD),
    ]
    for release in told_of:
        whole = of(release)
        conform_to("compiled/service.json", whole)
        for at in whole.get("service_at_locations", ()):
            one = told(f"/service_at_locations/{at['id']}")
            conform_to("compiled/service_at_location.json", one)
            conform("/service_at_locations/{id}", one)


@needs_schemas
def test_a_wrong_answer_would_be_noticed(service):
    """The schemas are read, and formats are checked: else the tests above say nothing."""
    whole = of(service)
    for wrong in (
        {"email": "nobody"},
        {"url": "not an address"},
        {"last_modified": "yesterday"},
        {"id": "1"},
        {"minimum_age": None},
        {"status": "open"},
        {"organization": {"id": UNKNOWN, "name": "Without a description"}},
    ):
        with pytest.raises(Exception, match=r".") as refused:
            conform("/services/{id}", whole | wrong)
        assert type(refused.value).__name__ == "ValidationError", wrong


@needs_schemas
def test_the_root_keeps_to_the_description_too(db):
    conform("/", told())


def test_the_root_says_which_standard_this_is(db):
    root = told()

    assert root["version"] == "HSDS-UK-3.0"
    assert root["openapi_url"].endswith("/specifications/3.0/openapi.json")
    assert root["x_licence"]["name"] == "Open Government Licence v3.0"


def test_the_promise_of_a_service(world, write_service, release):
    """Our own contract: what a full service is, whole."""
    with time_machine.travel(NOON, tick=False):
        made = release(write_service(content_id=CONTENT_ID))
        PublisherSettings.objects.update_or_create(
            defaults={"contact_email": "partnership@example.org"}
        )
        whole = of(made)

    whole["x_coproduction"] |= {"fingerprint": "…", "receipt_url": "…"}
    assert whole == json.loads(PROMISED.read_text(encoding="utf-8"))


def test_ids_stay_from_version_to_version(world, write_service, release, edit):
    page = write_service()
    before = of(release(page))
    edit(page, world.editor, summary="Clubs, days out and nights away.")

    after = of(release(page))

    assert after["description"] != before["description"]
    assert set(parts_of(after)) == set(parts_of(before))
    assert after["id"] == str(page.content_id)


def parts_of(value):
    """Everything with an id in an answer, by that id; no two things may share one."""
    found = {}
    if isinstance(value, dict):
        if "id" in value:
            found[value["id"]] = value
        value = list(value.values())
    for part in value if isinstance(value, list) else ():
        for uuid, one in parts_of(part).items():
            assert found.setdefault(uuid, one) == one
    return found


def test_parts_that_say_the_same_have_ids_of_their_own(world):
    twice = [place(), place(name="The room above")]

    whole = of(release_facts(world, places=twice, languages=["Polish", "Polish"]))

    parts = parts_of(whole)
    for name in ("service_at_locations", "languages"):
        assert len({one["id"] for one in whole[name]} & parts.keys()) == 2
    # The address stands twice too, in each of the two rooms.
    addresses = [one for one in parts.values() if "address_1" in one]
    assert len(addresses) == 2


@pytest.mark.parametrize(
    ("provider", "told_of"),
    [
        ({}, None),
        ({"website": "http://["}, None),
        ({"website": "example.org"}, None),
        (
            {"website": "https://example.org/a"},
            ("example.org", "https://example.org/a"),
        ),
        (
            {"name": "The council", "website": "javascript:alert(1)"},
            ("The council", None),
        ),
    ],
)
def test_a_provider_is_told_as_far_as_it_is_known(world, provider, told_of):
    whole = of(release_facts(world, provider=provider))

    found = whole.get("organization")
    assert (found and (found["name"], found.get("website"))) == told_of
    assert ("organization_id" in whole) is bool(found)


def test_one_provider_is_one_organisation(world):
    for title, name in (("One", "Shropshire Council"), ("Two", "shropshire  council")):
        release_facts(world, title, provider={"name": name})
    release_facts(world, "Three", provider={"name": "Another council"})

    found = {one["name"]: one["organization_id"] for one in contents("/services")}

    assert found["One"] == found["Two"] != found["Three"]


# What is a service


def test_only_pages_that_describe_a_service_are_told(write, release, service):
    information = release(write(describes="information"))
    news = release(write("news", title="Meet and Chat"))

    assert names("/services") == ["Short breaks"]
    for other in (information, news):
        assert get(f"/services/{other.item.content_id}").status_code == 404


def test_a_page_that_becomes_information_is_a_service_no_more(
    world, write_service, release, edit
):
    page = write_service()
    made = release(page)
    assert of(made)
    edit(page, world.editor, describes="information")

    release(page)

    assert contents("/services") == contents("/service_at_locations") == []
    assert get(f"/services/{page.content_id}").status_code == 404


def test_a_page_appears_with_the_last_signature_and_not_before(
    world, write_service, submit, sign
):
    page = write_service()
    proof = submit(page)
    sign(proof, world.pacc, world.pat)
    assert contents("/services") == contents("/service_at_locations") == []
    assert get(f"/services/{page.content_id}").status_code == 404

    sign(proof, world.pods, world.pip)

    assert names("/services") == ["Short breaks"]
    assert len(contents("/service_at_locations")) == 2
    whole = told(f"/services/{page.content_id}")
    assert "Agreed by Shropshire Parent and Carer Council" in whole["description"]
    assert whole["assured_date"] == timezone.localdate().isoformat()


def test_a_draft_begun_since_is_not_told(world, write_service, release, edit):
    page = write_service()
    release(page)

    edit(page, world.editor, title="zqdraft", provider="zqdraft")

    assert "zqdraft" not in get("/services").text
    assert "zqdraft" not in get(f"/services/{page.content_id}").text


def test_what_is_withdrawn_is_gone_at_the_next_request(world, service):
    (at, _) = contents("/service_at_locations")
    uuid = service.item.content_id

    withdrawals.withdraw(content_id=uuid, by=world.pat, reason="It is wrong.")

    assert contents("/services") == contents("/service_at_locations") == []
    gone = get(f"/services/{uuid}")
    assert gone.status_code == 410
    assert gone.json()["code"] == "service_withdrawn"
    assert gone["Cache-Control"] == "public, max-age=60"
    assert "Short breaks" not in gone.text
    assert get(f"/service_at_locations/{at['id']}").status_code == 404
    assert not Service.objects.exists()


def test_what_vanished_was_never_there(world, service):
    uuid = service.item.content_id

    withdrawals.withdraw(
        content_id=uuid, by=world.pat, reason="Somebody is in danger.", kind="vanish"
    )

    assert get(f"/services/{uuid}").status_code == 404


def test_a_row_that_was_left_behind_tells_nothing(world, service):
    """Were a signal lost, a reader gets less than is public, never more."""
    (at, _) = contents("/service_at_locations")
    Release.objects.update(
        withdrawn_at=timezone.now(), withdrawn_reason="x", withdrawn_kind="gone"
    )

    assert Service.objects.exists()
    assert contents("/services") == contents("/service_at_locations") == []
    assert get(f"/services/{service.item.content_id}").status_code == 410
    assert get(f"/service_at_locations/{at['id']}").status_code == 404
    code = "SY1 1AA"
    path = query("/service_at_locations", postcode=code, proximity=5)
    assert get(path).json()["code"] == "postcode_unknown"


def test_a_correction_says_that_no_forum_reviewed_it(world, write_service, release):
    page = write_service()
    release(page)
    page.refresh_from_db()

    corrections.correct(
        page=page,
        values={"closure": "Closed until 3 January."},
        by=world.editor,
        reason="The roof leaks.",
    )

    whole = told(f"/services/{page.content_id}")
    (listed,) = contents("/services")
    (at, _) = contents("/service_at_locations")
    for one in (whole, listed, at["service"]):
        assert one["alert"].startswith("Changed on ")
        assert one["alert"].endswith(" before forum review. Closed until 3 January.")
        assert one["description"].startswith("Changed on ")
        assert "Agreed by" not in one["description"]
        assert "assured_date" not in one
    assert whole["x_coproduction"]["before_review"]["changed_at"]


def test_who_did_not_agree_is_named_wherever_the_words_are(world):
    made = release_facts(world, summary="Clubs.")
    made.receipt["forums"].append(
        {
            "slug": "pods",
            "name": "Parents Opening Doors",
            "role": "forum",
            "decision": "dissent",
            "signed_at": "2026-11-22T12:00:00Z",
        }
    )
    made.save()
    documents.rebuild()

    (listed,) = contents("/services")
    assert "Parents Opening Doors did not agree." in listed["description"]


def test_an_assurance_moves_the_assured_date(world, write_service, release):
    with time_machine.travel(NOON, tick=False):
        made = release(write_service())
        before = of(made)
    with time_machine.travel(NOON + dt.timedelta(days=200), tick=False):
        reviews.assure(
            content_id=made.item.content_id,
            by=world.editor,
            fingerprint=made.fingerprint,
        )
        after = of(made)

    assert before["assured_date"] == "2026-11-22"
    assert after["assured_date"] == "2027-06-10"
    assert after["last_modified"] > before["last_modified"]


def test_no_voice_is_told(world, write_service, release):
    page = write_service(
        body=[voice(make_consent(world.admin))], areas=[world.shropshire]
    )

    made = release(page)

    assert WORDS in made.payload.decode()
    for path in ("/services", f"/services/{page.content_id}", "/service_at_locations"):
        assert WORDS not in get(path).text


def test_nobody_finds_a_page_by_a_voice_that_left_it(world, write_service, release):
    consent = make_consent(world.admin)
    release(write_service(body=[voice(consent)]))
    by_voice = query("/services", search=WORDS)
    before = names(by_voice)

    consent_register.withdraw(consent=consent, by=world.admin)

    assert before == names("/services") == ["Short breaks"]
    assert names(by_voice) == []


def test_an_address_that_is_withheld_is_nowhere(service):
    whole = of(service)

    (_, hidden) = whole["service_at_locations"]
    assert hidden["location"] == {
        "id": hidden["location_id"],
        "location_type": "physical",
        "name": "north Shropshire",
        "description": "The address is not published.",
    }
    assert "zq" not in json.dumps(whole).casefold()


def test_the_publishers_mailbox_assures_as_soon_as_it_is_named(service):
    assert "assurer_email" not in of(service)

    PublisherSettings.objects.create(contact_email="partnership@example.org")

    assert of(service)["assurer_email"] == "partnership@example.org"
    assert contents("/services")[0]["assurer_email"] == "partnership@example.org"
    assert (
        contents("/service_at_locations")[0]["service"]["assurer_email"]
        == "partnership@example.org"
    )


# What changed


def test_last_modified_moves_only_when_something_else_is_told(
    world, write_service, release, edit
):
    with time_machine.travel(NOON, tick=False):
        page = write_service()
        before = of(release(page))
    with time_machine.travel(NOON + dt.timedelta(days=1), tick=False):
        call_command("rebuild_oruk", verbosity=0)
        assert of(Release.objects.current().get()) == before
        edit(page, world.editor, title="Short breaks and more")
        after = of(release(page))

    assert before["last_modified"] == "2026-11-22T12:00:00.000Z"
    assert after["last_modified"] == "2026-11-23T12:00:00.000Z"
    assert names("/services?modified_after=2026-11-23T12:00:00Z") == [after["name"]]
    assert names("/services?modified_after=2026-11-23T12:00:01Z") == []
    assert names("/services?modified_after=2026-11-23") == [after["name"]]


def test_a_move_of_the_service_moves_its_addresses(
    world, write_service, release, edit, settings
):
    page = write_service()
    release(page)
    edit(page, world.editor, title="Short breaks and more")
    release(page)
    settings.PUBLIC_ORIGIN = "https://elsewhere.example"

    # Earlier versions too; they are told no more.
    assert releases.rebuild_documents() == 2

    whole = told(f"/services/{page.content_id}")
    assert whole["url"].startswith("https://elsewhere.example/items/")
    assert whole["name"] == "Short breaks and more"


def test_rebuilding_makes_everything_again_and_forgets_the_rest(
    world, write, release, service, capsys
):
    release(write(describes="information"))
    before = [get(path).content for path in LISTS]
    gone = release_facts(world, "Gone")
    Release.objects.filter(pk=gone.pk).update(superseded_at=timezone.now())
    Service.objects.exclude(release=gone).delete()
    assert contents("/services") == []

    call_command("rebuild_oruk")

    assert capsys.readouterr().out == "1 service is told under /oruk/v3.\n"
    assert Service.objects.count() == 1
    after = [get(path).content for path in LISTS]
    assert [_without_moment(one) for one in after] == [
        _without_moment(one) for one in before
    ]


def _without_moment(body):
    data = json.loads(body)
    for one in data["contents"]:
        one.get("service", one).pop("last_modified", None)
    return data


def test_rows_say_what_they_are(service):
    row = Service.objects.get()

    assert str(row) == "Short breaks"
    assert [str(one) for one in row.openings.order_by("pk")] == [
        "MO 09:00:00",
        "WE 09:00:00",
    ]
    assert str(row.terms.get(code="physical")) == "need/physical"
    assert [str(one) for one in row.locations.order_by("pk")] == [
        one["id"] for one in of(service)["service_at_locations"]
    ]
    assert [one.point for one in row.locations.order_by("pk")] == [
        (52.70778, -2.75401),
        None,
    ]


# Vocabularies


def test_every_scheme_that_editors_have_is_a_taxonomy(db):
    assert set(vocabulary.TAXONOMIES) == set(Term.Scheme.values)


def test_a_taxonomy_holds_its_terms_and_parents_come_first(service):
    (need,) = [one for one in contents("/taxonomies") if one["name"] == "Areas of need"]

    whole = told(f"/taxonomies/{need['id']}")

    found = {one["id"]: one for one in whole["taxonomy_terms"]}
    physical = next(one for one in found.values() if one["code"] == "physical")
    assert found[physical["parent_id"]]["code"] == "sensory-physical"
    assert told(f"/taxonomy_terms/{physical['id']}") == physical


def test_an_attribute_names_a_term_that_can_be_read(service):
    for attribute in of(service)["attributes"]:
        term = told(f"/taxonomy_terms/{attribute['taxonomy_term_id']}")
        assert term == attribute["taxonomy_term"]


def test_a_term_that_is_over_stays_as_long_as_a_service_names_it(world, service):
    Term.objects.filter(code="physical").delete()
    uuid = vocabulary.term_id("need", "physical")

    assert told(f"/taxonomy_terms/{uuid}")["name"] == "Physical disability"

    withdrawals.withdraw(
        content_id=service.item.content_id, by=world.pat, reason="It is wrong."
    )
    assert get(f"/taxonomy_terms/{uuid}").status_code == 404


def test_a_scheme_of_somebody_elses_has_a_taxonomy_too(world):
    release_facts(world, terms=AWKWARD["terms"])

    (term,) = contents("/taxonomy_terms")

    assert told(f"/taxonomies/{term['taxonomy_id']}")["taxonomy_terms"] == [term]


def test_a_draft_of_the_law_says_so(service):
    terms_told = contents("/taxonomy_terms?per_page=100")
    drafts = Term.objects.exclude(mark__in=["", "V"]).values_list("code", flat=True)

    assert drafts
    for term in terms_told:
        said = vocabulary.DRAFT in term["description"]
        assert said is (term["code"] in set(drafts)), term


def test_a_term_of_a_national_list_says_where_it_stands(world):
    uri = "https://id.esd.org.uk/list/needs/1"
    named = {"scheme": "need", "code": "autism", "name": "Autism", "term_uri": uri}

    (attribute,) = of(release_facts(world, terms=[named]))["attributes"]

    assert attribute["taxonomy_term"]["term_uri"] == uri


# Finding


@pytest.fixture
def several(world):
    """Three services that differ in everything that can be asked."""
    release_facts(
        world,
        "Club",
        text="Games on Mondays. 100% free.",
        age_from=5,
        age_to=11,
        hours=[weekly(["MO"], "09:00", "12:00"), weekly(["TU"], "15:00", "17:00")],
        terms=[{"scheme": "need", "code": "autism", "name": "Autism"}],
        places=[place("SY1 1AA", "52.70778", "-2.75401")],
    )
    release_facts(
        world,
        "Clinic",
        summary="Talking and understanding.",
        age_from=0,
        age_to=18,
        hours=[weekly(["MO", "WE"], "10:00", "17:00")],
        terms=[{"scheme": "tier", "code": "targeted", "name": "Targeted"}],
        places=[place("SY1 2BB", "52.71678", "-2.75401")],
    )
    release_facts(world, "Phone line", places=[place("TF1 1AA")])


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"search": "talking UNDERSTANDING"}, {"Clinic"}),
        ({"search": "talking games"}, set()),
        ({"search": "100% games"}, {"Club"}),
        ({"search": "gam* OR talking"}, set()),
        ({"taxonomy_term_id": vocabulary.term_id("need", "autism")}, {"Club"}),
        ({"taxonomy_term_id": UNKNOWN}, set()),
        ({"taxonomy_id": vocabulary.taxonomy_id("tier")}, {"Clinic"}),
        ({"minimum_age": 5}, {"Club"}),
        ({"minimum_age": 0}, {"Club", "Clinic"}),
        ({"minimum_age": "5.5"}, set()),
        ({"maximum_age": 11}, {"Club"}),
        ({"maximum_age": "17.9"}, {"Club"}),
        ({"minimum_age": 0, "maximum_age": 18}, {"Club", "Clinic"}),
        ({"day": "MO"}, {"Club", "Clinic"}),
        ({"day": "wednesday"}, {"Clinic"}),
        ({"day": "SU"}, set()),
        ({"start_time": "10:00"}, {"Club", "Clinic"}),
        ({"start_time": "10:00", "day": "MO"}, {"Clinic"}),
        ({"end_time": "12:00:00"}, {"Club"}),
        ({"end_time": "12:00", "day": "TU"}, set()),
        ({"day": "MO", "search": "games"}, {"Club"}),
    ],
)
def test_filters_are_cumulative_and_the_same_for_places(several, asked, found):
    assert set(names(query("/services", **asked))) == found
    places = contents(query("/service_at_locations", **asked))
    assert {one["service"]["name"] for one in places} == found


def near(postcode, metres):
    path = query("/service_at_locations", postcode=postcode, proximity=metres)
    return told(path)


def test_places_near_a_postcode_come_nearest_first(several):
    """The clinic is a hundredth of a degree, or 1,001 metres, north of the club."""
    answer = near("sy11aa", 1100)

    found = [one["service"]["name"] for one in answer["contents"]]
    assert found == ["Club", "Clinic"]
    assert answer["total_items"] == 2
    assert answer["x_postcode"] == {
        "found_by": "postcode",
        "latitude": 52.70778,
        "longitude": -2.75401,
    }
    found = [one["service"]["name"] for one in near("SY1 2BB", 1100)["contents"]]
    assert found == ["Clinic", "Club"]


@pytest.mark.parametrize(("metres", "count"), [("0", 1), ("1000", 1), ("1001.5", 2)])
def test_proximity_is_in_metres(several, metres, count):
    assert near("SY1 1AA", metres)["total_items"] == count


def test_an_unknown_postcode_is_placed_by_its_outward_code_and_says_so(several):
    for postcode in ("SY1 9ZZ", "SY1"):
        answer = near(postcode, 600)

        assert answer["x_postcode"]["found_by"] == "outward code"
        assert answer["x_postcode"]["latitude"] == 52.71228
        assert answer["total_items"] == 2


def test_a_postcode_where_nothing_is_on_the_map_is_refused(several):
    for postcode in ("TF1 1AA", "B1 1AA"):
        path = query("/service_at_locations", postcode=postcode, proximity=500)
        members = problem(get(path), 400, "postcode_unknown")
        assert members["parameter"] == "postcode"


@pytest.mark.parametrize(
    ("asked", "name"),
    [({"postcode": "SY1 1AA"}, "postcode"), ({"proximity": "100"}, "proximity")],
)
def test_postcode_and_proximity_go_together(several, asked, name):
    path = query("/service_at_locations", **asked)

    assert problem(get(path), 400, "invalid_parameter")["parameter"] == name


# Pages


def test_the_envelope_says_where_a_page_is(many):
    first = told("/services?per_page=6")
    last = told("/services?per_page=6&page=3")
    beyond = told("/services?per_page=6&page=9999999")

    def told_of(page):
        return {name: value for name, value in page.items() if name != "contents"}

    assert told_of(first) == {
        "total_items": 15,
        "total_pages": 3,
        "page_number": 1,
        "size": 6,
        "first_page": True,
        "last_page": False,
        "empty": False,
    }
    assert (last["size"], last["last_page"], last["first_page"]) == (3, True, False)
    assert (beyond["empty"], beyond["contents"], beyond["size"]) == (True, [], 0)
    assert beyond["last_page"]


@pytest.mark.parametrize("path", ["/services", "/service_at_locations"])
def test_an_empty_list_is_one_empty_page(db, path):
    assert told(path) == {
        "total_items": 0,
        "total_pages": 0,
        "page_number": 1,
        "size": 0,
        "first_page": True,
        "last_page": True,
        "empty": True,
        "contents": [],
    }


@pytest.mark.parametrize(
    ("path", "queries"),
    [
        ("", 1),
        ("/services", 3),
        ("/services?search=service&day=MO&taxonomy_id=" + UNKNOWN, 3),
        ("/service_at_locations", 3),
        ("/service_at_locations?postcode=SY1+1AA&proximity=500", 4),
        ("/taxonomies", 2),
        ("/taxonomy_terms", 2),
    ],
)
@pytest.mark.parametrize("count", [1, 9])
def test_a_list_takes_so_many_queries_however_long_it_is(
    world, django_assert_num_queries, path, queries, count
):
    for number in range(count):
        release_facts(
            world,
            f"Service {number}",
            places=[place("SY1 1AA", "52.70778", "-2.75401"), place()],
            terms=[{"scheme": "need", "code": f"c{number}", "name": "Need"}],
        )

    with django_assert_num_queries(queries):
        assert get(path).status_code == 200


def test_one_takes_so_many_queries_however_much_it_tells(
    service, django_assert_num_queries
):
    (at, _) = contents("/service_at_locations")
    path = f"/services/{service.item.content_id}"

    with django_assert_num_queries(3):
        told(path)
    with django_assert_num_queries(2):
        told(f"/service_at_locations/{at['id']}")


# HTTP


@pytest.mark.parametrize("path", EVERY_ADDRESS)
@pytest.mark.parametrize("method", ["get", "head", "options", "post", "delete"])
def test_every_answer_may_be_read_in_any_browser(db, path, method):
    answer = getattr(Client(), method)(
        ROOT + path, headers={"origin": "https://school.example"}
    )

    assert answer["Access-Control-Allow-Origin"] == "*"
    assert "Location" not in answer
    assert not answer.cookies
    assert "Cookie" not in answer.get("Vary", "")
    assert answer.status_code < 500


@pytest.mark.parametrize("path", ["", *LISTS])
def test_a_slash_at_the_end_changes_nothing(service, path):
    with_slash = get(f"{path}/")

    assert with_slash.status_code == 200
    assert with_slash.content == get(path).content


def test_ids_are_read_with_a_slash_and_in_capitals_too(service):
    uuid = str(service.item.content_id)
    (at, _) = contents("/service_at_locations")
    term = contents("/taxonomy_terms")[0]

    for path in (
        f"/services/{uuid}",
        f"/service_at_locations/{at['id']}",
        f"/taxonomy_terms/{term['id']}",
        f"/taxonomies/{term['taxonomy_id']}",
    ):
        body = get(path).content
        kind, _, one = path.rpartition("/")
        assert get(f"{path}/").content == body
        assert get(f"{kind}/{one.upper()}").content == body


def test_whoever_holds_the_answer_gets_304(service):
    uuid = service.item.content_id
    for path in ("", *LISTS, f"/services/{uuid}"):
        answer = get(path)
        again = get(path, headers={"if-none-match": answer["ETag"]})

        assert again.status_code == 304
        assert again.content == b""
        assert again["Cache-Control"] == answer["Cache-Control"] == "public, max-age=60"
        assert not answer["ETag"].startswith("W/")
        assert "oruk" in answer["Cache-Tag"].split(",")
    assert f"item-{uuid}" in get(f"/services/{uuid}")["Cache-Tag"].split(",")
    (at, _) = contents("/service_at_locations")
    tags = get(f"/service_at_locations/{at['id']}")["Cache-Tag"].split(",")
    assert f"item-{uuid}" in tags


def test_head_says_what_get_says_without_a_body(service):
    answer, head = get("/services"), Client().head(f"{ROOT}/services")

    assert head.content == b""
    for name in ("ETag", "Cache-Control", "Content-Type"):
        assert head[name] == answer[name]


def problem(answer, status, code):
    """Check the form that every error has; gives its members."""
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    assert answer["Access-Control-Allow-Origin"] == "*"
    members = answer.json()
    assert members["code"] == code
    assert members["status"] == status
    assert members["title"]
    assert members["detail"]
    return members


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("?page=1", "page"),
        ("/services?knd=1", "knd"),
        ("/services?postcode=SY1+1AA", "postcode"),
        ("/services?proximity=5", "proximity"),
        ("/taxonomies?search=x", "search"),
        (f"/services/{UNKNOWN}?page=1", "page"),
        (f"/taxonomy_terms/{UNKNOWN}?page=1", "page"),
    ],
)
def test_an_unknown_parameter_is_refused_and_named(
    db, django_assert_num_queries, path, name
):
    with django_assert_num_queries(0):
        answer = get(path)

    assert problem(answer, 400, "unknown_parameter")["parameter"] == name


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("page", "0"),
        ("page", "-1"),
        ("page", "1.5"),
        ("page", "٣"),
        ("page", "99999999"),
        ("per_page", "0"),
        ("per_page", "101"),
        ("per_page", "9" * 400),
        ("search", ""),
        ("search", " "),
        ("search", "%-"),
        ("search", "a\0b"),
        ("search", " ".join(map(str, range(13)))),
        ("search", "a" * 513),
        ("taxonomy_term_id", "autism"),
        ("taxonomy_id", "1"),
        ("minimum_age", "five"),
        ("minimum_age", "-1"),
        ("minimum_age", "NaN"),
        ("maximum_age", "1e3"),
        ("start_time", "25:00"),
        ("start_time", "9am"),
        ("end_time", "12:60"),
        ("day", "1"),
        ("day", "MON"),
        ("modified_after", "yesterday"),
        ("modified_after", "2026-02-30"),
        ("modified_after", "2026-11-22T09:30:00 01:00"),
        ("modified_after", "0001-01-01T00:00:00+23:59"),
        ("postcode", "Shrewsbury"),
        ("postcode", "SY1 1AAA"),
        ("proximity", "near"),
        ("proximity", "-5"),
        ("proximity", "1000000"),
        ("proximity", "inf"),
    ],
)
def test_a_value_that_cannot_be_meant_is_refused(db, name, value):
    other = {"postcode": "proximity", "proximity": "postcode"}.get(name)
    more = {other: "100" if other == "proximity" else "SY1 1AA"} if other else {}
    path = query("/service_at_locations", **{name: value}, **more)

    assert problem(get(path), 400, "invalid_parameter")["parameter"] == name


def test_a_repeated_parameter_is_refused(db):
    answer = get("/services?page=1&page=2")

    assert problem(answer, 400, "repeated_parameter")["parameter"] == "page"


def test_very_long_names_and_thousands_of_them_are_refused(db):
    long = get(f"/services?{'x' * 5000}=1")
    assert problem(long, 400, "unknown_parameter")["parameter"] == "x" * 60
    assert len(long.content) < 2000
    problem(get("/services?" + "a=1&" * 1001), 400, "bad_request")


@pytest.mark.parametrize(
    "path",
    ["/nope", "/services/nope", f"/services/{UNKNOWN}/more", "//", "/organizations"],
)
def test_an_unknown_address_is_a_problem(db, path):
    problem(get(path), 404, "not_found")
    problem(Client().post(ROOT + path), 404, "not_found")


def test_a_name_that_only_begins_like_ours_is_a_problem_as_well(db):
    problem(get("x"), 404, "not_found")


@pytest.mark.parametrize("path", LISTS)
def test_what_never_was_is_not_found(db, path):
    problem(get(f"{path}/{UNKNOWN}"), 404, "not_found")


def test_everything_is_read_only(db):
    answer = Client().post(f"{ROOT}/services")

    problem(answer, 405, "method_not_allowed")
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        (OperationalError("canceling statement at 10.0.0.1"), 503, "try_later"),
        (RuntimeError("a mistake at 10.0.0.1"), 500, "server_error"),
    ],
)
def test_a_fault_of_ours_tells_nothing_and_is_reported(
    db, monkeypatch, settings, fault, status, code
):
    def fail():
        raise fault

    monkeypatch.setattr("syndication.directory.terms", fail)

    answer = Client(raise_request_exception=False).get(f"{ROOT}/taxonomies")

    problem(answer, status, code)
    assert b"10.0.0.1" not in answer.content
    assert answer["Cache-Control"] == "no-store"
    assert ("Retry-After" in answer) is (status == 503)
    with pytest.raises(type(fault)):
        get("/taxonomies")
    settings.DEBUG = True
    answer = Client(raise_request_exception=False).get(f"{ROOT}/taxonomies")
    assert type(fault).__name__.encode() in answer.content


ANYTHING = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
KNOWN = st.sampled_from([*pages.PARAMETERS, *filters.OF_LOCATIONS])


@effort(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(asked=st.dictionaries(KNOWN, ANYTHING, max_size=4))
def test_whatever_is_asked_is_answered_or_refused(several, asked):
    answer = get(query("/service_at_locations", **asked))

    assert answer.status_code in (200, 400)
    assert answer["Access-Control-Allow-Origin"] == "*"


# No form lets NUL in, and PostgreSQL keeps none.
WORDS_OF_A_PAGE = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40
)
OF_A_PLACE = {
    "name", "street", "town", "county", "postcode", "latitude", "longitude", "access",
    "area",
}  # fmt: skip
FACTS = st.fixed_dictionaries(
    {},
    optional={
        "summary": WORDS_OF_A_PAGE,
        "closure": WORDS_OF_A_PAGE,
        "audience": WORDS_OF_A_PAGE,
        "eligibility": WORDS_OF_A_PAGE,
        "communication": WORDS_OF_A_PAGE,
        "decisions": WORDS_OF_A_PAGE,
        "provider": st.dictionaries(
            st.sampled_from(["name", "website"]), WORDS_OF_A_PAGE
        ),
        "contact": st.dictionaries(
            st.sampled_from(["team", "phone", "email", "hours", "website"]),
            WORDS_OF_A_PAGE,
        ),
        "cost": st.dictionaries(st.sampled_from(["details", "help"]), WORDS_OF_A_PAGE),
        "places": st.lists(
            st.dictionaries(
                st.sampled_from(sorted(OF_A_PLACE)),
                WORDS_OF_A_PAGE,
            ),
            max_size=3,
        ),
        "languages": st.lists(WORDS_OF_A_PAGE, max_size=3),
    },
)


@needs_schemas
@effort(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    deadline=None,
    max_examples=25,
)
@given(facts=FACTS)
def test_whatever_a_page_says_its_service_keeps_to_the_schemas(world, facts):
    made = release_facts(world, content_id=uuid4(), **facts)

    conform("/services/{id}", of(made))
    for one in contents("/service_at_locations"):
        conform(
            "/service_at_locations/{id}", told(f"/service_at_locations/{one['id']}")
        )
    conform("/services", told("/services"))
