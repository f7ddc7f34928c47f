"""What a storm found, as text for people and as JSON for whoever keeps it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from tests.faults.storm.invariants import Invariant

WELL_SHARE_MIN = 0.6


class Report(Struct, frozen=True, kw_only=True):
    """One storm. `is_void`: too little succeeded for the rest to say much."""

    shape: str
    seed: int
    sabotages: Sequence[str]
    shoppers: int
    outcomes: Mapping[str, int]
    sent: int
    well: int
    hung_up: int
    met: Mapping[str, int]
    fired: Mapping[str, int]
    settled_seconds: float
    invariants: Sequence[Invariant]
    seconds: float = 0.0

    @property
    def well_share(self) -> float:
        return self.well / max(self.sent, 1)

    @property
    def is_void(self) -> bool:
        return self.well_share < WELL_SHARE_MIN

    @property
    def broken(self) -> list[Invariant]:
        return [one for one in self.invariants if not one.holds]

    @property
    def is_good(self) -> bool:
        return not self.broken and not self.is_void

    def text(self) -> str:
        lines = [
            f"storm, {self.shape}, seed {self.seed}: {self.shoppers} purchases in {self.seconds} s"
            + (f", sabotaged: {', '.join(self.sabotages)}" if self.sabotages else ""),
            f"  harm    {_listed(self.fired)}; {self.hung_up} clients hung up",
            f"  answers {self.sent} requests, {self.well_share:.0%} as they should be"
            f" ({_listed(self.met)})",
            f"  ended   {_listed(self.outcomes)}",
        ]
        if self.is_void:
            lines.append(f"  VOID    fewer than {WELL_SHARE_MIN:.0%} of the requests succeeded")
        for one in self.invariants:
            lines.append(f"  {'holds ' if one.holds else 'BROKEN'}  {one.name}: {one.figure}")
            lines += [] if one.holds else [f"            {found}" for found in one.found]
        return "\n".join(lines)


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{times} {what}" for what, times in sorted(counts.items())) or "none"
