"""directory.toml is read strictly, and everything that is wrong with it is told at once."""

from pathlib import Path

import pytest

from dialogs.directory.directory_file import DirectoryFile, read_directory_file

GOOD = """
install = true

[[unit]]
name = "Nordlia skole"
kind = "Skole"
school_type = "barneskole"
zone = "Sone nord"

[[group]]
id = "0A000000-0000-4000-8000-000000000001"
name = "Lærere Nordlia"
role = "Lærer"
unit = "Nordlia skole"

[[app_role]]
value = "Fagradgiver"
role = "fagrådgiver"
"""


def read(tmp_path: Path, text: str) -> tuple[DirectoryFile | None, list[str]]:
    path = tmp_path / "directory.toml"
    path.write_text(text, "utf-8")
    return read_directory_file(path)


def test_a_good_file_is_read_with_words_as_we_write_them(tmp_path: Path) -> None:
    file, mistakes = read(tmp_path, GOOD)
    assert not mistakes
    assert file is not None
    assert file.install
    assert file.unit[0].kind == "skole"
    assert file.sources == [
        ("0a000000-0000-4000-8000-000000000001", "Lærere Nordlia", "lærer", "Nordlia skole"),
        ("approlle:Fagradgiver", "Fagradgiver", "fagrådgiver", ""),
    ]


def test_every_mistake_is_told_at_once_with_what_to_do(tmp_path: Path) -> None:
    text = GOOD.replace("0A000000-", "").replace('role = "Lærer"', 'role = "Lerer"')
    text += '[[group]]\nid = "0a000000-0000-4000-8000-000000000002"\nname = "Rektorer"\n'
    text += 'role = "rektor"\n[[app_role]]\nvalue = "Laerer"\nrole = "lærer"\n'
    text += '[[group]]\nid = "0a000000-0000-4000-8000-000000000002"\nname = "To ganger"\n'
    text += 'role = "lærer"\nunit = "Nordli skole"\n'
    file, mistakes = read(tmp_path, text)
    assert file is None
    told = "\n".join(mistakes)
    for wanted in (
        "gruppen 0a000000-0000-4000-8000-000000000002 står to ganger",
        "gruppen «Lærere Nordlia»: id «0000-4000-8000-000000000001» er ikke en objekt-id",
        "gruppen «Lærere Nordlia»: rollen «lerer» finnes ikke. Mente du «lærer»?",
        "gruppen «Rektorer»: en rektor må ha en enhet. Legg til unit.",
        "enheten «Nordli skole» har ingen [[unit]]. Mente du «Nordlia skole»?",
        "approllen «Laerer»: en lærer må ha en enhet, og det har ikke en approlle.",
    ):
        assert wanted in told
    assert all(one.startswith("directory.toml: ") for one in mistakes)
    assert len(mistakes) == 6


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("install = true", 'install = "ja"'), "«install» må være true eller false"),
        (("install = true", "instal = true"), "ukjent nøkkel «instal». Mente du «install»?"),
        (('kind = "Skole"', "kind = 3"), "[[unit]] nr. 1: «kind» må være en tekst"),
        (('kind = "Skole"', ""), "[[unit]] nr. 1: nøkkelen «kind» mangler. Legg den til."),
        (('name = "Lærere Nordlia"', 'name = ""'), "[[group]] nr. 1: «name» er tom"),
        (('unit = "N', 'units = "N'), "[[group]] nr. 1: ukjent nøkkel «units». Mente du «unit»?"),
        (("[[app_role]]", "[app_role]"), "«app_role» må skrives som [[app_role]]"),
        (("[[unit]]", "[[unit"), "directory.toml, linje 4"),
        ((GOOD, ""), "filen har ingen [[group]]. Legg til minst én."),
        ((GOOD, "group = 3"), "«group» må skrives som [[group]]"),
        ((GOOD, "group = [3]"), "«group» må skrives som [[group]]"),
    ],
)
def test_each_kind_of_mistake_says_where_and_what(
    tmp_path: Path, change: tuple[str, str], told: str
) -> None:
    file, mistakes = read(tmp_path, GOOD.replace(*change))
    assert file is None
    assert any(told in one for one in mistakes), mistakes


def test_a_file_in_another_encoding_says_so(tmp_path: Path) -> None:
    path = tmp_path / "directory.toml"
    path.write_bytes(GOOD.encode("cp1252"))
    assert read_directory_file(path) == (
        None,
        ["directory.toml: filen er ikke UTF-8. Lagre den som UTF-8."],
    )


def test_the_example_of_the_documentation_is_a_good_file(tmp_path: Path) -> None:
    page = (Path(__file__).parents[3] / "docs" / "directory.md").read_text("utf-8")
    file, mistakes = read(tmp_path, page.split("```toml")[1].split("```")[0])
    assert not mistakes
    assert file is not None
    assert [role for _, _, role, _ in file.sources] == ["lærer", "administrator", "fagrådgiver"]
    assert all(f"`{key}`" in page for key in ("install", "[[unit]]", "[[group]]", "[[app_role]]"))
