"""One version of what is shared, as it is read, with what colleagues have said under it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from dialogs.access import reader
from dialogs.context import OSLO, Context, Pressed
from dialogs.deputy import can_share
from dialogs.messages import (
    Block,
    Button,
    CardReply,
    Choice,
    Download,
    Paragraph,
    Reply,
    TextReply,
)
from dialogs.papers import on_card, paper_from
from dialogs.pressed import id_in, registered
from dialogs.wording import Wording
from storage.database import Session
from storage.people import RegisteredPerson
from storage.shared import (
    Comment,
    Version,
    comments_of,
    find_shared,
    useful_count,
    versions_of,
)


def shared_read(
    context: Context, person: RegisteredPerson, value: Mapping[str, Any]
) -> list[Reply]:
    """One version, with what colleagues have said."""
    version = readable(context.session, person, id_in(value, "version"))
    if version is None:
        return [TextReply(context.wording.say("shared_gone"))]
    return [read_card(context, person, version)]


def readable(session: Session, person: RegisteredPerson, id: str) -> Version | None:
    """The version, if the person may read it now. An old one is for those who read the newest."""
    return find_shared(session, id, reader(person)) if id else None


def _versions(session: Session, person: RegisteredPerson, version: Version) -> list[Version]:
    """All of the same draft that the person may read, newest first."""
    all_of_it = (readable(session, person, one.id) for one in versions_of(session, version.draft))
    shared = [one for one in all_of_it if one is not None]
    return sorted(shared, key=lambda one: one.number, reverse=True)


def earlier_versions(
    context: Context, person: RegisteredPerson, value: Mapping[str, Any]
) -> list[Reply]:
    """Every version of what somebody reads, to choose among."""
    wording = context.wording
    version = readable(context.session, person, id_in(value, "version"))
    if version is None:
        return [TextReply(wording.say("shared_gone"))]
    options = tuple(
        (
            one.id,
            wording.say(
                "shared_version_line",
                number=one.number,
                day=day_of(one.shared_at),
                name=one.shared_by_name,
            ),
        )
        for one in _versions(context.session, person, version)
    )
    choice = Choice("version", wording.say("shared_versions_label"), options, value=version.id)
    return [
        CardReply(
            wording.say("shared_versions_title", title=version.title),
            (choice,),
            (Button(wording.say("shared_read"), {"verb": "shared_read"}, weight="main"),),
            context.language,
        )
    ]


def read_card(
    context: Context, person: RegisteredPerson, version: Version, note: str = ""
) -> CardReply:
    """The paper as it was shared; under the newest version, comments and ways to say something."""
    session, wording = context.session, context.wording
    paper, address = paper_from(version), f"version:{version.id}"
    versions = _versions(session, person, version)
    newest = versions[0]
    blocks: list[Block] = [Paragraph(note)] if note else []
    blocks.append(Paragraph(_byline(wording, version, paper.byline), "note"))
    if newest.id != version.id:
        blocks.append(Paragraph(wording.say("shared_is_old", number=version.number), "note"))
    blocks += on_card(paper, address, person.key)
    buttons: list[Button | Download] = []
    comments = comments_of(session, version.draft)
    if newest.id == version.id:
        blocks += _comments(wording, comments)
        blocks += _own_comments(wording, comments, person)
        buttons += _say_something(context, version)
    else:
        read = {"verb": "shared_read", "version": newest.id}
        buttons.append(Button(wording.say("shared_newest"), read, sends_inputs=False))
    buttons.append(Download(wording.say("share_word"), address, "docx", person.key))
    if len(versions) > 1:
        earlier = {"verb": "shared_versions", "version": version.id}
        buttons.append(Button(wording.say("shared_versions"), earlier, sends_inputs=False))
    own = [one for one in comments if one.person_key == person.key]
    if newest.id == version.id and own:
        delete = {"verb": "comment_delete", "version": version.id}
        delete |= {"id": own[0].id} if len(own) == 1 else {}
        title = wording.say("comment_delete_button")
        buttons.append(Button(title, delete, sends_inputs=len(own) > 1))
    if can_share(session, person, version.owner):
        withdraw = {"verb": "withdraw_ask", "version": version.id}
        title = wording.say("withdraw_button")
        buttons.append(Button(title, withdraw, sends_inputs=False, weight="danger"))
    return CardReply(paper.title, tuple(blocks), tuple(buttons), context.language, address)


def version_line(wording: Wording, version: Version) -> str:
    """What it is, whose it is and from when, in one line."""
    key = "shared_line_again" if version.number > 1 else "shared_line"
    return wording.say(
        key,
        title=version.title,
        owner=owner_label(wording, version),
        day=day_of(version.shared_at),
        number=version.number,
    )


def owner_label(wording: Wording, version: Version) -> str:
    """Whose it is, in words."""
    match version.owner.kind:
        case "school":
            return version.owner.name
        case "skoleeierteam":
            return wording.say("shared_team")
    return version.shared_by_name


def day_of(at: datetime) -> str:
    """The day in Oslo, as people in Norway write it."""
    return f"{at.astimezone(OSLO):%d.%m.%Y}"


def _byline(wording: Wording, version: Version, byline: str) -> str:
    shared = wording.say(
        f"shared_byline_{version.audience}",
        name=version.shared_by_name,
        day=day_of(version.shared_at),
    )
    return f"{byline}. {shared}" if byline else shared


def _comments(wording: Wording, comments: Sequence[Comment]) -> Iterator[Block]:
    if comments:
        yield Paragraph(wording.say("comments_heading", count=len(comments)), "heading")
    for one in comments:
        yield Paragraph(_commenter(one), "note")
        yield Paragraph(one.text)


def _commenter(comment: Comment) -> str:
    return ", ".join(p for p in (comment.person_name, comment.unit, day_of(comment.at)) if p)


def _own_comments(
    wording: Wording, comments: Sequence[Comment], person: RegisteredPerson
) -> Iterator[Block]:
    """Somebody with several comments chooses which one to delete."""
    own = [one for one in comments if one.person_key == person.key]
    if len(own) > 1:
        options = tuple((one.id, f"{day_of(one.at)}: {one.text[:60]}") for one in own)
        yield Choice("id", wording.say("comment_delete_label"), options, value=own[-1].id)


def _say_something(context: Context, version: Version) -> Iterator[Button]:
    wording, count = context.wording, useful_count(context.session, version.draft)
    pressed = {"verb": "useful", "version": version.id}
    title = (
        wording.say("useful_button_count", count=count) if count else wording.say("useful_button")
    )
    yield Button(title, pressed, sends_inputs=False)
    asked = {"verb": "comment_ask", "version": version.id}
    yield Button(wording.say("comment_ask_button"), asked, sends_inputs=False)


VERBS: dict[str, Pressed] = {
    "shared_read": registered(shared_read),
    "shared_versions": registered(earlier_versions),
}
