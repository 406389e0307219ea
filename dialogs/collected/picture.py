"""«Refleksjoner»: the newest result as a card, with a picture and in words."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dialogs.access import is_school_owner, may_act_on_results
from dialogs.checkins.round_words import days_text, round_line, title_in
from dialogs.collected import charts, figures
from dialogs.collected.results import (
    WHOLE,
    Seen,
    is_named,
    read_texts,
    readable_by,
    rounds_seen_by,
    seen_by,
)
from dialogs.context import Commanded, Composing, Context, Opened, Pressed
from dialogs.messages import (
    Block,
    Button,
    CardReply,
    Choice,
    Items,
    PageLinks,
    Paper,
    Paragraph,
    Picture,
    Reply,
    TextReply,
)
from dialogs.pressed import id_in, registered
from dialogs.question_set import Question
from dialogs.reports import Group
from dialogs.wording import Wording
from storage.people import RegisteredPerson
from storage.rounds import Round

MOST_ROUNDS = 12  # to choose between on the card; the page has them all
FEW_TEXTS = 3
LONGEST_SHOWN = 300  # characters of a text on the card

Where = Context | Composing


def results(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """The result of the round that is chosen, or of the one that opened last."""
    rounds = rounds_seen_by(context.session, person)
    if not rounds:
        return [TextReply(context.wording.say("collected_nothing"))]
    wanted = id_in(value, "round") or rounds[0].id
    seen = seen_by(context.session, person, wanted)
    if seen is None:
        return [TextReply(context.wording.say("collected_not_there"))]
    # Another round than the one that was shown: the question was one of that.
    same = id_in(value, "shown") in ("", wanted)
    question = id_in(value, "question") if same else ""
    return [result_card(context, person, seen, question, rounds)]


def result_card(
    where: Where,
    person: RegisteredPerson,
    seen: Seen,
    question: str = "",
    rounds: Sequence[Round] = (),
) -> CardReply:
    """A result in the chat: one question as a picture and in words, some texts, and ways on."""
    wording = where.wording
    asked = seen.questions.questions(where.language)
    chosen = next((one for one in asked if one.id == question), asked[0] if asked else None)
    blocks: list[Block] = [Paragraph(when_and_who(where, person, seen), "note")]
    if seen.round.purpose:
        blocks.append(Paragraph(seen.round.purpose))
    if is_named(seen.round):
        link = wording.say("collected_named_link"), f"/side/navngitt/{seen.round.id}"
        blocks.append(PageLinks((link,)))
    elif chosen is None:
        blocks.append(Paragraph(wording.say("collected_no_numbers")))
    elif not any(figures.is_shown(f) for by in seen.report.figures.values() for f in by.values()):
        few = wording.say("collected_few", smallest=seen.report.smallest)
        blocks.append(Paragraph(few))
    else:
        blocks += _question(where, person, seen, chosen)
    blocks += _some_texts(where, person, seen)
    blocks += _choices(where, seen, chosen, [] if is_named(seen.round) else asked, rounds)
    blocks.append(PageLinks(((wording.say("collected_read_page"), path_of(seen)),)))
    return CardReply(
        title_in(where.language, seen.round),
        tuple(blocks),
        tuple(_buttons(wording, person, seen, any(isinstance(one, Choice) for one in blocks))),
        where.language,
    )


def path_of(seen: Seen) -> str:
    """Where the result is read on the page: a survey has its own picture."""
    first = "undersokelse" if seen.questions.kind == "undersøkelse" else "runder"
    return f"/side/{first}/{seen.round.id}"


def when_and_who(where: Where, person: RegisteredPerson, seen: Seen) -> str:
    """When the round was open and how many answered, in one line."""
    wording = where.wording
    said = [wording.say("collected_period", days=days_text(where, seen.round))]
    known = [
        wording.say("collected_response_one", group=group, rate=rate)
        for group, rate in figures.rates(wording, seen, person.unit)
    ]
    if known:
        said.append(wording.say("collected_response", rates=", ".join(known)))
    return ". ".join(said)


def _groups(person: RegisteredPerson, seen: Seen, question: Question) -> list[Group]:
    """What a card has room for: the whole, one's own school; for the skoleeierteam, the zones."""
    kinds = ("kommune", "sone") if is_school_owner(person) else ("kommune",)
    own = Group("skole", person.unit)
    there = [group for group, by in seen.report.figures.items() if question.id in by]
    wanted = [group for group in there if group.kind in kinds or group == own]
    return figures.in_order(seen, wanted, person.unit)


