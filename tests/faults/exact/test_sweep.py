"""A process that dies at any point of a checkout, cancellation, shipment or refund ends right."""

from __future__ import annotations

import ast
import asyncio
from pathlib import Path

import pytest

from tests.faults.exact.bazaar import Bazaar
from tests.faults.exact.sweep import Sweep, explore
from tests.faults.exact.trips import (
    CancelsAtOnce,
    GetsSomeBack,
    IsSent,
    NeverAnswers,
    SaysNo,
)
from tests.support.servers import CHECKOUT

# Together they reach every failpoint; all trips are in the long form.
TRIPS = (CancelsAtOnce, SaysNo, NeverAnswers, GetsSomeBack, IsSent)
PAIRS, SEED = 12, 20261121
ELSEWHERE = {"catalog.import.between"}  # tests/services/catalog/test_shopify_import.py
SERVICES = CHECKOUT / "src" / "souk" / "services"

pytestmark = [pytest.mark.xdist_group("exact_sweep"), pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
async def sweeps(place: Bazaar, other_place: Bazaar) -> tuple[Sweep, Sweep]:
    """Two at once: most of a recovery is waiting."""
    two = Sweep(place), Sweep(other_place)
    await explore(two, TRIPS)
    return two


async def test_every_point_has_the_right_end(sweeps: tuple[Sweep, Sweep]) -> None:
    points = sweeps[0].each_name()

    await asyncio.gather(*(one.one_by_one(points[n::2]) for n, one in enumerate(sweeps)))

    assert [*sweeps[0].tally.wrong, *sweeps[1].tally.wrong] == []
    names = {point.name for point in points}
    assert sweeps[0].died_at | sweeps[1].died_at == names
    assert set(await sweeps[0].place.life.steps()) <= names
    assert written() - names == ELSEWHERE


async def test_two_deaths_in_a_row_have_the_right_end(sweeps: tuple[Sweep, Sweep]) -> None:
    pairs = sweeps[0].pairs(PAIRS, seed=SEED)

    await asyncio.gather(*(one.in_a_row(pairs[n::2]) for n, one in enumerate(sweeps)))

    assert [*sweeps[0].tally.wrong, *sweeps[1].tally.wrong] == []
    assert sweeps[0].tally.twice + sweeps[1].tally.twice > 0


def written() -> set[str]:
    """The failpoints that services name in their code."""
    return {
        node.args[0].value
        for path in SERVICES.rglob("*.py")
        for node in ast.walk(ast.parse(Path(path).read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "reach"
        and isinstance(node.args[0], ast.Constant)
    }
