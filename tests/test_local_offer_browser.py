"""Typed facts and the coverage of the Local Offer in a real browser."""

import datetime as dt

import pytest

from cms import sign_off, terms
from cms.models import Term

from .browsing import check, in_chromium
from .conftest import make_world, submit_draft, write_draft
from .services import NEWS, SERVICE

pytestmark = in_chromium


@pytest.fixture
def world(db):
    made = make_world()
    terms.install()
    return made


def release(world, page):
    proof = submit_draft(world, page)
    for forum, by in ((world.pacc, world.pat), (world.pods, world.pip)):
        sign_off.sign(proof=proof, forum=forum, by=by, fingerprint=proof.fingerprint)
    return proof


def service(world, **fields):
    days = {
        name: dt.date.fromisoformat(SERVICE[name])
        for name in ("waiting_as_at", "law_as_at", "review_by")
    }
    page = write_draft(world, **(SERVICE | days | fields))
    page.terms = list(Term.objects.filter(code__in=["physical", "LO-23", "LO-32"]))
    page.save_revision(user=world.editor)
    return page


def news(world):
    days = {"expires_on": dt.date(2030, 1, 1)}
    return write_draft(world, "news", **(NEWS | days))


def sign_in(page, live_server, name):
    page.goto(f"{live_server.url}/admin/login/")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill("secret")
    page.get_by_role("button", name="Sign in").click()


@pytest.mark.journey
def test_facts_and_coverage_are_accessible_and_fit(world, live_server, page):
    stale = service(world, title="Old page", review_by=dt.date(2020, 1, 1))
    for one in (service(world), stale, news(world)):
        release(world, one)
        page.goto(f"{live_server.url}/items/{one.content_id}")
        check(page, f"facts-{one.title}".replace(" ", "-").lower())
    page.goto(f"{live_server.url}/coverage/")
    check(page, "coverage")


def test_the_admin_s_report_and_forms_are_accessible(world, live_server, page):
    draft, item = service(world), news(world)
    release(world, service(world, title="Public"))
    sign_in(page, live_server, "editor")
    page.goto(f"{live_server.url}/admin/coverage/")
    check(page, "coverage-report")
    for name, one in (("service", draft), ("news", item)):
        page.goto(f"{live_server.url}/admin/pages/{one.pk}/edit/")
        page.get_by_role("heading", level=1).wait_for()
        page.wait_for_timeout(500)
        shoot(page, f"form-{name}")


def shoot(page, name):
    """A picture of one of Wagtail's own screens, whose markup is not ours to judge."""
    from .browsing import SHOTS

    page.set_viewport_size({"width": 1280, "height": 900})
    assert page.get_by_text("Who is it for?").count() or "news" in name
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)
