"""Who may press what of rounds, results, follow-up and the page: every verb of theirs, everybody.

The matrix is data, as in test_access_matrix.py; it is about Nordlia skole's own rounds, and where a
row says so, about the kommune's. What each odd sentence of the kommune is, and who may read it,
stands in rounds_world.py.
"""

from collections.abc import Mapping
from itertools import cycle
from typing import Any

import pytest

from dialogs import my_data, page_login, tab_visit
from dialogs.assistant import PAPERS, VERBS
from dialogs.browser import PAGE_VERBS
from dialogs.checkins import (
    answering,
    round_form,
    round_list,
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
from dialogs.guide_files import Guides
from dialogs.messages import Button, CardReply, DialogReply, Download, Reply
from dialogs.page_login import VERBS as OF_LOGIN
from knowledge.library import Library
from tests.dialogs.access_matrix import ODD, PEOPLE, cells, is_told, read
from tests.dialogs.collected.rounds_world import (
    CLOSED,
    LOGIN,
    NAMED_OPEN,
    OPEN,
    OWN_CLOSED,
    OWN_OPEN,
    OWN_PLANNED,
    PLANNED,
    ROUNDS_OF_NORDLIA,
    SURVEY_OPEN,
    TOLD_OWN,
    TOLD_SCHOOL,
    UNTOLD_OWN,
    UNTOLD_SCHOOL,
    UNTOLD_TEAM,
    World,
    assert_keeps_secrets,
)
from tests.dialogs.kommune import (
    BJØRN_LÆRER,
    DAVID_REKTOR,
    ELI_REKTOR,
    HANNE_SKOLEEIER,
    JORUNN_ADMINISTRATOR,
)

# The cells; besides ".", refused with this sentence.
TOLD = {
    "u": "share_unknown",
    "-": "round_not_for_you",
    "r": "round_named_not_yours",
    "s": "rounds_not_yours",
    "x": "rounds_not_there",
    "g": "survey_gone",
    "d": "survey_not_yours",
    "n": "unasked_nothing",
    "h": "collected_not_there",
    "0": "collected_nothing",
    "y": "result_share_not_yours",
    "b": "result_share_gone",
    "f": "follow_up_gone",
    "m": "follow_up_not_yours",
    "c": "follow_up_choose_error",
    "e": "follow_up_sent_before",
    "l": "plan_leaders_only",
    "k": "collected_themes_not_yours",
    "t": "collected_themes_gone",
    "p": "promise_not_yours",
    "i": "page_closed",
}

NEW, PROMISE = "9" * 32, "kompetansestrategi"
FILLED = {"trivsel__value": "4", "tid__value": "litt", "stotte__value": "Mer ro."}
FORM = {
    "audience": "lærere",
    "audience_text": "",
    "first": "2027-01-12",
    "last": "2027-01-19",
    "repeat": "en gang",
    "discussed_on": "2026-11-10",
    "purpose": "",
}
SURVEY_STEP = {"round": SURVEY_OPEN, "step": "forankring"}
OWN, OF_ALL = {"round": OWN_CLOSED}, {"round": CLOSED}
HEARD = {"heard": "Støy.", "measure": "Ro."}
NOTE = {"set": "prove", "draft": NEW, **FILLED}

ASKED = "...- ---- ---u"  # whom Nordlia's own round is put to
STARTS = ".ss. .sss ..su"
MANAGES = ".xxx xxxx xxxu"
OF_KOMMUNE = "xxxx xxxx ..xu"
FOLLOWS = ".mmf ffff fffu"
REFLECTS = "nn.n nn.n nnnu"
REGISTERED = ".... .... ...u"
# verb, and what of -> what the button carries, and a cell for each person
#        here: rektor, avd.leder, lærer; rektor in the zone · elsewhere: rektor, avd.leder, lærer,
#        tillitsvalgt · skoleeier, fagrådgiver, administrator, unknown
MATRIX: dict[str, tuple[Mapping[str, Any], str]] = {
    # Answering
    "round_open": ({"round": OWN_OPEN}, ASKED),
    "round_open, with names": ({"round": NAMED_OPEN}, ".r-. .r-- ---u"),
    "round_answer": ({"round": OWN_OPEN, **FILLED}, ASKED),
    "round_answer, with names": ({"round": NAMED_OPEN, **FILLED}, ".r-. .r-- ---u"),
    "ballot_begin": ({"round": SURVEY_OPEN}, ASKED),
    "ballot_show": ({"round": SURVEY_OPEN, "section": "digital"}, ASKED),
    "ballot_next": ({"round": SURVEY_OPEN, "section": "@", "erfaring__value": "kort"}, ASKED),
    "ballot_back": ({"round": SURVEY_OPEN, "section": "digital"}, ASKED),
    "ballot_later": ({"round": SURVEY_OPEN, "section": "@", "erfaring__value": "kort"}, ASKED),
    "ballot_own": ({"round": SURVEY_OPEN}, ASKED),
    "ballot_send": ({"round": SURVEY_OPEN}, ASKED),
    "ballot_chat": ({"round": SURVEY_OPEN}, ASKED),
    "ballot_use_text": ({"round": OWN_OPEN, "question": "stotte", "text": "Mer ro"}, ASKED),
    "unasked_show": ({"set": "prove"}, REFLECTS),
    "unasked_keep": (NOTE, REFLECTS),
    "unasked_share": (NOTE, REFLECTS),
    # Starting rounds, and keeping them
    "round_new": ({}, STARTS),
    "round_form": ({"set": "prove", "new": NEW}, STARTS),
    "round_preview": ({"set": "prove", "new": NEW, **FORM}, STARTS),
    "round_start": ({"set": "prove", "new": NEW, "filled": FORM}, STARTS),
    "round_list": ({}, REGISTERED),
    "round_reminders": ({"on": False}, REGISTERED),
    "round_show": ({"round": OWN_OPEN}, "...x xxxx xxxu"),
    "round_show, planned": ({"round": OWN_PLANNED}, MANAGES),
    "round_show, closed": (OWN, "...x xxxx xxxu"),
    "round_show, the kommune's": ({"round": OPEN}, ".... .... ..xu"),
    "round_show, the kommune's planned": ({"round": PLANNED}, "xxxx xxx. ..xu"),
    "round_close_ask": ({"round": OWN_OPEN}, MANAGES),
    "round_close": ({"round": OWN_OPEN}, MANAGES),
    "round_close, the kommune's": ({"round": OPEN}, OF_KOMMUNE),
    "round_later_ask": ({"round": OWN_OPEN}, MANAGES),
    "round_later": ({"round": OWN_OPEN, "last": "2026-12-10"}, MANAGES),
    "round_later, the kommune's": ({"round": OPEN, "last": "2026-12-10"}, OF_KOMMUNE),
    "round_cancel_ask": ({"round": OWN_PLANNED}, MANAGES),
    "round_cancel": ({"round": OWN_PLANNED}, MANAGES),
    "round_cancel, the kommune's": ({"round": PLANNED}, OF_KOMMUNE),
    "round_stop_repeat": ({"round": OWN_PLANNED}, MANAGES),
    "survey_process": ({"round": SURVEY_OPEN}, "...g gggg gggu"),
    "survey_step": (SURVEY_STEP, "...g gggg gggu"),
    "survey_date": ({**SURVEY_STEP, "day": "2026-12-01"}, ".ddg gggg gggu"),
    "survey_done": ({**SURVEY_STEP, "done": True}, ".ddg gggg gggu"),
    # Results
    "results": (OWN, "...h hhhh hh0u"),
    "results, the kommune's": (OF_ALL, ".... .... ..0u"),
    "result_share": ({**OF_ALL, "sure": True}, ".yy. .yyy yybu"),
    "result_share, own": ({**OWN, "sure": True}, ".yyb bbbb bbbu"),
    "result_share_keep": (OF_ALL, ".yy. .yyy yybu"),
    "result_unshare": (OF_ALL, ".yy. .yyy yybu"),
    "text_themes": ({"text": "", "themes": "ro"}, "..kt tttt tttu"),
    "text_themes, the kommune's": ({"text": "", "themes": "ro"}, "tttt tttt ..tu"),
    # What is done about them
    "follow_up": (OWN, "...f ffff fffu"),
    "follow_up, the kommune's": (OF_ALL, ".... .... ..fu"),
    "follow_up_edit": ({"follow_up": UNTOLD_OWN}, FOLLOWS),
    "follow_up_edit, in the kommune's": ({"follow_up": UNTOLD_SCHOOL}, ".mmc cmmm ccfu"),
    "follow_up_edit, the kommune's": ({"follow_up": UNTOLD_TEAM}, "cmmc cmmm ..fu"),
    "follow_up_save": ({"follow_up": UNTOLD_OWN, **HEARD}, FOLLOWS),
    "follow_up_save, a new one": ({**OWN, "follow_up": NEW, **HEARD}, FOLLOWS),
    "follow_up_save, in the kommune's": ({"follow_up": TOLD_SCHOOL, **HEARD}, ".mmc cmmm ccfu"),
    "follow_up_save, the kommune's": ({"follow_up": UNTOLD_TEAM, **HEARD}, "cmmc cmmm ..fu"),
    "follow_up_delete": ({"follow_up": UNTOLD_OWN, "sure": True}, FOLLOWS),
    "follow_up_send": ({**OWN, "follow_ups": [UNTOLD_OWN]}, FOLLOWS),
    "follow_up_send, the kommune's": ({**OF_ALL, "follow_ups": [UNTOLD_TEAM]}, "emme emmm ..fu"),
    "follow_up_plan": ({"follow_up": UNTOLD_OWN}, ".fff ffff fffu"),
    "follow_up_plan, what was told": ({"follow_up": TOLD_OWN}, "..lf ffff fffu"),
    "promise_form": ({"promise": PROMISE}, REGISTERED),
    "promise_status": ({"promise": PROMISE, "status": "i gang", "note": ""}, "pppp pppp ..pu"),
    # One's own
    "my_data": ({}, ".... .... ...."),
    "my_data_keep": ({}, ".... .... ...."),
    "my_data_delete": ({"sure": True}, ".... .... ...."),
    "page_open": ({}, REGISTERED),
    "page_number": ({"login": LOGIN, "number": 11}, ".iii iiii iiiu"),
    "page_ask": ({"question": "Hva er PRUVA?"}, ".... .... ...."),
}
OF_ROUNDS = {row.partition(",")[0] for row in MATRIX}

MODULES = (
    answering,
    follow_up,
    my_data,
    page_login,
    picture,
    promises_page,
    result_sharing,
    round_form,
    round_list,
    survey_process,
    tab_visit,
    texts_page,
    unasked,
)


@pytest.fixture(scope="module")
def kept(library: Library, guides: Guides) -> World:
    return World(library, guides)


@pytest.fixture
def world(kept: World) -> World:
    return kept.again()


def carried(row: str, world: World) -> Mapping[str, Any]:
    value = dict(MATRIX[row][0])
    if row.startswith("text_themes"):
        value["text"] = world.text if "," not in row else world.text_of_all
    return value


def press(world: World, who: str, row: str, value: Mapping[str, Any]) -> str:
    text = read(world.press(who, row.partition(",")[0], value))
    assert_keeps_secrets(who, text, row)
    return text


def nordlias(world: World) -> list[str]:
    """What is kept of Nordlia's own rounds and measures, and of what the school has shared."""
    ids = ROUNDS_OF_NORDLIA | {UNTOLD_OWN, TOLD_OWN, UNTOLD_SCHOOL, TOLD_SCHOOL}
    kept = world.kept()
    return [row for name in sorted(kept) for row in kept[name] if any(id in row for id in ids)]


def test_every_verb_of_these_modules_is_in_the_matrix() -> None:
    theirs = {verb for module in MODULES for verb in module.VERBS}
    assert theirs == OF_ROUNDS
    assert theirs <= VERBS.keys()
    assert OF_LOGIN.keys() <= OF_ROUNDS


@pytest.mark.parametrize("row", MATRIX)
def test_who_is_refused_is_told_why_and_leaves_no_trace(world: World, row: str) -> None:
    value, verb = carried(row, world), row.partition(",")[0]
    before = world.kept()
    for name, cell in cells(MATRIX[row][1]):
        if cell not in TOLD:
            continue
        who = PEOPLE[name]
        text = press(world, who, row, value)
        assert is_told(text, TOLD[cell]), f"{name} pressed {row}: {text}"
        if verb in PAGE_VERBS:
            text = read(world.assistant.browser.press({**value, "verb": verb}, who))
            assert_keeps_secrets(who, text, row)
            assert not text or is_told(text, TOLD[cell]), f"{name} pressed {row}: {text}"
        assert world.kept() == before, f"{name} pressed {row}"


@pytest.mark.parametrize("row", MATRIX)
def test_who_may_is_not_refused_and_reads_no_more_than_that(kept: World, row: str) -> None:
    for name, cell in cells(MATRIX[row][1]):
        if cell in TOLD:
            continue
        assert cell == "."
        world, who = kept.again(), PEOPLE[name]
        before = nordlias(world)
        text = press(world, who, row, carried(row, world))
        assert text
        refused = [key for key in (*TOLD.values(), "old_button") if is_told(text, key)]
        assert not refused, f"{name} pressed {row}: {text}"
        if who in OUTSIDERS:
            assert nordlias(world) == before, f"{name} pressed {row}"


OUTSIDERS = (ELI_REKTOR, BJØRN_LÆRER, JORUNN_ADMINISTRATOR, HANNE_SKOLEEIER)


def every_id() -> dict[str, Any]:
    """Every id there is of Nordlia's, whatever button it belongs to."""
    every: dict[str, Any] = {}
    for value, _ in MATRIX.values():
        every |= value
    every |= {"round": OWN_CLOSED, "follow_up": UNTOLD_OWN, "follow_ups": [UNTOLD_OWN]}
    return every | {"new": UNTOLD_OWN, "shown": OWN_CLOSED, "on": True, "unit": "Nordlia skole"}


@pytest.mark.parametrize("row", MATRIX)
def test_a_forged_card_neither_fails_nor_tells_nor_changes_what_is_nordlias(
    world: World, row: str
) -> None:
    """Every id at once, and then odd values: in everything, and beside the real ones."""
    real, every = carried(row, world), every_id()
    every["text"] = world.text
    outsiders = cycle(OUTSIDERS)
    before = nordlias(world)
    for who in OUTSIDERS:
        press(world, who, row, {**real, **every})
    for number, odd in enumerate(ODD):
        beside = real if number % 2 else {}
        press(world, next(outsiders), row, {**dict.fromkeys(every, odd), **beside})
    assert nordlias(world) == before


_odd = cycle(ODD)  # on through the rows, so that each field of many cards gets each of them


@pytest.mark.parametrize("row", MATRIX)
def test_a_card_of_ones_own_may_be_as_odd_as_it_likes(kept: World, row: str) -> None:
    """One value at a time is odd, so that every check behind the others is reached."""
    world = kept.again()
    real = carried(row, world)
    for who in (DAVID_REKTOR, HANNE_SKOLEEIER):
        for name in [*real] or ["round"]:
            assert press(world, who, row, {**real, name: next(_odd)})
        if isinstance(filled := real.get("filled"), Mapping):
            for field in filled:
                assert press(world, who, row, {**real, "filled": {**filled, field: next(_odd)}})


@pytest.mark.parametrize("row", MATRIX)
def test_every_button_on_the_cards_is_answered(kept: World, row: str) -> None:
    verb = row.partition(",")[0]
    for who in (DAVID_REKTOR, HANNE_SKOLEEIER):
        world = kept.again()
        for button in _buttons(world.press(who, verb, carried(row, world))):
            if isinstance(button, Button):
                assert button.value["verb"] in VERBS, button.title
            elif isinstance(button, Download):
                assert button.paper.partition(":")[0] in PAPERS, button.title


def _buttons(replies: list[Reply]) -> list[Button | Download]:
    cards = [one.card if isinstance(one, DialogReply) else one for one in replies]
    return [button for card in cards if isinstance(card, CardReply) for button in card.buttons]


# Besides buttons: what is written, and files


@pytest.mark.parametrize(
    "words",
    [
        "spørrerunder",
        "ny spørrerunde",
        "refleksjoner",
        "resultater",
        "refleksjon",
        "mine refleksjoner",
        "hva ble gjort",
        "undersøkelsen",
        "mine opplysninger",
        "siden",
        "hva er sagt i Nordlias egen runde?",
        "vis tekstene fra Nordlia skole",
    ],
)
def test_words_tell_nobody_of_what_isnt_for_them(world: World, words: str) -> None:
    for who in PEOPLE.values():
        assert_keeps_secrets(who, read(world.write(who, words)), words)


def test_the_pictures_and_papers_are_of_what_their_reader_sees(world: World) -> None:
    own = {who for who in PEOPLE.values() if world.assistant.paper(_picture(OWN_CLOSED), who)}
    assert own == {PEOPLE[name] for name in ("rektor", "avd.leder", "lærer")}
    all_of = {who for who in PEOPLE.values() if world.assistant.paper(_picture(CLOSED), who)}
    assert all_of == {*PEOPLE.values()} - {PEOPLE["administrator"], PEOPLE["ukjent"]}
    for who in PEOPLE.values():
        for odd in ("result:", "result::", f"result:{OPEN}:trivsel", "result:../x:y", "mydata:x"):
            paper = world.assistant.paper(odd, who)
            if paper is not None:  # one's own, whatever stands behind
                assert odd == "mydata:x"
                assert paper.data is not None
                assert paper.data["person"] == who


def _picture(round: str) -> str:
    return f"result:{round}:trivsel"
