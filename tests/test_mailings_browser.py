"""Watching a newsletter go out, in Chromium."""

from datetime import timedelta

from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import timezone

from cms import tree
from syndication.newsletters import claims, editors, mailings
from syndication.newsletters.models import Delivery, Mailing, Route

from .browsing import check, in_chromium, sign_in, wait_until
from .mailings import signed_issue, subscribe

pytestmark = in_chromium


def test_an_editor_watches_pauses_resumes_and_stops_a_mailing(live_server, page):
    from .conftest import the_world

    signed_issue()
    subscribe(0, 40)
    world = the_world()
    editors.let_in(Group.objects.get(name=tree.EDITORS))
    mailing = Mailing.objects.get()
    mailings.freeze(mailing=mailing)
    claim, parcels, _ = claims.take(mailing=mailing, claim=None, count=25)
    assert claim
    ids = [parcel.delivery_id for parcel in parcels]
    claims.pass_on(claim, following=ids)
    claims.pass_on(claim, accepted=ids[:20])
    claims.fail(claim, ids[20], "550 5.1.1 nobody here")
    sign_in(page, live_server, world.editor)

    page.goto(live_server.url + reverse("countersign_mailings:index"))
    check(page, "mailings")
    page.get_by_role("link", name="SEND news").click()
    bar = page.get_by_role("progressbar")
    assert bar.evaluate("one => [one.value, one.max]") == [21, 40]
    check(page, "mailing")

    claims.pass_on(claim, accepted=ids[21:])
    Route.objects.create(
        name="smtp",
        outages=1,
        down_until=timezone.now() + timedelta(minutes=5),
        reason="421 4.3.2 closing for a while",
    )
    wait_until(page, "document.querySelector('progress').value === 25")
    assert page.get_by_text("421 4.3.2 closing for a while").is_visible()

    page.get_by_role("link", name="Pause").click()
    check(page, "mailing-pause")
    page.get_by_role("button", name="Pause now").click()
    page.get_by_text("Paused: 25 of 40 people done.").wait_for()
    check(page, "mailing-paused")
    page.get_by_role("link", name="Go on").click()
    page.get_by_role("button", name="Go on").click()
    page.get_by_text("Being sent: 25 of 40 people done.").wait_for()

    page.get_by_role("link", name="Stop for good").click()
    check(page, "mailing-stop")
    page.get_by_role("button", name="Stop for good").click()
    page.get_by_text("Stopped: 24 of 40 people got it.").wait_for()
    check(page, "mailing-stopped")
    assert Delivery.objects.filter(state="suppressed").count() == 15
