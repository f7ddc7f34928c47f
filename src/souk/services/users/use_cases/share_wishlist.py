"""Somebody renames a wishlist, gives others a link to it, or ends that."""

from __future__ import annotations

from souk.contracts.users import UpdateWishlistRequest, Wishlist, WishlistNotFound
from souk.kernel.database import Transaction
from souk.kernel.ids import new_secret
from souk.services.users import texts, wishlist_store

LINK_BYTES = 16


async def update_wishlist(
    tx: Transaction, request: UpdateWishlistRequest, *, user_id: str
) -> Wishlist:
    found = await wishlist_store.find_wishlist(tx, user_id, request.wishlist_id)
    if found is None:
        raise WishlistNotFound()
    link = found.share_token
    if request.is_shared is not None:
        link = (link or new_secret(LINK_BYTES)) if request.is_shared else ""
    name = None if request.name is None else texts.name("name", request.name)
    await wishlist_store.save_wishlist(tx, found.id, user_id=user_id, name=name, share_token=link)
    return await wishlist_store.get_wishlist(tx, user_id, found.id)
