"""What colleagues say of what is shared: comments and «nyttig»; and telling the authors."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any
from uuid import uuid4

from dialogs import guard
from dialogs.context import OSLO, Composing, Context, Noticed, Pressed
from dialogs.messages import Button, CardReply, Paragraph, Reply, TextInput, TextReply
from dialogs.notices import Later
from dialogs.pressed import id_in, new_id_in, registered, text_in
from dialogs.questions import guarded
from dialogs.shared_version import read_card, readable
from storage.drafts import answers_of
from storage.outbox import queue
from storage.people import RegisteredPerson
from storage.shared import (
    Version,
    add_comment,
    comments_of,
    delete_comment,
    mark_useful,
    useful_count,
)

LONGEST_COMMENT = 1_000
LONGEST_KEPT = 3_000  # of what is too long, what a card has room to give back
# Authors are told once a day, of all that has come since, on a day when they are at work.
TOLD_AT = time(15)
LATEST_AFTER = timedelta(days=3)


def comment_ask(
    context: Context, person: RegisteredPerson, value: Mapping[str, Any]
) -> list[Reply]:
    """A card to write a comment on."""
    version = readable(context.session, person, id_in(value, "version"))
    if version is None:
        return [TextReply(context.wording.say("shared_gone"))]
    return [_comment_card(context, version, uuid4().hex)]


def comment(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """Keep the comment, unless it is empty, too long, or something that must not be kept."""
    wording, text = context.wording, text_in(value, "text")
    version = readable(context.session, person, id_in(value, "version"))
    if version is None:
        return [TextReply(wording.say("shared_gone"))]
    id = new_id_in(value, "id")
    if not id:
        return [TextReply(wording.say("old_button"))]
    count, text = len(text), text[:LONGEST_KEPT]
    if finding := guard.find(text):
        context.turn.digest = ""  # not even a trace that guesses could be held against
        return [TextReply(guarded(context.contacts, wording, finding))]
    if not text:
        return [_comment_card(context, version, id, "", wording.say("comment_empty"))]
    if count > LONGEST_COMMENT:
        error = wording.say("comment_long", count=count, longest=LONGEST_COMMENT)
        return [_comment_card(context, version, id, text, error)]
    _tell_authors(context, person, version)
    add_comment(
        context.session,
        version.id,
        id=id,
        person_key=person.key,
        person_name=person.name,
        unit=person.unit,
        text=text,
        at=context.now,
    )
    return [read_card(context, person, version, wording.say("comment_done"))]


def comment_delete(
    context: Context, person: RegisteredPerson, value: Mapping[str, Any]
) -> list[Reply]:
    """Delete one's own comment; nobody else's."""
    wording = context.wording
    deleted = delete_comment(context.session, id_in(value, "id"), person.key)
    said = wording.say("comment_deleted" if deleted else "comment_not_yours")
    version = readable(context.session, person, id_in(value, "version"))
    if version is None:
        return [TextReply(said)]
    return [read_card(context, person, version, said)]


def useful(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """Note that the person found it useful, once."""
    wording = context.wording
    version = readable(context.session, person, id_in(value, "version"))
    if version is None:
        return [TextReply(wording.say("shared_gone"))]
    before = useful_count(context.session, version.draft)
    if not mark_useful(context.session, version.draft, person.key):
        return [TextReply(wording.say("useful_already", title=version.title))]
    _tell_authors(context, person, version, useful=before)
    return [TextReply(wording.say("useful_done", title=version.title, count=before + 1))]


def comment_notice(composing: Composing, about: Mapping[str, Any]) -> Reply | Later | None:
    """To an author: who has commented since, and how many more find it useful."""
    wording, person = composing.wording, composing.person
    version = readable(composing.session, person, str(about["version"]))
    if version is None:
        return None
    if composing.later is not None:
        return composing.later
    since = datetime.fromisoformat(str(about["since"]))
    new = [
        one
        for one in comments_of(composing.session, version.draft)
        if one.at >= since and one.person_key != person.key
    ]
    more = useful_count(composing.session, version.draft) - int(about["useful"])
    said = []
    if new:
        by = {one.person_key: _who(one.person_name, one.unit) for one in new}
        key = "comment_notice_one" if len(new) == 1 else "comment_notice_many"
        said.append(wording.say(key, count=len(new), names=", ".join(by.values())))
    if more > 0:
        said.append(wording.say("useful_notice_one" if more == 1 else "useful_notice", count=more))
    if not said:
        return None
    read = {"verb": "shared_read", "version": version.id}
    return CardReply(
        wording.say("comment_notice_title", title=version.title),
        tuple(Paragraph(line) for line in said),
        (Button(wording.say("shared_read"), read, weight="main"),),
        composing.language,
        f"version:{version.id}",
    )


def _comment_card(
    context: Context, version: Version, id: str, text: str = "", error: str = ""
) -> CardReply:
    wording = context.wording
    field = TextInput(
        "text", wording.say("comment_label"), text, wording.say("comment_empty"), LONGEST_COMMENT
    )
    wrong = (Paragraph(error, "error"),) if error else ()
    return CardReply(
        wording.say("comment_title", title=version.title),
        (
            Paragraph(wording.say(f"comment_readers_{version.audience}")),
            Paragraph(wording.say("comment_note"), "note"),
            *wrong,
            field,
        ),
        (
            Button(
                wording.say("comment_button"),
                {"verb": "comment", "version": version.id, "id": id},
                weight="main",
            ),
            Button(
                wording.say("comment_back"),
                {"verb": "shared_read", "version": version.id},
                sends_inputs=False,
            ),
        ),
        context.language,
        f"version:{version.id}",
    )


def _tell_authors(
    context: Context, person: RegisteredPerson, version: Version, useful: int | None = None
) -> None:
    """Queue one notice a day and version to those who wrote or shared it.

    The first of the day notes from when on there is news, and how many found it useful before.
    """
    if useful is None:
        useful = useful_count(context.session, version.draft)
    authors = {one.author for one in answers_of(context.session, version.draft).values()}
    due = _next_telling(context.now)
    for author in sorted({*authors, version.shared_by} - {person.key, ""}):
        queue(
            context.session,
            person=author,
            reason="comment",
            occasion=f"{version.id} {due:%Y-%m-%d}",
            about={"version": version.id, "since": context.now.isoformat(), "useful": useful},
            due=due,
            latest=context.sending.next(due) + LATEST_AFTER,
        )


def _next_telling(now: datetime) -> datetime:
    """The next time that authors are told: in the afternoon, Monday to Friday."""
    here = now.astimezone(OSLO)
    day = here.date() if here.time() < TOLD_AT else here.date() + timedelta(days=1)
    while day.weekday() >= 5:
        day += timedelta(days=1)
    return datetime.combine(day, TOLD_AT, OSLO)


def _who(name: str, unit: str) -> str:
    return f"{name} ({unit})" if unit else name


VERBS: dict[str, Pressed] = {
    "comment_ask": registered(comment_ask),
    "comment": registered(comment),
    "comment_delete": registered(comment_delete),
    "useful": registered(useful),
}
# Comments and «nyttig» come in the same notice.
NOTICES: dict[str, Noticed] = {"comment": comment_notice}
