"""Public pages, images and health answers."""

import hashlib
import io
import re
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.files.images import ImageFile
from django.core.files.storage import default_storage
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from PIL import Image as Picture
from wagtail.images.models import Image

from cms import withdrawals
from cms.models import FrozenImage
from site_settings.models import PublisherSettings
from syndication.models import Release
from syndication.web import health

ORIGIN = "https://localoffer.example"
TITLE = "Getting help with talking and understanding"


@pytest.fixture
def page(write):
    return write()


@pytest.fixture
def released(page, release):
    return release(page)


def address(release):
    return f"/items/{release.item.content_id}"


def withdraw(world, release, **kwargs):
    withdrawals.withdraw(
        content_id=release.item.content_id, by=world.pat, reason="Private", **kwargs
    )


def test_the_first_page_says_what_this_is_and_what_is_new(client, released):
    page = client.get("/").text

    assert "<h1>Information that parent carers have agreed</h1>" in page
    assert f'<a href="{address(released)}">{TITLE}</a>' in page
    for link in ("/feeds/", "/newsletter/", "/api/v1/docs"):
        assert f'<a href="{link}">' in page


def test_the_first_page_of_an_empty_site(client, db):
    assert "Nothing has been published yet." in client.get("/").text


def test_the_publisher_names_itself(client, released):
    PublisherSettings.objects.create(
        name="SEND together", contact_email="send@example.org"
    )

    for path in ("/", "/feeds/", address(released), "/receipts/x"):
        page = client.get(path).text
        assert '<a class="site-name" href="/">SEND together</a>' in page
        assert '<a href="mailto:send@example.org">' in page


def test_a_permalink_shows_the_signed_text_and_who_signed_it(client, released):
    page = client.get(address(released)).text

    assert f"<h1>{TITLE}</h1>" in page
    assert "<p>Ring the <b>advice line</b> first.</p>" in page
    assert "<strong>Shropshire Parent and Carer Council</strong> agreed" in page
    assert "<strong>Parents Opening Doors</strong> agreed" in page
    assert "Version 1," in page
    assert f'<a href="/receipts/{released.fingerprint}">' in page
    assert f'<link rel="canonical" href="{ORIGIN}{address(released)}">' in page
    assert 'type="application/rss+xml"' in page


def test_a_comment_on_the_agreement_is_told(client, world, page, submit, sign):
    proof = submit(page)
    sign(proof, world.pods, world.pip)
    sign(proof, world.pacc, world.pat, comment="Ring times may change.")

    shown = client.get(f"/items/{page.content_id}").text

    assert "agreed, with comments, on" in shown
    assert "Ring times may change." not in shown


def test_a_page_is_not_sent_twice(client, released):
    first = client.get(address(released))

    again = client.get(address(released), headers={"If-None-Match": first["ETag"]})

    assert again.status_code == 304
    assert again.content == b""
    assert again["Cache-Control"] == first["Cache-Control"]


def test_a_page_costs_one_query(client, released, django_assert_num_queries):
    PublisherSettings.objects.create(name="SEND together")
    path = address(released)

    with django_assert_num_queries(1):
        client.get(path)
    with django_assert_num_queries(1):
        client.get(f"/receipts/{released.fingerprint}")


def test_a_draft_has_no_page(client, page, submit):
    submit(page)

    answer = client.get(f"/items/{page.content_id}")

    assert answer.status_code == 404
    assert TITLE not in answer.text


def test_an_unknown_item_is_not_found(client, db):
    answer = client.get(f"/items/{uuid4()}")

    assert answer.status_code == 404
    assert "There is nothing at this address" in answer.text


def test_a_withdrawn_item_is_gone_and_says_why(client, world, released):
    withdraw(world, released, public_note="The service has closed.")

    answer = client.get(address(released), headers={"If-None-Match": "*"})

    assert answer.status_code == 410
    assert "The service has closed." in answer.text
    for told in (TITLE, "Who can help", "advice line", "Private"):
        assert told not in answer.text


def test_a_withdrawn_item_can_come_back(client, world, page, released, edit, release):
    withdraw(world, released, public_note="Wrong number.")
    page.refresh_from_db()
    release(edit(page, world.editor, title="Help with talking"))

    answer = client.get(address(released))

    assert answer.status_code == 200
    assert "Wrong number." not in answer.text


def test_a_receipt_confirms_what_was_signed(client, released):
    page = client.get(f"/receipts/{released.fingerprint}").text

    assert "<strong>Current.</strong>" in page
    assert "To check it yourself" in page
    assert f'<a href="{address(released)}">{TITLE}</a>' in page
    assert "<strong>Parents Opening Doors</strong> agreed" in page
    assert released.fingerprint in page


