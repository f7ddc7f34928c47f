"""Codes and links: signing in without a password, a new password, a proved address or phone."""

import pytest

from souk.contracts.users import (
    ChangeEmailRequest,
    CodePurpose,
    CodeRefused,
    CodeRequested,
    EmailTaken,
    ForgotPasswordRequest,
    GetProfileRequest,
    PasswordRefused,
    PhoneTaken,
    RefreshTokenRefused,
    RefreshTokenRequest,
    RequestEmailVerificationRequest,
    RequestOtpRequest,
    RequestPhoneVerificationRequest,
    ResetPasswordRequest,
    RevealCodeRequest,
    UpdateProfileRequest,
    UserServiceClient,
    VerifyEmailRequest,
    VerifyOtpRequest,
    VerifyPhoneRequest,
    WrongCredentials,
)
from souk.kernel.ids import new_id
from souk.kernel.refusals import InvalidRequest, NotAllowed, StepUpRequired
from tests.services.users.persons import (
    an_email,
    caller_of,
    is_valid,
    last_sent,
    login,
    registered,
)
from tests.support.hosting import hosted
from tests.support.people import admin, as_, service

PHONE = "+14155550100"
NEW = "another fine password"


@pytest.fixture
async def host(servers):
    async with hosted("users", servers) as host:
        yield host


@pytest.fixture
def users(host):
    return host.client(UserServiceClient)


async def a_code(users, **to):
    return await users.request_otp(RequestOtpRequest(**to))


async def test_a_code_by_mail_signs_in_once(users, host):
    first = await registered(users)
    asked = await a_code(users, email="ADA@example.com")
    revealed = await last_sent(host, users)
    assert (revealed.purpose, revealed.email) == (CodePurpose.SIGN_IN, "ada@example.com")
    answer = VerifyOtpRequest(challenge=asked.challenge, code=revealed.secret)
    signed_in = await users.verify_otp(answer)
    assert signed_in.user.id == first.user.id
    with pytest.raises(CodeRefused):
        await users.verify_otp(answer)


async def test_people_may_write_spaces_into_a_code(users, host):
    await registered(users)
    asked = await a_code(users, email="ada@example.com")
    code = (await last_sent(host, users)).secret
    spaced = f"{code[:4]} {code[4:]}"
    await users.verify_otp(VerifyOtpRequest(challenge=asked.challenge, code=spaced))


async def test_five_wrong_codes_are_all_that_a_challenge_takes(users, host):
    await registered(users)
    asked = await a_code(users, email="ada@example.com")
    code = (await last_sent(host, users)).secret
    wrong = f"{(int(code) + 1) % 10**8:08d}"
    for attempt in (wrong, wrong, wrong, wrong, wrong, code):
        with pytest.raises(CodeRefused):
            await users.verify_otp(VerifyOtpRequest(challenge=asked.challenge, code=attempt))


async def test_a_code_is_good_for_its_own_challenge_and_its_own_time(users, host):
    await registered(users)
    first = await a_code(users, email="ada@example.com")
    code = (await last_sent(host, users)).secret
    second = await a_code(users, email="ada@example.com")
    for challenge in (second.challenge, new_id()):
        with pytest.raises(CodeRefused):
            await users.verify_otp(VerifyOtpRequest(challenge=challenge, code=code))
    await host.database.execute("update challenges set expires_at = now()")
    with pytest.raises(CodeRefused):
        await users.verify_otp(VerifyOtpRequest(challenge=first.challenge, code=code))


async def test_asking_for_a_code_tells_nobody_whether_there_is_an_account(users, host):
    await registered(users)
    known = await a_code(users, email="ada@example.com")
    unknown = await a_code(users, email=an_email())
    assert known.expires_in == unknown.expires_in
    told = await host.published(CodeRequested)
    assert [one.code_id for one in told[-2:]] == [known.challenge, unknown.challenge]
    assert (await last_sent(host, users)).secret == "", "and nobody is sent anything"


async def test_either_an_address_or_a_number_is_given(users):
    for to in ({}, {"email": "ada@example.com", "phone_number": PHONE}):
        with pytest.raises(InvalidRequest):
            await a_code(users, **to)


async def test_secrets_are_for_services_alone_and_stand_nowhere(users, host):
    await registered(users)
    await a_code(users, email="ada@example.com")
    revealed = await last_sent(host, users)
    latest = (await host.published(CodeRequested))[-1]
    with as_(admin()), pytest.raises(NotAllowed):
        await users.reveal_code(RevealCodeRequest(code_id=latest.code_id))
    for table in ("challenges", "outbox", "attempts"):
        rows = await host.database.fetch(f"select t::text as row from {table} t")
        assert not [row for row in rows if revealed.secret in row["row"]]


async def forgotten(users, host, email="ada@example.com"):
    await users.forgot_password(ForgotPasswordRequest(email=email))
    return (await last_sent(host, users)).secret


async def test_a_forgotten_password_is_replaced_by_mail_and_every_session_ends(users, host):
    first = await registered(users)
    token = await forgotten(users, host)
    await users.reset_password(ResetPasswordRequest(token=token, new_password=NEW))
    assert not await is_valid(users, first)
    with pytest.raises(RefreshTokenRefused):
        await users.refresh_token(RefreshTokenRequest(refresh_token=first.refresh_token))
    with pytest.raises(WrongCredentials):
        await users.login(login())
    signed_in = await users.login(login(password=NEW))
    assert signed_in.user.email_verified, "the link came by mail"


