"""The chains of a sweep try every pair of failpoints."""

from __future__ import annotations

from itertools import pairwise

from tests.faults.exact.chains import DEATHS_MAX, chains


def test_chains_hold_every_pair_once_and_lead_on() -> None:
    points = range(40)
    pairs = [(first, second) for first in points for second in points[first:]]

    found = chains(pairs)

    assert sorted(link for chain in found for link in pairwise(chain)) == pairs
    assert {len(chain) for chain in found} <= set(range(2, DEATHS_MAX + 1))
    assert len(found) < 1.05 * 40**2 / 4


def test_pairs_that_do_not_meet_are_chains_of_two() -> None:
    assert chains([("a", "b"), ("c", "d")]) == [("a", "b"), ("c", "d")]
