"""Somebody's own choices, by the link in each mail: to change, to take along, to delete."""
# The fixtures of the newsletter are imported, and then named as parameters.

import json
import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from cms.ledger import printable
from cms.models import Area, Forum
from syndication.newsletters import (
    askings,
    bounces,
    claims,
    links,
    mailings,
    notes,
    people,
    sending,
    subscriptions,
    suppressions,
    sweep,
    wordings,
)
from syndication.newsletters.models import (
    Asking,
    Delivery,
    Mailing,
    Note,
    Subscriber,
    Subscription,
    Suppression,
)

from .newsletter import link_in, parts_of, shift


@pytest.fixture
def agreed(world, ask):
    """A subscription to the wording of today, asked for and confirmed on our pages."""

    def agreed(address="parent@example.org", **fields):
        ask(address, **fields)
        subscription = Subscription.objects.pending().get(subscriber__email=address)
        Client().post(urlsplit(links.to_confirm(subscription)).path)
        Note.objects.filter(subscription=subscription).delete()
        subscription.refresh_from_db()
        return subscription

    return agreed


def path_of(subscription, page=""):
    return urlsplit(links.to_preferences(subscription)).path + page


def save(subscription, **fields):
    values = {"frequency": "weekly", "areas": ["shropshire"]} | fields
    client = Client(enforce_csrf_checks=True)
    return client.post(path_of(subscription), values)


def everything_stored():
    """All rows of every table but those of the framework's own tasks."""
    return {
        model._meta.label: list(model._default_manager.order_by("pk").values())
        for model in apps.get_models()
        if model._meta.managed and not model._meta.proxy
    }


# Looking


def test_the_page_shows_what_somebody_chose_and_not_whole_whose_it_is(agreed):
    subscription = agreed(areas=["shropshire"], frequency="monthly", kinds=["news"])

    answer = Client().get(path_of(subscription))

    page = answer.content.decode()
    assert "p…@example.org" in page
    assert "parent@example.org" not in page
    assert checked(page) == {"frequency-monthly", "areas-shropshire", "kinds-news"}
    assert answer.cookies == {}
    assert "no-store" in answer["Cache-Control"]
    assert answer["Referrer-Policy"] == "no-referrer"
    assert answer["X-Robots-Tag"] == "noindex"


def checked(page):
    return set(re.findall(r'id="([\w-]+)" name="\w+" value="[\w-]+" checked', page))


def test_the_link_never_runs_out_and_an_old_one_shows_what_holds_now(
    agreed, time_machine
):
    old = agreed(areas=["shropshire"])
    agreed(areas=["telford-and-wrekin"])
    time_machine.move_to(timezone.now() + timedelta(days=3650))

    page = Client().get(path_of(old)).content.decode()

    assert checked(page) == {"frequency-weekly", "areas-telford-and-wrekin"}


def test_an_area_that_was_renamed_is_still_chosen(agreed, world):
    subscription = agreed(areas=["shropshire"])
    world.shropshire.slug = "the-marches"
    world.shropshire.save()

    page = Client().get(path_of(subscription)).content.decode()

    assert checked(page) == {"frequency-weekly", "areas-the-marches"}


@pytest.mark.parametrize("page", ["", "address/", "delete/", "stored.json"])
@pytest.mark.parametrize("token", ["x", "made.up.token", "0" * 32])
def test_a_link_made_up_opens_nothing(world, page, token):
    for method in ("get", "post"):
        answer = getattr(Client(), method)(f"/newsletter/preferences/{token}/{page}")
        assert answer.status_code in (404, 405)


def test_who_left_finds_no_choices_but_may_still_be_forgotten(agreed):
    subscription = agreed()
    subscriptions.end(key=subscription.key, reason="unsubscribed")

    for page in ("", "address/"):
        answer = Client().get(path_of(subscription, page))
        assert answer.status_code == 410
        assert "You do not get the newsletter" in answer.content.decode()
    assert save(subscription).status_code == 410
    assert not Subscription.objects.active().exists()

    assert Client().get(path_of(subscription, "stored.json")).status_code == 200
    assert (
        "It is deleted"
        in Client().post(path_of(subscription, "delete/")).content.decode()
    )
    assert Client().get(path_of(subscription)).status_code == 410


