"""Real product sheets go in by REST and by command, come out, and go in again."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from tests.journeys.people import Person, opened_shop
from tests.support.waiting import eventually

SHEETS = Path(__file__).parents[3] / "shared" / "data" / "shopify"
pytestmark = pytest.mark.skipif(not SHEETS.exists(), reason="the sheets lie beside the checkout")


async def imported(shop, content: bytes, **more) -> dict:
    path = f"/shops/{shop.id}/products/import"
    file = {"file": ("sheet.csv", content, "text/csv")}
    begun = await shop.seller.must(202, "POST", path, files=file, **more)
    assert begun["status"] == "running"

    async def ended():
        found = await shop.seller.must(
            200, "GET", f"/shops/{shop.id}/products/imports/{begun['id']}"
        )
        return found if found["status"] != "running" else None

    return await eventually(ended)


async def catalogue(shop) -> list[dict]:
    """What a shopper sees of a shop, without ids and times."""
    listed = await shop.seller.must(200, "GET", f"/products?shop_id={shop.id}&page_size=100")
    found = []
    for card in listed["items"]:
        product = await shop.seller.must(200, "GET", f"/products/{card['id']}")
        for name in ("id", "slug", "shop_id", "shop_name", "created_at", "updated_at"):
            product.pop(name)
        for variant in product["variants"]:
            variant.pop("id")
        found.append(product)
    return sorted(found, key=lambda product: product["name"])


@pytest.mark.parametrize("name", ["apparel.csv", "home-and-garden.csv"])
async def test_a_real_sheet_goes_in_out_and_in_again(http, name):
    sheet = (SHEETS / name).read_bytes()
    shop = await opened_shop(http)
    tried = await imported(shop, sheet, params={"dry_run": "true"})
    assert await catalogue(shop) == []
    first = await imported(shop, sheet)
    assert (first["status"], first["failed"], first["errors"]) == ("done", 0, [])
    assert first["created"] == tried["created"] > 0
    goods = await catalogue(shop)
    assert len(goods) == first["created"]

    again = await imported(shop, sheet)
    assert (again["created"], again["failed"]) == (0, 0)
    assert await catalogue(shop) == goods

    sheet_again = await shop.seller.ask("GET", f"/shops/{shop.id}/products/export")
    assert sheet_again.headers["content-type"].startswith("text/csv")
    other = await opened_shop(http, "Another & Co")
    copied = await imported(other, sheet_again.content)
    assert (copied["failed"], copied["created"]) == (0, first["created"])
    assert await catalogue(other) == goods


async def test_bad_rows_are_named_and_the_others_go_in(http):
    sheet = (SHEETS / "apparel.csv").read_text().splitlines()
    header = sheet[0].split(",")
    price = header.index("Variant Price")
    row = sheet[1].split(",")
    row[price] = "fifty"
    shop = await opened_shop(http)
    whole = await imported(shop, "\n".join(sheet).encode())
    shop = await opened_shop(http)
    done = await imported(shop, "\n".join([sheet[0], ",".join(row), *sheet[2:]]).encode())
    assert done["failed"] == 1
    (error,) = done["errors"]
    assert (error["row"], error["field"]) == (2, "Variant Price")
    assert done["created"] == whole["created"] - 1


async def test_the_first_product_of_a_real_sheet_is_bought(http):
    shop = await opened_shop(http)
    await imported(shop, (SHEETS / "home-and-garden.csv").read_bytes())
    cards = (await http.get(f"/products?shop_id={shop.id}&q=copper")).json()["items"]
    product = (await http.get(f"/products/{cards[0]['slug']}")).json()
    guest = Person(http)
    await guest.add(product["variants"][0]["id"])
    assert (await guest.place()).status_code == 201


async def test_a_real_sheet_goes_in_by_command(stack, http):
    shop = await opened_shop(http)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "souk", "import", "shopify", str(SHEETS / "apparel.csv"),
        "--shop", shop.shop["slug"], env=os.environ | {"SOUK_HOME": str(stack.home)},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    told, _ = await process.communicate()
    assert process.returncode == 0, told.decode()
    assert len(await catalogue(shop)) > 0
