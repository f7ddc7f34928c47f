"""What a storm is like: which Souk, who shops, what happens to it. A seed makes it repeatable."""

from __future__ import annotations

from random import Random
from typing import Literal

from msgspec import Struct

Shape = Literal["split", "together"]
HARMS = {
    "kill": "a process of Souk ends at once (SIGKILL)",
    "stop": "a process of Souk stands still, then goes on (SIGSTOP)",
    "postgres": "PostgreSQL restarts without saying good-bye (immediate shutdown)",
    "nats": "the broker is killed and stays away",
    "disk": "the broker's disk is full",
    "flush": "Redis forgets everything",
    "redis": "Redis is killed",
    "late": "the provider answers late, before or after the deed",
    "lose": "the provider does it, and the answer is lost",
    "fail": "the provider does it, and answers 500",
    "bank": "the provider is killed and started again",
    "thrice": "webhooks come three times",
    "shuffled": "webhooks come late and in any order",
    "never": "webhooks never come",
    "repeat": "shoppers send a request ten times at once",
    "hangup": "shoppers hang up in the middle of a request",
    "clock": "the clock of one process is ten minutes off",
}
MOODS = frozenset({"late", "lose", "fail", "thrice", "shuffled", "never"})
STANDING = frozenset({"repeat", "hangup", "clock"})  # all the time, not now and then
BLOWS = tuple(name for name in HARMS if name not in STANDING)
# Of every twenty blows; what is not named comes once.
WEIGHTS = {"kill": 5, "flush": 2}
SKEWED = ("carts", "inventory", "orders", "payments", "pricing", "shipping", "shops")
SKEW_SECONDS = 600
QUIET_SECONDS = 1.0
SERVED_A_SECOND = 10  # on a machine that has much else to do


class Blow(Struct, frozen=True):
    """One harm, so many seconds after the storm began, lasting so long."""

    at: float
    harm: str
    seconds: float = 0.0


class Plan(Struct, frozen=True, kw_only=True):
    shape: Shape = "split"
    seed: int = 1
    seconds: float = 60
    shoppers: int = 100  # at least so many come, and as many more as find time
    lanes: int = 12  # so many shop at once
    drops: int = 4  # products of which there are few, one after the other
    units: int = 10  # of each
    rush: int = 60  # shoppers who want one of each, all at once
    flush_seconds: float = 6  # before the storm, when only Redis is flushed
    flush_every_seconds: float = 1
    pace_seconds: float = 3  # between blows
    stop_seconds: float = 15
    away_seconds: float = 60
    late_seconds: float = 60
    settle_seconds: float = 60  # after healing, until everything must have come to its end
    harms: tuple[str, ...] = tuple(HARMS)
    sabotages: tuple[str, ...] = ()

    @property
    def is_split(self) -> bool:
        return self.shape == "split"

    def has(self, harm: str) -> bool:
        return harm in self.harms

    def skewed(self) -> str:
        """Whose clock is off: a service, or one of the workers; and by how much."""
        chance = Random(f"clock {self.seed}")
        who = chance.choice(SKEWED) if self.is_split else "worker"
        return f"{who}:{chance.choice((-1, 1)) * SKEW_SECONDS}"

    @property
    def rush_seconds(self) -> float:
        """What everybody in the rushes needs to be served."""
        return self.drops * self.rush / SERVED_A_SECOND

    def forecast(self) -> list[Blow]:
        """Every blow of the storm: each harm once, in any order, then as the dice fall."""
        chance = Random(self.seed)
        kinds = [name for name in BLOWS if self.has(name)]
        if not kinds:
            return []
        first, blows, at = chance.sample(kinds, len(kinds)), [], QUIET_SECONDS
        weights = [WEIGHTS.get(name, 1) for name in kinds]
        while at < self.seconds:
            harm = first.pop() if first else chance.choices(kinds, weights)[0]
            blows.append(Blow(at, harm, self._lasting(harm, chance)))
            at += self.pace_seconds * chance.uniform(0.5, 1.5)
        return blows

    def _lasting(self, harm: str, chance: Random) -> float:
        if harm == "stop":
            return self.stop_seconds
        if harm in ("nats", "disk"):
            return chance.uniform(0.2, 1.0) * self.away_seconds
        if harm in MOODS or harm == "bank":
            return chance.uniform(1, 3) * self.pace_seconds
        return 0.0
