"""A short storm over each shape: all harms, all invariants, one seed. `make storm` is longer."""

import pytest

from tests.faults.storm.plan import Plan
from tests.faults.storm.storm import storm

SECONDS = 24  # of harm


@pytest.mark.xdist_group("storm")
@pytest.mark.timeout(400)
@pytest.mark.parametrize("shape", ["together", "split"])
async def test_nothing_is_lost_or_done_twice_in_a_storm(shape):
    report = await storm(
        Plan(
            shape=shape,
            seed=20,
            seconds=SECONDS,
            shoppers=60,
            drops=2,
            units=8,
            rush=36,
            flush_seconds=3,
            pace_seconds=1.5,
            stop_seconds=4,
            away_seconds=6,
            late_seconds=12,
            settle_seconds=120,  # how soon is for `make storm` to say, on a machine of its own
        )
    )
    print(report.text())
    assert not report.broken, report.text()
