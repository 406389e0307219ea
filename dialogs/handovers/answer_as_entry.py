"""«Gjør svaret til en veiviser»: what was answered to one becomes a draft that may answer others.

Nobody's name goes with it. The asker's words are there to begin with, and are the fagrådgiver's to
keep or to write anew. The form, and what may be kept, are those of «lær boten».
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import uuid4

from dialogs.access import may_teach
from dialogs.context import Context, Pressed
from dialogs.handovers.advisers import for_advisers
from dialogs.handovers.lines import first_words
from dialogs.learning.checks import LONGEST, LONGEST_ASK
from dialogs.learning.entry_form import entry_form
from dialogs.messages import Paragraph, Reply, TextReply
from dialogs.pressed import id_in
from storage.handovers import Handover, find_handover
from storage.people import RegisteredPerson


def form(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """The form, filled in from the question and the answer without names."""
    wording = context.wording
    handover = find_handover(context.session, id_in(value, "handover"))
    if handover is None or not may_become_entry(person, handover):
        return [TextReply(wording.say("handover_not_answered_by_you"))]
    asked = " ".join(_without_names(handover.question.split("\n\n")[0], handover).split())
    of_language = "_nn" if context.language == "nn" else ""
    filled = {
        f"title{of_language}": first_words(asked, LONGEST["title"]),
        f"text{of_language}": _without_names(handover.answer, handover)[: LONGEST["text"]],
        "owner": wording.say("handover_entry_by"),
        "asks": asked if len(asked) <= LONGEST_ASK else "",
    }
    card = entry_form(context, uuid4().hex, filled)
    intro = Paragraph(wording.say("handover_entry_intro"))
    return [replace(card, blocks=(intro, *card.blocks))]


def may_become_entry(person: RegisteredPerson, handover: Handover) -> bool:
    """Whether the person has answered it themselves, and may teach the bot."""
    answered = handover.answer and handover.state != "trukket"
    return bool(answered) and handover.assigned == person.key and may_teach(person)


def _without_names(text: str, handover: Handover) -> str:
    """The text without the names of who asked and who answered, whole or in part."""
    for name in (handover.asker_name, handover.assigned_name):
        parts = sorted((one for one in name.split() if len(one) > 2), key=len, reverse=True)
        for one in (name, *parts):
            if one:
                text = re.sub(rf"(?<!\w){re.escape(one)}s?(?!\w)", "…", text)  # also «Anes»
    return text


VERBS: dict[str, Pressed] = {"handover_entry": for_advisers(form)}
