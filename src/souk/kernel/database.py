"""PostgreSQL: reads, transactions, and events that leave only if their transaction commits."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Concatenate, ParamSpec, TypeVar

import asyncpg
from asyncpg import Record
from msgspec import Struct

from souk.kernel import idempotency
from souk.kernel.audit.entries import entry_of_staff
from souk.kernel.context import call
from souk.kernel.failpoints import reach
from souk.kernel.group_commit import Execution, GroupCommit
from souk.kernel.outages import FAILURES, refusal_for
from souk.kernel.outbox_rows import OutboxRow, told_if_written
from souk.kernel.patience import backoff_seconds
from souk.kernel.person_keys import PersonKeys
from souk.kernel.pools import (
    CLOSE_SECONDS_MAX,
    IDLE_SECONDS_MAX,
    Connection,
    Pool,
    PoolClosed,
    PoolUse,
)
from souk.kernel.refusals import Unavailable
from souk.kernel.statements import Queries, ask, seconds_allowed
from souk.kernel.transaction import Transaction
from souk.kernel.writes import Write, joined

__all__ = ["Database", "Queries", "Transaction"]

P = ParamSpec("P")
T = TypeVar("T")
R = TypeVar("R")

ATTEMPTS_MAX = 10


class Database(Queries):
    """One service's database, for everyone in this process."""

    def __init__(
        self, pool: Pool, name: str, *, audit_key: bytes = b"", personal: PersonKeys | None = None
    ) -> None:
        self.name, self.audit_key, self.personal = name, audit_key, personal or PersonKeys("")
        self.audited: Callable[[], None] = lambda: None  # called after a commit that was recorded
        self.published = asyncio.Event()  # set after a commit that published; the relay clears it
        self._pool = pool
        self._once = idempotency.Once(self)
        self._group_commit = GroupCommit(self._execute_one, self._execute_all)

    @staticmethod
    async def connect(
        url: str,
        name: str,
        *,
        size_max: int = 10,
        idle_seconds_max: float = IDLE_SECONDS_MAX,
        audit_key: bytes = b"",
        personal: PersonKeys | None = None,
    ) -> Database:
        """Opens nothing yet: connections come with the first statements, and after an outage."""
        pool = Pool(url, name, size_max=size_max, idle_seconds_max=idle_seconds_max)
        return Database(pool, name, audit_key=audit_key, personal=personal)

    @property
    def pool_use(self) -> PoolUse:
        return self._pool.use

    def transaction(self) -> AbstractAsyncContextManager[Transaction]:
        """`async with database.transaction() as tx:` commits at its end, rolls back on an error."""
        return Transaction(self)

    async def transact(
        self,
        use_case: Callable[Concatenate[Transaction, P], Awaitable[T]],
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """`use_case(tx, ...)` in one transaction, repeated whole when it met another one.

        Raises Unavailable (database) when it still does after ten attempts.
        """

        async def once() -> T:
            async with self.transaction() as tx:
                return await use_case(tx, *args, **kwargs)

        return await self._until_alone(once)

    async def write(
        self, *writes: Write, events: Sequence[OutboxRow] = (), sort_key: str = ""
    ) -> bool:
        """One statement that is a transaction of its own; `events` (see `outbox_rows`) are told
        where the first of its writes has written. Whether it has. With a `sort_key` it is grouped:
        see `GroupCommit`.
        """
        statement, args = joined((*writes, *told_if_written(events)))
        (is_written,) = await self._written(statement, args, sort_key)
        if events and is_written:
            self.published.set()
        return bool(is_written)

    async def write_row(self, *writes: Write, answer: str, sort_key: str = "") -> Record | None:
        """The same, answered by the first row of `answer`; grouped, it must always have one."""
        row: Record | None = await self._written(*joined(writes, answer), sort_key)
        return row

    async def fetchrow_grouped(
        self, sql: str, *args: Any, sort_key: str, locks: Sequence[str] | None = None
    ) -> Record:
        return await self._group_commit(sql, Execution(args, sort_key, locks))

    async def _written(self, statement: str, args: Sequence[Any], sort_key: str) -> Any:
        if entry_of_staff(call()):  # what they write is recorded beside it
            return await self.transact(Transaction.fetchrow, statement, *args)
        await reach(f"database.{self.name}.commit.before")
        if sort_key:
            row: Record | None = await self.fetchrow_grouped(statement, *args, sort_key=sort_key)
        else:
            row = await self._execute_one(statement, args)
        await reach(f"database.{self.name}.commit.after")
        return row

    async def _execute_one(self, statement: str, args: Sequence[Any]) -> Any:
        return await self._until_alone(lambda: self.fetchrow(statement, *args))

    async def _execute_all(self, statement: str, rows: Sequence[Sequence[Any]]) -> list[Record]:
        answers: list[Record] = await self._ask(Connection.fetchmany, statement, (rows,))
        return answers

    async def _until_alone(self, do: Callable[[], Awaitable[T]]) -> T:
        for attempt in range(1, ATTEMPTS_MAX + 1):
            try:
                return await do()
            except (asyncpg.SerializationError, asyncpg.DeadlockDetectedError) as error:
                if attempt == ATTEMPTS_MAX:
                    raise Unavailable(service="database") from error
            await asyncio.sleep(backoff_seconds(attempt, first=0.005, most=0.5))
        raise AssertionError("the last attempt returns or raises")

    async def once(
        self,
        answer: type[T],
        request: Struct,
        use_case: Callable[Concatenate[Transaction, P], Awaitable[T]],
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Like `transact`, but one effect and one `answer` for each of the caller's keys.

        Claim, effect and stored answer are one transaction. Without a key: `transact`. Raises
        IdempotencyKeyReused when the key came with another request, IdempotencyKeyInFlight when
        the first copy still runs at the deadline. A refusal frees the key.
        """
        return await self._once.run(answer, request, use_case, *args, **kwargs)

    async def once_planned(
        self,
        answer: type[T],
        request: Struct,
        plan: Callable[[], Awaitable[R]],
        use_case: Callable[[Transaction, R], Awaitable[T]],
    ) -> T:
        """`once` for work that must ask elsewhere first: `use_case(tx, what plan answered)`.

        `plan` runs outside the transaction, and not at all where the key has its answer already.
        """
        return await self._once.run_planned(answer, request, plan, use_case)

    async def close(self, *, seconds_max: float = CLOSE_SECONDS_MAX) -> None:
        """Waits for what runs, for `seconds_max` at most."""
        await self._pool.close(seconds_max=seconds_max)

    async def _ask(self, do: Callable[..., Awaitable[Any]], sql: str, args: Iterable[Any]) -> Any:
        connection = await self.take()
        in_doubt = True
        try:
            result = await ask(connection, do, sql, args, seconds_allowed())
            in_doubt = False
        except asyncpg.PostgresError:
            in_doubt = False
            raise
        finally:
            self._pool.give(connection, in_doubt=in_doubt)
        return result

    async def take(self) -> Connection:
        """A connection of the pool, to be given back; for the kernel only."""
        try:
            return await self._pool.take(seconds_allowed())
        except (TimeoutError, PoolClosed) as error:
            raise Unavailable(service="database") from error
        except FAILURES as error:
            refusal = refusal_for(error)
            if refusal is None:
                raise
            raise refusal from error

    def give(self, connection: Connection, *, in_doubt: bool) -> None:
        """Ends what `take` began."""
        self._pool.give(connection, in_doubt=in_doubt)
