"""What shoppers wished for, as users keep it."""

from __future__ import annotations

from souk.contracts.carts import MoveToCartRequest, NotOnTheWishlist
from souk.contracts.users import GetWishlistRequest, RemoveFromWishlistRequest, UserServiceClient
from souk.kernel.refusals import FieldError, InvalidRequest


class Wishes:
    def __init__(self, users: UserServiceClient) -> None:
        self._users = users

    async def variant_of(self, request: MoveToCartRequest) -> str:
        """The one to be bought. Raises WishlistNotFound, NotOnTheWishlist, InvalidRequest."""
        asked = GetWishlistRequest(wishlist_id=request.wishlist_id)
        items = (await self._users.get_wishlist(asked)).items
        wished = [item.variant_id for item in items if item.product_id == request.product_id]
        if not wished:
            raise NotOnTheWishlist()
        variant_id = request.variant_id or next(filter(None, wished), "")
        if not variant_id:
            raise InvalidRequest(FieldError("variant_id", "is needed: none was chosen yet"))
        return variant_id

    async def fulfilled(self, request: MoveToCartRequest) -> None:
        """Comes last: what fails in between leaves something in both places, and nothing lost."""
        await self._users.remove_from_wishlist(
            RemoveFromWishlistRequest(
                product_id=request.product_id, wishlist_id=request.wishlist_id
            )
        )
