"""Withdrawing what was shared: nobody reads it any more, and cards that were sent say so."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from dialogs.context import Composing, Context, Noticed, Pressed
from dialogs.deputy import can_share
from dialogs.messages import Button, CardReply, Paragraph, Reply, TextReply
from dialogs.pressed import id_in, registered
from dialogs.shared_version import day_of, owner_label, readable
from storage.database import Session
from storage.drafts import find_draft
from storage.outbox import queue
from storage.people import RegisteredPerson
from storage.shared import Version, cards_about, versions_of
from storage.shared import withdraw as withdraw_versions

CARDS_UPDATED_WITHIN = timedelta(days=7)


def withdraw_ask(
    context: Context, person: RegisteredPerson, value: Mapping[str, Any]
) -> list[Reply]:
    found = _to_withdraw(context, person, value)
    if isinstance(found, list):
        return found
    wording, version = context.wording, {"version": found.id}
    return [
        CardReply(
            wording.say("withdraw_title", title=found.title),
            (Paragraph(wording.say("withdraw_intro")),),
            (
                Button(
                    wording.say("withdraw_button"),
                    {"verb": "withdraw", **version},
                    weight="danger",
                ),
                Button(wording.say("withdraw_keep"), {"verb": "shared_read", **version}),
            ),
            context.language,
        )
    ]


def withdraw(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """Withdraw every version of it, and change the cards that were sent."""
    found = _to_withdraw(context, person, value)
    if isinstance(found, list):
        return found
    before = versions_of(context.session, found.draft)
    withdraw_versions(context.session, found.id, context.now)
    update_cards(context.session, before, context.now)
    gone = find_draft(context.session, found.draft) is None
    key = "withdraw_done_deleted" if gone else "withdraw_done"
    return [TextReply(context.wording.say(key, title=found.title))]


def _to_withdraw(
    context: Context, person: RegisteredPerson, value: Mapping[str, Any]
) -> Version | list[Reply]:
    version = readable(context.session, person, id_in(value, "version"))
    if version is None:
        return [TextReply(context.wording.say("shared_gone"))]
    if not can_share(context.session, person, version.owner):
        return [TextReply(context.wording.say("withdraw_not_yours"))]
    return version


def update_cards(session: Session, versions: Iterable[Version], now: datetime) -> None:
    """Queue a change of every card that shows one of these; which of them, is decided then."""
    for version in versions:
        for conversation, activity in cards_about(session, f"version:{version.id}"):
            queue(
                session,
                person="",
                reason="withdrawn",
                # With the time, since it may be shared and withdrawn again.
                occasion=f"{conversation} {activity} {now.isoformat()}",
                about={"version": version.id, "draft": version.draft},
                due=now,
                latest=now + CARDS_UPDATED_WITHIN,
                conversation=conversation,
                replaces=activity,
            )


def withdrawn(composing: Composing, about: Mapping[str, Any]) -> Reply | None:
    """What a card is changed to when its reader may no longer read; None when they still may."""
    wording = composing.wording
    versions = versions_of(composing.session, str(about["draft"]))
    version = next((one for one in versions if one.id == about["version"]), None)
    if version is None or readable(composing.session, composing.person, version.id) is not None:
        return None
    owner = owner_label(wording, version)
    said = wording.say("withdrawn_from_you", owner=owner)
    if version.withdrawn_at is not None:
        said = wording.say("withdrawn", owner=owner, day=day_of(version.withdrawn_at))
    listed = {"verb": "shared_list"}
    return CardReply(
        version.title,
        (Paragraph(said),),
        (Button(wording.say("shared_title"), listed),),
        composing.language,
    )


VERBS: dict[str, Pressed] = {
    "withdraw_ask": registered(withdraw_ask),
    "withdraw": registered(withdraw),
}
NOTICES: dict[str, Noticed] = {"withdrawn": withdrawn}
