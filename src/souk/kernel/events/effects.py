"""Effects that are one write: those of one moment are one statement, with their inbox rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from msgspec import Struct

from souk.kernel.database import Database
from souk.kernel.events.bus import AFTER, Message
from souk.kernel.writes import Write

# A message takes effect when the one before it has, or was parked. One whose predecessor is among
# these is not taken, for the statement sees the inbox as it was. The arrays come from sub-selects
# and what is looked up is one row each: so there is one plan, however many messages there are.
TAKE_ALL = """
first as (
    insert into inbox (consumer, message_id)
    select $1, given.id
    from unnest((select $2::uuid[]), (select $3::uuid[])) as given (id, after)
    where given.after is null
       or (select true from inbox where consumer = $1 and message_id = given.after)
       or (select true from dead_letters where consumer = $1 and id = given.after)
    on conflict do nothing returning message_id
)
"""
ALONE = "first as (select $1::uuid as message_id)"
TAKEN = "select array(select message_id from first) as ids"


class Effect(Struct, frozen=True):
    """What a reaction comes to that needs to look at nothing: a row, and what to do after it.

    `sql` writes the rows of any number of messages, as a sub-statement (see Write): `$1` is the
    messages' ids, from `$2` on come the columns of their rows, each an array (taken as above), and
    what is written hangs on `first (message_id)`.
    """

    sql: str
    row: tuple[Any, ...]
    then: Callable[[], None]

    def alone(self, message: Message) -> tuple[Write, Write]:
        """For a message whose inbox row is there."""
        return Write(ALONE, (message.id,)), _written([(message, self)])


Due = tuple[Message, Effect]


async def take_all(database: Database, consumer: str, due: Sequence[Due]) -> list[bool]:
    """The effects and their inbox rows, where they are in turn and new: which of them were."""
    sql = due[0][1].sql
    # By id, so that processes that have the same messages in hand do not wait in a circle.
    in_order = sorted(due, key=lambda one: one[0].id)
    chosen = {message.id: (message, effect) for message, effect in in_order if effect.sql == sql}
    after = [message.headers.get(AFTER) for message, _ in chosen.values()]
    inbox = Write(TAKE_ALL, (consumer, list(chosen), after))
    answer = await database.write_row(inbox, _written(list(chosen.values())), answer=TAKEN)
    assert answer is not None  # one row, whatever was written
    taken = {message_id: chosen[message_id][1] for message_id in answer["ids"]}
    return [taken.get(message.id) is effect for message, effect in due]


def _written(due: Sequence[Due]) -> Write:
    ids = [message.id for message, _ in due]
    columns = zip(*(effect.row for _, effect in due), strict=True)
    return Write(due[0][1].sql, (ids, *map(list, columns)))
