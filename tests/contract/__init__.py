"""What we promised partners, as files, and the programs that hold us to it."""

import sys
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
# Who asks; ``identities.make`` gives the headers that make them so.
IDENTITIES = ("anonymous", "key", "revoked key", "other partner")


def schemathesis(origin: str, *, most: int, headers: Sequence[str] = ()) -> list[str]:
    """Return the command that plays at most ``most`` cases of each operation.

    ``origin`` is where the API runs, such as ``http://127.0.0.1:8000``; ``headers`` are
    as in ``"Name: value"``.
    """
    return [
        *(str(Path(sys.executable).parent / "schemathesis"), "--no-color"),
        *("--config-file", str(HERE / "schemathesis.toml")),
        *("run", f"{origin}/api/v1/openapi.json", "--url", origin),
        *("--max-examples", str(most), "--continue-on-failure"),
        *(part for header in headers for part in ("-H", header)),
    ]
