"""People register, sign in, stay signed in and sign out."""

import asyncio

import jwt
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from jwt.utils import base64url_decode

from souk.contracts.api import Role
from souk.contracts.shops import ShopCreated
from souk.contracts.users import (
    ChangePasswordRequest,
    EmailTaken,
    GetContactsRequest,
    GetKeysRequest,
    GetProfileRequest,
    GetUserRequest,
    GrantRoleRequest,
    GuestSignedIn,
    LoginRequest,
    PasswordRefused,
    RefreshTokenRefused,
    RefreshTokenRequest,
    RegisterRequest,
    RoleGranted,
    UpdateProfileRequest,
    UserNotFound,
    UserRegistered,
    UserServiceClient,
    ValidateTokenRequest,
    WrongCredentials,
)
from souk.kernel.ids import new_id
from souk.kernel.refusals import NotAllowed
from souk.services.users.passwords import Passwords
from tests.services.users.persons import PASSWORD, caller_of, registered
from tests.support.hosting import hosted
from tests.support.people import admin, as_, customer, service, support


@pytest.fixture
async def host(servers):
    async with hosted("users", servers) as host:
        yield host


@pytest.fixture
def users(host):
    return host.client(UserServiceClient)


async def test_registering_signs_in(users, host):
    signed_in = await registered(users)
    assert signed_in.user.email == "ada@example.com"
    assert signed_in.user.roles == (Role.CUSTOMER,)
    assert (signed_in.token_type, signed_in.expires_in) == ("Bearer", 900)
    (event,) = await host.published(UserRegistered)
    assert event.user_id == signed_in.user.id


async def test_the_token_verifies_with_the_published_key_alone(users):
    signed_in = await registered(users)
    (key,) = (await users.get_keys(GetKeysRequest())).keys
    header = jwt.get_unverified_header(signed_in.access_token)
    assert (header["kid"], header["alg"], header["typ"]) == (key.kid, "EdDSA", "at+jwt")
    public = Ed25519PublicKey.from_public_bytes(base64url_decode(key.x))
    claims = jwt.decode(signed_in.access_token, public, algorithms=["EdDSA"], audience="souk")
    assert claims["sub"] == signed_in.user.id
    assert claims["exp"] - claims["iat"] == 900


@pytest.mark.parametrize("again", ["ada@example.com", "ADA@example.com", " Ada@Example.Com "])
async def test_one_account_for_one_email_however_it_is_written(users, again):
    await registered(users)
    with pytest.raises(EmailTaken):
        await registered(users, again)


async def test_fifty_registrations_at_once_make_one_account(users, host):
    ends = await asyncio.gather(*[registered(users) for _ in range(50)], return_exceptions=True)
    assert sum(isinstance(end, EmailTaken) for end in ends) == 49
    assert await host.database.fetchval("select count(*) from users") == 1


@pytest.mark.parametrize(
    "password",
    ["password123", "Password123", "ada@example.com", "aaaaaaaaaaaa", "abcdefghijkl", "9876543210"],
)
async def test_passwords_that_guessers_try_first_are_refused(users, password):
    request = RegisterRequest(email="ada@example.com", password=password, first_name="Ada")
    with pytest.raises(PasswordRefused):
        await users.register(request)


async def test_a_wrong_password_and_an_unknown_email_get_the_same_answer(users):
    await registered(users)
    for email in ("ada@example.com", "nobody@example.com"):
        with pytest.raises(WrongCredentials) as refused:
            await users.login(LoginRequest(email=email, password="wrong password"))
        assert refused.value.fields == {}


async def test_signing_in_finds_the_account_whatever_the_case(users):
    first = await registered(users)
    again = await users.login(LoginRequest(email="ADA@example.com", password=PASSWORD))
    assert again.user.id == first.user.id
    assert again.refresh_token != first.refresh_token


async def test_a_new_password_ends_the_other_sessions(users):
    first = await registered(users)
    other = await users.login(LoginRequest(email="ada@example.com", password=PASSWORD))
    with as_(await caller_of(users, first)):
        with pytest.raises(WrongCredentials):
            wrong = ChangePasswordRequest(current_password="guess", new_password="another fine one")
            await users.change_password(wrong)
        right = ChangePasswordRequest(current_password=PASSWORD, new_password="another fine one")
        await users.change_password(right)
    await users.refresh_token(RefreshTokenRequest(refresh_token=first.refresh_token))
    with pytest.raises(RefreshTokenRefused):
        await users.refresh_token(RefreshTokenRequest(refresh_token=other.refresh_token))
    with pytest.raises(WrongCredentials):
        await users.login(LoginRequest(email="ada@example.com", password=PASSWORD))
    await users.login(LoginRequest(email="ada@example.com", password="another fine one"))


