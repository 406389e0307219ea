"""The Teams app that `app.py package` writes is one that Teams takes."""

import json
import os
import shutil
import struct
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from bot.package.package import PackageError, build_package
from bot.search_results import PARAMETER
from dialogs.assistant import Assistant
from dialogs.contacts import read_contacts
from dialogs.guide_files import Guides
from dialogs.messages import CardReply, Message, TextReply
from knowledge.library import Library
from storage.database import Database

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
        kommune='Eksempel "kommune"',
    )


def content(package: Path, name: str) -> Any:
    with ZipFile(package) as opened:
        return json.loads(opened.read(name))


INSTALLATIONS = [
    {},
    {"public_url": "https://bot.eksempel.no:8443"},
    {"public_url": "https://eksempel.no/skole/kvalitetsbot/"},
    {"public_url": f"https://{'lang-adresse.' * 15}eksempel.no/{'sti/' * 100}"},
    {"kommune": ""},
    {"kommune": "Interkommunalt samarbeid om skole og barnehage i Øvre og Nedre Dal"},
    {"kommune": "Ås kommune, \\ & <b>{{app_id}}</b>"},
    {"app_id": APP_ID.replace("1", "A")},
]


@pytest.mark.parametrize("changes", INSTALLATIONS)
def test_microsofts_own_checker_finds_nothing_wrong(
    tmp_path: Path, changes: dict[str, str]
) -> None:
    """Manifest and language files follow the newest schema that the npm package knows."""
    package = build_package(
        tmp_path / "app.zip",
        **{"app_id": APP_ID, "public_url": "https://bot.eksempel.no", **changes},
    )
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


def test_the_app_is_for_the_private_chat_first_and_for_teams_and_group_chats(
    package: Path,
) -> None:
    manifest = content(package, "manifest.json")
    assert manifest["defaultInstallScope"] == "personal"
    assert manifest["bots"][0]["scopes"] == ["personal", "team", "groupChat"]
    lists = manifest["bots"][0]["commandLists"]
    assert [one["scopes"] for one in lists] == [["personal"], ["team"], ["groupChat"]]
    assert "authorization" not in manifest, "it hears only what it is mentioned in"


@pytest.mark.parametrize("language", ["manifest", "nb-no", "nn-no"])
def test_what_is_suggested_in_a_group_is_answered_there(
    package: Path, library: Library, guides: Guides, database: Database, language: str
) -> None:
    """Nothing that the bot would only send people away with."""
    assistant = Assistant(library, guides, database, read_contacts(), "hemmelig")
    lists = content(package, "manifest.json")["bots"][0]["commandLists"]
    said = {
        command["title"]
        if language == "manifest"
        else content(package, f"{language}.json")[f"bots[0].commandLists[{n}].commands[{k}].title"]
        for n, one in enumerate(lists)
        for k, command in enumerate(one["commands"])
        if one["scopes"] != ["personal"]
    }
    assert len(said) == 4
    for text in said:
        message = Message(text, "19:g", "x", datetime.now(UTC), text=text, public=True)
        (reply,) = assistant.handle(message)
        if isinstance(reply, TextReply):
            assert reply.passage or text == "hjelp", text
        else:
            assert isinstance(reply, CardReply)


def test_the_search_extension_asks_as_the_bot_reads(package: Path) -> None:
    (extension,) = content(package, "manifest.json")["composeExtensions"]
    (command,) = extension["commands"]
    assert (extension["botId"], command["type"], command["initialRun"]) == (APP_ID, "query", True)
    assert command["context"] == ["compose", "commandBox"]
    assert [one["name"] for one in command["parameters"]] == [PARAMETER]


@pytest.mark.parametrize(
    ("public_url", "host"),
    [
        ("https://kvalitetsbot.eksempel.no/", "kvalitetsbot.eksempel.no"),
        ("https://Kvalitetsbot.Eksempel.no:443", "kvalitetsbot.eksempel.no"),
        ("https://eksempel.no:8443/skole", "eksempel.no:8443"),
    ],
)
def test_the_tab_is_this_installations_page_and_signs_in_to_its_own_address(
    tmp_path: Path, public_url: str, host: str
) -> None:
    app = build_package(tmp_path / "app.zip", app_id=APP_ID, public_url=public_url)
    manifest = content(app, "manifest.json")
    conversations, page, about = manifest["staticTabs"]
    assert (conversations["entityId"], about["entityId"]) == ("conversations", "about")
    base = public_url.rstrip("/")
    assert page == {
        "entityId": "siden",
        "name": "Siden",
        "contentUrl": f"{base}/fane",
        "websiteUrl": f"{base}/side/",
        "scopes": ["personal"],
    }
    assert manifest["validDomains"] == [host]
    assert manifest["webApplicationInfo"] == {"id": APP_ID, "resource": f"api://{host}/{APP_ID}"}


