"""Wishing that a draft were shared: rektor, who decides, is told of it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from dialogs.context import Composing, Context, Noticed, Pressed
from dialogs.deputy import can_share
from dialogs.drafts import open_view
from dialogs.messages import Button, CardReply, Paragraph, Reply, TextReply
from dialogs.notices import Later
from dialogs.pressed import registered
from dialogs.sharing import share_ask
from storage.outbox import queue
from storage.people import RegisteredPerson, find_person, people_of_unit
from storage.shared import deputy_of, versions_of

WISH_LASTS = timedelta(days=7)


def tell_rektor(
    context: Context, person: RegisteredPerson, value: Mapping[str, Any]
) -> list[Reply]:
    """Let rektor, and the deputy, know that somebody wishes to share it: once for each revision."""
    wording = context.wording
    view = open_view(context, value.get("draft"))
    if view is None:
        return [TextReply(wording.say("steps_gone"))]
    if view.draft.owner.kind != "school" or not view.guide.audiences:
        return [TextReply(wording.say("share_not_this", title=view.title))]
    if can_share(context.session, person, view.draft.owner):
        return share_ask(context, person, {"draft": view.draft.id})
    unit = view.draft.owner.name
    deputy = deputy_of(context.session, unit)
    told = [
        one
        for one in people_of_unit(context.session, unit)
        if one.role == "rektor" or one.key == deputy
    ]
    if not told:
        return [TextReply(wording.say("share_wish_nobody", unit=unit))]
    for one in told:
        queue(
            context.session,
            person=one.key,
            reason="share_wish",
            occasion=f"{view.draft.id} {view.draft.revision}",
            about={"draft": view.draft.id, "by": person.key, "at": context.now.isoformat()},
            due=context.now,
            latest=context.sending.next(context.now) + WISH_LASTS,
        )
    names = ", ".join(one.name for one in told)
    return [TextReply(wording.say("share_wish_done", names=names, title=view.title))]


def share_wish(composing: Composing, about: Mapping[str, Any]) -> Reply | Later | None:
    """To rektor: a leader of the school wishes that a draft were shared."""
    wording, person = composing.wording, composing.person
    view = open_view(composing, about["draft"])
    by = find_person(composing.session, str(about["by"]))
    if view is None or by is None or not can_share(composing.session, person, view.draft.owner):
        return None
    wished_at = datetime.fromisoformat(str(about["at"]))
    versions = versions_of(composing.session, view.draft.id)
    if any(one.withdrawn_at is None and one.shared_at >= wished_at for one in versions):
        return None  # it has been shared since
    if composing.later is not None:
        return composing.later
    look = {"verb": "preview", "draft": view.draft.id}
    return CardReply(
        wording.say("share_wish_title"),
        (Paragraph(wording.say("share_wish", name=by.name, title=view.title)),),
        (Button(wording.say("share_look"), look, weight="main"),),
        composing.language,
    )


VERBS: dict[str, Pressed] = {"tell_rektor": registered(tell_rektor)}
NOTICES: dict[str, Noticed] = {"share_wish": share_wish}
