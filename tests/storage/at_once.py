"""Doing several things at the same time, and getting what each of them gave."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

Result = TypeVar("Result")

PATIENCE_SECONDS = 30


def at_once(tasks: Sequence[Callable[[], Result]]) -> list[Result]:
    """Start every task at the same moment, each in its own thread."""
    start = Barrier(len(tasks))

    def run(task: Callable[[], Result]) -> Result:
        start.wait(PATIENCE_SECONDS)
        return task()

    with ThreadPoolExecutor(len(tasks)) as threads:
        futures = [threads.submit(run, task) for task in tasks]
        return [future.result(PATIENCE_SECONDS) for future in futures]
