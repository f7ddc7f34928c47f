"""The stand on which services are tested: one test, both placements."""

from __future__ import annotations

import pytest

from souk.contracts.api import Role
from souk.contracts.shops import CreateShopRequest, ShopCreated, ShopServiceClient
from souk.contracts.users import GrantRoleRequest, RoleGranted, User, UserService
from souk.kernel.context import Call, Caller, acting, call
from souk.kernel.refusals import InvalidRequest, SignInRequired
from tests.support.hosting import Shape, hosted
from tests.support.servers import Desk

OWNER = Caller("0190e7a2-0000-7000-8000-000000000001", frozenset({"customer"}))
SHOP = CreateShopRequest(name="Ada's Looms", currency="USD")


class Users:
    """Remembers who was granted what, and by whom."""

    def __init__(self) -> None:
        self.granted: list[tuple[str, Role | None, str]] = []

    async def grant_role(self, request: GrantRoleRequest) -> User:
        self.granted.append((request.user_id, request.role, call().caller.service))
        return User(id=request.user_id)


@pytest.mark.parametrize("shape", list(Shape))
async def test_a_service_and_its_fakes_behave_alike_wherever_they_are(
    servers: Desk, shape: Shape
) -> None:
    users = Users()

    async with hosted("shops", servers, fakes={UserService: users}, shape=shape) as host:
        client = host.client(ShopServiceClient)
        with acting(Call(caller=OWNER, idempotency_key="k-1")):
            first = await client.create_shop(SHOP)
            again = await client.create_shop(SHOP)
        with pytest.raises(SignInRequired):
            await client.create_shop(SHOP)

        assert first.name == "Ada's Looms"
        assert again == first
        assert set(users.granted) == {(OWNER.user_id, Role.SELLER, "shops")}
        (told,) = await host.published(ShopCreated)
        assert told.shop_id == first.id


async def test_a_request_is_validated_in_the_remote_shape(servers: Desk) -> None:
    async with hosted("shops", servers, shape=Shape.REMOTE) as host:
        with pytest.raises(InvalidRequest), acting(Call(caller=OWNER)):
            await host.client(ShopServiceClient).create_shop(
                CreateShopRequest(name="", currency="dollars")
            )


async def test_a_fake_without_the_method_that_is_called_says_so(servers: Desk) -> None:
    async with hosted("shops", servers, fakes={UserService: object()}) as host:
        client = host.client(ShopServiceClient)
        unmet = pytest.raises(AssertionError, match="UserService was not given grant_role")
        with unmet, acting(Call(caller=OWNER)):
            await client.create_shop(SHOP)


async def test_events_nobody_reacts_to_are_counted_as_such(servers: Desk) -> None:
    async with hosted("shops", servers, fakes={UserService: Users()}) as host:
        assert await host.deliver(RoleGranted(user_id=OWNER.user_id, role=Role.SELLER)) == 0
