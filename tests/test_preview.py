"""Drafts preview in the admin, and nowhere else."""

import datetime as dt

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from wagtail_headless_preview.models import PagePreview


@pytest.fixture
def token(write):
    page = write(title="A draft to look at")
    preview = page.create_page_preview()
    preview.save()
    return preview.token


def look(client, token, content_type="cms.localofferpage"):
    return client.get("/preview/", {"token": token, "content_type": content_type})


def test_an_editor_sees_the_draft(world, token, client_of):
    seen = look(client_of(world.editor), token)

    assert seen.status_code == 200
    assert "A draft to look at" in seen.content.decode()
    assert "no-store" in seen["Cache-Control"]
    assert seen["Referrer-Policy"] == "no-referrer"
    assert "frame-ancestors 'self'" in seen["Content-Security-Policy"]


def test_the_admin_shows_it_in_a_frame(world, write, client_of):
    page = write()
    view = reverse("wagtailadmin_pages:view_draft", args=[page.pk])

    framed = client_of(world.editor).get(view)

    assert "/preview/?content_type=cms.localofferpage" in framed.content.decode()
    assert "frame-ancestors" not in framed.get("Content-Security-Policy", "")


def test_a_forwarded_link_shows_nothing_to_anyone_outside(token):
    seen = look(Client(), token)

    assert seen.status_code == 403
    assert "A draft to look at" not in seen.content.decode()
    assert "no-store" in seen["Cache-Control"]


def test_a_link_stops_working_after_a_quarter_of_an_hour(world, token, client_of):
    client = client_of(world.editor)
    later = dt.datetime.now(dt.UTC) + dt.timedelta(minutes=16)

    with time_machine.travel(later):
        seen = look(client, token)

    assert seen.status_code == 410
    assert "A draft to look at" not in seen.content.decode()


@pytest.mark.parametrize("forged", ["", "made-up", "id=1:1abcde:forged"])
def test_a_made_up_link_is_refused(world, token, client_of, forged):
    assert look(client_of(world.editor), forged).status_code == 404


def test_a_link_is_good_for_its_own_kind_of_page_only(world, token, client_of):
    client = client_of(world.editor)

    assert look(client, token, "cms.newsitempage").status_code == 404
    assert look(client, token, "auth.user").status_code == 404
    assert look(client, token, "nonsense").status_code == 404


def test_a_deleted_preview_is_gone(world, token, client_of):
    PagePreview.objects.all().delete()

    assert look(client_of(world.editor), token).status_code == 404
