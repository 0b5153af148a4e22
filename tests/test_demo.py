"""The demo runs, says where, and leaves nothing running."""

import io
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from site_settings import processes
from site_settings.management.commands import demo
from site_settings.processes import ChildEnded, Children

from .loopback import StopsAt, free_port, get

ROOT = Path(__file__).resolve().parent.parent
SQLITE = "django.db.backends.sqlite3"
SLEEP = "import time; time.sleep(60)"


@pytest.fixture
def demo_settings(settings, tmp_path):
    """Settings and options as ``make demo`` gives them."""
    port, web_mail, smtp = (free_port() for _ in range(3))
    settings.DEBUG = True
    settings.PUBLIC_ORIGIN = f"http://localhost:{port}"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", smtp
    settings.DATA_DIR = tmp_path
    settings.STATIC_ROOT, settings.MEDIA_ROOT = tmp_path / "static", tmp_path / "media"
    return {"port": port, "mail_web_port": web_mail, "mail_smtp_port": smtp}


def test_the_demo_refuses_a_port_in_use_and_names_another(demo_settings):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", demo_settings["port"]))
        taken.listen()

        with pytest.raises(CommandError, match=r"already in use.*make demo PORT=8123"):
            call_command("demo", **demo_settings)


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("DEBUG", False, "development settings only"),
        ("PUBLIC_ORIGIN", "http://localhost:1", "PUBLIC_ORIGIN is http://localhost:1"),
        ("EMAIL_PORT", 1025, "EMAIL_URL does not lead to the mail catcher"),
    ],
)
def test_the_demo_refuses_settings_that_do_not_agree_with_its_ports(
    demo_settings, settings, name, value, sentence
):
    setattr(settings, name, value)

    with pytest.raises(CommandError, match=sentence):
        call_command("demo", **demo_settings)


def test_a_port_that_cannot_exist_is_refused():
    assert demo.why_not_listen(70_000) == "does not exist"


def test_a_port_of_another_machine_is_refused(monkeypatch):
    monkeypatch.setattr(demo, "HOST", "192.0.2.1")

    assert demo.why_not_listen(free_port()).startswith("cannot be used")


def test_a_machine_without_ipv6_can_run_the_demo(monkeypatch):
    monkeypatch.setattr(socket, "AF_INET6", 9999)

    assert demo.why_not_listen(free_port()) == ""


def answering(port):
    return (
        "import http.server as h; r = h.BaseHTTPRequestHandler;"
        "r.do_GET = lambda s: (s.send_response(200), s.end_headers());"
        "r.log_message = lambda *a: None;"
        f"h.HTTPServer(('127.0.0.1', {port}), r).serve_forever()"
    )


@pytest.fixture
def stand_ins(demo_settings, monkeypatch):
    """Quick processes in place of the demo's own, and no database to prepare."""
    scripts = {
        "web server": answering(demo_settings["port"]),
        "worker": SLEEP,
        "mail catcher": answering(demo_settings["mail_web_port"]),
    }
    monkeypatch.setattr(demo, "call_command", lambda name, **options: None)
    monkeypatch.setattr(
        demo,
        "commands",
        lambda **ports: {n: [sys.executable, "-c", s] for n, s in scripts.items()},
    )
    return scripts


def test_the_demo_tells_addresses_and_accounts_and_stops_when_asked(
    demo_settings, stand_ins
):
    output = StopsAt("Ctrl-C stops it")

    call_command("demo", **demo_settings, stdout=output)

    said = output.getvalue()
    assert f"http://localhost:{demo_settings['port']}/admin/" in said
    assert f"http://localhost:{demo_settings['mail_web_port']}/" in said
    assert "countersign-demo" in said
    assert "pods     member of PODS" in said
    assert said.endswith("Stopped.\n")
    assert demo.why_not_listen(demo_settings["port"]) == ""


def test_the_demo_migrates_and_seeds_before_anything_runs(
    demo_settings, stand_ins, monkeypatch
):
    done = []
    monkeypatch.setattr(demo, "remove_data", lambda database: done.append("reset"))
    monkeypatch.setattr(demo, "call_command", lambda name, **options: done.append(name))
    monkeypatch.setattr(Children, "start", lambda *args: done.append("start"))
    monkeypatch.setattr(demo, "answers", lambda *address: True)

    call_command("demo", **demo_settings, reset=True, stdout=StopsAt("Ctrl-C"))

    assert done == ["reset", "migrate", "seed_demo", "start", "start", "start"]


def test_a_demo_interrupted_while_it_prepares_starts_nothing(
    demo_settings, stand_ins, monkeypatch
):
    def interrupted(name, **options):
        raise KeyboardInterrupt

    output = io.StringIO()
    monkeypatch.setattr(demo, "call_command", interrupted)

    call_command("demo", **demo_settings, stdout=output)

    assert "is running" not in output.getvalue()
    assert output.getvalue().endswith("Stopped.\n")


