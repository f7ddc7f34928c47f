"""So many keys, fifty copies of each at once, and a Souk that dies between commit and answer."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from random import Random

import msgspec

from souk.kernel.clock import monotonic
from souk.kernel.ids import new_id
from tests.faults.exact.bazaar import PATIENCE_SECONDS, STOCK, UNCERTAIN, Bazaar, bazaar
from tests.faults.lines import FAILURES, Lines
from tests.faults.thousands.found import Found
from tests.support.servers import Desk

KEYS_AT_ONCE = 4
PAUSE_SECONDS = 0.05
COMMITS_BETWEEN_DEATHS = (20, 80)
REASON = "broken"
ON_HAND = "select on_hand from stock where variant_id = $1"
EFFECTS = "select reason, on_hand_change from movements where variant_id = $1 and reason like $2"


class Copies:
    """A seller writes off one of the stock for each key, and repeats it until it is answered."""

    def __init__(self, place: Bazaar, *, copies: int, seed: int) -> None:
        self.answers: dict[str, set[bytes]] = {}
        self.unheard = 0  # effects that were committed when their process died, and not yet told
        self._place, self._copies = place, copies
        self._chance = Random(seed)
        self._run = new_id()
        self._lines = Lines(place.http_port)
        self._path = f"/api/v1/products/{place.product_id}/inventory/adjustment"
        self._signed = f"Authorization: {place.shop.seller.headers['Authorization']}\r\n"
        self._free = asyncio.Semaphore(KEYS_AT_ONCE)

    async def send(self, number: int) -> None:
        async with self._free:
            reason = self._reason(number)
            change = {"variant_id": self._place.variant_id, "change": -1, "reason": reason}
            body, headers = (
                msgspec.json.encode(change),
                f"{self._signed}Idempotency-Key: {reason}\r\n",
            )
            copies = [self._until_told(body, headers) for _ in range(self._copies)]
            self.answers[reason] = set(await asyncio.gather(*copies))

    async def _until_told(self, body: bytes, headers: str) -> bytes:
        """Who does not know asks again."""
        until, seen = monotonic() + PATIENCE_SECONDS, ""
        while monotonic() < until:
            try:
                answer = await self._lines.post(self._path, body, headers)
            except FAILURES as error:
                seen = repr(error)
            else:
                if answer.status == 200:
                    return answer.body
                seen = f"{answer.status} {answer.body.decode()}"
                assert answer.status in UNCERTAIN, seen
            await asyncio.sleep(PAUSE_SECONDS)
        raise AssertionError(f"no answer in {PATIENCE_SECONDS} s: {seen}\n{self._place.told()}")

    async def kill(self) -> None:
        """Again and again, right behind a commit of the stock's; until cancelled."""
        while True:
            commits = self._chance.randint(*COMMITS_BETWEEN_DEATHS)
            await self._place.life.arm(f"database.inventory.commit.after=exit@{commits}")
            await self._place.until_ended()
            done = {reason for reason, _ in await self.effects()}
            self.unheard += len(done - self.answers.keys())
            await self._place.reborn()

    async def effects(self) -> Sequence[tuple[str, int]]:
        pattern = f"{REASON} {self._run} %"
        rows = await self._place.fetch("inventory", EFFECTS, self._place.variant_id, pattern)
        return [tuple(row) for row in rows]

    async def close(self) -> None:
        await self._lines.close()

    def _reason(self, number: int) -> str:
        return f"{REASON} {self._run} {number}"


async def keys(
    servers: Desk, *, count: int, copies: int = 50, seed: int = 1, sabotage: str = ""
) -> Found:
    began = monotonic()
    async with bazaar(servers, sabotage=(sabotage,) if sabotage else ()) as place:
        sent = Copies(place, copies=copies, seed=seed)
        await _amid_deaths(sent, count)
        await sent.close()
        effects = await sent.effects()
        on_hand = await place.value("inventory", ON_HAND, place.variant_id)
        deaths = place.deaths
    differing = [key for key, answers in sent.answers.items() if len(answers) > 1]
    found = Found(
        name="one effect for a key, one answer for all its copies",
        figure=f"{count} keys, {copies} copies of each, seed {seed}, {deaths} deaths with "
        f"{sent.unheard} effects not told yet: {len(effects)} effects, {len(differing)} answers "
        "that differ",
        seconds=monotonic() - began,
    )
    found.must(len(effects) == count, f"{len(effects)} effects of {count} keys")
    found.must(on_hand == STOCK - count, f"{STOCK - on_hand} taken from the stock")
    found.none("keys were given different answers", differing)
    found.must(deaths > 0 and sent.unheard > 0, "nobody died between commit and answer")
    return found


async def _amid_deaths(sent: Copies, count: int) -> None:
    killing = asyncio.create_task(sent.kill())
    sending = asyncio.gather(*(sent.send(number) for number in range(count)))
    try:
        await asyncio.wait((killing, sending), return_when=asyncio.FIRST_COMPLETED)
        if killing.done():
            await killing  # it never ends well
        await sending
    finally:
        killing.cancel()
        sending.cancel()
        await asyncio.gather(killing, sending, return_exceptions=True)
