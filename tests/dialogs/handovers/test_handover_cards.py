"""The cards of «spør en fagrådgiver» in the renderer of Teams, texts as long as they may be."""

from typing import Any

import pytest
from playwright.sync_api import Page

from bot import cards
from bot.sizes import message_bytes
from dialogs.handovers.adviser_answer import LONGEST_ANSWER
from dialogs.handovers.own_questions import LONGEST_WITH_MORE
from dialogs.messages import CardReply, Reply
from dialogs.questions import LONGEST_QUESTION
from knowledge.library import Library
from storage.database import Database
from storage.handovers import Handover, add_handover, change_handover, find_handover
from tests.bot.fakes import LINKS
from tests.bot.test_card_renderer import page, render
from tests.dialogs.handovers.desk_world import Desk
from tests.dialogs.kommune import (
    ANE_LÆRER,
    DAVID_REKTOR,
    HANNE_SKOLEEIER,
    IVAR_FAGRÅDGIVER,
    buttons,
)
from tests.dialogs.shown import shown

__all__ = ["page"]

STATES = (
    ("tildelt", IVAR_FAGRÅDGIVER),
    ("tildelt", HANNE_SKOLEEIER),
    ("besvart", IVAR_FAGRÅDGIVER),
)
LONG_WORD = "Utviklingssamtaleforberedelsesskjemaet"


def long_text(length: int, number: int = 0) -> str:
    return f"{number} {LONG_WORD} bør følges opp på åttende trinn? PRUVA! ".ljust(length, "å")[
        :length
    ]


@pytest.fixture
def desk(library: Library, database: Database) -> Desk:
    return Desk(library, database)


def every_card(desk: Desk) -> dict[str, list[Reply]]:
    """Each card with as much in it as there can be."""
    made: dict[str, list[Reply]] = {}
    ids = [desk.ask(long_text(LONGEST_QUESTION, number)) for number in range(10)]
    made["fylt ut for langt"] = desk.write(
        ANE_LÆRER, f"spør en fagrådgiver: {long_text(LONGEST_QUESTION * 4)}"
    )
    made["mine"] = desk.write(ANE_LÆRER, "mine spørsmål")
    made["nye"] = desk.soon()[IVAR_FAGRÅDGIVER]
    made["innboks"] = full_desk(desk)
    with desk.session() as session:
        one = find_handover(session, ids[0], lock=True)
        assert one is not None
        change_handover(
            session,
            one,
            question=long_text(LONGEST_WITH_MORE),
            state="tildelt",
            answer=long_text(LONGEST_ANSWER + 900),
            assigned=IVAR_FAGRÅDGIVER,
            assigned_name="Ivar Kleiva",
        )
    made["svar"] = desk.press(IVAR_FAGRÅDGIVER, "handover_open", handover=ids[0])
    send = buttons(made["svar"])["Send svaret"]
    made["svar for langt"] = desk.follow(IVAR_FAGRÅDGIVER, send, text=long_text(LONGEST_ANSWER * 2))
    made["gi videre"] = desk.press(IVAR_FAGRÅDGIVER, "handover_pass", handover=ids[0])
    made["besvart"] = desk.follow(IVAR_FAGRÅDGIVER, send, text=long_text(LONGEST_ANSWER))
    made["veiviser"] = desk.press(IVAR_FAGRÅDGIVER, "handover_entry", handover=ids[0])
    made["svaret"] = desk.press(ANE_LÆRER, "handover_mine", handover=ids[0])
    made["lurer"] = desk.press(ANE_LÆRER, "handover_wonder", handover=ids[0])
    return made


def full_desk(desk: Desk) -> list[Reply]:
    """More under every heading than is listed."""
    states = (("ny", ""), *STATES)
    with desk.session() as session:
        for number, (state, assigned) in enumerate(states * 12):
            at = desk.now
            add_handover(
                session,
                Handover(
                    id=f"{number:032x}",
                    asker=DAVID_REKTOR,
                    asker_name="Anne-Margrethe Kristoffersen-Høgetveit",
                    question=long_text(LONGEST_QUESTION, number),
                    assigned_name="Anne-Margrethe Kristoffersen-Høgetveit",
                    at=at,
                    answered_at=at if state == "besvart" else None,
                    state=state,
                    assigned=assigned,
                ),
            )
    card = desk.write(IVAR_FAGRÅDGIVER, "innboks")
    text = shown(card)
    assert all(part in text for part in ("Nye (22)", "Dine (12)", "Tatt av andre (12)", "(12)"))
    return card


def card_of(reply: Reply) -> CardReply:
    assert isinstance(reply, CardReply)
    return reply


def test_every_card_fits_in_one_message_and_is_shown_whole(desk: Desk, page: Page) -> None:
    for name, replies in every_card(desk).items():
        (reply,) = map(card_of, replies)
        (activity,) = cards.activities_for(reply, LINKS)
        assert message_bytes(activity) <= 28 * 1024, name
        card: dict[str, Any] = activity["attachments"][0]["content"]
        assert tuple(map(int, card["version"].split("."))) <= (1, 5)
        answer = render(page, card, f"fagradgiver-{name}".replace(" ", "-"))
        assert (answer["problems"], answer["active"], answer["unnamed"]) == ([], [], 0), name
        assert not answer["tooWide"], name
        assert len(reply.buttons) <= 6


def test_the_way_back_is_open_while_the_field_is_empty(desk: Desk) -> None:
    cards_of = desk.write(ANE_LÆRER, "spør en fagrådgiver")
    assert not buttons(cards_of)["Avbryt"].sends_inputs
    id = desk.ask()
    taken = buttons(desk.press(IVAR_FAGRÅDGIVER, "handover_take", handover=id))
    assert not any(taken[title].sends_inputs for title in ("Legg tilbake", "Gi videre"))
