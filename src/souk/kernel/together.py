"""Asked once for what several want at the same moment."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context
from typing import Generic, TypeVar

from souk.kernel.context import Call, acting, within

K = TypeVar("K")
R = TypeVar("R")

SECONDS_MAX = 10.0


class Together(Generic[K, R]):
    """`answer = await together(key)`, where `ask(keys)` answers for all, in their order.

    Whoever comes while others are being answered waits for them and shares the next turn, so the
    busier it is the larger the turns. `ask` has a deadline of its own and belongs to nobody's
    request; what it raises goes to everybody who shared it.
    """

    def __init__(
        self, ask: Callable[[Sequence[K]], Awaitable[Sequence[R]]], *, at_once_max: int = 100
    ) -> None:
        self._ask, self._at_once_max = ask, at_once_max
        self._waiting: list[tuple[K, asyncio.Future[R]]] = []
        self._asking: asyncio.Task[None] | None = None

    async def __call__(self, key: K) -> R:
        answer: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((key, answer))
        if self._asking is None:
            self._asking = asyncio.create_task(self._go_on(), context=Context())
        return await answer

    async def _go_on(self) -> None:
        try:
            while self._waiting:
                await asyncio.sleep(0)  # whoever is about to come in this moment comes along
                taken = self._waiting[: self._at_once_max]
                del self._waiting[: self._at_once_max]
                await self._turn(taken)
        finally:
            self._asking = None

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
                    waits.set_exception(error)
            if not isinstance(error, Exception):
                raise
