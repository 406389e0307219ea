"""The Teams app as a .zip: the manifest with this installation's values, language files, icons.

The icons are drawn in the .svg files; the .png files beside them are those, rendered once.
"""

import json
import re
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

TEMPLATE = "manifest.template.json"
FILES = ("color.png", "outline.png", "nb-no.json", "nn-no.json")
MAX_DEVELOPER = 32


class PackageError(ValueError):
    """A value is missing or wrong; the message says which and what to do."""


def build_package(
    target: Path,
    *,
    app_id: str,
    public_url: str,
    developer: str = "Kvalitetsbot",
    website_url: str = "",
    privacy_url: str = "",
    terms_url: str = "",
    version: str = "1.0.0",
) -> Path:
    """Write the app to `target`; addresses that are not given become pages under `public_url`."""
    public_url = public_url.rstrip("/")
    values = {
        "app_id": app_id,
        "domain": urlsplit(public_url).hostname or "",
        "developer": developer,
        "website_url": website_url or public_url,
        "privacy_url": privacy_url or f"{public_url}/personvern",
        "terms_url": terms_url or f"{public_url}/vilkar",
        "version": version,
    }
    problems = _problems(values, public_url)
    if problems:
        raise PackageError(" ".join(problems))
    folder = Path(__file__).parent
    contents = {"manifest.json": _filled((folder / TEMPLATE).read_text("utf-8"), values)}
    contents |= {name: (folder / name).read_bytes() for name in FILES}
    target.parent.mkdir(parents=True, exist_ok=True)
    with ZipFile(target, "w", ZIP_DEFLATED) as package:
        for name, content in contents.items():
            # A fixed time, so that the same values give the same file.
            package.writestr(ZipInfo(name), content, ZIP_DEFLATED)
    return target


def _problems(values: dict[str, str], public_url: str) -> list[str]:
    found = []
    try:
        UUID(values["app_id"])
    except ValueError:
        found.append("Sett MicrosoftAppId til app-id-en fra Azure (en GUID).")
    for name, address in (
        ("PUBLIC_URL", public_url),
        ("Nettstedet", values["website_url"]),
        ("Adressen til personvernerklæringen", values["privacy_url"]),
        ("Adressen til vilkårene", values["terms_url"]),
    ):
        if not re.fullmatch(r"https://[^\s/]+(/\S*)?", address):
            found.append(f"{name} må være en adresse som begynner med https://.")
            break
    if not 1 <= len(values["developer"]) <= MAX_DEVELOPER:
        found.append(f"Navnet på utgiveren må ha 1 til {MAX_DEVELOPER} tegn.")
    return found


def _filled(template: str, values: dict[str, str]) -> bytes:
    """Each {{name}} replaced by its value, written as the inside of a JSON string."""
    filled = re.sub(
        r"\{\{(\w+)\}\}",
        lambda found: json.dumps(values[found[1]], ensure_ascii=False)[1:-1],
        template,
    )
    return filled.encode("utf-8")
