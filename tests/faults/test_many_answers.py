"""A page has little to do with how many answers are behind it; nor has the memory of a file."""

import pytest

from bench.pages import EXPORT_MEMORY, FEW, TEXTS, Measured, measure, yardstick
from tests.faults.conftest import Tell

ORDINARY = 70.0  # milliseconds for a million additions on a machine that does nothing else


@pytest.mark.parametrize(
    ("answers", "texts", "bound"),
    [
        (FEW, FEW // 5, 500),
        pytest.param(500_000, TEXTS, 500, marks=pytest.mark.faults),
        pytest.param(1_000_000, TEXTS, 1_000, marks=pytest.mark.faults),
    ],
)
def test_every_page_comes_soon_and_no_file_needs_much_memory(
    answers: int, texts: int, bound: float, tell: Tell
) -> None:
    before = yardstick()
    found = measure(answers, texts)
    # Others may be using the machine.
    slow = max(1.0, before / ORDINARY, yardstick() / ORDINARY)
    tell(f"{said(found)}; the machine is {slow:.1f} times slower than it should be")
    assert found.answers >= answers
    assert {reader for reader, _ in found.pages} == {"skoleeierteamet", "rektor", "lærer"}
    assert found.slowest < bound * slow
    assert set(found.exports) == {"csv", "xlsx"}
    assert all(memory < EXPORT_MEMORY for memory, _, _ in found.exports.values())


def said(found: Measured) -> str:
    files = ", ".join(
        f"{ending} {memory:.0f} MB" for ending, (memory, _, _) in found.exports.items()
    )
    return (
        f"closed in {found.closing:.1f} s, slowest page {found.slowest:.0f} ms,"
        f" median {found.median:.0f} ms, memory of {files}"
    )
