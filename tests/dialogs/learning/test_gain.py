"""The gain before publishing: true numbers, and whoever publishes something worse must be sure."""

from time import process_time
from typing import Any

import pytest

from dialogs.contacts import read_contacts
from dialogs.learning.gain import Compared, Gain, Known, Mark, mark, to_hold_out
from dialogs.learning.workbench import Unready, Workbench, when_ready
from dialogs.messages import CardReply, Table
from dialogs.wording import Wording
from knowledge.added import Added, with_added
from knowledge.library import Library
from storage.added_knowledge import count_drafts
from tests.dialogs.kommune import HANNE_SKOLEEIER
from tests.dialogs.learning.school_rules import FRUIT, MOBILE, WATCH, Teaching, button_of, passage
from tests.dialogs.shown import shown

ASKED = "Kan ungene ringe hjem fra klasserommet?"


def numbers(kommune: Teaching) -> list[list[tuple[str, ...]]]:
    """The tables, judged questions first: right, another answer, none found; before and after."""
    page = kommune.page("/gevinst")
    tables = [block for card in page.cards for block in card.blocks if isinstance(block, Table)]
    return [[row[1:] for row in table.rows] for table in tables]


def test_the_numbers_are_those_of_asking_each_question(kommune: Teaching) -> None:
    kommune.judges(kommune.sends("får elevene epler"), "feil avsnitt", FRUIT)
    kommune.judges(kommune.sends("Hvem vasker trappen?"), "mangler i planen")
    kommune.judges(kommune.sends("Bare tull"), "ikke noe å gjøre")
    kommune.adds(kommune.sends(ASKED), MOBILE, ASKED)
    judged, curated = numbers(kommune)
    # The apple was found before, the stairs are rightly declined, and the phone is new.
    assert judged == [("2", "3"), ("0", "0"), ("1", "0")]
    before, after = (sum(int(row[column]) for row in curated) for column in (0, 1))
    assert before == after > 0
    text = kommune.reads("/gevinst", HANNE_SKOLEEIER)
    assert f"«{ASKED}»: fant ikke svar før, rett svar etter." in text
    assert "1 av de behandlede spørsmålene er lagt til ordrett" in text
    assert "Blir verre: 0" in text
    assert "Behandlede spørsmål: 3" in text
    gained = [int(after) - int(before) for before, after in (judged[0], curated[0])]
    assert f"Blir bedre: {sum(gained)}" in text


def test_curated_questions_are_asked_without_their_own_words(kommune: Teaching) -> None:
    library, contacts, wording = kommune.library, read_contacts(), Wording("nb")
    held_out = to_hold_out(library, ["når får elevene mobilen"])
    assert held_out
    words = {one.folded for one in held_out}
    for target in {one.target for one in held_out}:
        passage = library.by_id[target]
        taken = [ask for ask in passage.asks if ask in words]
        assert len(taken) <= len(passage.asks) // 2
    kommune.adds(kommune.sends("x når får elevene mobilen"), MOBILE, "når får elevene mobilen")
    without, _ = with_added(library, Added(), words)
    expected = sum(mark(without, contacts, wording, one).right for one in held_out)
    curated = numbers(kommune)[-1]
    assert sum(int(before) for before, _ in curated) == len(held_out)
    assert curated[0][0] == str(expected)


def test_what_becomes_worse_is_listed_and_published_only_when_sure(kommune: Teaching) -> None:
    right = kommune.sends("er det frukt på fredag?")
    kommune.judges(right, "ikke noe å gjøre", FRUIT)
    wrong = kommune.sends("Er det frukt på fredag??")
    kommune.presses(
        "learning_add_ask",
        items=[wrong],
        cause="feil avsnitt",
        target=passage(kommune.library, WATCH),
        ask="er det frukt på fredag",
    )
    kommune.judges(wrong, "ikke noe å gjøre")
    text = kommune.reads("/gevinst", HANNE_SKOLEEIER)
    assert "Blir verre: 1" in text
    assert "«er det frukt på fredag?»: rett svar før, et annet svar etter." in text
    [asked] = kommune.publishes()
    assert "sjølv om noko blir verre" in shown([asked])
    with kommune.session() as session:
        assert count_drafts(session) == 1
    assert isinstance(asked, CardReply)
    done = kommune.presses(**asked.buttons[0].value)  # type: ignore[union-attr]
    assert "Utkasta er publiserte" in shown(done)
    with kommune.session() as session:
        assert count_drafts(session) == 0


