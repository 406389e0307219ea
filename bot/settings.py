"""The settings of the program, read once from the environment into one frozen object."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, time
from functools import partial
from pathlib import Path
from typing import Any, Literal, TypeVar

AppType = Literal["SingleTenant", "UserAssignedMSI"]
Value = TypeVar("Value")

# (name, default, help). docs/settings and `app.py --help` are written from this table.
SETTINGS: tuple[tuple[str, str, str], ...] = (
    ("PORT", "3978", "Porten som boten lytter på."),
    (
        "DATABASE_URL",
        "sqlite:///data/kvalitetsbot.db",
        "Adressen til databasen: en SQLite-fil, eller postgresql://bruker:passord@vert/database.",
    ),
    (
        "PUBLIC_URL",
        "",
        "Adressen som folk når boten på. Uten verdi brukes http://localhost og porten.",
    ),
    (
        "SECRET_KEY",
        "",
        "Hemmelig nøkkel som alle kopier deler; lenker til dokumenter signeres med den. "
        "Uten verdi lages den ved start.",
    ),
    (
        "KNOWLEDGE_DIR",
        "",
        "Mappe med kommunens egne dokumenter, skoleferier og steg for steg, "
        "i tillegg til dem som følger med.",
    ),
    ("MicrosoftAppId", "", "Botens app-ID i Entra ID."),
    ("MicrosoftAppPassword", "", "Botens hemmelighet (klienthemmelighet) i Entra ID."),
    (
        "MicrosoftAppCertificate",
        "",
        "Fil med botens sertifikat og private nøkkel (PEM), i stedet for hemmeligheten.",
    ),
    ("MicrosoftAppCertificatePassword", "", "Passordet til sertifikatfilen, om den har et."),
    (
        "MicrosoftAppPasswordExpires",
        "",
        "Datoen hemmeligheten går ut, som 2027-05-01. Da varsler boten administratorene i tide. "
        "Datoen til et sertifikat leser boten selv.",
    ),
    (
        "MicrosoftAppType",
        "SingleTenant",
        "SingleTenant (hemmelighet eller sertifikat) eller UserAssignedMSI "
        "(administrert identitet).",
    ),
    ("MicrosoftAppTenantId", "", "Kommunens leietaker (tenant) i Entra ID."),
    (
        "TAB_APP_ID",
        "",
        "App-ID-en som fanen logger folk inn med, når den er en annen enn botens. "
        "Det må den være med administrert identitet.",
    ),
    (
        "SERVICE_HOSTS",
        "",
        "Flere verter som boten kan sende svar til, skilt med komma. "
        "smba.trafficmanager.net og *.botframework.com er alltid med.",
    ),
    (
        "SEND_RATE",
        "45",
        "Hvor mange meldinger alle kopier av boten til sammen sender i sekundet uten å være spurt. "
        "Teams tar imot 50.",
    ),
    (
        "CONVERSATION_LIMITS",
        "7/1 8/2 60/30",
        "Hvor mange meldinger boten sender i én samtale, som antall/sekunder. "
        "Grensene står i Microsofts dokumentasjon.",
    ),
    (
        "REMINDER_HOURS",
        "07:30-16:00",
        "Når på skoledagen boten kan sende meldinger uten å være spurt. "
        "«alltid» er hele døgnet, alle dager, for å prøve boten.",
    ),
    (
        "SMALLEST_GROUP",
        "5",
        "Hvor mange som minst må stå bak et tall fra en spørrerunde. Kan bare settes høyere enn 5.",
    ),
    (
        "KOMMUNE",
        "",
        "Kommunens navn, slik det skal stå i Teams-appen og i personverndokumentene.",
    ),
    (
        "PRIVACY_CONTACT",
        "",
        "Hvem folk kan spørre om personvern: navn og e-post eller telefon, "
        "gjerne personvernombudet.",
    ),
    (
        "HOSTING",
        "",
        "Hvor boten driftes, slik det skal stå i behandlingsprotokollen, "
        "for eksempel «Azure, Norway East».",
    ),
    (
        "BACKUP_DIR",
        "data/backup",
        "Mappe for sikkerhetskopier, og for listen over det som må slettes igjen etter en "
        "gjenoppretting. Legg den på en annen disk enn databasen.",
    ),
    (
        "LOG_FORMAT",
        "text",
        "text eller json: en linje for hver hendelse, som tekst eller som JSON-objekt.",
    ),
    (
        "METRICS_PORT",
        "",
        "Port for /metrics (Prometheus). Uten verdi er den av. La den ikke være åpen utenfra.",
    ),
)

FASTEST = 1000
SMALLEST_GROUP, LARGEST_GROUP = 5, 1000

DEFAULT_SERVICE_HOSTS = ("smba.trafficmanager.net", "*.botframework.com")


class SettingsError(Exception):
    """Settings are missing or wrong; each problem is one Norwegian sentence saying what to do.

    As a text, it is the first of them.
    """

    def __init__(self, *problems: str) -> None:
        super().__init__(problems[0])
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Settings:
    """What the program was told. `local` means: no credentials, loopback only."""

    port: int = 3978
    database_url: str = "sqlite:///data/kvalitetsbot.db"
    public_url: str = "http://localhost:3978"
    secret_key: str = ""
    knowledge_dir: Path | None = None
    app_id: str = ""
    app_password: str = ""
    app_certificate: str = ""
    app_certificate_password: str = ""
    app_password_expires: date | None = None
    app_type: AppType = "SingleTenant"
    tenant_id: str = ""
    tab_app_id: str = ""
    service_hosts: tuple[str, ...] = DEFAULT_SERVICE_HOSTS
    send_rate: float = 45.0
    conversation_limits: tuple[tuple[int, float], ...] = ((7, 1.0), (8, 2.0), (60, 30.0))
    reminder_hours: tuple[time, time] | None = (time(7, 30), time(16))  # None is always
    smallest_group: int = SMALLEST_GROUP
    kommune: str = ""
    privacy_contact: str = ""
    hosting: str = ""
    backup_dir: Path = Path("data/backup")
    log_format: Literal["text", "json"] = "text"
    metrics_port: int | None = None
    local: bool = False

    @property
    def sign_in_app_id(self) -> str:
        """The app registration that people sign in to, and that has the app roles."""
        return self.tab_app_id or self.app_id

    def __repr__(self) -> str:
        # Settings end up in logs and tracebacks; secrets must not.
        return f"Settings(port={self.port}, local={self.local}, app_type={self.app_type})"


def read_settings(environment: Mapping[str, str], *, local: bool = False) -> Settings:
    """Reads the environment; raises SettingsError, with every problem, when it can't be used."""
    values = {name: environment.get(name, "").strip() or default for name, default, _ in SETTINGS}
    problems: list[str] = []

    def read(reader: Callable[..., Value], *names: str) -> Value | None:
        try:
            return reader(*(values[name] for name in names))
        except SettingsError as error:
            problems.extend(error.problems)
            return None

    if not local:
        problems += _credential_problems(values)
    port = read(partial(_port, "PORT"), "PORT")
    values["PUBLIC_URL"] = values["PUBLIC_URL"] or f"http://localhost:{port}"
    found = {
        "public_url": read(_public_url, "PUBLIC_URL"),
        "service_hosts": read(_hosts, "SERVICE_HOSTS"),
        "send_rate": read(_rate, "SEND_RATE"),
        "conversation_limits": read(_limits, "CONVERSATION_LIMITS"),
        "reminder_hours": read(_hours, "REMINDER_HOURS"),
        "smallest_group": read(_smallest, "SMALLEST_GROUP"),
        "app_password_expires": read(_day, "MicrosoftAppPasswordExpires"),
        "log_format": read(_log_format, "LOG_FORMAT"),
        "metrics_port": read(_metrics_port, "METRICS_PORT", "PORT"),
    }
    if problems:
        raise SettingsError(*problems)
    read_values: dict[str, Any] = {"port": port, **found}
    app_type = values["MicrosoftAppType"]
    return Settings(
        **read_values,
        database_url=values["DATABASE_URL"],
        secret_key=values["SECRET_KEY"],
        knowledge_dir=Path(values["KNOWLEDGE_DIR"]) if values["KNOWLEDGE_DIR"] else None,
        app_id=values["MicrosoftAppId"],
        app_password=values["MicrosoftAppPassword"],
        app_certificate=values["MicrosoftAppCertificate"],
        app_certificate_password=values["MicrosoftAppCertificatePassword"],
        app_type="UserAssignedMSI" if app_type == "UserAssignedMSI" else "SingleTenant",
        tenant_id=values["MicrosoftAppTenantId"],
        tab_app_id=values["TAB_APP_ID"],
        kommune=values["KOMMUNE"],
        privacy_contact=values["PRIVACY_CONTACT"],
        hosting=values["HOSTING"],
        backup_dir=Path(values["BACKUP_DIR"]),
        local=local,
    )


