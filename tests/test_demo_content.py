"""The demonstration shows every state, and says that it is one."""

import json
import os
from io import StringIO
from tempfile import TemporaryDirectory

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import Client, TestCase, override_settings

from cms import audit, reviews
from cms.models import (
    Assurance,
    Comment,
    LocalOfferPage,
    NewsItemPage,
    Notice,
    Proof,
)
from syndication.models import Release, ReleaseEmbed
from syndication.newsletters.models import Mailing, Subscription
from tests.conftest import clear_world
from tests.contract.shown import shown
from tests.public import everything
from tests.voices import heard_in

EXAMPLES = settings.BASE_DIR / "syndication" / "api" / "examples.json"


def page(start, model=LocalOfferPage):
    return model.objects.get(title__startswith=start)


def titles(found):
    return [item["title"] for item in found["items"]]


class TestDemonstration(TestCase):
    """Seeded once for all of these: it takes seconds."""

    @classmethod
    def setUpTestData(cls):
        clear_world()
        media = TemporaryDirectory()
        cls.addClassCleanup(media.cleanup)
        with override_settings(DEBUG=True, MEDIA_ROOT=media.name):
            call_command("seed_demo", stdout=StringIO())

    def test_there_are_all_pages_and_news_items_in_every_state(self):
        assert LocalOfferPage.objects.count() == 14
        assert NewsItemPage.objects.count() == 8
        outcomes = set(Proof.objects.values_list("outcome", flat=True))
        assert outcomes == set(Proof.Outcome.values) - {"void", "stopped"}
        submitted = set(Proof.objects.values_list("content_id", flat=True))
        pages = LocalOfferPage.objects.exclude(content_id__in=submitted)
        assert [page.title for page in pages] == ["Travel to school and college"]

    def test_the_documentation_shows_what_is_really_answered(self):
        """After a wanted change run it with ``EXAMPLES=write``, and write openapi.yaml."""
        now = shown(Client(), settings.PUBLIC_ORIGIN)
        if os.environ.get("EXAMPLES") == "write":
            text = json.dumps(now, indent=1, ensure_ascii=False)
            EXAMPLES.write_text(text + "\n", encoding="utf-8")

        assert now == json.loads(EXAMPLES.read_text(encoding="utf-8"))

    def test_the_audit_log_vouches_for_all_of_it(self):
        assert audit.verify() == []

    def test_one_page_waits_for_pods_only(self):
        proof = Proof.objects.open().get(title__startswith="Short breaks")

        assert [answer.forum.slug for answer in proof.sign_offs.all()] == ["pacc"]

    def test_pods_can_see_what_changed_since_it_last_signed(self):
        proof = Proof.objects.open().get(title__startswith="Short breaks")
        before = Proof.objects.signed().get(content_id=proof.content_id)

        assert before.sign_offs.filter(forum__slug="pods").exists()
        assert bytes(before.payload) != bytes(proof.payload)

    def test_co_produced_reviewed_and_corrected_texts_show_their_labels(self):
        labels = set(Release.objects.current().values_list("label", flat=True))

        # The corrected one says “information only” until its forums reviewed it.
        assert labels == {"co-produced", "consulted", "reviewed", "information"}

    def test_a_correction_waits_for_review(self):
        assert Release.objects.current().get(before_review=True).title == (
            "Occupational therapy phone line"
        )

    def test_an_issue_is_ready_to_sign_and_somebody_would_get_it(self):
        issue = Proof.objects.open().get(kind="issues")

        assert {forum.slug for forum in issue.forums.all()} == {"pacc", "pods"}
        assert Subscription.objects.active().count() == 1
        assert not Mailing.objects.exists()

    def test_forums_get_mail_only_for_what_waits(self):
        assert set(Notice.objects.values_list("purpose", flat=True)) == {"waits"}
        assert set(Notice.objects.values_list("proof", "recipient__username")) == {
            (proof.pk, forum.slug)
            for proof in Proof.objects.open()
            for forum in proof.forums.all()
        }

    def test_every_item_says_that_it_is_a_demonstration(self):
        for release in Release.objects.exclude(kind="issues"):
            assert b"demonstration" in bytes(release.payload).lower()

    def test_nothing_but_the_released_items_is_public(self):
        public = everything()

        for words in (
            b"You do not have to be on the disability register",
            b"EHC needs assessment",
            b"school travel",
            b"New words for EHC plans",
            b"Occupational therapy for daily living",
        ):
            assert words not in public

    def test_one_page_is_not_agreed_and_changes_are_asked_for_in_another(self):
        closed = Proof.objects.filter(outcome__in=["not_agreed", "changes"])

        assert {(one.outcome, str(one.item)) for one in closed} == {
            ("not_agreed", "Occupational therapy for daily living"),
            ("changes", "Asking for an EHC needs assessment"),
        }

    def test_one_page_is_over_its_review_date_and_one_was_found_still_correct(self):
        (late,) = reviews.overdue()
        (assured,) = Assurance.objects.all()

        assert str(late.item) == "Getting ready for adult life from Year 9"
        assert assured.content_id == page("Your parent carer forum").content_id

    def test_one_page_is_for_what_is_outside_the_area(self):
        found = self.client.get("/api/v1/items", {"area": "outside-our-area"}).json()

        assert "A residential college outside our area" in titles(found)

    def test_one_shared_block_stands_in_three_pages(self):
        rows = ReleaseEmbed.objects.filter(
            release__in=Release.objects.current(), embedded__isnull=False
        )

        assert rows.values("content_id").distinct().count() == 1
        assert rows.count() == 3

    def test_one_page_was_withdrawn_because_consent_for_it_was(self):
        kit = page("Our first swim")

        gone = self.client.get(f"/api/v1/items/{kit.content_id}")

        assert gone.status_code == 410
        assert gone.json()["reason"] == "consent_withdrawn"
        assert "Kit" not in gone.text

    def test_one_voice_is_heard_on_the_site_and_in_the_api_but_in_no_mail(self):
        story = page("A young person’s view", NewsItemPage)

        assert heard_in(story, "which driver says hello") == {"site", "api"}

    def test_a_comment_was_answered_and_another_waits_to_be_read(self):
        assert sorted(Comment.objects.values_list("status", flat=True)) == [
            Comment.Status.PUBLISHED,
            Comment.Status.WAITING,
        ]
        answer = self.client.get("/you-said-we-did/")
        assert "the telephone number is hard to find" in answer.text

    def test_the_diagram_says_its_values_and_steps_in_words(self):
        text = self.client.get(f"/items/{page('Co-production').content_id}.txt").text

        assert "Sharing power and decisions" in text
        assert "Review and report" in text

    def test_a_second_run_keeps_what_is_there(self):
        before = Release.objects.count(), Proof.objects.count()
        said = StringIO()

        with override_settings(DEBUG=True):
            call_command("seed_demo", stdout=said)

        assert (Release.objects.count(), Proof.objects.count()) == before
        assert said.getvalue() == ""

    def test_at_another_address_the_api_answers_with_that_address(self):
        with override_settings(DEBUG=True, PUBLIC_ORIGIN="http://localhost:8123"):
            call_command("seed_demo", stdout=StringIO())
            items = self.client.get("/api/v1/items").json()["items"]

        assert all(item["url"].startswith("http://localhost:8123/") for item in items)


def test_outside_development_it_refuses(db):
    with pytest.raises(CommandError, match="public passwords"):
        call_command("seed_demo")
