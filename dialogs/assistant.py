"""One turn: a button, a command, an answer to an open step, or a question; save, then answer.

The same message twice changes nothing the second time (storage/conversations.py decides). All of
a turn is one database transaction, and it blocks: doors call it in a worker thread.
"""

import hashlib
import hmac
import json
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial

from dialogs import (
    comments,
    counts,
    deadlines,
    demo,
    deputy,
    digest,
    expiry,
    guard,
    guide_list,
    heard,
    help,
    kompetansepakken,
    my_data,
    overview,
    page_login,
    papers,
    plan_search,
    promises,
    public,
    rows,
    sections,
    sent_questions,
    shared_list,
    shared_version,
    sharing,
    steps,
    tab_visit,
    teamtid,
    to_plan,
    utviklingsplan,
    whole_form,
    wishes,
    withdrawing,
)
from dialogs.access import owner_for
from dialogs.browser import Browser
from dialogs.checkins import (
    answering as round_answering,
)
from dialogs.checkins import (
    heard_round,
    round_form,
    round_list,
    round_notices,
    survey_process,
    unasked,
)
from dialogs.collected import (
    follow_up,
    picture,
    promises_page,
    result_sharing,
    texts_page,
)
from dialogs.commands import command_in
from dialogs.contacts import Contacts
from dialogs.context import (
    OSLO,
    SMALLEST_GROUP,
    Commanded,
    Composing,
    Context,
    Noticed,
    Opened,
    Pressed,
)
from dialogs.directory import removals as directory_removals
from dialogs.guide_files import Guides
from dialogs.handovers import (
    adviser_answer,
    answer_as_entry,
    asking,
    desk,
    handover_notices,
    own_questions,
)
from dialogs.learning import (
    case_page,
    drafts_page,
    entry_form,
    gain_page,
    learning_page,
    try_page,
)
from dialogs.learning.workbench import Workbench, when_ready
from dialogs.meetings import (
    answering,
    attendance,
    calendar_links,
    delivery,
    groups,
    homework,
    meeting_cancel,
    meeting_card,
    meeting_form,
    meeting_questions,
    meeting_repeat,
    pending_import,
    reminder_wishes,
    reminders,
)
from dialogs.meetings.sending_times import SendingTimes
from dialogs.messages import CardReply, Language, Message, MessageKind, Paper, Reply, TextReply
from dialogs.notices import Later
from dialogs.questions import LONGEST_QUESTION, language_named, respond
from dialogs.wording import read_wordings
from knowledge.library import Library
from knowledge.search import Topic
from storage.attempts import Waiting
from storage.calendar_feeds import person_of_feed
from storage.conversations import (
    Turn,
    close_turn,
    language_of,
    language_of_person,
    mark_finished,
    mark_unfinished,
    open_turn,
    passage_of,
    person_in,
    remember_sent,
)
from storage.database import Database, Session
from storage.drafts import DraftGone
from storage.feedback import add_feedback
from storage.group_turns import first_time, forget_group, note_slow
from storage.passages_asked import count_asked, most_asked
from storage.people import RegisteredPerson, find_person
from storage.shared import remember_cards

# What one can talk about: each module says which buttons and words are its own.
VERBS: dict[str, Pressed] = {}
COMMANDS: dict[str, Commanded] = {}
NOTICES: dict[str, Noticed] = {}
PAPERS: dict[str, Opened] = {}
for module in (
    comments,
    counts,
    deadlines,
    demo,
    deputy,
    digest,
    expiry,
    guide_list,
    heard,
    help,
    kompetansepakken,
    my_data,
    overview,
    page_login,
    papers,
    promises,
    rows,
    sections,
    sent_questions,
    shared_list,
    shared_version,
    sharing,
    steps,
    tab_visit,
    teamtid,
    to_plan,
    utviklingsplan,
    whole_form,
    wishes,
    withdrawing,
    answering,
    attendance,
    calendar_links,
    delivery,
    groups,
    homework,
    meeting_cancel,
    meeting_card,
    meeting_form,
    meeting_questions,
    meeting_repeat,
    pending_import,
    reminder_wishes,
    reminders,
    round_answering,
    round_form,
    round_list,
    round_notices,
    survey_process,
    unasked,
    follow_up,
    picture,
    promises_page,
    result_sharing,
    texts_page,
    directory_removals,
    adviser_answer,
    answer_as_entry,
    asking,
    desk,
    handover_notices,
    own_questions,
    case_page,
    drafts_page,
    entry_form,
    gain_page,
    learning_page,
    try_page,
):
    VERBS |= getattr(module, "VERBS", {})
    COMMANDS |= getattr(module, "COMMANDS", {})
    NOTICES |= getattr(module, "NOTICES", {})
    PAPERS |= getattr(module, "PAPERS", {})


# What is asked most is counted by month: this one and the two before it.
ASKED_LATELY = timedelta(days=61)


def utc_now() -> datetime:
    return datetime.now(UTC)


