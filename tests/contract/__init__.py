"""What we promised partners, as files, and the programs that hold us to it."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
# Who asks, and the headers that make them so.
IDENTITIES: dict[str, dict[str, str]] = {"anonymous": {}}


def schemathesis(origin: str, *, most: int, identity: str = "anonymous") -> list[str]:
    """Return the command that plays at most ``most`` cases of each operation.

    ``origin`` is where the API runs, such as ``http://127.0.0.1:8000``.
    """
    headers = IDENTITIES[identity].items()
    return [
        *(str(Path(sys.executable).parent / "schemathesis"), "--no-color"),
        *("--config-file", str(HERE / "schemathesis.toml")),
        *("run", f"{origin}/api/v1/openapi.json", "--url", origin),
        *("--max-examples", str(most), "--continue-on-failure"),
        *(part for name, value in headers for part in ("-H", f"{name}:{value}")),
    ]
