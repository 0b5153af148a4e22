"""What docs/embeds.md shows to whoever runs a server works, word for word, on real ones."""

import os
import re
import shutil
import subprocess
import time
from contextlib import contextmanager

import pytest
from bs4 import BeautifulSoup
from django.conf import settings as project

from cms import withdrawals

from .conftest import make_world
from .loopback import free_port, get
from .test_embeds_browser import TITLE, release

GUIDE = project.BASE_DIR / "docs" / "embeds.md"
PLACEHOLDER = "https://localoffer.example"
SOME_ID = "11111111-1111-4111-8111-111111111111"
NOTE = "The line has closed."
# Around what the guide says: a server that leaves nothing on the machine.
NGINX_SETTINGS = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    types {{ text/html html; }}
    server {{
        listen 127.0.0.1:{port};
        root {folder};
        {lines}
    }}
}}
"""
PAGE = "<!doctype html>\n<title>School</title>\n<main><h1>School</h1>\n{}\n</main>\n"

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


# Debian has nginx where only root looks.
PHP, NGINX = (
    shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")
    for name in ("php", "nginx")
)
needs_php = pytest.mark.skipif(
    PHP is None, reason="no php (Debian: apt install php-cli)"
)
needs_nginx = pytest.mark.skipif(
    NGINX is None, reason="no nginx (Debian: apt install nginx-light)"
)


def block(language, words=""):
    """The one block of the guide in this language in which these words stand."""
    found = re.findall(
        rf"^```{language}\n(.*?)^```$",
        GUIDE.read_text(encoding="utf-8"),
        re.MULTILINE | re.DOTALL,
    )
    (one,) = [text for text in found if words in text]
    return one


@contextmanager
def running(command, port, *, folder):
    """A server of somebody else, for as long as something is asked of it."""
    with (folder / "said").open("w") as said:
        process = subprocess.Popen(  # noqa: S603 - as the guide says
            command, cwd=folder, stdout=said, stderr=said
        )
        try:
            for _ in range(200):
                time.sleep(0.1)
                try:
                    get(port, "/nothing")
                except OSError:
                    assert process.poll() is None, (folder / "said").read_text()
                else:
                    break
            yield
        finally:
            process.terminate()
            process.wait(timeout=20)


def with_php(folder, as_told):
    (folder / "page.php").write_text(PAGE.format(as_told(block("php"))))
    port = free_port()
    command = [PHP, "-S", f"127.0.0.1:{port}", "-t", str(folder)]
    return running(command, port, folder=folder), port, "/page.php"


def with_nginx(folder, as_told):
    (folder / "page.html").write_text(
        PAGE.format(as_told(block("html", "include virtual")))
    )
    port = free_port()
    lines = as_told(block("nginx"))
    (folder / "nginx.conf").write_text(
        NGINX_SETTINGS.format(folder=folder, port=port, lines=lines)
    )
    command = [NGINX, "-p", str(folder), "-c", str(folder / "nginx.conf")]
    return running(command, port, folder=folder), port, "/page.html"


@pytest.fixture
def world():
    return make_world()


@pytest.fixture
def as_told(world, live_server, settings):
    """What makes the guide's examples speak of a text that there is."""
    settings.PUBLIC_ORIGIN = live_server.url
    world.proof = release(world)

    def told(text, origin=live_server.url):
        text = text.replace(PLACEHOLDER, origin)
        return text.replace(SOME_ID, str(world.proof.content_id))

    return told


def shown(port, path):
    """The page as somebody gets it whose browser takes compressed answers."""
    status, _, text = get(port, path, headers={"Accept-Encoding": "gzip, br"})
    assert status == 200
    return BeautifulSoup(text, "html.parser")


@pytest.mark.parametrize(
    "serve",
    [
        pytest.param(with_php, marks=needs_php),
        pytest.param(with_nginx, marks=needs_nginx),
    ],
)
def test_a_server_puts_a_text_into_its_page_and_loses_it(
    world, as_told, tmp_path, serve
):
    server, port, path = serve(tmp_path, as_told)
    with server:
        page = shown(port, path)
        article = page.select_one("main > article.countersign")
        assert article.find("h2").text == TITLE
        assert "Agreed by Shropshire Parent and Carer Council" in article.text
        assert "Read this text" not in page.text

        withdrawals.withdraw(
            content_id=world.proof.content_id,
            by=world.pat,
            reason="Closed",
            public_note=NOTE,
        )
        page = shown(port, path)
        assert page.select_one("main > article")["data-state"] == "withdrawn"
        assert NOTE in page.text
        assert TITLE not in page.text


@pytest.mark.parametrize(
    "serve",
    [
        pytest.param(with_php, marks=needs_php),
        pytest.param(with_nginx, marks=needs_nginx),
    ],
)
def test_a_server_shows_the_link_while_ours_cannot_be_reached(
    world, as_told, tmp_path, serve
):
    nobody = f"http://127.0.0.1:{free_port()}"
    server, port, path = serve(tmp_path, lambda text: as_told(text, nobody))
    with server:
        page = shown(port, path)

    (link,) = page.find_all("a")
    assert link["href"] == f"{nobody}/items/{world.proof.content_id}"
    assert link.text == "Read this text"
    assert page.find("article") is None


@needs_nginx
def test_our_address_on_their_server_is_for_their_pages_alone(world, as_told, tmp_path):
    server, port, _ = with_nginx(tmp_path, as_told)
    with server:
        status, _, text = get(port, f"/countersign/{world.proof.content_id}.html")

    assert status == 404
    assert TITLE not in text


def test_the_guide_and_the_page_show_the_same_code(client, world, as_told):
    page = client.get(f"/items/{world.proof.content_id}/use")
    read = BeautifulSoup(page.text, "html.parser")

    for name, language, words in (
        ("php", "php", ""),
        ("nginx", "nginx", ""),
        ("ssi", "html", "include virtual"),
    ):
        told = read.select_one(f"#code-{name}").text.strip()
        assert told == as_told(block(language, words)).strip(), name
