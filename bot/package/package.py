"""The Teams app as a .zip: the manifest with this installation's values, language files, icons.

The icons are drawn in the .svg files; the .png files beside them are those, rendered once.
"""

import json
import re
from pathlib import Path
from urllib.parse import urlsplit
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

TEMPLATE = "manifest.template.json"
FILES = ("color.png", "outline.png", "nb-no.json", "nn-no.json")
MAX_DEVELOPER = 32
# What Teams knows the app by: raised when the manifest or the language files are changed.
VERSION = "1.1.0"
NAME = "Kvalitetsbot"

_GUID = re.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


class PackageError(ValueError):
    """A value is missing or wrong; the message says which and what to do."""


def build_package(
    target: Path,
    *,
    app_id: str,
    public_url: str,
    kommune: str = "",
    sign_in_app_id: str = "",
) -> Path:
    """Write the app to `target`; raises PackageError with everything that is wrong.

    `kommune` is shown as the app's publisher, shortened at a word where it is too long for Teams.
    `sign_in_app_id` is the app that the tab signs in to, where it is another than the bot's.
    """
    public_url = public_url.rstrip("/")
    developer, domain = _developer(kommune), _domain(public_url)
    problems = []
    if not _GUID.fullmatch(app_id):
        problems.append("Sett MicrosoftAppId til app-id-en fra Azure (en GUID).")
    if sign_in_app_id and not _GUID.fullmatch(sign_in_app_id):
        problems.append("Sett TAB_APP_ID til app-id-en til fanens app i Entra ID (en GUID).")
    if not domain:
        problems.append(
            "Sett PUBLIC_URL til botens adresse, som https://bot.kommune.no. "
            "Er det æ, ø eller å i vertsnavnet, skriver du det som xn--…"
        )
    if not developer:
        problems.append(f"KOMMUNE er for langt: Skriv et navn på høyst {MAX_DEVELOPER} tegn.")
    if problems:
        raise PackageError(" ".join(problems))
    values = {
        "app_id": app_id,
        "sign_in_app_id": sign_in_app_id or app_id,
        "developer": developer,
        "domain": domain,
        "public_url": public_url,
        "version": VERSION,
    }
    folder = Path(__file__).parent
    contents = {"manifest.json": _filled((folder / TEMPLATE).read_text("utf-8"), values)}
    contents |= {name: (folder / name).read_bytes() for name in FILES}
    target.parent.mkdir(parents=True, exist_ok=True)
    with ZipFile(target, "w", ZIP_DEFLATED) as package:
        for name, content in contents.items():
            # A fixed time, so that the same values give the same file.
            package.writestr(ZipInfo(name), content, ZIP_DEFLATED)
    return target


def _developer(kommune: str) -> str:
    """The publisher's name; "" for one that can't be shortened at a word."""
    name = " ".join(kommune.split()) or NAME
    if len(name) <= MAX_DEVELOPER:
        return name
    return name[: MAX_DEVELOPER + 1].rpartition(" ")[0].rstrip(" ,;–-")


def _domain(public_url: str) -> str:
    """Host and port, as Teams wants both validDomains and the app's own address in Entra ID.

    "" for what is no address that Teams can open.
    """
    if not re.fullmatch(r"https://[!-~]+", public_url) or re.search(r"[?#\\@]", public_url):
        return ""
    try:
        address = urlsplit(public_url)
        host, port = address.hostname or "", address.port
    except ValueError:
        return ""
    if not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", host):
        return ""
    return host if port in (None, 443) else f"{host}:{port}"


def _filled(template: str, values: dict[str, str]) -> bytes:
    """Each {{name}} replaced by its value, written as the inside of a JSON string."""
    filled = re.sub(
        r"\{\{(\w+)\}\}",
        lambda found: json.dumps(values[found[1]], ensure_ascii=False)[1:-1],
        template,
    )
    return filled.encode("utf-8")
