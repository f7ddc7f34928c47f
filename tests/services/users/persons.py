"""People of these tests: registered, signed in, and the codes and links that reach them."""

from __future__ import annotations

from typing import Any

from souk.contracts.users import (
    CodeRequested,
    LoginRequest,
    RegisterRequest,
    RevealCodeRequest,
    RevealedCode,
    SignedIn,
    UserServiceClient,
    ValidateTokenRequest,
)
from souk.kernel.context import Caller
from souk.kernel.ids import new_id
from tests.support.hosting import Host
from tests.support.people import as_, service

PASSWORD = "correct horse battery"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"


def an_email() -> str:
    return f"{new_id()}@example.com"


async def registered(
    users: UserServiceClient, email: str = "ada@example.com", **more: Any
) -> SignedIn:
    request = RegisterRequest(
        email=email, password=PASSWORD, first_name="Ada", last_name="Lovelace", **more
    )
    return await users.register(request)


def login(email: str = "ada@example.com", password: str = PASSWORD, **more: Any) -> LoginRequest:
    return LoginRequest(email=email, password=password, **more)


async def caller_of(
    users: UserServiceClient, signed_in: Any, *, is_confirmed: bool = False
) -> Caller:
    """Whoever holds these tokens."""
    with as_(service("gateway")):
        token = ValidateTokenRequest(access_token=signed_in.access_token)
        found = await users.validate_token(token)
    assert found.is_valid
    return Caller(
        found.user_id, frozenset(found.roles), found.session_id, is_confirmed=is_confirmed
    )


async def is_valid(users: UserServiceClient, signed_in: Any) -> bool:
    with as_(service("gateway")):
        token = ValidateTokenRequest(access_token=signed_in.access_token)
        return (await users.validate_token(token)).is_valid


async def last_sent(host: Host, users: UserServiceClient) -> RevealedCode:
    """What notifications would send for the latest request."""
    latest = (await host.published(CodeRequested))[-1]
    with as_(service("notifications")):
        return await users.reveal_code(RevealCodeRequest(code_id=latest.code_id))
