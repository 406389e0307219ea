"""Who is in the register and not in the directory any more, for an administrator to decide on."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from dialogs.access import may_keep_register
from dialogs.checkins.round_planning import plan_rounds
from dialogs.context import OSLO, Commanded, Composing, Context, Noticed, Pressed
from dialogs.directory.people_of_groups import Problem
from dialogs.directory.register_sync import doubts_about_removing
from dialogs.directory.removal_notices import REMOVALS, UNREAD
from dialogs.meetings.planning import plan_all
from dialogs.messages import Block, Button, CardReply, Items, Paragraph, Reply, TextReply
from dialogs.notices import Later
from dialogs.pressed import Handler, id_in, number_in, registered
from dialogs.wording import Wording
from storage.audit import record
from storage.database import Session
from storage.directory import last_sync, note_removals, pending_removals
from storage.people import RegisteredPerson, remove_people

A_PAGE = 15
READ_REMOVALS = "hvem som går ut av registeret"  # in the audit log


def problem_text(wording: Wording, problem: Problem) -> str:
    """What is odd and what to do about it, in one or two sentences."""
    return wording.say(f"directory_problem_{problem.kind}", **problem.values)


# Asked for, and pressed


def show(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """«katalogen»: when the groups were last read, and, a page at a time, who isn't in them."""
    wording, session = context.wording, context.session
    if not may_keep_register(person):
        return [TextReply(wording.say("directory_not_yours"))]
    people = pending_removals(session)
    last = last_sync(session)
    said = Paragraph(
        wording.say("directory_last", at=_moment(last)) if last else wording.say("directory_never")
    )
    if not people:
        nobody = Paragraph(wording.say("directory_nobody"))
        blocks = (said, nobody) if last else (said,)
        return [CardReply(wording.say("directory_title"), blocks, (), context.language)]
    record(session, context.now, person.key, READ_REMOVALS, "people")
    return [_card(session, wording, people, number_in(value, "page"), said)]


