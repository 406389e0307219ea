"""What is logged: one line each, with the turn, and never what an exception says."""

import asyncio
import json
import logging
from collections.abc import Iterator
from contextvars import copy_context
from typing import Any

import pytest
from aiohttp import web

from bot.log_lines import JsonLines, TextLines, begin_turn, fields_of, without_caller

SECRET = "Kari skrev at hun gruer seg"


class Kept(logging.Handler):
    """Keeps the lines."""

    def __init__(self, formatter: logging.Formatter) -> None:
        super().__init__()
        self.setFormatter(formatter)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture
def log() -> Iterator[logging.Logger]:
    logger = logging.getLogger("kvalitetsbot.proving")
    logger.setLevel(logging.INFO)
    yield logger
    logger.handlers.clear()


def kept(log: logging.Logger, formatter: logging.Formatter) -> Kept:
    handler = Kept(formatter)
    log.addHandler(handler)
    return handler


def test_a_message_of_ours_becomes_fields(log: logging.Logger) -> None:
    handler = kept(log, JsonLines())
    log.info("action=%s kind=%s failed=%s ms=%d", "turn", "text", False, 12)
    [line] = map(json.loads, handler.lines)
    assert line["time"].endswith("Z")
    assert (line["level"], line["logger"]) == ("info", "kvalitetsbot.proving")
    assert (line["action"], line["kind"], line["failed"], line["ms"]) == ("turn", "text", False, 12)
    assert line["copy"]


@pytest.mark.parametrize(
    ("message", "fields"),
    [
        ("action=serving port=3978", {"action": "serving", "port": 3978}),
        ("action=x where=a.py:1 < b.py:2", {"action": "x", "where": "a.py:1 < b.py:2"}),
        (
            "action=guide_problem modul-1.toml: et steg mangler",
            {"action": "guide_problem", "message": "modul-1.toml: et steg mangler"},
        ),
        ("noe fra et bibliotek", {"message": "noe fra et bibliotek"}),
        ("", {}),
    ],
)
def test_what_is_a_field_and_what_is_a_sentence(message: str, fields: dict[str, Any]) -> None:
    assert fields_of(message) == fields


def test_a_message_can_not_say_that_it_is_another_turn_or_time(log: logging.Logger) -> None:
    handler = kept(log, JsonLines())
    log.info("action=x turn=falsk time=falsk level=falsk")
    assert "falsk" not in handler.lines[0]


@pytest.mark.parametrize("formatter", [JsonLines(), TextLines()])
def test_an_exception_is_told_by_type_and_place_alone(
    log: logging.Logger, formatter: logging.Formatter
) -> None:
    handler = kept(log, formatter)
    try:
        raise ValueError(SECRET)
    except ValueError as error:
        # As asyncio does it: the exception on a second line, and as what was raised.
        log.exception("Task exception was never retrieved\nfuture: %r", error)
    [line] = handler.lines
    assert SECRET not in line
    assert "\n" not in line
    assert "ValueError" in line
    assert "test_log_lines.py:" in line


@pytest.mark.asyncio
async def test_who_sent_what_is_no_http_is_not_told() -> None:
    """aiohttp would write the address of who sent it."""
    logger, handler = logging.getLogger("aiohttp.server"), Kept(JsonLines())
    logger.addFilter(without_caller)
    logger.addHandler(handler)
    runner = web.AppRunner(web.Application(), access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        reader, writer = await asyncio.open_connection(*runner.addresses[0])
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer hemmelig\0\r\n\r\n")
        assert b"400" in await reader.readline()
        writer.close()
    finally:
        await runner.cleanup()
        logger.removeFilter(without_caller)
        logger.removeHandler(handler)
    [line] = handler.lines
    assert json.loads(line)["action"] == "not_http"
    assert "127.0.0.1" not in line
    assert "hemmelig" not in line


@pytest.mark.asyncio
@pytest.mark.parametrize("formatter", [JsonLines(), TextLines()])
async def test_each_turn_has_an_id_that_its_threads_share(
    log: logging.Logger, formatter: logging.Formatter
) -> None:
    handler = kept(log, formatter)

    async def turn() -> str:
        id = begin_turn()
        loop = asyncio.get_running_loop()
        await asyncio.gather(
            asyncio.to_thread(log.info, "action=one"),
            loop.run_in_executor(None, copy_context().run, log.info, "action=two"),
        )
        return id

    first, second = await asyncio.gather(turn(), turn())
    assert first != second
    assert [sum(id in line for line in handler.lines) for id in (first, second)] == [2, 2]
