"""With whom a draft may be shared, each said as exactly who reads it."""

from dialogs.guide import Guide
from dialogs.wording import Wording
from storage.drafts import Owner
from storage.people import RegisteredPerson
from storage.shared import Version


def audience_options(
    wording: Wording, guide: Guide, owner: Owner, sharer: RegisteredPerson
) -> tuple[tuple[str, str], ...]:
    """(audience, who reads) of a guide, without those that mean nobody for this owner."""
    return tuple(
        (audience, label)
        for audience in guide.audiences
        if (label := audience_label(wording, audience, owner, sharer))
    )


def audience_label(wording: Wording, audience: str, owner: Owner, sharer: RegisteredPerson) -> str:
    """Who reads, in words; "" where there is no such school or zone."""
    unit, zone = ("", "") if owner.kind == "skoleeierteam" else (sharer.unit, sharer.zone)
    if not unit and audience in ("skolen", "sonen"):
        return ""
    if not zone and audience == "sonen":
        return ""
    key = f"audience_{audience}" if unit or audience == "alle" else f"audience_{audience}_no_unit"
    return wording.say(key, unit=unit, zone=zone)


def audience_of(wording: Wording, version: Version, sharer: RegisteredPerson) -> str:
    """Who reads a version, in words."""
    return audience_label(wording, version.audience, version.owner, sharer)
