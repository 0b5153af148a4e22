"""Asking for the newsletter, confirming it, leaving it: with real HTTP and real mail."""
# The fixtures of the newsletter are imported, and then named as parameters.

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cms import terms
from cms.models import Area, Forum, Term
from site_settings.models import NewsletterSettings, PublisherSettings
from syndication import limits
from syndication.models import NetworkCount
from syndication.newsletters import (
    askings,
    links,
    notes,
    sending,
    sources,
    subscriptions,
    suppressions,
    sweep,
    tasks,
    wordings,
)
from syndication.newsletters.models import (
    Asking,
    Note,
    Subscriber,
    Subscription,
    Suppression,
    Wording,
)

from .newsletter import FORM, found, link_in, parts_of, shift


@pytest.fixture(autouse=True)
def stages(db):
    """The stages of life that one may choose, as every installation has them."""
    terms.install()


# Asking, confirming, leaving


def test_the_form_shows_the_wording_and_sets_no_cookie(world):
    settings_row = NewsletterSettings.load()
    settings_row.consent_wording = "Yes, PACC and PODS may write to me."
    settings_row.save()

    page = Client().get(FORM)

    assert "Yes, PACC and PODS may write to me. My address is" in page.content.decode()
    assert "Telford and Wrekin" in page.content.decode()
    assert page.cookies == {}
    assert "Cookie" not in page.get("Vary", "")


def test_what_was_agreed_to_is_kept(world, ask):
    ask(areas=["shropshire"])

    subscription = Subscription.objects.get()
    assert subscription.wording.text == wordings.current().text
    assert subscription.basis == "consent"
    assert subscription.source == "website"
    assert [one.value for one in subscription.choices.all()] == ["shropshire"]
    assert subscription.confirmed_at is None


def test_nobody_agrees_to_words_that_changed_while_they_read(world, ask):
    page = ask(wording="0123456789abcdef")

    assert page.status_code == 400
    assert "wording has just been changed" in page.content.decode()
    assert not Asking.objects.exists()
    assert not Subscriber.objects.exists()


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"email": ""}, "Enter your email address"),
        ({"email": "not an address"}, "in the form name@example.org"),
        ({"email": "a@b"}, "in the form name@example.org"),
        ({"agree": ""}, "Tick the box"),
        ({"areas": ["atlantis"]}, "Select a valid choice"),
        ({"kinds": ["issues"]}, "Select a valid choice"),
        ({"stages": ["autism"]}, "Select a valid choice"),
        ({"frequency": ""}, "Choose how often"),
        ({"frequency": "hourly"}, "Select a valid choice"),
    ],
)
def test_a_mistake_is_explained_beside_its_field_and_nothing_is_kept(
    world, ask, fields, message
):
    address = fields.pop("email", "parent@example.org")

    page = ask(address, **fields)

    assert page.status_code == 400
    assert page.content.decode().count(message) == 2
    assert "Error: " in page.content.decode()
    assert not Asking.objects.exists()
    assert not Subscriber.objects.exists()


def test_known_and_unknown_addresses_get_the_same_answer(world, ask, subscribe):
    subscribe("active@example.org")
    left = subscribe("left@example.org")
    subscriptions.end(key=left.key, reason="unsubscribed")
    ask("pending@example.org")

    answers = [
        ask(f"{name}@example.org") for name in ("active", "left", "pending", "unknown")
    ]

    assert len({answer.content for answer in answers}) == 1
    assert {answer.status_code for answer in answers} == {200}
    assert len({str(sorted(answer.items())) for answer in answers}) == 1


def test_an_address_is_one_person_however_it_is_typed(world, ask):
    for typed in ("Parent@Example.org", " parent@example.ORG ", "PARENT@EXAMPLE.ORG"):
        ask(typed)

    assert Subscriber.objects.get().email == "parent@example.org"
    assert Subscription.objects.count() == 1


def test_one_address_gets_one_request_to_confirm_a_day(world, ask):
    for _ in range(5):
        ask()
    assert Note.objects.count() == 1

    shift(
        Note.objects.all(),
        created_at=timezone.now() - timedelta(hours=24, minutes=1),
    )
    ask()

    assert Note.objects.count() == 2


