"""What the sabotages take out; each function is one of them, applied in the process it is for."""

from __future__ import annotations

from typing import Any


def forget_answers() -> None:
    """Keys are claimed, and their answers not kept."""
    from souk.kernel import idempotency

    async def forgetful(tx: Any, claim: Any, request_hash: bytes, effect: Any) -> bytes:
        made: bytes = await effect(tx)
        return made

    idempotency._attempt = forgetful


def refund_unseen() -> None:
    """Nobody locks what is left of a payment, and nobody looks at it again."""
    from souk.services.payments.store import refunds

    lock, guard = " for update", " and captured_amount - returned_amount >= $5"
    assert lock in refunds.LOCK_PART
    assert guard in refunds.ADD
    refunds.LOCK_PART = refunds.LOCK_PART.replace(lock, "")
    refunds.ADD = refunds.ADD.replace(guard, "")


def forget_what_was_taken() -> None:
    """The inbox is written and not read: a message that comes again takes effect again."""
    from souk.kernel.events import consumers

    known = "exists (select from taken) as is_new"
    assert known in consumers.TAKE
    consumers.TAKE = consumers.TAKE.replace(known, "true as is_new")


def take_out_of_turn() -> None:
    """Nobody waits for the event before."""
    from souk.kernel.events import consumers

    take = consumers.Consumer.take

    async def hasty(self: Any, tx: Any, message: Any, *, in_turn: bool = True) -> bool:
        return await take(self, tx, message, in_turn=False)

    consumers.Consumer.take = hasty  # type: ignore[method-assign]


def acknowledge_first() -> None:
    """A message is done with before it takes effect."""
    from nats.aio.msg import Msg

    from souk.kernel.events.nats_pull import Pull

    deliver = Pull._deliver

    async def hasty(self: Any, msg: Msg) -> bool:
        await self._tell(msg.reply, Msg.Ack.Ack)
        return await deliver(self, msg)

    Pull._deliver = hasty  # type: ignore[method-assign]


def stop_for_poison() -> None:
    """What fails is tried again on the spot, and everybody behind it waits."""
    from asyncio import Lock, sleep

    from souk.kernel.events import nats_pull
    from souk.kernel.events.nats_pull import BACKOFF_SECONDS, Pull

    deliver, one = Pull._deliver, Lock()

    async def stubborn(self: Any, msg: Any) -> bool:
        async with one:
            if msg.metadata.num_delivered > 1:
                await sleep(BACKOFF_SECONDS[msg.metadata.num_delivered - 2])
            return await deliver(self, msg)

    nats_pull.BACKOFF_SECONDS = (0.01,)
    Pull._deliver = stubborn  # type: ignore[method-assign]
