"""People keep addresses, one of each type the default."""

import asyncio

import pytest

from souk.contracts.users import (
    AddAddressRequest,
    AddressNotFound,
    AddressType,
    DeleteAddressRequest,
    GetAddressesRequest,
    GetAddressRequest,
    RegisterRequest,
    SetDefaultAddressRequest,
    TooManyAddresses,
    UpdateAddressRequest,
    UserServiceClient,
)
from souk.services.users.model import ADDRESSES_MAX
from tests.support.hosting import hosted
from tests.support.people import as_, customer

FIELDS = {
    "type": AddressType.SHIPPING,
    "name": "Ada",
    "street_1": "1 Row",
    "city": "Albany",
    "state": "NY",
    "postal_code": "12207",
    "country": "US",
}


@pytest.fixture
async def users(servers):
    async with hosted("users", servers) as host:
        yield host.client(UserServiceClient)


@pytest.fixture
async def ada(users):
    request = RegisterRequest(email="ada@x.org", password="correct horse", first_name="Ada")
    return customer((await users.register(request)).user.id)


def address(**more) -> AddAddressRequest:
    return AddAddressRequest(**FIELDS | more)


async def defaults(users) -> list[str]:
    items = (await users.get_addresses(GetAddressesRequest())).items
    return [item.name for item in items if item.is_default]


async def test_the_first_of_its_type_is_the_default(users, ada):
    with as_(ada):
        assert (await users.add_address(address())).is_default
        assert not (await users.add_address(address(name="Work"))).is_default
        assert (await users.add_address(address(type=AddressType.BILLING))).is_default


async def test_a_new_default_takes_the_old_ones_place(users, ada):
    with as_(ada):
        await users.add_address(address(name="Home"))
        await users.add_address(address(name="Work", is_default=True))
        assert await defaults(users) == ["Work"]


async def test_one_default_however_many_are_made_at_once(users, ada):
    with as_(ada):
        await asyncio.gather(*[users.add_address(address(is_default=True)) for _ in range(20)])
        assert len(await defaults(users)) == 1


async def test_where_the_default_goes_another_takes_its_place(users, ada):
    with as_(ada):
        home = await users.add_address(address(name="Home"))
        await users.add_address(address(name="Work"))
        await users.delete_address(DeleteAddressRequest(address_id=home.id))
        assert await defaults(users) == ["Work"]


async def test_an_address_is_made_the_default(users, ada):
    with as_(ada):
        await users.add_address(address(name="Home"))
        work = await users.add_address(address(name="Work"))
        await users.set_default_address(SetDefaultAddressRequest(address_id=work.id))
        assert await defaults(users) == ["Work"]


async def test_an_address_is_replaced(users, ada):
    with as_(ada):
        home = await users.add_address(address(name="Home"))
        change = UpdateAddressRequest(address_id=home.id, **FIELDS | {"city": "Paris"})
        assert (await users.update_address(change)).city == "Paris"


async def test_a_default_that_is_changed_away_leaves_one_of_each_type(users, ada):
    with as_(ada):
        home = await users.add_address(address(name="Home"))
        await users.add_address(address(name="Work"))
        as_before = FIELDS | {"name": "Home", "is_default": False}
        await users.update_address(UpdateAddressRequest(address_id=home.id, **as_before))
        assert await defaults(users) == ["Home"]  # the oldest, and so again

        billing = as_before | {"type": AddressType.BILLING}
        await users.update_address(UpdateAddressRequest(address_id=home.id, **billing))
        assert sorted(await defaults(users)) == ["Home", "Work"]


async def test_foreign_addresses_do_not_exist(users, ada):
    with as_(ada):
        home = await users.add_address(address())
    with as_(customer()):
        for call in (
            users.get_address(GetAddressRequest(address_id=home.id)),
            users.update_address(UpdateAddressRequest(address_id=home.id, **FIELDS)),
            users.delete_address(DeleteAddressRequest(address_id=home.id)),
            users.set_default_address(SetDefaultAddressRequest(address_id=home.id)),
        ):
            with pytest.raises(AddressNotFound):
                await call
        assert (await users.get_addresses(GetAddressesRequest())).items == ()


async def test_one_key_adds_one(users, ada):
    with as_(ada, key="once"):
        added = await asyncio.gather(*[users.add_address(address()) for _ in range(20)])
        assert len({each.id for each in added}) == 1


async def test_there_is_an_end_to_addresses(users, ada):
    with as_(ada):
        for _ in range(ADDRESSES_MAX):
            await users.add_address(address())
        with pytest.raises(TooManyAddresses):
            await users.add_address(address())
