"""`doctor`: looks at all that the bot needs, and says for each what is wrong and what to do."""

import argparse
import asyncio
import json
import os
import sys
from datetime import UTC, datetime
from typing import Any

from roof.doctor_inside import of_backups, of_content, of_database, of_directory
from roof.doctor_outside import of_credential, of_expiry, of_outside, of_settings
from roof.findings import Finding, as_json, as_text, exit_code


def add_commands(commands: Any) -> None:
    doctor = commands.add_parser(
        "doctor", help="se etter feil i innstillinger, innlogging, database og innhold"
    )
    doctor.add_argument("--json", action="store_true", help="som et JSON-objekt, til overvåking")
    doctor.add_argument("--offline", action="store_true", help="ikke spør noen utenfor maskinen")
    doctor.add_argument("--local", action="store_true", help="se på det «serve --local» trenger")
    doctor.set_defaults(command=_doctor)


def _doctor(arguments: argparse.Namespace) -> int:
    findings = look(offline=arguments.offline or arguments.local, local=arguments.local)
    if arguments.json:
        sys.stdout.write(json.dumps(as_json(findings), ensure_ascii=False) + "\n")
    else:
        sys.stdout.write(as_text(findings) + "\n")
    return exit_code(findings)


def look(*, offline: bool, local: bool) -> list[Finding]:
    """Everything in turn. What needs settings that are wrong is left out; they are told."""
    from bot.settings import SettingsError, read_settings

    now = datetime.now(UTC)
    findings = of_settings(os.environ, local=local)
    try:
        settings = read_settings(os.environ, local=local)
    except SettingsError:
        # Without them the rest can still be looked at, as on one's own machine.
        try:
            settings = read_settings(os.environ, local=True)
        except SettingsError:
            return findings
    else:
        if not local:
            findings += of_credential(settings)
            findings += of_expiry(settings, now)
        if not offline:
            from bot.checkup import look_outside

            findings += of_outside(asyncio.run(look_outside(settings)), settings)
    findings += of_database(settings, now)
    findings += of_content(settings, now)
    findings += of_directory(settings)
    findings += of_backups(settings, now)
    return findings