async def test_a_reset_link_opens_once_and_for_a_quarter_of_an_hour(users, host):
    await registered(users)
    token = await forgotten(users, host)
    await users.reset_password(ResetPasswordRequest(token=token, new_password=NEW))
    with pytest.raises(CodeRefused):
        await users.reset_password(ResetPasswordRequest(token=token, new_password=NEW))
    late = await forgotten(users, host)
    life = "select extract(epoch from max(expires_at - created_at))::int from challenges"
    assert await host.database.fetchval(life + " where purpose = 'password_reset'") == 900
    await host.database.execute("update challenges set expires_at = now()")
    with pytest.raises(CodeRefused):
        await users.reset_password(ResetPasswordRequest(token=late, new_password=NEW))


async def test_a_new_password_by_mail_must_be_hard_to_guess_too(users, host):
    await registered(users)
    token = await forgotten(users, host)
    with pytest.raises(PasswordRefused):
        await users.reset_password(ResetPasswordRequest(token=token, new_password="password123"))
    await users.reset_password(ResetPasswordRequest(token=token, new_password=NEW))


async def test_links_are_for_what_they_were_sent_for(users, host):
    await registered(users)
    verification = (await last_sent(host, users)).secret
    reset = await forgotten(users, host)
    with pytest.raises(CodeRefused):
        await users.reset_password(ResetPasswordRequest(token=verification, new_password=NEW))
    for token in (reset, reset[:-1], "x", f"{new_id()}.made-up", "."):
        with pytest.raises(CodeRefused):
            await users.verify_email(VerifyEmailRequest(token=token))


async def test_whoever_registers_is_sent_a_link_that_verifies_the_address(users, host):
    first = await registered(users)
    assert not first.user.email_verified
    revealed = await last_sent(host, users)
    assert revealed.purpose is CodePurpose.EMAIL_VERIFICATION
    await users.verify_email(VerifyEmailRequest(token=revealed.secret))
    with as_(await caller_of(users, first)):
        assert (await users.get_profile(GetProfileRequest())).email_verified
        sent = len(await host.published(CodeRequested))
        await users.request_email_verification(RequestEmailVerificationRequest())
    assert len(await host.published(CodeRequested)) == sent, "it is verified already"


async def test_a_new_address_counts_once_its_link_was_followed(users, host):
    first = await registered(users)
    by = await caller_of(users, first, is_confirmed=True)
    with as_(by):
        await users.change_email(ChangeEmailRequest(new_email="augusta@example.com"))
    revealed = await last_sent(host, users)
    assert revealed.email == "augusta@example.com"
    await users.login(login())
    await users.verify_email(VerifyEmailRequest(token=revealed.secret))
    with pytest.raises(WrongCredentials):
        await users.login(login())
    assert (await users.login(login("augusta@example.com"))).user.id == first.user.id


async def test_an_address_that_somebody_else_has_by_then_is_refused(users, host):
    first = await registered(users)
    with as_(await caller_of(users, first, is_confirmed=True)):
        await users.change_email(ChangeEmailRequest(new_email="bob@example.com"))
    token = (await last_sent(host, users)).secret
    await registered(users, "bob@example.com")
    with pytest.raises(EmailTaken):
        await users.verify_email(VerifyEmailRequest(token=token))


async def test_an_address_is_not_changed_without_a_fresh_proof(users):
    first = await registered(users)
    with as_(await caller_of(users, first)), pytest.raises(StepUpRequired):
        await users.change_email(ChangeEmailRequest(new_email="augusta@example.com"))


async def verified_phone(users, host, signed_in, number=PHONE):
    by = await caller_of(users, signed_in, is_confirmed=True)
    with as_(by):
        asked = await users.request_phone_verification(
            RequestPhoneVerificationRequest(phone_number=number)
        )
        revealed = await last_sent(host, users)
        assert (revealed.phone_number, revealed.email) == (number, "")
        await users.verify_phone(
            VerifyPhoneRequest(challenge=asked.challenge, code=revealed.secret)
        )
    return by


async def test_a_verified_phone_signs_in_by_sms(users, host):
    first = await registered(users)
    await verified_phone(users, host, first)
    asked = await a_code(users, phone_number=PHONE)
    revealed = await last_sent(host, users)
    assert (revealed.phone_number, revealed.email) == (PHONE, "")
    answer = VerifyOtpRequest(challenge=asked.challenge, code=revealed.secret)
    assert (await users.verify_otp(answer)).user.id == first.user.id


async def test_a_number_that_was_only_written_down_opens_nothing(users, host):
    first = await registered(users)
    with as_(await caller_of(users, first)):
        await users.update_profile(UpdateProfileRequest(phone_number=PHONE))
    await a_code(users, phone_number=PHONE)
    assert (await last_sent(host, users)).secret == ""


async def test_a_number_that_was_replaced_opens_nothing_any_more(users, host):
    first = await registered(users)
    by = await verified_phone(users, host, first)
    with as_(by):
        await users.update_profile(UpdateProfileRequest(phone_number="+14155550199"))
    await a_code(users, phone_number=PHONE)
    assert (await last_sent(host, users)).secret == ""


async def test_a_number_is_one_accounts(users, host):
    await verified_phone(users, host, await registered(users))
    with pytest.raises(PhoneTaken):
        await verified_phone(users, host, await registered(users, an_email()))


async def test_nothing_is_revealed_of_a_barred_account(users, host):
    await registered(users)
    await a_code(users, email="ada@example.com")
    await host.database.execute("update users set is_active = false")
    latest = (await host.published(CodeRequested))[-1]
    with as_(service("notifications")):
        assert not (await users.reveal_code(RevealCodeRequest(code_id=latest.code_id))).secret
