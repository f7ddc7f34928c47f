"""Categories as rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from souk.kernel.database import Transaction
from souk.kernel.ids import new_id
from souk.services.catalog.texts import paths_of, title_of

KNOWN = "select path from categories where path = any($1::text[]) limit 10000"
ADD = """
insert into categories (id, parent_id, slug, name, path)
select id, (select categories.id from categories where path = parent), slug, name, given.path
from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[])
     as given (id, parent, slug, name, path)
on conflict (path) do nothing returning 1
"""


async def add_paths(tx: Transaction, paths: Iterable[str]) -> None:
    """Every part of these paths that is missing, parents first."""
    names = {part: title_of(part.rpartition("/")[2]) for path in paths for part in paths_of(path)}
    if not names:
        return
    known = {row["path"] for row in await tx.fetch(KNOWN, sorted(names))}
    missing = names.keys() - known
    for level in range(max((path.count("/") for path in missing), default=-1) + 1):
        await _add(tx, {path: names[path] for path in missing if path.count("/") == level})


async def add_category(tx: Transaction, path: str, *, name: str) -> bool:
    """Below a category that exists; False when there is one of this path."""
    return await _add(tx, {path: name})


async def _add(tx: Transaction, names: Mapping[str, str]) -> bool:
    """Names by path, all of one level."""
    paths = sorted(names)  # everybody in one order, so that nobody waits in a circle
    if not paths:
        return False
    parts = [path.rpartition("/") for path in paths]
    added = await tx.fetch(
        ADD,
        [new_id() for _ in paths],
        [parent for parent, _, _ in parts],
        [slug for _, _, slug in parts],
        [names[path] for path in paths],
        paths,
    )
    return bool(added)
