"""Looking after partners, in Chromium."""

import pytest
from django.urls import reverse

from syndication.partners import usage
from syndication.partners.models import ApiKey, Partner

from .browsing import check, in_chromium, sign_in
from .partners import ask, make_partner

pytestmark = in_chromium


@pytest.mark.journey
def test_a_manager_adds_a_partner_and_makes_and_revokes_a_key(live_server, page, world):
    make_partner("Example Surgery", areas=[world.telford])
    sign_in(page, live_server, world.admin)
    page.goto(live_server.url + reverse("countersign_partners:index"))
    check(page, "partners")

    page.get_by_role("link", name="Add a partner").click()
    page.get_by_role("button", name="Add this partner").click()
    page.get_by_role("alert").wait_for()
    check(page, "partner-refused")
    page.get_by_label("Name of the organisation").fill("Example School")
    page.get_by_label("A school or college").check()
    page.get_by_label("Shropshire").check()
    page.get_by_label("Mailbox of those who take content down").fill(
        "web.team@example.org"
    )
    page.get_by_role("button", name="Add this partner").click()
    page.get_by_text("is a partner now").wait_for()

    page.get_by_role("link", name="Make a key").click()
    check(page, "partner-key")
    page.get_by_label("What it is for").fill("Nightly update")
    page.get_by_role("button", name="Make the key").click()
    shown = page.get_by_label("Nightly update, until")
    token = shown.input_value()
    check(page, "partner-key-made")
    assert ask(token).status_code == 200

    usage.count(Partner.objects.get(name="Example School"))
    page.get_by_role("link", name="I have copied it").click()
    assert token not in page.content()
    check(page, "partner")
    page.get_by_role("link", name="Revoke the key Nightly update").click()
    check(page, "partner-revoke")
    page.get_by_role("button", name="Revoke now").click()
    page.get_by_text("opens nothing now").wait_for()
    assert not ApiKey.objects.get().is_live
    assert ask(token).status_code == 401

    page.get_by_role("link", name="End work with it").click()
    check(page, "partner-end")
