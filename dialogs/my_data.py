"""«Mine opplysninger»: what is kept about the one who asks; to read, to take along, to delete.

It is made of the marks of the tables and the registry of storage/my_rows.py, so that a new table
shows up here by itself. Only the person's own is ever shown, also to somebody with a role.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dialogs.context import Commanded, Composing, Context, Opened, Pressed
from dialogs.handovers.handover_notices import empty_cards
from dialogs.messages import (
    Block,
    Button,
    CardReply,
    Download,
    Facts,
    Items,
    Paper,
    Paragraph,
    Reply,
)
from dialogs.withdrawing import update_cards
from dialogs.wording import Wording
from storage.database import Session
from storage.deletions import note_deletion
from storage.my_deletion import delete_mine, drafts_shared_by
from storage.my_rows import KINDS, Kind, count_mine, purposes_of, rows_about
from storage.people import RegisteredPerson, find_person
from storage.shared import versions_of, withdraw

ADDRESS = "mydata:all"


def show(context: Context, value: Mapping[str, Any]) -> list[Reply]:
    """What is kept, by kind: how many, what for, and when it goes; and the ways on."""
    wording, person = context.wording, _asking(context)
    counted = count_mine(context.session, person)
    there = [kind for kind in KINDS if counted[kind.name]]
    pairs = [
        (f"{_title(wording, kind)} ({counted[kind.name]})", _sentences(wording, kind)[0])
        for kind in there
    ]
    blocks: list[Block] = [Paragraph(wording.say("my_data_intro"))]
    if pairs:
        blocks.append(Facts(tuple(pairs)))
    else:
        blocks.append(Paragraph(wording.say("my_data_nothing")))
    blocks += [
        Paragraph(wording.say("my_data_anonymous_title"), "heading"),
        Paragraph(wording.say("my_data_anonymous")),
    ]
    buttons: list[Button | Download] = []
    if context.person is not None:
        blocks.append(Paragraph(wording.say("my_data_links"), "note"))
        buttons += _downloads(wording, context.person.key)
    if any(kind.fate != "kept" for kind in there):
        delete = {"verb": "my_data_delete"}
        buttons.append(Button(wording.say("my_data_delete"), delete, weight="danger"))
    title = wording.say("my_data_title")
    return [CardReply(title, tuple(blocks), tuple(buttons), context.language)]


def _downloads(wording: Wording, key: str) -> list[Download]:
    return [
        Download(wording.say("my_data_word"), ADDRESS, "docx", key),
        Download(wording.say("my_data_text"), ADDRESS, "txt", key),
        Download(wording.say("my_data_json"), ADDRESS, "json", key),
    ]


# Deleting


def delete(context: Context, value: Mapping[str, Any]) -> list[Reply]:
    """«Slett …»: what goes, what stays and why; and it is done when pressed again."""
    if value.get("sure") is not True:
        return [_ask_card(context)]
    person, wording = _asking(context), context.wording
    deleted = forget(context.session, person, context.now)
    note_deletion(context.session, person.key, "mine", context.now)
    turn = context.turn  # what this turn would write back of the memory
    turn.topic, turn.doing, turn.answers, turn.recent, turn.digest = None, None, [], [], ""
    gone = _listed(wording, deleted, "deleted")
    unnamed = _listed(wording, deleted, "unnamed")
    blocks: list[Block] = []
    if gone:
        blocks += [Paragraph(wording.say("my_data_is_deleted")), Items(gone)]
    if unnamed:
        blocks += [Paragraph(wording.say("my_data_is_unnamed")), Items(unnamed)]
    if not blocks:
        blocks.append(Paragraph(wording.say("my_data_deleted_before")))
    blocks.append(Paragraph(wording.say("my_data_deleted_after"), "note"))
    return [CardReply(wording.say("my_data_deleted_title"), tuple(blocks), (), context.language)]


def forget(session: Session, person: RegisteredPerson, now: datetime) -> dict[str, int]:
    """Withdraw what the person shares of their own, and delete what may go: how many, by kind."""
    for draft in drafts_shared_by(session, person):
        versions = versions_of(session, draft)
        withdraw(session, versions[-1].id, now)
        update_cards(session, versions, now)
    empty_cards(session, person, now)
    return delete_mine(session, person)


def keep(context: Context, value: Mapping[str, Any]) -> list[Reply]:
    """«Behold alt»."""
    return show(context, value)


def _ask_card(context: Context) -> CardReply:
    wording, person = context.wording, _asking(context)
    counted = count_mine(context.session, person)
    blocks: list[Block] = []
    for fate in ("deleted", "unnamed"):
        if listed := _listed(wording, counted, fate):
            blocks += [Paragraph(wording.say(f"my_data_will_be_{fate}")), Items(listed)]
    stays = [
        (_title(wording, kind), wording.say(f"my_data_why_{kind.name}"))
        for kind in KINDS
        if kind.fate == "kept" and counted[kind.name]
    ]
    if stays:
        blocks += [Paragraph(wording.say("my_data_stays"), "heading"), Facts(tuple(stays))]
    blocks += [
        Paragraph(wording.say("my_data_anonymous_title"), "heading"),
        Paragraph(wording.say("my_data_anonymous")),
        Paragraph(wording.say("my_data_teams"), "note"),
    ]
    sure = {"verb": "my_data_delete", "sure": True}
    return CardReply(
        wording.say("my_data_delete_title"),
        tuple(blocks),
        (
            Button(wording.say("my_data_delete_now"), sure, weight="danger"),
            Button(wording.say("my_data_keep"), {"verb": "my_data_keep"}),
        ),
        context.language,
    )


def _listed(wording: Wording, counted: Mapping[str, int], fate: str) -> tuple[str, ...]:
    return tuple(
        f"{_title(wording, kind)} ({counted[kind.name]})"
        for kind in KINDS
        if kind.fate == fate and counted.get(kind.name)
    )


# To take along


def paper(composing: Composing, rest: str) -> Paper | None:
    """Everything that is kept about the reader, to read; its `data` is the same for programs."""
    wording, person = composing.wording, composing.person
    found = rows_about(composing.session, person)
    blocks: list[Block] = [Paragraph(wording.say("my_data_paper_intro"))]
    labels: dict[str, str] = dict(wording.many("my_data_columns"))
    for kind in KINDS:
        if not found[kind.name]:
            continue
        heading = f"{_title(wording, kind)} ({len(found[kind.name])})"
        blocks.append(Paragraph(heading, "heading"))
        blocks += [Paragraph(one, "note") for one in _sentences(wording, kind)]
        for row in found[kind.name]:
            if "reader" in row and (reader := find_person(composing.session, row["reader"])):
                row["reader"] = reader.name
            pairs = ((labels[name], _as_text(value)) for name, value in row.items())
            blocks.append(Facts(tuple((label, text) for label, text in pairs if text)))
    blocks += [
        Paragraph(wording.say("my_data_anonymous_title"), "heading"),
        Paragraph(wording.say("my_data_anonymous")),
    ]
    data = {
        "person": person.key,
        "at": composing.now.isoformat(timespec="seconds"),
        "kept": {
            kind.name: {
                "table": kind.table.__tablename__,
                "purpose": [list(pair) for pair in purposes_of(kind)],
                "rows": found[kind.name],
            }
            for kind in KINDS
        },
    }
    byline = wording.say("my_data_byline", name=person.name, day=f"{composing.today:%d.%m.%Y}")
    return Paper(wording.say("my_data_title"), tuple(blocks), byline, (), composing.language, data)


def _as_text(value: Any) -> str:
    """A stored value as one can read it; "" for nothing."""
    if value is None or value in ("", [], {}):
        return ""
    if isinstance(value, bool):
        return "ja" if value else "nei"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _sentences(wording: Wording, kind: Kind) -> list[str]:
    """What the kind is for and when it goes, as the tables are marked, in the person's language."""
    marks: dict[str, str] = dict(wording.many("my_data_marks"))
    return [
        f"{marks.get(purpose, purpose)} {marks.get(retention, retention)}"
        for purpose, retention in purposes_of(kind)
    ]


def _title(wording: Wording, kind: Kind) -> str:
    return wording.say(f"my_data_kind_{kind.name}")


def _asking(context: Context) -> RegisteredPerson:
    """Who asks; of somebody who isn't in the register there is the conversation alone."""
    if context.person is not None:
        return context.person
    return RegisteredPerson(context.turn.sender.lower(), "", "", "")


def _by_name(context: Context, rest: str) -> list[Reply]:
    return show(context, {})


VERBS: dict[str, Pressed] = {
    "my_data": show,
    "my_data_delete": delete,
    "my_data_keep": keep,
}
COMMANDS: dict[str, Commanded] = dict.fromkeys(
    ("mine opplysninger", "mine opplysningar", "mine data"), _by_name
)
PAPERS: dict[str, Opened] = {"mydata": paper}
