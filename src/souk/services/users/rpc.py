"""Users, as the gateway and other services see them."""

from __future__ import annotations

from souk.contracts.users import (
    AddressList,
    ContactList,
    DeleteAddressRequest,
    FindUsersRequest,
    GetAddressesRequest,
    GetAddressRequest,
    GetContactsRequest,
    GetProfileRequest,
    GetUserRequest,
    SetDefaultAddressRequest,
    User,
    UserAddress,
    UserNotFound,
    UserPage,
)
from souk.kernel.context import caller
from souk.kernel.contract import Empty
from souk.services.users import address_store, queries
from souk.services.users.desks import Desks
from souk.services.users.directory import find_users
from souk.services.users.erasure import Erasures
from souk.services.users.exports import Exports
from souk.services.users.guests import Guests
from souk.services.users.privacy_rpc import PrivacyRpc
from souk.services.users.profile_rpc import ProfileRpc
from souk.services.users.roles_rpc import RolesRpc
from souk.services.users.signing_in_rpc import SigningInRpc
from souk.services.users.use_cases.look_at_account import note_a_look


class UsersRpc(SigningInRpc, RolesRpc, ProfileRpc, PrivacyRpc):
    """Accounts: who people are. How they prove it, and what they may do, is next door."""

    def __init__(
        self, desks: Desks, *, exports: Exports, erasures: Erasures, guests: Guests
    ) -> None:
        self.desks, self.database, self.clock = desks, desks.on.database, desks.on.clock
        self.exports, self.erasures, self.guests = exports, erasures, guests

    async def find_users(self, request: FindUsersRequest) -> UserPage:
        found = await find_users(self.database, request)
        seen = [user.id for user in found.items if user.id != caller().user_id]
        if seen:
            await self.database.transact(note_a_look, *seen)
        return found

    async def get_profile(self, request: GetProfileRequest) -> User:
        return (await queries.get_account(self.database, caller().user_id)).view()

    async def get_user(self, request: GetUserRequest) -> User:
        by = caller()
        if not (by.is_operator or by.is_service or by.user_id == request.user_id):
            raise UserNotFound()
        account = await queries.get_account(self.database, request.user_id)
        if by.is_operator and by.user_id != account.id:
            await self.database.transact(note_a_look, account.id)
        return account.view()

    async def get_addresses(self, request: GetAddressesRequest) -> AddressList:
        page, size = request.page or 1, request.page_size or 50
        items = await queries.list_addresses(
            self.database, caller().user_id, limit=size, offset=(page - 1) * size
        )
        return AddressList(items=items)

    async def get_address(self, request: GetAddressRequest) -> UserAddress:
        return await queries.get_address(
            self.database, user_id=caller().user_id, address_id=request.address_id
        )

    async def delete_address(self, request: DeleteAddressRequest) -> Empty:
        await self.database.transact(
            address_store.delete_address, request.address_id, user_id=caller().user_id
        )
        return Empty()

    async def set_default_address(self, request: SetDefaultAddressRequest) -> UserAddress:
        return await self.database.transact(
            address_store.make_default, request.address_id, user_id=caller().user_id
        )

    async def get_contacts(self, request: GetContactsRequest) -> ContactList:
        return ContactList(items=await queries.list_contacts(self.database, request.user_ids))
