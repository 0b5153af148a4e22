"""What docs/partners.md shows to developers runs, word for word, against a real server."""

import json
import os
import re
import shutil
import subprocess
import sys

import pytest
from django.conf import settings as project
from django.test.testcases import QuietWSGIRequestHandler

from cms import withdrawals
from syndication.api import views
from syndication.models import Change, Release

from .conftest import make_world
from .partners import make_key, make_partner

GUIDE = project.BASE_DIR / "docs" / "partners.md"
PLACEHOLDER = "https://localoffer.example"
# What runs a block of each language, and what has to be on this machine for it.
RUNS = {
    "sh": (["sh"], ["sh", "curl", "jq"]),
    "python": ([sys.executable], []),
    "js": (["node"], ["node"]),
    "php": (["php"], ["php"]),
}
ENDINGS = {"sh": ".sh", "python": ".py", "js": ".mjs", "php": ".php"}
pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def blocks():
    """Language and text of each program of the guide, in its order."""
    text = GUIDE.read_text(encoding="utf-8")
    return re.findall(
        r"^```(sh|python|js|php)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL
    )


def containing(language, words):
    """The one block in which these words stand."""
    (found,) = [text for name, text in blocks() if name == language and words in text]
    return found


WHOLE = {
    "sh": containing("sh", "load_everything()"),
    "python": containing("python", "def load_everything"),
    "js": containing("js", "loadEverything"),
    "php": containing("php", "function load_everything"),
}
# What the guide leaves to its readers, around the short ones.
PYTHON_BEFORE = """
import json, os, requests
ORIGIN = "https://localoffer.example"
first = requests.get(f"{ORIGIN}/api/v1/items?kind=news&limit=1", timeout=20).json()
content_id = first["items"][0]["content_id"]
url, etag, done = f"{ORIGIN}/api/v1/items/{content_id}", None, []
def keep(item, etag=None): done.append(["keep", item["content_id"]])
def remove(content_id): done.append(["remove", content_id])
def save(url): done.append(["save", url])
def is_mine(change): return True
"""
JS_BEFORE = """
const first = await fetch("https://localoffer.example/api/v1/items?kind=news&limit=1");
const [item] = (await first.json()).items;
"""
SHORT = [
    # A piece of it, what comes before and after, and what has to be seen then.
    ("sh", "items?kind=news&area=", "", "", '"items":['),
    ("sh", "api/v1/reconcile -H", "", "", '"unknown":[{'),
    ("sh", "partner/v1/me", "", "", '"Example School"'),
    ("python", "def who(", PYTHON_BEFORE, 'print(who(first["items"][0]["receipt"]))', "Agreed by"),
    ("python", 'etag=answer.headers["ETag"]', PYTHON_BEFORE, "print(done)", "keep"),
    ("python", "def follow(url: str)", PYTHON_BEFORE, 'print(follow(f"{ORIGIN}/api/v1/changes"), done)', "keep"),
    ("python", "rfc8785.dumps", PYTHON_BEFORE, "", "current ["),
    ("python", "/removals?show=open", PYTHON_BEFORE, "print(done)", "remove"),
    ("js", "limit=5", "", "", "/items/"),
    ("js", "crypto.subtle", JS_BEFORE, "console.log(fingerprint === item.receipt.fingerprint);", "true"),
]  # fmt: skip


@pytest.fixture
def answered(monkeypatch):
    """The status of each answer that the server gave."""
    codes = []
    monkeypatch.setattr(
        QuietWSGIRequestHandler,
        "log_message",
        lambda self, form, *args: codes.append(str(args[1])),
    )
    return codes


@pytest.fixture
def run(live_server, tmp_path, settings):
    """Run a block of the guide in an empty folder; gives what it printed."""
    settings.PUBLIC_ORIGIN = live_server.url

    def run(language, text, **environment):
        command, needed = RUNS[language]
        if absent := [name for name in needed if shutil.which(name) is None]:
            pytest.skip(f"not on this machine: {', '.join(absent)}")
        program = tmp_path / f"program{ENDINGS[language]}"
        program.write_text(text.replace(PLACEHOLDER, live_server.url), encoding="utf-8")
        done = subprocess.run(  # noqa: S603 - programs of our own guide
            [*command, program],
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"], "NO_PROXY": "*", **environment},
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert "Warning" not in done.stderr
        return done.stdout

    return run


def test_every_program_of_the_guide_is_run_here():
    run_here = [
        *WHOLE.values(),
        *(containing(name, words) for name, words, *_ in SHORT),
    ]

    assert sorted(run_here) == sorted(text for _, text in blocks())


@pytest.mark.parametrize("language", WHOLE)
def test_a_program_keeps_copies_of_exactly_what_is_public(
    write, release, run, answered, monkeypatch, tmp_path, language
):
    world = make_world()
    kept, gone = write("news", title="Kept"), write("news", title="Gone")
    release(kept)
    release(gone)

    def held():
        found = {}
        for copy in (tmp_path / "copies").iterdir():
            data = json.loads(copy.read_text())
            item = data.get("item", data)
            found[item["content_id"]] = item["version"]
        return found

    def public():
        rows = Release.objects.current().values_list("item__content_id", "version")
        return {str(content_id): version for content_id, version in rows}

    def play():
        run(language, WHOLE[language])
        assert held() == public()

    # For the first time: everything, from the export.
    play()
    assert len(held()) == 2
    early_place = (tmp_path / "place").read_text()
    shutil.copytree(tmp_path / "copies", tmp_path / "early")

    # Something new, and something taken back.
    kept.title = "Kept, and better"
    kept.save_revision(user=world.editor)
    release(kept)
    withdrawals.withdraw(content_id=gone.content_id, by=world.pat, reason="Wrong")
    play()
    assert held() == {str(kept.content_id): 2}
    assert "410" in answered

    # The same changes again, after a crash: nothing is read that is held already.
    answered.clear()
    (tmp_path / "place").write_text(early_place)
    play()
    assert "304" in answered

    # Copies from a backup: no change tells of them, comparing does.
    shutil.rmtree(tmp_path / "copies")
    shutil.copytree(tmp_path / "early", tmp_path / "copies")
    if (tmp_path / "etags").exists():
        shutil.rmtree(tmp_path / "etags")
        (tmp_path / "etags").mkdir()
    play()

    # Away for too long: everything again, and what is not in it is no more.
    shutil.copy(next((tmp_path / "early").iterdir()), tmp_path / "copies" / "old.json")
    is_first = iter([True])
    monkeypatch.setattr(views, "_is_forgotten", lambda *args: next(is_first, False))
    play()
    assert next(is_first, None) is None


@pytest.mark.parametrize(
    ("language", "words", "before", "after", "seen"),
    [pytest.param(*row, id=f"{row[0]} {row[1]}") for row in SHORT],
)
def test_an_example_does_what_the_guide_says(
    world, write, release, run, language, words, before, after, seen
):
    world = make_world()
    gone = write("news", title="Gone")
    release(gone)
    release(write("news", title="Kept"))
    _, token = make_key(make_partner())
    withdrawals.withdraw(content_id=gone.content_id, by=world.pat, reason="Wrong")
    assert Change.objects.count() == 3

    text = before + containing(language, words) + after

    assert seen in run(language, text, COUNTERSIGN_KEY=token)
