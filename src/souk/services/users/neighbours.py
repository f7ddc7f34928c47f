"""Every service there is, asked about one person."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any, Protocol, runtime_checkable

from souk.contracts import SERVICES
from souk.contracts.common import (
    ErasePersonRequest,
    ErasureReceipt,
    ExportPersonRequest,
    Obstacle,
    PersonalData,
    PersonalRecord,
)
from souk.contracts.orders import FindGuestsRequest, GuestList
from souk.kernel.platform import Platform

USERS = "users"


@runtime_checkable
class KnowsPeople(Protocol):
    """What every contract has."""

    async def export_person(self, request: ExportPersonRequest) -> PersonalData: ...
    async def erase_person(self, request: ErasePersonRequest) -> ErasureReceipt: ...


@runtime_checkable
class KnowsGuests(Protocol):
    """Whoever keeps what was bought without an account."""

    async def find_guests(self, request: FindGuestsRequest) -> GuestList: ...


class Neighbours:
    """All services, this one last: until the others have answered it knows whom it is about.

    They answer from what they hold themselves and ask nobody, so asking them runs in no circle.
    """

    def __init__(self, services: Mapping[str, KnowsPeople]) -> None:
        self.services = services

    async def gather(self, person_id: str) -> dict[str, list[PersonalRecord]]:
        found: dict[str, list[PersonalRecord]] = {}
        for name, service in self.services.items():
            records, cursor = found.setdefault(name, []), ""
            while True:
                page = await service.export_person(
                    ExportPersonRequest(person_id=person_id, cursor=cursor)
                )
                records += page.records
                if not (cursor := page.next_cursor):
                    break
        return found

    async def find_guests(self, email: str) -> tuple[str, ...]:
        """The ids under which whoever bought with this address is known, purchase by purchase."""
        found: list[str] = []
        for service in self.services.values():
            if isinstance(service, KnowsGuests):
                answer = await service.find_guests(FindGuestsRequest(email=email))
                found += answer.checkout_ids
        return tuple(found)

    async def obstacles(self, person_id: str) -> tuple[Obstacle, ...]:
        found: list[Obstacle] = []
        request = ErasePersonRequest(person_id=person_id, is_rehearsal=True)
        for service in self.services.values():
            found += (await service.erase_person(request)).obstacles
        return tuple(found)


def neighbours_of(platform: Platform) -> Neighbours:
    """Found in the contracts, so that a new service is asked by being there."""
    names = sorted(SERVICES, key=lambda name: (name == USERS, name))
    clients = {name: _client(platform, SERVICES[name]) for name in names}
    return Neighbours({name: client for name, client in clients.items() if client})


def _client(platform: Platform, place: str) -> KnowsPeople | None:
    """None: a contract without a database of its own."""
    module, _, name = place.partition(":")
    kind = getattr(importlib.import_module(module), f"{name}Client")
    client: Any = platform.client(kind)
    return client if isinstance(client, KnowsPeople) else None
