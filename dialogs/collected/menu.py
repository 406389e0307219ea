"""The menu of the page in the browser."""

from dialogs.access import is_school_owner
from dialogs.wording import Wording
from storage.people import RegisteredPerson


def menu_for(wording: Wording, person: RegisteredPerson) -> tuple[tuple[str, str], ...]:
    """(title, path) of what the person may open."""
    entries = [
        ("collected_menu", "/side/"),
        ("collected_menu_rounds", "/side/runder"),
        ("collected_menu_plans", "/side/planer"),
        ("collected_menu_meetings", "/side/moter"),
        ("collected_menu_promises", "/side/lofter"),
        ("tab_ask_title", "/side/spor"),
    ]
    if is_school_owner(person):
        entries.append(("collected_menu_questions", "/side/sporsmal"))
        entries.append(("learning_menu", "/side/laering"))
        entries.append(("yearly_menu", "/side/arsmelding"))
    return tuple((wording.say(key), path) for key, path in entries)


def trail_for(wording: Wording, *more: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    """Where a page stands: the overview, and what is between."""
    return ((wording.say("collected_menu"), "/side/"), *more)


def rounds_trail(wording: Wording, *more: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    """Where a page under the list of rounds stands."""
    return trail_for(wording, (wording.say("collected_menu_rounds"), "/side/runder"), *more)
