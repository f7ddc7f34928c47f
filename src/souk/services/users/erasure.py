"""Somebody leaves for good: the account is shut, every service takes them out, and says so.

The account is shut first and looked at again when no token of it is believed any more, so nothing
new begins while they are taken out. The journal is written before the first row goes: from there
on there is no way back, a restored backup included.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from souk.contracts.common import ErasePersonRequest
from souk.contracts.users import (
    Erasure,
    ErasureMustWait,
    ErasureStatus,
    PersonErased,
    UserNotFound,
)
from souk.kernel.clock import Clock
from souk.kernel.database import Database, Transaction
from souk.kernel.ids import new_id
from souk.kernel.refusals import Refusal, Unavailable
from souk.kernel.saga import Parked, Saga, Step
from souk.kernel.saga.steps import Status
from souk.services.users import erasure_store
from souk.services.users.erasure_journal import Erased, ErasureJournal
from souk.services.users.neighbours import Neighbours
from souk.services.users.use_cases.end_access import end_access
from souk.services.users.use_cases.sign_in import use_once

TRIED_FOR = timedelta(days=3650)


class ErasureState(Struct, frozen=True, kw_only=True):
    erasure_id: str
    user_id: str
    quiet_at: datetime


class ErasureSteps(Struct, frozen=True, kw_only=True, eq=False):
    """Each may be repeated: services erase once, and receipts are kept by service."""

    database: Database
    neighbours: Neighbours
    journal: ErasureJournal
    clock: Clock

    async def wait_for_quiet(self, state: ErasureState) -> ErasureState | Parked[ErasureState]:
        """Until every process knows that the tokens are void, and what they began has ended."""
        if self.clock.now() < state.quiet_at:
            return Parked(state, state.quiet_at)
        return state

    async def look_again(self, state: ErasureState) -> ErasureState:
        """Something may have begun between the request and the shutting."""
        await must_not_be_needed(self.neighbours, state.user_id)
        return state

    async def write_down(self, state: ErasureState) -> ErasureState:
        now = self.clock.now()
        self.journal.add(at=now, erasure_id=state.erasure_id, user_id=state.user_id)
        return state

    async def take_out(self, state: ErasureState) -> ErasureState:
        """Of one service after the other; those that have answered are not asked again."""
        answered = await erasure_store.services_that_answered(self.database, state.erasure_id)
        for name, service in self.neighbours.services.items():
            if name in answered:
                continue
            receipt = await service.erase_person(ErasePersonRequest(person_id=state.user_id))
            if receipt.obstacles:
                raise Unavailable(service=name)
            await self.database.transact(
                erasure_store.add_receipt, state.erasure_id, name, receipt.parts
            )
        return state


async def must_not_be_needed(neighbours: Neighbours, user_id: str) -> None:
    """Raises ErasureMustWait with what is under way, and what to do about it."""
    if obstacles := await neighbours.obstacles(user_id):
        reasons = "; ".join(f"{each.what}. {each.advice}" for each in obstacles)
        raise ErasureMustWait(reasons=reasons)


def erasure_saga(database: Database, steps: ErasureSteps) -> Saga[ErasureState]:
    return Saga(
        "erasure",
        (
            Step(steps.wait_for_quiet),
            Step(steps.look_again),
            Step(steps.write_down, pivot=True),
            Step(steps.take_out),
        ),
        state=ErasureState,
        database=database,
        settle={"confirmed": _goes_on, "done": _is_done, "undone": _is_refused},
    )


class Erasures(Struct, frozen=True, kw_only=True, eq=False):
    """Where people ask to be erased."""

    database: Database
    saga: Saga[ErasureState]
    neighbours: Neighbours
    journal: ErasureJournal
    clock: Clock
    quiet_seconds: int

    async def ask(self, user_id: str) -> Erasure:
        """Raises ErasureMustWait, UserNotFound."""
        await must_not_be_needed(self.neighbours, user_id)
        now = self.clock.now()
        state = ErasureState(
            erasure_id=new_id(),
            user_id=user_id,
            quiet_at=now + timedelta(seconds=self.quiet_seconds),
        )
        begun = await self.database.transact(begin, self.saga, state, now=now)
        if begun.id == state.erasure_id:
            await self.saga.run(begun.id)
        return await erasure_store.get_erasure(self.database, begun.id)

    async def forget(
        self, checkout_ids: Sequence[str], *, challenge_id: str = ""
    ) -> tuple[Erasure, ...]:
        """Guests, each of whom is a checkout; all of them or none. Raises ErasureMustWait."""
        for checkout_id in checkout_ids:
            await must_not_be_needed(self.neighbours, checkout_id)
        begun = await self.database.transact(
            begin_for_guests,
            self.saga,
            checkout_ids,
            challenge_id=challenge_id,
            now=self.clock.now(),
        )
        for erasure_id in begun:
            await self.saga.run(erasure_id)
        return tuple(
            [await erasure_store.get_erasure(self.database, erasure_id) for erasure_id in begun]
        )

    async def replay(self) -> int:
        """How many of those in the journal a restored backup had brought back."""
        count = 0
        for line in self.journal.read():
            count += await self._erase_again(line)
        return count

    async def _erase_again(self, line: Erased) -> bool:
        was_back = False
        request = ErasePersonRequest(person_id=line.user_id, is_replay=True)
        await self.database.transact(erasure_store.remember, line)
        for name, service in self.neighbours.services.items():
            receipt = await service.erase_person(request)
            was_back = was_back or any(part.erased for part in receipt.parts)
            await self.database.transact(
                erasure_store.add_receipt, line.erasure_id, name, receipt.parts
            )
        return was_back


async def begin(
    tx: Transaction, saga: Saga[ErasureState], state: ErasureState, *, now: datetime
) -> Erasure:
    if not await erasure_store.is_here(tx, state.user_id):
        raise UserNotFound()
    begun = await erasure_store.begin_erasure(tx, state.erasure_id, user_id=state.user_id)
    if begun.id == state.erasure_id:
        await erasure_store.shut(tx, state.user_id, is_shut=True)
        await end_access(tx, state.user_id)
        await saga.start(tx, state.erasure_id, state, now + TRIED_FOR)
        about = f"erasure_id:{state.erasure_id}"
        tx.audit("users.erasure_requested", subject=about, owner_id=state.user_id)
    return begun


async def begin_for_guests(
    tx: Transaction,
    saga: Saga[ErasureState],
    checkout_ids: Sequence[str],
    *,
    challenge_id: str,
    now: datetime,
) -> list[str]:
    """There is no account to be shut, and so nothing to wait for."""
    await use_once(tx, challenge_id)
    ids = []
    for checkout_id in checkout_ids:
        state = ErasureState(erasure_id=new_id(), user_id=checkout_id, quiet_at=now)
        begun = await erasure_store.begin_erasure(tx, state.erasure_id, user_id=checkout_id)
        if begun.id == state.erasure_id:
            await saga.start(tx, state.erasure_id, state, now + TRIED_FOR)
            about = f"erasure_id:{state.erasure_id}"
            tx.audit("users.guest_erasure_requested", subject=about, owner_id=checkout_id)
        ids.append(begun.id)
    return ids


async def _goes_on(
    tx: Transaction, state: ErasureState, _status: Status, _refusal: Refusal | None
) -> None:
    await erasure_store.move_erasure(tx, state.erasure_id, ErasureStatus.ERASING)


async def _is_done(
    tx: Transaction, state: ErasureState, _status: Status, _refusal: Refusal | None
) -> None:
    await erasure_store.move_erasure(tx, state.erasure_id, ErasureStatus.DONE)
    tx.publish(PersonErased(user_id=state.user_id, erasure_id=state.erasure_id))


async def _is_refused(
    tx: Transaction, state: ErasureState, _status: Status, _refusal: Refusal | None
) -> None:
    await erasure_store.move_erasure(tx, state.erasure_id, ErasureStatus.REFUSED)
    await erasure_store.shut(tx, state.user_id, is_shut=False)
