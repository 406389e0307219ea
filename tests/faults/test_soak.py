"""A short soak: mixed use of three copies while one of them is killed."""

from pathlib import Path

import pytest

from tests.faults.conftest import Tell
from tests.faults.soak import LATENCY, soak
from tests.faults.three_copies import world


@pytest.mark.asyncio
async def test_nothing_is_lost_or_doubled_when_a_copy_is_killed(
    postgresql: str, tmp_path: Path, tell: Tell
) -> None:
    async with world(postgresql, tmp_path, people=20, latency=LATENCY) as running:
        report = await soak(running, conversations=20, seconds=20, kills=1, pause=1.5)
    tell("\n" + "\n".join(report.lines))
    assert not report.broken