def test_the_check_that_a_receipt_describes_works(released):
    """Bytes after the first "content":, without the last bracket."""
    content = bytes(released.document).split(b'"content":', 1)[1][:-1]

    assert hashlib.sha256(content).hexdigest() == released.fingerprint


def test_an_old_receipt_leads_to_the_current_text(
    client, world, page, released, edit, release
):
    release(edit(page, world.editor, title="Help with talking"))

    shown = client.get(f"/receipts/{released.fingerprint}").text

    assert "<strong>No longer current.</strong>" in shown
    assert f'<a href="{address(released)}">Help with talking</a>' in shown
    assert TITLE not in shown
    # The API has other bytes by now.
    assert "To check it yourself" not in shown


def test_the_receipt_of_a_withdrawn_text_tells_nothing_of_it(
    client, world, page, released, edit, release
):
    second = release(edit(page, world.editor, title="Help with talking"))
    withdraw(world, second, public_note="Closed.")

    old = client.get(f"/receipts/{released.fingerprint}")
    new = client.get(f"/receipts/{second.fingerprint}")

    assert "That one was withdrawn." in old.text
    assert "<strong>Withdrawn.</strong>" in new.text
    assert "Closed." in new.text
    for answer in (old, new):
        assert answer.status_code == 200
        assert TITLE not in answer.text
        assert "Help with talking" not in answer.text


def test_the_same_text_signed_again_is_current_again(
    client, world, page, released, edit, release
):
    withdraw(world, released)
    page.refresh_from_db()
    again = release(page)

    shown = client.get(f"/receipts/{released.fingerprint}").text

    assert again.fingerprint == released.fingerprint
    assert "<strong>Current.</strong>" in shown


def test_an_unknown_fingerprint_is_explained(client, db):
    answer = client.get(f"/receipts/{'0' * 64}")

    assert answer.status_code == 404
    assert "We do not know this fingerprint" in answer.text


PAGES = ["/", "/feeds/", "/feeds/no.rss", "/receipts/x", "item", "/robots.txt"]


@pytest.mark.parametrize("path", PAGES)
def test_public_pages_are_the_same_for_everyone(client_of, world, released, path):
    """A shared cache may keep them: nothing depends on who asks, nothing is set."""
    answer = client_of(world.admin).get(
        address(released) if path == "item" else path, headers={"Accept": "*/*"}
    )

    assert answer["Cache-Control"].startswith("public, max-age=")
    assert answer["Cache-Tag"]
    assert answer.get("Vary", "") in ("", "Accept-Encoding")
    assert not answer.cookies
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    # Data for search engines is no script; what copies an address of a feed is ours.
    scripts = answer.text.count("<script")
    data = answer.text.count('<script type="application/ld+json">')
    assert scripts == data + answer.text.count('<script src="/static/feeds/copy.js"')
    assert "style=" not in answer.text


@pytest.mark.parametrize("path", ["/", "/feeds/", "/items/{}"])
def test_pages_are_only_read(client, db, path):
    assert client.post(path.format(uuid4())).status_code == 405


def test_what_people_type_leads_on(client, db):
    assert client.get("/feeds")["Location"] == "/feeds/"
    assert client.get("/newsletter")["Location"] == "/newsletter/"


def test_search_engines_may_read_all_but_the_admin(client, db):
    assert "Disallow: /admin/\n" in client.get("/robots.txt").text


def test_an_address_that_never_was(client, db):
    answer = client.get("/news/anything/")

    assert answer.status_code == 404
    assert "There is nothing at this address" in answer.text
    assert not answer.cookies


