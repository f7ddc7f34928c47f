"""A saga of the tests' own: price, hold, pay; confirm; ship, thank."""

from contextlib import asynccontextmanager
from datetime import timedelta

import msgspec
from msgspec import Struct

from souk.kernel.clock import SystemClock
from souk.kernel.ids import new_id
from souk.kernel.refusals import Kind, Refusal
from souk.kernel.saga import Parked, Saga, Step

TABLES = """
create table deeds (saga uuid, step text, status text not null, primary key (saga, step));
create table ends (saga uuid, status text, refusal text, primary key (saga, status));
"""
DO = """
insert into deeds values ($1, $2, 'done') on conflict (saga, step) do update set step = deeds.step
returning status
"""
UNDO = """
insert into deeds values ($1, $2, 'undone') on conflict (saga, step) do update set status = 'undone'
"""


class State(Struct, frozen=True):
    id: str
    trail: tuple[str, ...] = ()


class TooLate(Refusal):
    KIND = Kind.CONFLICT
    DETAIL = "{step} was called off."
    step: str


class NotToday(Refusal):
    KIND = Kind.CONFLICT
    DETAIL = "Not before {count} days."
    count: int


class Participants:
    """The others: they remember what they did and what was called off, by the saga's id."""

    def __init__(self, database):
        self.database = database
        self.troubles = {}  # step -> errors to raise, one a call, or a function to call
        self.calls = []

    def step(self, name, *, can_undo=True, pivot=False, recorded=True):
        async def do(state):
            self.calls.append(name)
            await self.trouble(name)
            if await self.database.fetchval(DO, state.id, name) == "undone":
                raise TooLate(step=name)
            return msgspec.structs.replace(state, trail=(*state.trail, name))

        async def undo(state):
            self.calls.append(f"un{name}")
            await self.trouble(f"un{name}")
            await self.database.execute(UNDO, state.id, name)

        return Step(do, undo if can_undo else None, pivot=pivot, recorded=recorded, name=name)

    async def trouble(self, name):
        trouble = self.troubles.get(name)
        if callable(trouble):
            await trouble()
        elif trouble:
            raise trouble.pop(0)

    async def deeds(self, saga_id):
        rows = await self.database.fetch(
            "select step from deeds where saga = $1 and status = 'done' order by step", saga_id
        )
        return [row["step"] for row in rows]


def three_and_three(others):
    """Price, hold, pay; confirm; ship, thank."""
    return [
        others.step("price", can_undo=False),
        others.step("hold"),
        others.step("pay"),
        others.step("confirm", pivot=True),
        others.step("ship"),
        others.step("thank"),
    ]


ALL = ["confirm", "hold", "pay", "price", "ship", "thank"]
BEFORE_THE_WAY_BACK = ["price"]  # has nothing to undo


async def settle(tx, state, status, refusal):
    await tx.execute(
        "insert into ends values ($1, $2, $3)", state.id, status, refusal.name if refusal else None
    )


async def begin(saga, *, seconds=60.0):
    saga_id = new_id()
    deadline = SystemClock().now() + timedelta(seconds=seconds)
    async with saga.database.transaction() as tx:
        await saga.start(tx, saga_id, State(saga_id), deadline)
    return saga_id


async def ends(database, saga_id):
    rows = await database.fetch("select status, refusal from ends where saga = $1", saga_id)
    return {row["status"]: row["refusal"] for row in rows}


async def journal(database, saga_id):
    return await database.fetchrow("select * from sagas where id = $1", saga_id)


async def is_done(saga, saga_id):
    return (await saga.run(saga_id)).status == "done"


def parking(others, *, until_seconds=60.0, times=1):
    """`pay` waits for somebody, `times` times."""
    asked = []
    pay = others.step("pay")

    async def do(state):
        asked.append(state)
        if len(asked) <= times:
            until = SystemClock().now() + timedelta(seconds=until_seconds)
            return Parked(msgspec.structs.replace(state, trail=(*state.trail, "asked")), until)
        return await pay.do(state)

    steps = three_and_three(others)
    steps[2] = Step(do, pay.undo, name="pay")
    return steps


async def wake(saga, saga_id):
    async with saga.database.transaction() as tx:
        await saga.wake(tx, saga_id)


@asynccontextmanager
async def trips(database, others):
    """Makes sagas, as many processes would have them, and stops them at the end."""
    made = []

    def make(steps=None, **options):
        options = {"lease_seconds": 5.0, **options}
        saga = Saga(
            "trip",
            steps or three_and_three(others),
            state=State,
            database=database,
            settle=dict.fromkeys(("confirmed", "done", "undone"), settle),
            **options,
        )
        made.append(saga)
        return saga

    yield make
    for saga in made:
        await saga.stop()
