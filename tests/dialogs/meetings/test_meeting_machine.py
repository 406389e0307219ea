"""Whatever happens to meetings, in any order: nobody is told what isn't so, or nagged."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from dialogs.meetings import planning, reminders
from knowledge.library import Library
from storage.database import Database
from tests.dialogs.meetings.meeting_machine import MeetingWorld, machine_in

SHORT, LONG, STEPS = 40, 2_000, 30
MOST_RUNS_TO_FIND_A_FAULT = 200


@pytest.fixture
def world(library: Library) -> Iterator[MeetingWorld]:
    database = Database("sqlite://")
    database.migrate()
    yield MeetingWorld(library, database)
    database.close()


def run(world: MeetingWorld, runs: int) -> None:
    """The same runs every time."""
    chosen = settings(
        max_examples=runs,
        stateful_step_count=STEPS,
        phases=[Phase.generate],
        derandomize=True,
        database=None,
        deadline=None,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(machine_in(world), settings=chosen)


def test_no_message_tells_what_is_not_so(world: MeetingWorld) -> None:
    run(world, SHORT)


def test_a_reminder_to_who_said_forfall_would_be_seen(
    world: MeetingWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (planning, reminders):
        monkeypatch.setattr(module, "is_absent", lambda answer: False)
    with pytest.raises(AssertionError, match="forfall"):
        run(world, MOST_RUNS_TO_FIND_A_FAULT)


@pytest.mark.faults
def test_no_message_tells_what_is_not_so_in_two_thousand_runs(world: MeetingWorld) -> None:
    run(world, LONG)