def test_a_scanner_that_opens_every_link_of_every_mail_changes_nothing(
    agreed, ask, subscribe, send_issue, mail_server
):
    subscription = agreed()
    notes.queue_link(subscription=subscription)
    moved = agreed("moved@example.org")
    subscriptions.request_move(key=moved.key, email="new@example.org")
    send_issue()
    notes.queue_moved(subscription=moved)
    ask("asked@example.org")
    sending.send_due()
    paths = {
        urlsplit(address).path
        for message in mail_server.messages
        for part in parts_of(message)
        for address in re.findall(r'https://localoffer\.example[^\s"<>]*', part)
    }
    own = path_of(subscription)
    paths |= {own, *(own + page for page in ("address/", "delete/", "stored.json"))}
    assert {path.split("/")[2] for path in paths if "/newsletter/" in path} >= {
        "confirm", "preferences", "unsubscribe", "",
    }  # fmt: skip
    before = everything_stored()

    for _ in range(10):
        for path in paths:
            for method in ("get", "head", "options"):
                client = Client(
                    enforce_csrf_checks=True, headers={"purpose": "prefetch"}
                )
                answer = getattr(client, method)(path)
                assert answer.cookies == {}

    assert everything_stored() == before


# Changing


def test_what_somebody_changes_holds_at_once_and_is_confirmed_on_the_page(agreed):
    subscription = agreed(areas=["shropshire"])

    answer = save(
        subscription,
        frequency="at_once",
        areas=["shropshire", "telford-and-wrekin"],
        kinds=["local-offer"],
    )

    page = answer.content.decode()
    assert answer.status_code == 200
    assert "Saved." in page
    assert checked(page) == {
        "frequency-at_once",
        "areas-shropshire",
        "areas-telford-and-wrekin",
        "kinds-local-offer",
    }
    subscription.refresh_from_db()
    assert subscription.is_active
    assert subscription.frequency == "at_once"
    assert subscription.changed_at
    assert Subscription.objects.count() == 1


def test_saving_what_was_there_is_no_change(agreed):
    subscription = agreed(areas=["shropshire"])

    save(subscription)

    subscription.refresh_from_db()
    assert subscription.changed_at is None


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"areas": []}, "Choose at least one area"),
        ({"frequency": ""}, "Choose how often"),
        ({"areas": ["atlantis"]}, "Select a valid choice"),
        ({"agree": "yes", "wording": "0123"}, "wording has just been changed"),
    ],
)
def test_a_mistake_is_explained_and_nothing_changes(agreed, world, fields, message):
    subscription = agreed(areas=["shropshire"])
    world.pods.name = "Parents Opening More Doors"
    world.pods.save()
    before = everything_stored()

    answer = save(subscription, **fields)

    assert answer.status_code == 400
    assert answer.content.decode().count(message) == 2
    assert everything_stored() == before


def new_area(name="Powys"):
    group = Forum.objects.first().group.__class__.objects.create(name=name)
    forum = Forum.objects.create(
        name=f"Carers of {name}", short_name=name, slug=name.lower(), group=group
    )
    area = Area.objects.create(name=name, slug=name.lower())
    area.forums.add(forum)
    return area


def test_an_area_whose_forum_was_not_named_needs_agreement_to_the_new_words(agreed):
    subscription = agreed(areas=["shropshire"])
    first = subscription.wording
    new_area()
    page = Client().get(path_of(subscription)).content.decode()
    assert "Who stands behind it has changed" in page
    assert "areas-powys" not in checked(page)

    refused = save(subscription, areas=["shropshire", "powys"])
    assert refused.status_code == 400
    assert "You have not agreed yet to mail that Carers of Powys signs" in (
        refused.content.decode()
    )
    # Everything else goes on without a word.
    assert save(subscription, frequency="monthly").status_code == 200

    agreed_now = save(
        subscription,
        areas=["shropshire", "powys"],
        agree="yes",
        wording=wordings.current().mark,
    )

    assert agreed_now.status_code == 200
    subscription.refresh_from_db()
    assert subscription.ended_reason == "replaced"
    assert subscription.wording == first
    (active,) = Subscription.objects.active()
    assert "Carers of Powys" in active.wording.text
    assert active.chosen()["area"] == ["powys", "shropshire"]
    assert active.source == "preferences"
    assert "Who stands behind it" not in agreed_now.content.decode()


def test_who_leaves_in_another_window_stays_out(agreed, monkeypatch):
    subscription = agreed(areas=["shropshire"])
    monkeypatch.setattr(subscriptions, "change", lambda **more: None)

    assert save(subscription).status_code == 410
    monkeypatch.undo()
    subscriptions.end(key=subscription.key, reason="unsubscribed")
    assert (
        subscriptions.change(key=subscription.key, frequency="weekly", choices={})
        is None
    )