def _port(name: str, value: str) -> int:
    if value.isascii() and value.isdigit() and 0 < int(value) < 65536:
        return int(value)
    raise SettingsError(f"{name} er «{value}», men må være et tall fra 1 til 65535.")


def _metrics_port(value: str, port: str) -> int | None:
    if not value:
        return None
    found = _port("METRICS_PORT", value)
    if value == port:
        raise SettingsError("METRICS_PORT er den samme som PORT, men må være en annen.")
    return found


def _log_format(value: str) -> Literal["text", "json"]:
    if value in ("text", "json"):
        return "json" if value == "json" else "text"
    raise SettingsError(f"LOG_FORMAT er «{value}», men må være text eller json.")


def _day(value: str) -> date | None:
    if not value:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise SettingsError(
            f"MicrosoftAppPasswordExpires er «{value}», men må være en dato som 2027-05-01."
        ) from error


def _public_url(value: str) -> str:
    if value.startswith(("http://", "https://")):
        return value.rstrip("/")
    raise SettingsError(
        f"PUBLIC_URL er «{value}», men må være en hel adresse som begynner med https://."
    )


def _hosts(value: str) -> tuple[str, ...]:
    hosts = tuple(host.strip().lower() for host in value.split(",") if host.strip())
    for host in hosts:
        name = host.removeprefix("*.")
        if "." not in name or not name.replace("-", "").replace(".", "").isalnum():
            raise SettingsError(
                f"SERVICE_HOSTS har «{host}», men hver vert må skrives som "
                "bot.eksempel.no eller *.eksempel.no."
            )
    return DEFAULT_SERVICE_HOSTS + hosts