def test_a_demo_stopped_before_it_answers_does_not_claim_to_run(
    demo_settings, stand_ins, monkeypatch
):
    def answers(*address):
        os.kill(os.getpid(), signal.SIGTERM)
        return False

    output = io.StringIO()
    monkeypatch.setattr(demo, "answers", answers)

    call_command("demo", **demo_settings, stdout=output)

    assert "is running" not in output.getvalue()


@pytest.mark.parametrize("moment", ["while it starts", "once it runs"])
def test_when_one_process_of_the_demo_dies_the_demo_says_which(
    demo_settings, stand_ins, monkeypatch, tmp_path, moment
):
    running = tmp_path / "running"
    stand_ins["worker"] = f"""
import pathlib, time
while {moment == "once it runs"} and not pathlib.Path({str(running)!r}).exists():
    time.sleep(0.01)
raise SystemExit(3)
"""
    monkeypatch.setattr(demo.Command, "announce", lambda *args: running.touch())

    with pytest.raises(
        CommandError, match="worker ended by itself, with exit status 3"
    ):
        call_command("demo", **demo_settings)

    assert demo.why_not_listen(demo_settings["port"]) == ""


def test_every_process_of_the_demo_listens_on_this_machine_only():
    web = demo.commands(port=8000, web_mail=8025, smtp=8026)["web server"]

    assert web[web.index("--host") + 1] == "127.0.0.1"


def test_a_demo_that_does_not_answer_in_time_gives_up(
    demo_settings, stand_ins, monkeypatch
):
    stand_ins["web server"] = SLEEP
    monkeypatch.setattr(demo, "SECONDS_TO_START", 0)

    with pytest.raises(CommandError, match=r"/livez .* did not both answer"):
        call_command("demo", **demo_settings)


def test_resetting_the_demo_removes_its_data_and_nothing_else(demo_settings, tmp_path):
    for name in ("db", "db-wal", "media/photo", "caught-mail/mail.eml", "kept"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()

    demo.remove_data({"ENGINE": SQLITE, "NAME": tmp_path / "db"})

    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


def test_a_demo_outside_sqlite_is_not_reset():
    with pytest.raises(CommandError, match="Only a demo"):
        demo.remove_data({"ENGINE": "django.db.backends.postgresql"})


def test_a_second_demo_on_the_same_data_is_refused(demo_settings):
    with (
        demo.sole_use_of_data(),
        pytest.raises(CommandError, match="Another demo is running on the data"),
    ):
        call_command("demo", **demo_settings)


def test_a_child_that_ends_by_a_signal_is_reported(tmp_path):
    with Children(folder=tmp_path) as children:
        children.start("worker", [sys.executable, "-c", SLEEP])
        children.running["worker"].kill()
        children.running["worker"].wait()

        with pytest.raises(ChildEnded, match="by signal SIGKILL"):
            children.refuse_ended()


def test_a_child_that_will_not_stop_is_made_to(tmp_path, monkeypatch):
    monkeypatch.setattr(processes, "SECONDS_TO_STOP", 0)
    stubborn = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "open('deaf', 'w'); time.sleep(60)"
    )

    with Children(folder=tmp_path) as children:
        children.start("worker", [sys.executable, "-c", stubborn])
        while not (tmp_path / "deaf").exists():
            time.sleep(0.01)

    assert children.running["worker"].returncode == -signal.SIGKILL


@pytest.mark.slow
@pytest.mark.skipif("DATABASE_URL" in os.environ, reason="the demo runs on SQLite")
def test_the_demo_runs_for_real(tmp_path):
    port, web_mail, smtp = (free_port() for _ in range(3))
    ports = [
        f"--port={port}",
        f"--mail-web-port={web_mail}",
        f"--mail-smtp-port={smtp}",
    ]
    process = subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "manage.py", "demo", *ports],
        cwd=ROOT,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "site_settings.settings.dev",
            "DATA_DIR": str(tmp_path),
            "PUBLIC_ORIGIN": f"http://localhost:{port}",
            "EMAIL_URL": f"smtp://127.0.0.1:{smtp}",
        },
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    said = []
    with process.stdout as output:
        for line in output:
            said.append(line)
            if line.startswith("  pods"):
                break
        assert process.poll() is None, "".join(said)

        assert get(port, "/livez")[0] == 200
        assert get(port, "/static/wagtailadmin/css/core.css")[0] == 200
        assert get(port, "/admin/login/")[0] == 200
        assert get(web_mail)[0] == 200
        process.send_signal(signal.SIGINT)
        output.read()

    assert process.wait(timeout=60) == 0
