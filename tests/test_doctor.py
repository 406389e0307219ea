"""`app.py doctor`: every fault is told with what to do, and the exit code says how bad it is."""

import json
import os
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

import app
from bot.checkup import Outside
from bot.settings import SETTINGS, Settings
from roof.doctor_inside import of_backups, of_database
from roof.doctor_outside import of_expiry, of_outside, of_settings
from roof.findings import Finding, exit_code
from storage.database import Database
from storage.people import RegisteredPerson, import_people
from tests.storage.conftest import empty_url, new_postgresql  # noqa: F401  # fixtures

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
GUID = "11111111-2222-3333-4444-555555555555"
GOOD = {
    "MicrosoftAppId": GUID,
    "MicrosoftAppTenantId": GUID,
    "MicrosoftAppPassword": "hemmelig-og-lang",
    "PUBLIC_URL": "https://bot.eksempel.no",
    "KOMMUNE": "Fjordvik kommune",
    "PRIVACY_CONTACT": "ombud@fjordvik.example",
    "HOSTING": "Azure, Norway East",
}
WELL = Outside("", "", "", "", 0.0)


@pytest.fixture(autouse=True)
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings but a database and a backup folder of our own."""
    for name, _, _ in SETTINGS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'bot.db'}")
    monkeypatch.setenv("BACKUP_DIR", str(tmp_path / "backup"))


def told(findings: list[Finding], about: str) -> Finding:
    """The one finding about this."""
    found = [one for one in findings if one.about == about]
    assert len(found) == 1, findings
    return found[0]


# The command


def test_everything_that_is_wrong_in_the_settings_is_told_at_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PORT", "åtti")
    monkeypatch.setenv("SEND_RATE", "fort")
    assert app.main(["doctor", "--offline"]) == 2
    out = capsys.readouterr().out
    for setting in ("PORT", "SEND_RATE", "MicrosoftAppId", "MicrosoftAppTenantId"):
        assert setting in out


def test_every_line_that_is_not_well_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in (GOOD | {"KOMMUNE": ""}).items():
        monkeypatch.setenv(name, value)
    assert app.main(["doctor", "--offline", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["code"] == 1
    assert any(one["level"] == "advarsel" for one in told["findings"])
    for one in told["findings"]:
        assert one["says"].endswith((".", "!"))
        assert bool(one["do"]) == (one["level"] != "i orden")
        assert "hemmelig-og-lang" not in json.dumps(one)


def test_doctor_makes_no_database(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    app.main(["doctor", "--local"])
    assert "finnes ikke ennå" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []


# Settings and credential


def test_good_settings_are_well() -> None:
    assert exit_code(of_settings(GOOD, local=False)) == 0


@pytest.mark.parametrize(
    ("changes", "about", "level"),
    [
        ({"PUBLIC_URL": ""}, "PUBLIC_URL", "feil"),
        ({"PUBLIC_URL": "http://bot.eksempel.no"}, "PUBLIC_URL", "feil"),
        ({"HOSTING": ""}, "HOSTING", "advarsel"),
        ({"SECRET_KEY": "kort"}, "SECRET_KEY", "advarsel"),
        ({"REMINDER_HOURS": "alltid"}, "REMINDER_HOURS", "advarsel"),
    ],
)
def test_a_setting_that_works_but_should_not_be_so_is_told(
    changes: dict[str, str], about: str, level: str
) -> None:
    assert told(of_settings(GOOD | changes, local=False), about).level == level


@pytest.mark.parametrize(
    ("days", "level"), [(-1, "feil"), (0, "feil"), (7, "feil"), (60, "advarsel"), (61, "i orden")]
)
def test_how_long_the_secret_lasts_decides_how_bad_it_is(days: int, level: str) -> None:
    settings = Settings(app_password="x", app_password_expires=NOW.date() + timedelta(days=days))
    finding = told(of_expiry(settings, NOW), "Hemmelighet")
    assert finding.level == level
    assert f"{NOW.date() + timedelta(days=days):%d.%m.%Y}" in finding.says


def test_a_secret_whose_end_nobody_knows_is_a_warning() -> None:
    finding = told(of_expiry(Settings(app_password="x"), NOW), "Hemmelighet")
    assert (finding.level, "MicrosoftAppPasswordExpires" in finding.do) == ("advarsel", True)


# Outside


def test_a_world_that_is_well_is_told_so() -> None:
    assert exit_code(of_outside(WELL, Settings())) == 0


@pytest.mark.parametrize(
    ("changes", "about", "do"),
    [
        ({"token_problem": "AADSTS7000215"}, "Innlogging", "MicrosoftAppPassword"),
        ({"token_problem": "AADSTS90002"}, "Innlogging", "MicrosoftAppTenantId"),
        ({"token_problem": "dns"}, "Innlogging", "login.microsoftonline.com"),
        ({"token_problem": "AADSTS1"}, "Innlogging", "MicrosoftAppId"),
        ({"keys_problem": "timeout"}, "Nøkler fra Microsoft", "login.botframework.com"),
        ({"connector_problem": "tls"}, "Bot Connector", "smba.trafficmanager.net"),
        ({"address_problem": "someone else"}, "Botens adresse", "proxyen"),
        ({"address_problem": "status 502"}, "Botens adresse", "at boten kjører"),
        ({"ahead": -301.0}, "Klokken", "NTP"),
    ],
)
def test_each_thing_that_is_wrong_outside_says_where_to_mend_it(
    changes: dict[str, object], about: str, do: str
) -> None:
    finding = told(of_outside(replace(WELL, **changes), Settings()), about)  # type: ignore[arg-type]
    assert finding.level == "feil"
    assert do in finding.do


@pytest.mark.parametrize(
    ("ahead", "level"), [(59.0, "i orden"), (-61.0, "advarsel"), (None, "advarsel")]
)
def test_a_clock_may_be_a_minute_wrong(ahead: float | None, level: str) -> None:
    assert told(of_outside(replace(WELL, ahead=ahead), Settings()), "Klokken").level == level


# The database


def of_url(url: str) -> list[Finding]:
    return of_database(Settings(database_url=url), NOW)


@pytest.mark.parametrize("empty_url", ["file", "postgresql"], indirect=True)
def test_a_new_database_is_told_of_and_not_changed(empty_url: str) -> None:  # noqa: F811
    if empty_url.startswith("sqlite"):
        Path(empty_url.partition(":///")[2]).touch()
    assert told(of_url(empty_url), "Tabeller").says == "er ikke laget ennå."
    assert told(of_url(empty_url), "Tabeller").level == "advarsel"


@pytest.mark.parametrize("empty_url", ["file", "postgresql"], indirect=True)
def test_who_is_missing_in_the_register_is_told(empty_url: str) -> None:  # noqa: F811
    database = Database(empty_url)
    database.migrate()
    assert told(of_url(empty_url), "Personer").level == "advarsel"
    kari = RegisteredPerson(
        "0a000000-0000-4000-8000-000000000001", "Kari", "", "lærer", "A", "skole"
    )
    with database.transaction() as session:
        import_people(session, [kari], dry_run=False)
    found = of_url(empty_url)
    database.close()
    assert told(found, "Personer").says == "1 i registeret."
    assert told(found, "Administrator").level == "advarsel"
    assert told(found, "Appen").says.startswith("1 i registeret")
    assert told(found, "Tabeller").level == "i orden"


def test_a_database_that_is_away_says_what_to_look_at() -> None:
    finding = told(of_url("postgresql://bot:hemmelig@127.0.0.1:1/kvalitetsbot"), "Database")
    assert finding.level == "feil"
    assert "DATABASE_URL" in finding.do
    assert "hemmelig" not in finding.says + finding.do


# Backups


@pytest.mark.parametrize("address", ["sqlite:///x.db", "postgresql://bot@tjener/base"])
def test_a_backup_folder_that_cannot_be_written_to_is_told(address: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    settings = Settings(database_url=address, backup_dir=tmp_path / "file" / "backup")
    finding = told(of_backups(settings, NOW), "Sikkerhetskopi")
    assert finding.level == "advarsel"
    assert "BACKUP_DIR" in finding.do


def test_a_database_laid_aside_by_a_restore_is_no_backup(tmp_path: Path) -> None:
    (tmp_path / "kvalitetsbot-for-20261122T080000Z.db").touch()
    settings = Settings(database_url="sqlite:///x.db", backup_dir=tmp_path)
    assert "det er ingen" in told(of_backups(settings, NOW), "Sikkerhetskopi").says


def test_backups_that_are_old_or_missing_are_told(tmp_path: Path) -> None:
    settings = Settings(database_url="sqlite:///x.db", backup_dir=tmp_path)
    assert "det er ingen" in told(of_backups(settings, NOW), "Sikkerhetskopi").says
    file = tmp_path / "kvalitetsbot-20261101T000000Z.db"
    file.touch()
    for taken, level in ((NOW, "i orden"), (NOW - timedelta(days=3), "advarsel")):
        os.utime(file, (taken.timestamp(), taken.timestamp()))
        finding = told(of_backups(settings, NOW), "Sikkerhetskopi")
        assert finding.level == level
        assert f"{date(taken.year, taken.month, taken.day):%d.%m.%Y}" in finding.says