# Another address


def test_the_newsletter_goes_to_another_address_once_that_mailbox_agrees(
    agreed, mail_server
):
    old = agreed("old@example.org", areas=["shropshire"], frequency="monthly")
    client = Client(enforce_csrf_checks=True)

    asked = client.post(path_of(old, "address/"), {"email": " New@Example.org "})
    askings.take_up()
    sending.send_due()

    assert "look in the new inbox" in asked.content.decode()
    (message,) = mail_server.messages
    assert message["To"] == "new@example.org"
    assert "instead of another one" in " ".join(parts_of(message)[0].split())
    old.refresh_from_db()
    assert old.is_active

    client.post(link_in(parts_of(message)[0], "confirm"))
    sending.send_due()

    old.refresh_from_db()
    assert old.ended_reason == "moved"
    (active,) = Subscription.objects.active()
    assert active.subscriber.email == "new@example.org"
    assert active.frequency == "monthly"
    assert active.chosen()["area"] == ["shropshire"]
    assert active.wording == old.wording
    _, told = mail_server.messages
    assert told["To"] == "old@example.org"
    assert "new@example.org" not in str(told)


def test_who_left_does_not_get_it_at_the_other_address_either(agreed):
    old = agreed("old@example.org")
    moving = subscriptions.request_move(key=old.key, email="new@example.org")

    subscriptions.end(key=old.key, reason="unsubscribed")

    assert not subscriptions.confirm(key=moving.key)
    assert not Subscription.objects.active().exists()
    assert subscriptions.request_move(key=old.key, email="new@example.org") is None


def test_moving_to_where_it_goes_already_asks_nobody(agreed):
    old = agreed("old@example.org")

    Client().post(path_of(old, "address/"), {"email": "OLD@example.org"})
    askings.take_up()

    assert not Note.objects.exists()


def test_two_who_move_to_each_other_both_arrive(agreed):
    one, two = agreed("one@example.org"), agreed("two@example.org")
    first = subscriptions.request_move(key=one.key, email="two@example.org")

    subscriptions.confirm(key=first.key)

    (active,) = Subscription.objects.active()
    assert active.subscriber.email == "two@example.org"
    two.refresh_from_db()
    assert two.ended_reason == "replaced"


def test_asking_anew_oneself_forgets_that_it_was_a_move(agreed, ask):
    old = agreed("old@example.org")
    subscriptions.request_move(key=old.key, email="new@example.org")

    ask("new@example.org")

    assert Subscription.objects.pending().get().instead_of is None


@pytest.mark.parametrize("fields", [{"email": "x"}, {"email": ""}])
def test_a_wrong_new_address_is_explained(agreed, fields):
    answer = Client().post(path_of(agreed(), "address/"), fields)

    assert answer.status_code == 400
    assert not Asking.objects.exists()


def test_a_program_that_fills_in_everything_moves_nothing(agreed):
    path = path_of(agreed(), "address/")

    answer = Client().post(
        path, {"email": "x@example.org", "website": "https://x.example"}
    )

    assert "look in the new inbox" in answer.content.decode()
    assert not Asking.objects.exists()


def test_nobody_has_many_mailboxes_asked(agreed):
    subscription = agreed()

    answers = [
        Client().post(path_of(subscription, "address/"), {"email": f"{n}@example.org"})
        for n in range(5)
    ]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]


# Taking along, and being forgotten


def test_what_is_stored_can_be_taken_along_without_the_whole_address(
    agreed, send_issue, mail_server
):
    subscription = agreed(areas=["shropshire"], stages=[])
    send_issue(title="Short breaks")
    sending.send_due()

    answer = Client().get(path_of(subscription, "stored.json"))

    assert answer["Content-Type"] == "application/json"
    assert "attachment" in answer["Content-Disposition"]
    assert "parent@example.org" not in answer.content.decode()
    told = json.loads(answer.content)
    (one,) = told["subscriptions"]
    assert one["lawful_basis"] == "consent"
    assert one["agreed_to"] == subscription.wording.text
    assert one["choices"] == {
        "area": ["shropshire"], "kind": "all", "age stage": "all",
    }  # fmt: skip
    assert one["asked_for_at"] == "website"
    assert one["confirmed"]
    (mail,) = told["mails"]
    assert mail["outcome"] == "accepted by the mail server"


