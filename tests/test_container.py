"""The image holds what the bot needs to run and nothing else, and neither it nor compose is root.

There is no Docker where the tests run: what is held here is what goes in, that it is enough, and
what docs/operations.md promises of how it runs.
"""

import configparser
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from fnmatch import fnmatch
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
import yaml  # type: ignore[import-untyped]

from bot.settings import SETTINGS, SettingsError, read_settings
from bot.web import STOP_TIMEOUT, TIME_TO_LEAVE
from tests.faults.waiting import PATIENCE, wait_until

ROOT = Path(__file__).parent.parent
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
# Turns and sends are let end, then requests, and then the turns that those began.
TO_STOP = TIME_TO_LEAVE + 3 * STOP_TIMEOUT
TO_START = 120.0  # seconds, on a machine that does much else
FINAL_STAGE = DOCKERFILE.rpartition("\nFROM ")[2]


def in_context() -> list[str]:
    """The files of the repository that .dockerignore lets into the image."""
    lines = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert "*" in lines  # everything is kept out but what is named
    named = [line[1:] for line in lines if line.startswith("!")]
    out = [line.removeprefix("**/") for line in lines if line.startswith("**/")]
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return [
        name
        for name in listed.stdout.split("\0")
        if name
        and (ROOT / name).is_file()
        and any(name == one or name.startswith(f"{one}/") for one in named)
        and not any(fnmatch(part, pattern) for pattern in out for part in Path(name).parts)
    ]


def test_no_data_no_secret_no_test_and_no_history_goes_into_the_image() -> None:
    tops = {name.partition("/")[0] for name in in_context()}
    assert {"app.py", "roof", "bot", "storage", "LICENSE", "NOTICE"} <= tops
    assert not tops & {".env", ".git", "bench", "data", "docs", "node_modules", "tests"}


def test_what_goes_into_the_image_is_enough_to_start_to_answer_and_to_stop(tmp_path: Path) -> None:
    for name in in_context():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, tmp_path / name)
    before = _tree(tmp_path)
    with _serving(tmp_path) as (process, port):
        with urlopen(f"http://127.0.0.1:{port}/health", timeout=PATIENCE) as answer:
            assert json.load(answer) == {"status": "ok"}
        assert _probe(tmp_path, port, "/health") == 0
        assert _probe(tmp_path, port, "/finnes-ikke") == 1
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
        assert _probe(tmp_path, port, "/health") == 1
    asked = subprocess.run(
        [sys.executable, "app.py", "ask", "Hva er PRUVA?"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=TO_START,
        env=_environment(),
    )
    assert "Praktisk" in asked.stdout, asked.stderr
    written = _tree(tmp_path) - before
    assert written
    assert {path.parts[0] for path in written} == {"data"}


def test_the_image_runs_as_a_number_that_is_not_root_with_the_locked_packages() -> None:
    (user,) = re.findall(r"^USER (\d+):\d+$", FINAL_STAGE, re.MULTILINE)
    assert int(user) >= 10_000
    assert "--require-hashes --only-binary :all:" in DOCKERFILE
    assert "STOPSIGNAL SIGTERM" in FINAL_STAGE
    assert 'CMD ["python", "deploy/probe.py", "/health"]' in FINAL_STAGE
    assert FINAL_STAGE.endswith('ENTRYPOINT ["python", "app.py"]\nCMD ["serve"]\n')


@pytest.fixture(scope="module")
def compose() -> Any:
    return yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))


def test_compose_gives_the_bot_no_more_than_it_needs(compose: Any) -> None:
    bot = compose["services"]["bot"]
    assert bot["read_only"] is True
    assert bot["cap_drop"] == ["ALL"]
    assert bot["security_opt"] == ["no-new-privileges:true"]
    assert bot["user"] in FINAL_STAGE
    assert [path.partition(":")[0] for path in bot["tmpfs"]] == ["/tmp"]
    assert [volume.partition(":")[2] for volume in bot["volumes"]] == ["/app/data"]
    assert "ports" not in bot  # the proxy alone is reached from outside
    assert "ports" not in compose["services"]["postgres"]


def test_several_copies_may_be_started_and_a_stop_waits_for_their_turns(compose: Any) -> None:
    bot = compose["services"]["bot"]
    assert "container_name" not in bot  # there can be only one with a name
    assert int(bot["stop_grace_period"].removesuffix("s")) > TO_STOP
    proxied = (ROOT / "deploy" / "Caddyfile").read_text("utf-8")
    assert re.search(r"dynamic a \{\s+name bot\s+port 3978\s", proxied)
    assert bot["environment"]["PORT"] == "3978"


