"""PostgreSQL: reads, transactions, and events that leave only if their transaction commits."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, TypeVar, Unpack

import asyncpg
from asyncpg import Record
from msgspec import Struct

from souk.kernel import idempotency
from souk.kernel.audit.entries import About, Entry, entry, entry_of_staff, write_audit
from souk.kernel.context import call
from souk.kernel.contract import Event
from souk.kernel.failpoints import reach
from souk.kernel.outages import FAILURES, refusal_for
from souk.kernel.outbox_rows import OutboxRow, outbox_rows, told_if_written, write_outbox
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
from souk.kernel.statements import STATEMENT_SECONDS_MAX, Queries, ask, seconds_allowed
from souk.kernel.telemetry import logger
from souk.kernel.writes import Write, joined

__all__ = ["Database", "Queries", "Transaction"]

P = ParamSpec("P")
T = TypeVar("T")
R = TypeVar("R")

ATTEMPTS_MAX = 10

log = logger(__name__)


class Transaction(Queries):
    """One unit of work. What it publishes leaves with its commit, or not at all."""

    def __init__(self, database: Database) -> None:
        self._database, self.personal = database, database.personal
        self._connection: Connection | None = None
        self._events: list[OutboxRow] = []
        self._audited: list[Entry] = []
        self._after: list[Callable[[], None]] = []

    def publish(self, *events: Event) -> None:
        """Tells everyone, once this transaction has committed."""
        self._events += outbox_rows(events)

    def audit(self, action: str, **about: Unpack[About]) -> None:
        """Records that this was done: what (`subject`), whose (`owner_id`), by whom (the caller,
        or `actor_id` where they only now turn out to be somebody), `before` and `after` as ids,
        states and amounts. Raises ValueError for facts that might be personal.
        """
        self._audited.append(entry(action, **about))

    def on_commit(self, do: Callable[[], None]) -> None:
        """Calls `do` after the commit; a rolled back or crashed transaction never does."""
        self._after.append(do)

    async def _ask(self, do: Callable[..., Awaitable[Any]], sql: str, args: Iterable[Any]) -> Any:
        if self._connection is None:
            raise RuntimeError("the transaction has ended")
        return await ask(self._connection, do, sql, args, seconds_allowed())

    async def __aenter__(self) -> Transaction:
        connection = await self._database.take()
        try:
            await ask(connection, Connection.execute, "begin", (), seconds_allowed())
        except BaseException:
            self._database.give(connection, in_doubt=True)
            raise
        self._connection = connection
        return self

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        # A cancelled task does not wait: the pool rolls back for it.
        in_doubt = True
        try:
            if error is None:
                await self._commit()
                in_doubt = False
            elif isinstance(error, Exception):
                await self._roll_back()
                in_doubt = False
        finally:
            connection, self._connection = self._connection, None
            if connection is not None:
                self._database.give(connection, in_doubt=in_doubt)
        if error is None:
            await self._tell()

    async def _commit(self) -> None:
        assert self._connection is not None
        try:
            if self._events:
                await write_outbox(self, self._events)
            await self._record()
            await reach(f"database.{self._database.name}.commit.before")
            seconds_allowed()
        except Exception:
            await self._roll_back()
            raise
        # Cutting a commit short would leave its outcome unknown, so it has a time of its own.
        tag = await ask(self._connection, Connection.execute, "commit", (), STATEMENT_SECONDS_MAX)
        if tag != "COMMIT":
            raise RuntimeError("a statement had failed, so PostgreSQL rolled the work back")

    async def _record(self) -> None:
        if not self._audited and (deed := entry_of_staff(call())):
            self._audited.append(deed)
        if self._audited:
            await write_audit(self, self._audited, self._database.audit_key)

    async def _roll_back(self) -> None:
        assert self._connection is not None
        if self._connection.is_closed():
            return
        try:
            await self._connection.execute("rollback", timeout=STATEMENT_SECONDS_MAX)
        except FAILURES:
            self._connection.terminate()  # which rolls back as well

    async def _tell(self) -> None:
        await reach(f"database.{self._database.name}.commit.after")
        if self._events:
            self._database.published.set()
        if self._audited:
            self._database.audited()
        for do in self._after:
            try:
                do()
            except Exception:  # the work is committed: no failure here may make it look undone
                log.exception("on_commit_failed")


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

    async def write(self, *writes: Write, events: Sequence[OutboxRow] = ()) -> bool:
        """One statement that is a transaction of its own; `events` (see `outbox_rows`) are told
        where the first of its writes has written. Whether it has.
        """
        (is_written,) = await self._written(*joined((*writes, *told_if_written(events))))
        if events and is_written:
            self.published.set()
        return bool(is_written)

    async def write_row(self, *writes: Write, answer: str) -> Record | None:
        """The same, answered by the first row of `answer`."""
        row: Record | None = await self._written(*joined(writes, answer))
        return row

    async def _written(self, statement: str, args: Sequence[Any]) -> Any:
        if entry_of_staff(call()):  # what they write is recorded beside it
            return await self.transact(Transaction.fetchrow, statement, *args)
        await reach(f"database.{self.name}.commit.before")
        row = await self._until_alone(lambda: self.fetchrow(statement, *args))
        await reach(f"database.{self.name}.commit.after")
        return row

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
