"""Asked once for what several want at the same moment."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context
from typing import Generic, TypeVar

from souk.kernel.context import Call, acting, call, remaining_seconds, within
from souk.kernel.ids import is_id
from souk.kernel.refusals import DeadlineExceeded

K = TypeVar("K")
R = TypeVar("R")

SECONDS_MAX = 10.0


class Together(Generic[K, R]):
    """`answer = await together(key)`, where `ask(keys)` answers for all, in their order.

    Whoever comes while others are being answered waits for them and shares the next turn, so the
    busier it is the larger the turns: of `at_once_max` keys, or of as many as have that `size`
    together; one that is larger has a turn of its own. Who is alone asks in their own name and
    time. A turn of several has a deadline of its own and belongs to nobody's request; what it
    raises goes to everybody who shared it. Everybody waits until their own deadline
    (DeadlineExceeded), and who has left before their turn is not asked for.
    """

    def __init__(
        self,
        ask: Callable[[Sequence[K]], Awaitable[Sequence[R]]],
        *,
        at_once_max: int = 100,
        size: Callable[[K], int] = lambda _: 1,
    ) -> None:
        self._ask, self._at_once_max, self._size = ask, at_once_max, size
        self._waiting: deque[tuple[K, asyncio.Future[R]]] = deque()
        self._asking: asyncio.Task[None] | None = None
        self._is_taken = False  # somebody asks for themselves alone

    async def __call__(self, key: K) -> R:
        if self._is_taken or self._asking:
            return await self._shared(key)
        self._is_taken = True
        try:
            await asyncio.sleep(0)  # whoever is about to come in this moment comes along
            if not self._waiting:
                (answer,) = await self._ask([key])
                return answer
        finally:
            self._is_taken = False
            if self._waiting:
                self._begin()
        return await self._shared(key, is_first=True)

    async def _shared(self, key: K, *, is_first: bool = False) -> R:
        deadline = call().deadline
        if remaining_seconds() == 0:
            raise DeadlineExceeded
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[R] = loop.create_future()
        (self._waiting.appendleft if is_first else self._waiting.append)((key, answer))
        if not self._is_taken:
            self._begin()
        if deadline is None:
            return await answer
        bell = loop.call_at(deadline, _give_up, answer)  # the loop's time is `time.monotonic` too
        try:
            return await answer
        finally:
            bell.cancel()

    def _begin(self) -> None:
        if self._asking is None:
            self._asking = asyncio.create_task(self._go_on(), context=Context())

    async def _go_on(self) -> None:
        try:
            while self._waiting:
                await asyncio.sleep(0)
                if taken := self._taken():
                    await self._turn(taken)
        finally:
            self._asking = None

    def _taken(self) -> list[tuple[K, asyncio.Future[R]]]:
        taken: list[tuple[K, asyncio.Future[R]]] = []
        room = self._at_once_max
        while self._waiting:
            key, answer = self._waiting[0]
            if not answer.done():
                room -= self._size(key)
                if taken and room < 0:
                    break
                taken.append((key, answer))
            self._waiting.popleft()
        return taken

    async def _turn(self, taken: list[tuple[K, asyncio.Future[R]]]) -> None:
        try:
            with acting(Call(deadline=within(SECONDS_MAX))):
                answers = await self._ask([key for key, _ in taken])
            for (_, waits), answer in zip(taken, answers, strict=True):
                if not waits.done():
                    waits.set_result(answer)
        except BaseException as error:
            for _, waits in taken:
                if not waits.done():
                    waits.set_exception(_own(error))
            if not isinstance(error, Exception):
                raise


class Lookup(Generic[R]):
    """`rows = await lookup(ids)`: the rows of those ids that are known, each once, in the order in
    which `find(ids)` finds them. Lookups of the same moment share a `find`.

    What is no id is nobody's: it is not asked for, because it would fail for all who share.
    `find` can have a limit of `at_once_max` rows: only a lookup alone asks it for more.
    """

    def __init__(
        self,
        find: Callable[[Sequence[str]], Awaitable[Sequence[R]]],
        id_of: Callable[[R], str],
        *,
        at_once_max: int,
    ) -> None:
        self._find, self._id_of = find, id_of
        self._together = Together(self._find_all, at_once_max=at_once_max, size=len)

    async def __call__(self, ids: Sequence[str]) -> tuple[R, ...]:
        return await self._together([one for one in ids if is_id(one)])

    async def _find_all(self, asked: Sequence[Sequence[str]]) -> Sequence[tuple[R, ...]]:
        found = await self._find(list({one: None for ids in asked for one in ids}))
        places = {self._id_of(row): place for place, row in enumerate(found)}
        return [
            tuple(found[place] for place in sorted({places[one] for one in ids if one in places}))
            for ids in asked
        ]


def _give_up(answer: asyncio.Future[R]) -> None:
    if not answer.done():
        answer.set_exception(DeadlineExceeded())


def _own(error: BaseException) -> BaseException:
    """The same for one of several: raising writes a traceback and a context into what it raises."""
    own = type(error).__new__(type(error), *error.args)
    own.__dict__.update(error.__dict__)
    own.__cause__ = error
    return own
