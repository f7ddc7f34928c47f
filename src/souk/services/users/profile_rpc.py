"""The part of users about what is said of people, by them or staff, and what they want one day."""

from __future__ import annotations

from msgspec import structs

from souk.contracts.users import (
    AddAddressRequest,
    AddressRules,
    AddToWishlistRequest,
    CreateUserRequest,
    CreateWishlistRequest,
    DeleteWishlistRequest,
    GetAddressRulesRequest,
    GetSharedWishlistRequest,
    GetWishlistRequest,
    ListWishlistsRequest,
    RemoveAvatarRequest,
    RemoveFromWishlistRequest,
    SetAvatarRequest,
    SharedWishlist,
    UpdateAddressRequest,
    UpdateProfileRequest,
    UpdateUserRequest,
    UpdateWishlistRequest,
    User,
    UserAddress,
    UserService,
    Wishlist,
    WishlistList,
)
from souk.kernel.clock import Clock
from souk.kernel.context import caller
from souk.kernel.contract import Empty
from souk.kernel.database import Database
from souk.kernel.ids import new_id
from souk.services.users import address_rules, address_store, store, texts, wishlist_store
from souk.services.users.codes import invitation_of
from souk.services.users.desks import Desks
from souk.services.users.door import new_account
from souk.services.users.use_cases.correct_account import correct_account
from souk.services.users.use_cases.open_account import open_account
from souk.services.users.use_cases.share_wishlist import update_wishlist


class ProfileRpc(UserService):
    """Profiles, addresses as they are written, wishlists."""

    database: Database
    clock: Clock
    desks: Desks

    async def create_user(self, request: CreateUserRequest) -> User:
        account = new_account(
            self.desks.on,
            email=request.email,
            first_name=texts.name("first_name", request.first_name),
            last_name=texts.line("last_name", request.last_name),
        )
        await self.database.transact(open_account, account, invitation_of(account))
        return account.view()

    async def update_user(self, request: UpdateUserRequest) -> User:
        given = {field: getattr(request, field) for field in READERS}
        changes = spelled(UpdateProfileRequest(**given))
        saved = await self.database.transact(correct_account, request.user_id, changes, by=caller())
        return saved.view()

    async def update_profile(self, request: UpdateProfileRequest) -> User:
        saved = await self.database.transact(
            store.update_profile, caller().user_id, spelled(request)
        )
        return saved.view()

    async def set_avatar(self, request: SetAvatarRequest) -> User:
        return (await self.desks.portraits.hang(request, user_id=caller().user_id)).view()

    async def remove_avatar(self, request: RemoveAvatarRequest) -> User:
        return (await self.desks.portraits.take_down(user_id=caller().user_id)).view()

    async def add_address(self, request: AddAddressRequest) -> UserAddress:
        user_id = caller().user_id
        # The answer that is kept for copies of the request is sealed as well.
        sealed = await self.database.once(
            address_store.SealedAddress,
            request,
            address_store.add_address,
            new_id(),
            address_rules.checked(request),
            user_id=user_id,
            now=self.clock.now(),
        )
        return await address_store.opened(self.database, sealed, user_id=user_id)

    async def update_address(self, request: UpdateAddressRequest) -> UserAddress:
        return await self.database.transact(
            address_store.update_address,
            address_rules.checked(request),
            user_id=caller().user_id,
        )

    async def get_address_rules(self, request: GetAddressRulesRequest) -> AddressRules:
        return address_rules.view_of(request.country)

    async def list_wishlists(self, request: ListWishlistsRequest) -> WishlistList:
        items = await wishlist_store.list_wishlists(
            self.database, caller().user_id, request.product_id
        )
        return WishlistList(items=items)

    async def create_wishlist(self, request: CreateWishlistRequest) -> Wishlist:
        user_id = caller().user_id
        # The answer that is kept for copies of the request has the id alone.
        made = await self.database.once(
            wishlist_store.Made,
            request,
            wishlist_store.make_wishlist,
            texts.name("name", request.name),
            user_id=user_id,
            now=self.clock.now(),
        )
        return await wishlist_store.get_wishlist(self.database, user_id, made.id)

    async def update_wishlist(self, request: UpdateWishlistRequest) -> Wishlist:
        return await self.database.transact(update_wishlist, request, user_id=caller().user_id)

    async def delete_wishlist(self, request: DeleteWishlistRequest) -> Empty:
        await self.database.transact(
            wishlist_store.drop_wishlist, request.wishlist_id, user_id=caller().user_id
        )
        return Empty()

    async def get_wishlist(self, request: GetWishlistRequest) -> Wishlist:
        return await wishlist_store.get_wishlist(
            self.database, caller().user_id, request.wishlist_id
        )

    async def add_to_wishlist(self, request: AddToWishlistRequest) -> Wishlist:
        noted = structs.replace(request, note=texts.line("note", request.note))
        return await self.database.transact(
            wishlist_store.put_on, noted, user_id=caller().user_id, now=self.clock.now()
        )

    async def remove_from_wishlist(self, request: RemoveFromWishlistRequest) -> Empty:
        await self.database.transact(wishlist_store.take_off, request, user_id=caller().user_id)
        return Empty()

    async def get_shared_wishlist(self, request: GetSharedWishlistRequest) -> SharedWishlist:
        return await wishlist_store.get_shared(self.database, request.share_token)


READERS = {
    "first_name": texts.name,
    "last_name": texts.line,
    "phone_number": texts.phone,
    "locale": texts.locale,
    "time_zone": texts.time_zone,
}


def spelled(request: UpdateProfileRequest) -> UpdateProfileRequest:
    """Each field that was given, in the one spelling that is kept."""
    given = {field: getattr(request, field) for field in READERS}
    return structs.replace(
        request,
        **{field: READERS[field](field, text) for field, text in given.items() if text is not None},
    )
