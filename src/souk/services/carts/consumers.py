"""What carts do when users say something happened."""

from __future__ import annotations

from souk.contracts.users import GuestSignedIn
from souk.kernel.database import Transaction
from souk.kernel.events.consumers import on
from souk.services.carts.use_cases.merge_carts import merge_carts


@on(GuestSignedIn)
async def guest_has_signed_in(tx: Transaction, event: GuestSignedIn) -> None:
    await merge_carts(tx, user_id=event.user_id, token_hash=event.cart_token_hash)
