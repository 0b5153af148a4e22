"""Managers look after partners; a key is shown once and never again."""

import re

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.urls import reverse

from cms.models import AuditEntry
from syndication.partners import keys, managers
from syndication.partners.models import ApiKey, Partner

from .partners import ask, make_key, make_partner

TOKEN = re.compile("countersign_[0-9A-Za-z]{33}")
NEW = {
    "name": "Example School",
    "kind": "school",
    "website": "https://school.example",
    "removals": "web.team@example.org",
    "technical": "",
    "office": "",
}


def url(name, *args):
    return reverse(f"countersign_partners:{name}", args=args)


@pytest.fixture
def manager(world, client_of):
    """A browser of somebody in the group of those who look after partners."""
    world.editor.groups.set([managers.install()])
    return client_of(world.editor)


def key_form(**fields):
    return {
        "name": "Nightly",
        "scopes": ["read", "acknowledge"],
        "last_day": "2027-06-01",
    } | fields


def made_key(manager, partner):
    """Make a key on screen; gives what the screen shows."""
    answer = manager.post(url("make_key", partner.pk), key_form())
    assert answer.status_code == 200
    return answer


def test_a_manager_adds_a_partner(manager, world):
    answer = manager.post(url("add"), NEW | {"areas": [world.shropshire.pk]})

    partner = Partner.objects.get()
    assert answer.url == url("partner", partner.pk)
    assert list(partner.areas.all()) == [world.shropshire]
    assert partner.contacts.get().email == "web.team@example.org"
    assert AuditEntry.objects.filter(action="partners.add").exists()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": ""}, "Write the name of the organisation."),
        ({"kind": ""}, "Choose what it is."),
        ({"removals": ""}, "Write the mailbox of those who take content down."),
        ({"removals": "nobody"}, "Write an address such as web.team@example.org."),
        ({"website": "school"}, "Write the whole address"),
        ({"website": "ftp://school.example"}, "Write the whole address"),
        ({"name": "Taken"}, "There is a partner of this name already."),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_stored(manager, fields, said):
    make_partner("Taken")

    answer = manager.post(url("add"), NEW | fields)

    assert answer.status_code == 400
    assert said in answer.content.decode()
    assert Partner.objects.count() == 1


def test_a_person_s_mailbox_is_pointed_out(manager):
    answer = manager.post(
        url("add"), NEW | {"removals": "jo.bloggs@example.org"}, follow=True
    )

    assert "looks like one person’s mailbox" in answer.content.decode()


def test_a_manager_changes_a_partner(manager):
    partner = make_partner()
    manager.post(url("edit", partner.pk), NEW | {"technical": "it.team@example.org"})
    manager.post(url("edit", partner.pk), NEW | {"name": "New name"})

    partner.refresh_from_db()
    assert partner.name == "New name"
    assert [one.role for one in partner.contacts.all()] == ["removals"]
    assert 'value="web.team@example.org"' in (
        manager.get(url("edit", partner.pk)).content.decode()
    )


def test_a_key_is_shown_once_and_works(manager):
    partner = make_partner()

    answer = made_key(manager, partner)

    (token,) = set(TOKEN.findall(answer.content.decode()))
    assert "no-store" in answer["Cache-Control"]
    assert ask(token).json()["key"]["name"] == "Nightly"
    for name, *args in (("index",), ("partner", partner.pk), ("make_key", partner.pk)):
        page = manager.get(url(name, *args)).content.decode()
        assert token not in page
        assert not TOKEN.search(page)


def test_a_key_works_to_the_end_of_its_last_day(manager):
    made_key(manager, make_partner())

    end = ApiKey.objects.get().expires_at

    assert end.isoformat().startswith("2027-06-01T22:59:59")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": ""}, "Write what the key is for."),
        ({"scopes": []}, "Choose at least one."),
        ({"last_day": ""}, "Write the last day on which it works."),
        ({"last_day": "2020-01-01"}, "Choose a day from today"),
        ({"last_day": "2040-01-01"}, "Choose a day from today"),
    ],
)
def test_a_key_that_is_not_described_is_not_made(manager, fields, said):
    partner = make_partner()

    answer = manager.post(url("make_key", partner.pk), key_form(**fields))

    assert answer.status_code == 400
    assert said in answer.content.decode()
    assert not ApiKey.objects.exists()


