"""Pairs in chains: who dies at a, then at b, then at c has tried (a, b) and (b, c)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from souk.kernel.events.consumers import DELIVERIES_MAX

# The broker counts a delivery for each life that dies with a message in hand, and a consumer that
# fails at the last one it may have parks the message. With so many deaths the life that sees the
# end has at least two left, as after a single death.
DEATHS_MAX = DELIVERIES_MAX - 2

P = TypeVar("P")


def chains(pairs: Iterable[tuple[P, P]], *, deaths_max: int = DEATHS_MAX) -> list[tuple[P, ...]]:
    """Every pair in exactly one of them, as neighbours.

    Each goes on with the first pair that is left where it is. Pairs never lead back, so that no
    chain passes the middle of a trip twice: with n points there cannot be less than n²/4 chains,
    and three deaths for two pairs; six deaths at most come to 4 % more chains than that.
    """
    left: dict[P, list[P]] = {}
    for first, second in pairs:
        left.setdefault(first, []).append(second)
    found = []
    for start, nexts in left.items():
        while nexts:
            chain = [start]
            while len(chain) < deaths_max and left.get(chain[-1]):
                chain.append(left[chain[-1]].pop(0))
            found.append(tuple(chain))
    return found
