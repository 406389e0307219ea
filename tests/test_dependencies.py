"""What the bot is built of is listed, with its licence; known holes are asked about strictly."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent


def read(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def pinned() -> set[str]:
    names = re.findall(r"^([a-z0-9._-]+)(?:\[[^\]]+\])?==", read("requirements.txt"), re.MULTILINE)
    return set(names)


def test_every_package_of_the_image_is_listed_with_its_licence_and_none_that_is_gone() -> None:
    rows = re.findall(
        r"^\| `([a-z0-9._-]+)` \| ([^|]+) \| [^|]+ \|$", read("docs/dependencies.md"), re.MULTILINE
    )
    table = dict(rows)
    assert len(pinned()) > 50
    assert table.keys() == pinned()
    assert all(licence.strip() for licence in table.values())


def test_a_package_whose_licence_asks_something_of_us_is_named() -> None:
    page = read("docs/dependencies.md")
    rows = re.findall(r"^\| `([a-z0-9._-]+)` \| (\w*GPL[^|]*) \|", page, re.MULTILINE)
    (told,) = re.findall(r"^Lisensene er .+ LGPL gjelder (.+?):", page, re.MULTILINE)
    named = set(re.findall("`(.+?)`", told))
    assert {name for name, _ in rows} - {"psycopg-binary"} == named
    assert all("LGPL" in licence for _, licence in rows), "GPL and AGPL ask for our own code"


def test_the_audit_fails_for_a_package_that_it_could_not_ask_about() -> None:
    asked = re.findall(r"pip-audit (.+)", read("Makefile"))
    assert [options.split()[-1] for options in asked] == [
        "requirements.txt",
        "requirements-dev.txt",
    ]
    assert all("--strict" in options for options in asked)


def test_a_hole_that_is_let_pass_is_explained() -> None:
    ignored = re.findall(r"--ignore-vuln[ =](\S+)", read("Makefile"))
    assert not [name for name in ignored if name not in read("docs/dependencies.md")]
