"""Waiting for something that another process does."""

import time
from collections.abc import Callable

PATIENCE = 30.0
LOOK_EVERY = 0.05


class NotInTime(AssertionError):
    """What was waited for didn't happen."""


def wait_until(condition: Callable[[], bool], what: str, patience: float = PATIENCE) -> float:
    """Look again and again until it holds; returns how many seconds that took.

    A database can't tell another process that a row has changed, so there is nothing to wait on.
    """
    began = time.monotonic()
    while not condition():
        if time.monotonic() - began > patience:
            raise NotInTime(f"{what}: not within {patience:.0f} s")
        time.sleep(LOOK_EVERY)
    return time.monotonic() - began


def let_pass(seconds: float) -> None:
    """How long a fault lasts is what is being tried; nothing is waited for meanwhile."""
    time.sleep(seconds)
