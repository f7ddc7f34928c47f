"""What staff do with other people's accounts stays known."""

import pytest

from souk.contracts.api import Role
from souk.contracts.users import GetUserRequest, GrantRoleRequest, UserServiceClient
from souk.kernel.audit.reading import list_entries
from souk.kernel.context import Caller
from souk.kernel.ids import new_id
from tests.services.users.test_accounts import registered
from tests.support.hosting import Shape, hosted
from tests.support.people import as_

OPERATOR = Caller(new_id(), frozenset({"admin"}), "s-9", address="203.0.113.5")


@pytest.fixture(params=Shape)
async def host(servers, request):
    async with hosted("users", servers, shape=request.param) as host:
        yield host


async def test_a_change_of_rights_says_by_whom_for_whom_and_what(host):
    users = host.client(UserServiceClient)
    ada = (await registered(users)).user

    with as_(OPERATOR):
        await users.grant_role(GrantRoleRequest(user_id=ada.id, role=Role.COURIER))
        await users.grant_role(GrantRoleRequest(user_id=ada.id, role=Role.COURIER))

    again, granted = await list_entries(host.database, ada.id, limit=10)
    assert granted.action == "users.role_granted"
    assert (granted.actor_id, granted.address) == (OPERATOR.user_id, "203.0.113.5")
    assert granted.after == {"role": "courier", "roles": ["courier", "customer"]}
    # Nothing changed the second time; that it was tried is known by the kernel's own entry.
    assert (again.action, again.subject) == ("users.grant_role", f"user_id:{ada.id}")


async def test_staff_who_look_at_an_account_are_seen_and_its_owner_is_not(host):
    users = host.client(UserServiceClient)
    ada = (await registered(users)).user

    with as_(Caller(ada.id, frozenset({"customer"}))):
        await users.get_user(GetUserRequest(user_id=ada.id))
    assert await list_entries(host.database, ada.id, limit=10) == []
    with as_(OPERATOR):
        await users.get_user(GetUserRequest(user_id=ada.id))

    (seen,) = await list_entries(host.database, ada.id, limit=10)
    assert (seen.action, seen.actor_id) == ("users.account_seen", OPERATOR.user_id)
