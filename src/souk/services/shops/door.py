"""Who may do what in a shop: operators and its owner all, its people what their role lists."""

from __future__ import annotations

from souk.contracts.shops import OwnersAlone, ShopNotFound, ShopRole
from souk.kernel.context import call, caller
from souk.kernel.database import Database
from souk.services.shops import queries


class Door:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def must_work_in(self, shop_id: str) -> None:
        """And may do what is being done. Raises ShopNotFound."""
        by = caller()
        if by.is_operator:
            return
        found = await queries.get_membership(
            self._database, shop_id=shop_id, user_id=by.user_id, permission=call().permission
        )
        if not found.is_member:
            raise ShopNotFound(shop_id=shop_id)

    async def must_own(self, shop_id: str) -> str:
        """Whose shop it is. Raises ShopNotFound to strangers, OwnersAlone to its other people."""
        by = caller()
        if not by.is_operator:
            role = await queries.find_role(self._database, shop_id=shop_id, user_id=by.user_id)
            if role is None:
                raise ShopNotFound(shop_id=shop_id)
            if role is not ShopRole.OWNER:
                raise OwnersAlone()
        return await queries.get_owner(self._database, shop_id)
