"""Whose access ended before their tokens did: heard of at once, and asked for to be sure."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

import msgspec
from msgspec import Struct

from souk.kernel.clock import Clock
from souk.kernel.context import Call, acting, within
from souk.kernel.events.live import Live
from souk.kernel.refusals import Refusal
from souk.kernel.telemetry import logger
from souk.kernel.telemetry.traces import new_trace_id

SUBJECT = "souk.users.access_ended"
KEPT_MAX = 200_000
SLACK_SECONDS = 60  # between our clocks, and between an ending's moment and its commit
ASK_SECONDS = 4.0  # sockets of somebody who is banned end within five, even without the broker
ANSWER_SECONDS_MAX = 10.0
A_PAGE = 1000  # as the contract of users has it
log = logger(__name__)


class Ending(Protocol):
    """One account's or session's end, as the contract of users has it."""

    @property
    def user_id(self) -> str: ...
    @property
    def session_id(self) -> str: ...
    @property
    def version(self) -> int: ...
    @property
    def ended_at(self) -> datetime | None: ...


class Told(Struct, frozen=True):
    """The event, as far as it matters here."""

    user_id: str
    session_id: str = ""
    version: int = 0
    ended_at: datetime | None = None


class EndedAccess:
    """What tokens are void, in two looks into a dictionary.

    An ending matters until the last token from before it is over. When there are more endings
    than can be kept, all tokens from before the oldest of them are void: their owners refresh.
    """

    def __init__(self, *, token_seconds: int, kept_max: int = KEPT_MAX) -> None:
        self._matters_for = timedelta(seconds=token_seconds + SLACK_SECONDS)
        self._kept_max = kept_max
        # An account's id with the version from which tokens are good; a session's with None.
        self._kept: OrderedDict[str, tuple[int | None, datetime]] = OrderedDict()
        self._floor = 0.0

    def add(self, ending: Ending, now: datetime) -> None:
        """The same one again changes nothing."""
        ended_at = ending.ended_at or now
        key = ending.session_id or ending.user_id
        version = None if ending.session_id else ending.version
        known = self._kept.get(key)
        if known is not None and (version is None or version <= (known[0] or 0)):
            return
        self._kept[key] = version, ended_at
        self._kept.move_to_end(key)
        self._forget(now)

    def refuses(self, user_id: str, session_id: str, *, version: int, issued_at: int) -> bool:
        if issued_at < self._floor:
            return True
        if not self._kept:
            return False
        if session_id and session_id in self._kept:
            return True
        known = self._kept.get(user_id)
        return known is not None and version < (known[0] or 0)

    def _forget(self, now: datetime) -> None:
        while self._kept:
            oldest = next(iter(self._kept.values()))[1]
            is_over = oldest + self._matters_for < now
            if not is_over and len(self._kept) <= self._kept_max:
                return
            self._kept.popitem(last=False)
            if not is_over:
                self._floor = max(self._floor, oldest.timestamp() + 1)
                log.warning("too_many_endings", kept=self._kept_max)


Ask = Callable[[datetime], Awaitable[Sequence[Ending]]]


class AccessFeed:
    """Keeps a process's EndedAccess up to date, until it is cancelled.

    The bus tells within milliseconds and forgets who was not listening; asking users for the
    latest is slower and misses nothing.
    """

    def __init__(self, ended: EndedAccess, live: Live, ask: Ask, clock: Clock) -> None:
        self._ended, self._live, self._ask, self._clock = ended, live, ask, clock
        self._is_asked_in_vain = False

    async def run(self, *, token_seconds: int) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._listen(), name="ended access, heard")
            group.create_task(self._look(token_seconds), name="ended access, asked")

    async def _listen(self) -> None:
        while True:
            try:
                async with self._live.watch(SUBJECT) as messages:
                    async for message in messages:
                        told = msgspec.json.decode(message.payload, type=Told)
                        self._ended.add(told, self._clock.now())
            except (Refusal, msgspec.DecodeError) as error:  # until then they are asked for
                log.warning("endings_not_heard", reason=str(error))
            await asyncio.sleep(ASK_SECONDS)

    async def _look(self, token_seconds: int) -> None:
        since = self._clock.now() - timedelta(seconds=token_seconds + SLACK_SECONDS)
        while True:
            call = Call(trace_id=new_trace_id(), deadline=within(ANSWER_SECONDS_MAX))
            try:
                with acting(call):
                    since = await self._catch_up(since)
                self._is_asked_in_vain = False
            except Exception as error:  # noqa: BLE001 - whatever it was, it is asked again
                if not self._is_asked_in_vain:
                    log.warning("endings_not_asked", reason=str(error) or type(error).__name__)
                self._is_asked_in_vain = True
            await asyncio.sleep(ASK_SECONDS)

    async def _catch_up(self, since: datetime) -> datetime:
        """Where to go on from: a little before the last one, which others may commit behind."""
        while True:
            found = await self._ask(since)
            for ending in found:
                self._ended.add(ending, self._clock.now())
            latest = max((one.ended_at for one in found if one.ended_at), default=since)
            if len(found) < A_PAGE or latest <= since:
                return max(since, latest - timedelta(seconds=SLACK_SECONDS))
            since = latest
