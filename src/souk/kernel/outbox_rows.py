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
select id, subject, aggregate, payload, headers::jsonb,
       coalesce(lag(id) over (partition by subject, aggregate order by place),
                (select earlier.id from outbox earlier
                  where earlier.aggregate = event.aggregate and earlier.subject = event.subject
                  order by earlier.seq desc limit 1))
  from unnest((select $1::uuid[]), (select $2::text[]), (select $3::text[]),
              (select $4::bytea[]), (select $5::text[]))
       with ordinality as event (id, subject, aggregate, payload, headers, place)
 {when}
 order by place
"""

OutboxRow = tuple[str, str, str, bytes, str]


def outbox_rows(events: Sequence[Event]) -> list[OutboxRow]:
    """Events as they are told in the present call, whoever writes them down, and with whom."""
    trace_id = call().trace_id
    headers = encoder.encode({"trace_id": trace_id} if trace_id else {}).decode()
    return [
        (
            new_id(),
            event.SUBJECT,
            str(getattr(event, event.AGGREGATE)),
            encoder.encode(event),
            headers,
        )
        for event in events
    ]


async def write_outbox(tx: Queries, rows: Sequence[OutboxRow]) -> None:
    """All of them in one statement, in the order of `publish`."""
    sql, args = _insertion(rows)
    await tx.execute(sql.format(when=""), *args)


def told_if_written(rows: Sequence[OutboxRow]) -> tuple[Write, ...]:
    """The same where the first of a statement's writes has written; no events are no write."""
    if not rows:
        return ()
    sql, args = _insertion(rows)
    return (
        Write(f"outbox_added as ({sql.format(when='where exists (select from first)')})", args),
    )


def _insertion(rows: Sequence[OutboxRow]) -> tuple[str, tuple[Any, ...]]:
    if len(rows) == 1:
        return INSERT_ONE, rows[0]
    return INSERT_MANY, tuple(zip(*rows, strict=True))