def _rate(value: str) -> float:
    if value.isascii() and value.isdigit() and 0 < int(value) <= FASTEST:
        return float(value)
    raise SettingsError(
        f"SEND_RATE er «{value}», men må være et helt tall fra 1 til {FASTEST}: "
        "så mange meldinger i sekundet."
    )


def _smallest(value: str) -> int:
    if value.isascii() and value.isdigit() and SMALLEST_GROUP <= int(value) <= LARGEST_GROUP:
        return int(value)
    raise SettingsError(
        f"SMALLEST_GROUP er «{value}», men må være et helt tall fra {SMALLEST_GROUP} til "
        f"{LARGEST_GROUP}: så mange må minst stå bak et tall fra en spørrerunde."
    )


def _limits(value: str) -> tuple[tuple[int, float], ...]:
    limits = []
    for limit in value.split():
        found = re.fullmatch(r"([1-9][0-9]{0,4})/([1-9][0-9]{0,3})", limit)
        if found is None:
            raise SettingsError(
                f"CONVERSATION_LIMITS har «{limit}», men hver grense må skrives som "
                "antall/sekunder, for eksempel 7/1."
            )
        limits.append((int(found[1]), float(found[2])))
    return tuple(limits)


def _hours(value: str) -> tuple[time, time] | None:
    if value.lower() == "alltid":
        return None
    try:
        first, last = (time.fromisoformat(part.strip()) for part in value.split("-"))
    except ValueError:
        first = last = time(0)
    if first.tzinfo is None and last.tzinfo is None and last >= _hour_after(first):
        return first, last
    raise SettingsError(
        f"REMINDER_HOURS er «{value}», men må være to klokkeslett med minst en time mellom, "
        "som 07:30-16:00, eller alltid."
    )


def _hour_after(clock: time) -> time:
    return clock.replace(hour=clock.hour + 1) if clock.hour < 23 else time.max


def _credential_problems(values: Mapping[str, str]) -> list[str]:
    """What is wrong with who the bot is; one sentence each."""
    problems = []
    if not values["MicrosoftAppId"]:
        problems.append(
            "MicrosoftAppId mangler: sett botens app-ID fra Entra ID, "
            "eller start med --local for å prøve boten på denne maskinen."
        )
    app_type = values["MicrosoftAppType"]
    if app_type not in ("SingleTenant", "UserAssignedMSI"):
        problems.append(
            f"MicrosoftAppType er «{app_type}», men må være SingleTenant eller UserAssignedMSI."
        )
    if not values["MicrosoftAppTenantId"]:
        problems.append(
            "MicrosoftAppTenantId mangler: sett ID-en til kommunens leietaker i Entra ID."
        )
    password, certificate = values["MicrosoftAppPassword"], values["MicrosoftAppCertificate"]
    if app_type == "SingleTenant" and not (password or certificate):
        problems.append(
            "MicrosoftAppPassword mangler: sett botens hemmelighet, "
            "eller MicrosoftAppCertificate med stien til et sertifikat."
        )
    if certificate and not Path(certificate).is_file():
        problems.append(
            f"Finner ikke sertifikatfilen «{certificate}»: rett MicrosoftAppCertificate."
        )
    return problems
