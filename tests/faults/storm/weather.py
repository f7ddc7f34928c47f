"""The weather: does each harm of the forecast at its time, and heals everything at the end."""

from __future__ import annotations

import asyncio
import signal
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from random import Random

import httpx
import psutil

from tests.faults.bank import Bank
from tests.faults.storm.plan import MOODS, Blow
from tests.faults.storm.processes import Town


class Weather:
    """What is done to a town and its bank. `fired` counts the harms that were really done."""

    def __init__(self, town: Town, bank: Bank, *, shop: str, seed: int, late: float) -> None:
        self.fired: Counter[str] = Counter()
        self._town, self._bank, self._shop = town, bank, shop
        self._late_seconds = late
        self._chance = Random(f"weather {seed}")
        self._stopped: list[psutil.Process] = []
        self._moods: list[str] = []
        self._closing = asyncio.Lock()

    async def rage(self, blows: Sequence[Blow]) -> None:
        """Returns when the last blow is over."""
        async with asyncio.TaskGroup() as group:
            for blow in blows:
                group.create_task(self._strike(blow))

    async def flush(self) -> None:
        """Redis forgets everything, outside the forecast."""
        await self._town.flush_redis()

    async def heal(self) -> dict[str, int]:
        """Nothing is harmed any more; whether Souk recovers is Souk's affair. What was done."""
        for process in self._stopped:
            with suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGCONT)
        self._town.free_broker_disk()
        await self._bank.mood()
        moods = await self._bank.fired()
        return {**self.fired, **{f"answers: {mood}": times for mood, times in moods.items()}}

    async def _strike(self, blow: Blow) -> None:
        await asyncio.sleep(blow.at)
        if blow.harm in MOODS:
            await self._mood(blow)
            return
        strikes: dict[str, Callable[[float], Awaitable[None]]] = {
            "kill": self._kill,
            "stop": self._stop,
            "postgres": self._restart_postgres,
            "nats": self._keep_nats_away,
            "disk": self._fill_disk,
            "flush": self._flush_redis,
            "redis": self._kill_redis,
            "bank": self._close_bank,
        }
        await strikes[blow.harm](blow.seconds)

    async def _kill(self, _: float) -> None:
        victim = self._victim()
        if victim is not None:
            with suppress(psutil.NoSuchProcess):
                victim.kill()
                self.fired["kill"] += 1

    async def _stop(self, seconds: float) -> None:
        victim = self._victim()
        if victim is None:
            return
        with suppress(psutil.NoSuchProcess):
            self._stopped.append(victim)
            victim.suspend()
            self.fired["stop"] += 1
            await asyncio.sleep(seconds)
            victim.resume()

    async def _restart_postgres(self, _: float) -> None:
        self._town.signal_server("postgres", signal.SIGQUIT)  # an immediate shutdown
        self.fired["postgres"] += 1

    async def _keep_nats_away(self, seconds: float) -> None:
        self.fired["nats"] += 1
        await self._town.keep_away("nats", seconds)

    async def _fill_disk(self, seconds: float) -> None:
        self.fired["disk"] += 1
        await asyncio.to_thread(self._town.fill_broker_disk)
        await asyncio.sleep(seconds)
        self._town.free_broker_disk()

    async def _flush_redis(self, _: float) -> None:
        self.fired["flush"] += 1
        await self._town.flush_redis()

    async def _kill_redis(self, _: float) -> None:
        self.fired["redis"] += 1
        self._town.signal_server("redis", signal.SIGKILL)

    async def _close_bank(self, seconds: float) -> None:
        async with self._closing:  # one closing after the other
            self.fired["bank"] += 1
            await self._bank.kill()
            await asyncio.sleep(seconds / 2)
            await self._bank.open(shop=self._shop)
        await self._set_mood()

    async def _mood(self, blow: Blow) -> None:
        self._moods.append(blow.harm)
        self.fired[blow.harm] += 1
        await self._set_mood()
        await asyncio.sleep(blow.seconds)
        self._moods.remove(blow.harm)
        await self._set_mood()

    async def _set_mood(self) -> None:
        """Everything that is on just now; while the bank is closed, it is set at its opening."""
        shares = {mood: 0.3 for mood in self._moods if mood in ("late", "lose", "fail")}
        telling = [mood for mood in self._moods if mood not in shares]
        with suppress(httpx.HTTPError):
            await self._bank.mood(
                **shares,
                late_seconds=self._late_seconds,
                webhooks=telling[-1] if telling else "once",
            )

    def _victim(self) -> psutil.Process | None:
        serving = self._town.services()
        return self._chance.choice(serving) if serving else None
