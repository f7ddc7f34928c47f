"""One unit of work in PostgreSQL: its rows, its events and its record, or nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Unpack

from souk.kernel.audit.entries import About, Entry, entry, entry_of_staff, write_audit
from souk.kernel.context import call
from souk.kernel.contract import Event
from souk.kernel.failpoints import reach
from souk.kernel.outages import FAILURES
from souk.kernel.outbox_rows import OutboxRow, outbox_rows, write_outbox
from souk.kernel.pools import Connection
from souk.kernel.statements import STATEMENT_SECONDS_MAX, Queries, ask, seconds_allowed
from souk.kernel.telemetry import logger

if TYPE_CHECKING:
    from souk.kernel.database import Database

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
