"""People stay signed in, in several places, and sign out of each of them."""

import asyncio

import jwt
import pytest

from souk.contracts.users import (
    AccessEnded,
    BanUserRequest,
    ListEndedAccessRequest,
    ListSessionsRequest,
    LogoutRequest,
    NotYourRank,
    RefreshTokenRefused,
    RefreshTokenRequest,
    ReinstateUserRequest,
    RevokeSessionRequest,
    SessionNotFound,
    UserServiceClient,
    WrongCredentials,
)
from souk.kernel.context import Caller
from souk.kernel.ids import new_id, new_secret
from souk.services.users import session_store
from souk.services.users.identity import Place
from souk.services.users.model import hash_of
from souk.services.users.session_store import NewSession
from tests.services.users.persons import FIREFOX, caller_of, is_valid, login, registered
from tests.support.hosting import hosted
from tests.support.people import admin, as_, customer, guest, service, support

FAMILIES = 1000


@pytest.fixture
async def host(servers):
    async with hosted("users", servers) as host:
        yield host


@pytest.fixture
def users(host):
    return host.client(UserServiceClient)


def with_token(token: str) -> RefreshTokenRequest:
    return RefreshTokenRequest(refresh_token=token)


async def later(host) -> None:
    """Long after tabs would have refreshed together."""
    await host.database.execute("update refresh_tokens set used_at = used_at - interval '1 minute'")


async def test_a_refresh_token_has_one_successor(users):
    first = await registered(users)
    second = await users.refresh_token(with_token(first.refresh_token))
    third = await users.refresh_token(with_token(second.refresh_token))
    assert len({first.refresh_token, second.refresh_token, third.refresh_token}) == 3


async def test_fifty_tabs_that_refresh_together_go_on_with_one_successor(users, host):
    first = await registered(users)
    ends = await asyncio.gather(
        *(users.refresh_token(with_token(first.refresh_token)) for _ in range(50))
    )
    assert len({end.refresh_token for end in ends}) == 1
    assert await host.database.fetchval("select count(*) from refresh_tokens") == 2
    await users.refresh_token(with_token(ends[0].refresh_token))


async def test_a_burnt_refresh_token_ends_its_family(users, host):
    first = await registered(users)
    second = await users.refresh_token(with_token(first.refresh_token))
    await later(host)
    for token in (first.refresh_token, second.refresh_token, "never given"):
        with pytest.raises(RefreshTokenRefused):
            await users.refresh_token(with_token(token))
    assert not await is_valid(users, second)


async def test_a_token_whose_successor_was_used_is_burnt_at_once(users):
    first = await registered(users)
    second = await users.refresh_token(with_token(first.refresh_token))
    third = await users.refresh_token(with_token(second.refresh_token))
    for token in (first.refresh_token, third.refresh_token):
        with pytest.raises(RefreshTokenRefused):
            await users.refresh_token(with_token(token))


async def test_a_thousand_burnt_tokens_end_a_thousand_families(users, host):
    signed_in = await registered(users)
    tokens = [new_secret() for _ in range(FAMILIES)]

    async def open_all(tx):
        for token in tokens:
            family = NewSession(
                id=new_id(), user_id=signed_in.user.id, version=1, device="", place=Place(),
                key=None, token_hash=hash_of(token), token_seconds=3600,
            )  # fmt: skip
            assert await session_store.open_session(tx, family)

    async def end(token: str) -> bool:
        successor = await users.refresh_token(with_token(token))
        await host.database.execute(
            "update refresh_tokens set used_at = now() - interval '1 minute' where hash = $1",
            hash_of(token),
        )
        refused = 0
        for stolen in (token, successor.refresh_token):
            try:
                await users.refresh_token(with_token(stolen))
            except RefreshTokenRefused:
                refused += 1
        return refused == 2

    await host.database.transact(open_all)
    ended = 0
    for at in range(0, FAMILIES, 50):
        ended += sum(await asyncio.gather(*map(end, tokens[at : at + 50])))
    assert ended == FAMILIES
    live = "select count(*) from sessions where ended_at is null"
    assert await host.database.fetchval(live) == 1, "the family that nobody stole from"


async def test_another_family_lives_on(users, host):
    first = await registered(users)
    other = await users.login(login())
    await users.refresh_token(with_token(first.refresh_token))
    await later(host)
    with pytest.raises(RefreshTokenRefused):
        await users.refresh_token(with_token(first.refresh_token))
    await users.refresh_token(with_token(other.refresh_token))


