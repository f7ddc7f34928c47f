"""A whole Souk in this process, and visitors who see its pages without scripts."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from html.parser import HTMLParser
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import asyncpg
import httpx

from souk.asgi import Souk
from souk.contracts.catalog import (
    CatalogServiceClient,
    CreateProductRequest,
    NewVariant,
    Product,
    SetPriceRequest,
)
from souk.contracts.inventory import InventoryServiceClient, UpdateStockRequest
from souk.contracts.orders import FulfillOrderRequest, OrderServiceClient
from souk.contracts.shops import CreateShopRequest, Shop, ShopServiceClient
from souk.contracts.users import RegisterRequest, SignedIn, UserServiceClient
from souk.kernel.context import Caller
from souk.kernel.ids import new_id
from souk.kernel.money import Money
from souk.kernel.process import all_services
from souk.kernel.settings import Settings
from tests.support.databases import fresh_database
from tests.support.hosting import SECRET
from tests.support.people import as_
from tests.support.servers import Desk

HOST = "http://shop.test"
PASSWORD = "a lamp in every window"
SENT = {"origin": HOST, "sec-fetch-site": "same-origin"}


class Form(HTMLParser):
    """The forms of a page with what their fields hold, as a browser would send them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: list[tuple[dict[str, str], list[tuple[str, str]]]] = []
        self._select = self._textarea = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append((given, []))
        if not self.forms:
            return
        fields = self.forms[-1][1]
        if tag == "input" and given.get("name"):
            ticks = given.get("type") in ("checkbox", "radio")
            if not ticks or "checked" in given:
                fields.append((given["name"], given.get("value", "")))
        elif tag == "select":
            self._select = given.get("name", "")
            fields.append((self._select, ""))
        elif tag == "option" and "selected" in given:
            fields[-1] = (self._select, given.get("value", ""))
        elif tag == "textarea":
            self._textarea = given.get("name", "")
            fields.append((self._textarea, ""))

    def handle_data(self, data: str) -> None:
        if self._textarea:
            self.forms[-1][1][-1] = (self._textarea, data.lstrip("\n"))

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._textarea = ""


class Visitor:
    """A browser without scripts: cookies, redirects, and forms filled in from the page."""

    def __init__(self, app: Any, **headers: str) -> None:
        transport = httpx.ASGITransport(app=app, client=("203.0.113.7", 1))
        self.http = httpx.AsyncClient(
            transport=transport, base_url=HOST, follow_redirects=True, timeout=30, headers=headers
        )
        self.page = httpx.Response(200)
        self.email, self.caller = "", Caller()

    async def see(self, path: str) -> httpx.Response:
        self.page = await self.http.get(path)
        return self.page

    def form(self, action: str, *, exactly: bool = False) -> tuple[str, dict[str, str]]:
        """Where the page's form for `action` goes, and what it would send as it is."""
        for form, fields in Form(self.page.text).forms:
            to = form.get("action", "")
            if to == action or (not exactly and to.startswith(action)):
                return to, dict(fields)
        raise AssertionError(f"{self.page.url} has no form for {action}: {self.page.text[:3000]}")

    def fields(self, action: str, *, exactly: bool = False) -> dict[str, str]:
        return self.form(action, exactly=exactly)[1]

    async def send(
        self, to: str, /, _without: tuple[str, ...] = (), _exactly: bool = False, **typed: str
    ) -> Any:
        """Fills in and sends that form; the page is what came back."""
        action, fields = self.form(to, exactly=_exactly)
        fields |= typed
        kept = {name: value for name, value in fields.items() if name not in _without}
        return await self.post(action, **kept)

    async def upload(self, to: str, /, **files: tuple[str, bytes, str]) -> httpx.Response:
        """Sends that form with files, as `multipart/form-data`."""
        action, fields = self.form(to, exactly=True)
        self.page = await self.http.post(action, data=fields, files=files, headers=SENT)
        return self.page

    async def post(self, path: str, /, **fields: str) -> httpx.Response:
        self.page = await self.http.post(path, data=fields, headers=SENT)
        return self.page

    def has(self, text: str) -> bool:
        return text in plain(self.page.text)


