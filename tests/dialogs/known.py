"""What is known of somebody at a school, for tests of guides without a database."""

from datetime import date
from typing import Any, cast

from dialogs.known import Known
from storage.drafts import Owner
from storage.people import RegisteredPerson

TODAY = date(2026, 11, 22)  # a Sunday
COLLEAGUES = [
    RegisteredPerson("k1", "Ane Li", "a@x", "lærer", "Nordlia skole", "skole"),
    RegisteredPerson("k2", "Bo Dal", "b@x", "lærer", "Nordlia skole", "skole"),
    RegisteredPerson("k3", "Bo Dal", "c@x", "tillitsvalgt", "Nordlia skole", "skole"),
]


def known_about(
    role: str = "rektor", unit: str = "Nordlia skole", unit_kind: str = "skole", **more: Any
) -> Known:
    """Rita at Nordlia skole on 22 November 2026; `more` are fields of Known."""
    person = RegisteredPerson("k", "Rita Mo", "r@x", role, unit, unit_kind, "barneskole", "nord")
    fields: dict[str, Any] = {
        "today": TODAY,
        "language": "nb",
        "person": person,
        "owner": Owner("school", unit),
        "year": "2026–2027",
        "about": "",
        "answers": {},
        "library": cast(Any, None),
        "earlier": lambda guide: {},
        "newest": lambda guide: {},
        "plan": list,
        "colleagues": lambda: COLLEAGUES,
        "somebody": lambda key: None,
        "finished": frozenset,
    }
    return Known(**(fields | more))