def test_who_asks_to_be_forgotten_is_gone_from_every_table(
    agreed, send_issue, mail_server
):
    subscription = agreed("parent@example.org", areas=["shropshire"])
    path = path_of(subscription, "delete/")
    leave = urlsplit(links.to_unsubscribe(subscription)).path
    send_issue()
    sending.send_due()
    subscriptions.request_move(key=subscription.key, email="new@example.org")
    notes.queue_link(subscription=subscription)
    shift(Note.objects.all(), last_error="550 <parent@example.org> unknown")
    askings.ask_for_link(email="parent@example.org")
    subscriptions.request(
        email="parent@example.org", choices={}, wording="Yes", source="test"
    )
    client = Client(enforce_csrf_checks=True)
    assert "cannot be undone" in client.get(path).content.decode()
    assert Subscriber.objects.filter(email="parent@example.org").exists()

    assert "It is deleted" in client.post(path).content.decode()

    assert "parent@example.org" not in dump()
    assert str(subscription.key) not in dump()
    assert subscription.key.hex not in dump()
    (kept,) = Subscription.objects.exclude(confirmed_at=None)
    assert kept.ended_reason == "forgotten"
    assert kept.chosen() == {"area": [], "kind": [], "stage": []}
    assert str(kept.subscriber) == "somebody who was forgotten"
    # The issue still knows that it was sent to one person.
    assert Delivery.objects.filter(state="accepted").count() == 1
    # Links of old mails do nothing, and do not fail.
    assert client.get(path).status_code == 410
    assert client.post(leave).status_code == 200
    sent = len(mail_server.messages)
    askings.take_up()
    sending.send_due()
    assert len(mail_server.messages) == sent


def dump():
    """All values of all tables, as text."""
    return str(everything_stored())


@pytest.fixture
def moved(agreed):
    """Somebody who moved from one to two and on to three; gives the first and last."""

    def moved():
        first = last = agreed("one@example.org", areas=["shropshire"])
        for address in ("two@example.org", "three@example.org"):
            last = subscriptions.request_move(key=last.key, email=address)
            subscriptions.confirm(key=last.key)
        agreed("stranger@example.org")
        return first, last

    return moved


@pytest.mark.parametrize("asked_by", ["their first address", "their last address"])
def test_who_moved_is_forgotten_at_every_address(moved, asked_by):
    first, last = moved()
    path = path_of(first if "first" in asked_by else last, "delete/")
    asked = Client().get(path).content.decode()
    assert "every address that you moved the newsletter from or to" in asked

    Client().post(path)

    for address in ("one@", "two@", "three@"):
        assert address not in dump()
    assert "stranger@example.org" in dump()
    (active,) = Subscription.objects.active()
    assert active.subscriber.email == "stranger@example.org"
    assert Suppression.objects.filter(reason="forgotten").count() == 3


def test_who_never_moved_is_not_told_of_other_addresses(agreed):
    asked = Client().get(path_of(agreed(), "delete/")).content.decode()

    assert "from or to" not in asked


def test_a_move_that_nobody_confirmed_forgets_nobody_else(agreed):
    one = agreed("one@example.org")
    agreed("two@example.org")
    subscriptions.request_move(key=one.key, email="two@example.org")

    people.forget(one.subscriber)

    assert "two@example.org" in dump()
    assert Subscription.objects.active().count() == 1


def test_an_operator_exports_and_erases_somebody_at_every_address(moved, capsys):
    moved()

    told = json.loads(run("--export", "two@example.org", capsys=capsys))
    assert told["address"] == "two@example.org"
    assert {one["address"] for one in told["at_other_addresses"]} == {
        "one@example.org",
        "three@example.org",
    }
    erased = run("--erase", "one@example.org", capsys=capsys)

    assert "3 subscriptions and 3 addresses" in erased
    assert "one@" not in dump()
    assert "three@" not in dump()


def test_by_a_link_one_takes_along_what_one_moved_from_and_not_what_came_after(moved):
    first, last = moved()

    by_last = json.loads(Client().get(path_of(last, "stored.json")).content)
    by_first = json.loads(Client().get(path_of(first, "stored.json")).content)

    assert [one["address"] for one in by_last["at_other_addresses"]] == [
        "t…@example.org",
        "o…@example.org",
    ]
    # Whoever reads the old mailbox now shall not learn what came after.
    assert by_first["at_other_addresses"] == []


