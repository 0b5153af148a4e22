"""Pictures and files beside a text: public with it, and gone with it."""

import hashlib
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.storage import FileSystemStorage

from cms import withdrawals
from cms.models import FrozenAttachment, FrozenImage, Proof
from syndication import files
from syndication.management.commands.worker import Loop
from syndication.models import Release, ReleaseAttachment

from .every_block import PDF, attachment, diagram, make_document, make_picture, picture

ORIGIN = "https://localoffer.example"


@pytest.fixture
def page(write):
    """A draft with a picture, a diagram and a file."""
    image = make_picture()
    return write(
        body=[picture(image), diagram(make_picture()), attachment(make_document())]
    )


def addresses(release):
    body = Proof.objects.get(pk=release.proof_id).representation["body"]
    return [block["url"].removeprefix(ORIGIN) for block in body]


def frozen_files():
    return sorted(Path(settings.MEDIA_ROOT, "frozen").glob("*"))


def take_back(world, release, **how):
    withdrawals.withdraw(
        content_id=release.item.content_id, by=world.pat, reason="Consent ended", **how
    )


def test_a_file_is_public_only_while_a_release_offers_it(
    client, world, page, submit, sign
):
    proof = submit(page)
    name = FrozenAttachment.objects.get().name
    path = f"/attachments/{name}"
    before = client.get(path)

    sign(proof, world.pacc, world.pat)
    sign(proof, world.pods, world.pip)
    public = client.get(path)
    release = Release.objects.current().get(item__content_id=page.content_id)
    take_back(world, release)
    after = client.get(path)

    assert [before.status_code, public.status_code, after.status_code] == [
        404,
        200,
        410,
    ]
    assert public.content == PDF
    assert public["Content-Type"] == "application/pdf"
    assert public["Content-Disposition"] == 'attachment; filename="The leaflet.pdf"'
    assert public["X-Content-Type-Options"] == "nosniff"
    assert public["Cache-Control"] == "public, max-age=60"
    assert after["Cache-Control"] == "private, no-store"
    again = client.get(path, headers={"If-None-Match": public["ETag"]})
    assert again.status_code == 410


def test_forums_open_a_file_before_they_sign(client_of, world, page, submit):
    proof = submit(page)
    (path,) = [
        block["url"].removeprefix(ORIGIN)
        for block in proof.representation["body"]
        if block["type"] == "attachment"
    ]

    screen = client_of(world.pat).get(f"/admin/sign-off/{proof.pk}/").text
    answer = client_of(world.pat).get(path)

    assert f'href="{ORIGIN}{path}"' in screen
    assert answer.content == PDF
    assert answer["Cache-Control"] == "private, no-store"


def test_a_public_file_costs_one_query(
    client, page, release, django_assert_num_queries
):
    *_, path = addresses(release(page))

    with django_assert_num_queries(1):
        client.get(path)


def test_what_was_taken_back_is_removed_and_the_record_stays(
    client, world, page, release
):
    public = release(page)
    before = addresses(public)
    signed = Proof.objects.get(pk=public.proof_id).representation["body"]
    contents = [path.read_bytes() for path in frozen_files()]
    assert files.remove_what_is_over() == 0

    take_back(world, public)
    Loop(seconds_between_sweeps=0)._sweep()

    assert frozen_files() == []
    assert [client.get(path).status_code for path in before] == [410] * 3
    # Which files they were can still be proven.
    assert {block["sha256"] for block in signed} == {
        hashlib.sha256(content).hexdigest() for content in contents
    }
    for model in (FrozenImage, FrozenAttachment):
        assert not model.objects.filter(removed_at=None).exists()
    assert files.remove_what_is_over() == 0


def test_what_is_shown_again_has_a_new_name(client, world, page, release):
    public = release(page)
    old = addresses(public)
    take_back(world, public)
    files.remove_what_is_over()

    new = addresses(release(page))

    assert not set(old) & set(new)
    assert [client.get(path).status_code for path in new] == [200] * 3
    assert [client.get(path).status_code for path in old] == [410] * 3


def test_what_another_text_shows_stays(client, world, write, page, release):
    image, document = make_picture("Shared"), make_document("Shared")
    body = [picture(image), attachment(document)]
    one, other = (release(write(title=title, body=body)) for title in ("A", "B"))

    take_back(world, one)

    assert files.remove_what_is_over() == 0
    assert [client.get(path).status_code for path in addresses(other)] == [200] * 2
    take_back(world, other)
    assert files.remove_what_is_over() == 2


def test_what_a_waiting_proof_shows_stays(world, client, write, submit, sign, release):
    image = make_picture()
    first = release(write(title="A", body=[picture(image)]))
    proof = submit(write(title="B", body=[picture(image)]))

    take_back(world, first)

    assert files.remove_what_is_over() == 0
    sign(proof, world.pacc, world.pat)
    sign(proof, world.pods, world.pip)
    assert client.get(
        proof.representation["body"][0]["url"].removeprefix(ORIGIN)
    ).content


def test_a_picture_that_a_newer_version_lacks_is_removed(world, page, release, edit):
    release(page)

    release(edit(page, world.editor, body=[("heading", "No picture now")]))

    assert files.remove_what_is_over() == 3
    assert frozen_files() == []


def test_a_draft_keeps_its_files(world, page, release):
    page.representation()

    assert files.remove_what_is_over() == 0
    assert len(frozen_files()) == 3


def test_a_removal_that_stopped_halfway_is_done_again(
    world, page, release, monkeypatch
):
    take_back(world, release(page))

    def fail(self, name):
        raise OSError("disk")

    with monkeypatch.context() as broken:
        broken.setattr(FileSystemStorage, "delete", fail)
        with pytest.raises(OSError, match="disk"):
            files.remove_what_is_over()
    assert len(frozen_files()) == 3

    files.remove_what_is_over()

    assert frozen_files() == []


def test_nobody_guesses_a_file_by_what_it_is_called(client, page, release):
    release(page)

    for path in ("/attachments/leaflet.pdf", "/attachments/../documents/leaflet.pdf"):
        assert client.get(path).status_code == 404
    assert client.get("/media/documents/leaflet.pdf").status_code == 404


def test_what_vanished_was_never_there(client, world, page, release):
    public = release(page)
    paths = addresses(public)

    take_back(world, public, kind="vanish")

    assert [client.get(path).status_code for path in paths] == [404] * 3


def test_a_release_names_its_files(page, release):
    made = release(page)

    assert made.images.count() == 2
    assert ReleaseAttachment.objects.get().title == "The leaflet"
