"""Admins say who may do what, and take it back."""

import asyncio

import pytest

from souk.contracts.api import Role
from souk.contracts.users import (
    AssignStaffRoleRequest,
    CreateStaffRoleRequest,
    DeleteStaffRoleRequest,
    GetStaffPermissionsRequest,
    GrantRoleRequest,
    ListPermissionsRequest,
    ListStaffRolesRequest,
    RevokeRoleRequest,
    RoleMustStay,
    RoleRevoked,
    StaffRoleNameTaken,
    StaffRoleNotFound,
    TooManyStaffRoles,
    UnknownPermission,
    UpdateStaffRoleRequest,
    UserNotFound,
    UserServiceClient,
    WithdrawStaffRoleRequest,
)
from souk.kernel.ids import new_id
from souk.services.users.role_store import STAFF_ROLES_MAX
from tests.services.users.test_accounts import registered
from tests.support.hosting import hosted
from tests.support.people import admin, as_, service


@pytest.fixture
async def host(servers):
    async with hosted("users", servers) as host:
        yield host


@pytest.fixture
def users(host):
    return host.client(UserServiceClient)


async def made(users, name="Refunds", *permissions):
    request = CreateStaffRoleRequest(
        name=name, permissions=permissions or ("payments.create_refund", "orders.get_order")
    )
    with as_(admin()):
        return await users.create_staff_role(request)


async def allowed(users, user_id):
    with as_(service("edge")):
        asked = GetStaffPermissionsRequest(user_id=user_id)
        return (await users.get_staff_permissions(asked)).permissions


async def test_a_staff_role_allows_what_it_lists_to_those_who_hold_it(users):
    role = await made(users)
    ada = (await registered(users)).user
    with as_(admin()):
        for _ in range(2):
            held = await users.assign_staff_role(
                AssignStaffRoleRequest(user_id=ada.id, role_id=role.id)
            )
    assert set(held.roles) == {Role.CUSTOMER, Role.STAFF}
    assert await allowed(users, ada.id) == ("orders.get_order", "payments.create_refund")

    with as_(admin()):
        changed = UpdateStaffRoleRequest(
            role_id=role.id, name="Readers", permissions=("orders.get_order",)
        )
        assert (await users.update_staff_role(changed)).member_count == 1
        (listed,) = (await users.list_staff_roles(ListStaffRolesRequest())).items
    assert (listed.name, listed.permissions) == ("Readers", ("orders.get_order",))
    assert await allowed(users, ada.id) == ("orders.get_order",)

    withdraw = WithdrawStaffRoleRequest(user_id=ada.id, role_id=role.id)
    with as_(admin()):
        for _ in range(2):
            left = await users.withdraw_staff_role(withdraw)
    assert left.roles == (Role.CUSTOMER,)
    assert await allowed(users, ada.id) == ()


async def test_a_deleted_staff_role_allows_nothing_and_its_holders_are_staff_no_more(users, host):
    role, other = await made(users), await made(users, "Other")
    ada, olga = [(await registered(users, f"{n}@example.com")).user for n in ("ada", "olga")]
    with as_(admin()):
        for user in (ada, olga):
            await users.assign_staff_role(AssignStaffRoleRequest(user_id=user.id, role_id=role.id))
        await users.assign_staff_role(AssignStaffRoleRequest(user_id=olga.id, role_id=other.id))
        await users.delete_staff_role(DeleteStaffRoleRequest(role_id=role.id))
        with pytest.raises(StaffRoleNotFound):
            await users.delete_staff_role(DeleteStaffRoleRequest(role_id=role.id))
    rows = await host.database.fetch("select id, roles, version from users order by id")
    assert [(row["id"], row["roles"], row["version"]) for row in rows] == [
        (ada.id, ["customer"], 2),
        (olga.id, ["customer", "staff"], 2),
    ]


@pytest.mark.parametrize(
    "permission",
    [
        "users.grant_role",
        "users.check_api_key",
        "orders.nothing",
        "orders.*",
        "users.create_api_key",
        "",
    ],
)
async def test_what_cannot_be_lent_is_refused_by_name(users, permission):
    with pytest.raises(UnknownPermission) as refused:
        await made(users, "Too much", "orders.get_order", permission)
    assert refused.value.permission == permission


async def test_the_list_of_permissions_is_that_of_the_contracts(users):
    found = {
        one.name: one for one in (await users.list_permissions(ListPermissionsRequest())).items
    }
    assert found["payments.create_refund"].for_staff
    assert found["carts.add_item"].for_keys
    assert "users.grant_role" not in found
    assert "inventory.reserve_stock" not in found


async def test_names_of_staff_roles_differ_by_more_than_case(users):
    await made(users, "Refunds")
    with pytest.raises(StaffRoleNameTaken):
        await made(users, "refunds ")


async def test_there_are_at_most_a_hundred_staff_roles(users):
    made_roles = await asyncio.gather(
        *(made(users, f"Role {number}") for number in range(STAFF_ROLES_MAX + 5)),
        return_exceptions=True,
    )
    refused = [one for one in made_roles if isinstance(one, TooManyStaffRoles)]
    assert len(refused) == 5


async def test_roles_are_taken_back_and_old_tokens_end(users, host):
    ada = (await registered(users)).user
    take = RevokeRoleRequest(user_id=ada.id, role=Role.COURIER)
    with as_(admin()):
        await users.grant_role(GrantRoleRequest(user_id=ada.id, role=Role.COURIER))
        for _ in range(2):
            left = await users.revoke_role(take)
    assert left.roles == (Role.CUSTOMER,)
    assert len(await host.published(RoleRevoked)) == 1
    assert await host.database.fetchval("select version from users where id = $1", ada.id) == 2


async def test_the_last_admin_stays_whoever_asks_at_the_same_time(users, host):
    both = [(await registered(users, f"{n}@example.com")).user for n in ("ada", "olga")]
    with as_(admin()):
        for one in both:
            await users.grant_role(GrantRoleRequest(user_id=one.id, role=Role.ADMIN))
        answers = await asyncio.gather(
            *(users.revoke_role(RevokeRoleRequest(user_id=u.id, role=Role.ADMIN)) for u in both),
            return_exceptions=True,
        )
    assert [type(answer) for answer in answers].count(RoleMustStay) == 1
    admins = "select count(*) from users where 'admin' = any(roles)"
    assert await host.database.fetchval(admins) == 1


@pytest.mark.parametrize("role", [Role.CUSTOMER, Role.STAFF])
async def test_some_roles_are_not_for_taking(users, role):
    ada = (await registered(users)).user
    with as_(admin()), pytest.raises(RoleMustStay):
        await users.revoke_role(RevokeRoleRequest(user_id=ada.id, role=role))


async def test_nobody_can_be_given_or_spared_a_role_who_is_not_there(users):
    role = await made(users)
    with as_(admin()):
        with pytest.raises(UserNotFound):
            await users.assign_staff_role(AssignStaffRoleRequest(user_id=new_id(), role_id=role.id))
        with pytest.raises(UserNotFound):
            await users.revoke_role(RevokeRoleRequest(user_id=new_id(), role=Role.SELLER))
