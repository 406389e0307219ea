"""One turn: a button, a command, or a question; save, then answer.

The same message twice changes nothing the second time (storage/conversations.py decides). All of
a turn is one database transaction, and it blocks: doors call it in a worker thread.
"""

import hashlib
import hmac
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from dialogs import guard
from dialogs.commands import command_in
from dialogs.contacts import Contacts
from dialogs.demo import act_as, choose_person, first_person
from dialogs.messages import (
    Button,
    CardReply,
    Items,
    Language,
    Message,
    MessageKind,
    Paragraph,
    Reply,
    Suggestion,
    TextInput,
    TextReply,
)
from dialogs.promises import promises_card
from dialogs.questions import (
    LONGEST_QUESTION,
    find_section,
    guarded,
    language_named,
    respond,
    section_card,
)
from dialogs.wording import Wording, read_wordings
from knowledge.library import Library
from knowledge.search import Topic
from storage.conversations import (
    Turn,
    close_turn,
    language_of,
    mark_finished,
    mark_unfinished,
    open_turn,
    passage_of,
    remember_sent,
)
from storage.database import Database, Session
from storage.feedback import add_feedback
from storage.kept_questions import keep_question


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Context:
    """What the handlers of one turn need."""

    turn: Turn
    session: Session
    wording: Wording
    message: Message
    local: bool

    @property
    def is_registered(self) -> bool:
        """Whether the person may do more than ask. In the demo everybody is somebody."""
        return self.local or self.turn.person is not None


