"""The demo marketplace put into a Souk: by its people, as they would do it themselves."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from typing import Any, TypeVar

from souk.commands.console import as_operator, as_person
from souk.contracts.catalog import (
    CatalogServiceClient,
    CreateProductRequest,
    ListShopProductsRequest,
    SkuTaken,
)
from souk.contracts.pricing import (
    CreatePlatformPromotionRequest,
    CreatePromotionRequest,
    PricingServiceClient,
    PromoCodeTaken,
)
from souk.contracts.shops import (
    CreateShopRequest,
    DecideShopRequest,
    ListMyShopsRequest,
    ShopServiceClient,
)
from souk.contracts.shops import Shop as OpenShop
from souk.contracts.users import (
    EmailTaken,
    GrantRoleRequest,
    LoginRequest,
    RegisterRequest,
    UserServiceClient,
    WrongCredentials,
)
from souk.demo.goods import CURRENCY, Coupon, Person, Shop, everyone, shops
from souk.demo.trade import Trade
from souk.kernel.context import acting
from souk.kernel.refusals import Unavailable
from souk.kernel.transport import Switchboard

TRIES_MAX = 20
AT_ONCE = 6  # calls on their way: more only wait in the pools
PAGE = 100
AWAITING = "Second Valve"  # the shop that operators have not looked at yet

T = TypeVar("T")
Told = Callable[[str], None]


class Filling:
    """Every step may be repeated and adds what is missing."""

    def __init__(self, board: Switchboard, password: str) -> None:
        self._board, self._password = board, password
        self._users = UserServiceClient(board)
        self._shops = ShopServiceClient(board)
        self._catalog = CatalogServiceClient(board)
        self._pricing = PricingServiceClient(board)
        self._trade = Trade(board)
        self.ids: dict[str, str] = {}  # of accounts by e-mail; empty: somebody's own by now
        self._everyone = [*everyone().people, *(shop.owner for shop in shops())]

    @property
    def people(self) -> int:
        return len(self._everyone)

    @property
    def products(self) -> int:
        return sum(len(line.goods.strip().splitlines()) for s in shops() for line in s.lines)

    @property
    def purchases(self) -> int:
        return self._trade.size

    async def sign_up(self, told: Told) -> None:
        async def one(person: Person) -> None:
            self.ids[person.email] = await self._account(person)
            told(person.email)

        await at_once(one, self._everyone)

    async def open_shops(self, told: Told) -> None:
        """One after another: the first is there to be looked at while the others come."""
        for coupon in everyone().coupons:
            await self._coupon(coupon)
        for shop in shops():
            owner_id = self.ids[shop.owner.email]
            if owner_id:
                opened = await self._open(shop, owner_id)
                await self._stock_up(shop, opened.id, owner_id, told)

    async def trade(self, told: Told) -> None:
        await self._trade.go_on(self.ids, told)

    async def _account(self, person: Person) -> str:
        """Its id; nothing when it is somebody's own by now, with another password."""
        first, _, last = person.name.partition(" ")
        new = RegisterRequest(
            email=person.email, password=self._password, first_name=first, last_name=last
        )
        with acting(as_operator()):
            try:
                signed_in = await self._users.register(new)
            except EmailTaken:
                known = LoginRequest(email=person.email, password=self._password)
                try:
                    signed_in = await self._users.login(known)
                except WrongCredentials:
                    return ""
            for role in person.roles:
                if role not in signed_in.user.roles:
                    await self._users.grant_role(
                        GrantRoleRequest(user_id=signed_in.user.id, role=role)
                    )
        return signed_in.user.id

    async def _coupon(self, coupon: Coupon) -> None:
        new = CreatePlatformPromotionRequest(
            code=coupon.code, percent_basis_points=coupon.percent * 100
        )
        with acting(as_operator()), suppress(PromoCodeTaken):
            await self._pricing.create_platform_promotion(new)

    async def _open(self, shop: Shop, owner_id: str) -> OpenShop:
        with acting(as_person(owner_id, "customer")):
            mine = await self._shops.list_my_shops(ListMyShopsRequest())
        for found in mine.items:
            if found.name == shop.name:
                return found
        new = CreateShopRequest(
            name=shop.name,
            description=shop.description,
            currency=CURRENCY,
            address=shop.postal_address,
            location=shop.location,
            logo_url=shop.logo_url,
            banner_url=shop.banner_url,
        )
        with acting(as_person(owner_id, "customer")):
            opened = await self._shops.create_shop(new)
        if shop.name != AWAITING:
            with acting(as_operator()):
                await self._shops.decide_shop(
                    DecideShopRequest(shop_id=opened.id, is_approved=True)
                )
        await self._shop_coupons(shop, opened.id, owner_id)
        return opened

    async def _shop_coupons(self, shop: Shop, shop_id: str, owner_id: str) -> None:
        for coupon in everyone().shop_coupons:
            if coupon.shop == shop.name:
                new = CreatePromotionRequest(
                    shop_id=shop_id,
                    code=coupon.code,
                    percent_basis_points=coupon.percent * 100,
                )
                with acting(as_person(owner_id, "seller")), suppress(PromoCodeTaken):
                    await self._pricing.create_promotion(new)

    async def _stock_up(self, shop: Shop, shop_id: str, owner_id: str, told: Told) -> None:
        known = await self._known(shop_id, owner_id)
        wanted = shop.products(shop_id)

        async def one(product: CreateProductRequest) -> None:
            if product.name not in known:
                # Its seller may have given the SKU to something of their own by now.
                with acting(as_person(owner_id, "customer", "seller")), suppress(SkuTaken):
                    await self._catalog.create_product(product)
            told(f"{shop.name}: {product.name}")

        await at_once(one, wanted)

    async def _known(self, shop_id: str, owner_id: str) -> set[str]:
        known: set[str] = set()
        page = 1
        while True:
            asked = ListShopProductsRequest(shop_id=shop_id, page=page, page_size=PAGE)
            with acting(as_person(owner_id, "customer", "seller")):
                found = await self._catalog.list_shop_products(asked)
            known |= {card.name for card in found.items}
            if len(found.items) < PAGE:
                return known
            page += 1


async def at_once(do: Callable[[T], Awaitable[Any]], items: Iterable[T]) -> None:
    """In order, a few at a time; the first failure ends it."""
    waiting = iter(items)

    async def work() -> None:
        for item in waiting:
            await _patiently(do, item)

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(work())
    except ExceptionGroup as failures:  # the first is why the others were called off
        raise failures.exceptions[0] from None


async def _patiently(do: Callable[[T], Awaitable[Any]], item: T) -> None:
    """A Souk that has much to do says when to come again."""
    for _ in range(TRIES_MAX):
        try:
            await do(item)
        except Unavailable as busy:
            told = busy
            await asyncio.sleep(busy.retry_seconds)
        else:
            return
    raise told
