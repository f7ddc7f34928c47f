"""A new Souk is filled by `souk seed`, and by a sheet from Shopify, and gives the sheet back."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.devstack.test_up import Up, up
from tests.support.waiting import eventually

SHEET = """\
Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,Variant SKU,\
Variant Grams,Variant Inventory Qty,Variant Price,Variant Compare At Price,Image Src,Status
brass-bell,Brass Bell,<p>Rings <b>true</b>.</p>,Klang & Co,Home,"bell, brass",true,Size,Small,\
BELL-S,300,5,19.99,24.99,https://example.com/bell.jpg,active
brass-bell,,,,,,,,Large,BELL-L,900,2,39.99,,,
tin-bell,Tin Bell,<p>Quieter.</p>,Klang & Co,Home,bell,true,Title,Default Title,\
BELL-TIN,120,7,cheap,,,active
"""


@pytest.fixture(scope="module")
async def souk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Up]:
    folder = tmp_path_factory.mktemp("goods")
    async with up(folder, "--seed", SOUK_SERVICES="") as running:
        await eventually(lambda: "Demo orders: done" in running.said(), seconds=120)
        yield running


@pytest.fixture
def command(souk: Up) -> Callable[..., subprocess.CompletedProcess[str]]:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "souk", *arguments],
            env={**os.environ, "SOUK_HOME": str(souk.log.parent / "souk")},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


async def items(souk: Up, query: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    async with httpx.AsyncClient(base_url=souk.http) as client:
        for page in range(1, 8):
            answer = await client.get(f"/api/v1/products?page_size=100&page={page}{query}")
            found += answer.json()["items"]
    return found


@asynccontextmanager
async def signed_in(souk: Up, who: str) -> AsyncIterator[httpx.AsyncClient]:
    email, password = account(souk.said(), who)
    async with httpx.AsyncClient(base_url=f"{souk.http}/api/v1") as client:
        answer = await client.post("/auth/login", json={"email": email, "password": password})
        client.headers["authorization"] = f"Bearer {answer.json()['access_token']}"
        yield client


def account(said: str, who: str) -> tuple[str, str]:
    row = next(line.split() for line in said.splitlines() if line.rstrip().endswith(who))
    return row[0], row[1]


async def test_seeding_fills_shops_that_anyone_can_look_at(souk: Up) -> None:
    cards = await items(souk)
    assert len(cards) == 500
    assert len({card["shop_name"] for card in cards}) == 12
    assert len({card["category"] for card in cards}) >= 60
    assert all(card["in_stock"] for card in cards)


async def test_every_demo_picture_is_drawn(souk: Up) -> None:
    pictures = {card["image_url"] for card in await items(souk)}
    async with httpx.AsyncClient(base_url=souk.http) as client:
        shops = (await client.get("/api/v1/shops?page_size=100")).json()["items"]
        pictures |= {shop[name] for shop in shops for name in ("logo_url", "banner_url")}
        for picture in pictures:
            answer = await client.get(picture)
            assert answer.status_code == 200, picture
            assert answer.headers["content-type"] == "image/svg+xml"
            assert "max-age=31536000" in answer.headers["cache-control"]


async def test_demo_trade_has_shape_and_its_books_are_balanced(souk: Up) -> None:
    async with signed_in(souk, "admin") as admin:
        ledger = (await admin.get("/payments/ledger")).json()
        stock = (await admin.get(f"/shops/{await shop_id(souk)}/products/inventory")).json()
        product_id = stock["items"][0]["product_id"]
        moved = (
            await admin.get(f"/products/{product_id}/inventory/movements?page_size=100")
        ).json()
        now = (await admin.get(f"/products/{product_id}/inventory")).json()
    assert [each["amount"] for each in ledger["sums"]] == [0]
    kinds = {each["account"].partition(":")[0] for each in ledger["items"]}
    assert {"provider", "escrow", "seller", "platform", "tax"} <= kinds
    for variant in now["items"]:
        changes = [
            each["on_hand_change"]
            for each in moved["items"]
            if each["variant_id"] == variant["variant_id"]
        ]
        assert sum(changes) == variant["on_hand"]


async def test_demo_orders_live_on_like_any_other(souk: Up) -> None:
    async with signed_in(souk, "seller, Oven & Orchard") as seller:
        shop = (await seller.get("/shops/oven-orchard")).json()["id"]
        sales = (await seller.get(f"/shops/{shop}/sales?days=90")).json()
        waiting = (await seller.get(f"/shops/{shop}/orders?status=confirmed")).json()["items"]
        cancelled = await seller.put(f"/orders/{waiting[0]['id']}/cancel", json={"reason": "gone"})
        sent = await seller.post(
            f"/shops/{shop}/orders/{waiting[1]['id']}/fulfill", json={"carrier": "souk"}
        )
    assert len(sales["days"]) == 90
    assert sum(day["orders"] for day in sales["days"]) > 50
    assert sales["to_fulfill"] >= len(waiting) >= 2
    assert cancelled.json()["status"] == "cancelled"
    assert sent.json()["status"] == "shipped"

    async with signed_in(souk, "support") as support:
        for status in ("confirmed", "shipped", "delivered"):
            found = (await support.get(f"/admin/orders?status={status}")).json()["items"]
            assert {order["status"] for order in found} == {status}

    async def refunded() -> bool:
        async with signed_in(souk, "admin") as admin:
            order = (await admin.get(f"/orders/{waiting[0]['id']}")).json()
        return bool(order["refunded"] == order["total"])

    await eventually(refunded)


@pytest.mark.parametrize("who", ["admin", "support", "courier", "seller, Wilma's Loom", "shopper"])
async def test_every_role_can_sign_in_with_what_was_printed(souk: Up, who: str) -> None:
    email, password = account(souk.said(), who)
    async with httpx.AsyncClient(base_url=souk.http) as client:
        answer = await client.post(
            "/api/v1/auth/login", json={"email": email, "password": password}
        )
    assert answer.status_code == 200
    role = {"shopper": "customer"}.get(who, who.partition(",")[0])
    assert role in answer.json()["user"]["roles"]


async def test_seeding_again_changes_nothing(
    souk: Up, command: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    before = await items(souk, "&q=klang")
    again = command("seed")
    assert again.returncode == 0, again.stderr
    assert account(again.stdout, "admin") == account(souk.said(), "admin")
    assert await items(souk, "&q=klang") == before
    assert len(await items(souk)) == 500 + len(before)


async def test_a_sheet_goes_in_comes_out_and_goes_in_again(
    souk: Up, command: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    sheet = tmp_path / "bells.csv"
    sheet.write_text(SHEET)
    tried = command("import", "shopify", str(sheet), "--shop", "lantern-loft", "--dry-run")
    assert "1 products would be created" in tried.stdout
    assert not await items(souk, "&q=klang")

    done = command("import", "shopify", str(sheet), "--shop", "lantern-loft")
    assert "1 products created, 0 updated, 1 rows refused" in done.stdout
    assert "Variant Price" in done.stdout, "the bad row is named with its column"
    assert done.returncode == 1
    (bell,) = await items(souk, "&q=klang")
    assert bell["price"] == {"amount": 1999, "currency": "USD"}

    given_back = command("export", "shopify", "--shop", "lantern-loft")
    assert given_back.returncode == 0, given_back.stderr
    sheet.write_text(given_back.stdout)
    again = command("import", "shopify", str(sheet), "--shop", "lantern-loft")
    assert again.returncode == 0, again.stdout + again.stderr
    assert " 0 products created" in again.stdout


async def test_a_shop_that_does_not_exist_is_named(
    command: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    said = command("export", "shopify", "--shop", "nowhere")
    assert said.returncode == 1
    assert "Traceback" not in said.stderr
    assert "shop" in said.stderr


async def shop_id(souk: Up) -> str:
    async with httpx.AsyncClient(base_url=souk.http) as client:
        return str((await client.get("/api/v1/shops/lantern-loft")).json()["id"])