class Assistant:
    """The bot as the doors see it."""

    def __init__(
        self,
        library: Library,
        database: Database,
        contacts: Contacts,
        secret: str,
        *,
        local: bool = False,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._library = library
        self._database = database
        self._contacts = contacts
        self._secret = secret.encode()
        self._local = local
        self._clock = clock
        self._wordings = read_wordings()

    def handle(self, message: Message) -> list[Reply]:
        """Answer one message. An empty list is a repeat, or nothing to say."""
        with self._database.transaction() as session:
            turn = open_turn(
                session,
                conversation=message.conversation,
                sender=message.sender,
                activity=message.id,
                digest=self._digest(message),
                arrived=message.arrived,
                reference=message.reference,
                local=self._local,
            )
            if turn is None:
                return []
            context = Context(turn, session, self._wordings[_language(turn)], message, self._local)
            replies = self._reply(context)
            close_turn(session, turn, self._clock())
        return replies

    def turn_unfinished(self, message: Message) -> None:
        """Note that a turn is still going on after five seconds."""
        with self._database.transaction() as session:
            mark_unfinished(session, message.conversation, message.arrived)

    def turn_finished(self, message: Message, at: datetime) -> None:
        """Note when a slow turn ended."""
        with self._database.transaction() as session:
            mark_finished(session, message.conversation, message.arrived, at)

    def remember_sent(self, sent: Sequence[tuple[str, str, str]]) -> None:
        """Note which passage each sent message quoted: (conversation, sent id, passage)."""
        with self._database.transaction() as session:
            remember_sent(session, sent)

    def language_of(self, conversation: str) -> Language:
        """The language to write in this conversation."""
        with self._database.transaction() as session:
            return "nn" if language_of(session, conversation) == "nn" else "nb"

    def _digest(self, message: Message) -> str:
        """Stands for who wrote what. Keyed, so that nobody can guess the text back from it."""
        content = json.dumps(
            [message.sender, message.kind, message.text, dict(message.value)],
            ensure_ascii=False,
            sort_keys=True,
            default=str,
        )
        return hmac.new(self._secret, content.encode(), hashlib.sha256).hexdigest()

    def _reply(self, context: Context) -> list[Reply]:
        match context.message.kind:
            case MessageKind.INSTALLED:
                return [_welcome(context)]
            case MessageKind.REMOVED:
                context.turn.installed = False
                # Greet again when the app comes back, even on the same day.
                context.turn.recent = [
                    one for one in context.turn.recent if not one.startswith("installed:")
                ]
                return []
            case MessageKind.FEEDBACK:
                return self._feedback(context)
            case MessageKind.BUTTON:
                return self._pressed(context)
            case MessageKind.TEXT:
                return self._text(context)

    def _text(self, context: Context) -> list[Reply]:
        text = context.message.text.strip()
        wording = context.wording
        if not text:
            return [TextReply(wording.say("empty"))]
        if language := language_named(text):
            context.turn.language = language
            return [TextReply(self._wordings[language].say("language_set"))]
        command = command_in(text)
        if command is not None:
            return [self._command(context, command.name, command.rest)]
        topic = Topic.from_json(context.turn.topic)
        answered = respond(self._library, self._contacts, wording, text, topic)
        context.turn.topic = answered.topic.to_json() if answered.topic else None
        if answered.guarded:
            context.turn.digest = ""  # not even a trace that guesses could be held against
        return [answered.reply]

    def _command(self, context: Context, name: str, rest: str) -> Reply:
        wording = context.wording
        match name:
            case "help":
                return _help(wording, local=self._local)
            case "promises":
                return promises_card(self._library.promises, wording)
            case "show":
                return self._show(context, rest)
            case "send":
                return _confirm_sending(context, rest)
            case "act":
                if not self._local:
                    return TextReply(wording.say("act_local"))
                return choose_person(context.session, wording)
        raise LookupError(name)

    def _show(self, context: Context, address: str) -> Reply:
        wording = context.wording
        if address:
            section = find_section(self._library, address)
            if section is None:
                return TextReply(wording.say("section_missing", section=address[:120]))
            return section_card(wording, section)
        topic = Topic.from_json(context.turn.topic)
        passage = self._library.by_id.get(topic.passage) if topic else None
        if passage is None:
            return TextReply(wording.say("show_what"))
        return section_card(wording, passage.section)

    def _pressed(self, context: Context) -> list[Reply]:
        """A button of a card. What it carries came from outside: it is checked like any text."""
        value, wording = context.message.value, context.wording
        match value.get("verb"):
            case "send_question":
                return [self._send(context, str(value.get("text", "")))]
            case "act_as" if self._local:
                person = act_as(context.session, context.turn, str(value.get("person", "")))
                if person is not None:
                    wording = self._wordings[_language(context.turn)]
                    said = wording.say(
                        "act_done", name=person.name, role=person.role, unit=person.unit or "–"
                    )
                    return [TextReply(said)]
        return [TextReply(wording.say("old_button"))]

    def _send(self, context: Context, text: str) -> Reply:
        wording = context.wording
        text = text.strip()[:LONGEST_QUESTION]
        if not context.is_registered:
            return TextReply(wording.say("send_unknown"))
        if not text:
            return TextReply(wording.say("send_nothing"))
        finding = guard.find(text)
        if finding is not None:
            return TextReply(guarded(self._contacts, wording, finding))
        keep_question(
            context.session,
            text=text,
            language=wording.language,
            day=context.message.arrived.date(),
        )
        return TextReply(wording.say("send_done"))

    def _feedback(self, context: Context) -> list[Reply]:
        value = context.message.value
        text = str(value.get("text", ""))[:LONGEST_QUESTION]
        if not context.is_registered:
            return []
        if guard.find(text) is not None:
            text = ""
        passage = passage_of(context.turn, str(value.get("about", "")))
        topic = Topic.from_json(context.turn.topic)
        add_feedback(
            context.session,
            # Some clients don't say which answer is meant: then it is the last one.
            passage=passage or (topic.passage if topic else ""),
            reaction=str(value.get("reaction", "")),
            reason=str(value.get("reason", ""))[:100],
            text=text,
            day=context.message.arrived.date(),
        )
        return []


def _language(turn: Turn) -> Language:
    chosen = turn.language or (turn.person.language if turn.person else "nb")
    return "nn" if chosen == "nn" else "nb"


def _welcome(context: Context) -> TextReply:
    wording = context.wording
    first_name = context.message.sender_name.split(" ")[0] if context.message.sender_name else ""
    prompts = tuple(Suggestion(q, q) for q in wording.many("welcome_prompts"))
    text = wording.say("welcome", name=f", {first_name}" if first_name else "")
    who = context.turn.person or (first_person(context.session) if context.local else None)
    if context.local and who is not None:
        text += "\n\n" + wording.say("welcome_local", name=who.name, role=who.role, unit=who.unit)
    return TextReply(text, suggestions=prompts)


def _help(wording: Wording, *, local: bool) -> CardReply:
    commands = [tuple(pair) for pair in wording.many("help_commands")]
    if local:
        commands.append(tuple(wording.many("help_local")))
    return CardReply(
        wording.say("help_title"),
        (
            Paragraph(wording.say("help_intro")),
            Items(tuple(f"«{command}» {what}" for command, what in commands)),
            Paragraph(wording.say("help_note"), "note"),
        ),
        language=wording.language,
    )


def _confirm_sending(context: Context, text: str) -> Reply:
    """Show exactly what would be sent, to change or send; only the button on this card sends it."""
    wording = context.wording
    if not context.is_registered:
        return TextReply(wording.say("send_unknown"))
    if guard.find(text) is not None:
        text = ""
    field = TextInput(
        "text",
        wording.say("send_label"),
        text.strip()[:LONGEST_QUESTION],
        wording.say("send_nothing"),
        LONGEST_QUESTION,
    )
    return CardReply(
        wording.say("send_title"),
        (Paragraph(wording.say("send_intro")), field),
        (Button(wording.say("send_button"), {"verb": "send_question"}),),
        wording.language,
    )
