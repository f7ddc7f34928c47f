"""`souk audit`: the record of who did what, shown and proved."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack

import msgspec

from souk.commands.console import servers_of
from souk.commands.terminal import complain, say, table
from souk.devstack.placement import all_services
from souk.kernel.audit.anchors import Anchors
from souk.kernel.audit.chain import head_of, prove
from souk.kernel.audit.entries import Entry, audit_key
from souk.kernel.audit.reading import list_entries
from souk.kernel.database import Database
from souk.kernel.settings import Settings, database_url, with_secrets

FINDINGS_SHOWN_MAX = 20
Row = tuple[str, str, str, str, str, str, str]


def audit(settings: Settings, *, action: str, service: str, person: str, limit: int) -> int:
    """1 when a chain does not hold."""
    known = all_services()
    if service and service not in known:
        complain(f"there is no service {service}: there are {', '.join(known)}")
        return 2
    if action == "anchor" and not service:
        complain("souk audit anchor needs a service: one chain at a time is declared to be true")
        return 2
    return asyncio.run(_audit(settings, action, (service,) if service else known, person, limit))


async def _audit(
    settings: Settings, action: str, services: Sequence[str], person: str, limit: int
) -> int:
    settings = with_secrets(settings)
    anchors = Anchors(settings.home / "audit")
    async with AsyncExitStack() as stack:
        urls = await servers_of(settings, stack)
        databases = []
        for service in services:
            database = await Database.connect(
                database_url(urls.postgres, service),
                service,
                audit_key=audit_key(settings.master_key),
            )
            stack.push_async_callback(database.close)
            databases.append(database)
        if action == "verify":
            return await _verify(databases, anchors)
        if action == "anchor":
            return await _anchor(databases, anchors)
        return await _list(databases, person, limit)


async def _verify(databases: Sequence[Database], anchors: Anchors) -> int:
    broken = 0
    for database in databases:
        proof = await prove(database, anchors.read(database.name))
        state = "holds" if proof.holds else "DOES NOT HOLD"
        say(f"{database.name}: {state}, {proof.head.number} entries, {proof.waiting} waiting")
        for finding in proof.findings[:FINDINGS_SHOWN_MAX]:
            say(
                f"  entry {finding.number} {finding.what}"
                if finding.number
                else f"  {finding.what}"
            )
        if (more := len(proof.findings) - FINDINGS_SHOWN_MAX) > 0:
            say(f"  and {more} more")
        broken += not proof.holds
    return 1 if broken else 0


async def _anchor(databases: Sequence[Database], anchors: Anchors) -> int:
    """After a restore: what the backup holds is from now on what there is."""
    for database in databases:
        head = await head_of(database)
        anchors.write(database.name, head)
        say(f"{database.name}: ends at entry {head.number}")
    return 0


async def _list(databases: Sequence[Database], person: str, limit: int) -> int:
    found: list[Entry] = []
    for database in databases:
        found += await list_entries(database, person, limit=limit)
    found.sort(key=lambda entry: (entry.at, entry.id))
    rows = [("when", "who", "as", "what", "of", "whose", "facts")]
    rows += [_row(entry) for entry in found[-limit:]]
    if len(rows) == 1:
        say("Nothing is recorded.")
    else:
        table(rows)
    return 0


def _row(entry: Entry) -> Row:
    facts = {"before": entry.before, "after": entry.after}
    told = {name: value for name, value in facts.items() if value}
    return (
        entry.at.isoformat(timespec="seconds"),
        entry.actor_id or entry.service or "nobody",
        ",".join(entry.roles),
        entry.action,
        entry.subject,
        entry.owner_id,
        msgspec.json.encode(told).decode() if told else "",
    )
