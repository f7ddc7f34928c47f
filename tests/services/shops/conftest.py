"""Shops with their real database; of users, the one call that shops make."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from souk.contracts.shops import CreateShopRequest, Shop, ShopServiceClient
from souk.contracts.users import (
    Contact,
    ContactList,
    GetContactsRequest,
    GrantRoleRequest,
    User,
    UserNotFound,
    UserService,
)
from souk.kernel.context import Caller
from souk.kernel.refusals import Unavailable
from tests.support.hosting import Host, hosted
from tests.support.people import as_
from tests.support.servers import Desk


class FakeUsers:
    """Remembers who became what; `is_down` answers nobody, `is_empty` knows nobody."""

    def __init__(self) -> None:
        self.granted: list[GrantRoleRequest] = []
        self.is_down = self.is_empty = False

    async def grant_role(self, request: GrantRoleRequest) -> User:
        if self.is_down:
            raise Unavailable(service="users")
        if self.is_empty:
            raise UserNotFound()
        self.granted.append(request)
        return User(id=request.user_id)

    async def get_contacts(self, request: GetContactsRequest) -> ContactList:
        if self.is_down:
            raise Unavailable(service="users")
        named = [Contact(user_id=one, first_name=f"P-{one[-4:]}") for one in request.user_ids]
        return ContactList(items=tuple(named))


class Mall:
    """The hosted service and those who walk about in it."""

    def __init__(self, host: Host, users: FakeUsers) -> None:
        self.host, self.users = host, users
        self.client = host.client(ShopServiceClient)

    async def open(
        self, owner: Caller, name: str = "Café Noir & Co.", *, currency: str = "EUR", key: str = ""
    ) -> Shop:
        with as_(owner, key=key):
            return await self.client.create_shop(CreateShopRequest(name=name, currency=currency))


@pytest.fixture
async def mall(servers: Desk) -> AsyncIterator[Mall]:
    users = FakeUsers()
    async with hosted("shops", servers, fakes={UserService: users}) as host:
        yield Mall(host, users)
