"""What `app.py doctor` found: what is well, what is wrong, and for that what to do."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

Level = Literal["i orden", "advarsel", "feil"]

_SIGNS = {"i orden": "✓", "advarsel": "!", "feil": "✗"}
_CODES = {"i orden": 0, "advarsel": 1, "feil": 2}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `do` is one sentence, and "" for what is well."""

    about: str
    level: Level
    says: str
    do: str = ""


def well(about: str, says: str) -> Finding:
    return Finding(about, "i orden", says)


def warning(about: str, says: str, do: str) -> Finding:
    return Finding(about, "advarsel", says, do)


def wrong(about: str, says: str, do: str) -> Finding:
    return Finding(about, "feil", says, do)


def exit_code(findings: Iterable[Finding]) -> int:
    """0 when all is well, 1 when there are warnings only, 2 when something is wrong."""
    return max((_CODES[one.level] for one in findings), default=0)


def as_text(findings: Sequence[Finding]) -> str:
    """A line for each, and one below it that says what to do; last, how many of each."""
    lines = []
    for one in findings:
        lines.append(f"{_SIGNS[one.level]} {one.about}: {one.says}")
        if one.do:
            lines.append(f"    {one.do}")
    count = {level: sum(one.level == level for one in findings) for level in _SIGNS}
    lines += [
        "",
        f"{count['i orden']} i orden, {_advarsler(count['advarsel'])}, {count['feil']} feil.",
    ]
    return "\n".join(lines)


def as_json(findings: Sequence[Finding]) -> dict[str, Any]:
    return {"code": exit_code(findings), "findings": [asdict(one) for one in findings]}


def _advarsler(count: int) -> str:
    return f"{count} advarsel" if count == 1 else f"{count} advarsler"
