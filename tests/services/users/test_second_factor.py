"""Authenticator apps, recovery codes, and the proof that is asked for once more."""

from datetime import UTC, datetime

import pyotp
import pytest

from souk.contracts.users import (
    ChangePasswordRequest,
    CodeRefused,
    ConfirmTotpRequest,
    EnrollTotpRequest,
    GetSignInMethodsRequest,
    RemoveTotpRequest,
    RenewRecoveryCodesRequest,
    RequestOtpRequest,
    SecondFactorRequired,
    StepUpRequest,
    TotpNotEnrolled,
    UserServiceClient,
    VerifyOtpRequest,
    WrongCredentials,
)
from souk.kernel.clock import FixedClock
from souk.kernel.refusals import InvalidRequest, StepUpRequired, TooManyRequests
from tests.services.users.persons import PASSWORD, caller_of, is_valid, last_sent, login, registered
from tests.support.hosting import hosted
from tests.support.people import as_

CLOCK = FixedClock(datetime(2026, 3, 1, 12, 0, 5, tzinfo=UTC))


@pytest.fixture
async def host(servers):
    async with hosted("users", servers, clock=CLOCK) as host:
        yield host


@pytest.fixture
def users(host):
    return host.client(UserServiceClient)


class App:
    """An authenticator app, which never shows one code twice."""

    def __init__(self, secret: str) -> None:
        now = int(CLOCK.now().timestamp()) // 30
        self.totp, self.steps = pyotp.TOTP(secret), iter((now - 1, now, now + 1))

    def code(self) -> str:
        return self.totp.generate_otp(next(self.steps))


async def protected(users):
    """An account with a second factor: who, the app, the recovery codes."""
    signed_in = await registered(users)
    by = await caller_of(users, signed_in, is_confirmed=True)
    with as_(by):
        enrollment = await users.enroll_totp(EnrollTotpRequest())
        app = App(enrollment.secret)
        codes = (await users.confirm_totp(ConfirmTotpRequest(code=app.code()))).codes
    return by, app, codes


async def second(users, code, **password):
    with pytest.raises(SecondFactorRequired) as asked:
        await users.login(login(**password))
    return await users.verify_otp(VerifyOtpRequest(challenge=asked.value.challenge, code=code))


async def test_the_second_factor_is_asked_for_after_the_password(users):
    by, app, _ = await protected(users)
    signed_in = await second(users, app.code())
    assert signed_in.user.id == by.user_id
    assert await is_valid(users, signed_in)


async def test_a_wrong_password_does_not_get_as_far_as_the_second_factor(users):
    await protected(users)
    with pytest.raises(WrongCredentials):
        await users.login(login(password="wrong password"))


async def test_a_code_opens_once(users):
    _, app, _ = await protected(users)
    code = app.code()
    await second(users, code)
    with pytest.raises(CodeRefused):
        await second(users, code)


async def test_a_recovery_code_opens_once_in_any_spelling(users):
    by, _, codes = await protected(users)
    assert len(set(codes)) == 10
    await second(users, codes[0].lower().replace("-", " "))
    with pytest.raises(CodeRefused):
        await second(users, codes[0])
    with as_(by):
        assert (await users.get_sign_in_methods(GetSignInMethodsRequest())).recovery_codes_left == 9


async def test_guessing_second_factors_ends_soon(users, host):
    await protected(users)
    with pytest.raises(TooManyRequests):
        for _ in range(host.platform.settings.guess_pair_free + 1):
            with pytest.raises(CodeRefused):
                await second(users, "000000")


async def test_a_code_by_mail_does_not_go_around_the_second_factor(users, host):
    _, app, _ = await protected(users)
    asked = await users.request_otp(RequestOtpRequest(email="ada@example.com"))
    code = (await last_sent(host, users)).secret
    with pytest.raises(SecondFactorRequired) as more:
        await users.verify_otp(VerifyOtpRequest(challenge=asked.challenge, code=code))
    await users.verify_otp(VerifyOtpRequest(challenge=more.value.challenge, code=app.code()))


async def test_nothing_is_asked_for_until_the_first_code_was_seen(users):
    by = await caller_of(users, await registered(users), is_confirmed=True)
    with as_(by):
        await users.enroll_totp(EnrollTotpRequest())
        with pytest.raises(CodeRefused):
            await users.confirm_totp(ConfirmTotpRequest(code="000000"))
        assert not (await users.get_sign_in_methods(GetSignInMethodsRequest())).has_totp
    await users.login(login())


async def test_a_second_factor_is_switched_off(users):
    by, _, codes = await protected(users)
    with as_(by):
        await users.remove_totp(RemoveTotpRequest())
        with pytest.raises(TotpNotEnrolled):
            await users.remove_totp(RemoveTotpRequest())
        with pytest.raises(TotpNotEnrolled):
            await users.renew_recovery_codes(RenewRecoveryCodesRequest())
    await users.login(login())


async def test_new_recovery_codes_replace_the_old_ones(users):
    by, _, old = await protected(users)
    with as_(by):
        fresh = (await users.renew_recovery_codes(RenewRecoveryCodesRequest())).codes
    with pytest.raises(CodeRefused):
        await second(users, old[0])
    await second(users, fresh[0])


async def test_secrets_of_apps_and_recovery_codes_stand_nowhere_in_plain(users, host):
    _, app, codes = await protected(users)
    for table in ("totp_secrets", "totp_proposals", "recovery_codes", "outbox"):
        rows = await host.database.fetch(f"select t::text as row from {table} t")
        for row in rows:
            assert app.totp.secret not in row["row"]
            assert not [code for code in codes if code.replace("-", "") in row["row"]]


@pytest.mark.parametrize("ask", [
    lambda users: users.enroll_totp(EnrollTotpRequest()),
    lambda users: users.confirm_totp(ConfirmTotpRequest(code="000000")),
    lambda users: users.remove_totp(RemoveTotpRequest()),
    lambda users: users.renew_recovery_codes(RenewRecoveryCodesRequest()),
])  # fmt: skip
async def test_factors_are_not_changed_without_a_fresh_proof(users, ask):
    by = await caller_of(users, await registered(users))
    with as_(by), pytest.raises(StepUpRequired):
        await ask(users)


async def test_a_password_steps_up_where_there_is_no_second_factor(users):
    by = await caller_of(users, await registered(users))
    with as_(by):
        with pytest.raises(InvalidRequest):
            await users.step_up(StepUpRequest())
        with pytest.raises(WrongCredentials):
            await users.step_up(StepUpRequest(password="wrong password"))
        stepped = await users.step_up(StepUpRequest(password=PASSWORD))
    assert await is_valid(users, stepped)


async def test_with_a_second_factor_the_password_alone_does_not_step_up(users):
    by, app, _ = await protected(users)
    with as_(by):
        with pytest.raises(InvalidRequest):
            await users.step_up(StepUpRequest(password=PASSWORD))
        await users.step_up(StepUpRequest(code=app.code()))


async def test_with_a_second_factor_a_password_is_changed_after_a_fresh_proof_alone(users):
    signed_in = await registered(users)
    fresh = await caller_of(users, signed_in, is_confirmed=True)
    with as_(fresh):
        enrollment = await users.enroll_totp(EnrollTotpRequest())
        await users.confirm_totp(ConfirmTotpRequest(code=App(enrollment.secret).code()))
    change = ChangePasswordRequest(current_password=PASSWORD, new_password="another fine one")
    with as_(await caller_of(users, signed_in)), pytest.raises(StepUpRequired):
        await users.change_password(change)
    with as_(fresh):
        await users.change_password(change)