def remove(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """Let those leave who were on the list that was pressed; of many, it is asked once more."""
    wording, session = context.wording, context.session
    if not may_keep_register(person):
        return [TextReply(wording.say("directory_not_yours"))]
    people = pending_removals(session)
    if not people:
        return [TextReply(wording.say("directory_nobody"))]
    if id_in(value, "list") != _name_of(people):
        record(session, context.now, person.key, READ_REMOVALS, "people")
        changed = Paragraph(wording.say("directory_changed"), "error")
        return [_card(session, wording, people, 0, changed)]
    doubts = doubts_about_removing(session)
    if doubts and value.get("sure") is not True:
        return [_doubting(wording, people, doubts)]
    keys = {one.key for one in people} - {person.key}  # nobody shuts themselves out
    gone = remove_people(session, keys, context.now)
    note_removals(session, [one.key for one in pending_removals(session)], context.now)
    plan_all(session, context.sending, context.now)
    plan_rounds(session, context.sending, context.now)
    text = wording.say("directory_removed", count=len(gone)) if gone else ""
    if len(keys) < len(people):
        text = f"{text}\n\n{wording.say('directory_yourself')}".strip()
    return [TextReply(text)]


def wait(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """They stay as they are."""
    key = "directory_waits" if may_keep_register(person) else "directory_not_yours"
    return [TextReply(context.wording.say(key))]


def _card(
    session: Session,
    wording: Wording,
    people: Sequence[RegisteredPerson],
    page: int,
    *first: Block,
) -> CardReply:
    """The names, a page of them, and what to do."""
    pages = (len(people) + A_PAGE - 1) // A_PAGE
    page = min(page, pages - 1)
    doubts = [problem_text(wording, one) for one in doubts_about_removing(session)]
    blocks: list[Block] = [
        *first,
        Paragraph(wording.say("directory_gone", count=len(people))),
        *(Paragraph(one, "error") for one in doubts),
        Items(tuple(_named(one) for one in people[page * A_PAGE :][:A_PAGE])),
    ]
    if pages > 1:
        at = wording.say("directory_page", page=page + 1, pages=pages)
        blocks.append(Paragraph(at, "note"))
    blocks.append(Paragraph(wording.say("directory_consequence"), "note"))
    turned = tuple(
        _button(wording, key, "directory_removals", page=to)
        for key, to in (("directory_before", page - 1), ("directory_after", page + 1))
        if 0 <= to < pages
    )
    return CardReply(
        wording.say("directory_removals_title", count=len(people)),
        tuple(blocks),
        (
            *turned,
            _button(wording, "directory_remove", "directory_remove", list=_name_of(people)),
            _button(wording, "directory_wait", "directory_wait"),
        ),
        wording.language,
    )


def _doubting(
    wording: Wording, people: Sequence[RegisteredPerson], doubts: Sequence[Problem]
) -> CardReply:
    told = tuple(Paragraph(problem_text(wording, one), "error") for one in doubts)
    title = wording.say("directory_sure", count=len(people))
    sure = {"verb": "directory_remove", "list": _name_of(people), "sure": True}
    return CardReply(
        wording.say("directory_sure_title"),
        (*told, Paragraph(wording.say("directory_sure_text"))),
        (
            Button(title, sure, sends_inputs=False, weight="danger"),
            _button(wording, "directory_wait", "directory_wait"),
        ),
        wording.language,
    )


def _button(wording: Wording, key: str, verb: str, **carried: Any) -> Button:
    return Button(wording.say(key), {"verb": verb, **carried}, sends_inputs=False)


def _name_of(people: Sequence[RegisteredPerson]) -> str:
    """Stands for who is on the list, so that a button of an old card acts on nobody else."""
    keys = "\n".join(sorted(one.key for one in people))
    return hashlib.sha256(keys.encode()).hexdigest()[:32]


def _named(person: RegisteredPerson) -> str:
    return ", ".join(part for part in (person.name, person.role, person.unit) if part)


def _moment(at: datetime) -> str:
    return f"{at.astimezone(OSLO):%d.%m.%Y kl. %H.%M}"


# Sent


def removals_notice(composing: Composing, about: Mapping[str, Any]) -> Reply | Later | None:
    """Who is on their way out now; None when nobody is, or it is no longer theirs to know."""
    if not may_keep_register(composing.person):
        return None
    people = pending_removals(composing.session)
    if not people:
        return None
    if composing.later is not None:
        return composing.later
    record(composing.session, composing.now, composing.person.key, READ_REMOVALS, "people")
    why = Paragraph(composing.wording.say("directory_why"), "note")
    return _card(composing.session, composing.wording, people, 0, why)


def unread_notice(composing: Composing, about: Mapping[str, Any]) -> Reply | Later | None:
    """Which groups can't be read, and what to do about each."""
    if not may_keep_register(composing.person):
        return None
    if composing.later is not None:
        return composing.later
    wording = composing.wording
    lines = [
        problem_text(wording, Problem(f"unread_{why}", {"group": name}))
        for name, why in about.get("groups", ())
    ]
    blocks = (
        Paragraph(wording.say("directory_unread_text")),
        Items(tuple(lines)),
        Paragraph(wording.say("directory_why"), "note"),
    )
    return CardReply(wording.say("directory_unread_title"), blocks, (), composing.language)


def _asked(context: Context, rest: str) -> list[Reply]:
    return VERBS["directory_removals"](context, {})


_HANDLERS: Mapping[str, Handler] = {
    "directory_removals": show,
    "directory_remove": remove,
    "directory_wait": wait,
}
VERBS: dict[str, Pressed] = {verb: registered(handler) for verb, handler in _HANDLERS.items()}
COMMANDS: dict[str, Commanded] = dict.fromkeys(("katalogen", "katalog"), _asked)
NOTICES: dict[str, Noticed] = {REMOVALS: removals_notice, UNREAD: unread_notice}