def test_a_failure_has_a_page_that_needs_nothing(client, db, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("secret detail")

    monkeypatch.setattr("syndication.web.views.publisher", fail)
    client.raise_request_exception = False

    answer = client.get("/")

    assert answer.status_code == 500
    assert "Something went wrong" in answer.text
    assert "secret detail" not in answer.text


# Images and the library.


@pytest.fixture
def picture(db):
    file = io.BytesIO()
    Picture.new("RGB", (40, 30), "teal").save(file, "PNG")
    return Image.objects.create(title="A door", file=ImageFile(file, name="door.png"))


@pytest.fixture
def illustrated(write, picture):
    """A draft that shows the picture."""
    block = {"image": picture.pk, "alt_text": "An open door", "decorative": False}
    return write(body=[{"type": "image", "value": block}])


def image_of(page):
    page.representation()
    return f"/images/{FrozenImage.objects.get().name}"


def test_an_image_is_public_only_while_a_release_shows_it(
    client, world, illustrated, release
):
    path = image_of(illustrated)
    draft = client.get(path)

    shown = release(illustrated)
    public = client.get(path)

    withdraw(world, shown)
    gone = client.get(path)

    assert [draft.status_code, public.status_code, gone.status_code] == [404, 200, 410]
    assert public["Content-Type"] == "image/png"
    assert Picture.open(io.BytesIO(public.content)).size == (40, 30)
    assert gone["Cache-Control"] == "private, no-store"


def test_a_released_page_shows_the_very_address(client, illustrated, release):
    path = image_of(illustrated)

    page = client.get(address(release(illustrated))).text

    assert f'src="{ORIGIN}{path}"' in page


def test_an_image_leaves_when_the_text_no_longer_shows_it(
    client, world, illustrated, release, edit
):
    path = image_of(illustrated)
    release(illustrated)

    release(edit(illustrated, world.editor, body=[("heading", "No image now")]))

    assert client.get(path).status_code == 410


def test_caches_keep_an_image_no_longer_than_a_text(client, illustrated, release):
    path = image_of(illustrated)
    release(illustrated)
    first = client.get(path)

    again = client.get(path, headers={"If-None-Match": first["ETag"]})

    assert again.status_code == 304
    for answer in (first, again):
        assert answer["Cache-Control"] == "public, max-age=60"
        assert "Vary" not in answer
        assert answer["Cross-Origin-Resource-Policy"] == "cross-origin"


def test_a_public_image_costs_one_query(
    client, illustrated, release, django_assert_num_queries
):
    path = image_of(illustrated)
    release(illustrated)

    with django_assert_num_queries(1):
        client.get(path)


def test_people_of_the_admin_see_the_images_of_drafts(client_of, world, illustrated):
    path = image_of(illustrated)

    for user in (world.editor, world.pat, world.admin):
        answer = client_of(user).get(path)
        assert answer.status_code == 200
        assert answer["Cache-Control"] == "private, no-store"


def test_an_account_without_access_to_the_admin_sees_no_drafts(client_of, illustrated):
    nobody = User.objects.create_user("nobody")

    assert client_of(nobody).get(image_of(illustrated)).status_code == 404


def test_an_image_whose_file_is_lost_is_not_found(client, illustrated, release):
    path = image_of(illustrated)
    release(illustrated)
    default_storage.delete(f"frozen/{FrozenImage.objects.get().name}")

    assert client.get(path).status_code == 404


def test_the_library_is_private(client, client_of, world, picture):
    path = f"/media/{picture.file.name}"

    stranger, editor = client.get(path), client_of(world.editor).get(path)

    assert stranger.status_code == 404
    assert editor.status_code == 200
    assert editor["Content-Type"] == "image/png"
    assert editor["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(
    "path",
    [
        "../secret.txt",
        "%2e%2e/secret.txt",
        "images/..%2f../../secret.txt",
        "/etc/passwd",
        "images",
        "a%00b",
        "missing.png",
        "x" * 5000,
    ],
)
def test_no_path_leads_out_of_the_library(client_of, world, settings, path):
    default_storage.save("images/x.txt", ContentFile(b"inside"))
    (settings.MEDIA_ROOT.parent / "secret.txt").write_text("outside")

    answer = client_of(world.admin).get(f"/media/{path}")

    assert answer.status_code == 404
    assert b"outside" not in answer.content


# Health.


@pytest.fixture
def forgetful():
    """Health as a new process knows it: nothing."""
    health.require_migrations.cache_clear()
    yield
    health.require_migrations.cache_clear()


def test_the_process_is_alive_without_a_database(client):
    answer = client.get("/livez")

    assert (answer.status_code, answer.text) == (200, "ok")
    assert answer["Cache-Control"] == "no-store"


def test_ready_when_the_database_answers(
    client, db, forgetful, django_assert_num_queries
):
    first = client.get("/readyz")

    assert (first.status_code, first.text) == (200, "ok")
    assert first["Cache-Control"] == "no-store"
    with django_assert_num_queries(1):
        client.get("/readyz")


def test_not_ready_while_a_migration_is_missing(client, db, forgetful):
    applied = MigrationRecorder(connection).migration_qs
    applied.filter(app="syndication").delete()

    answer = client.get("/readyz")

    assert (answer.status_code, answer.text) == (503, "migrations")


def test_not_ready_without_a_database(client, db, forgetful, monkeypatch):
    def refuse(*args, **kwargs):
        raise OperationalError("password for user countersign at db.internal")

    with monkeypatch.context() as broken:
        broken.setattr(connection, "cursor", refuse)
        answer = client.get("/readyz")

    assert (answer.status_code, answer.text) == (503, "database")


def test_only_current_releases_are_shown_first(client, world, released, release, write):
    other = release(write("news", title="Come on Monday"))
    withdraw(world, other)

    page = client.get("/").text

    assert "Come on Monday" not in page
    assert len(re.findall(r"<h3>", page)) == Release.objects.current().count() == 1
