"""A log record -> one line, as text or as JSON, with the turn that it belongs to.

Our own messages are `action=… key=value …`; in JSON each becomes a field. Of an exception only its
type and place are written, whoever logs it: its own words may quote a person.
"""

import json
import logging
import os
import re
import secrets
import socket
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Literal

LARGEST_LINE = 4_000
FRAMES = 6

# What is handled now: a request, or a message that is sent. Threads get it by copy_context.
_turn: ContextVar[str] = ContextVar("turn", default="-")
_KEY = re.compile(r"(?:^|\s)(\w+)=")

Info = tuple[type[BaseException], BaseException, TracebackType | None]


def begin_turn() -> str:
    """A new random id, on every line that is logged from here on in this task."""
    turn = secrets.token_hex(4)
    _turn.set(turn)
    return turn


def set_up_logging(format: Literal["text", "json"]) -> None:
    """Every line to stderr in this form; of libraries only warnings."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines() if format == "json" else TextLines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logging.getLogger("kvalitetsbot").setLevel(logging.INFO)  # not what libraries say of requests
    logging.getLogger("azure.identity").setLevel(logging.ERROR)  # it warns of what we tell better
    logging.getLogger("aiohttp.server").addFilter(without_caller)


def without_caller(record: logging.LogRecord) -> bool:
    """Of what can't be read as HTTP, aiohttp tells the address it came from: a person's, maybe."""
    if record.args:
        record.msg, record.args = "action=not_http", ()
    return True


def place_of(error: BaseException) -> str:
    """Where it went wrong, the innermost first."""
    frames = traceback.extract_tb(error.__traceback__)[-FRAMES:]
    return " < ".join(f"{frame.filename}:{frame.lineno}" for frame in reversed(frames))


class TextLines(logging.Formatter):
    """Time, logger, turn, and the message."""

    def __init__(self) -> None:
        super().__init__()

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created).astimezone()
        stamp = moment.isoformat(sep=" ", timespec="milliseconds")
        faults = " ".join(f"{key}={value}" for key, value in _fault(record).items())
        return f"{stamp} {record.name} turn={_turn.get()} {_message(record)} {faults}".rstrip()


class JsonLines(logging.Formatter):
    """One object a line: time in UTC, level, logger, copy, turn, and the message's own fields."""

    def __init__(self) -> None:
        super().__init__()
        self._copy = f"{socket.gethostname()}:{os.getpid()}"

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC)
        own: dict[str, Any] = {
            "time": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "copy": self._copy,
            "turn": _turn.get(),
        }
        line = {**own, **fields_of(_message(record)), **_fault(record), **own}
        return json.dumps(line, ensure_ascii=False)


def fields_of(message: str) -> dict[str, Any]:
    """`action=turn ms=12` as {"action": "turn", "ms": 12}. Other words are the field "message"."""
    starts = list(_KEY.finditer(message))
    first = starts[0].start() if starts else len(message)
    loose, fields = [message[:first].strip()], dict[str, Any]()
    for at, found in enumerate(starts):
        end = starts[at + 1].start() if at + 1 < len(starts) else len(message)
        value = message[found.end() : end].strip()
        if found[1] == "action":  # what stands after it without a key is a sentence
            value, _, sentence = value.partition(" ")
            loose.append(sentence)
        fields[found[1]] = _plain(value)
    if said := " ".join(part for part in loose if part):
        fields["message"] = said
    return fields


def _plain(value: str) -> str | int | bool:
    if value in ("True", "False"):
        return value == "True"
    return int(value) if value.isascii() and value.isdigit() else value


def _message(record: logging.LogRecord) -> str:
    """In one line. asyncio puts the exception itself, with its words, on the second."""
    lines = record.getMessage().splitlines()
    return lines[0][:LARGEST_LINE] if lines else ""


def _fault(record: logging.LogRecord) -> dict[str, str]:
    info = record.exc_info
    if not isinstance(info, tuple) or info[1] is None:
        return {}
    return {"error": type(info[1]).__name__, "where": place_of(info[1])}
