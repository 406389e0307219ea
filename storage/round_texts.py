"""Reading what people wrote in a closed round: a page of texts at a time, by question and theme.

Which questions and whose names may be read is decided in dialogs/collected/results.py. The order is
that of the ids, which were drawn at random when the round closed: it tells nothing of when or by
whom, and it stays the same while somebody reads.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, func
from sqlmodel import Session, col, select

from storage.ballots import Text
from storage.tables import BallotText, TextTheme

MOST_WORDS = 20  # of a search; the rest of a long one is left out

_Id, _Round, _Question = col(BallotText.id), col(BallotText.round), col(BallotText.question)
_Text, _Unit = col(BallotText.text), col(BallotText.unit)
_Theme = col(TextTheme.theme)
# SQLite's lower() knows only a to z, and PostgreSQL's only what its locale has.
_LETTERS = tuple(zip("ÆØÅÉÈÊÓÒÔÄÖÜÁ", "æøåéèêóòôäöüá", strict=True))


def count_texts(session: Session, round: str) -> dict[tuple[str, str], int]:
    """How many texts there are, by question and by the school that may be named ("" for none)."""
    # All of it stands in an index; no text is blank (`ballots.cast`).
    counted = (
        select(_Question, _Unit, func.count()).where(_Round == round).group_by(_Question, _Unit)
    )
    rows = session.connection().execute(counted)
    return {(question, unit): count for question, unit, count in rows}


def find_texts(
    session: Session,
    round: str,
    questions: Sequence[str],
    *,
    unit: str = "",
    search: str = "",
    theme: str = "",
    offset: int = 0,
    limit: int = 50,
) -> list[Text]:
    """The texts of these questions, in the order of the questions and then at random.

    With `unit`, only those that name this school. Every word of `search` must occur, in any case.
    """
    filters = list(_found(session, search, theme))
    ids: list[str] = []
    for question in questions:
        here = (*_wanted(round, [question], unit), *filters)
        if offset:  # what stands before the page is counted, not read
            before = _count(session, here)
            if before <= offset:
                offset -= before
                continue
        # The ids alone stand in an index, in this order.
        page = select(_Id).where(*here).order_by(_Id).offset(offset).limit(limit - len(ids))
        ids += session.connection().execute(page).scalars()
        offset = 0
        if len(ids) == limit:
            break
    themes = _themes(session, ids)
    texts = select(_Id, _Question, _Text, _Unit).where(_Id.in_(ids))
    found = {row[0]: row for row in session.connection().execute(texts)}
    return [Text(*found[id], tuple(themes.get(id, ()))) for id in ids]


def count_found(
    session: Session,
    round: str,
    questions: Sequence[str],
    *,
    unit: str = "",
    search: str = "",
    theme: str = "",
) -> dict[str, int]:
    """How many texts `find_texts` finds in all, by question."""
    wanted = (*_wanted(round, questions, unit), *_found(session, search, theme))
    counted = select(_Question, func.count()).where(*wanted).group_by(_Question)
    found = dict.fromkeys(questions, 0)
    for question, count in session.connection().execute(counted):
        found[question] = count
    return found


def find_text(session: Session, id: str) -> tuple[str, Text] | None:
    """The round that a text is of, and the text."""
    wanted = select(_Round, _Question, _Text, _Unit).where(_Id == id)
    row = session.connection().execute(wanted).first()
    if row is None:
        return None
    round, question, text, unit = row
    return round, Text(id, question, text, unit, tuple(_themes(session, [id]).get(id, ())))


def count_themes(
    session: Session, round: str, questions: Sequence[str], *, unit: str = ""
) -> dict[str, int]:
    """How many texts of these questions have each theme."""
    # From the themes to the texts: there are few of the former.
    of_round = select(_Id).where(_Id == col(TextTheme.text), *_wanted(round, questions, unit))
    counted = select(_Theme, func.count()).where(of_round.exists()).group_by(_Theme)
    found: dict[str, int] = {}
    for theme, count in session.connection().execute(counted):
        found[theme] = count
    return found


def _wanted(round: str, questions: Sequence[str], unit: str) -> list[ColumnElement[bool]]:
    wanted = [_Round == round, _Question.in_(questions)]
    return [*wanted, _Unit == unit] if unit else wanted


def _found(session: Session, search: str, theme: str) -> Iterator[ColumnElement[bool]]:
    # SQLite's LIKE takes a and A for the same, and is quicker than folding first.
    like = "ilike" if session.connection().dialect.name == "postgresql" else "like"
    for word in list(dict.fromkeys(search.lower().split()))[:MOST_WORDS]:
        yield from _holds(word, like)
    if theme:
        yield _Id.in_(select(col(TextTheme.text)).where(_Theme == theme))


def _count(session: Session, which: Iterable[ColumnElement[bool]]) -> int:
    counted = select(func.count()).select_from(BallotText).where(*which)
    return session.connection().execute(counted).scalar_one()


def _themes(session: Session, texts: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    marked = (
        select(col(TextTheme.text), _Theme)
        .where(col(TextTheme.text).in_(list(texts)))
        .order_by(_Theme)
    )
    for text, theme in session.connection().execute(marked):
        found.setdefault(text, []).append(theme)
    return found


def _holds(word: str, like: str) -> Iterator[ColumnElement[bool]]:
    """That a text has the word (in small letters), in any case.

    What the database can fold itself is quick, and leaves few texts to be folded letter by letter.
    """
    signs = ((letter if letter.isascii() else "_", letter) for letter in word)
    pattern = "".join(f"/{letter}" if letter in "%_/" else sign for sign, letter in signs)
    yield getattr(_Text, like)(f"%{pattern}%", escape="/")
    if not word.isascii():
        folded: Any = _Text
        for upper, lower in _LETTERS:
            if lower in word:
                folded = func.replace(folded, upper, lower)
        yield func.lower(folded).contains(word, autoescape=True)
