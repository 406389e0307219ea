"""The fagrådgiver's answer: a field, and what the documents say nearest, to quote from.

The card carries the revision of the question that it shows. Who comes too late, or answers what has
changed since, is told so and keeps what they wrote.
"""

from collections.abc import Mapping
from typing import Any

from dialogs import guard
from dialogs.context import Context, Pressed
from dialogs.handovers.advisers import advisers_but, for_advisers
from dialogs.handovers.answer_as_entry import may_become_entry
from dialogs.handovers.handover_notices import change_cards, desk_button, tell_asker
from dialogs.handovers.lines import asked_blocks, first_words
from dialogs.messages import Block, Button, CardReply, Choice, Paragraph, Reply, TextInput
from dialogs.pressed import id_in, number_in, text_in
from dialogs.questions import LONGEST_QUESTION, quotation, warning_line
from knowledge.answers import Beside, Found, find_answer
from knowledge.library import Library
from knowledge.quotes import Quote, quote_of
from knowledge.search import read_question, search
from knowledge.veiviser import VEIVISER
from storage.handovers import Handover, change_handover, find_handover
from storage.people import RegisteredPerson

LONGEST_ANSWER = 2_000  # as written; a quotation comes beside
LONGEST_KEPT = 3_000  # of what is written nevertheless: a field of Teams stops before
LOOKED_AT, NEAREST, SHOWN = 12, 5, 3
LONGEST_SHOWN = 400  # of a passage on the card; all of the quotation goes with the answer
LONGEST_EARLIER = 800  # of what was answered before
LONGEST_OPTION = 100
NO_PASSAGE = "-"  # Teams wants a value for every choice


def answer_card(
    context: Context,
    handover: Handover,
    *,
    text: str = "",
    passage: str = "",
    error: str = "",
) -> CardReply:
    """The question, what the documents say nearest, and the field to answer in."""
    wording, carried = context.wording, {"handover": handover.id}
    found = nearest(context.library, handover.question)
    blocks: list[Block] = [
        *asked_blocks(context, handover, LONGEST_EARLIER),
        *_what_the_bot_says(context, handover),
    ]
    for number, quote in enumerate(found[:SHOWN], start=1):
        blocks.append(Paragraph(f"{number}. {_source(quote)}", "note"))
        blocks.append(Paragraph(first_words(quotation(quote), LONGEST_SHOWN)))
    if error:
        blocks.append(Paragraph(error, "error"))
    blocks.append(
        TextInput(
            "text",
            wording.say("handover_answer_label"),
            text,
            wording.say("handover_answer_nothing"),
            LONGEST_ANSWER,
            required=False,  # a passage alone may be the answer
        )
    )
    if found:
        options = tuple(
            (one.passage.id, first_words(_option(number, one), LONGEST_OPTION))
            for number, one in enumerate(found, start=1)
        )
        none = (NO_PASSAGE, wording.say("handover_no_passage"))
        chosen = passage if passage in {one.passage.id for one in found} else NO_PASSAGE
        label = wording.say("handover_passage_label")
        blocks.append(Choice("passage", label, (none, *options), required=False, value=chosen))
    blocks.append(Paragraph(wording.say("handover_answer_note"), "note"))
    send = {"verb": "handover_answer", **carried, "base": handover.revision}
    buttons = [Button(wording.say("handover_answer_send"), send, weight="main")]
    back = {"verb": "handover_give_back", **carried}
    buttons.append(Button(wording.say("handover_give_back"), back, sends_inputs=False))
    if len(advisers_but(context.session, handover.asker)) > 1:
        give = {"verb": "handover_pass", **carried}
        buttons.append(Button(wording.say("handover_pass"), give, sends_inputs=False))
    title = wording.say("handover_answer_to", name=handover.asker_name)
    return CardReply(title, tuple(blocks), tuple(buttons), context.language)


