"""The command line: each command is built of its parts in roof/."""

import argparse
import os
import sys
from collections.abc import Callable

from bot.log_lines import set_up_logging
from roof import asking, backup, content, directory, doctor, privacy, registers, serving, teams_app
from roof.parts import Stop


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit code (2 = it could not be done)."""
    parsed = _parser().parse_args(arguments)
    # Before the settings are read, since what is wrong with them is logged as well.
    set_up_logging("json" if os.environ.get("LOG_FORMAT", "").strip() == "json" else "text")
    command: Callable[[argparse.Namespace], int] = parsed.command
    try:
        return command(parsed)
    except Stop as stop:
        sys.stderr.write(f"{stop}\n")
        return 2
    except BrokenPipeError:
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="app.py", description="Kvalitetsbot.")
    commands = parser.add_subparsers(required=True, metavar="KOMMANDO")
    parts = [serving, asking, registers, directory, content, doctor, backup, teams_app, privacy]
    for module in parts:
        module.add_commands(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
