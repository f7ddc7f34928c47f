"""How long to wait before trying again."""

from __future__ import annotations

from souk.kernel.ids import new_id


def backoff_seconds(attempt: int, *, first: float, most: float) -> float:
    """For the `attempt`-th wait (from 1): doubling from `first` up to `most`, spread by half.

    Those who failed together shall not come back together.
    """
    return spread_seconds(min(first * 2 ** min(attempt - 1, 30), most))


def spread_seconds(seconds: float) -> float:
    """Somewhere between half of it and all of it."""
    # The tail of an id is random, and all randomness comes from there.
    return seconds * (0.5 + int(new_id()[-4:], 16) / 0x1_FFFE)