def _question(
    where: Where, person: RegisteredPerson, seen: Seen, question: Question
) -> Iterator[Block]:
    wording, groups = where.wording, _groups(person, seen, question)
    chart = charts.shares(wording, seen, question, groups)
    yield Paragraph(question.text, "heading")
    if said := figures.ends(wording, question):
        yield Paragraph(said, "note")
    if any(row.parts for row in chart.rows):
        yield Picture(f"result:{seen.round.id}:{question.id}", person.key, chart.alt)
    lines = [
        f"{row.label}: {figures.in_words(wording, question, figure)}"
        for group, row in zip(groups, chart.rows, strict=True)
        if (figure := figures.figure_of(seen, group, question.id)) is not None
    ]
    yield Items(tuple(lines))
    if any(row.note for row in chart.rows):
        yield Paragraph(figures.withheld(wording, seen.report.smallest), "note")


def _some_texts(where: Where, person: RegisteredPerson, seen: Seen) -> Iterator[Block]:
    readable = readable_by(where.session, person, seen)
    if not readable.counts:
        return
    wording, question = where.wording, next(iter(readable.counts))
    step = seen.questions.find(question)
    asked = step.heading(where.language) if step else question
    yield Paragraph(wording.say("collected_texts", question=asked), "heading")
    for text in read_texts(where.session, readable, question=question, limit=FEW_TEXTS)[0]:
        yield Paragraph(_text(wording, text.text, text.unit), "quote")
    every = wording.say("collected_texts_all", count=sum(readable.counts.values()))
    yield PageLinks(((every, f"/side/tekster/{seen.round.id}"),))


def _text(wording: Wording, text: str, unit: str) -> str:
    short = text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1].rstrip() + "…"
    return wording.say("collected_text_unit", text=short, unit=unit) if unit else short


def _choices(
    where: Where,
    seen: Seen,
    chosen: Question | None,
    asked: Sequence[Question],
    rounds: Sequence[Round],
) -> Iterator[Block]:
    wording = where.wording
    if chosen is not None and len(asked) > 1:
        options = tuple((one.id, one.text) for one in asked)
        label = wording.say("collected_choose_question")
        yield Choice("question", label, options, required=False, value=chosen.id)
    if len(rounds) > 1:
        newest = list(rounds[:MOST_ROUNDS])
        if all(one.id != seen.round.id for one in newest):
            newest.append(seen.round)
        options = tuple((one.id, round_line(where, one)) for one in newest)
        label = wording.say("collected_choose_round")
        yield Choice("round", label, options, required=False, value=seen.round.id)


def _buttons(
    wording: Wording, person: RegisteredPerson, seen: Seen, chooses: bool
) -> Iterator[Button]:
    if chooses:
        show = {"verb": "results", "shown": seen.round.id}
        yield Button(wording.say("collected_show"), show, weight="main")
    yield Button(wording.say("collected_open_page"), {"verb": "page_open"}, sends_inputs=False)
    yield from acting_buttons(wording, person, seen)


def acting_buttons(wording: Wording, person: RegisteredPerson, seen: Seen) -> Iterator[Button]:
    """What the person may do with the result: say what is done about it, share the school's."""
    unit = acts_for(person, seen.round, seen.questions.finest)
    if unit is None:
        return
    about = {"round": seen.round.id}
    follow_up = {"verb": "follow_up", **about}
    yield Button(wording.say("collected_follow_up"), follow_up, sends_inputs=False)
    of_school = WHOLE if seen.round.unit else Group("skole", unit)
    if unit and of_school in seen.report.figures and unit not in seen.sharing:
        share = {"verb": "result_share", **about}
        yield Button(wording.say("collected_share"), share, sends_inputs=False)


def acts_for(person: RegisteredPerson, round: Round, finest: str) -> str | None:
    """The school that the person may act for in a round, "" for the kommune; None for none."""
    if not round.unit and may_act_on_results(person, ""):
        return ""
    of_school = round.unit or (person.unit if finest == "skole" else "")
    return of_school if of_school and may_act_on_results(person, of_school) else None


def _asked(context: Context, rest: str) -> list[Reply]:
    return VERBS["results"](context, {})


def _result(composing: Composing, rest: str) -> Paper | None:
    """The picture of a card: one question of a round, as the person sees it."""
    round, _, id = rest.rpartition(":")
    seen = seen_by(composing.session, composing.person, round)
    if seen is None:
        return None
    asked = seen.questions.questions(composing.language)
    question = next((one for one in asked if one.id == id), None)
    if question is None:
        return None
    groups = _groups(composing.person, seen, question)
    chart = charts.shares(composing.wording, seen, question, groups)
    return Paper(title_in(composing.language, seen.round), (chart,), language=composing.language)


VERBS: dict[str, Pressed] = {"results": registered(results)}
COMMANDS: dict[str, Commanded] = {
    "refleksjoner": _asked,
    "refleksjonar": _asked,
    "resultater": _asked,
    "resultat": _asked,
}
PAPERS: dict[str, Opened] = {"result": _result}
