"""What every use case of payments works with: the database, the providers and the terms."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping
from typing import TypeVar

from msgspec import Struct

from souk.contracts.payments import ProviderUnknown
from souk.kernel.clock import Clock
from souk.kernel.context import remaining_seconds
from souk.kernel.database import Database
from souk.kernel.together import Together
from souk.services.payments.model.payment import Payment
from souk.services.payments.providers import OutcomeUnknown, Provider
from souk.services.payments.store.changes import Change

T = TypeVar("T")
PROVIDER_SECONDS_MAX = 10


class Till(Struct, frozen=True, kw_only=True, eq=False):
    """Built once by the wiring."""

    database: Database
    find_payment: Together[str, Payment | None]
    save: Together[Change, bool]
    providers: Mapping[str, Provider]
    clock: Clock
    return_url: str  # and the checkout's id: where shoppers come back to
    escrow_days: int
    commission_basis_points: int

    def provider(self, name: str, method: str = "") -> Provider:
        """Raises ProviderUnknown."""
        if name not in self.providers:
            raise ProviderUnknown(provider=name, method=method)
        return self.providers[name]

    def offered(self, name: str, method: str) -> Provider:
        """The provider, if it can be asked for this method. Raises ProviderUnknown."""
        provider = self.provider(name, method)
        if not provider.takes(method):
            raise ProviderUnknown(provider=name, method=method)
        return provider


async def answer_of(call: Awaitable[T]) -> T:
    """What a provider answers within its time. Raises OutcomeUnknown."""
    left = remaining_seconds()
    seconds = PROVIDER_SECONDS_MAX if left is None else min(left, PROVIDER_SECONDS_MAX)
    try:
        async with asyncio.timeout(seconds):
            return await call
    except TimeoutError as error:
        raise OutcomeUnknown("no answer in time") from error
