"""`package`: the Teams app as a file to upload."""

import argparse
import sys
from pathlib import Path
from typing import Any

from roof.parts import Stop, settings_from_environment


def add_commands(commands: Any) -> None:
    package = commands.add_parser("package", help="lag Teams-appen som en .zip")
    package.add_argument("target", nargs="?", type=Path, default=Path("dist/kvalitetsbot.zip"))
    package.set_defaults(command=_package)


def _package(arguments: argparse.Namespace) -> int:
    from bot.package.package import PackageError, build_package

    settings = settings_from_environment(local=True)
    try:
        path = build_package(
            arguments.target,
            app_id=settings.app_id,
            public_url=settings.public_url,
            kommune=settings.kommune,
            sign_in_app_id=settings.tab_app_id,
        )
    except PackageError as error:
        raise Stop(str(error)) from error
    sys.stdout.write(f"Teams-appen ligger i {path}. Last den opp slik docs/teams.md sier.\n")
    return 0
