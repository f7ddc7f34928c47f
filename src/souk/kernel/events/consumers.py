"""Consumers: a service's reactions to what happened elsewhere, each taking effect once."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Sequence
from functools import partial
from types import ModuleType
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from souk.kernel.context import Call, Caller, acting, within
from souk.kernel.contract import Event
from souk.kernel.database import Database, Transaction
from souk.kernel.events.bus import AFTER, TRACE, Bus, Delivery, Message, NotYet
from souk.kernel.events.dead_letters import UUID, park, told
from souk.kernel.failpoints import reach
from souk.kernel.telemetry import logger
from souk.kernel.telemetry.metrics import consumer_outcomes
from souk.kernel.writes import ANYWAY, Write

DELIVERIES_MAX = 8
EFFECT_SECONDS_MAX = 25  # below the broker's 30, after which it hands the message to another
EFFECTS_AT_ONCE = 4  # of one service in one process; requests need the other connections
RESTART_SECONDS = 1.0

# A message takes effect when the one before it has, or was parked: then, and not before, may its
# own inbox row be written. One that took effect already is in its turn whatever came before.
TAKE = """
with turn as (
    select $3::uuid is null
           or exists (select from inbox where consumer = $1 and message_id in ($2, $3))
           or exists (select from dead_letters where consumer = $1 and id = $3) as is_mine
), taken as (
    insert into inbox (consumer, message_id) select $1, $2 from turn where is_mine
    on conflict do nothing returning true
)
select is_mine, exists (select from taken) as is_new from turn
"""

# The same for an effect that is one write. It writes nothing where TAKE would say no, and then
# does not know why.
TAKE_AT_ONCE = """
first as (
    insert into inbox (consumer, message_id) select $1, $2
    where $3::uuid is null
       or exists (select from inbox where consumer = $1 and message_id = $3)
       or exists (select from dead_letters where consumer = $1 and id = $3)
    on conflict do nothing returning true
)
"""

E = TypeVar("E", bound=Event)
Function = Callable[..., Any]
log = logger(__name__)


class Effect(Struct, frozen=True):
    """What a reaction comes to that needs to look at nothing: a write, and what to do after it."""

    write: Write
    then: Callable[[], None]


def on(event: type[E]) -> Callable[[Function], Function]:
    """Marks a reaction, which gets what it needs by name behind the event:

    `async def order_is_paid(tx, event, <what it needs>)` in a transaction, or, where the effect is
    one write, `def order_is_paid(event, <what it needs>) -> Effect`: one round trip, not four.
    """

    def mark(function: Function) -> Function:
        vars(function)["reacts_to"] = event
        return function

    return mark


def collect(module: ModuleType, **needs: Any) -> tuple[Consumer, ...]:
    """The reactions in a module, given what they need. Raises TypeError when something is missing.

    A consumer is named after its service and function. The broker remembers it by this name: a
    renamed function is a new consumer and sees all that the broker still keeps.
    """
    functions = [
        function
        for function in vars(module).values()
        if hasattr(function, "reacts_to") and function.__module__ == module.__name__
    ]
    service = module.__name__.removeprefix("souk.services.").partition(".")[0]
    return tuple(
        Consumer(
            name=f"{service}.{function.__name__}",
            event=function.reacts_to,
            react=partial(function, **_chosen(function, needs)),
            is_one_write=not inspect.iscoroutinefunction(function),
        )
        for function in functions
    )


def _chosen(function: Function, needs: dict[str, Any]) -> dict[str, Any]:
    given = 2 if inspect.iscoroutinefunction(function) else 1
    wanted = list(inspect.signature(function).parameters)[given:]
    missing = [name for name in wanted if name not in needs]
    if missing:
        raise TypeError(f"{function.__qualname__} needs {', '.join(missing)}")
    return {name: needs[name] for name in wanted}


class Undecodable(Exception):  # noqa: N818 - says what the message is
    """The message is not what its subject promises; trying again changes nothing."""


class Consumer(Struct, frozen=True, kw_only=True, eq=False):
    """One reaction to one kind of event."""

    name: str
    event: type[Event]
    react: Function
    is_one_write: bool

    @property
    def service(self) -> str:
        return self.name.partition(".")[0]

    def acting_for(self, message: Message) -> acting:
        """The call in whose name the message is handled: the service's own, with the trace."""
        return acting(
            Call(
                caller=Caller(service=self.service),
                deadline=within(EFFECT_SECONDS_MAX),
                trace_id=message.headers.get(TRACE, ""),
            )
        )

    async def take(self, tx: Transaction, message: Message, *, in_turn: bool = True) -> bool:
        """The effect and its inbox row; False when it took effect before.

        Raises Undecodable; and NotYet when it is `in_turn` only, and the one before it has had no
        effect and is no dead letter.
        """
        event = self._event_of(message)
        after = message.headers.get(AFTER) if in_turn else None
        taken = await tx.fetchrow(TAKE, self.name, message.id, after)
        assert taken is not None  # one row, whatever is in the tables
        if not taken["is_mine"]:
            raise NotYet(message.id)
        if not taken["is_new"]:
            return False
        if self.is_one_write:
            effect = self.react(event)
            await tx.write(ANYWAY, effect.write)
            tx.on_commit(effect.then)
        else:
            await self.react(tx, event)
        return True

    async def take_at_once(self, database: Database, message: Message) -> bool:
        """The same in one statement; False when `take` has to find out more. Raises Undecodable."""
        effect = self.react(self._event_of(message))
        inbox = Write(TAKE_AT_ONCE, (self.name, message.id, message.headers.get(AFTER)))
        if not await database.write(inbox, effect.write):
            return False
        effect.then()
        return True

    def _event_of(self, message: Message) -> Event:
        if not UUID.fullmatch(message.id):
            raise Undecodable(f"{message.id!r} is no id of a message")
        try:
            return msgspec.json.decode(message.payload, type=self.event)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise Undecodable(str(error)) from error