def test_one_network_cannot_ask_without_end(world, ask, monkeypatch):
    monkeypatch.setattr(limits, "REQUESTS_PER_DAY", 3)

    answers = [ask(f"{n}@example.org", network=f"81.2.69.{n}") for n in range(5)]
    elsewhere = ask("else@example.org", network="81.2.70.1")

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert elsewhere.status_code == 200
    assert Note.objects.count() == 4
    assert "81.2" not in str(list(NetworkCount.objects.values()))


def test_the_address_of_our_own_proxy_is_not_counted(world, ask, monkeypatch):
    monkeypatch.setattr(limits, "REQUESTS_PER_DAY", 0)

    assert ask(network="10.0.0.7").status_code == 200
    assert ask("two@example.org", network="").status_code == 200
    assert ask("six@example.org", network="2a00:1450:4009::1").status_code == 429


def test_a_program_that_fills_in_everything_is_thanked_and_forgotten(world, ask):
    page = ask(website="https://spam.example")

    assert page.content == ask("other@example.org").content
    assert not Subscriber.objects.filter(email="parent@example.org").exists()


def test_a_mail_of_thousands_has_the_same_links_as_one_that_is_sent_alone(subscribe):
    subscription = subscribe()

    leave, choose = links.Writer().of(subscription.key)

    assert leave == links.to_unsubscribe(subscription)
    assert choose == links.to_preferences(subscription)


@pytest.mark.parametrize("as_form_data", [True, False])
def test_one_click_leaves_at_once_and_may_be_repeated(subscribe, as_form_data):
    subscription = subscribe()
    path = urlsplit(links.to_unsubscribe(subscription)).path
    client = Client(enforce_csrf_checks=True)
    changed = []

    for _ in range(10):
        if as_form_data:
            answer = client.post(path, {"List-Unsubscribe": "One-Click"})
        else:
            answer = client.post(
                path,
                "List-Unsubscribe=One-Click",
                content_type="application/x-www-form-urlencoded",
            )
        assert answer.status_code == 200
        assert answer.cookies == {}
        changed.append(Subscription.objects.get().ended_at)

    assert len(set(changed)) == 1
    assert Subscription.objects.get().ended_reason == "one_click"


def test_the_page_to_leave_asks_once_and_then_confirms(subscribe):
    subscription = subscribe("parent@example.org")
    path = urlsplit(links.to_unsubscribe(subscription)).path
    client = Client(enforce_csrf_checks=True)

    page = client.get(path).content.decode()
    assert "p…@example.org" in page
    assert "parent@example.org" not in page
    assert "You have left" in client.post(path).content.decode()
    assert "You have left" in client.get(path).content.decode()
    assert Subscription.objects.get().ended_reason == "unsubscribed"


def test_the_link_to_leave_never_runs_out(subscribe, time_machine):
    subscription = subscribe()
    path = urlsplit(links.to_unsubscribe(subscription)).path
    time_machine.move_to(timezone.now() + timedelta(days=3650))

    assert Client().post(path).status_code == 200
    assert not Subscription.objects.active().exists()


def test_leaving_from_an_old_mail_leaves_the_newsletter(subscribe):
    before = subscribe("parent@example.org", "shropshire")
    subscribe("parent@example.org", "telford-and-wrekin")

    Client().post(urlsplit(links.to_unsubscribe(before)).path)

    assert not Subscription.objects.active().exists()


def test_leaving_stays_possible_after_the_person_was_forgotten(subscribe):
    subscription = subscribe()
    path = urlsplit(links.to_unsubscribe(subscription)).path
    Subscriber.objects.all().delete()

    assert Client().post(path).status_code == 200
    assert Client().get(path).status_code == 200


def test_confirming_a_new_choice_replaces_the_old_one(subscribe):
    before = subscribe("parent@example.org", "shropshire")

    subscribe("parent@example.org", "telford-and-wrekin")

    before.refresh_from_db()
    assert before.ended_reason == "replaced"
    (active,) = Subscription.objects.active()
    assert [one.value for one in active.choices.all()] == ["telford-and-wrekin"]


