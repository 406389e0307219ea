"""What `doctor` says of the settings, the bot's own credential, and the world outside."""

import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from roof.findings import Finding, warning, well, wrong

if TYPE_CHECKING:
    from bot.checkup import Outside
    from bot.settings import Settings

SHORTEST_KEY = 32  # characters of SECRET_KEY
SOON = 60  # days
VERY_SOON = 7
DRIFT_WARNED = 60  # seconds
DRIFT_WRONG = 300  # what the tokens of Microsoft put up with

_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

# Entra's codes -> what is wrong and what to do.
_ENTRA = {
    "AADSTS7000215": (
        "Entra ID tar ikke imot hemmeligheten",
        "Sett MicrosoftAppPassword til verdien av en klienthemmelighet, ikke til ID-en dens.",
    ),
    "AADSTS7000222": (
        "Hemmeligheten eller sertifikatet er gått ut",
        "Lag en ny i Entra ID, sett den i innstillingene, og start boten på nytt.",
    ),
    "AADSTS700016": (
        "Entra ID finner ikke appen i denne leietakeren",
        "Rett MicrosoftAppId, eller MicrosoftAppTenantId.",
    ),
    "AADSTS700027": (
        "Entra ID kjenner ikke sertifikatet",
        "Last opp den offentlige delen av sertifikatet på appen i Entra ID.",
    ),
    "AADSTS90002": ("Entra ID finner ikke leietakeren", "Rett MicrosoftAppTenantId."),
    "AADSTS900023": ("Entra ID finner ikke leietakeren", "Rett MicrosoftAppTenantId."),
}
_REACH = {
    "timeout": "svarer ikke",
    "dns": "finnes ikke i navnetjeneren",
    "tls": "har et sertifikat som ikke godtas",
    "unreachable": "kan ikke nås",
}


def of_settings(environment: Mapping[str, str], *, local: bool) -> list[Finding]:
    """Every setting that can't be used, and those that should be set."""
    from bot.settings import SettingsError, read_settings

    try:
        settings = read_settings(environment, local=local)
    except SettingsError as error:
        return [_of_setting(problem) for problem in error.problems]
    found = [well("Innstillinger", "alle kan brukes.")]
    if not local:
        found += _of_address(settings.public_url)
        found += _of_key(settings)
    for name, value, where in (
        ("KOMMUNE", settings.kommune, "i Teams-appen og i personverndokumentene"),
        ("PRIVACY_CONTACT", settings.privacy_contact, "i personverndokumentene"),
        ("HOSTING", settings.hosting, "i behandlingsprotokollen"),
    ):
        if not value:
            found.append(warning(name, "er ikke satt.", f"Sett den: Den står {where}."))
    if settings.reminder_hours is None and not local:
        found.append(
            warning(
                "REMINDER_HOURS",
                "er «alltid»: Folk får meldinger om natten.",
                "Sett den til arbeidstiden, for eksempel 07:30-16:00.",
            )
        )
    return found


def _of_setting(problem: str) -> Finding:
    """«MicrosoftAppId mangler: sett …» is in two parts, «PORT er «x», men må være …» in one."""
    what, _, do = problem.partition(": ")
    if do.startswith(("sett ", "rett ")):
        return wrong("Innstillinger", f"{what}.", _sentence(do))
    return wrong("Innstillinger", problem, "Rett den der du setter miljøvariablene.")


def _of_address(address: str) -> list[Finding]:
    if "//localhost" in address or "//127." in address:
        do = "Sett PUBLIC_URL til adressen som folk og Teams når boten på."
        return [wrong("PUBLIC_URL", f"er {address}, som bare virker på denne maskinen.", do)]
    if not address.startswith("https://"):
        do = "Sett PUBLIC_URL til en adresse med https; siden og appen krever det."
        return [wrong("PUBLIC_URL", f"er {address}, uten https.", do)]
    return [well("PUBLIC_URL", f"er {address}.")]


def _of_key(settings: "Settings") -> list[Finding]:
    if settings.secret_key and len(settings.secret_key) < SHORTEST_KEY:
        do = f"Sett en tilfeldig verdi på minst {SHORTEST_KEY} tegn, eller la den stå tom."
        return [warning("SECRET_KEY", "er kort og kan gjettes.", do)]
    return []


def of_credential(settings: "Settings") -> list[Finding]:
    """The ids, as far as they can be told by looking at them."""
    found = [
        # Not the value: it may be the secret, in the wrong place.
        wrong(name, "er ikke en ID fra Entra ID.", f"Rett {name}.")
        for name, value in (
            ("MicrosoftAppId", settings.app_id),
            ("MicrosoftAppTenantId", settings.tenant_id),
            ("TAB_APP_ID", settings.tab_app_id),
        )
        if not _GUID.fullmatch(value) and not (name == "TAB_APP_ID" and not value)
    ]
    if settings.app_type == "UserAssignedMSI" and not settings.tab_app_id:
        do = "Lag en app i Entra ID for fanen, og sett TAB_APP_ID, se docs/azure.md."
        found.append(warning("TAB_APP_ID", "er ikke satt: Fanen kan ikke logge noen inn.", do))
    if settings.app_password and settings.app_certificate:
        found.append(
            warning(
                "Innlogging",
                "både hemmelighet og sertifikat er satt; sertifikatet brukes.",
                "Ta bort MicrosoftAppPassword.",
            )
        )
    return found


