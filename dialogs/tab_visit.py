"""Who comes by the tab in Teams: their role, and what somebody outside the register may do there.

Everybody in the kommune may ask the plan. Nothing of a question asked on the page is kept.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from dialogs import promises
from dialogs.collected.menu import menu_for, trail_for
from dialogs.context import Composing, Context, Paged, Pressed
from dialogs.messages import (
    Block,
    Button,
    CardReply,
    Language,
    Page,
    Paragraph,
    Reply,
    TextInput,
)
from dialogs.pressed import text_in
from dialogs.questions import LONGEST_QUESTION, respond
from dialogs.wording import Wording, read_wordings

ASK_PATH = "spor"
STRANGER_VERB = "page_ask"  # the only button that somebody outside the register may press

# App role of Entra's -> role of the register. Only those that need no unit: a rektor or lærer
# without a school could do nothing, and a token doesn't say which school it would be. The first
# that a person has is theirs.
APP_ROLES = {
    "skoleeierteam": "skoleeierteam",
    "fagrådgiver": "fagrådgiver",
    "fagradgiver": "fagrådgiver",
    "administrator": "administrator",
    "tillitsvalgt": "tillitsvalgt",
}


def role_in(app_roles: Sequence[str]) -> str | None:
    """The role of the register that these app roles give; None for none."""
    theirs = {role.casefold() for role in app_roles}
    return next((role for name, role in APP_ROLES.items() if name in theirs), None)


def stranger_page(path: str, language: Language) -> Page | None:
    """What somebody outside the register is shown: the page to ask on, and nothing else."""
    if path.strip("/") != ASK_PATH:
        return None
    wording = read_wordings()[language]
    return Page(
        wording.say("tab_ask_title"),
        (
            CardReply(
                wording.say("tab_stranger_title"),
                (Paragraph(wording.say("tab_stranger")),),
                language=language,
            ),
            _form(wording),
        ),
        language=language,
    )


def _page(composing: Composing, rest: str, query: Mapping[str, str]) -> Page | None:
    if rest:
        return None
    wording = composing.wording
    return Page(
        wording.say("tab_ask_title"),
        (_form(wording),),
        menu=menu_for(wording, composing.person),
        trail=trail_for(wording),
        language=wording.language,
    )


def _form(wording: Wording, question: str = "", *problems: Block) -> CardReply:
    return CardReply(
        wording.say("tab_ask_form"),
        (
            *problems,
            TextInput("question", wording.say("tab_ask_label"), question, longest=LONGEST_QUESTION),
            Paragraph(wording.say("tab_ask_note"), "note"),
        ),
        (Button(wording.say("tab_ask_button"), {"verb": STRANGER_VERB}, weight="main"),),
        wording.language,
    )


def _ask(context: Context, value: Mapping[str, Any]) -> list[Reply]:
    """The answer that the chat would give, and the form with the question to ask it otherwise."""
    wording, question = context.wording, text_in(value, "question")
    if not question:
        return [_form(wording, "", Paragraph(wording.say("tab_ask_empty"), "error"))]
    standing = partial(promises.promises_now, context.session)
    answered = respond(context.library, context.contacts, wording, question, standing=standing)
    if answered.guarded:
        context.turn.digest = ""  # not even a trace that guesses could be held against
        question = ""
    return [answered.reply, _form(wording, question[:LONGEST_QUESTION])]


PAGES: dict[str, Paged] = {ASK_PATH: _page}
VERBS: dict[str, Pressed] = {STRANGER_VERB: _ask}
PAGE_VERBS = frozenset({STRANGER_VERB})
