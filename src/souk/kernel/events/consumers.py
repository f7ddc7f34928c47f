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
from souk.kernel.events.bus import AFTER, TRACE, Bus, Delivery, Handle, Message, NotYet
from souk.kernel.events.dead_letters import UUID, park, told
from souk.kernel.events.effects import Due, take_all
from souk.kernel.failpoints import reach
from souk.kernel.refusals import Refusal
from souk.kernel.telemetry import logger
from souk.kernel.telemetry.metrics import consumer_outcomes
from souk.kernel.together import Together

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

E = TypeVar("E", bound=Event)
Function = Callable[..., Any]
log = logger(__name__)


def on(event: type[E]) -> Callable[[Function], Function]:
    """Marks a reaction, which gets what it needs by name behind the event:

    `async def order_is_paid(tx, event, <what it needs>)` in a transaction, or, where the effect is
    one write, `def order_is_paid(event, <what it needs>) -> Effect`: one round trip, not four, and
    for all messages that are in hand at that moment.
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

    def acting_for(self, message: Message | None) -> acting:
        """The call in whose name it is handled: the service's own, with the trace; None: many."""
        return acting(
            Call(
                caller=Caller(service=self.service),
                deadline=within(EFFECT_SECONDS_MAX),
                trace_id=message.headers.get(TRACE, "") if message else "",
            )
        )

    async def take(self, tx: Transaction, message: Message, *, in_turn: bool = True) -> bool:
        """The effect and its inbox row; False when it took effect before.

        Raises Undecodable; and NotYet when it is `in_turn` only, and the one before it has had no
        effect and is no dead letter.
        """
        event = self.event_of(message)
        after = message.headers.get(AFTER) if in_turn else None
        taken = await tx.fetchrow(TAKE, self.name, message.id, after)
        assert taken is not None  # one row, whatever is in the tables
        if not taken["is_mine"]:
            raise NotYet(message.id)
        if not taken["is_new"]:
            return False
        if self.is_one_write:
            effect = self.react(event)
            await tx.write(*effect.alone(message))
            tx.on_commit(effect.then)
        else:
            await self.react(tx, event)
        return True

    def event_of(self, message: Message) -> Event:
        """Raises Undecodable."""
        if not UUID.fullmatch(message.id):
            raise Undecodable(f"{message.id!r} is no id of a message")
        try:
            return msgspec.json.decode(message.payload, type=self.event)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise Undecodable(str(error)) from error


class Hand:
    """A consumer at work in one process."""

    def __init__(self, consumer: Consumer, database: Database, turns: asyncio.Semaphore) -> None:
        self._consumer, self._database, self._turns = consumer, database, turns
        self._take_at_once = Together(self._take_all)

    async def handle(self, delivery: Delivery) -> None:
        """Returns when the message is done with, for good or as a dead letter."""
        consumer, message = self._consumer, delivery.message
        try:
            new = await self._take(delivery)
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
        async with self._turns:
            with consumer.acting_for(message):  # with time of its own
                await park(self._database, delivery, consumer=consumer.name, reason=told(failure))

    async def _take(self, delivery: Delivery) -> bool:
        consumer, message = self._consumer, delivery.message
        if consumer.is_one_write:
            with consumer.acting_for(message):
                effect = consumer.react(consumer.event_of(message))
                if await self._take_at_once((message, effect)):
                    effect.then()
                    return True
        in_turn = not delivery.is_overdue
        async with self._turns:
            with consumer.acting_for(message):
                return await self._database.transact(consumer.take, message, in_turn=in_turn)

    async def _take_all(self, due: Sequence[Due]) -> list[bool]:
        """Which of them took effect; of the others each finds out for itself."""
        name = self._consumer.name
        async with self._turns:
            with self._consumer.acting_for(None):
                try:
                    return await take_all(self._database, name, due)
                except Refusal:  # an outage, and nobody's fault
                    raise
                except Exception as error:  # one of them's fault: alone, each meets but its own
                    log.warning("effects_failed", consumer=name, count=len(due), exc_info=error)
                    return [False] * len(due)


async def run_consumers(consumers: Sequence[Consumer], database: Database, bus: Bus) -> None:
    """Handles a service's events until it is cancelled; then lets finish what runs."""
    turns = asyncio.Semaphore(EFFECTS_AT_ONCE)
    async with asyncio.TaskGroup() as group:
        for consumer in consumers:
            hand = Hand(consumer, database, turns)
            group.create_task(_consume(consumer, bus, hand.handle), name=consumer.name)


async def _consume(consumer: Consumer, bus: Bus, handle: Handle) -> None:
    while True:
        try:
            await bus.consume(consumer.name, [consumer.event.SUBJECT], handle)
        except Exception:  # a bug here must not end a consumer: nobody would start it again
            log.exception("consumer_failed", consumer=consumer.name)
        await asyncio.sleep(RESTART_SECONDS)
