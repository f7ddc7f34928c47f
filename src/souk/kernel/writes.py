"""Several writes as one statement: a transaction that is one round trip."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from msgspec import Struct

PARAMETER = re.compile(r"\$(\d+)")


class Write(Struct, frozen=True):
    """Sub-statements, `name as (…), name as (…)`, with parameters of their own from $1 on.

    Of several writes the first has one that is named `first` and returns the rows it wrote; all
    others hang on it: `from first`, or `where exists (select from first)`.

    All of them see the tables as they were before. So what must see what somebody else committed
    while this statement waited for a lock does not belong here, unless `first` fails in that case.
    """

    sql: str
    args: tuple[Any, ...]


ANYWAY = Write("first as (select)", ())  # for writes that hang on nothing


def joined(
    writes: Sequence[Write], answer: str = "select exists (select from first)"
) -> tuple[str, list[Any]]:
    """The statement and its arguments; the same texts make the same statement."""
    texts = tuple((write.sql, len(write.args)) for write in writes)
    return _statement(texts, answer), [value for write in writes for value in write.args]


@lru_cache(1000)
def _statement(texts: tuple[tuple[str, int], ...], answer: str) -> str:
    numbered, before = [], 0
    for sql, count in texts:
        numbered.append(_numbered_from(before, sql))
        before += count
    return f"with {', '.join(numbered)} {answer}"


def _numbered_from(before: int, sql: str) -> str:
    return PARAMETER.sub(lambda found: f"${int(found[1]) + before}", sql).strip()