def test_no_secret_stands_in_compose_or_in_the_example(compose: Any) -> None:
    example = _example()
    for name in ("MicrosoftAppPassword", "SECRET_KEY", "POSTGRES_PASSWORD"):
        assert example[name] == ""
    stated = (ROOT / "compose.yaml").read_text("utf-8")
    assert set(re.findall(r"\$\{(\w+)", stated)) <= example.keys()
    assert not re.search(r"(?i)(password|secret|key)\w*: (?!\$\{)\S", stated)


def test_the_settings_in_compose_in_azure_and_in_the_example_exist(compose: Any) -> None:
    known = {name for name, _, _ in SETTINGS}
    assert compose["services"]["bot"]["environment"].keys() <= known
    azure = yaml.safe_load((ROOT / "deploy" / "containerapp.yaml").read_text("utf-8"))
    (container,) = azure["properties"]["template"]["containers"]
    assert {one["name"] for one in container["env"]} <= known
    assert _example().keys() - known == {"SITE_ADDRESS", "POSTGRES_PASSWORD"}


def test_the_service_writes_in_its_own_folder_alone_and_each_way_of_running_lets_it_end() -> None:
    unit = configparser.RawConfigParser(strict=False, delimiters="=")
    unit.optionxform = str  # type: ignore[assignment, method-assign]
    unit.read(ROOT / "deploy" / "kvalitetsbot.service", "utf-8")
    service = unit["Service"]
    assert service["ProtectSystem"] == "strict"
    assert service["NoNewPrivileges"] == "yes"
    assert service["User"] != "root"
    assert service["ExecStart"].endswith(".venv/bin/python app.py serve")
    assert int(service["TimeoutStopSec"]) > TO_STOP
    azure = yaml.safe_load((ROOT / "deploy" / "containerapp.yaml").read_text("utf-8"))
    given = azure["properties"]["template"]["terminationGracePeriodSeconds"]
    assert given > TO_STOP
    assert int(service["TimeoutStopSec"]) == given
    assert f"gir den {given} sekunder" in (ROOT / "docs" / "operations.md").read_text("utf-8")


def test_the_example_filled_in_is_what_the_program_starts_with() -> None:
    filled_in = {
        "MicrosoftAppId": "11111111-2222-3333-4444-555555555555",
        "MicrosoftAppTenantId": "99999999-8888-7777-6666-555555555555",
        "MicrosoftAppPassword": "abc~DEF.123-_",
        "MicrosoftAppPasswordExpires": "2027-05-01",
        "SECRET_KEY": "0123456789abcdef" * 3,
    }
    settings = read_settings({**_example(), **filled_in})
    assert settings.public_url == "https://bot.kommune.no"
    assert settings.app_password_expires == date(2027, 5, 1)
    # Nobody who forgets to fill it in gets a bot that is half set up.
    with pytest.raises(SettingsError) as error:
        read_settings(_example())
    assert [problem.partition(" ")[0] for problem in error.value.problems] == [
        "MicrosoftAppId",
        "MicrosoftAppTenantId",
        "MicrosoftAppPassword",
    ]


def _example() -> dict[str, str]:
    lines = (ROOT / "deploy" / "example.env").read_text("utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def _tree(folder: Path) -> set[Path]:
    return {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()}


def _environment(**more: str) -> dict[str, str]:
    ours = {name for name, _, _ in SETTINGS}
    rest = {name: value for name, value in os.environ.items() if name not in ours}
    return {**rest, "PYTHONDONTWRITEBYTECODE": "1", **more}


def _probe(folder: Path, port: int, path: str) -> int:
    return subprocess.call(
        [sys.executable, "deploy/probe.py", path],
        cwd=folder,
        env=_environment(PORT=str(port)),
        timeout=PATIENCE,
    )


@contextmanager
def _serving(folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with (folder.parent / f"{folder.name}.log").open("wb+") as log:
        process = subprocess.Popen(
            [sys.executable, "app.py", "serve", "--local"],
            cwd=folder,
            env=_environment(PORT=str(port)),
            stdout=log,
            stderr=log,
        )
        try:
            wait_until(lambda: _listens(port) or process.poll() is not None, "it serves", TO_START)
            log.seek(0)
            assert process.poll() is None, log.read().decode()
            yield process, port
        finally:
            process.kill()
            process.wait(PATIENCE)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
