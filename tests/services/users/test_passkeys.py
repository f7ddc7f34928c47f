"""Passkeys, with an authenticator made of software."""

import json

import pytest

from souk.contracts.users import (
    AddPasskeyRequest,
    GetSignInMethodsRequest,
    PasskeyNotFound,
    PasskeyRefused,
    RemovePasskeyRequest,
    RenamePasskeyRequest,
    SignInWithPasskeyRequest,
    StartPasskeyRequest,
    StartPasskeySignInRequest,
    StepUpRequest,
    UserServiceClient,
)
from souk.kernel.refusals import StepUpRequired
from tests.services.users.authenticator import Authenticator
from tests.services.users.persons import an_email, caller_of, is_valid, registered
from tests.support.hosting import hosted
from tests.support.people import as_, customer

SITE = "https://souk.example"


@pytest.fixture
async def host(servers):
    async with hosted("users", servers, public_url=SITE) as host:
        yield host


@pytest.fixture
def users(host):
    return host.client(UserServiceClient)


async def with_passkey(users, email="ada@example.com"):
    """Whoever has one, and the device that holds it."""
    by = await caller_of(users, await registered(users, email), is_confirmed=True)
    device = Authenticator(SITE)
    with as_(by):
        await added(users, device, name="Phone")
    return by, device


async def added(users, device, **more):
    asked = await users.start_passkey(StartPasskeyRequest())
    return await users.add_passkey(
        AddPasskeyRequest(
            challenge=asked.challenge, credential=device.create(asked.options), **more
        )
    )


async def signed_in(users, device, **changed):
    asked = await users.start_passkey_sign_in(StartPasskeySignInRequest())
    answer = device.get(asked.options, **changed)
    return await users.sign_in_with_passkey(
        SignInWithPasskeyRequest(challenge=asked.challenge, credential=answer)
    )


async def test_a_passkey_signs_in_without_a_name(users):
    by, device = await with_passkey(users)
    found = await signed_in(users, device)
    assert found.user.id == by.user_id
    assert await is_valid(users, found)
    with as_(by):
        (passkey,) = (await users.get_sign_in_methods(GetSignInMethodsRequest())).passkeys
    assert passkey.name == "Phone"
    assert passkey.last_used_at is not None


async def test_the_browser_is_not_told_who_has_an_account(users):
    await with_passkey(users)
    asked = await users.start_passkey_sign_in(StartPasskeySignInRequest())
    assert not json.loads(asked.options).get("allowCredentials")


async def test_an_answer_opens_once(users):
    _, device = await with_passkey(users)
    asked = await users.start_passkey_sign_in(StartPasskeySignInRequest())
    answer = SignInWithPasskeyRequest(
        challenge=asked.challenge, credential=device.get(asked.options)
    )
    await users.sign_in_with_passkey(answer)
    with pytest.raises(PasskeyRefused):
        await users.sign_in_with_passkey(answer)


@pytest.mark.parametrize(
    "changed",
    [
        {"origin": "https://evil.example"},
        {"site": "evil.example"},
        {"kind": "webauthn.create"},
        {"challenge": "AAAA"},
        {"is_verified": False},
        {"is_present": False},
        {"is_forged": True},
        {"credential_id": b"another one"},
    ],
    ids=str,
)
async def test_an_answer_that_is_not_right_is_refused(users, changed):
    _, device = await with_passkey(users)
    with pytest.raises(PasskeyRefused):
        await signed_in(users, device, **changed)
    await signed_in(users, device)


@pytest.mark.parametrize("text", ["{}", "[]", "not json", '{"id": 1}', "null", '{"rawId": "x"}'])
async def test_what_is_no_answer_is_refused(users, text):
    asked = await users.start_passkey_sign_in(StartPasskeySignInRequest())
    answer = SignInWithPasskeyRequest(challenge=asked.challenge, credential=text)
    with pytest.raises(PasskeyRefused):
        await users.sign_in_with_passkey(answer)


async def test_a_copied_passkey_is_noticed_by_its_counter(users):
    _, device = await with_passkey(users)
    await signed_in(users, device)
    device.count -= 1
    with pytest.raises(PasskeyRefused):
        await signed_in(users, device)


async def test_a_passkey_is_renamed_by_its_owner_alone(users):
    by, _ = await with_passkey(users)
    with as_(by):
        (passkey,) = (await users.get_sign_in_methods(GetSignInMethodsRequest())).passkeys
        wanted = RenamePasskeyRequest(passkey_id=passkey.id, name="Old phone")
        assert (await users.rename_passkey(wanted)).name == "Old phone"
        (passkey,) = (await users.get_sign_in_methods(GetSignInMethodsRequest())).passkeys
    assert passkey.name == "Old phone"

    stranger, _ = await with_passkey(users, "eve@example.com")
    with as_(stranger), pytest.raises(PasskeyNotFound):
        await users.rename_passkey(wanted)


async def test_a_passkey_is_removed_by_its_owner_alone(users):
    by, device = await with_passkey(users)
    with as_(by):
        (passkey,) = (await users.get_sign_in_methods(GetSignInMethodsRequest())).passkeys
    stranger = await caller_of(users, await registered(users, an_email()), is_confirmed=True)
    with as_(stranger), pytest.raises(PasskeyNotFound):
        await users.remove_passkey(RemovePasskeyRequest(passkey_id=passkey.id))
    with as_(by):
        await users.remove_passkey(RemovePasskeyRequest(passkey_id=passkey.id))
    with pytest.raises(PasskeyRefused):
        await signed_in(users, device)


async def test_a_challenge_for_one_account_adds_no_passkey_to_another(users):
    by, _ = await with_passkey(users)
    device = Authenticator(SITE)
    with as_(by):
        asked = await users.start_passkey(StartPasskeyRequest())
    stranger = await caller_of(users, await registered(users, an_email()), is_confirmed=True)
    request = AddPasskeyRequest(challenge=asked.challenge, credential=device.create(asked.options))
    with as_(stranger), pytest.raises(PasskeyRefused):
        await users.add_passkey(request)


async def test_a_passkey_is_a_fresh_proof(users):
    by, device = await with_passkey(users)
    _, strangers = await with_passkey(users, an_email())
    for holder, is_right in ((strangers, False), (device, True)):
        asked = await users.start_passkey_sign_in(StartPasskeySignInRequest())
        proof = StepUpRequest(challenge=asked.challenge, credential=holder.get(asked.options))
        with as_(by):
            if is_right:
                assert await is_valid(users, await users.step_up(proof))
            else:
                with pytest.raises(PasskeyRefused):
                    await users.step_up(proof)


async def test_passkeys_are_not_added_without_a_fresh_proof(users):
    with as_(customer()), pytest.raises(StepUpRequired):
        await users.start_passkey(StartPasskeyRequest())
