"""The forms of the admin: a draft may be half known, and what is wrong is said plainly."""

import pytest
from django.urls import reverse
from wagtail.test.utils.form_data import (
    inline_formset,
    nested_form_data,
    streamfield,
)

from cms import missing, terms
from cms.models import LocalOfferIndexPage, Proof

from .test_bypass import FACTS, form_of

# What Wagtail keeps for itself.
BEHIND_THE_SCENES = {"comment_notifications"}


@pytest.fixture(autouse=True)
def vocabulary(db):
    terms.install()


NOT_YET = {
    "age_to": "3",
    "waiting_as_at": "2030-01-01",
    "co_production": [("part", {"forum": "", "who": "", "stage": "idea"})],
    "formats": [
        ("format", {"format": "translation", "language": "", "state": "available"})
    ],
    "places": [("place", {"street": "", "postcode": "nowhere"})],
    "body": [
        (
            "voice",
            {
                "consent": "",
                "kind": "",
                "words": "",
                "photo": {"image": "", "decorative": "", "alt_text": ""},
                "film": "",
                "film_title": "",
                "transcript": "",
            },
        )
    ],
}


def half_known(client, page, **values):
    blocks = {
        name: streamfield(value)
        for name, value in values.items()
        if isinstance(value, list)
    }
    kept = {
        name: value
        for name, value in form_of(client, page).items()
        if name.rpartition("-")[0] not in blocks and name not in values
    }
    return kept | nested_form_data({**values, **blocks})


@pytest.mark.parametrize("name", NOT_YET)
def test_what_is_half_known_is_saved_and_only_its_submission_refused(
    world, write, client_of, name
):
    page = write(age_from=5, age_to=18)
    client = client_of(world.editor)
    address = reverse("wagtailadmin_pages:edit", args=[page.pk])
    data = half_known(client, page, **{name: NOT_YET[name]})

    saved = client.post(address, data)
    previewed = page.get_latest_revision_as_object().representation()
    refused = client.post(address, data | {"action-submit": "1"})

    assert saved.status_code == 302
    assert previewed["text"]
    assert name in refused.context["form"].errors
    assert not Proof.objects.exists()


def test_whoever_leaves_everything_out_is_told_what_to_do(world, client_of):
    """No field only says that it is required."""
    folder = LocalOfferIndexPage.objects.first()
    address = reverse(
        "wagtailadmin_pages:add", args=["cms", "localofferpage", folder.pk]
    )
    nothing = {
        name: streamfield([]) for name in ("body", "co_production", "formats", *FACTS)
    }

    refused = client_of(world.editor).post(
        address,
        nested_form_data(
            nothing
            | {
                "describes": "service",
                "comments": inline_formset([]),
                "action-submit": "1",
            }
        ),
    )

    errors = refused.context["form"].errors
    assert {"title", "summary", "audience", "areas", "body", "review_by"} <= set(errors)
    assert "required" not in str(errors)
    assert missing.NO_TEXT in refused.content.decode()


def test_every_field_has_a_help_text(world, write, client_of):
    for page in (write(), write("news")):
        shown = client_of(world.editor).get(
            reverse("wagtailadmin_pages:edit", args=[page.pk])
        )

        fields = shown.context["form"].fields.items()
        assert [
            name
            for name, field in fields
            if not field.help_text and name not in BEHIND_THE_SCENES
        ] == []
