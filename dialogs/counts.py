"""How far the schools are: numbers for the whole kommune, never which school."""

from collections.abc import Mapping
from typing import Any

from dialogs.access import is_school_owner
from dialogs.context import Commanded, Context
from dialogs.messages import CardReply, Paragraph, Reply, Table, TextReply
from dialogs.pressed import registered
from dialogs.school_year import school_year
from dialogs.wording import Wording
from storage.drafts import count_drafts
from storage.people import RegisteredPerson

FEWEST = 3  # fewer schools than this could be recognised


def counts(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """For the skoleeierteam: schools that have begun, finished and shared, for every guide.

    Every guide of the schools is listed, so that being there says nothing either.
    """
    wording = context.wording
    if not is_school_owner(person):
        return [TextReply(wording.say("counts_not_yours"))]
    year = school_year(context.today)
    numbers = {guide: rest for guide, *rest in count_drafts(context.session, year)}
    rows = tuple(
        (
            guide.named(context.language),
            *(_shown(wording, number) for number in numbers.get(guide.id, (0, 0, 0))),
        )
        for guide in context.guides.all
        if guide.owner == "school"
    )
    columns = tuple(str(heading) for heading in wording.many("counts_columns"))
    return [
        CardReply(
            wording.say("counts_title", year=year),
            (Table(columns, rows), Paragraph(wording.say("counts_note", fewest=FEWEST), "note")),
            language=context.language,
        )
    ]


def _shown(wording: Wording, number: int) -> str:
    return str(number) if number >= FEWEST else wording.say("counts_few", fewest=FEWEST)


def _asked(context: Context, rest: str) -> list[Reply]:
    return registered(counts)(context, {})


COMMANDS: dict[str, Commanded] = {"hvor langt er skolene": _asked, "kor langt er skulane": _asked}
