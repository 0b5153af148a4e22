"""Ask whether any pinned dependency has a published vulnerability.

``python -m tests.audit requirements.txt`` fails for a vulnerability and for a
requirement nobody can vouch for. It passes, and says that nothing was audited,
where the source of advisories cannot be reached: a laptop on a train may still
run its checks.
"""

import json
import re
import subprocess
import sys
import tempfile

# A release known to be vulnerable: a mirror of the package index may answer for
# packages and yet carry no advisories, and would pass everything.
KNOWN_FLAWS = "django==3.2\n"
# Every requirement is pinned, so nothing has to be resolved or installed.
OPTIONS = ["--strict", "--no-deps", "--disable-pip", "--format", "json"]
PATIENCE = 300
OUT_OF_REACH = re.compile(r"ConnectionError|ServiceError|Timeout|Could not connect")
NOT_AUDITED = "The advisory source cannot be reached: dependencies NOT audited."


def main(requirements: str) -> int:
    if not source_answers():
        sys.stdout.write(f"{NOT_AUDITED}\n")
        return 0
    try:
        audit = ask(requirements)
    except subprocess.TimeoutExpired:
        sys.stdout.write(f"{NOT_AUDITED}\n")
        return 0
    passed, report = judge(audit.returncode, audit.stdout, audit.stderr)
    sys.stdout.write(f"{report}\n")
    return 0 if passed else 1


def ask(requirements: str) -> "subprocess.CompletedProcess[str]":
    """Let pip-audit look at a file of pinned requirements."""
    return subprocess.run(  # noqa: S603 - a fixed command
        [sys.executable, "-m", "pip_audit", *OPTIONS, "--requirement", requirements],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )


def source_answers() -> bool:
    """Whether the source tells the flaws it is known to know."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write(KNOWN_FLAWS)
        file.flush()
        try:
            answer = ask(file.name)
        except subprocess.TimeoutExpired:
            return False
    passed, _ = judge(answer.returncode, answer.stdout, answer.stderr)
    return not passed and bool(answer.stdout.strip())


def judge(returncode: int, stdout: str, stderr: str) -> tuple[bool, str]:
    """Whether the audit passes, and what to tell the reader.

    pip-audit ends with 1 for a vulnerability and for a broken connection alike;
    only a vulnerability comes with a report.

    >>> judge(1, "", "requests.exceptions.ConnectionError: no route")[0]
    True
    >>> judge(1, "", "ERROR: left-pad: Dependency not found on PyPI")[0]
    False
    """
    found = [
        f"{package['name']} {package['version']}: {flaw['id']}, "
        f"fixed in {', '.join(flaw['fix_versions']) or 'no version yet'}"
        for package in (json.loads(stdout) if stdout.strip() else {}).get(
            "dependencies", []
        )
        for flaw in package.get("vulns", [])
    ]
    if found:
        return False, "\n".join(found)
    if returncode == 0:
        return True, "No known vulnerabilities."
    if OUT_OF_REACH.search(stderr):
        return True, NOT_AUDITED
    return False, stderr.strip()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1]))
