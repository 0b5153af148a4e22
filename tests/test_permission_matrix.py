"""Who gets where in the admin: every address, every role, one's own and others' objects.

``permission_matrix.py`` says what is expected, ``permission_routes.py`` what is asked.
"""

import re

import pytest
from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.test import Client

from cms import tree
from syndication.comments import editors as comments
from syndication.newsletters import editors

from . import permission_routes as admin
from .permission_matrix import ROWS, row_of
from .voices import SECRET

# Wagtail opens renditions without closing them.
pytestmark = pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)

# What looking at a screen may leave behind: notes about whoever looked.
TRACES = {
    "django_session",
    "wagtail_headless_preview_pagepreview",
    # The size of an image's or a document's file, noted when it is first asked for.
    "wagtaildocs_document",
    "wagtailadmin_editingsession",
    "wagtailcore_pagesubscription",
    "wagtailimages_image",
    "wagtailimages_rendition",
    "wagtailusers_userprofile",
}


WRITES = re.compile(
    r'\s*(?:INSERT(?: OR \w+)? INTO|UPDATE|DELETE FROM)\s+"?(?P<table>\w+)'
)
# Who asks: what in which column, whose things they may read.
VISITORS = {
    "nobody": ([("nobody", ["pacc"])], []),
    "pat": ([("own", ["pacc"]), ("other", ["pods", "shared"])], ["pacc"]),
    "pip": ([("other", ["pacc"])], ["pods"]),
    "lead": ([("prof", ["pacc"])], ["shared"]),
    "editor": ([("editor", ["pods"])], ["pacc", "pods", "shared"]),
    "admin": ([("admin", ["pods"])], ["pacc", "pods", "shared"]),
}
OWN = {"pat": "pacc", "pip": "pods"}
# What is refused is decided above the database; between them these two make every query.
ON_EACH_DATABASE = {"admin", "pat"}


@pytest.fixture
def things(world, write, submit, edit):
    group = Group.objects.get(name=tree.EDITORS)
    editors.let_in(group)
    comments.let_in(group)
    made = admin.make_things(world, write, submit, edit)
    admin.make_issue(world, made)
    admin.make_mailing(made)
    admin.make_answer(world, made)
    admin.make_block(world)
    admin.make_partners()
    return made


class Visitor:
    """Asks for addresses as one person. Whatever that changes is undone each time."""

    def __init__(self, user, section):
        self.form = admin.form(section)
        self.session = Client(raise_request_exception=False)
        if user:
            self.session.force_login(user)

    def ask(self, method, address):
        """The response, its text, and the tables that were written to."""
        client = Client(raise_request_exception=False)
        client.cookies.update(self.session.cookies)
        written = set()

        def note(execute, sql, params, many, context):
            if found := WRITES.match(sql):
                written.add(found["table"])
            return execute(sql, params, many, context)

        with transaction.atomic(), connection.execute_wrapper(note):
            if method == "GET":
                response = client.get(address)
            elif address.startswith("/admin/api/"):
                response = client.post(
                    address,
                    {"destination_page_id": self.form["new_parent_page"]},
                    content_type="application/json",
                )
            else:
                response = client.post(address, self.form)
            text = b"".join(response).decode(errors="replace")
            transaction.set_rollback(True)
        return response, text, written


def verdict(response):
    """``y`` for in, ``.`` for refused, ``x`` for a failure."""
    if response.status_code >= 500:
        return "x"
    if response.status_code in (403, 404, 405):
        return "."
    location = response.headers.get("Location", "")
    # Wagtail's way to refuse: to the login, or to the dashboard with a message.
    if location == "/admin/" or location.startswith("/admin/login/"):
        return "."
    return "y"


def test_every_address_of_the_admin_has_a_row_and_every_row_an_address():
    routes = admin.routes()
    used = [row_of(route) for route in routes]

    assert [route for route in routes if row_of(route) is None] == []
    assert [row.route for row in ROWS if row not in used] == []


def test_what_looks_odd_has_a_reason():
    odd = [
        row.route
        for row in ROWS
        if "y" in row.cells["other"]
        or "y" not in row.cells["admin"]
        or "x" in "".join(row.cells.values())
    ]

    assert [row.route for row in ROWS if row.route in odd and not row.reason] == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "who",
    [
        pytest.param(who, marks=() if who in ON_EACH_DATABASE else pytest.mark.once)
        for who in VISITORS
    ],
)
def test_people_get_where_the_matrix_says_and_nowhere_else(world, things, who):
    columns, readable = VISITORS[who]
    visitor = Visitor(getattr(world, who, None), things[OWN.get(who, "pacc")].section)
    secrets = [
        secret for owner, secret in admin.SECRETS.items() if owner not in readable
    ]
    if who != "admin":
        # What keepers and managers alone read.
        secrets += [admin.PRIVATE_ADDRESS, admin.PARTNER, SECRET]

    problems = []
    for route, (name, parameters) in admin.routes().items():
        addresses = {
            owner: admin.addresses(name, parameters, things[owner], world)
            for owner in {OWN.get(who, "pods")}.union(
                *(owners for _, owners in columns)
            )
        }
        own = set(addresses[OWN.get(who, "pods")])
        for column, owners in columns:
            asked = [
                address
                for owner in owners
                for address in addresses[owner]
                if column != "other" or address not in own
            ]
            row = row_of(route)
            if row is None:
                problems.append(f"{route} has no row in permission_matrix.py")
                continue
            cell = row.cells[column]
            if asked:
                problems += visit(visitor, route, column, cell, asked, secrets)
            elif cell != "=" and "*" not in row.route:
                problems.append(
                    f"{route}: “other” is “=”, as nothing of it has an owner"
                )

    if problems:
        pytest.fail("\n".join(problems))


def visit(visitor, route, column, cell, addresses, secrets):
    """Ask for all of a route's addresses; what is not as expected, as sentences."""
    if cell == "=":
        return [f"{route}: “=” is for addresses that name nothing with an owner"]
    problems = []
    thorough = column in ("other", "prof") or row_of(route).cells["other"] == "="
    for method, expected in zip(("GET", "POST"), cell, strict=True):
        found, statuses = set(), set()
        for address in addresses:
            response, text, written = visitor.ask(method, address)
            got = verdict(response)
            found.add(got)
            statuses.add(response.status_code)
            asked = f"{route}, {column}: {method} {address} ({response.status_code})"
            problems += [f"{asked} shows {one}" for one in secrets if one in text]
            if got == "." and written - TRACES and column != "admin":
                problems.append(f"{asked} is refused, but writes {written - TRACES}")
            if got == "y" and (method == "GET" or column == "other"):
                more = written - TRACES
                problems += [f"{asked} writes {more}"] if more else []
            if got not in (expected, "."):
                problems.append(f"{asked} is “{got}”, not “{expected}”")
            # Of one's own one will do; lists are asked for in every way.
            if got == expected == "y" and not thorough:
                break
        if expected not in found and statuses != {405}:
            problems.append(f"{route}, {column}: {method} is never “{expected}”")
    return problems
