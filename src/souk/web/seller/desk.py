"""At which shop's desk somebody sits: every page of the seller centre begins here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import Struct
from starlette.responses import Response

from souk.contracts.shops import (
    ListMyShopsRequest,
    Shop,
    ShopList,
    ShopNotFound,
    ShopPlace,
    ShopRole,
)
from souk.kernel.refusals import NotAllowed
from souk.web.seller.rights import Part, needed, parts
from souk.web.visit import Visit

SHOPS_MAX = 100
PAGES_MAX = 10_000


class Desk(Struct, frozen=True, eq=False):
    """A shop somebody works in, as what, and the others they might turn to."""

    visit: Visit
    shop: Shop
    shops: Sequence[Shop]
    mine: ShopPlace

    @property
    def home(self) -> str:
        return f"/seller/{self.shop.slug}"

    @property
    def is_owner(self) -> bool:
        return self.mine.role is ShopRole.OWNER

    @property
    def parts(self) -> list[Part]:
        """Those that somebody may see."""
        return [part for part in parts(self.visit) if self.may(part.opens)]

    def may(self, permissions: Iterable[str]) -> bool:
        """Whether their role lists all of these; without one of the shop's they may do anything."""
        return not self.mine.shop_role_id or set(permissions) <= set(self.mine.permissions)

    def is_at(self, place: str) -> bool:
        """Whether this page belongs to that part of the centre."""
        here = self.visit.path.removeprefix(self.home)
        return here == place or (bool(place) and here.startswith(place + "/"))

    def page(self, template: str, /, *, status: int = 200, **values: Any) -> Response:
        return self.visit.page(f"seller/{template}", status=status, desk=self, **values)

    def go(self, place: str = "", **query: str) -> Response:
        return self.visit.go(self.home + place, **query)


async def desk_of(visit: Visit) -> Desk:
    """The desk that the address names. Raises ShopNotFound for a shop they do not work in, and
    NotAllowed for a page that their role there does not open."""
    found, slug = await mine(visit), visit.params["shop"]
    for shop in found.items:
        place = next((one for one in found.places if one.shop_id == shop.id), None)
        if shop.slug == slug and place is not None:
            desk = Desk(visit, shop, found.items, place)
            permissions, is_owners = needed(visit)
            if not desk.may(permissions) or (is_owners and not desk.is_owner):
                raise NotAllowed()
            return desk
    raise ShopNotFound(shop_id=slug[:100])


async def mine(visit: Visit) -> ShopList:
    found: ShopList = await visit.souk.shops.list_my_shops(ListMyShopsRequest(page_size=SHOPS_MAX))
    return found


async def shops_of(visit: Visit) -> Sequence[Shop]:
    return (await mine(visit)).items


def page_number(visit: Visit) -> int:
    """Which page of a list is asked for; the first where that is no number."""
    page = visit.query.get("page", "")
    is_number = page.isdecimal() and page.isascii() and len(page) <= len(str(PAGES_MAX))
    return min(max(int(page), 1), PAGES_MAX) if is_number else 1
