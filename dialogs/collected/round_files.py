"""A round's result as a workbook and as a report in Word; a survey's main and school reports.

All numbers and texts are those that `results.py` lets the person see.
"""

from collections.abc import Mapping

from dialogs.collected.figures import in_order
from dialogs.collected.results import Seen, seen_by, texts_seen_by
from dialogs.collected.round_report import paper_of
from dialogs.collected.round_sheets import workbook_of
from dialogs.collected.survey_report import pair_of, survey_paper
from dialogs.context import Composing, Filed
from dialogs.messages import Paper, Workbook
from dialogs.reports import Group
from storage.ballots import Text


def _round(composing: Composing, rest: str, query: Mapping[str, str]) -> Workbook | Paper | None:
    """All that the person sees of the round."""
    seen = seen_by(composing.session, composing.person, rest)
    if seen is None:
        return None
    return _made(composing, seen, _groups(composing, seen), query, survey=False)


def _survey(composing: Composing, rest: str, query: Mapping[str, str]) -> Workbook | Paper | None:
    """The main report, without schools; with `skole`, that school's, beside the kommune's."""
    seen = seen_by(composing.session, composing.person, rest)
    if seen is None or not any(pair_of(step) for step in seen.questions.steps()):
        return None
    school = query.get("skole", "")
    if school and Group("skole", school) not in seen.report.figures:
        return None
    wanted = {Group("kommune"), Group("skole", school)} if school else None
    groups = [
        group
        for group in _groups(composing, seen)
        if (group in wanted if wanted is not None else group.kind != "skole")
    ]
    return _made(composing, seen, groups, query, survey=True, school=school)


def _groups(composing: Composing, seen: Seen) -> list[Group]:
    groups = {*seen.report.figures, *seen.report.rates}
    return in_order(seen, groups, composing.person.unit)


def _made(
    composing: Composing,
    seen: Seen,
    groups: list[Group],
    query: Mapping[str, str],
    *,
    survey: bool,
    school: str = "",
) -> Workbook | Paper | None:
    texts = texts_seen_by(composing.session, composing.person, seen)
    if school:
        texts = _of_school(texts, school)
    match query.get("format", ""):
        case "xlsx" | "csv":
            return workbook_of(composing.wording, seen, texts, groups)
        case "docx" if survey:
            return survey_paper(composing.wording, seen, texts, groups, school)
        case "docx":
            return paper_of(composing.wording, seen, texts, groups)
    return None


def _of_school(texts: Mapping[str, list[Text]], school: str) -> dict[str, list[Text]]:
    """Those that tell the school's name; `texts_to_read` has seen that they are enough."""
    return {
        question: [text for text in some if text.unit == school] for question, some in texts.items()
    }


FILES: dict[str, Filed] = {"runder": _round, "undersokelse": _survey}