def test_asking_again_without_confirming_changes_nothing_for_a_subscriber(
    subscribe, ask
):
    subscription = subscribe("parent@example.org")

    ask()

    subscription.refresh_from_db()
    assert subscription.is_active


def test_confirming_twice_is_fine(world, ask):
    ask()
    path = urlsplit(links.to_confirm(Subscription.objects.get())).path

    for method in ("post", "post", "get"):
        answer = getattr(Client(), method)(path)
        assert "You are subscribed" in answer.content.decode()

    assert subscriptions.confirm(key=Subscription.objects.get().key)
    assert Subscription.objects.active().count() == 1


def test_an_old_link_does_not_bring_back_who_left(world, ask):
    ask()
    subscription = Subscription.objects.get()
    path = urlsplit(links.to_confirm(subscription)).path
    subscriptions.confirm(key=subscription.key)
    subscriptions.end(key=subscription.key, reason="unsubscribed")

    assert Client().post(path).status_code == 410
    assert not subscriptions.confirm(key=subscription.key)
    assert not subscriptions.confirm(key=uuid4())
    assert not Subscription.objects.active().exists()


def test_a_link_to_confirm_works_for_seven_days(world, ask, time_machine):
    ask()
    path = urlsplit(links.to_confirm(Subscription.objects.get())).path
    time_machine.move_to(timezone.now() + timedelta(days=7, minutes=1))

    assert Client().post(path).status_code == 410
    assert not Subscription.objects.active().exists()


