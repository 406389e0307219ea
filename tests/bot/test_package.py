"""The Teams app that `app.py package` writes is one that Teams takes."""

import json
import os
import shutil
import struct
import subprocess
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from bot.package.package import PackageError, build_package

ROOT = Path(__file__).parents[2]
NODE_PACKAGE = ROOT / "node_modules" / "@microsoft" / "app-manifest"
APP_ID = "11111111-2222-3333-4444-555555555555"

VALIDATE = """
const { AppManifestUtils } = require("@microsoft/app-manifest");
const Ajv = require("ajv-draft-04");
const fs = require("fs");
const path = require("path");
const [folder] = process.argv.slice(1);
const schemas = path.join(
  path.dirname(require.resolve("@microsoft/app-manifest")), "json-schemas", "teams");
const minor = (name) => Number(name.split(".")[1]);
const newest = fs.readdirSync(schemas).filter((name) => /^v1\\.\\d+$/.test(name))
  .sort((a, b) => minor(a) - minor(b)).pop();
const schema = (name) =>
  JSON.parse(fs.readFileSync(path.join(schemas, newest, name + ".schema.json"), "utf8"));
const file = (name) => JSON.parse(fs.readFileSync(path.join(folder, name), "utf8"));
// Microsoft's patterns for language files are not valid Unicode patterns, so not their own checker.
const ajv = new Ajv({ strict: false, unicodeRegExp: false, validateFormats: false });
const language = ajv.compile(schema("MicrosoftTeams.Localization"));
(async () => {
  const problems = await AppManifestUtils.validateAgainstSchema(
    file("manifest.json"), schema("MicrosoftTeams"));
  for (const name of ["nb-no.json", "nn-no.json"])
    if (!language(file(name))) problems.push(...language.errors);
  console.log(JSON.stringify({ newest, problems }));
})();
"""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    return build_package(
        tmp_path / "ut" / "kvalitetsbot.zip",
        app_id=APP_ID,
        public_url="https://kvalitetsbot.eksempel.no/",
        developer='Eksempel "kommune"',
    )


def content(package: Path, name: str) -> Any:
    with ZipFile(package) as opened:
        return json.loads(opened.read(name))


def test_microsofts_own_checker_finds_nothing_wrong(package: Path, tmp_path: Path) -> None:
    """Manifest and language files follow the newest schema that the npm package knows."""
    if not (shutil.which("node") and NODE_PACKAGE.is_dir()):
        reason = "trenger Node og npm-pakken @microsoft/app-manifest (kjør make setup)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with ZipFile(package) as opened:
        opened.extractall(tmp_path)
    done = subprocess.run(
        ["node", "-e", VALIDATE, str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["problems"] == []
    assert answer["newest"] == "v" + content(package, "manifest.json")["manifestVersion"]


def test_the_app_is_this_installations_own(package: Path) -> None:
    manifest = content(package, "manifest.json")
    assert (manifest["id"], manifest["bots"][0]["botId"]) == (APP_ID, APP_ID)
    assert manifest["validDomains"] == ["kvalitetsbot.eksempel.no"]
    assert manifest["developer"] == {
        "name": 'Eksempel "kommune"',
        "websiteUrl": "https://kvalitetsbot.eksempel.no",
        "privacyUrl": "https://kvalitetsbot.eksempel.no/personvern",
        "termsOfUseUrl": "https://kvalitetsbot.eksempel.no/vilkar",
    }
    assert "{{" not in json.dumps(manifest)


def test_the_app_is_for_the_personal_chat_only(package: Path) -> None:
    manifest = content(package, "manifest.json")
    assert manifest["defaultInstallScope"] == "personal"
    assert manifest["bots"][0]["scopes"] == ["personal"]
    assert [one["scopes"] for one in manifest["bots"][0]["commandLists"]] == [["personal"]]


def test_both_languages_say_everything(package: Path) -> None:
    """Bokmål is what the manifest itself says; nynorsk has the same keys."""
    manifest, nb, nn = (
        content(package, name) for name in ("manifest.json", "nb-no.json", "nn-no.json")
    )
    commands = manifest["bots"][0]["commandLists"][0]["commands"]
    spoken = {
        f"bots[0].commandLists[0].commands[{n}].{key}": command[key]
        for n, command in enumerate(commands)
        for key in ("title", "description", "prompt")
        if key in command
    }
    spoken |= {
        f"description.features[{n}].{key}": text
        for n, feature in enumerate(manifest["description"].pop("features"))
        for key, text in feature.items()
    }
    spoken |= {
        f"{group}.{key}": manifest[group][key]
        for group in ("name", "description")
        for key in manifest[group]
    }
    nb.pop("$schema")
    assert nb == spoken
    assert nn.keys() - {"$schema"} == nb.keys()


def test_the_icons_have_the_sizes_and_kinds_that_teams_asks_for(package: Path) -> None:
    """192 x 192 in colour; 32 x 32 with transparency."""
    with ZipFile(package) as opened:
        assert set(opened.namelist()) == {
            "manifest.json",
            "color.png",
            "outline.png",
            "nb-no.json",
            "nn-no.json",
        }
        color, outline = (opened.read(name) for name in ("color.png", "outline.png"))
    rgb, rgba = 2, 6
    assert struct.unpack(">4xII1xB", color[12:26]) == (192, 192, rgb)
    assert struct.unpack(">4xII1xB", outline[12:26]) == (32, 32, rgba)


def test_the_same_values_give_the_same_file(package: Path, tmp_path: Path) -> None:
    again = build_package(
        tmp_path / "igjen.zip",
        app_id=APP_ID,
        public_url="https://kvalitetsbot.eksempel.no",
        developer='Eksempel "kommune"',
    )
    assert again.read_bytes() == package.read_bytes()


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"app_id": ""}, "MicrosoftAppId"),
        ({"app_id": "ikke en guid"}, "MicrosoftAppId"),
        ({"public_url": "http://localhost:3978"}, "PUBLIC_URL"),
        ({"privacy_url": "personvern"}, "personvernerklæringen"),
        ({"developer": "x" * 33}, "utgiveren"),
    ],
)
def test_a_wrong_value_is_named_and_nothing_is_written(
    tmp_path: Path, wrong: dict[str, str], says: str
) -> None:
    values = {"app_id": APP_ID, "public_url": "https://kvalitetsbot.eksempel.no", **wrong}
    with pytest.raises(PackageError, match=says):
        build_package(tmp_path / "app.zip", **values)
    assert not (tmp_path / "app.zip").exists()
