"""Closed rounds with results that were made by hand, for what shows them in files."""

from datetime import UTC, datetime
from typing import Any

from dialogs.question_set import QuestionSet
from dialogs.reports import Cell, Figure, Group, Report, report_to_json
from storage.ballots import Place, cast
from storage.database import Session
from storage.rounds import Round, add_round, keep_result

OPENED = datetime(2026, 11, 2, 7, tzinfo=UTC)
CLOSED = datetime(2026, 11, 15, 23, tzinfo=UTC)
WHOLE = Group("kommune")
NORDLIA, FJELLHEIM = Group("skole", "Nordlia skole"), Group("skole", "Fjellheim skole")
NORD = Group("sone", "Sone nord")
LEADERS = Group("rolle", "leder")

_BOTH = {"text": "Hvordan går det?", "text_nn": "Korleis går det?"}
_ENDS = {"low": "dårlig", "low_nn": "dårleg", "high": "godt", "high_nn": "godt"}


def a_set(**changes: Any) -> QuestionSet:
    """A scale and room to write."""
    values: dict[str, Any] = {
        "id": "refleksjon",
        "kind": "refleksjon",
        "title": "Månedens refleksjon",
        "title_nn": "Refleksjonen for månaden",
        "about": "Tre spørsmål.",
        "about_nn": "Tre spørsmål.",
        "source": "Prøve",
        "minutes": 1,
        "to": ("lærere",),
        "section": (
            {
                "id": "om",
                "title": "Samarbeid",
                "title_nn": "Samarbeid",
                "used_for": "å lære",
                "used_for_nn": "å lære",
                "not_used_for": "å rangere",
                "not_used_for_nn": "å rangere",
                "step": (
                    {"id": "gaar", "kind": "scale", **_BOTH, **_ENDS},
                    {"id": "ord", "kind": "long_text", **_BOTH, "optional": True},
                ),
            },
        ),
    }
    return QuestionSet.model_validate(values | changes)


def a_survey() -> QuestionSet:
    """Two sub-themes, each with competence and importance."""
    scales = (
        {"id": "kompetanse", "text": "Kompetanse", "text_nn": "Kompetanse", **_ENDS},
        {"id": "viktighet", "text": "Viktig", "text_nn": "Viktig", **_ENDS},
    )
    steps = tuple(
        {"id": id, "kind": "two_scales", "text": title, "text_nn": title, "scales": scales}
        for id, title in (("lede", "Lede klassen"), ("koder", "Koding"))
    )
    section = {"id": "ledelse", "title": "Klasseledelse", "title_nn": "Klasseleiing"}
    return a_set(
        id="undersokelsen",
        kind="undersøkelse",
        title="Kompetanseundersøkelsen",
        section=({**section, "about": "Å lede en klasse.", "step": steps},),
    )


def figure(*counts: int, mean: float | None = 3.4, margin: float = 0.2) -> Figure:
    """A figure with so many in each category from 1; a shown one."""
    cells = tuple(Cell(number, number, one) for number, one in enumerate(counts, start=1))
    spread = 1.1 if mean is not None else None
    return Figure(
        sum(counts), cells, mean, spread, margin if mean is not None else None, estimated=False
    )


HIDDEN = Figure(withheld="few")
MERGED = Figure(
    30, (Cell(1, 2, 9), Cell(3, 5, 21)), mean=3.1, spread=1.0, margin=0.4, estimated=True
)


def a_report(smallest: int = 5, **more: Any) -> Report:
    figures = {
        WHOLE: {"gaar": figure(12, 23, 34, 45, 56)},
        NORD: {"gaar": MERGED},
        NORDLIA: {"gaar": figure(0, 0, 7, 8, 9)},
        FJELLHEIM: {"gaar": HIDDEN},
        LEADERS: {"gaar": HIDDEN},
    }
    return Report(smallest, more.get("figures", figures), {WHOLE: 70, NORDLIA: 90})


def close_a_round(
    session: Session,
    questions: QuestionSet | None = None,
    report: Report | None = None,
    public: Report | None = None,
    **changes: Any,
) -> str:
    """A closed round in the database; gives its id."""
    questions = questions or a_set()
    values: dict[str, Any] = {
        "id": "runde1",
        "question_set": questions.id,
        "asked": questions.model_dump(mode="json"),
        "title": "Refleksjon i november",
        "purpose": "Finne ut hva vi trenger",
        "audience": ("lærere",),
        "opens": OPENED,
        "closes": CLOSED,
        "closed_at": CLOSED,
    }
    made = Round(**(values | changes))
    assert add_round(session, made)
    empty = Report(20)
    keep_result(
        session,
        made.id,
        report_to_json(report or a_report()),
        report_to_json(public or empty),
    )
    return made.id


def write_texts(session: Session, round: str, *texts: str, unit: str = "") -> None:
    """What people wrote in it; `unit` is a school whose name they ticked may be told."""
    place = Place(unit or "Bakken skole", "Sone nord", "barneskole")
    for text in texts:
        cast(session, round, (), [("ord", text)], place=place, tell_unit=bool(unit))
