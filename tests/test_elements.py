"""The script of the custom elements: small, open to every website, and never lost."""

import base64
import gzip
import hashlib
from urllib.parse import urlsplit

import brotli
import pytest
from django.core.management import call_command

from syndication.embeds import elements

MOST = 8 * 1024


@pytest.fixture
def script():
    return elements.script()


def path(address):
    return urlsplit(address).path


def test_it_is_small_and_depends_on_nothing():
    source = elements.SOURCE.read_bytes()

    assert len(gzip.compress(source, 9)) <= MOST
    assert b"import " not in source
    assert b"require(" not in source


def test_what_we_give_out_is_kept_for_good(script):
    version = elements.newest()

    kept = elements.VERSIONS / f"countersign-{version.name}.js"
    assert kept.exists(), (
        "The script changed. Websites pin it, so keep this version as well: run "
        "“make element” and commit the new file."
    )
    assert kept.read_bytes() == elements.SOURCE.read_bytes()


def test_no_kept_version_was_altered():
    files = list(elements.VERSIONS.iterdir())

    assert files
    for file in files:
        name = elements.Version(file.read_bytes()).name
        assert file.name == f"countersign-{name}.js", (
            f"{file.name} was altered: browsers of websites that pinned it refuse it now."
        )


def test_the_evergreen_address_moves_on_within_the_hour(client, script):
    answer = client.get(path(script.evergreen))

    assert script.evergreen == "https://localoffer.example/embed/countersign.js"
    assert answer.content == elements.SOURCE.read_bytes()
    assert answer["Content-Type"] == "text/javascript; charset=utf-8"
    assert answer["Cache-Control"] == "public, max-age=3600"


def test_a_pinned_address_is_the_same_for_ever(client, script):
    answer = client.get(path(script.address))

    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
    digest = base64.b64encode(hashlib.sha384(answer.content).digest()).decode()
    assert script.integrity == f"sha384-{digest}"
    assert hashlib.sha256(answer.content).hexdigest()[:12] in script.address


@pytest.mark.django_db
@pytest.mark.parametrize("which", ["address", "evergreen"])
def test_every_website_may_run_it_and_nothing_is_known_of_who_asks(
    client, script, which, django_assert_num_queries
):
    with django_assert_num_queries(0):
        answer = client.get(
            path(getattr(script, which)), headers={"Origin": "https://a.example"}
        )

    assert answer["Access-Control-Allow-Origin"] == "*"
    assert answer["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "Access-Control-Allow-Credentials" not in answer
    assert not answer.cookies
    assert answer["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize(
    ("coding", "unpack"), [("gzip", gzip.decompress), ("br", brotli.decompress)]
)
def test_it_comes_compressed_to_whoever_takes_that(client, script, coding, unpack):
    answer = client.get(path(script.address), headers={"Accept-Encoding": coding})

    assert answer["Content-Encoding"] == coding
    assert len(answer.content) <= MOST
    assert unpack(answer.content) == elements.SOURCE.read_bytes()


def test_who_has_it_is_told_so(client, script):
    etag = client.get(path(script.evergreen))["ETag"]

    answer = client.get(path(script.evergreen), headers={"If-None-Match": etag})

    assert (answer.status_code, answer.content) == (304, b"")
    assert answer["ETag"] == etag
    assert answer["Access-Control-Allow-Origin"] == "*"


def test_parameters_that_systems_add_make_no_difference(client, script):
    answer = client.get(path(script.evergreen), {"ver": "6.5"})

    assert answer.status_code == 200


def test_an_older_version_goes_on_being_served(client, tmp_path, monkeypatch):
    older = elements.Version(b"// What was given out last year.\n")
    (tmp_path / f"countersign-{older.name}.js").write_bytes(older.body)
    monkeypatch.setattr(elements, "VERSIONS", tmp_path)
    elements.kept.cache_clear()

    answer = client.get(f"/embed/countersign-{older.name}.js")
    elements.kept.cache_clear()

    assert answer.content == older.body


def test_an_unknown_version_says_where_a_script_is(client, script):
    answer = client.get("/embed/countersign-0123456789ab.js")

    assert answer.status_code == 404
    assert script.evergreen in answer.text
    assert answer["Cache-Control"] == "no-store"


def test_keeping_writes_a_file_that_is_named_for_its_bytes(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(elements, "VERSIONS", tmp_path / "versions")

    call_command("keep_element")

    (file,) = (tmp_path / "versions").iterdir()
    assert file.read_bytes() == elements.SOURCE.read_bytes()
    assert capsys.readouterr().out == f"Kept as {file.name}.\n"


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_it_is_only_read(client, script, method):
    assert getattr(client, method)(path(script.address)).status_code == 405
