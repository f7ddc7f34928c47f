"""Every service, as the pages ask it: through one transport, as whoever visits."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from msgspec import structs

from souk.contracts.carts import CartServiceClient
from souk.contracts.catalog import CatalogServiceClient
from souk.contracts.inventory import InventoryServiceClient
from souk.contracts.media import MediaServiceClient
from souk.contracts.notifications import NotificationServiceClient
from souk.contracts.operations import OperationsServiceClient
from souk.contracts.orders import OrderServiceClient
from souk.contracts.payments import PaymentServiceClient
from souk.contracts.pricing import PricingServiceClient
from souk.contracts.shipping import ShippingServiceClient
from souk.contracts.shops import ShopServiceClient
from souk.contracts.users import UserServiceClient
from souk.gateway.rates import Rates
from souk.kernel.admission import at_the_edge
from souk.kernel.context import acting, call
from souk.kernel.contract import Method
from souk.kernel.transport import Switchboard, Transport

OPERATIONS = "operations"


class Clients:
    """`await visit.souk.catalog.get_product(…)`."""

    def __init__(self, board: Switchboard, rates: Rates) -> None:
        self._board, self._rates = board, rates
        transport = Metered(board, rates)
        self.carts = CartServiceClient(transport)
        self.catalog = CatalogServiceClient(transport)
        self.inventory = InventoryServiceClient(transport)
        self.media = MediaServiceClient(transport)
        self.notifications = NotificationServiceClient(transport)
        self.orders = OrderServiceClient(transport)
        self.payments = PaymentServiceClient(transport)
        self.pricing = PricingServiceClient(transport)
        self.shipping = ShippingServiceClient(transport)
        self.shops = ShopServiceClient(transport)
        self.users = UserServiceClient(transport)

    def operations(self, service: str) -> OperationsServiceClient:
        """For what the process of this service tells of it."""
        return OperationsServiceClient(Metered(self._board.at(service), self._rates))

    def services(self) -> list[str]:
        """All there are, wherever they run."""
        return sorted(self._board.services() - {OPERATIONS})


class Metered:
    """A transport on which every call counts against the visitor's budget, and staff may do what
    their roles lend them, as at the gateway."""

    def __init__(self, transport: Transport, rates: Rates) -> None:
        self._transport, self._rates = transport, rates

    async def call(self, method: Method, request: Any) -> Any:
        now = call()
        await self._rates.spend(method.rate, now.caller)
        caller = at_the_edge(method, now.caller)
        if caller is now.caller:
            return await self._transport.call(method, request)
        with acting(structs.replace(now, caller=caller)):
            return await self._transport.call(method, request)

    def stream(self, method: Method, request: Any) -> AsyncIterator[Any]:
        return self._transport.stream(method, request)
