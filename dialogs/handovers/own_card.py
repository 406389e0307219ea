"""A question as the one who asked sees it: how far it has come, the answer, and the ways on."""

from dialogs.handovers.lines import Where, age
from dialogs.messages import Block, Button, CardReply, Paragraph
from storage.handovers import Handover


def own_card(where: Where, handover: Handover) -> CardReply:
    """The question, its answer, and the buttons that the state allows."""
    wording, carried = where.wording, {"handover": handover.id}
    blocks: list[Block] = [
        Paragraph(wording.say("handover_you_asked", age=age(where, handover.at)), "note"),
        Paragraph(handover.question, "quote"),
    ]
    if handover.answer:
        answered = wording.say("handover_answered_by", name=handover.assigned_name)
        blocks += [Paragraph(answered, "heading"), Paragraph(handover.answer)]
    blocks.append(Paragraph(state_of(where, handover), "note"))
    buttons: tuple[Button, ...] = ()
    if handover.is_open:
        withdraw = {"verb": "handover_withdraw", **carried}
        buttons = (Button(wording.say("handover_withdraw"), withdraw, weight="danger"),)
    elif handover.state == "besvart":
        thanks = {"verb": "handover_thanks", **carried}
        wonder = {"verb": "handover_wonder", **carried}
        buttons = (
            Button(wording.say("handover_thanks"), thanks, weight="main"),
            Button(wording.say("handover_wonder"), wonder),
        )
    answered_now = handover.state == "besvart"
    title = wording.say("handover_answer_title" if answered_now else "handover_own_title")
    return CardReply(title, tuple(blocks), buttons, where.language)


def state_of(where: Where, handover: Handover) -> str:
    """How far it has come, in a sentence to the one who asked."""
    key = f"handover_state_{handover.state}"
    return where.wording.say(key, name=handover.assigned_name)
