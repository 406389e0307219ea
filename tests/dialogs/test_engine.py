"""Where a person is in a guide, whatever has been answered and however the guide has changed."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs import engine
from dialogs.answers import fits
from dialogs.guide import Guide, Option, Step

YES_NO = tuple(Option(value=v, text=v, text_nn=v) for v in ("ja", "nei"))


def step(id: str, kind: str = "short_text", **more: Any) -> Step:
    return Step.model_validate({"id": id, "kind": kind, "text": id, "text_nn": id, **more})


def guide(*steps: Step) -> Guide:
    return Guide(
        id="g",
        title="x",
        title_nn="x",
        about="x",
        about_nn="x",
        source="x",
        minutes=1,
        owner="school",
        roles=("rektor",),
        step=steps,
    )


COLUMN = {"id": "hva", "kind": "short_text", "label": "Hva", "label_nn": "Kva"}
BRANCHING = guide(
    step("forst", "read"),
    step("valg", "one_of", choices=YES_NO, next={"nei": "slutt"}),
    step("hvorfor", "long_text"),
    step("rader", "table", columns=[COLUMN]),
    step("slutt", optional=True),
)


def ids(steps: tuple[Step, ...]) -> list[str]:
    return [one.id for one in steps]


# What is stored


def test_rows_are_one_answer_in_the_order_they_were_written() -> None:
    stored = {
        "rader/b": {"hva": "først"},
        "forst": True,
        "rader/a": {"hva": "så"},
        "rader": True,
        "rader/c": None,
    }
    rows = [{"hva": "først", "id": "b"}, {"hva": "så", "id": "a"}]
    assert engine.gather(stored) == {"rader": rows, "forst": True}


def test_rows_count_before_anybody_has_gone_on_from_their_table() -> None:
    assert engine.gather({"rader/a": {"hva": "x"}})["rader"] == [{"hva": "x", "id": "a"}]
    assert engine.gather({"rader": True, "rader/a": {"hva": "x"}})["rader"]


def test_a_table_whose_rows_are_all_deleted_is_empty() -> None:
    assert engine.gather({"rader/a": None, "rader": True}) == {"rader": []}


# Where one is


def test_an_answer_may_lead_past_steps() -> None:
    assert ids(engine.path(BRANCHING, {"valg": "nei"})) == ["forst", "valg", "slutt"]
    assert ids(engine.path(BRANCHING, {"valg": "ja"})) == ids(BRANCHING.step)
    assert ids(engine.path(BRANCHING, {})) == ids(BRANCHING.step)


def test_the_current_step_is_the_first_without_an_answer() -> None:
    answers: dict[str, Any] = {}
    seen = []
    rows = [{"id": "a", "hva": "x"}]
    for value in (True, "ja", "fordi", rows, None):
        now = engine.current(BRANCHING, answers)
        assert now is not None
        seen.append(now.id)
        answers[now.id] = value
    assert seen == ids(BRANCHING.step)
    assert engine.current(BRANCHING, answers) is None


def test_what_was_passed_need_not_be_answered() -> None:
    assert engine.current(BRANCHING, {"forst": True, "valg": "nei", "slutt": None}) is None


def test_a_required_step_passed_without_an_answer_is_asked_again() -> None:
    now = engine.current(BRANCHING, {"forst": True, "valg": None})
    assert now is BRANCHING.find("valg")


def test_an_answer_that_no_longer_fits_is_asked_for_again() -> None:
    now = engine.current(BRANCHING, {"forst": True, "valg": "kanskje", "slutt": None})
    assert now is BRANCHING.find("valg")


@pytest.mark.parametrize(
    ("at", "back", "on"),
    [("forst", None, "valg"), ("valg", "forst", "slutt"), ("slutt", "valg", None)],
)
def test_back_and_on_follow_the_path(at: str, back: str | None, on: str | None) -> None:
    answers = {"forst": True, "valg": "nei"}
    before, after = engine.before(BRANCHING, answers, at), engine.after(BRANCHING, answers, at)
    assert (before and before.id, after and after.id) == (back, on)


def test_from_a_step_that_is_no_longer_passed_one_comes_back_to_the_path() -> None:
    answers = {"forst": True, "valg": "nei"}
    before = engine.before(BRANCHING, answers, "hvorfor")
    after = engine.after(BRANCHING, answers, "hvorfor")
    assert before is BRANCHING.find("valg")
    assert after is BRANCHING.find("slutt")


def test_from_a_step_that_is_gone_one_goes_on_to_what_is_missing() -> None:
    assert engine.after(BRANCHING, {"forst": True}, "borte") is BRANCHING.find("valg")
    assert engine.before(BRANCHING, {"forst": True}, "borte") is None


def test_progress_counts_the_steps_that_will_be_asked() -> None:
    assert engine.place(BRANCHING, {}, "hvorfor") == (3, 5)
    assert engine.place(BRANCHING, {"valg": "nei"}, "slutt") == (3, 3)


# A guide that changes


def test_what_is_new_is_told_by_the_ids_one_has_seen() -> None:
    assert ids(engine.new_steps(BRANCHING, ("forst", "valg", "gammelt"))) == [
        "hvorfor",
        "rader",
        "slutt",
    ]


def test_an_answer_whose_step_is_gone_or_has_changed_kind_is_not_lost() -> None:
    answers = {"forst": True, "borte": "tekst", "valg": "kanskje", "hvorfor": "ja", "en": 1}
    assert engine.lost(BRANCHING, answers) == {"borte": "tekst", "valg": "kanskje", "en": 1}


def test_nothing_is_lost_of_what_nobody_wrote() -> None:
    assert engine.lost(BRANCHING, {"lest": True, "hoppet": None, "tom": []}) == {}


def test_answers_follow_their_steps_when_these_are_moved() -> None:
    answers = {"a": "1", "b": "2", "c": "3"}
    moved = guide(step("c"), step("ny"), step("a"), step("b"))
    assert engine.current(moved, answers) is moved.find("ny")
    assert engine.lost(moved, answers) == {}


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 7)
    | st.floats()
    | st.sampled_from(["ja", "nei", "x", "", "2027-01-12"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=4,
)
names = st.sampled_from(["a", "b", "c", "d", "e", "f"])


@st.composite
def guides(draw: st.DrawFn) -> Guide:
    steps = []
    for id in draw(st.lists(names, min_size=1, max_size=6, unique=True)):
        kind = draw(st.sampled_from(["read", "short_text", "one_of", "scale", "number", "date"]))
        jumps = draw(st.dictionaries(st.sampled_from(["ja", "nei"]), names, max_size=2))
        more = {"choices": YES_NO, "next": jumps} if kind == "one_of" else {}
        steps.append(step(id, kind, optional=draw(st.booleans()), **more))
    return guide(*steps)


@given(guides(), st.dictionaries(names, values, max_size=6))
def test_every_guide_ends_whatever_has_been_answered(guide: Guide, answers: dict[str, Any]) -> None:
    path = engine.path(guide, answers)
    order = ids(guide.step)
    assert path[0] is guide.step[0]
    assert path[-1] is guide.step[-1] or path[-1].id in answers
    places = [order.index(one.id) for one in path]
    assert places == sorted(set(places))
    for one in path:
        number, count = engine.place(guide, answers, one.id)
        assert 1 <= number <= count
    now = engine.current(guide, answers)
    assert now is None or not (now.id in answers and fits(now, answers[now.id]))


@given(guides(), guides(), st.dictionaries(names, values, max_size=6))
def test_every_answer_has_a_step_or_is_shown_as_left_over(
    before: Guide, after: Guide, answers: dict[str, Any]
) -> None:
    lost = engine.lost(after, answers)
    for id, value in answers.items():
        at = after.find(id)
        written = value is not None and value is not True and value != []
        assert (id in lost) == (written and (at is None or not fits(at, value)))
    assert all(lost[id] is answers[id] for id in lost)
    for one in before.step:  # an old card: it always leads somewhere, or to the end
        engine.after(after, answers, one.id)
        engine.before(after, answers, one.id)
