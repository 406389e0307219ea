"""The numbers of a report in words, as they are written in Norway, and what groups are called."""

from collections.abc import Iterable

from dialogs.collected.results import Seen
from dialogs.guide import in_language
from dialogs.question_set import Question
from dialogs.report_rates import LEAST_RATE, MOST_RATE
from dialogs.reports import Cell, Figure, Group
from dialogs.wording import Wording

# Where one sees them: the whole first, then places, then kinds of people.
_KINDS = ("kommune", "skole", "sone", "skoletype", "rolle", "erfaring")
_ROLES = ("lærer", "leder")
_LETTERS = str.maketrans("æøå", "{|}")  # these three follow z, in this order


def decimal(value: float) -> str:
    """«3,4»: a mean, a spread, a margin."""
    return f"{value:.1f}".replace("-", "−").replace(".", ",").replace("−0,0", "0,0")


def signed(value: float) -> str:
    """«+0,3», «−0,3» or «0,0»: a difference."""
    written = decimal(value)
    return written if written.startswith("−") or written == "0,0" else f"+{written}"


def uncertain(value: float, margin: float) -> str:
    """«3,4 (± 0,3)»."""
    return f"{decimal(value)} (± {decimal(margin)})"


def percent(part: int, whole: int) -> str:
    """«30 %»; «0 %» of nothing."""
    return f"{round(100 * part / whole) if whole else 0} %"


def rate(wording: Wording, tens: int) -> str:
    """«ca. 70 %», «10 % eller mindre»: a response rate, which is known in tens of per cent."""
    ends = {LEAST_RATE: "collected_rate_least", MOST_RATE: "collected_rate_most"}
    return wording.say(ends.get(tens, "collected_rate"), rate=tens)


def alphabetical(names: Iterable[str]) -> list[str]:
    """In the order of the Norwegian alphabet, which is never the order of the results."""
    return sorted(names, key=_by_letters)


def withheld(wording: Wording, smallest: int) -> str:
    """Why a figure isn't there, in one sentence.

    It is the same sentence whatever the reason: to know that a group is hidden because all in it
    answered alike, and one's own answer, would be to know everybody's.
    """
    return wording.say("collected_withheld", smallest=smallest)


def category(question: Question, cell: Cell) -> str:
    """What a cell holds: «4», «1–2», «Ja», «Ja / Delvis»."""
    if question.ordered:
        return str(cell.first) if cell.first == cell.last else f"{cell.first}–{cell.last}"
    return " / ".join(question.categories[cell.first - 1 : cell.last])


def ends(wording: Wording, question: Question) -> str:
    """What the ends of the scale mean; "" for a choice, whose options say it themselves."""
    if not question.ordered:
        return ""
    low, high = question.categories[0], question.categories[-1]
    return wording.say("collected_ends", low=low, high=high)


def distribution(wording: Wording, question: Question, figure: Figure) -> str:
    """«40 svar: 1–2: 8 (20 %), 3: 12 (30 %) …», of a figure that is shown."""
    cells = ", ".join(
        wording.say(
            "collected_cell",
            category=category(question, cell),
            count=cell.count,
            percent=percent(cell.count, figure.people),
        )
        for cell in figure.cells
    )
    return wording.say("collected_distribution", people=figure.people, cells=cells)


def mean(wording: Wording, figure: Figure) -> str:
    """«3,4 (± 0,3)», with «anslag» where merged categories make it one; "" where there is none."""
    if figure.mean is None:
        return ""
    value = uncertain(figure.mean, figure.margin or 0.0)
    return wording.say("collected_estimated", value=value) if figure.estimated else value


def in_words(wording: Wording, question: Question, figure: Figure) -> str:
    """One figure, all of it; or that it isn't shown, which `withheld` gives the reason for."""
    if not is_shown(figure):
        return wording.say("collected_not_shown")
    said = f"{distribution(wording, question, figure)}."
    average = mean(wording, figure)
    return f"{said} {wording.say('collected_mean', mean=average)}" if average else said


def is_shown(figure: Figure | None) -> bool:
    """Whether there is anything to read of it."""
    return figure is not None and bool(figure.cells)


def figure_of(seen: Seen, group: Group, question: str) -> Figure | None:
    """The figure of a question in a group; None where the report has none."""
    return seen.report.figures.get(group, {}).get(question)


def group_name(wording: Wording, seen: Seen, group: Group) -> str:
    """What a group is called where it is shown; the whole of a school's own round is the school."""
    match group.kind:
        case "kommune":
            return seen.round.unit or wording.say("collected_everybody")
        case "rolle":
            names: dict[str, str] = dict(wording.many("collected_roles"))
            return names.get(group.name, group.name)
        case "erfaring":
            step = seen.questions.find("erfaring")
            texts = {
                one.value: in_language(wording.language, one.text, one.text_nn)
                for one in (step.choices if step else ())
            }
            return texts.get(group.name, group.name)
        case "skoletype":
            return group.name[:1].upper() + group.name[1:]
        case _:
            return group.name


def in_order(seen: Seen, groups: Iterable[Group], own: str = "") -> list[Group]:
    """The groups as they are shown: the whole, one's own school, then the others by their names.

    Schools, zones and types stand in alphabetical order, so that no list is a ranking.
    """
    step = seen.questions.find("erfaring")
    given = {"rolle": _ROLES, "erfaring": tuple(one.value for one in step.choices) if step else ()}

    def place(group: Group) -> tuple[object, ...]:
        names = given.get(group.kind, ())
        number = names.index(group.name) if group.name in names else len(names)
        return (_KINDS.index(group.kind), group.name != own, number, _by_letters(group.name))

    return sorted(groups, key=place)


def rates(wording: Wording, seen: Seen, own: str = "") -> tuple[tuple[str, str], ...]:
    """(group, «ca. 70 %») of the groups that have a response rate."""
    return tuple(
        (group_name(wording, seen, group), rate(wording, seen.report.rates[group]))
        for group in in_order(seen, seen.report.rates, own)
    )


def _by_letters(name: str) -> tuple[str, str]:
    return name.casefold().translate(_LETTERS), name