def test_with_a_managed_identity_the_tab_signs_in_to_an_app_of_its_own(tmp_path: Path) -> None:
    tab = "22222222-3333-4444-5555-666666666666"
    app = build_package(
        tmp_path / "app.zip",
        app_id=APP_ID,
        public_url="https://bot.eksempel.no",
        sign_in_app_id=tab,
    )
    manifest = content(app, "manifest.json")
    assert (manifest["id"], manifest["bots"][0]["botId"]) == (APP_ID, APP_ID)
    assert manifest["webApplicationInfo"] == {"id": tab, "resource": f"api://bot.eksempel.no/{tab}"}


@pytest.mark.parametrize(
    ("kommune", "shown"),
    [
        ("", "Kvalitetsbot"),
        ("  Drammen   kommune ", "Drammen kommune"),
        ("x" * 32, "x" * 32),
        ("Interkommunalt samarbeid om skole og barnehage", "Interkommunalt samarbeid om"),
        ("Skoleeierne i Øvre og Nedre Dal – en sammenslutning", "Skoleeierne i Øvre og Nedre Dal"),
    ],
)
def test_the_publisher_is_the_kommune(tmp_path: Path, kommune: str, shown: str) -> None:
    app = build_package(
        tmp_path / "app.zip", app_id=APP_ID, public_url="https://bot.no", kommune=kommune
    )
    assert content(app, "manifest.json")["developer"]["name"] == shown


def test_both_languages_say_everything(package: Path) -> None:
    """Bokmål is what the manifest itself says; nynorsk has the same keys."""
    manifest, nb, nn = (
        content(package, name) for name in ("manifest.json", "nb-no.json", "nn-no.json")
    )
    spoken = {
        f"bots[0].commandLists[{place}].commands[{n}].{key}": command[key]
        for place, listed in enumerate(manifest["bots"][0]["commandLists"])
        for n, command in enumerate(listed["commands"])
        for key in ("title", "description", "prompt")
        if key in command
    }
    (search,) = manifest["composeExtensions"][0]["commands"]
    for where, one in (("", search), (".parameters[0]", search["parameters"][0])):
        for key in ("title", "description"):
            spoken[f"composeExtensions[0].commands[0]{where}.{key}"] = one[key]
    spoken |= {
        f"staticTabs[{n}].name": tab["name"]
        for n, tab in enumerate(manifest["staticTabs"])
        if "name" in tab
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
        kommune='Eksempel "kommune"',
    )
    assert again.read_bytes() == package.read_bytes()


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"app_id": ""}, "MicrosoftAppId"),
        ({"app_id": "ikke en guid"}, "MicrosoftAppId"),
        ({"public_url": "http://localhost:3978"}, "PUBLIC_URL"),
        ({"app_id": "{11111111-2222-3333-4444-555555555555}"}, "MicrosoftAppId"),
        ({"public_url": "https://"}, "PUBLIC_URL"),
        ({"public_url": "https://bot.no:port"}, "PUBLIC_URL"),
        ({"public_url": "https://bot.no:99999"}, "PUBLIC_URL"),
        ({"public_url": "https://[::1"}, "PUBLIC_URL"),
        ({"public_url": "https://bot .no"}, "PUBLIC_URL"),
        ({"public_url": "https://navn:ord@bot.no"}, "PUBLIC_URL"),
        ({"public_url": "https://bot.ås.no"}, "xn--"),
        ({"kommune": "x" * 33}, "KOMMUNE"),
        ({"app_id": "", "public_url": ""}, "MicrosoftAppId.*PUBLIC_URL"),
    ],
)
def test_a_wrong_value_is_named_and_nothing_is_written(
    tmp_path: Path, wrong: dict[str, str], says: str
) -> None:
    values = {"app_id": APP_ID, "public_url": "https://kvalitetsbot.eksempel.no", **wrong}
    with pytest.raises(PackageError, match=says):
        build_package(tmp_path / "app.zip", **values)
    assert not (tmp_path / "app.zip").exists()