def send(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """Send the answer to who asked."""
    wording, text = context.wording, text_in(value, "text")
    handover = find_handover(context.session, id_in(value, "handover"), lock=True)
    if handover is None or handover.asker == person.key:
        return [_too_late(context, wording.say("handover_gone"), text)]
    if handover.state == "trukket":
        return [_too_late(context, wording.say("handover_was_withdrawn"), text)]
    if handover.state == "ny":
        return [_too_late(context, wording.say("handover_not_taken"), text, handover)]
    if handover.assigned != person.key:
        key = "handover_taken_meanwhile" if handover.is_open else "handover_answered_meanwhile"
        return [_too_late(context, wording.say(key, name=handover.assigned_name), text)]
    passage = id_in(value, "passage")
    passage = "" if passage == NO_PASSAGE else passage
    answer = _with_quotation(context, handover, text, passage)
    if handover.state != "tildelt":
        if answer == handover.answer:
            return [answered_card(context, handover)]
        return [_too_late(context, wording.say("handover_answered_by_you"), text)]
    if error := _wrong(context, handover, text, passage, number_in(value, "base")):
        context.turn.digest = ""  # the text may be what must not leave a trace
        kept = text[:LONGEST_KEPT]
        return [answer_card(context, handover, text=kept, passage=passage, error=error)]
    done = change_handover(
        context.session,
        handover,
        state="besvart",
        answer=answer,
        assigned_name=person.name,
        answered_at=context.now,
    )
    tell_asker(context.session, context.sending, done, context.now)
    change_cards(context.session, done, context.now)
    return [answered_card(context, done)]


def answered_card(context: Context, handover: Handover) -> CardReply:
    """What has been sent; and that others who ask the same can be answered with it."""
    wording = context.wording
    buttons = [desk_button(context)]
    if context.person is not None and may_become_entry(context.person, handover):
        entry = {"verb": "handover_entry", "handover": handover.id}
        buttons.insert(0, Button(wording.say("handover_to_entry"), entry))
    return CardReply(
        wording.say("handover_answered_title", name=handover.asker_name),
        (
            *asked_blocks(context, handover),
            Paragraph(wording.say("handover_answered_note"), "note"),
        ),
        tuple(buttons),
        context.language,
    )


def nearest(library: Library, question: str) -> list[Quote]:
    """The nearest passages of the documents, best first, each as it would be quoted."""
    query = read_question(library, question[:LONGEST_QUESTION])
    hits = search(library, query, LOOKED_AT)
    found = [hit.passage for hit in hits if hit.passage.document.id != VEIVISER]
    return [quote_of(query, passage) for passage in found[:NEAREST]]


def _what_the_bot_says(context: Context, handover: Handover) -> list[Block]:
    wording = context.wording
    heading = Paragraph(wording.say("handover_bot_title"), "heading")
    match find_answer(context.library, handover.question[:LONGEST_QUESTION]):
        case Found():
            return [heading, Paragraph(wording.say("handover_bot_found"))]
        case Beside(entry=id):
            entry = context.library.veiviser[id]
            text = entry.text_nn if context.language == "nn" else entry.text
            said = wording.say("handover_bot_beside", text=text)
            return [heading, Paragraph(said)]
    return [heading, Paragraph(wording.say("handover_bot_nothing"))]


def _option(number: int, quote: Quote) -> str:
    # A document of the kommune's own may have no headings at all.
    where = quote.section.path[-1] if quote.section.path else quote.document.short
    return f"{number}. {where}: {quotation(quote)}"


def _source(quote: Quote) -> str:
    return " › ".join((quote.document.short, *quote.section.path))


def _with_quotation(context: Context, handover: Handover, text: str, passage: str) -> str:
    """The answer as it is kept: what was written, and the passage with its source."""
    found = context.library.by_id.get(passage)
    if found is None or found.document.id == VEIVISER:
        return text
    query = read_question(context.library, handover.question[:LONGEST_QUESTION])
    quote = quote_of(query, found)
    warning = warning_line(context.wording, quote, context.library.kommune)
    return "\n\n".join(filter(None, (text, warning, f"{quotation(quote)}\n{_source(quote)}")))


def _wrong(context: Context, handover: Handover, text: str, passage: str, base: int) -> str:
    """What is wrong with an answer, in a sentence; "" for nothing."""
    wording = context.wording
    if base != handover.revision:
        return wording.say("handover_changed")
    if passage and passage not in context.library.by_id:
        return wording.say("handover_passage_gone")
    if not text and not passage:
        return wording.say("handover_answer_nothing")
    if len(text) > LONGEST_ANSWER:
        return wording.say("handover_too_long", count=len(text), most=LONGEST_ANSWER)
    if guard.find(text) is not None:
        return wording.say("handover_answer_guarded")
    return ""


def _too_late(
    context: Context, said: str, text: str, handover: Handover | None = None
) -> CardReply:
    """Why the answer wasn't sent, and what was written, to be used elsewhere."""
    wording = context.wording
    blocks: list[Block] = [Paragraph(said)]
    if text:
        kept = text[:LONGEST_KEPT]
        blocks += [
            Paragraph(wording.say("handover_you_wrote"), "heading"),
            Paragraph(kept, "quote"),
        ]
    buttons = [desk_button(context)]
    if handover is not None:
        take = {"verb": "handover_take", "handover": handover.id}
        buttons.insert(0, Button(wording.say("handover_take"), take, weight="main"))
    title = wording.say("handover_not_answered")
    return CardReply(title, tuple(blocks), tuple(buttons), context.language)


VERBS: dict[str, Pressed] = {"handover_answer": for_advisers(send)}
