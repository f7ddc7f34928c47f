"""What a process takes on: how long a request may run, how many at once, how many streams each."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import inf
from types import TracebackType

from souk.kernel.clock import monotonic
from souk.kernel.contract import Rate
from souk.kernel.refusals import DeadlineExceeded, TooManyRequests, Unavailable

CROWD = 32  # so many of one class may always run
# Whoever orders waits longest: carts that nobody can take to the till were filled in vain.
WAIT_SECONDS_MAX = dict.fromkeys(Rate, 1.0) | {Rate.CHECKOUT: 4.0}
LOOK_SECONDS = 1.0


class Ticket:
    """One running request; cancelled when its time is over, which its client is told as 504."""

    __slots__ = ("_deadlines", "deadline", "expired", "task")

    def __init__(self, deadlines: Deadlines, deadline: float) -> None:
        self._deadlines = deadlines
        self.deadline = deadline
        self.expired = False
        self.task = asyncio.current_task()

    def __enter__(self) -> Ticket:
        self._deadlines.open[self] = None
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._deadlines.open.pop(self, None)
        if self.expired and self.task is not None:
            self.task.uncancel()
            if kind is not None and issubclass(kind, asyncio.CancelledError):
                raise DeadlineExceeded() from error

    def expire(self) -> None:
        self.expired = True
        if self.task is not None:
            self.task.cancel()


class Deadlines:
    """Ends what runs longer than `seconds`.

    All tickets live equally long, so the first to start is the first to end: one timer serves
    them all, where asyncio.timeout() would make one for each request.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.open: dict[Ticket, None] = {}
        self._timer: asyncio.TimerHandle | None = None

    def ticket(self) -> Ticket:
        if self._timer is None:
            self._wake_in(self.seconds)
        return Ticket(self, monotonic() + self.seconds)

    def _wake_in(self, seconds: float) -> None:
        self._timer = asyncio.get_running_loop().call_later(seconds, self._sweep)

    def _sweep(self) -> None:
        self._timer = None
        now = monotonic()
        for ticket in tuple(self.open):
            if ticket.deadline > now:
                self._wake_in(ticket.deadline - now)
                return
            del self.open[ticket]
            ticket.expire()


class Gate:
    """Bounds the requests of this process; what is over is refused at once, not queued."""

    def __init__(self, running_max: int) -> None:
        self._max = running_max
        self.running = 0
        self.is_closed = False

    def __enter__(self) -> None:
        """Raises Unavailable."""
        if self.running >= self._max or self.is_closed:
            raise Unavailable(service="gateway")
        self.running += 1

    def __exit__(self, *_: object) -> None:
        self.running -= 1


class Lane:
    """The requests of one class; refuses who would wait longer for an answer than people do.

    Whoever comes in now leaves after `running / answers a second` (Little's law). What the rate
    is shows in a lane that stays crowded for a while: before, a burst comes in whole.
    """

    __slots__ = ("_answered", "_began", "_is_crowded", "_now", "_rate", "_wait_max", "running")

    def __init__(self, wait_seconds_max: float, now: Callable[[], float] = monotonic) -> None:
        self._wait_max, self._now = wait_seconds_max, now
        self._rate = inf
        self._began, self._answered, self._is_crowded = now(), 0, False
        self.running = 0

    def __enter__(self) -> None:
        """Raises Unavailable."""
        if self.running >= CROWD:
            self._look()
            if self.running > self._rate * self._wait_max:
                raise Unavailable(service="gateway")
        self.running += 1

    def __exit__(self, *_: object) -> None:
        self.running -= 1
        self._answered += 1
        if self.running < CROWD:
            self._rate, self._is_crowded = inf, False

    def _look(self) -> None:
        """Begins to count when it becomes crowded, and then anew every few seconds."""
        now = self._now()
        if self._is_crowded and now - self._began < LOOK_SECONDS:
            return
        if self._is_crowded:
            self._rate = self._answered / (now - self._began)
        self._began, self._answered, self._is_crowded = now, 0, True


class Seats:
    """Bounds the streams one client has open, and all of this process."""

    def __init__(self, *, each_max: int, all_max: int) -> None:
        self._each_max = each_max
        self._all_max = all_max
        self._taken: Counter[str] = Counter()
        self.total = 0

    @contextmanager
    def seat(self, client: str) -> Iterator[None]:
        """Raises TooManyRequests or Unavailable."""
        if self._taken[client] >= self._each_max:
            raise TooManyRequests(retry_seconds=30)
        if self.total >= self._all_max:
            raise Unavailable(service="gateway", retry_seconds=5)
        self._taken[client] += 1
        self.total += 1
        try:
            yield
        finally:
            self.total -= 1
            self._taken[client] -= 1
            if not self._taken[client]:
                del self._taken[client]
