"""Programs act for people with keys: shown once, kept hashed, limited, ended."""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest

from souk.contracts.api import Role
from souk.contracts.users import (
    ApiKeyNotFound,
    CheckApiKeyRequest,
    CreateApiKeyRequest,
    ListApiKeysRequest,
    RevokeApiKeyRequest,
    TooManyApiKeys,
    UnknownPermission,
    UserServiceClient,
)
from souk.kernel.audit.reading import list_entries
from souk.kernel.context import Caller
from souk.kernel.ids import new_id
from souk.services.users.api_key_store import API_KEYS_MAX
from tests.services.users.test_accounts import registered
from tests.support.hosting import hosted
from tests.support.people import as_, service


@pytest.fixture
async def host(servers):
    async with hosted("users", servers) as host:
        yield host


@pytest.fixture
def users(host):
    return host.client(UserServiceClient)


@pytest.fixture
async def ada(users):
    return Caller((await registered(users)).user.id, frozenset({"customer"}))


async def made(users, by, *scopes, **more):
    request = CreateApiKeyRequest(name="Our shop", scopes=scopes or ("orders.*",), **more)
    with as_(by):
        return await users.create_api_key(request)


async def checked(users, secret):
    digest = hashlib.sha256(secret.encode()).hexdigest()
    with as_(service("edge")):
        return await users.check_api_key(CheckApiKeyRequest(hash=digest))


async def test_a_key_is_shown_once_and_only_its_hash_is_kept(users, host, ada):
    new = await made(users, ada, "orders.*", "catalog.set_price", "orders.*")
    assert new.secret.startswith(new.key.prefix)
    assert new.key.scopes == ("catalog.set_price", "orders.*")
    with as_(ada):
        (listed,) = (await users.list_api_keys(ListApiKeysRequest())).items
    assert listed == new.key
    rows = await host.database.fetch("select api_keys::text as row from api_keys")
    assert not any(new.secret in row["row"] for row in rows)


async def test_a_key_is_known_by_its_hash_and_its_use_is_noted(users, ada):
    new = await made(users, ada)
    found = await checked(users, new.secret)
    assert (found.is_valid, found.user_id, found.key_id) == (True, ada.user_id, new.key.id)
    assert (found.roles, found.scopes) == ((Role.CUSTOMER,), ("orders.*",))
    with as_(ada):
        (listed,) = (await users.list_api_keys(ListApiKeysRequest())).items
    assert datetime.now(UTC) - listed.last_used_at < timedelta(minutes=1)


async def test_revoked_expired_and_unknown_keys_and_those_of_closed_accounts_are_not_good(
    users, host, ada
):
    revoked, expired = await made(users, ada), await made(users, ada, days=1)
    closed = await made(users, ada)
    with as_(ada):
        await users.revoke_api_key(RevokeApiKeyRequest(key_id=revoked.key.id))
        with pytest.raises(ApiKeyNotFound):
            await users.revoke_api_key(RevokeApiKeyRequest(key_id=revoked.key.id))
    past = "update api_keys set expires_at = now() where id = $1"
    await host.database.execute(past, expired.key.id)
    for secret in (revoked.secret, expired.secret, "souk_anything"):
        assert not (await checked(users, secret)).is_valid
    assert (await checked(users, closed.secret)).is_valid
    await host.database.execute("update users set is_active = false")
    assert not (await checked(users, closed.secret)).is_valid


async def test_somebody_elses_key_cannot_be_ended(users, ada):
    new = await made(users, ada)
    with as_(Caller(new_id(), frozenset({"customer"}))), pytest.raises(ApiKeyNotFound):
        await users.revoke_api_key(RevokeApiKeyRequest(key_id=new.key.id))
    assert (await checked(users, new.secret)).is_valid


@pytest.mark.parametrize(
    "scope", ["*", "users.create_api_key", "users.change_password", "inventory.reserve_stock", "x"]
)
async def test_scopes_that_cannot_be_given_are_refused_by_name(users, ada, scope):
    with pytest.raises(UnknownPermission) as refused:
        await made(users, ada, scope)
    assert refused.value.permission == scope


async def test_an_account_holds_at_most_fifty_keys(users, ada):
    for _ in range(API_KEYS_MAX):
        await made(users, ada)
    with pytest.raises(TooManyApiKeys):
        await made(users, ada)


async def test_making_and_ending_a_key_is_on_record_without_its_name(users, host, ada):
    new = await made(users, ada)
    with as_(ada):
        await users.revoke_api_key(RevokeApiKeyRequest(key_id=new.key.id))
    ended, begun = await list_entries(host.database, ada.user_id, limit=2)
    assert (begun.action, ended.action) == ("users.api_key_made", "users.api_key_revoked")
    assert begun.after == {"scopes": ["orders.*"]}