def test_a_wrong_answer_that_becomes_none_is_told_as_another_change() -> None:
    """Neither better nor worse, but the numbers of the tables change by it."""
    known = Known("Hvem?", "et avsnitt")
    wrong, none, right = Mark(False, False), Mark(False, True), Mark(True, False)
    changes = {"other": (wrong, none), "worse": (right, wrong), "better": (none, right)}
    compared = {name: Compared(known, "curated", *marks) for name, marks in changes.items()}
    same = Compared(known, "curated", wrong, wrong)
    gain = Gain((*compared.values(), same))
    assert gain.otherwise == (compared["other"],)
    assert (gain.worse, gain.better) == ((compared["worse"],), (compared["better"],))


def test_what_was_changed_since_it_was_measured_is_not_published(kommune: Teaching) -> None:
    item = kommune.sends(ASKED)
    kommune.adds(item, MOBILE, ASKED)
    button = button_of(kommune.page("/gevinst"), "learning_publish")
    kommune.adds(item, FRUIT, "kan vi dele et eple")
    for value in (button.value, {**button.value, "sure": True}, {"verb": "learning_publish"}):
        told = shown(kommune.presses(**value))
        assert "Nokon har endra utkasta" in told
    with kommune.session() as session:
        assert count_drafts(session) == 2


@pytest.mark.parametrize("odd", [None, "", [], {"a": 1}, "x" * 300, True])
def test_an_odd_key_publishes_nothing(kommune: Teaching, odd: Any) -> None:
    kommune.adds(kommune.sends(ASKED), MOBILE, ASKED)
    kommune.presses("learning_publish", measured=odd, sure=True)
    with kommune.session() as session:
        assert count_drafts(session) == 1


def test_the_same_is_built_and_measured_once(kommune: Teaching) -> None:
    """And never in the first attempt, which holds a transaction."""
    bench = Workbench(kommune.library, read_contacts(), Wording("nb"))
    added = Added(asks=((passage(kommune.library, MOBILE), ASKED),))
    known = (Known(ASKED, passage(kommune.library, MOBILE)),)
    attempts: list[int] = []

    def measured() -> Gain:
        attempts.append(1)
        return bench.gain(Added(), added, known)

    with pytest.raises(Unready):
        bench.candidate(added)
    first = when_ready(measured)
    assert len(attempts) == 2
    assert when_ready(measured) is first
    assert len(attempts) == 3
    assert bench.candidate(added) is bench.candidate(Added(added.asks))
    assert bench.candidate(Added()) is kommune.library


def test_the_shipped_library_is_measured_within_ten_seconds(library: Library) -> None:
    """Of the processor's time, with as many judged questions as are ever asked."""
    from dialogs.learning.gain_page import MOST_JUDGED

    bench = Workbench(library, read_contacts(), Wording("nb"))
    asked = [one for one in library.asked if one.question][:: len(library.asked) // MOST_JUDGED]
    known = tuple(Known(f"{one.question} da", library.passages[one.passage].id) for one in asked)[
        :MOST_JUDGED
    ]
    added = Added(asks=tuple((one.target, f"si meg {one.question}") for one in known[:10]))
    began = process_time()
    gain = when_ready(lambda: bench.gain(Added(), added, known))
    assert process_time() - began < 10
    assert len(gain.of("judged")) == len(known) == MOST_JUDGED
    assert 50 <= len(gain.of("curated")) <= 120
