"""The settings that the bot is started with."""

import pytest

from bot.settings import DEFAULT_SERVICE_HOSTS, SETTINGS, SettingsError, read_settings

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