async def test_signing_out_ends_the_session(users, host):
    first = await registered(users)
    by = await caller_of(users, first)
    with as_(by):
        await users.logout(LogoutRequest())
    with pytest.raises(RefreshTokenRefused):
        await users.refresh_token(with_token(first.refresh_token))
    assert not await is_valid(users, first)
    (told,) = await host.published(AccessEnded)
    assert (told.user_id, told.session_id) == (by.user_id, by.session_id)


async def test_signing_out_everywhere_ends_all_and_raises_the_version(users, host):
    first = await registered(users)
    other = await users.login(login())
    with as_(await caller_of(users, first)):
        await users.logout(LogoutRequest(everywhere=True))
    for token in (first.refresh_token, other.refresh_token):
        with pytest.raises(RefreshTokenRefused):
            await users.refresh_token(with_token(token))
    (told,) = await host.published(AccessEnded)
    assert (told.version, told.session_id) == (2, "")
    again = await users.login(login())
    assert jwt.decode(again.access_token, options={"verify_signature": False})["ver"] == 2
    assert await is_valid(users, again)


async def test_sessions_are_listed_with_device_and_address(users):
    with as_(guest("203.0.113.7")):
        first = await registered(users, user_agent=FIREFOX)
    with as_(guest("198.51.100.9")):
        await users.login(login(user_agent="curl/8.5.0"))
    with as_(await caller_of(users, first)):
        sessions = (await users.list_sessions(ListSessionsRequest())).items
    told = {(one.device, one.address, one.is_current) for one in sessions}
    assert told == {
        ("Firefox on Linux", "203.0.113.7", True),
        ("curl", "198.51.100.9", False),
    }


async def test_one_session_is_revoked_and_the_others_go_on(users):
    first = await registered(users)
    other = await users.login(login())
    ended = (await caller_of(users, other)).session_id
    with as_(await caller_of(users, first)):
        await users.revoke_session(RevokeSessionRequest(session_id=ended))
        with pytest.raises(SessionNotFound):
            await users.revoke_session(RevokeSessionRequest(session_id=ended))
        assert len((await users.list_sessions(ListSessionsRequest())).items) == 1
        (gone,) = (await users.list_sessions(ListSessionsRequest(ended=True))).items
    assert gone.id == ended
    assert gone.ended_at
    assert not gone.is_current
    assert await is_valid(users, first)
    assert not await is_valid(users, other)


async def test_nobody_revokes_somebody_elses_session(users):
    first = await registered(users)
    session_id = (await caller_of(users, first)).session_id
    with as_(customer()), pytest.raises(SessionNotFound):
        await users.revoke_session(RevokeSessionRequest(session_id=session_id))
    with as_(customer()):
        for ended in (False, True):
            assert not (await users.list_sessions(ListSessionsRequest(ended=ended))).items
    assert await is_valid(users, first)


async def test_a_barred_account_is_out_until_it_is_let_back_in(users, host):
    first = await registered(users)
    user_id = first.user.id
    with as_(support()):
        assert not (await users.ban_user(BanUserRequest(user_id=user_id))).is_active
    assert not await is_valid(users, first)
    with pytest.raises(RefreshTokenRefused):
        await users.refresh_token(with_token(first.refresh_token))
    with pytest.raises(WrongCredentials):
        await users.login(login())
    assert [one.version for one in await host.published(AccessEnded)] == [2]
    with as_(support()):
        await users.reinstate_user(ReinstateUserRequest(user_id=user_id))
    await users.login(login())
    assert not await is_valid(users, first), "what was signed before the ban stays void"


async def test_support_bars_no_staff_and_nobody_bars_themselves(users, host):
    first = await registered(users)
    user_id = first.user.id
    await host.database.execute("update users set roles = '{admin}' where id = $1", user_id)
    itself = Caller(user_id, frozenset({"admin"}))
    for by in (support(), itself):
        with as_(by), pytest.raises(NotYourRank):
            await users.ban_user(BanUserRequest(user_id=user_id))
    with as_(admin()):
        await users.ban_user(BanUserRequest(user_id=user_id))


async def test_endings_are_told_to_whoever_asks(users):
    first = await registered(users)
    by = await caller_of(users, first)
    with as_(by):
        await users.logout(LogoutRequest())
    with as_(service("identity")):
        (ending,) = (await users.list_ended_access(ListEndedAccessRequest())).items
        assert (ending.user_id, ending.session_id) == (by.user_id, by.session_id)
        since = ListEndedAccessRequest(since=ending.ended_at)
        assert (await users.list_ended_access(since)).items == ()