async def test_passwords_are_hashed_anew_when_the_settings_grow(users, host):
    await registered(users)
    hashes = "select password_hash from users"
    assert "t=1," in await host.database.fetchval(hashes)
    settings = msgspec.structs.replace(host.platform.settings, argon2_time_cost=2)
    host.parts.rpc.desks.door.on = msgspec.structs.replace(
        host.parts.rpc.desks.on, passwords=Passwords(settings)
    )
    await users.login(LoginRequest(email="ada@example.com", password=PASSWORD))
    assert "t=2," in await host.database.fetchval(hashes)


async def test_no_secret_is_kept_in_plain(users, host):
    signed_in = await registered(users, cart_token="a-guests-cart-token")
    secrets = [PASSWORD, signed_in.refresh_token, "a-guests-cart-token"]
    tables = await host.database.fetch(
        "select table_name from information_schema.tables where table_schema = 'public'"
    )
    for table in tables:
        rows = await host.database.fetch(f'select t::text as row from "{table["table_name"]}" t')
        for row in rows:
            assert not [secret for secret in secrets if secret in row["row"]]


async def test_events_carry_no_people(users, host):
    await registered(users, cart_token="a-guests-cart-token")
    rows = await host.database.fetch("select payload from outbox")
    assert rows
    for row in rows:
        text = (
            bytes(row["payload"]).decode() if isinstance(row["payload"], bytes) else row["payload"]
        )
        assert not [word for word in ("Ada", "Lovelace", "ada@example.com") if word in text]


async def test_a_guests_cart_is_told_by_its_hash(users, host):
    signed_in = await registered(users, cart_token="a-guests-cart-token")
    await users.login(
        LoginRequest(email="ada@example.com", password=PASSWORD, cart_token="another-cart")
    )
    told = await host.published(GuestSignedIn)
    assert {event.user_id for event in told} == {signed_in.user.id}
    assert len({event.cart_token_hash for event in told}) == 2


async def test_a_founder_becomes_a_seller_once(users, host):
    signed_in = await registered(users)
    event = ShopCreated(shop_id=new_id(), owner_id=signed_in.user.id)
    for _ in range(2):
        await host.deliver(event)
    refreshed = await users.refresh_token(
        RefreshTokenRequest(refresh_token=signed_in.refresh_token)
    )
    claims = jwt.decode(refreshed.access_token, options={"verify_signature": False})
    assert sorted(claims["roles"]) == ["customer", "seller"]
    assert len(await host.published(RoleGranted)) == 1


async def test_roles_are_granted_by_admins_and_services_alone(users):
    signed_in = await registered(users)
    grant = GrantRoleRequest(user_id=signed_in.user.id, role=Role.COURIER)
    for by in (customer(signed_in.user.id), support()):
        with as_(by), pytest.raises(NotAllowed):
            await users.grant_role(grant)
    with as_(admin()):
        assert Role.COURIER in (await users.grant_role(grant)).roles
        with pytest.raises(UserNotFound):
            await users.grant_role(GrantRoleRequest(user_id=new_id(), role=Role.COURIER))


async def test_people_see_themselves_and_operators_see_all(users):
    signed_in = await registered(users)
    asked = GetUserRequest(user_id=signed_in.user.id)
    for by in (customer(signed_in.user.id), support(), admin(), service("orders")):
        with as_(by):
            assert (await users.get_user(asked)).email == "ada@example.com"
    with as_(customer()), pytest.raises(UserNotFound):
        await users.get_user(asked)


async def test_a_profile_changes_where_it_is_told_to(users):
    signed_in = await registered(users)
    with as_(customer(signed_in.user.id)):
        await users.update_profile(UpdateProfileRequest(phone_number="+1 212 555 0100"))
        changed = await users.update_profile(UpdateProfileRequest(first_name="Augusta"))
        assert await users.get_profile(GetProfileRequest()) == changed
    assert (changed.first_name, changed.last_name) == ("Augusta", "Lovelace")
    assert changed.phone_number == "+12125550100"


async def test_contacts_are_for_services(users):
    signed_in = await registered(users)
    asked = GetContactsRequest(user_ids=(signed_in.user.id, new_id()))
    with as_(service("notifications")):
        (contact,) = (await users.get_contacts(asked)).items
    assert contact.email == "ada@example.com"
    with as_(admin()), pytest.raises(NotAllowed):
        await users.get_contacts(asked)


async def test_a_bad_token_is_nobodys(users):
    with as_(service("gateway")):
        for token in ("x", "a.b.c", "eyJhbGciOiJub25lIn0.e30."):
            assert not (
                await users.validate_token(ValidateTokenRequest(access_token=token))
            ).is_valid
