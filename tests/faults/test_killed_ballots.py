"""Killed between any two statements of sending: one ballot or none, and it is told right."""

import json
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from sqlalchemy import event

from dialogs.messages import Reply
from knowledge.library import Library
from storage.database import Database
from tests.dialogs.checkins.asking import question_set
from tests.dialogs.shown import shown
from tests.faults.conftest import Tell
from tests.faults.crowd import REFLECTION, SURVEY, Crowd, rows


class Killed(Exception):
    """The process died here."""


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
@pytest.mark.parametrize("sending", ["reflection", "survey", "unasked"])
def test_killed_between_any_two_statements_there_is_one_ballot_or_none(
    kind: str, sending: str, library: Library, request: pytest.FixtureRequest, tell: Tell
) -> None:
    database = Database(request.getfixturevalue(kind))
    crowd = Crowd(library, database, 3)
    kommune = crowd.kommune
    press = _prepared(crowd, sending)
    before = _state(database)
    killed = 0
    for number in count(1):
        with _killing(database, number) as has_ended:
            try:
                replies = press()
            except Killed:
                killed += 1
            else:
                assert not has_ended()
                break
        assert _state(database) == before, f"after statement {number}"
    assert killed > 5
    assert "Sendt." in shown(replies)
    once = _state(database)
    assert once != before
    assert "Kanarifugl" not in json.dumps(rows(database, "ballot_draft"), default=str)
    # Dead after it was saved and before the answer was seen: the next press tells that it is in.
    again = shown(press())
    assert "Det første du sendte, teller." in again or "alt delt en slik refleksjon" in again
    assert _state(database) == once
    tell(f"killed at each of {killed} statements")
    assert kommune
    database.close()


def _prepared(crowd: Crowd, sending: str) -> Callable[[], list[Reply]]:
    """All but the last press."""
    if sending == "reflection":
        return lambda: crowd.reflect(0)
    if sending == "survey":
        who = crowd.keys[0]
        given = {"eget__value": "valg0", "stotte__value": crowd.canary(0, SURVEY)}
        for name, more in (("@", {"erfaring__value": "lang"}), ("en", given)):
            crowd.kommune.press(who, "ballot_next", round=SURVEY, section=name, **more)
        crowd.kommune.press(who, "ballot_next", round=SURVEY, section="to", neste__value="3")
        return lambda: crowd.kommune.press(who, "ballot_send", round=SURVEY)
    crowd.kommune.assistant._guides.sets["alene"] = question_set("alene", unasked=True)  # type: ignore[index]
    return lambda: crowd.kommune.press(
        crowd.keys[0],
        "unasked_share",
        set="alene",
        trivsel__value="3",
        tid__value="ja",
        stotte__value=crowd.canary(0, REFLECTION),
    )


def _state(database: Database) -> list[Any]:
    """What is counted, who has answered, what is written, and what waits to be sent."""
    return [
        sorted(
            json.dumps({k: v for k, v in row.items() if k != "id"}, default=str, sort_keys=True)
            for row in rows(database, table)
        )
        for table in ("answered", "ballot", "ballot_text", "ballot_draft", "round")
    ]


class _killing:
    """Within it, the n-th statement from here, or the commit after the last, is never made."""

    def __init__(self, database: Database, number: int) -> None:
        self._engine = database._engine
        self._left = number

    def __enter__(self) -> Callable[[], bool]:
        event.listen(self._engine, "before_cursor_execute", self._count)
        event.listen(self._engine, "commit", self._count)
        return lambda: self._left <= 0

    def __exit__(self, *_: object) -> None:
        event.remove(self._engine, "before_cursor_execute", self._count)
        event.remove(self._engine, "commit", self._count)

    def _count(self, *_: object) -> None:
        self._left -= 1
        if self._left == 0:
            raise Killed
