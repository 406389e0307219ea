"""Copies of the program that sends, each a process of its own: started, stopped, killed."""

import multiprocessing
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path

from tests.faults.waiting import PATIENCE, NotInTime
from tests.faults.worker import send_until_told

# Forked from one process that has imported everything: hundreds of them are started and killed,
# and importing takes a hundred times as long as starting.
_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["pytest", "tests.faults.worker"])


class Worker:
    """One running copy. `name` is what its messages carry."""

    def __init__(self, name: str, arguments: Sequence[str], log: Path) -> None:
        self.name = name
        self._log = log
        self._ready, theirs = _CONTEXT.Pipe(duplex=False)
        command = ["--name", name, *arguments]
        self._process = _CONTEXT.Process(target=_run, args=(command, log, theirs), name=name)
        self._process.start()
        theirs.close()

    def wait_until_ready(self) -> None:
        """Until it has said that it sends."""
        try:
            if self._ready.poll(PATIENCE) and self._ready.recv() == "ready":
                return
        except EOFError:
            pass
        raise NotInTime(f"{self.name} did not start:\n{self.said()}")

    def kill(self) -> None:
        """As when the machine loses power: nothing of the program runs any more."""
        self._process.kill()
        self._end()

    def terminate(self) -> None:
        """As when the service is restarted; it must end by itself, and in good order."""
        self._process.terminate()
        self._end()
        if self._process.exitcode != 0:
            raise AssertionError(f"{self.name}: {self._process.exitcode}\n{self.said()}")

    def said(self) -> str:
        """The end of its log."""
        return self._log.read_text("utf-8", "replace")[-4_000:] if self._log.exists() else ""

    def _end(self) -> None:
        self._process.join(PATIENCE)
        self._ready.close()


class Workers:
    """Starts copies with the same arguments."""

    def __init__(self, folder: Path, arguments: Sequence[str]) -> None:
        self._folder = folder
        self._arguments = arguments
        self._numbers = count(1)
        self.all: list[Worker] = []

    def start(self, *more: str) -> Worker:
        """Start one; it may not be ready yet."""
        name = f"w{next(self._numbers)}"
        worker = Worker(name, [*self._arguments, *more], self._folder / f"{name}.log")
        self.all.append(worker)
        return worker

    def said(self) -> str:
        """The end of the log of each."""
        return "".join(worker.said() for worker in self.all)

    def start_ready(self, count: int = 1) -> list[Worker]:
        """Start so many, and wait until all of them send."""
        started = [self.start() for _ in range(count)]
        for worker in started:
            worker.wait_until_ready()
        return started


@contextmanager
def workers(folder: Path, **arguments: object) -> Iterator[Workers]:
    """Copies that are told `database="sqlite:///…", rate=45` and so on. None outlives this."""
    told = [f"--{name.replace('_', '-')}={value}" for name, value in arguments.items()]
    copies = Workers(folder, told)
    try:
        yield copies
    finally:
        for worker in copies.all:
            worker.kill()


def _run(arguments: Sequence[str], log: Path, ready: Connection) -> None:
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    os.dup2(file, 2)
    send_until_told(arguments, lambda: ready.send("ready"))