def test_an_address_left_long_ago_is_forgotten_and_the_new_one_stays(moved):
    first, last = moved()
    long_ago = timezone.now() - timedelta(days=366)
    shift(Subscription.objects.filter(pk=first.pk), ended_at=long_ago)

    sweep.sweep()

    assert "one@example.org" not in dump()
    assert "two@example.org" in dump()
    last.refresh_from_db()
    assert last.is_active


def test_a_restored_backup_keeps_who_moved(moved, capsys, tmp_path):
    _, last = moved()
    file = tmp_path / "marks.txt"
    file.write_text(run("--marks", capsys=capsys))

    run("--apply-marks", str(file), capsys=capsys)

    assert "one@example.org" not in dump()
    last.refresh_from_db()
    assert last.is_active


def test_a_mark_is_kept_so_that_no_list_brings_them_back(agreed):
    people.forget(agreed("parent@example.org").subscriber)

    mark = Suppression.objects.get()
    assert mark.mark == suppressions.mark_of("parent@example.org")
    assert mark.reason == "forgotten"
    assert str(mark).startswith("asked to be forgotten, since 20")


def test_forgetting_twice_is_fine(agreed):
    person = agreed().subscriber
    people.forget(person)
    before = everything_stored()

    people.forget(person)

    assert everything_stored() == before


def test_who_was_forgotten_may_subscribe_again(agreed):
    people.forget(agreed("parent@example.org").subscriber)

    agreed("parent@example.org")

    assert Subscription.objects.active().count() == 1
    assert Subscriber.objects.count() == 2
    assert not Suppression.objects.exists()


def test_who_never_confirmed_is_forgotten_without_a_trace(world, ask):
    ask("parent@example.org")

    people.forget(Subscriber.objects.get())

    assert not Subscriber.objects.exists()
    assert not Note.objects.exists()


def test_a_mail_that_waits_while_they_are_forgotten_is_not_sent(
    agreed, send_issue, mail_server
):
    subscription = agreed()
    send_issue()
    (mailing,) = Mailing.objects.all()
    mailings.freeze(mailing=mailing)
    notes.queue_link(subscription=subscription)
    note = Note.objects.get()

    people.forget(subscription.subscriber)

    note.refresh_from_db()
    assert notes.why_not(note) == "the person was forgotten"
    assert note.status == "suppressed"
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.reason) == (
        "suppressed",
        "the person was forgotten",
    )
    sending.send_due()
    assert not mail_server.messages
    mailing.refresh_from_db()
    assert mailing.state == "finished"


SECRET = "pat.secret@example.org"
TELLING = f'550 5.1.1 <{SECRET}>: "{SECRET}" unknown, see x?to=pat.secret%40example.org'


def test_a_bounce_of_who_was_forgotten_does_not_bring_the_address_back(
    agreed, send_issue, mail_server
):
    subscription = agreed(SECRET)
    send_issue()
    sending.send_due()
    people.forget(subscription.subscriber)

    delivery = Delivery.objects.get()
    bounces.note(
        delivery=delivery, news=bounces.News.BOUNCED, provider="test", words=TELLING
    )

    delivery.refresh_from_db()
    assert (delivery.state, delivery.reason) == ("bounced", "")
    assert "pat.secret" not in dump()


@pytest.mark.parametrize("code", ["550", "450"])
def test_a_refusal_that_comes_while_somebody_is_forgotten_is_kept_without_its_words(
    agreed, send_issue, mail_server, monkeypatch, code
):
    subscription = agreed(SECRET)
    send_issue()
    mail_server.answers = {SECRET: [f"{code} pat.secret is no user"]}
    pass_on = claims.pass_on

    def forget_and_pass_on(claim, *, accepted=(), following=()):
        if following:
            people.forget(subscription.subscriber)
        return pass_on(claim, accepted=accepted, following=following)

    monkeypatch.setattr(claims, "pass_on", forget_and_pass_on)
    sending.send_due()

    delivery = Delivery.objects.get()
    assert delivery.attempts == 1
    assert "pat.secret" not in dump()


def test_no_answer_of_a_mail_server_is_kept_with_an_address_in_it(
    agreed, send_issue, mail_server, monkeypatch
):
    monkeypatch.setattr(sending, "REFUSALS", 1)
    person = agreed(SECRET).subscriber
    send_issue()
    mail_server.answers = {SECRET: [f"550 5.1.1 <{SECRET}>: unknown"]}

    sending.send_due()

    (mailing,) = Mailing.objects.all()
    assert mailing.reason == (
        "The mail server refuses every mail: 550 5.1.1 <(address)>: unknown"
    )
    assert Delivery.objects.get().reason == "550 5.1.1 <(address)>: unknown"
    people.forget(person)
    assert SECRET not in dump()


