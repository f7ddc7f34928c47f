"""The part of users about who may do what: roles, staff roles, API keys."""

from __future__ import annotations

from souk.contracts.users import (
    ApiKeyList,
    AssignStaffRoleRequest,
    CheckApiKeyRequest,
    CheckedApiKey,
    CreateApiKeyRequest,
    CreateStaffRoleRequest,
    DeleteStaffRoleRequest,
    GetStaffPermissionsRequest,
    GrantRoleRequest,
    ListApiKeysRequest,
    ListPermissionsRequest,
    ListStaffRolesRequest,
    NewApiKey,
    PermissionList,
    RevokeApiKeyRequest,
    RevokeRoleRequest,
    StaffPermissions,
    StaffRole,
    StaffRoleList,
    UpdateStaffRoleRequest,
    User,
    UserService,
    WithdrawStaffRoleRequest,
)
from souk.kernel.clock import Clock
from souk.kernel.context import caller
from souk.kernel.contract import Empty
from souk.kernel.database import Database
from souk.kernel.ids import new_id
from souk.services.users import api_key_store, permissions, role_store
from souk.services.users.use_cases import api_keys, staff_roles
from souk.services.users.use_cases.grant_role import grant_role


class RolesRpc(UserService):
    """Who may do what."""

    database: Database
    clock: Clock

    async def grant_role(self, request: GrantRoleRequest) -> User:
        granted = await self.database.transact(grant_role, request.user_id, request.role)
        return granted.view()

    async def revoke_role(self, request: RevokeRoleRequest) -> User:
        left = await self.database.transact(staff_roles.revoke_role, request.user_id, request.role)
        return left.view()

    async def list_permissions(self, request: ListPermissionsRequest) -> PermissionList:
        return PermissionList(items=permissions.catalog())

    async def list_staff_roles(self, request: ListStaffRolesRequest) -> StaffRoleList:
        return StaffRoleList(items=await role_store.list_staff_roles(self.database))

    async def create_staff_role(self, request: CreateStaffRoleRequest) -> StaffRole:
        return await self.database.once(
            StaffRole,
            request,
            staff_roles.create_staff_role,
            new_id(),
            request.name.strip(),
            permissions.for_staff(request.permissions),
            now=self.clock.now(),
        )

    async def update_staff_role(self, request: UpdateStaffRoleRequest) -> StaffRole:
        allowed = permissions.for_staff(request.permissions)
        return await self.database.transact(staff_roles.update_staff_role, request, allowed)

    async def delete_staff_role(self, request: DeleteStaffRoleRequest) -> Empty:
        await self.database.transact(staff_roles.delete_staff_role, request.role_id)
        return Empty()

    async def assign_staff_role(self, request: AssignStaffRoleRequest) -> User:
        account = await self.database.transact(
            staff_roles.assign_staff_role, request.user_id, request.role_id
        )
        return account.view()

    async def withdraw_staff_role(self, request: WithdrawStaffRoleRequest) -> User:
        account = await self.database.transact(
            staff_roles.withdraw_staff_role, request.user_id, request.role_id
        )
        return account.view()

    async def get_staff_permissions(self, request: GetStaffPermissionsRequest) -> StaffPermissions:
        found = await role_store.list_permissions_of(self.database, request.user_id)
        return StaffPermissions(permissions=found)

    async def list_api_keys(self, request: ListApiKeysRequest) -> ApiKeyList:
        return ApiKeyList(items=await api_key_store.list_api_keys(self.database, caller().user_id))

    async def create_api_key(self, request: CreateApiKeyRequest) -> NewApiKey:
        scopes = permissions.for_keys(request.scopes)
        key, secret = api_keys.drafted(request, scopes, now=self.clock.now())
        saved = await self.database.transact(
            api_keys.create_api_key, key, secret, user_id=caller().user_id
        )
        return NewApiKey(key=saved, secret=secret)

    async def revoke_api_key(self, request: RevokeApiKeyRequest) -> Empty:
        await self.database.transact(
            api_keys.revoke_api_key,
            request.key_id,
            user_id=caller().user_id,
            now=self.clock.now(),
        )
        return Empty()

    async def check_api_key(self, request: CheckApiKeyRequest) -> CheckedApiKey:
        return await self.database.transact(
            api_key_store.check_api_key, bytes.fromhex(request.hash)
        )
