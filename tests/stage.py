"""What fixtures wrote, left standing for the next test that begins the same way.

Most of a test's time goes into texts that are written, submitted and signed before it
begins. So a fixture's rows stay behind a savepoint, and what it gave is pickled; a test
with the same fixtures before its first line gets both, and is rolled back to there.

A fixture is kept if all it asks for is kept as well: ``world``, ``write``, ``release``
and their like. One that yields or asks for a thing of pytest's (``monkeypatch``,
``settings``) is made anew each time, and tells apart tests that have it from those that
do not. So what is costly to make belongs into a fixture that asks for nothing else.
Tests that commit (``transactional_db``) are not concerned.
"""

import inspect
import io
import pickle
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.conf import settings
from django.core import mail
from django.db import connection, transaction
from django.db.models import QuerySet

from . import memories

COMMITTING = {"transactional_db", "live_server", "django_db_reset_sequences"}
# A fixture that moves one of these is kept with where it moved it to.
CLOCKS = {"clock", "now", "time_machine"}
# What says that rows were only read.
READING = ("SELECT", "SAVEPOINT", "RELEASE", "ROLLBACK TO")


class Step(NamedTuple):
    """A fixture that is made, and which of the parameters that it rests on."""

    fixture: Any
    is_keepable: bool
    clocks: frozenset[str]
    parameters: tuple[tuple[str, int], ...]


Plan = tuple[Step, ...]
PLAN = pytest.StashKey[Plan]()


@dataclass(frozen=True)
class Level:
    """What stands when the last of its steps was taken."""

    steps: Plan
    savepoint: str
    values: bytes
    mails: list[Any]
    media: Path | None
    # Whether it ticks, and where it stands.
    clocks: dict[str, tuple[datetime, bool]]


class Stage:
    def __init__(self) -> None:
        self.levels: list[Level] = []
        self.transaction: Any = None
        self.item: pytest.Item | None = None
        self.taken = self.depth = 0
        self.values: dict[Any, Any] = {}
        self.restored: dict[Any, Any] = {}
        self.is_kept = False

    def begin(self, item: pytest.Item, folder: Callable[[], Path]) -> None:
        """Called before the transaction of a test begins."""
        plan = item.stash.get(PLAN, ())
        self.folder, self.values, self.restored = folder, {}, {}
        self.is_kept = bool(plan)
        standing = 0
        if self._is_sound():
            for level in self.levels:
                if plan[: len(level.steps)] != level.steps:
                    break
                standing += 1
        if not standing:
            self.close()
        else:
            self._drop(standing)
        if not plan:
            return
        if self.transaction is None:
            self.transaction = transaction.atomic()
            # A durable block may be in it, as in the transaction of a test.
            self.transaction._from_testcase = True
            self.transaction.__enter__()
        elif self.levels:
            self.values = pickle.loads(self.levels[-1].values)  # noqa: S301 - our own
            self.values = {
                plan[place].fixture: value for place, value in self.values.items()
            }
            self.restored = dict(self.values)

    def close(self) -> None:
        """Take everything back."""
        self._drop(0, roll_back=False)
        if self.transaction is not None:
            if connection.in_atomic_block:
                transaction.set_rollback(True)
            self.transaction.__exit__(None, None, None)
            self.transaction = None

    def _drop(self, standing: int, *, roll_back: bool = True) -> None:
        dropped = self.levels[standing:]
        del self.levels[standing:]
        if dropped and roll_back:
            connection.savepoint_rollback(dropped[0].savepoint)
            connection.savepoint_commit(dropped[0].savepoint)
        for level in dropped:
            if level.media:
                shutil.rmtree(level.media)

    def _is_sound(self) -> bool:
        """Whether no test closed the connection, or the transaction, beneath us."""
        return (
            connection.connection is not None
            and connection.in_atomic_block
            and not connection.closed_in_transaction
            and connection.savepoint_ids == []
        )

    def take(self, item: pytest.Item, fixture: Any) -> Step | None:
        """The step that ``fixture`` is, if it is the one that was planned to come next."""
        if item is not self.item:
            self.item, self.taken = item, 0
        plan = item.stash.get(PLAN, ())
        if self.taken < len(plan) and plan[self.taken].fixture is fixture:
            self.taken += 1
            return plan[self.taken - 1]
        return None

    def put_back(self, request: pytest.FixtureRequest) -> None:
        """Mails, files and clocks as they were when the last kept fixture was made."""
        level = self.levels[-1]
        mail.outbox[:] = level.mails
        if level.media:
            shutil.copytree(level.media, settings.MEDIA_ROOT, dirs_exist_ok=True)
        for name, (moment, ticks) in level.clocks.items():
            request.getfixturevalue(name).move_to(moment, tick=ticks)

    def keep(self, request: pytest.FixtureRequest, value: Any) -> bool:
        """Let the rows of the last step stand; gives whether it could be done."""
        ids: list[Any] = connection.savepoint_ids
        if len(ids) != 1 or ids[0] is None:
            return False
        steps = request.node.stash[PLAN][: self.taken]
        values = {**self.values, steps[-1].fixture: value}
        places = {step.fixture: place for place, step in enumerate(steps)}
        pickled = _pickled({places[one]: it for one, it in values.items()})
        if pickled is None:
            return False
        self.values = values
        # Those that find the rows standing find nothing remembered of them, either.
        memories.forget()
        media, root = None, Path(settings.MEDIA_ROOT)
        if root.exists():
            media = self.folder()
            shutil.copytree(root, media, dirs_exist_ok=True)
        clocks = {
            name: (datetime.now(UTC), time.time_ns() != time.time_ns())
            for name in frozenset[str]().union(*(step.clocks for step in steps))
            if _has_moved(request.getfixturevalue(name))
        }
        self.levels.append(
            Level(steps, ids.pop(), pickled, list(mail.outbox), media, clocks)
        )
        # The test is rolled back to here.
        ids.append(connection.savepoint())
        return True


