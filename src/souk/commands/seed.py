"""`souk seed`: demo people, shops, goods and a coupon, told to Souk as people would tell it."""

from __future__ import annotations

import asyncio
import itertools
import tomllib
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import msgspec

from souk.commands.console import as_operator, as_person, reached
from souk.commands.terminal import Progress, complain, say, table
from souk.contracts.api import Role
from souk.contracts.catalog import (
    CatalogServiceClient,
    CreateProductRequest,
    ListShopProductsRequest,
    NewVariant,
)
from souk.contracts.common import Address, GeoPoint
from souk.contracts.pricing import (
    CreatePlatformPromotionRequest,
    PricingServiceClient,
    PromoCodeTaken,
)
from souk.contracts.shops import CreateShopRequest, ListMyShopsRequest, ShopServiceClient
from souk.contracts.users import (
    EmailTaken,
    GrantRoleRequest,
    LoginRequest,
    RegisterRequest,
    UserServiceClient,
    WrongCredentials,
)
from souk.devstack.home import secret
from souk.kernel.context import acting
from souk.kernel.money import Money
from souk.kernel.refusals import Refusal
from souk.kernel.settings import Settings
from souk.kernel.transport import Switchboard

GOODS = Path(__file__).with_name("demo.toml")
CURRENCY = "USD"
PASSWORD_CHARACTERS = 16
PASSWORD = "demo_password"  # noqa: S105 - the name of the file it is kept in


class Person(msgspec.Struct, frozen=True):
    name: str
    email: str
    roles: tuple[Role, ...] = ()


class Coupon(msgspec.Struct, frozen=True):
    code: str
    percent: int


class DemoProduct(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    category: str
    brand: str
    tags: tuple[str, ...]
    sku: str
    price: int
    compare_at: int = 0
    weight_grams: int
    stock: int
    options: dict[str, tuple[str, ...]] = {}
    description: str

    def variants(self) -> tuple[NewVariant, ...]:
        """Every combination of the options; without options the product itself."""
        chosen = [
            dict(zip(self.options, values, strict=True))
            for values in itertools.product(*self.options.values())
        ]
        return tuple(
            NewVariant(
                sku="-".join((self.sku, *map(_code, options.values()))),
                options=options,
                price=Money(self.price, CURRENCY),
                compare_at_price=Money(self.compare_at, CURRENCY) if self.compare_at else None,
                stock=self.stock,
            )
            for options in chosen
        )


class DemoShop(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    owner: str
    description: str
    address: Address
    location: GeoPoint
    products: tuple[DemoProduct, ...]


class Demo(msgspec.Struct, frozen=True):
    people: tuple[Person, ...]
    coupons: tuple[Coupon, ...]
    shops: tuple[DemoShop, ...]


def seed(settings: Settings) -> int:
    """0 when everything is there; what was there before stays as it is."""
    try:
        asyncio.run(seed_all(settings))
    except Refusal as refusal:
        complain(f"seeding stopped: {refusal}")
        return 1
    return 0


async def seed_all(settings: Settings) -> None:
    """Makes what is missing and tells who can sign in with what."""
    demo = msgspec.convert(tomllib.loads(GOODS.read_text()), Demo)
    password = secret(settings.home, PASSWORD)[:PASSWORD_CHARACTERS]
    total = len(demo.people) + sum(len(shop.products) for shop in demo.shops)
    async with AsyncExitStack() as stack:
        board = await reached(settings, stack)
        with Progress("Demo shops", total) as progress:
            ids: dict[str, str] = {}
            for person in demo.people:
                ids[person.email] = await _person(board, person, password)
                progress.step(person.email)
            for coupon in demo.coupons:
                await _coupon(board, coupon)
            for shop in demo.shops:
                if ids[shop.owner]:
                    await _shop(board, shop, ids[shop.owner], progress)
    _tell(demo, password, unknown=[email for email, user_id in ids.items() if not user_id])


async def _person(board: Switchboard, person: Person, password: str) -> str:
    """The account's id; nothing when it is somebody's own by now, with another password."""
    users = UserServiceClient(board)
    first, _, last = person.name.partition(" ")
    with acting(as_operator()):
        try:
            signed_in = await users.register(
                RegisterRequest(
                    email=person.email, password=password, first_name=first, last_name=last
                )
            )
        except EmailTaken:
            try:
                signed_in = await users.login(LoginRequest(email=person.email, password=password))
            except WrongCredentials:
                return ""
        for role in person.roles:
            if role not in signed_in.user.roles:
                await users.grant_role(GrantRoleRequest(user_id=signed_in.user.id, role=role))
    return signed_in.user.id


async def _coupon(board: Switchboard, coupon: Coupon) -> None:
    with acting(as_operator()):
        try:
            await PricingServiceClient(board).create_platform_promotion(
                CreatePlatformPromotionRequest(
                    code=coupon.code, percent_basis_points=coupon.percent * 100
                )
            )
        except PromoCodeTaken:
            return


async def _shop(board: Switchboard, shop: DemoShop, owner_id: str, progress: Progress) -> None:
    shop_id = await _shop_id(board, shop, owner_id)
    catalog = CatalogServiceClient(board)
    with acting(as_person(owner_id, "customer", "seller")):
        page = await catalog.list_shop_products(
            ListShopProductsRequest(shop_id=shop_id, page=1, page_size=100)
        )
    known = {card.name for card in page.items}
    for product in shop.products:
        if product.name not in known:
            with acting(as_person(owner_id, "customer", "seller")):
                await catalog.create_product(_new(product, shop_id))
        progress.step(product.name)


async def _shop_id(board: Switchboard, shop: DemoShop, owner_id: str) -> str:
    shops = ShopServiceClient(board)
    with acting(as_person(owner_id, "customer")):
        mine = await shops.list_my_shops(ListMyShopsRequest())
        for found in mine.items:
            if found.name == shop.name:
                return found.id
        made = await shops.create_shop(
            CreateShopRequest(
                name=shop.name,
                description=shop.description,
                currency=CURRENCY,
                address=shop.address,
                location=shop.location,
            )
        )
        return made.id


def _new(product: DemoProduct, shop_id: str) -> CreateProductRequest:
    return CreateProductRequest(
        shop_id=shop_id,
        name=product.name,
        description=product.description,
        category=product.category,
        brand=product.brand,
        tags=product.tags,
        weight_grams=product.weight_grams,
        variants=product.variants(),
    )


def _code(text: str) -> str:
    return "".join(letter for letter in text.upper() if letter.isalnum())


def _tell(demo: Demo, password: str, *, unknown: Sequence[str]) -> None:
    owners = {shop.owner: shop.name for shop in demo.shops}
    rows: list[Any] = [("e-mail", "password", "who")]
    for person in demo.people:
        roles = ", ".join(person.roles) or "shopper"
        owned = owners.get(person.email)
        shown = "(changed)" if person.email in unknown else password
        rows.append((person.email, shown, f"seller, {owned}" if owned else roles))
    say()
    table(rows)
    say(f"Coupon: {', '.join(coupon.code for coupon in demo.coupons)}")
