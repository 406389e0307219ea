"""The settings that the bot is started with."""

from datetime import time

import pytest

from bot.settings import (
    DEFAULT_SERVICE_HOSTS,
    SETTINGS,
    Settings,
    SettingsError,
    read_settings,
)

REGISTERED = {
    "MicrosoftAppId": "app",
    "MicrosoftAppPassword": "hemmelig",
    "MicrosoftAppTenantId": "leietaker",
}


def test_local_needs_no_settings_at_all() -> None:
    settings = read_settings({}, local=True)
    assert (settings.port, settings.public_url) == (3978, "http://localhost:3978")
    assert settings.database_url == "sqlite:///data/kvalitetsbot.db"
    assert settings.local


def test_the_public_address_follows_the_port() -> None:
    assert read_settings({"PORT": "4000"}, local=True).public_url == "http://localhost:4000"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"MicrosoftAppId": ""}, "MicrosoftAppId mangler"),
        ({"MicrosoftAppId": "  "}, "--local"),
        ({"MicrosoftAppPassword": ""}, "MicrosoftAppPassword mangler"),
        ({"MicrosoftAppTenantId": ""}, "MicrosoftAppTenantId mangler"),
        ({"MicrosoftAppType": "MultiTenant"}, "SingleTenant eller UserAssignedMSI"),
        ({"MicrosoftAppCertificate": "/finnes/ikke.pem"}, "/finnes/ikke.pem"),
        ({"PORT": "åtti"}, "fra 1 til 65535"),
        ({"PORT": "70000"}, "fra 1 til 65535"),
        ({"PUBLIC_URL": "boten.no"}, "https://"),
        ({"SERVICE_HOSTS": "https://x.no/"}, "*.eksempel.no"),
        ({"SERVICE_HOSTS": "*"}, "*.eksempel.no"),
        ({"SEND_RATE": "0"}, "SEND_RATE er «0»"),
        ({"SEND_RATE": "4,5"}, "fra 1 til 1000"),
        ({"SEND_RATE": "1e3"}, "fra 1 til 1000"),
        ({"CONVERSATION_LIMITS": "7/1 8"}, "har «8»"),
        ({"CONVERSATION_LIMITS": "0/1"}, "for eksempel 7/1"),
        ({"REMINDER_HOURS": "07:30"}, "07:30-16:00"),
        ({"REMINDER_HOURS": "16:00-07:30"}, "minst en time"),
        ({"REMINDER_HOURS": "07:30-08:00"}, "minst en time"),
        ({"REMINDER_HOURS": "07:30+01:00-16:00"}, "REMINDER_HOURS"),
        ({"SMALLEST_GROUP": "4"}, "SMALLEST_GROUP er «4»"),
        ({"SMALLEST_GROUP": "5,5"}, "helt tall fra 5"),
        ({"SMALLEST_GROUP": "mange"}, "helt tall fra 5"),
    ],
)
def test_a_wrong_setting_gets_one_sentence_that_says_what_to_do(
    changes: dict[str, str], says: str
) -> None:
    with pytest.raises(SettingsError, match=r"^[^\n]+\.$") as raised:
        read_settings(REGISTERED | changes)
    assert says in str(raised.value)


def test_a_managed_identity_needs_no_password() -> None:
    settings = read_settings(
        {
            "MicrosoftAppId": "app",
            "MicrosoftAppTenantId": "leietaker",
            "MicrosoftAppType": "UserAssignedMSI",
        }
    )
    assert settings.app_type == "UserAssignedMSI"


def test_service_hosts_are_added_to_those_we_always_trust() -> None:
    settings = read_settings(REGISTERED | {"SERVICE_HOSTS": "Bot.Kommune.no, *.gov.example"})
    assert settings.service_hosts == (*DEFAULT_SERVICE_HOSTS, "bot.kommune.no", "*.gov.example")


def test_secrets_do_not_show_when_settings_are_printed() -> None:
    assert "hemmelig" not in repr(read_settings(REGISTERED | {"SECRET_KEY": "hemmelig2"}))


def test_every_setting_has_an_explanation() -> None:
    names = [name for name, _, _ in SETTINGS]
    assert len(set(names)) == len(names)
    assert all(help.endswith(".") for _, _, help in SETTINGS)


def test_how_fast_and_when_the_bot_sends_can_be_told() -> None:
    told = {"SEND_RATE": "20", "CONVERSATION_LIMITS": "5/1 30/60", "REMINDER_HOURS": "08:00-15:30"}
    settings = read_settings(told, local=True)
    assert settings.send_rate == 20
    assert settings.conversation_limits == ((5, 1.0), (30, 60.0))
    assert settings.reminder_hours == (time(8), time(15, 30))
    assert read_settings({"REMINDER_HOURS": "Alltid"}, local=True).reminder_hours is None


def test_the_smallest_group_can_only_be_raised() -> None:
    assert read_settings({}, local=True).smallest_group == 5
    assert read_settings({"SMALLEST_GROUP": "10"}, local=True).smallest_group == 10


def test_the_defaults_in_the_table_are_those_of_the_settings() -> None:
    assert read_settings({}, local=True) == Settings(local=True)
