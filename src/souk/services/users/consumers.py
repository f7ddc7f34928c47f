"""What users do when shops and media say something happened."""

from __future__ import annotations

from souk.contracts.api import Role
from souk.contracts.media import MediaDeleted
from souk.contracts.shops import MemberJoined, ShopCreated
from souk.kernel.database import Transaction
from souk.kernel.events.consumers import on
from souk.services.users import store
from souk.services.users.use_cases.grant_role import grant_role


@on(ShopCreated)
async def founder_becomes_a_seller(tx: Transaction, event: ShopCreated) -> None:
    await grant_role(tx, event.owner_id, Role.SELLER)


@on(MemberJoined)
async def whoever_joins_a_shop_becomes_a_seller(tx: Transaction, event: MemberJoined) -> None:
    await grant_role(tx, event.user_id, Role.SELLER)


@on(MediaDeleted)
async def a_picture_that_is_gone_is_shown_no_more(tx: Transaction, event: MediaDeleted) -> None:
    await store.drop_avatar(tx, event.media_id)