class Market:
    """What the tests buy from, arranged behind the pages' back."""

    def __init__(self, souk: Souk, urls: Mapping[str, str]) -> None:
        self.souk, self._urls = souk, urls
        self.board = souk.process.switchboard
        self.mails = souk.process.settings.home / "mail"
        self.owner, self.owner_email = Caller(), ""
        self.shop: Shop

    @property
    def desk(self) -> str:
        return f"/seller/{self.shop.slug}"

    def visitor(self, **headers: str) -> Visitor:
        return Visitor(self.souk, **headers)

    async def open(self) -> None:
        signed_in = await self.person()
        self.owner_email = signed_in.user.email
        self.owner = Caller(signed_in.user.id, frozenset({"customer", "seller"}))
        with as_(self.owner):
            self.shop = await ShopServiceClient(self.board).create_shop(
                CreateShopRequest(name="Lantern & Loft", currency="USD")
            )

    async def person(self) -> SignedIn:
        with as_():
            return await UserServiceClient(self.board).register(
                RegisterRequest(
                    email=f"{new_id()}@example.com", password=PASSWORD, first_name="Ada"
                )
            )

    async def signed_in(self) -> Visitor:
        """A visitor with an account of their own."""
        known = await self.person()
        visitor = await self.enter(self.visitor(), known.user.email)
        visitor.email = known.user.email
        visitor.caller = Caller(known.user.id, frozenset({"customer"}))
        return visitor

    async def much_later(self, visitor: Visitor) -> None:
        """It is an hour since anybody showed who they are; the visitor's browser comes back."""
        users = await asyncpg.connect(self._urls["users"])
        await users.execute("update sessions set confirmed_at = now() - interval '1 hour'")
        await users.close()
        visitor.http.cookies.delete("souk_access")

    async def at_desk(self, **headers: str) -> Visitor:
        """Whoever opened the shop."""
        return await self.enter(self.visitor(**headers), self.owner_email)

    async def enter(self, visitor: Visitor, email: str) -> Visitor:
        await visitor.see("/sign-in")
        await visitor.send("/sign-in", email=email, password=PASSWORD)
        assert visitor.page.status_code == 200
        return visitor

    async def product(self, name: str = "Desk Lamp", *, stock: int = 9, **fields: Any) -> Product:
        colours = fields.pop("colours", ("Red", "Blue"))
        request = CreateProductRequest(
            shop_id=self.shop.id,
            name=name,
            category="home/lighting",
            variants=tuple(
                NewVariant(
                    sku=new_id(),
                    price=Money(6400 + 100 * place, "USD"),
                    options={"Color": colour} if colour else {},
                    stock=stock,
                )
                for place, colour in enumerate(colours or [""])
            ),
            **fields,
        )
        with as_(self.owner):
            return await CatalogServiceClient(self.board).create_product(request)

    async def set_price(self, product: Product, amount: int) -> None:
        with as_(self.owner):
            await CatalogServiceClient(self.board).set_price(
                SetPriceRequest(product_id=product.id, price=Money(amount, "USD"))
            )

    async def set_stock(self, product: Product, count: int) -> None:
        with as_(self.owner):
            for variant in product.variants:
                await InventoryServiceClient(self.board).update_stock(
                    UpdateStockRequest(product_id=product.id, variant_id=variant.id, on_hand=count)
                )

    async def fulfil(self, order_id: str) -> None:
        request = FulfillOrderRequest(shop_id=self.shop.id, order_id=order_id, carrier="souk")
        with as_(self.owner):
            await OrderServiceClient(self.board).fulfill_order(request)


@asynccontextmanager
async def market_of(servers: Desk) -> AsyncIterator[Market]:
    async with AsyncExitStack() as stack:
        urls = {
            name: await stack.enter_async_context(fresh_database(servers.postgres, name))
            for name in all_services()
        }
        settings = Settings(
            home=Path(stack.enter_context(TemporaryDirectory())),
            workers=1,
            grpc_port=0,
            public_url=HOST,
            postgres_url=servers.postgres,
            nats_url=servers.nats,
            redis_url=servers.redis,
            internal_secret=SECRET,
            master_key=SECRET,
            stop_grace_seconds=2,
            redis_answer_ms=3000,
            argon2_memory_kib=8192,
            argon2_time_cost=1,
            log_level="error",
        )
        souk = Souk(settings, (), database_urls=urls)
        await souk.start()
        stack.push_async_callback(souk.stop)
        market = Market(souk, urls)
        await market.open()
        yield market


def plain(page: str) -> str:
    """A page's words, without its tags."""
    text = re.sub(r"<(script|style).*?</\1>", " ", page, flags=re.DOTALL)
    text = re.sub(r"<[^>]+>", " ", text)
    for entity, letter in (("&#39;", "'"), ("&#34;", '"'), ("&lt;", "<"), ("&gt;", ">")):
        text = text.replace(entity, letter)
    return re.sub(r"\s+", " ", text.replace("&amp;", "&"))
