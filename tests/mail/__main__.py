"""Hold the mail to what receivers ask for, with other people's programs.

``python -m tests.mail`` makes one mail with everything in it and shows it to
html-validate, to mailauth (a second reader of its signature, without a network), to the
tables of caniemail, and to SpamAssassin. What is not on this machine and cannot be
fetched is said and left out: only what they find wrong is a failure.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.contract.__main__ import NotToBeHad, node_packages, passes, say

HERE = Path(__file__).resolve().parent
# Above it SpamAssassin says nothing good of a mail any more.
WORST_SCORE = 0.0
# What some mail program does not know, and does without: nothing else may come to it.
BUDGET = {
    "<body> element",
    "<style> element",
    "@media",
    "color-scheme CSS property",
    "color-scheme meta tag",
    "display:none",
    "height property",
    "max-height property",
    "overflow",
    "overflow-wrap",
    "role attribute",
    "word-break",
}


def main() -> int:
    failed: list[str] = []
    with _mail() as folder:
        for check in (_html, _clients, _signature, _spam):
            try:
                failed += [] if check(folder) else [check.__name__.strip("_")]
            except NotToBeHad as missing:
                say(f"Left out: {missing}")
    say(f"Failed: {', '.join(failed)}." if failed else "The mail holds.")
    return 1 if failed else 0


@contextmanager
def _mail() -> Iterator[Path]:
    """A folder with ``mail.eml`` and the HTML of it."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_settings.settings.test")
    django.setup()
    from . import sample

    mould = sample.make()
    filled = mould.letter(**sample.PERSONAL).alternatives[0][0]
    with tempfile.TemporaryDirectory(prefix="countersign-mail-") as name:
        folder = Path(name)
        (folder / "mail.eml").write_bytes(mould.join(**sample.PERSONAL))
        (folder / "mail.html").write_text(str(filled))
        yield folder


def _html(folder: Path) -> bool:
    program = node_packages(HERE) / "node_modules" / ".bin" / "html-validate"
    config = HERE / "htmlvalidate.json"
    return passes(
        "html-validate, recommended",
        [program, "--config", config, folder / "mail.html"],
    )


def _clients(folder: Path) -> bool:
    say("-- caniemail: Gmail, Outlook, Apple Mail, Yahoo")
    packages = node_packages(HERE)
    said = subprocess.run(  # noqa: S603 - found on PATH
        [
            *(shutil.which("node") or "node", HERE / "clients.mjs"),
            *(packages, folder / "mail.html"),
        ],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    found = set(json.loads(said))
    if new := found - BUDGET:
        say(f"Not known everywhere, and not in the budget: {', '.join(sorted(new))}")
    return not new


def _signature(folder: Path) -> bool:
    say("-- mailauth: DKIM with both headers to unsubscribe with")
    openssl = shutil.which("openssl")
    if openssl is None:
        raise NotToBeHad("no openssl here, so no mail was signed.")
    from . import signatures

    key = signatures.make_key(openssl)
    signed = signatures.sign((folder / "mail.eml").read_bytes(), key)
    result = read_signature(folder, signed, key.record)
    say(f"DKIM: {result}, covers {', '.join(sorted(signatures.covered(signed)))}")
    altered = signed.replace(b"Dear families", b"Dear families!", 1)
    return result == "pass" and read_signature(folder, altered, key.record) != "pass"


def read_signature(folder: Path, signed: bytes, record: str) -> str:
    """What mailauth says of a mail's signature: ``pass``, ``fail``, ``neutral``."""
    from . import signatures

    name = f"{signatures.SELECTOR}._domainkey.{signatures.DOMAIN}"
    (folder / "dns.json").write_text(json.dumps({name: {"TXT": [[record]]}}))
    (folder / "signed.eml").write_bytes(signed)
    program = node_packages(HERE) / "node_modules" / ".bin" / "mailauth"
    said = subprocess.run(  # noqa: S603 - a program of pinned packages
        [
            *(program, "report", "-n", folder / "dns.json", "-i", "192.0.2.1"),
            *("-e", "mx.localoffer.example", "-m", "mx.example.org"),
            *("-f", f"bounce@{signatures.DOMAIN}", folder / "signed.eml"),
        ],
        capture_output=True,
        text=True,
    )
    if said.returncode:
        raise SystemExit(f"mailauth failed:\n{said.stderr}")
    results = json.loads(said.stdout)["dkim"]["results"]
    return str(results[0]["status"]["result"]) if results else "no signature"


def _spam(folder: Path) -> bool:
    say("-- SpamAssassin, without a network")
    program = shutil.which("spamassassin")
    if program is None:
        raise NotToBeHad(
            "no SpamAssassin here (Debian: apt install spamassassin), so nobody "
            "reckoned whether the mail looks like spam."
        )
    said = subprocess.run(  # noqa: S603 - found on PATH
        [program, "-t", "-L", "-x"],
        input=(folder / "mail.eml").read_bytes(),
        check=True,
        capture_output=True,
    ).stdout.decode(errors="replace")
    found = re.search(
        r"^X-Spam-Status: .*?score=(-?[\d.]+)", said, re.MULTILINE | re.DOTALL
    )
    if found is None:
        raise SystemExit(f"SpamAssassin gave no score:\n{said[:2000]}")
    say(f"Score {found[1]}")
    if float(found[1]) > WORST_SCORE:
        say(said.partition("Content analysis details:")[2][:2000])
    return float(found[1]) <= WORST_SCORE


if __name__ == "__main__":
    sys.exit(main())