def of_expiry(settings: "Settings", now: datetime) -> list[Finding]:
    """How many days are left of the secret or the certificate."""
    from bot.checkup import credential_expires

    if settings.app_type == "UserAssignedMSI":
        return [well("Hemmelighet", "ingen: Boten bruker administrert identitet.")]
    expires = credential_expires(settings)
    what = "Sertifikat" if settings.app_certificate else "Hemmelighet"
    if expires is None and settings.app_certificate:
        do = "Rett MicrosoftAppCertificate: Filen må ha sertifikatet og nøkkelen, som PEM."
        return [wrong(what, f"finner ikke noe i {Path(settings.app_certificate).name}.", do)]
    if expires is None:
        do = "Sett MicrosoftAppPasswordExpires til datoen i Entra ID, så varsler boten i tide."
        return [warning(what, "ingen vet når den går ut.", do)]
    left, day = (expires - now.date()).days, f"{expires:%d.%m.%Y}"
    do = "Lag en ny i Entra ID, sett den i innstillingene, og start boten på nytt."
    if left < 0:
        return [wrong(what, f"gikk ut {day}.", do)]
    if left <= VERY_SOON:
        return [wrong(what, f"går ut {day}, om {left} dager.", do)]
    if left <= SOON:
        return [warning(what, f"går ut {day}, om {left} dager.", do)]
    return [well(what, f"varer til {day}, i {left} dager.")]


def of_outside(outside: "Outside", settings: "Settings") -> list[Finding]:
    """Entra ID, the Bot Connector, our own address and the clock."""
    found = [_of_token(outside.token_problem)]
    for about, code, host, why in (
        ("Nøkler fra Microsoft", outside.keys_problem, "login.botframework.com", "innkommende"),
        ("Bot Connector", outside.connector_problem, "smba.trafficmanager.net", "utgående"),
    ):
        if code:
            says = f"{host} {_REACH.get(code, f'svarer med {code}')}."
            do = f"Åpne brannmuren for {host} på port 443; {why} meldinger stopper uten."
            found.append(wrong(about, says, do))
        else:
            found.append(well(about, f"{host} svarer."))
    found.append(_of_own_address(outside.address_problem, settings.public_url))
    found.append(_of_clock(outside.ahead))
    return found


def _of_token(problem: str) -> Finding:
    if not problem:
        return well("Innlogging", "Entra ID gir boten et token.")
    if problem in _ENTRA:
        says, do = _ENTRA[problem]
        return wrong("Innlogging", f"{says} ({problem}).", do)
    if problem in _REACH:
        do = "Åpne brannmuren for login.microsoftonline.com på port 443."
        return wrong("Innlogging", f"login.microsoftonline.com {_REACH[problem]}.", do)
    if " " in problem:  # a whole sentence of the settings' own
        says, _, do = problem.partition(": ")
        return wrong("Innlogging", f"{says}.", _sentence(do))
    do = "Se etter i MicrosoftAppId, MicrosoftAppTenantId og hemmeligheten eller sertifikatet."
    return wrong("Innlogging", f"Entra ID sier nei ({problem}).", do)


def _of_own_address(code: str, address: str) -> Finding:
    if not code:
        return well("Botens adresse", f"{address}/health svarer.")
    if code == "someone else":
        do = "Se etter hvor proxyen sender adressen, og at boten kjører."
        return wrong("Botens adresse", f"{address}/health svarer, men det er ikke boten.", do)
    says = f"{address} {_REACH.get(code, f'svarer /health med {code}')}."
    do = "Se etter at boten kjører, og at navnetjener, proxy og brannmur leder til den."
    return wrong("Botens adresse", says, do)


def _of_clock(ahead: float | None) -> Finding:
    if ahead is None:
        do = "Se etter at maskinen når login.microsoftonline.com."
        return warning("Klokken", "ingen utenfor kunne si hva den er.", do)
    return clock("Klokken", "Microsoft", ahead)


def clock(about: str, other: str, ahead: float) -> Finding:
    """How our clock is beside another's; `ahead` in seconds."""
    if abs(ahead) <= DRIFT_WARNED:
        return well(about, f"går likt med {other}.")
    says = f"går {abs(ahead):.0f} sekunder {'foran' if ahead > 0 else 'etter'} {other}."
    do = "Slå på tidssynkronisering (NTP) på begge maskinene."
    return (wrong if abs(ahead) >= DRIFT_WRONG else warning)(about, says, do)


def _sentence(text: str) -> str:
    text = text.strip()
    return text[:1].upper() + text[1:]
