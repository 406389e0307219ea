"""The house stands as docs/architecture.md draws it, and no file names where it was built."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LARGEST_FILE = 1_500_000
# In pieces, so that this file names none of them.
REGISTRIES = ("pypi" + ".org", "python" + "hosted.org", "registry." + "npm", "deb." + "debian")
PLACES = ("/" + "work", "/" + "farm", "/" + "root", "/" + "home")
FORBIDDEN = re.compile(
    "|".join(map(re.escape, REGISTRIES))
    + r"|registry\.yarn"
    + r"|(?:^|[^a-zA-Z0-9_.])(?:"
    + "|".join(PLACES)
    + r")/[a-z.]",
    re.IGNORECASE | re.MULTILINE,
)
NOT_FOR_THE_ROOF = {"aiohttp", "alembic", "azure", "botbuilder", "jwt", "sqlalchemy", "sqlmodel"}


def test_imports_go_downwards_and_each_floor_knows_only_its_own_libraries() -> None:
    # From the repository root, so that `import bot` is our own.
    done = subprocess.run(
        [sys.executable, "-m", "importlinter.cli", "lint", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_roof_leaves_every_library_to_its_floor() -> None:
    files = [ROOT / "app.py", *(ROOT / "roof").glob("*.py")]
    imported = {
        name.partition(".")[0]
        for path in files
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        for name in _imported_by(node)
    }
    assert "dialogs" in imported
    assert not imported & NOT_FOR_THE_ROOF


@pytest.mark.parametrize(
    "line",
    [
        "see https://" + REGISTRIES[0] + "/simple",
        "cd " + PLACES[0] + "/main",
        '"' + PLACES[2] + '/.cache"',
    ],
)
def test_the_pattern_finds_registries_and_places(line: str) -> None:
    assert FORBIDDEN.search(line)


def test_no_file_names_a_package_registry_or_a_place_on_somebodys_machine() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{text.count(chr(10), 0, hit.start()) + 1}: {hit[0]}"
        for path, text in _texts()
        for hit in FORBIDDEN.finditer(text)
    ]
    assert not found, "\n".join(found)


def test_no_file_is_larger_than_a_reviewer_would_accept() -> None:
    large = [str(path) for path in _files() if path.stat().st_size > LARGEST_FILE]
    assert not large


def _imported_by(node: ast.AST) -> list[str]:
    match node:
        case ast.Import(names):
            return [alias.name for alias in names]
        case ast.ImportFrom(module=str(module)):
            return [module]
    return []


def _files() -> list[Path]:
    """What is in git, or would be with the next `git add .`."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    paths = (ROOT / name for name in listed.stdout.split("\0") if name)
    return [path for path in paths if path.is_file()]


def _texts() -> list[tuple[Path, str]]:
    read = ((path, path.read_bytes()) for path in _files())
    return [(path, data.decode("utf-8", "replace")) for path, data in read if b"\0" not in data]
