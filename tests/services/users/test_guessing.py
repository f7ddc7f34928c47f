"""Guesses are slowed down, and the owner gets in all the while."""

import asyncio

import pytest

from souk.contracts.users import (
    RequestOtpRequest,
    UserServiceClient,
    VerifyOtpRequest,
    WrongCredentials,
)
from souk.kernel.refusals import TooManyRequests
from souk.kernel.settings import Settings
from souk.services.users.guessing import wait_seconds
from tests.services.users.persons import an_email, last_sent, login, registered
from tests.support.hosting import hosted
from tests.support.people import as_, guest

DAY_SECONDS = 86_400
TRIES = 10_000  # those that must wait cost one look each


@pytest.fixture
async def host(servers):
    async with hosted("users", servers) as host:
        yield host


@pytest.fixture
def users(host):
    return host.client(UserServiceClient)


async def evaluated(users, email: str, address: str) -> int:
    with as_(guest(address)):
        try:
            await users.login(login(email, "wrong password"))
        except WrongCredentials:
            return 1
        except TooManyRequests:
            return 0
    raise AssertionError("a wrong password opened the account")


async def test_a_pair_waits_after_a_few_and_others_do_not(users, host):
    await registered(users)
    free = host.platform.settings.guess_pair_free
    for _ in range(free):
        assert await evaluated(users, "ada@example.com", "203.0.113.7")
    with as_(guest("203.0.113.7")), pytest.raises(TooManyRequests) as refused:
        await users.login(login())
    assert refused.value.retry_seconds >= 1
    with as_(guest("198.51.100.9")):
        await users.login(login())


async def test_waits_grow(users, host):
    await registered(users)
    for _ in range(host.platform.settings.guess_pair_free):
        await evaluated(users, "ada@example.com", "203.0.113.7")
    waits = []
    for _ in range(4):
        with as_(guest("203.0.113.7")), pytest.raises(TooManyRequests) as refused:
            await users.login(login())
        waits.append(refused.value.retry_seconds)
        await host.database.execute("update attempts set failed_at = failed_at - interval '1 hour'")
        assert await evaluated(users, "ada@example.com", "203.0.113.7")
    assert waits == sorted(waits)
    assert waits[-1] >= 4 * waits[0]


async def test_a_storm_of_guesses_from_a_hundred_addresses_gets_nowhere(users, host):
    signed_in = await registered(users)
    tries = [f"198.51.100.{number % 100}" for number in range(TRIES)]
    looked_at = 0
    for at in range(0, TRIES, 100):
        batch = tries[at : at + 100]
        looked_at += sum(
            await asyncio.gather(*(evaluated(users, "ada@example.com", one) for one in batch))
        )
    assert looked_at <= 20
    with as_(guest("192.0.2.1")), pytest.raises(TooManyRequests):
        await users.login(login())
    with as_(guest("192.0.2.1")):  # from a known device
        await users.login(login(device_token=signed_in.device_token))
    with as_(guest("192.0.2.2")):  # by mail
        asked = await users.request_otp(RequestOtpRequest(email="ada@example.com"))
    revealed = await last_sent(host, users)
    await users.verify_otp(VerifyOtpRequest(challenge=asked.challenge, code=revealed.secret))


def test_a_day_of_guessing_has_at_most_a_hundred_looked_at():
    settings = Settings()
    failures, last, looked_at = 0, 0.0, 0
    for number in range(10_000):
        now = number * DAY_SECONDS / 10_000
        free, most = settings.guess_account_free, settings.guess_wait_seconds_max
        if not wait_seconds(failures, free=free, age=now - last, most=most):
            failures, last, looked_at = failures + 1, now, looked_at + 1
    assert looked_at <= 100


async def test_a_device_token_of_another_account_or_made_up_is_of_no_use(users, host):
    await registered(users)
    other = await registered(users, an_email())
    for _ in range(host.platform.settings.guess_pair_free):
        await evaluated(users, "ada@example.com", "203.0.113.7")
    for token in (other.device_token, "made.up", ".", "x"):
        with as_(guest("203.0.113.7")), pytest.raises(TooManyRequests):
            await users.login(login(device_token=token))


async def test_a_known_device_may_not_guess_for_ever_either(users, host):
    signed_in = await registered(users)
    wrong = login(password="wrong password", device_token=signed_in.device_token)
    for _ in range(host.platform.settings.guess_pair_free):
        with pytest.raises(WrongCredentials):
            await users.login(wrong)
    with pytest.raises(TooManyRequests):
        await users.login(wrong)


async def test_an_email_that_nobody_has_is_slowed_down_alike(users, host):
    email = an_email()
    for _ in range(host.platform.settings.guess_pair_free):
        assert await evaluated(users, email, "203.0.113.7")
    assert not await evaluated(users, email, "203.0.113.7")


async def test_a_right_password_clears_the_pair(users, host):
    await registered(users)
    for _ in range(3):
        for _ in range(host.platform.settings.guess_pair_free - 2):
            assert await evaluated(users, "ada@example.com", "203.0.113.7")
        with as_(guest("203.0.113.7")):
            await users.login(login())
        await host.database.execute("update attempts set failures = 0 where failures > 1")


async def test_counters_name_nobody(users, host):
    await evaluated(users, "ada@example.com", "203.0.113.7")
    rows = await host.database.fetch("select a::text as row from attempts a")
    assert rows
    assert not [row for row in rows if "example" in row["row"] or "203.0" in row["row"]]


async def test_codes_are_not_sent_without_end(servers):
    async with hosted("users", servers, code_free=3) as host:
        users = host.client(UserServiceClient)
        for _ in range(3):
            await users.request_otp(RequestOtpRequest(email="ada@example.com"))
        with pytest.raises(TooManyRequests):
            await users.request_otp(RequestOtpRequest(email="ADA@example.com"))
