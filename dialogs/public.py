"""What is answered in a team or a group chat, where several people read: only what is public.

Questions to the documents get the same answer as in the private chat. All that is about the person
is taken there: one short sentence says so, with a link. Nothing is remembered of a group, so a
question can't follow up on the one before it, and there are no buttons and no feedback.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from dialogs import guard, help, promises
from dialogs.commands import command_in
from dialogs.contacts import Contacts
from dialogs.context import OSLO, Commanded
from dialogs.guide_files import Guides
from dialogs.meetings.asked import LONGEST, read_asked
from dialogs.messages import Message, MessageKind, Reply, TextReply
from dialogs.questions import language_named, respond
from dialogs.small_talk import reply_to
from dialogs.wording import Wording
from knowledge.library import Library
from storage.database import Session
from storage.meetings import kinds_in_use


class PublicWording(Wording):
    """The bot's sentences as they are said where several people read.

    A sentence that would be wrong there has another one, named "public_" and its name.
    """

    def say(self, key: str, /, **filled: object) -> str:
        own = f"public_{key}"
        return super().say(own if own in self._texts else key, **filled)


def reply_in_group(
    session: Session,
    message: Message,
    wording: PublicWording,
    *,
    library: Library,
    contacts: Contacts,
    guides: Guides,
    commands: Mapping[str, Commanded],
) -> list[Reply]:
    """The reply that everybody may read. `commands` are those of the private chat."""
    if message.kind is MessageKind.INSTALLED:
        return [TextReply(wording.say("group_welcome"))]
    if message.kind is not MessageKind.TEXT:
        return [_in_private(wording, wording.say("group_button"))]
    text = message.text.strip()
    finding = guard.find(text)
    if finding is not None:
        return [_guarded(contacts, wording, finding)]
    command = command_in(text, commands)
    if not text or (command and command[0] is help.help_card):
        return [_in_private(wording, wording.say("group_help"))]
    if command_in(text, promises.COMMANDS):
        return [promises.promises_card(promises.promises_now(session, library.promises), wording)]
    if command or language_named(text) or guides.begun_by(text) or _asks(session, library, message):
        return [_in_private(wording, wording.say("group_private"))]
    if talk := reply_to(text, wording.language, public=True):
        return [TextReply(talk)]
    standing = partial(promises.promises_now, session)
    answered = respond(library, contacts, wording, text, standing=standing)
    reply = replace(answered.reply, suggestions=(), asks_feedback=False)
    return [_in_private(wording, reply) if reply.answer == "declined" else reply]


def _asks(session: Session, library: Library, message: Message) -> bool:
    """Whether it is a question to the calendar, which answers each person differently."""
    if len(message.text) > LONGEST:
        return False
    words, today = library.words, message.arrived.astimezone(OSLO).date()
    asked = read_asked(
        message.text, today, kinds_in_use(session), lambda word: words.stem(word) in words.known
    )
    return asked is not None and asked.sure


def _guarded(contacts: Contacts, wording: PublicWording, finding: guard.Finding) -> TextReply:
    """Nothing is repeated, and nothing tells what kind of worry it was."""
    if finding.kind == "personal":
        text = wording.say("personal")
    else:
        numbers = "\n".join(f"• {line}" for line in contacts.emergency_lines(wording.language))
        text = "\n\n".join([wording.say("group_worry"), numbers, wording.say("group_worry_after")])
    return _in_private(wording, TextReply(text, answer="guarded"))


def _in_private(wording: PublicWording, reply: str | TextReply) -> TextReply:
    reply = TextReply(reply) if isinstance(reply, str) else reply
    return replace(reply, private_chat=wording.say("group_chat_link"))
