"""The forms in which editors write, as a whole, in a real browser."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse

from cms import terms
from cms.blocks import BodyBlock
from cms.models import SharedBlock

from .browsing import AXE, SHOTS, WIDTHS, in_chromium, sign_in
from .conftest import BODY, make_world, write_draft
from .every_block import every_block, make_document, make_picture
from .services import NEWS, SERVICE
from .test_formats import BSL, EASY_READ, POLISH, entries
from .test_local_offer import days_of

pytestmark = [
    *in_chromium,
    # Wagtail opens renditions without closing them.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

# Wagtail's own list of headings beside the form, with a button of 16 pixels.
WAGTAILS = [[".w-minimap"], ["#w-minimap-toggle"]]
MADE_TOGETHER = [
    {
        "type": "part",
        "value": {
            "forum": None,
            "who": "Young people",
            "stage": "idea",
            "how_many": "",
        },
    }
]


@pytest.fixture
def world(transactional_db):
    made = make_world()
    terms.install()
    return made


def look(page, name):
    """No fault of axe in the whole form; nothing that its script falls over."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        found = Axe().run(page, context={"exclude": WAGTAILS}, options=AXE)
        faults = [
            (one["id"], node["html"])
            for one in found.response["violations"]
            for node in one["nodes"]
        ]
        assert faults == [], f"{name} at {width}: {faults}"
        if SHOTS:
            page.set_viewport_size({"width": width, "height": 12_000})
            page.screenshot(path=f"{SHOTS}/{name}-{width}.png", full_page=True)


def test_the_forms_of_all_that_is_signed_are_accessible(live_server, page, world):
    everything = every_block(make_picture(), make_document(), write_draft(world))
    register = entries(EASY_READ, BSL, POLISH)
    together = {"formats": register, "co_production": MADE_TOGETHER}
    service = write_draft(world, **(days_of(SERVICE) | together | {"body": everything}))
    news = write_draft(world, kind="news", **(NEWS | together | {"expires_on": None}))
    block = SharedBlock(
        title="Advice line", body=BodyBlock().to_python(BODY), formats=register
    )
    block.save()
    block.save_revision(user=world.editor)
    faults = []
    page.on("pageerror", lambda error: faults.append(str(error)))

    sign_in(page, live_server, world.editor)
    for name, one in (("service", service), ("news", news), ("block", block)):
        view = (
            SharedBlock.snippet_viewset.get_url_name("edit")
            if one is block
            else "wagtailadmin_pages:edit"
        )
        page.goto(live_server.url + reverse(view, args=[one.pk]))
        page.get_by_label("Where it is", exact=False).first.wait_for(state="attached")
        page.wait_for_timeout(500)
        look(page, f"form-{name}")
        if one is service:
            assert page.get_by_role("textbox", name="The film in words").is_visible()
        assert page.get_by_role("textbox", name="Heading").first.is_visible()
    assert faults == []


def test_the_form_of_the_acronym_register_is_accessible(live_server, page, world):
    sign_in(page, live_server, world.editor)
    page.goto(live_server.url + reverse("wagtailsnippets_cms_acronym:add"))
    page.get_by_label("Short form", exact=False).first.wait_for(state="attached")
    look(page, "form-acronym")
    page.goto(live_server.url + reverse("wagtailsnippets_cms_acronym:list"))
    look(page, "acronyms")
