"""Staff open accounts for others and correct them, within their rank."""

import pytest

from souk.contracts.api import Role
from souk.contracts.users import (
    CodePurpose,
    CreateUserRequest,
    EmailTaken,
    GetUserRequest,
    GrantRoleRequest,
    NotYourRank,
    ResetPasswordRequest,
    UpdateUserRequest,
    UserNotFound,
    UserServiceClient,
    WrongCredentials,
)
from souk.kernel.context import Caller
from souk.kernel.ids import new_id
from souk.kernel.refusals import InvalidRequest, NotAllowed
from tests.services.users.persons import PASSWORD, last_sent, login, registered
from tests.support.hosting import hosted
from tests.support.people import as_, customer

ADMIN = Caller(new_id(), frozenset({"customer", "admin"}))
SUPPORT = Caller(new_id(), frozenset({"customer", "support"}))
BEN = CreateUserRequest(email="ben@example.com", first_name="Ben", last_name="Nevis")


@pytest.fixture
async def host(servers):
    async with hosted("users", servers) as host:
        yield host


@pytest.fixture
def users(host):
    return host.client(UserServiceClient)


async def test_whoever_is_given_an_account_chooses_its_password_by_mail(users, host):
    with as_(ADMIN):
        made = await users.create_user(BEN)
    assert (made.roles, made.is_active, made.email_verified) == ((Role.CUSTOMER,), True, False)
    with pytest.raises(WrongCredentials):
        await users.login(login(BEN.email, PASSWORD))

    sent = await last_sent(host, users)
    assert (sent.purpose, sent.email) == (CodePurpose.PASSWORD_RESET, BEN.email)
    await users.reset_password(ResetPasswordRequest(token=sent.secret, new_password=PASSWORD))

    signed_in = await users.login(login(BEN.email))
    assert (signed_in.user.id, signed_in.user.email_verified) == (made.id, True)


async def test_an_account_is_opened_once_and_by_admins_alone(users):
    await registered(users, BEN.email)
    with as_(ADMIN), pytest.raises(EmailTaken):
        await users.create_user(BEN)
    for other in (SUPPORT, customer()):
        with as_(other), pytest.raises(NotAllowed):
            await users.create_user(BEN)


async def test_support_corrects_an_account_and_its_owner_sees_it(users):
    ada = (await registered(users)).user
    change = UpdateUserRequest(user_id=ada.id, last_name=" King ", phone_number="+44 20 7946 0958")
    with as_(SUPPORT):
        changed = await users.update_user(change)
    assert (changed.first_name, changed.last_name) == ("Ada", "King")
    with as_(customer(ada.id)):
        assert await users.get_user(GetUserRequest(user_id=ada.id)) == changed
        with pytest.raises(NotAllowed):
            await users.update_user(change)
    with as_(SUPPORT), pytest.raises(InvalidRequest):
        await users.update_user(UpdateUserRequest(user_id=ada.id, time_zone="Mars/Olympus"))
    with as_(SUPPORT), pytest.raises(UserNotFound):
        await users.update_user(UpdateUserRequest(user_id=new_id(), first_name="Eve"))


async def test_support_corrects_nobody_of_the_staff(users):
    ada = (await registered(users)).user
    with as_(ADMIN):
        await users.grant_role(GrantRoleRequest(user_id=ada.id, role=Role.SUPPORT))
    change = UpdateUserRequest(user_id=ada.id, first_name="Eve")
    with as_(SUPPORT), pytest.raises(NotYourRank):
        await users.update_user(change)
    with as_(ADMIN):
        assert (await users.update_user(change)).first_name == "Eve"
