"""Whatever leaders do to drafts, in any order: nothing that was saved is lost or shared twice."""

import sys
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from dialogs import sharing
from dialogs.guide_files import Guides
from knowledge.library import Library
from storage.database import Database
from storage.drafts import save_answer
from storage.shared import share
from tests.dialogs.draft_machine import Kommune, machine_in
from tests.storage.conftest import (  # noqa: F401  # the same databases
    database,
    empty_database,
    empty_url,
    new_postgresql,
)

SHORT = {"memory": 20, "file": 8, "postgresql": 8}  # runs
SHORT_STEPS = 30
LONG = {"memory": 1_200, "file": 400, "postgresql": 400}
LONG_STEPS = 50
MOST_RUNS_TO_FIND_A_FAULT = 100


@pytest.fixture
def kommune(database: Database, library: Library, guides: Guides) -> Kommune:  # noqa: F811
    return Kommune(database, library, guides)


@pytest.fixture
def in_memory(library: Library, guides: Guides) -> Iterator[Kommune]:
    database = Database("sqlite://")  # noqa: F811
    database.migrate()
    yield Kommune(database, library, guides)
    database.close()


def run(kommune: Kommune, runs: int, steps: int, *, shrink: bool = True) -> None:
    """The same runs every time; a failure is shown as the shortest that was found."""
    phases = [Phase.generate, Phase.shrink] if shrink else [Phase.generate]
    chosen = settings(
        max_examples=runs,
        stateful_step_count=steps,
        phases=phases,
        derandomize=True,
        database=None,
        deadline=None,
        print_blob=True,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(machine_in(kommune), settings=chosen)


def kind_of(request: pytest.FixtureRequest) -> str:
    return str(request.node.callspec.params["empty_url"])


def test_nothing_is_lost_and_nothing_is_shared_twice(
    request: pytest.FixtureRequest, kommune: Kommune
) -> None:
    run(kommune, SHORT[kind_of(request)], SHORT_STEPS)


@pytest.mark.faults
def test_nothing_is_lost_in_two_thousand_runs(
    request: pytest.FixtureRequest, kommune: Kommune
) -> None:
    run(kommune, LONG[kind_of(request)], LONG_STEPS)


# The machine can fail


def test_it_finds_a_save_that_overwrites_what_nobody_saw(
    in_memory: Kommune, monkeypatch: pytest.MonkeyPatch
) -> None:
    def save_anyway(*args: Any, base: int | None, **more: Any) -> Any:
        return save_answer(*args, base=None, **more)

    for name, module in sorted(sys.modules.items()):
        if name.startswith("dialogs.") and hasattr(module, "save_answer"):
            monkeypatch.setattr(module, "save_answer", save_anyway)
    with pytest.raises(AssertionError, match=r"was overwritten unseen|was saved over"):
        run(in_memory, MOST_RUNS_TO_FIND_A_FAULT, SHORT_STEPS, shrink=False)


def test_it_finds_a_sharing_that_makes_two_of_the_same(
    in_memory: Kommune, monkeypatch: pytest.MonkeyPatch
) -> None:
    sharings = count(1)

    def share_anew(session: Any, *, draft: Any, **more: Any) -> Any:
        # Past the uniqueness of the table, which would have stopped it.
        other = replace(draft, revision=draft.revision + 1_000 * next(sharings))
        return share(session, draft=other, **more)

    monkeypatch.setattr(sharing, "store_version", share_anew)
    with pytest.raises(AssertionError, match="the same was shared twice"):
        run(in_memory, MOST_RUNS_TO_FIND_A_FAULT, SHORT_STEPS, shrink=False)
