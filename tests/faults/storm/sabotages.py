"""For every invariant a way to break it, so that it is known to turn red."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from msgspec import Struct

from tests.faults.storm.counting import Counter


class Sabotage(Struct, frozen=True, kw_only=True):
    """What is taken out. `breaks` is the invariant that must notice.

    `patch` is applied in every serving process (`package.module:function`), `sql` is run by
    service before the storm: where the database guards as well, that guard goes too.
    """

    breaks: str
    patch: str = ""
    sql: Mapping[str, str] = MappingProxyType({})

    async def prepare(self, counter: Counter) -> None:
        for service, statements in self.sql.items():
            await counter.run(service, statements)


SABOTAGES: dict[str, Sabotage] = {}