async def run_consumers(consumers: Sequence[Consumer], database: Database, bus: Bus) -> None:
    """Handles a service's events until it is cancelled; then lets finish what runs."""
    turns = asyncio.Semaphore(EFFECTS_AT_ONCE)
    async with asyncio.TaskGroup() as group:
        for consumer in consumers:
            group.create_task(_consume(consumer, database, bus, turns), name=consumer.name)


async def _consume(
    consumer: Consumer, database: Database, bus: Bus, turns: asyncio.Semaphore
) -> None:
    async def handle(delivery: Delivery) -> None:
        async with turns:
            await _handle(consumer, database, delivery)

    while True:
        try:
            await bus.consume(consumer.name, [consumer.event.SUBJECT], handle)
        except Exception:  # a bug here must not end a consumer: nobody would start it again
            log.exception("consumer_failed", consumer=consumer.name)
        await asyncio.sleep(RESTART_SECONDS)


async def _handle(consumer: Consumer, database: Database, delivery: Delivery) -> None:
    """Returns when the message is done with, for good or as a dead letter."""
    message = delivery.message
    with consumer.acting_for(message):
        try:
            new = consumer.is_one_write and await consumer.take_at_once(database, message)
            if not new:
                in_turn = not delivery.is_overdue
                new = await database.transact(consumer.take, message, in_turn=in_turn)
        except NotYet:
            raise
        except Exception as error:
            is_last = delivery.attempt >= DELIVERIES_MAX or isinstance(error, Undecodable)
            consumer_outcomes.add(consumer.name, "parked" if is_last else "failed")
            if not is_last:
                raise
            failure = error
        else:
            consumer_outcomes.add(consumer.name, "done" if new else "repeated")
            await reach(f"consumer.{consumer.name}.done")
            return
    log.error("event_parked", consumer=consumer.name, message_id=message.id, exc_info=failure)
    with consumer.acting_for(message):  # with time of its own: the effect may have used up its own
        await park(database, delivery, consumer=consumer.name, reason=told(failure))
