"""Events on their way into the outbox, in the transaction that they tell of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from souk.kernel.context import call
from souk.kernel.contract import Event
from souk.kernel.ids import new_id
from souk.kernel.writes import Write

if TYPE_CHECKING:
    from souk.kernel.statements import Queries

encoder = msgspec.json.Encoder()

# One row goes without arrays, for one is the rule and arrays cost a sort.
INSERT_ONE = """
insert into outbox (id, subject, aggregate, payload, headers, follows)
select $1, $2, $3, $4, $5, (select id from outbox where aggregate = $3 and subject = $2
                             order by seq desc limit 1)
 {when}
"""
INSERT_MANY = """
insert into outbox (id, subject, aggregate, payload, headers, follows)
select id, subject, aggregate, payload, $5,
       coalesce(lag(id) over (partition by subject, aggregate order by place),
                (select earlier.id from outbox earlier
                  where earlier.aggregate = event.aggregate and earlier.subject = event.subject
                  order by earlier.seq desc limit 1))
  from unnest($1::uuid[], $2::text[], $3::text[], $4::bytea[])
       with ordinality as event (id, subject, aggregate, payload, place)
 {when}
 order by place
"""


async def write_outbox(tx: Queries, events: Sequence[Event]) -> None:
    """All of them in one statement, in the order of `publish`."""
    sql, args = _insertion(events)
    await tx.execute(sql.format(when=""), *args)


def told_if_written(events: Sequence[Event]) -> tuple[Write, ...]:
    """The same where the first of a statement's writes has written; no events are no write."""
    if not events:
        return ()
    sql, args = _insertion(events)
    return (
        Write(f"outbox_added as ({sql.format(when='where exists (select from first)')})", args),
    )


def _insertion(events: Sequence[Event]) -> tuple[str, tuple[Any, ...]]:
    headers = {"trace_id": trace_id} if (trace_id := call().trace_id) else {}
    rows = [
        (new_id(), event.SUBJECT, str(getattr(event, event.AGGREGATE)), encoder.encode(event))
        for event in events
    ]
    if len(rows) == 1:
        return INSERT_ONE, (*rows[0], headers)
    return INSERT_MANY, (*zip(*rows, strict=True), headers)
