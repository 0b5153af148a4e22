"""Whatever people do, in whatever order: only what was signed is public.

A machine plays forums, editors and people with access to the database against the
service, and after each step compares everything that is served with its own notes
(``tests/promise.py``). The nightly profile plays ten times as many games.
"""

import gc
from datetime import timedelta

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, seed
from hypothesis import settings as effort
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from cms.models import Proof, SignOff, Withdrawal
from syndication.models import Release

from . import memories
from .promise import SHROPSHIRE, TELFORD, Play, clock

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
MEMBERS = [
    ("pacc", "pat"),
    ("pacc", "pru"),
    ("pods", "pip"),
    ("pods", "pol"),
    ("clinic", "cleo"),
]
items = st.sampled_from([0, 1])
members = st.sampled_from(MEMBERS)
writers = st.sampled_from(["editor", "editor", "pat", "pip"])
areas = st.sampled_from([None, [SHROPSHIRE], [TELFORD], [SHROPSHIRE, TELFORD]])


class Service(RuleBasedStateMachine):
    """One game: everybody does what they like, and some what they must not."""

    scene: Play

    def __init__(self):
        super().__init__()
        self.clock = clock()
        self.play = self.scene.again(self.clock.start())
        self.was_read = set()
        self.game = transaction.atomic()
        self.game.__enter__()

    def teardown(self):
        transaction.set_rollback(True)
        memories.forget()
        self.game.__exit__(None, None, None)
        self.clock.stop()
        super().teardown()

    def step(self):
        self.play.clock.shift(MINUTE)
        return self.play

    @rule(item=items, by=writers, areas=areas)
    def edit(self, item, by, areas):
        self.step().edit(item, by, areas=areas)

    @rule(item=items, days=st.sampled_from([0, 1, 2]))
    def set_release_date(self, item, days):
        self.step().edit(item, release_in=days * DAY)

    @rule(item=items, which=st.integers(0, 5))
    def revert(self, item, which):
        self.step().revert(item, which)

    @rule(item=items, by=writers)
    def submit(self, item, by):
        self.step().submit(item, by)

    @rule(item=items, member=members, comment=st.sampled_from(["", "", "Well done."]))
    def sign(self, item, member, comment):
        self.step().sign(item, *member, comment)

    @rule(item=items, member=members)
    def sign_what_was_open_before(self, item, member):
        self.step().sign_what_was_open_before(item, *member)

    @rule(
        item=items,
        forum=st.sampled_from(["pacc", "pods"]),
        by=st.sampled_from(["pat", "pip", "cleo", "editor", "admin"]),
    )
    def sign_for_anybody(self, item, forum, by):
        self.step().sign(item, forum, by)

    @rule(item=items)
    def submit_and_everyone_signs(self, item):
        self.step().submit(item)
        self.play.everyone_signs(item)

    @rule(item=items)
    def everyone_signs(self, item):
        self.step().everyone_signs(item)

    @rule(item=items, member=members)
    def ask_for_changes(self, item, member):
        self.step().ask_for_changes(item, *member)

    @rule(item=items, member=members, publicly=st.booleans())
    def not_agree(self, item, member, publicly):
        self.step().not_agree(item, *member, publicly=publicly)

    @rule(item=items, by=st.sampled_from(["pat", "pip", "cleo", "editor", "admin"]))
    def assure(self, item, by):
        self.step().assure(item, by)

    @rule(item=items)
    def submit_with_dissent(self, item):
        self.step().submit_with_dissent(item)

    @rule(item=items, member=members)
    def take_back(self, item, member):
        self.step().take_back(item, *member)

    @rule(
        item=items,
        kind=st.sampled_from([*Withdrawal.values, "unpublish"]),
        by=st.sampled_from(["admin", "pat", "pip"]),
    )
    def withdraw(self, item, kind, by):
        self.step().withdraw(item, kind, by)

    @rule(item=items, name=st.sampled_from(["phone", "phone", "closure", "title"]))
    def correct(self, item, name):
        self.step().correct(item, name)

    @rule(days=st.sampled_from([1, 2]), worker=st.booleans())
    def time_passes(self, days, worker):
        self.step().time_passes(days * DAY, worker=worker)

    @rule(item=items, place=st.sampled_from(["common", "section"]))
    def move(self, item, place):
        self.step().move(item, place)

    @rule(member=members, stays=st.booleans())
    def a_member_leaves_or_joins(self, member, stays):
        (self.step().join if stays else self.step().leave)(*member)

    @rule(forum=st.sampled_from(["pacc", "pods", "clinic"]))
    def join_another_forum(self, forum):
        self.step().join(forum, "pat")

    @rule(
        area=st.sampled_from([SHROPSHIRE, TELFORD]),
        forums=st.sampled_from(
            [[], ["pacc"], ["pods"], ["pacc", "pods"], ["clinic"], ["pods", "clinic"]]
        ),
    )
    def an_area_gets_other_forums(self, area, forums):
        self.step().area_is_for(area, *forums)

    @rule(kind=st.sampled_from(["", "news", "local-offer"]), only_joint=st.booleans())
    def a_rule_is_added(self, kind, only_joint):
        self.step().add_rule("clinic", kind=kind, only_joint=only_joint)

    @rule()
    def rules_are_dropped(self):
        self.step().drop_rules()

    @rule(leaving=st.sampled_from(["ask", "tell"]))
    def leaving_is(self, leaving):
        self.step().policy(leaving=leaving)

    @rule(dissent=st.sampled_from(["publish", "publish", "block"]))
    def dissent_is(self, dissent):
        self.step().policy(dissent=dissent)

    @rule(
        item=items,
        how=st.sampled_from(
            [
                Play.rewrite_the_revision,
                Play.overwrite_the_revision,
                Play.drift,
                Play.drift_in_the_database,
                Play.make_live,
                Play.publish,
                Play.finish_the_workflow,
                Play.mark_signed,
            ]
        ),
    )
    def work_around_it(self, item, how):
        how(self.step(), item)

    @rule(
        altered=st.sampled_from(
            [
                (Proof, {"payload": b"{}"}),
                (SignOff, {"decision": "agree", "comment": "Yes."}),
                (Release, {"payload": b"{}"}),
            ]
        )
    )
    def write_into_the_records(self, altered):
        model, values = altered
        self.step().tamper(model.objects.all(), **values)

    @precondition(lambda self: self.play.notes.covered.keys() != self.was_read)
    @rule()
    def a_stranger_reads(self):
        self.step().read_as_a_stranger()
        self.was_read = set(self.play.notes.covered)

    @invariant()
    def only_what_was_signed_is_public(self):
        self.play.check()


@pytest.fixture
def scene(world):
    with clock() as at:
        scene = Play.begin(world, at)
    # Thousands of steps: do not look through all of Django for garbage each time.
    gc.freeze()
    yield scene
    gc.unfreeze()


# The normal run plays the same 200 games of 30 steps each time, on PostgreSQL a quarter
# of them; the nightly one 2,000 new ones. A failure prints how to play it again.
NIGHTLY = effort.get_current_profile_name() == "nightly"
PARTS = (1, 2, 3, 4)


@pytest.mark.slow
@pytest.mark.no_cover  # It would take twice as long, and smaller tests cover it all.
@pytest.mark.parametrize("part", PARTS)
def test_only_what_was_signed_is_ever_public(scene, part):
    if connection.vendor == "postgresql" and part > 1 and not NIGHTLY:
        pytest.skip("the same games as on SQLite: one part is enough")
    Service.scene = scene
    play = Service if NIGHTLY else seed(part)(Service)

    run_state_machine_as_test(
        play,
        settings=effort(
            max_examples=2000 // len(PARTS) if NIGHTLY else 200 // len(PARTS),
            stateful_step_count=30,
            deadline=None,
            # One part must not begin with what another found.
            database=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
