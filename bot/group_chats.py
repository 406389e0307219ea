"""Teams and group chats: who is spoken to there, and the way to the private chat."""

from urllib.parse import quote

from botbuilder.schema import Activity

from bot.markdown import markdown
from bot.sizes import Json
from dialogs.messages import Reply, TextReply


def is_personal(activity: Activity) -> bool:
    """Playground leaves the type out for a personal chat.

    The id of a team's thread or a group chat says so itself: whatever else is said, several read.
    """
    where = activity.conversation
    if where.is_group or "@thread." in where.id:
        return False
    return where.conversation_type in (None, "", "personal")


def is_for_the_bot(activity: Activity) -> bool:
    """Whether the bot is mentioned, or a button of its own was pressed.

    Teams passes on nothing else, unless somebody has given the app leave to read everything.
    """
    return mentions_bot(activity) or (isinstance(activity.value, dict) and not activity.text)


def mentions_bot(activity: Activity) -> bool:
    return any(
        entity.get("type") == "mention"
        and isinstance(entity.get("mentioned"), dict)
        and entity["mentioned"].get("id") == activity.recipient.id
        for entity in activity.entities or ()
    )


def with_private_chat(reply: Reply, activities: list[Json], bot: str) -> list[Json]:
    """The activities of a reply, the last with its link to the private chat with the bot (its id).

    The words of the link are the bot's own, and the id is escaped: nothing else can be a link.
    """
    if not isinstance(reply, TextReply) or not reply.private_chat:
        return activities
    address = f"https://teams.microsoft.com/l/chat/0/0?users={quote(bot, safe=':')}"
    *before, last = activities
    text = f"{last['text']}<br><br>[{markdown(reply.private_chat)}]({address})"
    return [*before, {**last, "text": text}]