@pytest.mark.parametrize("page", ["confirm", "unsubscribe", "preferences"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_link_made_up_or_of_the_other_kind_does_nothing(subscribe, page, method):
    subscription = subscribe()
    other = {
        "confirm": links.to_unsubscribe(subscription),
        "unsubscribe": links.to_preferences(subscription),
        "preferences": links.to_confirm(subscription),
    }[page]
    token = other.rstrip("/").rsplit("/", 1)[1]

    for made_up in (token, token[:-1], "x", subscription.key.hex):
        answer = getattr(Client(), method)(f"/newsletter/{page}/{made_up}/")
        assert answer.status_code == 404

    assert Subscription.objects.active().exists()


def test_requests_nobody_confirmed_are_forgotten(world, ask, subscribe):
    ask("never@example.org")
    ask("just@example.org")
    subscribe("active@example.org")
    limits.may_ask("81.2.69.1")
    old = timezone.now() - timedelta(days=8)
    shift(
        Subscription.objects.filter(
            subscriber__email__in=["never@example.org", "active@example.org"]
        ),
        requested_at=old,
    )
    shift(NetworkCount.objects.all(), day=old.date())

    sweep.sweep()

    assert set(Subscriber.objects.values_list("email", flat=True)) == {
        "just@example.org",
        "active@example.org",
    }
    assert not NetworkCount.objects.exists()


def test_a_confirmation_that_is_no_longer_needed_is_not_sent(world, ask, mail_server):
    ask()
    subscriptions.confirm(key=Subscription.objects.get().key)

    sending.send_due()

    assert mail_server.messages == []
    assert Note.objects.get().last_error == "already answered"


def test_pages_opened_by_a_link_are_kept_nowhere(subscribe):
    subscription = subscribe()

    for address in (links.to_unsubscribe(subscription), links.to_confirm(subscription)):
        answer = Client().get(urlsplit(address).path)
        assert "no-store" in answer["Cache-Control"]
        assert answer["Referrer-Policy"] == "no-referrer"
        assert answer["X-Robots-Tag"] == "noindex"


@pytest.mark.parametrize("host", ["evil.example", "localhost"])
def test_links_in_mails_never_take_the_host_of_a_request(
    world, mail_server, settings, host
):
    settings.ALLOWED_HOSTS = ["*"]
    client = Client(headers={"host": host, "x-forwarded-host": host})
    page = client.get(FORM).content.decode()
    wording = found(r'name="wording" value="(\w+)"', page)[1]
    client.post(
        FORM,
        {
            "email": "parent@example.org",
            "frequency": "weekly",
            "agree": "yes",
            "wording": wording,
        },
    )
    askings.take_up()
    sending.send_due()

    hosts = re.findall(r"https?://([^/\s\"]+)", str(mail_server.messages[0]))
    assert set(hosts) == {"localoffer.example"}


# What one agrees to


def test_the_wording_names_the_publisher_and_every_forum(world):
    publisher = PublisherSettings.load()
    publisher.name = "Shropshire Council"
    publisher.save()

    page = Client().get(FORM).content.decode()

    for name in ("Shropshire Council", world.pacc.name, world.pods.name):
        assert f"{name}" in found(r'<label for="agree">(.*?)</label>', page)[1]


def test_a_professional_who_signs_is_no_body_that_writes(world):
    lead = Forum.objects.exclude(pk__in=[world.pacc.pk, world.pods.pk]).first()
    if lead is None:
        group = world.pacc.group.__class__.objects.create(name="Clinical lead")
        lead = Forum.objects.create(
            name="Clinical lead", short_name="CL", slug="cl", group=group
        )
    lead.role = Forum.Role.PROFESSIONAL
    lead.save()
    world.shropshire.forums.add(lead)

    assert lead.name not in wordings.current().text


def test_the_bodies_named_are_kept_as_data_with_the_words(world, ask):
    ask()

    wording = Subscription.objects.get().wording
    assert wording.bodies == [
        {"role": "publisher", "name": "Countersign", "slug": ""},
        *(
            {"role": "forum", "name": forum.name, "slug": forum.slug}
            for forum in (world.pods, world.pacc)
        ),
    ]
    assert all(body["name"] in wording.text for body in wording.bodies)


def test_a_wording_is_kept_once_and_a_new_one_beside_it(world, ask):
    ask("a@example.org")
    ask("b@example.org")
    world.pods.name = "Parents Opening More Doors"
    world.pods.save()
    ask("c@example.org")

    assert Wording.objects.count() == 2
    first, _, last = Subscription.objects.order_by("pk")
    assert "More Doors" not in first.wording.text
    assert "More Doors" in last.wording.text


def test_every_area_stands_with_the_forums_that_sign_for_it(world):
    page = Client().get(FORM).content.decode()

    hint = found(r'id="areas-shropshire-hint">(.*?)<', page)[1]
    assert hint == world.pacc.name


def test_no_topic_and_no_need_can_be_chosen(world):
    page = Client().get(FORM).content.decode()

    names = set(re.findall(r'name="(\w+)"', page)) - {"viewport"}
    assert names == {
        "email", "frequency", "areas", "kinds", "stages", "agree", "wording",
        "website", "source", "way",
    }  # fmt: skip
    for need in Term.objects.of(Term.Scheme.NEED):
        assert need.name not in page


def test_choices_are_kept(world, ask):
    stage = Term.objects.of(Term.Scheme.STAGE).valid().first()

    ask(
        frequency="at_once",
        areas=["telford-and-wrekin"],
        kinds=["news"],
        stages=[stage.code],
    )

    subscription = Subscription.objects.get()
    assert subscription.frequency == "at_once"
    assert subscription.chosen() == {
        "area": ["telford-and-wrekin"],
        "kind": ["news"],
        "stage": [stage.code],
    }


def test_all_areas_means_those_whose_forums_were_named(world, ask):
    ask()

    kept = Subscription.objects.get().chosen()

    assert kept["area"] == sorted(Area.objects.values_list("slug", flat=True))
    assert kept["kind"] == kept["stage"] == []


# Nobody learns who subscribes


def test_the_page_looks_nothing_up_so_it_answers_in_one_way(world, ask, subscribe):
    subscribe("known@example.org")
    left = subscribe("left@example.org")
    subscriptions.end(key=left.key, reason="unsubscribed")
    suppressions.suppress(email="never@example.org", reason="complained")
    ask("pending@example.org")
    names = ("known", "left", "never", "pending", "unknown")

    for form in (FORM, "/newsletter/form", "/newsletter/link/"):
        asked = [statements(form, f"{name}@example.org") for name in names]
        askings.take_up()

        assert len({tuple(shapes) for shapes in asked}) == 1, form
        assert not any(
            table in statement
            for statement in asked[0]
            for table in ("newsletters_subscri", "suppression", "delivery")
        )


def statements(form, address):
    """The statements that answering a form takes, without their values."""
    values = values_for(address)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert Client().post(form, values).status_code == 200
    return [
        re.sub(r"'[^']*'|\b\d+\b", "?", query["sql"])
        for query in captured.captured_queries
        if "SAVEPOINT" not in query["sql"]
    ]


def values_for(address, **more):
    return {
        "email": address,
        "frequency": "weekly",
        "agree": "yes",
        "wording": wordings.current().mark,
    } | more


def test_asking_for_a_link_answers_alike_and_sends_only_to_who_subscribed(
    world, subscribe, mail_server
):
    subscribe("known@example.org")

    answers = [
        Client().post("/newsletter/link/", {"email": f"{name}@example.org"})
        for name in ("known", "unknown")
    ]
    askings.take_up()
    sending.send_due()

    assert answers[0].content == answers[1].content
    assert {answer.status_code for answer in answers} == {200}
    (message,) = mail_server.messages
    assert message["To"] == "known@example.org"
    assert "List-Unsubscribe" not in message
    for part in parts_of(message):
        path = link_in(part.replace('"', " "), "preferences")
        assert Client().get(path).status_code == 200


def test_the_link_is_not_sent_without_end(world, subscribe, time_machine):
    subscribe("known@example.org")
    now = timezone.now()
    for minutes in (0, 5, 11, 22, 33, 44):
        time_machine.move_to(now + timedelta(minutes=minutes))
        askings.ask_for_link(email="known@example.org")
        askings.take_up()

    assert Note.objects.filter(purpose="link").count() == 3


def test_who_has_not_confirmed_yet_is_asked_again_instead(world, ask, time_machine):
    ask("pending@example.org")
    time_machine.move_to(timezone.now() + timedelta(days=1, minutes=1))

    askings.ask_for_link(email="pending@example.org")
    askings.take_up()

    assert Note.objects.filter(purpose="confirmation").count() == 2
    assert not Note.objects.filter(purpose="link").exists()


def test_a_link_asked_for_by_who_left_meanwhile_is_not_sent(
    world, subscribe, mail_server
):
    subscription = subscribe()
    notes.queue_link(subscription=subscription)
    subscriptions.end(key=subscription.key, reason="unsubscribed")

    sending.send_due()

    assert mail_server.messages == []


@pytest.mark.parametrize("address", ["", "no address", "x@y"])
def test_a_mistake_in_the_address_is_explained(world, address):
    answer = Client().post("/newsletter/link/", {"email": address})

    assert answer.status_code == 400
    assert "name@example.org" in answer.content.decode()
    assert not Asking.objects.exists()


@pytest.mark.parametrize("form", [FORM, "/newsletter/form", "/newsletter/link/"])
def test_no_form_can_be_sent_without_end(world, monkeypatch, settings, form):
    monkeypatch.setattr(limits, "REQUESTS_PER_DAY", 2)
    sent = [
        Client().post(form, values_for(f"{n}@example.org"), REMOTE_ADDR="81.2.69.1")
        for n in range(4)
    ]
    assert [answer.status_code for answer in sent] == [200, 200, 429, 429]


def test_a_flood_from_everywhere_is_stopped_and_told_of_once(world, settings, caplog):
    settings.LIMITS = settings.LIMITS | {"newsletter": (3, 3600)}

    sent = [
        Client()
        .post(FORM, values_for(f"{n}@example.org"), REMOTE_ADDR=f"81.2.{n}.1")
        .status_code
        for n in range(6)
    ]

    assert sent == [200, 200, 200, 429, 429, 429]
    told = [record for record in caplog.records if record.levelname == "ERROR"]
    assert len(told) == 1
    assert "may be an attack" in told[0].getMessage()
    assert Asking.objects.count() == 3


def test_a_victim_gets_one_mail_a_day_and_three_in_all(world, ask, time_machine):
    now = timezone.now()
    for day in range(10):
        time_machine.move_to(now + timedelta(days=day, minutes=day))
        for attempt in range(5):
            ask("victim@example.org", network=f"81.{attempt}.{day}.1")
        sweep.sweep()

    assert Note.objects.count() == 3


def test_two_workers_take_up_what_was_asked_once(world, ask):
    Client().post(FORM, values_for("parent@example.org"))
    waiting = Asking.objects.get().pk

    assert askings._take(waiting)
    assert not askings._take(waiting)
    assert Subscription.objects.count() == 1


def test_the_worker_takes_up_what_nobody_woke_it_for(world):
    Client().post(FORM, values_for("parent@example.org"))
    assert not Subscriber.objects.exists()

    sweep.sweep()

    assert Subscriber.objects.get().email == "parent@example.org"
    assert not Asking.objects.exists()


def test_the_page_wakes_a_worker_after_the_commit(
    world, monkeypatch, django_capture_on_commit_callbacks
):
    woken = []
    monkeypatch.setattr(tasks, "wake_up_for_askings", lambda: woken.append(1))
    with django_capture_on_commit_callbacks(execute=True):
        Client().post(FORM, values_for("parent@example.org"))
        assert woken == []

    assert woken == [1]


def test_the_task_takes_up_what_was_asked(world):
    Client().post(FORM, values_for("parent@example.org"))

    tasks.take_up_askings.func()

    assert Subscriber.objects.exists()


def test_what_no_worker_took_up_in_a_day_is_forgotten(world):
    Client().post(FORM, values_for("parent@example.org"))
    shift(Asking.objects.all(), asked_at=timezone.now() - timedelta(hours=25))

    sweep.sweep()

    assert not Asking.objects.exists()
    assert not Subscriber.objects.exists()


# Addresses that get nothing


@pytest.mark.parametrize("reason", ["bounced", "forgotten", "left"])
def test_who_asks_anew_and_confirms_gets_mail_again(world, ask, reason):
    suppressions.suppress(email="parent@example.org", reason=reason)

    ask()
    assert Note.objects.filter(purpose="confirmation").count() == 1
    assert Suppression.objects.exists()
    Client().post(urlsplit(links.to_confirm(Subscription.objects.get())).path)

    assert Subscription.objects.active().exists()
    assert not Suppression.objects.exists()


def test_who_reported_our_mail_is_not_even_asked(world, ask):
    suppressions.suppress(email="parent@example.org", reason="complained")
    suppressions.suppress(email="parent@example.org", reason="bounced")

    ask()

    assert not Note.objects.exists()
    assert Suppression.objects.get().reason == "complained"
    assert "example.org" not in str(list(Suppression.objects.values()))


# On the websites of partners


def test_the_form_in_a_frame_may_be_framed_and_sent_to_us_only(world, settings):
    answer = Client().get("/newsletter/form?source=school.example")

    assert "X-Frame-Options" not in answer
    policy = answer["Content-Security-Policy"]
    assert "frame-ancestors *" in policy
    assert "form-action 'self'" in policy
    assert answer.cookies == {}
    settings.EMBED_FRAME_ANCESTORS = ["https://school.example"]
    policy = Client().get("/newsletter/form")["Content-Security-Policy"]
    assert policy.endswith("frame-ancestors 'self' https://school.example")


@pytest.mark.parametrize(
    "path", [FORM, "/newsletter/link/", "/newsletter/confirm/x/", "/newsletter/use"]
)
def test_no_other_page_may_be_framed(world, path):
    answer = Client().get(path)

    assert answer["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]


def test_a_subscription_says_by_which_form_it_came(world):
    page = Client().get("/newsletter/form?source=https://School.example/news")
    source = found(r'name="source" value="(.*?)"', page.content.decode())[1]
    for address, form, more in (
        ("a@example.org", "/newsletter/form", {"source": source}),
        ("b@example.org", FORM, {"source": source, "way": "form"}),
        ("c@example.org", FORM, {"source": "<script>", "way": "robot"}),
        ("d@example.org", FORM, {}),
    ):
        answer = Client(headers={"referer": "https://evil.example/"}).post(
            form, values_for(address, **more)
        )
        assert answer.status_code == 200
    askings.take_up()

    assert dict(Subscription.objects.values_list("subscriber__email", "source")) == {
        "a@example.org": "frame school.example",
        "b@example.org": "form school.example",
        "c@example.org": "website",
        "d@example.org": "website",
    }


def test_a_source_fits_its_column():
    assert len(sources.of(sources.FRAME, f"{'a' * 300}.example")) <= 80
    assert len(sources.of(sources.FRAME, f"{'a' * 54}.example")) == 68


def test_a_plain_form_leads_to_our_form_filled_in_and_asks_for_nothing(world):
    partner = Client(enforce_csrf_checks=True)

    answer = partner.post(
        "/newsletter/start",
        {"email": "parent@example.org", "source": "school.example", "agree": "yes"},
        headers={"origin": "https://school.example"},
    )

    page = answer.content.decode()
    assert answer.status_code == 200
    assert 'value="parent@example.org"' in page
    assert 'name="source" value="school.example"' in page
    assert 'name="way" value="form"' in page
    assert 'action="/newsletter/"' in page
    assert "There is a problem" not in page
    # What was ticked on a page that we do not know is no agreement to our words.
    assert 'id="agree" name="agree" value="yes" required>' in page
    assert not Asking.objects.exists()
    assert partner.get("/newsletter/start")["Location"] == FORM


def test_the_page_for_partners_has_every_form_for_their_website(world):
    page = Client().get("/newsletter/use?website=www.School.example")

    text = page.content.decode()
    assert page.status_code == 200
    assert page.cookies == {}
    assert "https://localoffer.example/newsletter/?source=www.school.example" in text
    assert "/newsletter/form?source=www.school.example" in text
    assert "/newsletter/start" in text
    assert "no address of a website" not in text
    assert (
        "no address of a website"
        in Client().get("/newsletter/use?website=%3Cb%3E").content.decode()
    )


@pytest.mark.parametrize(
    ("path", "queries"),
    [
        (FORM, 8),
        ("/newsletter/form", 8),
        ("/newsletter/link/", 2),
        ("/newsletter/use", 2),
    ],
)
def test_how_many_queries_a_page_takes_however_many_areas_there_are(
    world, path, queries, django_assert_num_queries
):
    for number in range(5):
        area = Area.objects.create(name=f"Area {number}", slug=f"area-{number}")
        area.forums.add(world.pacc, world.pods)

    with django_assert_num_queries(queries):
        Client().get(path)


def test_opening_a_page_writes_nothing(db):
    NewsletterSettings.objects.all().delete()
    for path in (FORM, "/newsletter/form", "/newsletter/link/", "/newsletter/use"):
        assert Client().get(path).status_code == 200

    assert not NewsletterSettings.objects.exists()
    assert not Wording.objects.exists()


# Why people leave


def test_who_leaves_may_say_why_with_one_of_our_words(subscribe):
    subscription = subscribe()
    path = urlsplit(links.to_unsubscribe(subscription)).path
    client = Client(enforce_csrf_checks=True)

    asked = client.post(path).content.decode()
    thanked = client.post(path, {"why": "too_often"}).content.decode()

    assert "It comes too often" in asked
    assert "Thank you for telling us why" in thanked
    subscription.refresh_from_db()
    assert subscription.left_because == "too_often"
    assert subscription.ended_reason == "unsubscribed"


def test_a_reason_made_up_is_not_kept(subscribe):
    subscription = subscribe()
    path = urlsplit(links.to_unsubscribe(subscription)).path
    Client().post(path)

    answer = Client().post(path, {"why": "My son has autism"})

    assert answer.status_code == 200
    assert Subscription.objects.get().left_because == ""


def test_who_came_back_is_not_asked_why_they_left(subscribe):
    before = subscribe()
    subscriptions.end(key=before.key, reason="unsubscribed")
    subscribe()

    assert not subscriptions.say_why(key=before.key, why="too_often")
    assert not subscriptions.say_why(key=uuid4(), why="too_often")


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(
    "connection.vendor == 'sqlite'",
    reason="SQLite lets one transaction write at a time",
)
def test_eight_presses_at_once_confirm_once(world, ask):
    ask()
    key = Subscription.objects.get().key

    def press(_):
        try:
            return subscriptions.confirm(key=key)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(press, range(8)))
    assert Subscription.objects.active().count() == 1