class Assistant:
    """The bot as the doors see it."""

    def __init__(
        self,
        library: Library,
        guides: Guides,
        database: Database,
        contacts: Contacts,
        secret: str,
        *,
        local: bool = False,
        sending: SendingTimes | None = None,
        smallest_group: int = SMALLEST_GROUP,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._guides = guides
        self._database = database
        self._contacts = contacts
        self._secret = secret.encode()
        self._sending = sending or SendingTimes(library.holidays)
        self._local = local
        self._smallest_group = smallest_group
        self._clock = clock
        self._wordings = read_wordings()
        self._workbench = Workbench(library, contacts, self._wordings["nb"])
        self._public_wordings = {name: public.PublicWording(name) for name in self._wordings}
        self.browser = Browser(database, self._composing, self._context, VERBS)
        self.page_door = page_login.PageDoor(database, clock, local=local)

    # Turns

    def handle(self, message: Message) -> list[Reply]:
        """Answer one message. An empty list is a repeat, or nothing to say."""
        if message.public:
            return self._handle_in_group(message)
        return when_ready(lambda: self._handle(message))

    def _handle(self, message: Message) -> list[Reply]:
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
            context = self._context(session, turn, message)
            replies = _replies(context)
            close_turn(session, turn, self._clock())
        return replies

    def read_news(self) -> None:
        """See whether somebody has published knowledge, here or on another copy, and use it.

        Cheap when nobody has. Else a new library is built aside and exchanged at once: a turn under
        way keeps the one it began with.
        """
        self._workbench.read_news(self._database)

    @property
    def _library(self) -> Library:
        return self._workbench.present.library

    def turn_unfinished(self, message: Message) -> None:
        """Note that a turn is still going on after five seconds."""
        if message.public and guard.find(message.text) is not None:
            return  # not even a trace that guesses could be held against
        with self._database.transaction() as session:
            if message.public:
                note_slow(session, message.conversation, self._digest(message), message.arrived)
            else:
                mark_unfinished(session, message.conversation, message.arrived)

    def turn_finished(self, message: Message, at: datetime) -> None:
        """Note when a slow turn ended."""
        if message.public:
            return  # a group has no conversation to note it in
        with self._database.transaction() as session:
            mark_finished(session, message.conversation, message.arrived, at)

    def remember_sent(self, sent: Sequence[tuple[str, str, str]]) -> None:
        """Note which passage each sent message quoted: (conversation, sent id, passage).

        Wherever it was sent, the passage is counted as asked for.
        """
        with self._database.transaction() as session:
            remember_sent(session, sent)
            count_asked(session, [passage for _, _, passage in sent], self._today())

    def remember_cards(self, sent: Sequence[tuple[str, str, str]]) -> None:
        """Note what each sent card is about: (conversation, sent id, about)."""
        with self._database.transaction() as session:
            remember_cards(session, sent)

    def language_of(self, conversation: str) -> Language:
        """The language to write in this conversation."""
        with self._database.transaction() as session:
            return "nn" if language_of(session, conversation) == "nn" else "nb"

    def find_passages(
        self, text: str, sender: str, *, skip: int, count: int
    ) -> plan_search.FoundPassages:
        """The search extension: passages to insert, in the sender's language. Nothing is kept."""
        since = self._today() - ASKED_LATELY
        with self._database.transaction() as session:
            language = self._language_of_sender(session, sender)
            asked = [] if plan_search.is_search(text) else most_asked(session, since)
        return plan_search.find_passages(
            self._library,
            self._contacts,
            self._wordings[language],
            text,
            most_asked=asked,
            skip=skip,
            count=count,
        )

    def _handle_in_group(self, message: Message) -> list[Reply]:
        """No conversation is made of a group: nothing personal is answered or kept there."""
        with self._database.transaction() as session:
            if message.kind is MessageKind.REMOVED:
                forget_group(session, message.conversation)
                return []
            digest = self._digest(message)
            if not first_time(session, message.conversation, message.id, digest, message.arrived):
                return []
            return public.reply_in_group(
                session,
                message,
                self._public_wordings[self._language_of_sender(session, message.sender)],
                library=self._library,
                contacts=self._contacts,
                guides=self._guides,
                commands=COMMANDS,
            )

    def _language_of_sender(self, session: Session, sender: str) -> Language:
        """The language somebody has chosen, else the one in the register, else bokmål."""
        person = find_person(session, sender)
        chosen = language_of_person(session, sender.lower(), local=self._local)
        return "nn" if (chosen or (person.language if person else "nb")) == "nn" else "nb"

    def _today(self) -> date:
        return self._clock().astimezone(OSLO).date()

    def _digest(self, message: Message) -> str:
        """Stands for who wrote what. Keyed, so that nobody can guess the text back from it."""
        file = message.file
        attached = [file.name, hashlib.sha256(file.content).hexdigest()] if file else []
        content = json.dumps(
            [message.sender, message.kind, message.text, dict(message.value), *attached],
            ensure_ascii=False,
            sort_keys=True,
            default=str,
        )
        return hmac.new(
            self._secret, content.encode("utf-8", "replace"), hashlib.sha256
        ).hexdigest()

    # Outside turns

    def paper(self, address: str, reader: str) -> Paper | None:
        """The paper of an address, when it is there and this person (by key) may read it."""
        prefix, _, rest = address.partition(":")
        opened = PAPERS.get(prefix)
        with self._database.transaction() as session:
            person = find_person(session, reader)
            if opened is None or person is None:
                return None
            return opened(self._composing(session, person), rest)

    def calendar(self, feed: str) -> Paper | None:
        """The meetings of the person whose calendar it is; None when it is nobody's any more."""
        with self._database.transaction() as session:
            person = find_person(session, person_of_feed(session, feed) or "")
            if person is None:
                return None
            return calendar_links.calendar_of(self._composing(session, person))

    def compose(self, session: Session, waiting: Waiting) -> Reply | Later | None:
        """A message of the outbox in the person's language; None when it isn't worth sending."""
        person = find_person(session, waiting.person)
        if waiting.replaces and person is None:
            # A sent card knows only its conversation; it is changed for who has left as well.
            found = person_in(session, waiting.conversation, local=self._local)
            person = found or RegisteredPerson("", "", "", "")
        if person is None or waiting.reason not in NOTICES:
            return None
        return NOTICES[waiting.reason](self._composing(session, person), waiting.about)

    def _context(self, session: Session, turn: Turn, message: Message) -> Context:
        return Context(
            turn=turn,
            session=session,
            message=message,
            wordings=self._wordings,
            library=self._library,
            contacts=self._contacts,
            guides=self._guides,
            workbench=self._workbench,
            sending=self._sending,
            local=self._local,
            smallest_group=self._smallest_group,
        )

    def _composing(self, session: Session, person: RegisteredPerson) -> Composing:
        chosen = language_of_person(session, person.key, local=self._local) or person.language
        return Composing(
            session=session,
            person=person,
            wording=self._wordings["nn" if chosen == "nn" else "nb"],
            library=self._library,
            guides=self._guides,
            workbench=self._workbench,
            sending=self._sending,
            now=self._clock(),
            local=self._local,
            smallest_group=self._smallest_group,
        )


def _replies(context: Context) -> list[Reply]:
    doing = context.turn.doing
    try:
        replies = _reply(context)
    except DraftGone:  # deleted by somebody else in the middle of this turn
        return [TextReply(context.wording.say("steps_gone"))]
    if doing and context.turn.doing is doing and any(isinstance(r, CardReply) for r in replies):
        # Another card stands last: what is written now is no answer to the step above it.
        context.turn.doing = {"draft": doing.get("draft")}
    return replies


def _reply(context: Context) -> list[Reply]:
    match context.message.kind:
        case MessageKind.INSTALLED:
            return [help.welcome(context)]
        case MessageKind.REMOVED:
            context.turn.installed = False
            # Greet again when the app comes back, even on the same day.
            context.turn.recent = [
                one for one in context.turn.recent if not one.startswith("installed:")
            ]
            return []
        case MessageKind.FEEDBACK:
            return _feedback(context)
        case MessageKind.BUTTON | MessageKind.OPEN_DIALOG | MessageKind.DIALOG:
            return _pressed(context)
        case MessageKind.TEXT:
            return _text(context)


def _pressed(context: Context) -> list[Reply]:
    """A button of a card. What it carries came from outside: it is checked like any text."""
    verb = context.message.value.get("verb")
    handler = VERBS.get(verb) if isinstance(verb, str) else None
    if handler is None:
        return [TextReply(context.wording.say("old_button"))]
    return handler(context, context.message.value)


def _text(context: Context) -> list[Reply]:
    if context.message.file is not None:
        return pending_import.file_given(context, context.message.file)
    text = context.message.text.strip()
    if not text:
        return [TextReply(context.wording.say("empty"))]
    if language := language_named(text):
        context.turn.language = language
        return [TextReply(context.wording.say("language_set"))]
    command = command_in(text, COMMANDS)
    if command is not None:
        handler, rest = command
        return handler(context, rest)
    guide = context.guides.begun_by(text)
    # What is not for the person's role to begin may still be something to ask about.
    if guide is not None and context.person and owner_for(guide, context.person):
        return steps.start_guide(context, guide)
    question = heard_round.open_question(context)
    if question is not None:
        replies, is_aside = heard_round.hear(context, question, text)
        return [_ask(context, text), *replies] if is_aside else replies
    step = heard.open_step(context) if context.turn.doing else None
    if step is not None and not heard.is_aside(context, *step, text):
        return heard.hear(context, *step, text)
    answer = meeting_questions.hear(context, text) or _ask(context, text)
    return [answer] if step is None else [answer, heard.again(context, *step, text)]


def _ask(context: Context, text: str) -> TextReply:
    topic = Topic.from_json(context.turn.topic)
    standing = partial(promises.promises_now, context.session)
    answered = respond(context.library, context.contacts, context.wording, text, topic, standing)
    context.turn.topic = answered.topic.to_json() if answered.topic else None
    if answered.guarded:
        context.turn.digest = ""  # not even a trace that guesses could be held against
    return asking.offered(context, text, answered)


def _feedback(context: Context) -> list[Reply]:
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