def test_a_third_key_is_refused_on_screen(manager):
    partner = make_partner()
    made_key(manager, partner)
    made_key(manager, partner)

    answer = manager.post(url("make_key", partner.pk), key_form())

    assert answer.status_code == 409
    assert "Revoke one of them first. No key was made." in answer.content.decode()
    assert (
        "Make a key</a>" not in manager.get(url("partner", partner.pk)).content.decode()
    )


def test_a_manager_revokes_a_key_at_once(manager, world):
    partner = make_partner()
    key, token = make_key(partner)
    assert ask(token).status_code == 200
    assert manager.get(url("revoke", partner.pk, key.pk)).status_code == 200
    assert ask(token).status_code == 200

    manager.post(url("revoke", partner.pk, key.pk))

    assert ask(token).json()["code"] == "key_revoked"
    entry = AuditEntry.objects.get(action="partners.revoke_key")
    assert entry.actor == f"editor ({world.editor.pk})"
    page = manager.get(url("revoke", partner.pk, key.pk)).content.decode()
    assert "Nothing is left to do." in page


def test_a_key_of_another_partner_is_not_found_below_this_one(manager):
    key, _ = make_key(make_partner())
    other = make_partner("Other")

    assert manager.post(url("revoke", other.pk, key.pk)).status_code == 404
    key.refresh_from_db()
    assert key.is_live


def test_ending_a_partner_ends_its_keys(manager):
    partner = make_partner()
    _, token = make_key(partner)

    manager.post(url("end", partner.pk))

    assert ask(token).json()["code"] == "key_revoked"
    page = manager.get(url("partner", partner.pk)).content.decode()
    assert "No partner since" in page
    assert "Make a key</a>" not in page
    refused = manager.post(url("make_key", partner.pk), key_form())
    assert "is no partner any more. No key was made." in refused.content.decode()


def test_a_leaked_key_is_pointed_out(manager):
    partner = make_partner()
    _, token = make_key(partner)

    ask(None, f"me?key={token}")

    page = manager.get(url("partner", partner.pk)).content.decode()
    assert "Leaked on" in page
    assert "Make another key, then revoke this one." in page


def test_the_lists_ask_the_database_as_often_for_more(
    manager, django_assert_max_num_queries, world
):
    def queries(address):
        with django_assert_max_num_queries(100) as captured:
            manager.get(address)
        return len(captured)

    first = make_partner(areas=[world.shropshire])
    make_key(first)
    few = [queries(url("index")) for _ in range(2)][1]
    one = [queries(url("partner", first.pk)) for _ in range(2)][1]
    for number in range(3):
        make_key(make_partner(f"More {number}", areas=[world.shropshire]))
    make_key(first)

    assert queries(url("index")) == few
    assert queries(url("partner", first.pk)) == one


def test_setting_up_makes_the_group(world):
    Group.objects.filter(name=managers.GROUP).delete()

    call_command("setup_site")

    world.pat.groups.add(Group.objects.get(name=managers.GROUP))
    assert managers.may_manage(type(world.pat).objects.get(pk=world.pat.pk))


def test_the_menu_shows_partners_to_managers_only(manager, world, client_of):
    address = f'"{url("index")}"'

    assert address in manager.get("/admin/").content.decode()
    assert address not in client_of(world.pat).get("/admin/").content.decode()


@pytest.mark.parametrize("name", ["partner", "edit", "end", "make_key"])
def test_a_partner_that_is_none_is_not_found(manager, name):
    assert manager.get(url(name, 4711)).status_code == 404


def test_no_key_is_made_by_looking(manager):
    partner = make_partner()
    key, _ = make_key(partner)

    for name, *args in (
        ("make_key", partner.pk),
        ("revoke", partner.pk, key.pk),
        ("end", partner.pk),
    ):
        assert manager.get(url(name, *args)).status_code == 200

    assert ApiKey.objects.get().is_live
    assert keys.MOST_LIVE == 2
