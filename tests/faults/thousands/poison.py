"""One poisonous message among so many: parked, replayable, and the others hardly notice."""

from __future__ import annotations

import asyncio

from souk.kernel.clock import monotonic
from souk.kernel.database import Database
from souk.kernel.events.consumers import DELIVERIES_MAX
from souk.kernel.events.dead_letters import DeadLetter, list_dead_letters, replay_dead_letters
from tests.faults.thousands.found import Found
from tests.faults.thousands.street import CONSUMERS, POISON, ThingMoved, street
from tests.support.servers import Desk

PER_SECOND = 120.0
PARKED_SECONDS_MAX = 150.0  # eight deliveries take about 70
HEARD_SECONDS_MAX = 60.0
TIMES = 2.0
CALM_SECONDS_MAX = 1.0  # else the machine cannot keep the pace, and the comparison says nothing
LOOK_SECONDS = 0.2
LATENCY = """
select coalesce(extract(epoch from percentile_disc(0.99) within group (order by heard.at - told.at)
                )::float8, 'infinity')
  from told join heard using (thing, place) where thing like $1
"""
HEARD = "select count(*) from heard where thing like $1"


async def poison(servers: Desk, *, count: int, sabotage: str = "") -> Found:
    began = monotonic()
    async with street(servers, workers=1, sabotage=sabotage) as place:
        place.is_harmed, database = False, place.database
        relaying = asyncio.create_task(place.relay())
        await _tell(database, "warm", max(count // 20, 50))
        await _tell(database, "calm", count)
        await _tell(database, "ill", count, poisonous=True)
        calm, ill = [await database.fetchval(LATENCY, f"{kind} %") for kind in ("calm", "ill")]
        letters = await _parked(database)
        await database.execute("insert into antidote values (true)")
        replayed = await replay_dead_letters(database, None, CONSUMERS)
        healed = await database.fetchval(HEARD, POISON)
        heard = await database.fetchval("select count(*) from heard where thing not like 'warm %'")
        relaying.cancel()
        await asyncio.wait((relaying,))
    found = Found(
        name="a poisonous message is parked, and the others go on",
        figure=f"one among {count}, {PER_SECOND:g} a second: the others' p99 {ill * 1000:.0f} ms, "
        f"calm {calm * 1000:.0f} ms; parked: " + "; ".join(each.reason for each in letters),
        seconds=monotonic() - began,
    )
    reasons = [(each.reason, each.deliveries) for each in letters]
    wanted = [("LookupError: it is poisonous", DELIVERIES_MAX)]
    found.must(reasons == wanted, f"parked: {reasons}, not {wanted}")
    found.must(calm < CALM_SECONDS_MAX, f"void: {calm:.1f} s in the calm is a backlog")
    found.must(ill < TIMES * calm, f"p99 {ill:.3f} s is not below {TIMES:g} times {calm:.3f} s")
    found.must((replayed.done, healed) == (1, 1), f"replayed {replayed}, {healed} effects")
    found.must(heard == 2 * count, f"{heard} effects of {2 * count}")
    return found


async def _tell(database: Database, kind: str, count: int, *, poisonous: bool = False) -> None:
    """At an even pace, each from a transaction of its own; returns when all are heard."""
    began = monotonic()
    async with asyncio.TaskGroup() as group:
        for number in range(count):
            await asyncio.sleep(began + number / PER_SECOND - monotonic())
            is_the_one = poisonous and number == count // 100
            thing = POISON if is_the_one else f"{kind} {number}"
            group.create_task(_tell_one(database, thing))
    until = monotonic() + HEARD_SECONDS_MAX
    while monotonic() < until:
        if await database.fetchval(HEARD, f"{kind} %") >= count - poisonous:
            return
        await asyncio.sleep(LOOK_SECONDS)


async def _tell_one(database: Database, thing: str) -> None:
    async with database.transaction() as tx:
        await tx.execute("insert into told values ($1, 1)", thing)
        tx.publish(ThingMoved(thing=thing, place=1))


async def _parked(database: Database) -> list[DeadLetter]:
    until = monotonic() + PARKED_SECONDS_MAX
    while monotonic() < until:
        if letters := await list_dead_letters(database):
            return letters
        await asyncio.sleep(LOOK_SECONDS)
    return []
