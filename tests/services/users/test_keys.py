"""Signing keys are rotated, and nobody is logged out by it."""

import jwt
import pytest

from souk.contracts.users import GetKeysRequest, RefreshTokenRequest, UserServiceClient
from tests.services.users.persons import is_valid, login, registered
from tests.support.hosting import hosted


@pytest.fixture
async def host(servers):
    async with hosted("users", servers) as host:
        yield host


@pytest.fixture
def users(host):
    return host.client(UserServiceClient)


@pytest.fixture
def keys(host):
    return host.parts.rpc.desks.on.keys


async def published(users) -> set[str]:
    return {key.kid for key in (await users.get_keys(GetKeysRequest())).keys}


def kid_of(signed_in) -> str:
    return jwt.get_unverified_header(signed_in.access_token)["kid"]


async def test_a_new_key_is_published_before_it_signs(users, keys):
    before = kid_of(await registered(users))
    fresh = await keys.rotate()
    assert await published(users) == {before, fresh}
    assert kid_of(await users.login(login())) == before


async def test_after_a_rotation_old_tokens_stand_and_new_ones_are_signed_anew(users, keys):
    first = await registered(users)
    fresh = await keys.rotate(lead_seconds=0)
    second = await users.login(login())
    assert kid_of(second) == fresh != kid_of(first)
    assert await is_valid(users, first)
    assert await is_valid(users, second)
    assert await published(users) == {kid_of(first), fresh}


async def test_an_old_key_goes_when_its_last_token_is_over(users, keys, host):
    first = await registered(users)
    fresh = await keys.rotate(lead_seconds=0)
    seconds = "select extract(epoch from retired_at - now())::int from signing_keys where kid = $1"
    assert await host.database.fetchval(seconds, kid_of(first)) >= 899
    await host.database.execute(
        "update signing_keys set retired_at = now() - interval '1 second' where kid = $1",
        kid_of(first),
    )
    assert await published(users) == {fresh}


async def test_a_key_that_leaked_is_void_at_once_and_clients_refresh(users, keys):
    first = await registered(users)
    fresh = await keys.replace()
    assert await published(users) == {fresh}
    refreshed = await users.refresh_token(RefreshTokenRequest(refresh_token=first.refresh_token))
    assert kid_of(refreshed) == fresh
    assert await is_valid(users, refreshed)


async def test_rotating_ten_times_leaves_all_who_are_signed_in_signed_in(users, keys):
    signed_in = [await registered(users)]
    for _ in range(10):
        await keys.rotate(lead_seconds=0)
        signed_in.append(await users.login(login()))
    assert len({kid_of(one) for one in signed_in}) == 11
    assert all([await is_valid(users, one) for one in signed_in])


async def test_a_key_is_rotated_by_itself_when_it_is_old(users, host):
    before = kid_of(await registered(users))
    await host.run_job("rotate_keys")
    assert await published(users) == {before}
    await host.database.execute(
        "update signing_keys set active_from = active_from - interval '91 days'"
    )
    for _ in range(2):
        await host.run_job("rotate_keys")
    assert len(await published(users)) == 2