class Pickler(pickle.Pickler):
    def reducer_override(self, obj: Any) -> Any:
        if isinstance(obj, QuerySet):
            # Pickled it would say what stood then, not what stands when it is asked.
            raise pickle.PicklingError
        return NotImplemented


def _pickled(values: dict[int, Any]) -> bytes | None:
    pickler = Pickler(written := io.BytesIO())
    try:
        pickler.dump(values)
    except (pickle.PicklingError, AttributeError, TypeError):
        return None
    return written.getvalue()


def _has_moved(clock: Any) -> bool:
    return getattr(clock, "traveller", clock) is not None


stage = Stage()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of a module that begin the same way follow one another."""
    ranks: dict[Plan, int] = {}
    for item in items:
        item.stash[PLAN] = _plan(item)

    def rank(item: pytest.Item) -> list[int]:
        plan = item.stash[PLAN]
        return [
            ranks.setdefault(plan[:length], len(ranks))
            for length in range(1, len(plan) + 1)
        ]

    items[:] = [
        item
        for _, of_module in groupby(list(items), lambda item: item.path)
        for item in sorted(of_module, key=rank)
    ]


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(
    fixturedef: Any, request: pytest.FixtureRequest
) -> Iterator[None]:
    item = request.node
    if fixturedef.argname == "_django_db_helper":
        folders = request.getfixturevalue("tmp_path_factory")
        with request.getfixturevalue("django_db_blocker").unblock():
            stage.begin(item, lambda: folders.mktemp("media"))
        return (yield)
    if fixturedef.argname == "_django_setup_unittest":
        # What a class of tests writes for all of its own begins with nothing.
        with request.getfixturevalue("django_db_blocker").unblock():
            stage.close()
        return (yield)
    step = stage.take(item, fixturedef)
    if step and fixturedef in stage.restored:
        value = stage.restored.pop(fixturedef)
        if not stage.restored:
            stage.put_back(request)
        made, fixturedef.func = fixturedef.func, lambda **kwargs: value
        try:
            return (yield)
        finally:
            fixturedef.func = made
    stage.depth += 1
    try:
        with connection.execute_wrapper(seen := Seen()):
            value = yield
    finally:
        stage.depth -= 1
    # Another fixture may have asked for this one while it was made: it is part of that.
    if stage.is_kept and seen.asked and not stage.depth:
        kept = bool(step and step.is_keepable and stage.keep(request, value))
        stage.is_kept = kept or not seen.wrote
    return value


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    yield
    assert not stage.restored or item is not stage.item, (
        "The fixtures of this test were not made in the order that tests/stage.py expects."
    )


class Seen:
    """Whether statements were sent, and whether one wrote."""

    def __init__(self) -> None:
        self.asked = self.wrote = False

    def __call__(self, execute, sql, params, many, context):
        self.asked = True
        self.wrote |= not sql.startswith(READING)
        return execute(sql, params, many, context)


@dataclass(frozen=True)
class Fixture:
    """What is known of a fixture before it is made."""

    name: str
    definition: Any
    is_step: bool
    is_keepable: bool
    clocks: frozenset[str]
    parameters: frozenset[str]


def _plan(item: pytest.Item) -> Plan:
    """The steps before the first line of a test; none, if nothing can be kept of it."""
    names = getattr(item, "fixturenames", [])
    marker = item.get_closest_marker("django_db")
    if COMMITTING.intersection(names) or (marker and marker.kwargs.get("transaction")):
        return ()
    known: dict[Any, Fixture] = {}
    for name in names:
        _look_at(item, name, (), known)
    steps = [one for one in known.values() if one.is_step]
    while steps and not steps[-1].is_keepable:
        steps.pop()
    places = item.callspec.indices if hasattr(item, "callspec") else {}
    return tuple(
        Step(
            one.definition,
            one.is_keepable,
            one.clocks,
            tuple((name, places[name]) for name in sorted(one.parameters)),
        )
        for one in steps
    )


def _look_at(
    item: Any, name: str, above: tuple[str, ...], known: dict[Any, Fixture]
) -> Fixture:
    # One that overrides another asks for it by its own name.
    definitions = item._fixtureinfo.name2fixturedefs.get(name, ())
    depth = above.count(name) + 1
    if depth > len(definitions):
        return Fixture(name, None, False, False, frozenset(), frozenset())
    definition = definitions[-depth]
    if definition not in known:
        beneath = [
            _look_at(item, wanted, (*above, name), known)
            for wanted in definition.argnames
            if name != "db"
        ]
        is_parameter = hasattr(item, "callspec") and name in item.callspec.params
        # One with parameters may choose by them among other fixtures.
        fitting = {*CLOCKS, "request"} if definition.params else CLOCKS
        # What plugins offer does nothing until a test asks it to.
        is_step = definition.scope == "function" and bool(definition.baseid)
        known[definition] = Fixture(
            name,
            definition,
            is_step,
            name == "db"
            or (
                is_step
                and not inspect.isgeneratorfunction(definition.func)
                and all(one.is_keepable or one.name in fitting for one in beneath)
            ),
            frozenset({name} & CLOCKS).union(*(one.clocks for one in beneath)),
            frozenset({name} if is_parameter else ()).union(
                *(one.parameters for one in beneath)
            ),
        )
    return known[definition]
