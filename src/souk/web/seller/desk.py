"""At which shop's desk somebody sits: every page of the seller centre begins here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from starlette.responses import Response

from souk.contracts.shops import ListMyShopsRequest, Shop, ShopNotFound
from souk.web.visit import Visit

SHOPS_MAX = 100
PAGES_MAX = 10_000


class Desk(Struct, frozen=True, eq=False):
    """A shop somebody works in, and the others they might turn to."""

    visit: Visit
    shop: Shop
    shops: Sequence[Shop]

    @property
    def home(self) -> str:
        return f"/seller/{self.shop.slug}"

    def is_at(self, place: str) -> bool:
        """Whether this page belongs to that part of the centre."""
        here = self.visit.path.removeprefix(self.home)
        return here == place or (bool(place) and here.startswith(place + "/"))

    def page(self, template: str, /, *, status: int = 200, **values: Any) -> Response:
        return self.visit.page(f"seller/{template}", status=status, desk=self, **values)

    def go(self, place: str = "", **query: str) -> Response:
        return self.visit.go(self.home + place, **query)


async def desk_of(visit: Visit) -> Desk:
    """The desk that the address names. Raises ShopNotFound for a shop they do not work in."""
    shops = await shops_of(visit)
    slug = visit.params["shop"]
    for shop in shops:
        if shop.slug == slug:
            return Desk(visit, shop, shops)
    raise ShopNotFound(shop_id=slug[:100])


async def shops_of(visit: Visit) -> Sequence[Shop]:
    found = await visit.souk.shops.list_my_shops(ListMyShopsRequest(page_size=SHOPS_MAX))
    shops: Sequence[Shop] = found.items
    return shops


def page_number(visit: Visit) -> int:
    """Which page of a list is asked for; the first where that is no number."""
    page = visit.query.get("page", "")
    is_number = page.isdecimal() and page.isascii() and len(page) <= len(str(PAGES_MAX))
    return min(max(int(page), 1), PAGES_MAX) if is_number else 1
