"""Whatever happens to meetings, in any order: nobody is told what isn't so, or nagged."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from knowledge.library import Library
from storage.database import Database
from tests.dialogs.meetings.meeting_machine import MeetingWorld, machine_in

SHORT, LONG, STEPS = 60, 2_000, 30


@pytest.fixture
def world(library: Library) -> Iterator[MeetingWorld]:
    database = Database("sqlite://")
    database.migrate()
    yield MeetingWorld(library, database)
    database.close()


def run(world: MeetingWorld, runs: int) -> None:
    """The same runs every time; a failure is shown as the shortest that was found."""
    chosen = settings(
        max_examples=runs,
        stateful_step_count=STEPS,
        phases=[Phase.generate, Phase.shrink],
        derandomize=True,
        database=None,
        deadline=None,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(machine_in(world), settings=chosen)


def test_no_message_tells_what_is_not_so(world: MeetingWorld) -> None:
    run(world, SHORT)


@pytest.mark.faults
def test_no_message_tells_what_is_not_so_in_two_thousand_runs(world: MeetingWorld) -> None:
    run(world, LONG)
