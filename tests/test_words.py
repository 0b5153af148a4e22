"""Hints about words: on the edit screen, where forums read, and never in the way."""

import time

import pytest
from django.urls import reverse

from cms import wordings, words
from cms.errors import ReasonMissing
from cms.models import Acronym, AuditEntry, KeptWording
from cms.words import Acronym as Entry

PLAIN = (
    "You can ring us first. We will listen to you. Then we will tell you what we can "
    "do. You do not need a form. Bring your child if you like. "
) * 5
HARD = (
    "Multidisciplinary neurodevelopmental assessments necessitate the comprehensive "
    "consideration of individual circumstances, prioritising appropriately differentiated "
    "intervention following a determination of eligibility by the commissioning authority. "
) * 6


def said(*texts, known=(), **register):
    entries = {
        short: Entry(short, *([long] if isinstance(long, str) else long))
        for short, long in register.items()
    }
    return [hint.message for hint in words.hints(texts, known=known, register=entries)]


def test_a_plain_text_has_the_age_that_the_nhs_aims_for():
    found = words.measure([PLAIN])

    assert found.reading_age is not None
    assert found.reading_age <= words.OLDEST
    assert said(PLAIN) == []


def test_a_hard_text_is_told_what_makes_it_hard():
    age = said(HARD)[0]

    assert age.startswith("The reading age is over 18.")
    assert "a measure, not a verdict" in age
    assert "multidisciplinary" in age
    assert "starts “Multidisciplinary neurodevelopmental assessments" in age


def test_a_few_words_have_no_reading_age():
    assert words.measure([HARD[:200]]).reading_age is None


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("plan", 1),
        ("homes", 1),
        ("helped", 1),
        ("wanted", 2),
        ("table", 2),
        ("families", 3),
        ("assessment", 3),
        ("education", 4),
        ("x" * 500, 1),
    ],
)
def test_syllables(word, count):
    assert words.syllables(word) == count


def test_letters_of_the_register_are_told_with_the_words_they_stand_for():
    (hint,) = said("Ask for an EHC plan.", EHC="education, health and care")

    assert hint == (
        "EHC is used before it is explained: first use should read “education, health "
        "and care (EHC)”."
    )


def test_letters_that_are_explained_at_first_use_need_no_hint():
    assert (
        said(
            "Ask for an education, health and care (EHC) plan. An EHC plan helps.",
            EHC="education, health and care",
        )
        == []
    )


def test_letters_explained_too_late_are_told_of():
    assert (
        len(said("An EHC plan.", "Education, health and care (EHC) plans.", EHC="x"))
        == 1
    )


def test_letters_that_families_know_and_letters_to_avoid():
    assert said("Ring the NHS.", NHS=("National Health Service", "known")) == []
    assert said("Ask for SALT.", SALT=("speech and language therapy", "avoid")) == [
        "Write “speech and language therapy” for SALT."
    ]


def test_letters_that_are_not_all_capitals_are_found():
    (hint,) = said("Help with SpLD.", SpLD="specific learning difficulty")

    assert "specific learning difficulty (SpLD)" in hint


def test_many_letters_do_not_bury_the_rest():
    register = {f"AB{letter}": "some words" for letter in "CDEFGHIJKL"}
    found = said(" and ".join(register), **register)

    assert len(found) == words.ACRONYMS_NAMED + 1
    assert found[-1] == "5 more are used before they are explained."


def test_a_very_long_text_is_measured_in_part_and_soon():
    text = [HARD] * 3000
    words.measure([HARD])
    started = time.process_time()
    found = words.measure(text)

    assert time.process_time() - started < 1
    assert not found.is_whole
    assert found.words < words.MOST_WORDS + 100


def test_the_register_begins_with_the_words_of_the_field(db):
    register = wordings.register([])

    assert {"EHC", "SENCO", "SENDIASS", "ICB", "DCO", "SLT", "PACC", "PODS"} <= set(
        register
    )
    assert register["EHC"].long == "education, health and care"


def test_letters_of_another_area_are_not_asked_for(world):
    Acronym.objects.create(
        short_form="ALL", long_form="a local list", area=world.telford
    )

    assert "ALL" not in wordings.register(["shropshire"])
    assert "ALL" in wordings.register(["telford-and-wrekin"])


# On the screens.


@pytest.fixture
def page(write):
    return write(
        summary="How to ask for an EHC plan.",
        body=[{"type": "paragraph", "value": f"<p>{HARD}</p>"}],
    )


EHC = "EHC is used before it is explained"


def edit_address(page):
    return reverse("wagtailadmin_pages:edit", args=[page.pk])


def words_address(page):
    return reverse("countersign_sign_off:words", args=[page.content_id])


def test_the_edit_screen_shows_hints(world, page, client_of):
    shown = client_of(world.editor).get(edit_address(page)).content.decode()

    assert EHC in shown
    assert "a measure, not a verdict" in shown
    assert words_address(page) in shown


