"""Stopping and starting again a PostgreSQL that tests.storage.postgresql has started."""

import os
import shlex
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import make_url

from tests.faults.waiting import PATIENCE
from tests.storage.postgresql import Command


@contextmanager
def stopped(url: str) -> Iterator[None]:
    """The server of this database is down; all its connections are broken."""
    folder = Path(str(make_url(url).query["host"]))
    # The server wrote down how it was started: program, then its arguments.
    program, *options = shlex.split((folder / "data" / "postmaster.opts").read_text("utf-8"))
    control: Command = [Path(program).with_name("pg_ctl"), "-D", folder / "data", "-w"]
    _run([*control, "-m", "fast", "stop"], folder)
    try:
        yield
    finally:
        # To a file: the server holds on to what it writes to for as long as it runs.
        log = folder / "log"
        _run([*control, "-l", log, "-o", shlex.join(_own(options)), "start"], folder)


def _own(options: list[str]) -> list[str]:
    """The options without `-D folder`, which pg_ctl adds itself."""
    at = options.index("-D")
    return options[:at] + options[at + 2 :]


def _run(command: Command, folder: Path) -> None:
    owner = folder.stat()
    # PostgreSQL refuses to run as root, and was started as whoever owns its folder.
    as_owner: dict[str, Any] = (
        {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []}
        if os.geteuid() == 0
        else {}
    )
    subprocess.run(
        [str(part) for part in command],
        check=True,
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=PATIENCE,
        **as_owner,
    )
