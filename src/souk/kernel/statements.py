"""One statement after another: what can be asked of a database, and for how long."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, TypeVar

from asyncpg import Record

from souk.kernel.context import remaining_seconds
from souk.kernel.outages import BROKEN, FAILURES, refusal_for
from souk.kernel.person_keys import PersonKeys
from souk.kernel.pools import Connection
from souk.kernel.refusals import DeadlineExceeded
from souk.kernel.rows import structs_from
from souk.kernel.writes import Write, joined

T = TypeVar("T")

STATEMENT_SECONDS_MAX = 30.0
# `from {LAZILY}` in a statement: its commit does not wait for the disk. When PostgreSQL or its
# machine fails within the next half second the work may be gone, never half of it; so this is for
# what would be done again anyway (decision 0012).
LAZILY = "(select set_config('synchronous_commit', 'off', true)) as lazily"


class Queries(ABC):
    """What can be asked of a database and, with the same words, inside a transaction.

    A statement ends by the caller's deadline, at the latest after 30 s. Raises Unavailable
    (database) when the connection is lost, DeadlineExceeded when the time is over; constraint
    violations come as asyncpg has them.
    """

    personal: PersonKeys

    @abstractmethod
    async def _ask(self, do: Callable[..., Awaitable[Any]], sql: str, args: Iterable[Any]) -> Any:
        """Runs one statement by one of asyncpg's ways to run it."""

    async def fetch(self, sql: str, *args: Any) -> list[Record]:
        rows: list[Record] = await self._ask(Connection.fetch, sql, args)
        return rows

    async def fetchrow(self, sql: str, *args: Any) -> Record | None:
        """The first row."""
        row: Record | None = await self._ask(Connection.fetchrow, sql, args)
        return row

    async def fetchval(self, sql: str, *args: Any) -> Any:
        """The first column of the first row."""
        return await self._ask(Connection.fetchval, sql, args)

    async def fetchrow_grouped(
        self, sql: str, *args: Any, sort_key: str, locks: Sequence[str] | None = None
    ) -> Record:
        """The row of a statement that always answers one; in a transaction it is that one's.

        Outside of one, those that are asked for at the same moment are one transaction: see
        `GroupCommit`.
        """
        given = args if locks is None else (*args, sorted(locks))
        row: Record = await self._ask(Connection.fetchrow, sql, given)
        return row

    async def execute(self, sql: str, *args: Any) -> str:
        """Answers PostgreSQL's command tag: "UPDATE 1"."""
        tag: str = await self._ask(Connection.execute, sql, args)
        return tag

    async def write(self, *writes: Write) -> bool:
        """Several writes as one statement; whether the first of them has written."""
        sql, args = joined(writes)
        return bool(await self.fetchval(sql, *args))

    async def executemany(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        await self._ask(Connection.executemany, sql, (rows,))

    async def fetch_as(self, kind: type[T], sql: str, *args: Any) -> list[T]:
        """Rows straight into structs; how columns and fields meet, see `structs_from`."""
        return structs_from(kind, await self._ask(Connection.fetch, sql, args), self.personal.open)

    async def fetchrow_as(self, kind: type[T], sql: str, *args: Any) -> T | None:
        """The first row as a struct."""
        row = await self._ask(Connection.fetchrow, sql, args)
        return None if row is None else structs_from(kind, (row,), self.personal.open)[0]


async def ask(
    connection: Connection,
    do: Callable[..., Awaitable[Any]],
    sql: str,
    args: Iterable[Any],
    seconds: float,
) -> Any:
    """One statement on one connection, within `seconds`."""
    try:
        return await do(connection, sql, *args, timeout=seconds)
    except FAILURES as error:
        if isinstance(error, BROKEN):
            connection.terminate()  # asyncpg has lost count of the session: nothing mends it
        refusal = refusal_for(error, is_closed=connection.is_closed())
        if refusal is None:
            raise
        raise refusal from error


def seconds_allowed() -> float:
    """For one statement of this call; raises DeadlineExceeded when nothing is left."""
    left = remaining_seconds()
    if left is None:
        return STATEMENT_SECONDS_MAX
    if left <= 0:
        raise DeadlineExceeded
    return min(left, STATEMENT_SECONDS_MAX)