def test_the_screen_for_a_new_page_says_when_hints_come(world, client_of):
    from cms import tree
    from cms.models import LocalOfferIndexPage

    folder = tree.folder(LocalOfferIndexPage)
    shown = client_of(world.editor).get(
        reverse("wagtailadmin_pages:add", args=["cms", "localofferpage", folder.pk])
    )

    assert "When the draft is saved" in shown.content.decode()


def test_hints_stand_where_forums_read_and_do_not_stop_them(
    world, page, submit, sign, client_of
):
    proof = submit(page)
    shown = client_of(world.pat).get(f"/admin/sign-off/{proof.pk}/").content.decode()
    sign(proof, world.pacc, world.pat)
    sign(proof, world.pods, world.pip)
    proof.refresh_from_db()

    assert EHC in shown
    assert "a measure, not a verdict" in shown
    assert proof.outcome == "signed"


def test_a_reason_to_keep_the_words_is_kept_and_shown_to_forums(
    world, page, submit, client_of
):
    editor = client_of(world.editor)
    given = editor.post(
        words_address(page),
        {"code": "reading_age", "reason": "Tested with readers on 3 May 2026."},
        follow=True,
    )
    proof = submit(page)
    read = client_of(world.pat).get(f"/admin/sign-off/{proof.pk}/").content.decode()

    for shown in (given.content.decode(), read):
        assert "Kept on purpose:" in shown
        assert "Tested with readers on 3 May 2026." in shown
        assert "The text has changed since then." not in shown
    assert "Tested with readers" in editor.get(edit_address(page)).content.decode()
    entry = AuditEntry.objects.get(action="wording_kept")
    assert entry.data == {"code": "reading_age"}


def test_a_reason_says_when_the_text_has_changed_since(
    world, page, edit, submit, client_of
):
    wordings.keep(
        item=page, code="reading_age", reason="Tested with readers.", by=world.editor
    )
    edit(page, world.editor, summary="How to ask for help with an EHC plan.")
    proof = submit(page)
    read = client_of(world.pat).get(f"/admin/sign-off/{proof.pk}/").content.decode()

    assert "The text has changed since then." in read


def test_a_hint_is_not_set_aside_without_a_reason(world, page, client_of):
    answer = client_of(world.editor).post(
        words_address(page), {"code": "reading_age", "reason": " "}
    )

    assert answer.status_code == 400
    assert "Please write why the words stay" in answer.content.decode()
    assert not KeptWording.objects.exists()
    with pytest.raises(ReasonMissing):
        wordings.keep(item=page, code="reading_age", reason=" ", by=world.editor)


def test_only_who_may_edit_the_text_gives_a_reason(world, page, client_of):
    for user in (world.pat, world.pip):
        assert client_of(user).get(words_address(page)).status_code == 404
        assert (
            client_of(user)
            .post(words_address(page), {"code": "reading_age", "reason": "Ours."})
            .status_code
            == 404
        )
    assert not KeptWording.objects.exists()


def test_a_reason_is_shown_as_text(world, page, submit, client_of):
    wordings.keep(
        item=page,
        code="reading_age",
        reason="<script>alert(1)</script>",
        by=world.editor,
    )
    proof = submit(page)
    read = client_of(world.pat).get(f"/admin/sign-off/{proof.pk}/").content.decode()

    assert "<script>alert(1)" not in read
    assert "&lt;script&gt;alert(1)" in read


def test_hints_cost_the_edit_screen_a_few_queries_and_no_more(
    world, page, django_assert_num_queries
):
    draft = page.get_latest_revision_as_object()

    # The register, the names of forums, and the reasons given so far.
    with django_assert_num_queries(3):
        wordings.of_draft(draft)


# Wagtail opens the files of pictures without closing them.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_looking_at_a_draft_freezes_no_picture(world, write, client_of):
    from wagtail.images.models import Image
    from wagtail.images.tests.utils import get_test_image_file

    from cms.models import FrozenImage

    image = Image.objects.create(title="Us", file=get_test_image_file())
    page = write(
        body=[
            {
                "type": "image",
                "value": {"image": image.pk, "alt_text": "A park", "decorative": False},
            }
        ]
    )

    client_of(world.editor).get(edit_address(page))
    assert not FrozenImage.objects.exists()


def test_editors_keep_the_register_and_others_do_not(world, client_of):
    address = reverse("wagtailsnippets_cms_acronym:add")
    given = {
        "short_form": "SSP",
        "long_form": "short stay provision",
        "use": "explain",
        "area": "",
        "note": "",
    }
    client_of(world.editor).post(address, given)
    client_of(world.pat).post(address, given | {"short_form": "NOT"})

    assert Acronym.objects.filter(short_form="SSP").exists()
    assert not Acronym.objects.filter(short_form="NOT").exists()