@pytest.mark.parametrize(
    ("answer", "kept"),
    [
        ("550 <pat@example.org>: no", "550 <(address)>: no"),
        ('"Pat Secret"@example.org is full', "(address) is full"),
        ("rfc822;o'brien@example.org,next@x.example", "rfc822;(address),(address)"),
        ("see https://x.example/?q=pat%40example.org", "see https:(address)"),
        ("PAT+tag@example.org\n550", "(address) 550"),
        ('no @ sign, "a" or @', 'no @ sign, "a" or @'),
    ],
)
def test_an_answer_is_kept_without_addresses(answer, kept):
    assert printable(answer) == kept


def test_an_address_at_the_end_of_a_long_answer_is_not_kept_in_part():
    assert "pat" not in printable(f"{'x ' * 98}pat.secret@example.org")


def test_who_left_a_year_ago_is_forgotten_and_stays_away(agreed):
    gone, back, _ = (
        agreed(f"{name}@example.org") for name in ("gone", "back", "still")
    )
    for one in (gone, back):
        subscriptions.end(key=one.key, reason="unsubscribed")
    long_ago = timezone.now() - timedelta(days=366)
    shift(Subscription.objects.filter(pk__in=[gone.pk, back.pk]), ended_at=long_ago)
    agreed("back@example.org")

    sweep.sweep()

    assert set(
        Subscriber.objects.exclude(email=None).values_list("email", flat=True)
    ) == {"back@example.org", "still@example.org"}
    assert Suppression.objects.get().reason == "left"


# By command


def run(*arguments, capsys):
    call_command("subscriber", *arguments)
    return capsys.readouterr().out


def test_an_operator_exports_a_person(agreed, capsys):
    agreed("parent@example.org")

    told = json.loads(run("--export", " Parent@Example.org", capsys=capsys))

    assert told["address"] == "parent@example.org"
    assert len(told["subscriptions"]) == 1


def test_an_operator_erases_a_person_after_a_look(agreed, capsys):
    agreed("parent@example.org")
    before = everything_stored()

    looked = run("--erase", "parent@example.org", "--dry-run", capsys=capsys)
    assert "Would forget" in looked
    assert everything_stored() == before

    done = run("--erase", "parent@example.org", capsys=capsys)
    assert "1 subscription" in done
    assert "parent@example.org" not in dump()


@pytest.mark.parametrize(
    ("arguments", "message", "code"),
    [
        (["--export", "nobody@example.org"], "Nothing is stored", 1),
        (["--erase", "nobody@example.org"], "Nothing is stored", 1),
        (["--erase", "no address"], "is no email address", 2),
        (["--export", "a@example.org", "--dry-run"], "only with --erase", 2),
        (["--marks", "--dry-run"], "only with --erase", 2),
        (["--apply-marks", "nowhere.txt"], "cannot be read as marks", 2),
    ],
)
def test_a_command_that_does_nothing_says_why(world, arguments, message, code):
    with pytest.raises(CommandError, match=message) as refused:
        call_command("subscriber", *arguments)

    assert refused.value.returncode == code


def test_a_restored_backup_brings_nobody_back(agreed, subscribe, capsys, tmp_path):
    left, back, stays = (
        agreed(f"{name}@example.org") for name in ("left", "back", "stays")
    )
    forgotten = agreed("forgotten@example.org")
    for one in (left, back):
        subscriptions.end(key=one.key, reason="unsubscribed")
    agreed("back@example.org")
    people.forget(forgotten.subscriber)
    file = tmp_path / "marks.txt"
    file.write_text(run("--marks", capsys=capsys))
    assert "example.org" not in file.read_text()
    # The backup is of a time before anybody left.
    Suppression.objects.all().delete()
    Subscription.objects.filter(pk=left.pk).update(ended_at=None, ended_reason="")
    subscribe("forgotten@example.org")

    looked = run("--apply-marks", str(file), "--dry-run", capsys=capsys)
    assert looked == "Would forget 2 subscribers.\n"
    assert run("--apply-marks", str(file), capsys=capsys) == "Forgot 2 subscribers.\n"

    assert set(
        Subscription.objects.active().values_list("subscriber__email", flat=True)
    ) == {"back@example.org", "stays@example.org"}
    assert stays.subscriber.email == "stays@example.org"
