"""Three months of trade before today, so that lists are long and charts have shape."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

import msgspec
from msgspec import Struct

from souk.commands.console import as_operator
from souk.contracts.common import Address
from souk.contracts.inventory import InventoryServiceClient, ListShopStockRequest
from souk.contracts.orders import OrderServiceClient, PastPurchase, TakeOverPurchasesRequest
from souk.contracts.pricing import QuoteLine
from souk.contracts.shops import ListShopsRequest, ShopServiceClient
from souk.demo import goods
from souk.demo.goods import COUNTRY, FOLDER
from souk.kernel.context import acting
from souk.kernel.ids import id_at
from souk.kernel.transport import Switchboard

DAYS = 90
AT_ONCE = 40
PAGE = 100
SHOPPER = "shopper@souk.example"
CARRIERS = ("souk", "ups", "usps", "souk", "fedex")
METHODS = ("standard", "standard", "economy", "express", "standard")
PURCHASES_A_DAY = 9  # at the end; half as many at the beginning
WEEK = (90, 85, 88, 95, 110, 130, 135)  # percent by weekday


class Town(Struct, frozen=True):
    city: str
    state: str
    postal_code: str
    street: str


class Customers(Struct, frozen=True):
    first: tuple[str, ...]
    last: tuple[str, ...]
    towns: tuple[Town, ...]


class Chance:
    """Throws that fall the same every time: the demo is the same wherever it is made."""

    def __init__(self, name: str) -> None:
        self._name, self._throws = name, 0

    def below(self, bound: int) -> int:
        self._throws += 1
        digest = hashlib.sha256(f"{self._name} {self._throws}".encode()).digest()
        return int.from_bytes(digest[:8]) % bound


class Trade:
    """Purchases before the first shop opened here, in the order they were made."""

    def __init__(self, board: Switchboard) -> None:
        self._shops = ShopServiceClient(board)
        self._inventory = InventoryServiceClient(board)
        self._orders = OrderServiceClient(board)
        self._customers = msgspec.convert(
            tomllib.loads((FOLDER / "customers.toml").read_text()), Customers
        )

    @property
    def size(self) -> int:
        return sum(purchases_on(day) for day in range(DAYS))

    async def go_on(self, ids: Mapping[str, str], told: Callable[[str], None]) -> None:
        """What is there already is left as it is."""
        variants = await self._variants()
        opened_at = await self._opened_at()
        if not variants or opened_at is None:
            return
        made = [
            self._purchase(day, number, opened_at, variants, ids)
            for day in range(DAYS)
            for number in range(purchases_on(day))
        ]
        for start in range(0, len(made), AT_ONCE):
            some = tuple(made[start : start + AT_ONCE])
            with acting(as_operator()):
                await self._orders.take_over_purchases(TakeOverPurchasesRequest(purchases=some))
            for purchase in some:
                told(f"{purchase.placed_at:%d %B}")

    def _purchase(
        self,
        day: int,
        number: int,
        opened_at: datetime,
        variants: Sequence[str],
        ids: Mapping[str, str],
    ) -> PastPurchase:
        chance = Chance(f"{day}.{number}")
        ago = timedelta(days=DAYS - 1 - day, minutes=30 + chance.below(14 * 60))
        placed_at = (opened_at - ago).replace(microsecond=0)
        shipped_at, delivered_at = journey(placed_at, opened_at, chance)
        address, email = self._customer(chance)
        is_shirin = chance.below(60) == 0 and ids.get(SHOPPER, "")
        return PastPurchase(
            checkout_id=id_at(placed_at, f"demo purchase {day}.{number}"),
            buyer_id=ids[SHOPPER] if is_shirin else "",
            email="" if is_shirin else email,
            address=SHIRINS if is_shirin else address,
            shipping_method=METHODS[chance.below(len(METHODS))],
            lines=lines_of(variants, chance),
            coupon_code="WELCOME10" if chance.below(9) == 0 else "",
            provider="sandbox",
            placed_at=placed_at,
            shipped_at=shipped_at,
            delivered_at=delivered_at,
            carrier=CARRIERS[chance.below(len(CARRIERS))],
        )

    def _customer(self, chance: Chance) -> tuple[Address, str]:
        known = self._customers
        first = known.first[chance.below(len(known.first))]
        last = known.last[chance.below(len(known.last))]
        town = known.towns[chance.below(len(known.towns))]
        address = Address(
            name=f"{first} {last}",
            street_1=f"{1 + chance.below(240)} {town.street}",
            city=town.city,
            state=town.state,
            postal_code=town.postal_code,
            country=COUNTRY,
        )
        plain = "".join(c for c in f"{first}.{last}".lower() if c.isascii() and c != " ")
        return address, f"{plain}@mail.example"

    async def _opened_at(self) -> datetime | None:
        with acting(as_operator()):
            shops = await self._shops.list_shops(ListShopsRequest(page_size=100))
        return min((shop.created_at for shop in shops.items if shop.created_at), default=None)

    async def _variants(self) -> list[str]:
        """Of everything in the shops, what sells best first."""
        with acting(as_operator()):
            shops = await self._shops.list_shops(ListShopsRequest(page_size=100))
        known = {shop.name for shop in goods.shops()}
        found: list[tuple[str, str]] = []
        for shop in shops.items:
            page = 1 if shop.name in known else 0
            while page:
                asked = ListShopStockRequest(shop_id=shop.id, page=page, page_size=PAGE)
                with acting(as_operator()):
                    stock = (await self._inventory.list_shop_stock(asked)).items
                found += [(each.sku, each.variant_id) for each in stock]
                page = page + 1 if len(stock) == PAGE else 0
        return [variant_id for _, variant_id in sorted(found, key=popularity)]


def popularity(variant: tuple[str, str]) -> str:
    """Nobody knows why this and not that."""
    return hashlib.sha256(variant[0].encode()).hexdigest()


def purchases_on(day: int) -> int:
    """More from month to month, most at weekends, and a fair around day 60."""
    growth = 50 + 50 * day // DAYS
    fair = 170 if 58 <= day <= 62 else 100
    return max(PURCHASES_A_DAY * growth * WEEK[day % 7] * fair // 1_000_000, 1)


def journey(
    placed_at: datetime, now: datetime, chance: Chance
) -> tuple[datetime | None, datetime | None]:
    """When it left and arrived, if that is over by now."""
    shipped_at = placed_at + timedelta(hours=8 + chance.below(56))
    if shipped_at >= now:
        return None, None
    delivered_at = shipped_at + timedelta(hours=30 + chance.below(80))
    return shipped_at, delivered_at if delivered_at < now else None


def lines_of(variants: Sequence[str], chance: Chance) -> tuple[QuoteLine, ...]:
    """One to three things; of two throws the lower one counts, for some things sell better."""
    chosen: dict[str, int] = {}
    for _ in range(1 + chance.below(3)):
        place = min(chance.below(len(variants)), chance.below(len(variants)))
        chosen[variants[place]] = 1 + (chance.below(6) == 0)
    return tuple(QuoteLine(variant_id=id_, quantity=n) for id_, n in chosen.items())


SHIRINS = Address(
    name="Shirin Shopper",
    street_1="27 Fig Tree Walk",
    city="Albany",
    state="NY",
    postal_code="12207",
    country=COUNTRY,
)
