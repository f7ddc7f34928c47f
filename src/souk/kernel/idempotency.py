"""One effect for each Idempotency-Key, however often and wherever its request arrives."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

import msgspec
from msgspec import Struct

from souk.kernel.clock import monotonic
from souk.kernel.context import call, remaining_seconds
from souk.kernel.patience import backoff_seconds
from souk.kernel.refusals import IdempotencyKeyInFlight, IdempotencyKeyReused, Refusal

if TYPE_CHECKING:
    from souk.kernel.database import Database, Transaction

P = ParamSpec("P")
T = TypeVar("T")
R = TypeVar("R")
Claim = tuple[str, str]  # scope and key

WAIT_SECONDS_MAX = 30.0

# The lock is tried, never waited for: a copy that waited inside PostgreSQL would hold one of the
# pool's connections, and enough of them all. It ends with the transaction, as does a crash.
CLAIM = """
select pg_try_advisory_xact_lock(hashtextextended($1 || chr(10) || $2, 0)) as is_mine,
       request_hash, answer
  from (select) as always
  left join idempotency_keys on scope = $1 and key = $2
"""
STORED = "select request_hash, answer from idempotency_keys where scope = $1 and key = $2"
STORE = """
insert into idempotency_keys (scope, key, request_hash, answer) values ($1, $2, $3, $4)
    on conflict (scope, key) do nothing
"""

_packed = msgspec.msgpack.Encoder(order="deterministic")


class _Busy(Exception):  # noqa: N818 - no error: another process has the key
    pass


class _First(Struct, eq=False):
    """The copy that runs in this process; the others wait for its answer."""

    request_hash: bytes
    ended: asyncio.Future[bytes | None]


class Once:
    """The claims of one database in this process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._running: dict[Claim, _First] = {}

    async def run(
        self,
        answer: type[T],
        request: Struct,
        use_case: Callable[Concatenate[Transaction, P], Awaitable[T]],
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """See `Database.once`."""
        key = call().idempotency_key
        if not key:
            return await self._database.transact(use_case, *args, **kwargs)

        async def effect(tx: Transaction) -> bytes:
            return _packed.encode(await use_case(tx, *args, **kwargs))

        claim, request_hash = _claim(request, key)
        stored = await self._first_or_its_answer(
            claim, request_hash, lambda until: self._claimed(claim, request_hash, effect, until)
        )
        # Read back even by the copy that made it, so that no two copies can differ.
        return msgspec.msgpack.decode(stored, type=answer)

    async def run_planned(
        self,
        answer: type[T],
        request: Struct,
        plan: Callable[[], Awaitable[R]],
        use_case: Callable[[Transaction, R], Awaitable[T]],
    ) -> T:
        """See `Database.once_planned`."""
        key = call().idempotency_key
        if not key:
            return await self._database.transact(use_case, await plan())
        claim, request_hash = _claim(request, key)

        async def work(until: float) -> bytes:
            if (stored := await self._stored(claim, request_hash)) is not None:
                return stored
            try:
                planned = await plan()
            except Refusal:
                # Refused because a copy in another process has had its effect in between?
                if (stored := await self._stored(claim, request_hash)) is not None:
                    return stored
                raise

            async def effect(tx: Transaction) -> bytes:
                return _packed.encode(await use_case(tx, planned))

            return await self._claimed(claim, request_hash, effect, until)

        stored = await self._first_or_its_answer(claim, request_hash, work)
        return msgspec.msgpack.decode(stored, type=answer)

    async def _stored(self, claim: Claim, request_hash: bytes) -> bytes | None:
        """The answer this key was given before."""
        row = await self._database.fetchrow(STORED, *claim)
        if row is None:
            return None
        if row["request_hash"] != request_hash:
            raise IdempotencyKeyReused
        answer: bytes = row["answer"]
        return answer

    async def _first_or_its_answer(
        self, claim: Claim, request_hash: bytes, work: Callable[[float], Awaitable[bytes]]
    ) -> bytes:
        """`work` is given the moment (monotonic) until which it may wait."""
        until = monotonic() + _seconds_left()
        while first := self._running.get(claim):
            if first.request_hash != request_hash:
                raise IdempotencyKeyReused
            await asyncio.wait({first.ended}, timeout=max(until - monotonic(), 0))
            if not first.ended.done():
                raise IdempotencyKeyInFlight
            if (stored := first.ended.result()) is not None:
                return stored
        first = _First(request_hash, asyncio.get_running_loop().create_future())
        self._running[claim] = first
        stored = None
        try:
            stored = await work(until)
        finally:
            # None when refused, failed or cancelled: the next copy tries for itself.
            del self._running[claim]
            first.ended.set_result(stored)
        return stored

    async def _claimed(
        self,
        claim: Claim,
        request_hash: bytes,
        effect: Callable[[Transaction], Awaitable[bytes]],
        until: float,
    ) -> bytes:
        attempt = 0
        while True:
            try:
                return await self._database.transact(_attempt, claim, request_hash, effect)
            except _Busy:
                attempt += 1
                pause = backoff_seconds(attempt, first=0.004, most=0.1)
                if monotonic() + pause >= until:
                    raise IdempotencyKeyInFlight from None
            await asyncio.sleep(pause)


async def _attempt(
    tx: Transaction,
    claim: Claim,
    request_hash: bytes,
    effect: Callable[[Transaction], Awaitable[bytes]],
) -> bytes:
    row: Any = await tx.fetchrow(CLAIM, *claim)
    if row["request_hash"] is not None:
        if row["request_hash"] != request_hash:
            raise IdempotencyKeyReused
        stored: bytes = row["answer"]
        return stored
    if not row["is_mine"]:
        raise _Busy
    made = await effect(tx)
    # The claim looks before it locks, so it may have missed an answer committed in between.
    if await tx.execute(STORE, *claim, request_hash, made) != "INSERT 0 1":
        raise _Busy
    return made


def _claim(request: Struct, key: str) -> tuple[Claim, bytes]:
    """A key belongs to who sent it: another person's answer is never given away.

    Guests are told apart by their address, and by the cart's token, which is in the request: that
    must be equal, so a key alone opens nobody's answer.
    """
    caller = call().caller
    sender = caller.user_id or caller.session_id or f"guest at {caller.address}"
    request_hash = hashlib.sha256(_packed.encode(request)).digest()
    return (f"{type(request).__name__}:{sender}", key), request_hash


def _seconds_left() -> float:
    left = remaining_seconds()
    return WAIT_SECONDS_MAX if left is None else min(left, WAIT_SECONDS_MAX)
