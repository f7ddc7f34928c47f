"""Waits grow, end somewhere, and do not fall together."""

from __future__ import annotations

from souk.kernel.patience import backoff_seconds, spread_seconds


def test_a_wait_lies_between_half_and_all_of_what_was_asked():
    waits = [spread_seconds(2.0) for _ in range(500)]

    assert all(1.0 <= wait <= 2.0 for wait in waits)
    assert min(waits) < 1.2
    assert max(waits) > 1.8


def test_waits_double_from_the_first_up_to_the_most():
    longest = [
        max(backoff_seconds(attempt, first=1, most=10) for _ in range(300))
        for attempt in (1, 2, 3, 4, 5, 1000)
    ]

    assert [round(seconds) for seconds in longest] == [1, 2, 4, 8, 10, 10]
