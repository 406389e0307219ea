"""A kommune with two fagrådgivere, a question in each state, and short ways to move it on."""

from dataclasses import replace
from datetime import timedelta

from dialogs.messages import CardReply, Reply
from knowledge.library import Library
from storage.database import Database
from storage.handovers import Handover, find_handover, handovers_of
from storage.people import import_people
from tests.dialogs.kommune import (
    ANE_LÆRER,
    HANNE_SKOLEEIER,
    IVAR_FAGRÅDGIVER,
    PEOPLE,
    Kommune,
    buttons,
)

QUESTION = "Hvordan bruker vi PRUVA på 8. trinn?"
OTHER_ADVISER = HANNE_SKOLEEIER  # who is one here


class Desk(Kommune):
    """Ivar and Hanne answer; Ane asks."""

    def __init__(self, library: Library, database: Database) -> None:
        super().__init__(library, database)
        self.roles(**{HANNE_SKOLEEIER: "fagrådgiver"})
        self.write(IVAR_FAGRÅDGIVER, "bokmål")

    def roles(self, **roles: str) -> None:
        """Give people (by key) another role; "" takes them out of the register."""
        people = [replace(one, role=roles.get(one.key, one.role)) for one in PEOPLE]
        if HANNE_SKOLEEIER not in roles:
            people = [
                replace(one, role="fagrådgiver") if one.key == HANNE_SKOLEEIER else one
                for one in people
            ]
        with self.session() as session:
            import_people(session, [one for one in people if one.role], dry_run=False)

    def ask(self, text: str = QUESTION, who: str = ANE_LÆRER) -> str:
        """Hand a question over; gives its id."""
        card = self.write(who, "spør en fagrådgiver")
        send = next(b for b in buttons(card).values() if b.value["verb"] == "handover_send")
        self.follow(who, send, text=text)
        with self.session() as session:
            return handovers_of(session, who)[0].id

    def take_and_answer(
        self, id: str, text: str = "Slik.", who: str = IVAR_FAGRÅDGIVER
    ) -> list[Reply]:
        """Take it and answer it."""
        card = self.press(who, "handover_take", handover=id)
        return self.follow(who, buttons(card)["Send svaret"], text=text)

    def handover(self, id: str) -> Handover:
        with self.session() as session:
            found = find_handover(session, id)
        assert found is not None
        return found

    def soon(self) -> dict[str, list[Reply]]:
        """What the bot sends by itself in the next ten minutes, by receiver.

        As the door does, it remembers the cards that may have to be changed.
        """
        sent: dict[str, list[Reply]] = {}
        cards = []
        for one in self.outgoing_at(self.now + timedelta(minutes=10)):
            who = one.conversation.removeprefix("chat with ")
            sent.setdefault(who, []).append(one.reply)
            if isinstance(one.reply, CardReply) and one.reply.about and not one.replaces:
                cards.append((one.conversation, f"card {one.id}", one.reply.about))
        self.assistant.remember_cards(cards)
        return sent
