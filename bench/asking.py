"""Asks many questions the way `app.py ask --jsonl` is asked, in this process."""

import contextlib
import io
import json
from collections.abc import Iterable
from unittest.mock import patch

import app
from bench.scoring import Answers, Question


def ask(questions: Iterable[Question], *arguments: str) -> Answers:
    """Question id -> what the command printed for it."""
    asked = "".join(
        json.dumps({key: q[key] for key in ("id", "question", "context") if key in q}) + "\n"
        for q in questions
    )
    printed = io.StringIO()
    with patch("sys.stdin", io.StringIO(asked)), contextlib.redirect_stdout(printed):
        code = app.main(["ask", "--jsonl", *arguments])
    if code:
        raise RuntimeError(f"app.py ask ended with {code}")
    return {answer["id"]: answer for answer in map(json.loads, printed.getvalue().splitlines())}
