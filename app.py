"""The command line: each command is built of its parts in roof/."""

import argparse
import logging
import sys
from collections.abc import Callable

from roof import asking, content, registers, serving, teams_app
from roof.parts import Stop


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit code (2 = it could not be done)."""
    parsed = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(message)s")
    logging.getLogger("kvalitetsbot").setLevel(logging.INFO)  # not what libraries say of requests
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
    for module in (serving, asking, registers, content, teams_app):
        module.add_commands(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
