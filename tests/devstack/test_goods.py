"""A new Souk is filled by `souk seed`, and by a sheet from Shopify, and gives the sheet back."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import pytest

from tests.devstack.test_up import Up, up
from tests.devstack.watching import eventually

SHEET = """\
Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,Variant SKU,\
Variant Grams,Variant Inventory Qty,Variant Price,Variant Compare At Price,Image Src,Status
brass-bell,Brass Bell,<p>Rings <b>true</b>.</p>,Bell & Co,Home,"bell, brass",true,Size,Small,\
BELL-S,300,5,19.99,24.99,https://example.com/bell.jpg,active
brass-bell,,,,,,,,Large,BELL-L,900,2,39.99,,,
tin-bell,Tin Bell,<p>Quieter.</p>,Bell & Co,Home,bell,true,Title,Default Title,\
BELL-TIN,120,7,cheap,,,active
"""


@pytest.fixture(scope="module")
async def souk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Up]:
    folder = tmp_path_factory.mktemp("goods")
    async with up(folder, "--seed", SOUK_SERVICES="") as running:
        await eventually(lambda: "Coupon: WELCOME10" in running.said(), seconds_max=60)
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


async def items(souk: Up, query: str = "") -> list[dict[str, object]]:
    async with httpx.AsyncClient(base_url=souk.http) as client:
        answer = await client.get(f"/api/v1/products?page_size=100{query}")
        found: list[dict[str, object]] = answer.json()["items"]
        return found


def account(said: str, who: str) -> tuple[str, str]:
    row = next(line.split() for line in said.splitlines() if line.rstrip().endswith(who))
    return row[0], row[1]


async def test_seeding_fills_shops_that_anyone_can_look_at(souk: Up) -> None:
    cards = await items(souk)
    assert len(cards) == 30
    assert {str(card["shop_name"]) for card in cards} == {
        "Lantern & Loft",
        "Oven & Orchard",
        "Wilma's Loom",
    }
    assert len({str(card["category"]) for card in cards}) >= 8
    assert all(card["in_stock"] for card in cards)


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
    before = await items(souk, "&q=bell")
    again = command("seed")
    assert again.returncode == 0, again.stderr
    assert account(again.stdout, "admin") == account(souk.said(), "admin")
    assert len(await items(souk, "&shop_id=" + await shop_id(souk))) == 10 + len(before)


async def test_a_sheet_goes_in_comes_out_and_goes_in_again(
    souk: Up, command: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    sheet = tmp_path / "bells.csv"
    sheet.write_text(SHEET)
    tried = command("import", "shopify", str(sheet), "--shop", "lantern-loft", "--dry-run")
    assert "1 products would be created" in tried.stdout
    assert not await items(souk, "&q=bell")

    done = command("import", "shopify", str(sheet), "--shop", "lantern-loft")
    assert "1 products created, 0 updated, 1 rows refused" in done.stdout
    assert "Variant Price" in done.stdout, "the bad row is named with its column"
    assert done.returncode == 1
    (bell,) = await items(souk, "&q=bell")
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
