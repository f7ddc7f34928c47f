"""Group commit: what several ask for at the same moment is one transaction of theirs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any

from asyncpg import Record
from msgspec import Struct

from souk.kernel.refusals import Refusal
from souk.kernel.telemetry import logger
from souk.kernel.together import Together

AT_ONCE_MAX = 20

log = logger(__name__)


class Execution(Struct, frozen=True, eq=False):
    """Of one statement: `locks` are ids of rows that it locks and others may want as well."""

    args: tuple[Any, ...]
    sort_key: str
    locks: Sequence[str] | None = None


class GroupCommit:
    """`row = await group_commit(sql, execution)`: the one row that the statement always answers.

    Those of one moment go in one round trip, `execute_all(sql, [args, …])`, in the order of their
    keys: each sees what those before it did, and they commit together. With `locks`, all those of
    the group come as each one's last argument, sorted, so that the first takes them in an order:
    whatever processes do this at once, none waits for another in a circle.

    Where one fails nothing is left of the others, and each goes alone, `execute(sql, args)`, as do
    those that nobody joins: everybody meets but their own fault. An outage is everybody's.
    """

    def __init__(
        self,
        execute: Callable[[str, Sequence[Any]], Awaitable[Record]],
        execute_all: Callable[[str, Sequence[Sequence[Any]]], Awaitable[Sequence[Record]]],
    ) -> None:
        self._execute, self._execute_all = execute, execute_all
        self._groups: dict[str, Together[Execution, Record | None]] = {}  # statements are constants

    async def __call__(self, sql: str, execution: Execution) -> Record:
        group = self._groups.get(sql)
        if group is None:
            group = Together(partial(self._answers, sql), at_once_max=AT_ONCE_MAX)
            self._groups[sql] = group
        row = await group(execution)
        return await self._alone(sql, execution) if row is None else row

    async def _alone(self, sql: str, execution: Execution) -> Record:
        (args,) = _arguments([execution])
        return await self._execute(sql, args)

    async def _answers(self, sql: str, group: Sequence[Execution]) -> Sequence[Record | None]:
        """Each one's row; None for all where one failed."""
        if len(group) == 1:
            return [await self._alone(sql, group[0])]
        ordered = sorted(group, key=lambda execution: execution.sort_key)
        try:
            rows = await self._execute_all(sql, _arguments(ordered))
        except Refusal:
            raise
        except Exception as error:  # whose fault it is shows when each goes alone
            log.warning("group_commit_failed", count=len(group), exc_info=error)
            return [None] * len(group)
        row_of = {id(one): row for one, row in zip(ordered, rows, strict=True)}
        return [row_of[id(execution)] for execution in group]


def _arguments(group: Sequence[Execution]) -> list[tuple[Any, ...]]:
    if group[0].locks is None:
        return [execution.args for execution in group]
    locks = sorted({lock for execution in group for lock in execution.locks or ()})
    return [(*execution.args, locks) for execution in group]
