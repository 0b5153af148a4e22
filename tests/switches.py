"""Switching a control off, as if somebody had deleted a piece of the code.

What names a piece that is not there any more fails and says so: whoever changes the code
names the new one.
"""

import inspect
import textwrap
from typing import Any

import pytest

from .promise import Broken


class Off:
    """Leaves pieces out of a function, or puts others in their place."""

    def __init__(self, owner, function, *, pieces):
        self.owner, self.function, self.pieces = owner, function, pieces

    def switch(self, monkeypatch):
        whole: Any = inspect.getattr_static(self.owner, self.function)
        function: Any = whole.fget if isinstance(whole, property) else whole
        plain: Any = inspect.unwrap(function)
        source = textwrap.dedent(inspect.getsource(plain))
        for what, instead in self.pieces.items():
            assert source.count(what) == 1, f"{self.function} has not “{what}” once"
            source = source.replace(what, instead)
        found: dict[str, Any] = {}
        code = compile(source, plain.__code__.co_filename, "exec")
        exec(code, plain.__globals__, found)  # noqa: S102 - our own function
        monkeypatch.setattr(self.owner, self.function, found[self.function])


def off(owner, function, what, instead="if False:"):
    return Off(owner, function, pieces={what: instead})


def missed(monkeypatch, switches, scene):
    """Play ``scene`` as things are, then switched off: what it shows has to be missed."""
    scene()
    for one in switches:
        one.switch(monkeypatch)
    with pytest.raises(Broken):
        scene()
