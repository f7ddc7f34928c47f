"""The seller centre, without a line of script."""

import re
from io import BytesIO

import pytest
from PIL import Image

from souk.contracts.catalog import CatalogServiceClient, GetProductRequest
from souk.contracts.shops import CreateShopRequest, ShopServiceClient
from tests.support.people import as_
from tests.support.waiting import eventually
from tests.web.test_buying import bought, shows

HOSTILE = "<script>alert(1)</script> \u202e\U0001f980 ' \" &"


@pytest.fixture
async def seller(market):
    """Somebody at the desk of the market's shop, as who opened it."""
    return await market.at_desk()


async def test_the_overview_tells_what_was_sold_and_what_is_to_be_sent(market, guest, seller):
    await bought(guest, await market.product("Paper Lantern", stock=4))

    await seller.see(market.desk)

    for text in ("To send", "Sales by day", "As a table", "Running low", "Paper Lantern"):
        assert seller.has(text), text
    assert "<svg" in seller.page.text


async def test_who_has_one_shop_is_taken_to_it(market, seller):
    await seller.see("/seller")

    assert seller.page.url.path == market.desk


async def test_strangers_are_asked_to_sign_in_or_told_there_is_nothing(market, guest):
    product = await market.product()
    stranger = await market.signed_in()
    for path in ("", "/orders", "/products", f"/products/{product.id}", "/stock", "/settings"):
        assert (await guest.see(market.desk + path)).url.path == "/sign-in"
        assert (await stranger.see(market.desk + path)).status_code == 404


async def test_a_foreign_product_or_order_is_not_found_at_ones_own_desk(market, guest, seller):
    product = await market.product()
    order = await bought(guest, product)
    other = await market.signed_in()
    await other.see("/seller")
    await other.send("/seller-open", name="The Other Shop", currency="EUR")
    assert other.has("The Other Shop is open."), other.page.text
    home = other.page.url.path

    for path in (f"/products/{product.id}", f"/stock/{product.id}", f"/orders{order[7:]}"):
        assert (await other.see(home + path)).status_code == 404, path
    for path in ("/products/nonsense", "/orders/nonsense", "/stock/nonsense"):
        assert (await other.see(home + path)).status_code == 404, path


async def test_opening_a_shop_says_what_is_wrong_and_keeps_what_was_typed(market):
    visitor = await market.signed_in()
    await visitor.see("/seller")

    await visitor.send("/seller-open", name="X", currency="USD", description=HOSTILE)

    assert visitor.page.status_code == 422
    assert 'id="e-name"' in visitor.page.text
    assert visitor.fields("/seller-open")["description"] == HOSTILE
    assert "<script>alert" not in visitor.page.text


async def test_several_shops_are_switched_between(market, seller):
    with as_(market.owner):
        other = await ShopServiceClient(market.board).create_shop(
            CreateShopRequest(name="Second Shop", currency="UAH")
        )

    await seller.see(market.desk)
    assert f'href="/seller/{other.slug}"' in seller.page.text
    await seller.see(f"/seller/{other.slug}")
    assert seller.has("Second Shop")


async def test_a_new_product_has_a_variant_for_every_combination(market, seller):
    await seller.see(f"{market.desk}/products/new")

    await seller.send(
        f"{market.desk}/products/new",
        name="Harbour Jumper",
        price="1 049,50",
        stock="3",
        sku="HJ",
        option_1="Size",
        values_1="S, M, L",
        option_2="Colour",
        values_2="Navy, Rust",
    )

    assert seller.has("Here is your draft."), seller.page.text
    product = await product_at(market, seller)
    assert product.status == "draft"
    assert [one.name for one in product.variants][:3] == ["S / Navy", "S / Rust", "M / Navy"]
    assert {one.price.amount for one in product.variants} == {104950}
    assert {one.available for one in product.variants} == {3}


async def test_a_new_product_says_at_every_field_what_is_wrong(market, seller):
    await seller.see(f"{market.desk}/products/new")

    await seller.send(
        f"{market.desk}/products/new",
        name="",
        price="a lot",
        stock="many",
        values_1="S, M",
        description=HOSTILE,
    )

    assert seller.page.status_code == 422
    for field in ("name", "price", "stock", "option_1"):
        assert f'id="e-{field}"' in seller.page.text, field
    said = seller.page.text.split('id="problems"')[1]
    assert said.index("#f-name") < said.index("#f-price") < said.index("#f-option_1")
    kept = seller.fields(f"{market.desk}/products/new")
    assert (kept["price"], kept["values_1"], kept["description"]) == ("a lot", "S, M", HOSTILE)


async def test_a_product_is_published_withdrawn_and_removed(market, guest, seller):
    product = await market.product("Tin Whistle", is_draft=True)
    home = f"{market.desk}/products/{product.id}"

    await seller.see(home)
    await seller.send(f"{home}/change", action="publish")
    assert seller.has("Tin Whistle is on sale.")
    await guest.see(f"/p/{product.slug}")
    assert guest.page.status_code == 200
    await seller.send(f"{home}/change", action="withdraw")
    assert seller.has("a draft again")
    await seller.send(f"{home}/change", action="delete")
    assert seller.has("Tin Whistle is gone.")
    assert (await seller.see(home)).status_code == 404


async def test_prices_of_all_variants_are_saved_at_once_and_seen_in_the_shop(market, guest, seller):
    product = await market.product("Oil Lamp")
    home = f"{market.desk}/products/{product.id}"
    red, blue = (one.id for one in product.variants)

    await seller.see(home)
    await seller.send(
        f"{home}/variants",
        **{f"price--{red}": "58.50", f"compare_at_price--{red}": "70", f"price--{blue}": "61"},
    )

    assert seller.has("Saved."), seller.page.text
    await guest.see(f"/p/{product.slug}")
    assert guest.has("$58.50")
    assert guest.has("$70.00")


async def test_a_wrong_price_stands_at_its_row_and_nothing_is_saved(market, seller):
    product = await market.product("Brass Lamp")
    home = f"{market.desk}/products/{product.id}"
    red, blue = (one.id for one in product.variants)

    await seller.see(home)
    await seller.send(
        f"{home}/variants", **{f"price--{red}": "1.999", f"price--{blue}": "12", f"sku--{red}": ""}
    )

    assert seller.page.status_code == 422
    assert f'id="e-price--{red}"' in seller.page.text
    assert f'id="e-sku--{red}"' in seller.page.text
    assert seller.fields(f"{home}/variants")[f"price--{blue}"] == "12"
    after = await product_of(market, product.id)
    assert [one.price.amount for one in after.variants] == [6400, 6500]


async def test_a_sku_that_is_taken_is_said_at_its_row(market, seller):
    product = await market.product("Wall Lamp")
    home = f"{market.desk}/products/{product.id}"
    red, blue = product.variants

    await seller.see(home)
    await seller.send(f"{home}/variants", **{f"sku--{blue.id}": red.sku})

    assert seller.page.status_code in (409, 422)
    assert f'id="e-sku--{blue.id}"' in seller.page.text


async def test_details_are_saved_or_refused_with_what_was_typed(market, seller):
    product = await market.product("Floor Lamp")
    home = f"{market.desk}/products/{product.id}"

    await seller.see(home)
    await seller.send(home, _exactly=True, name="Floor Lamp, tall", tags="tall, brass , tall")
    assert seller.has("Saved.")
    assert (await product_of(market, product.id)).tags == ("tall", "brass")
    await seller.send(home, _exactly=True, name="", description=HOSTILE)

    assert seller.page.status_code == 422
    assert 'id="e-name"' in seller.page.text
    assert seller.fields(home, exactly=True)["description"] == HOSTILE


async def test_pictures_are_added_put_in_order_and_taken_away(market, seller):
    product = await market.product("Ship Lamp")
    home = f"{market.desk}/products/{product.id}"
    await seller.see(home)

    for colour in ("navy", "tomato"):
        await seller.upload(f"{home}/pictures", file=("lamp.png", picture(colour), "image/png"))
        assert seller.page.status_code == 200, seller.page.text
    first, second = (await product_of(market, product.id)).images
    await seller.send(f"{home}/pictures/change", action="down:0")
    assert [one.url for one in (await product_of(market, product.id)).images] == [
        second.url,
        first.url,
    ]
    await seller.send(f"{home}/pictures/change", action="remove:0")
    assert [one.url for one in (await product_of(market, product.id)).images] == [first.url]


async def test_what_is_no_picture_is_said_at_the_field(market, seller):
    product = await market.product("Deck Lamp")
    home = f"{market.desk}/products/{product.id}"
    await seller.see(home)

    for content in (b"<svg onload=alert(1)>", b""):
        name = "lamp.svg" if content else ""
        await seller.upload(f"{home}/pictures", file=(name, content, "image/svg+xml"))
        assert seller.page.status_code == 422
        assert 'id="e-file"' in seller.page.text


async def test_stock_is_adjusted_with_a_reason_and_the_movement_is_shown(market, seller):
    product = await market.product("Bed Lamp", stock=4)
    home = f"{market.desk}/stock/{product.id}"
    variant = product.variants[0].id

    await seller.see(home)
    await seller.send(home, variant_id=variant, change="-3", reason="Damaged in the rain")

    assert seller.has("The stock is right again."), seller.page.text
    assert seller.has("Damaged in the rain")
    await seller.send(home, variant_id=variant, change="-30", reason="Flood")
    assert seller.page.status_code == 422
    assert 'id="e-change"' in seller.page.text
    assert seller.fields(home)["reason"] == "Flood"
    await seller.see(f"{market.desk}/stock?level=low")
    assert seller.has("Bed Lamp")


async def test_an_order_is_sent_in_two_parcels(market, guest, seller):
    order = await bought(guest, await market.product("Reading Lamp"), quantity="3")
    home = f"{market.desk}{order}"

    await seller.see(home)
    line = next(name for name in seller.fields(f"{home}/fulfil") if name.startswith("send--"))
    await seller.send(f"{home}/fulfil", **{line: "7"})
    assert seller.page.status_code == 422
    assert f'id="e-{line}"' in seller.page.text
    await seller.send(f"{home}/fulfil", carrier="dhl", tracking_number="DE-1", **{line: "2"})
    assert seller.has("is on its way."), seller.page.text
    assert seller.fields(f"{home}/fulfil")[line] == "1"
    await seller.send(f"{home}/fulfil", carrier="souk")
    assert seller.has("On its way")
    assert f"{home}/fulfil" not in seller.page.text


async def test_sending_twice_by_the_same_page_is_one_parcel(market, guest, seller):
    order = await bought(guest, await market.product("Hall Lamp"), quantity="2")
    home = f"{market.desk}{order}"
    await seller.see(home)
    page = seller.page
    line = next(name for name in seller.fields(f"{home}/fulfil") if name.startswith("send--"))

    await seller.send(f"{home}/fulfil", **{line: "1"})
    seller.page = page
    await seller.send(f"{home}/fulfil", **{line: "1"})

    await seller.see(home)
    assert seller.fields(f"{home}/fulfil")[line] == "1"


async def test_settings_are_saved_or_refused_with_what_was_typed(market, seller):
    home = f"{market.desk}/settings"
    await seller.see(home)

    await seller.send(home, name="Lantern & Loft", description="Lamps.", country="US", city="Y")
    assert seller.page.status_code == 422
    assert 'id="e-postal_code"' in seller.page.text
    assert seller.fields(home)["city"] == "Y"
    await seller.send(
        home, street_1="1 Row", city="Albany", state="NY", postal_code="12207", country="US"
    )
    assert seller.has("Saved."), seller.page.text
    assert seller.fields(home)["description"] == "Lamps."


SHEET = """Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Price
kite,Box Kite,Colour,Red,KITE-R,24.00
kite,,Colour,Blue,KITE-B,24.00
rope,Kite Line,,,LINE,not money
"""


async def test_a_sheet_is_looked_through_before_it_is_brought_in(market, seller):
    home = f"{market.desk}/import"
    await seller.see(home)
    await seller.upload(home, file=("sheet.csv", SHEET.encode(), "text/csv"))
    await eventually(lambda: shows(seller, seller.page.url.path, "This is what it would do"))

    for text in ("Box Kite", "New", "Variant Price", "New products 1"):
        assert seller.has(text), seller.page.text
    await seller.see(f"{market.desk}/products?q=kite")
    assert not seller.has("Box Kite")


async def test_a_sheet_is_brought_in_once_however_often_it_is_asked_for(market, seller):
    home = f"{market.desk}/import"
    await seller.see(home)
    sheet = SHEET.replace("kite", "drum").replace("Box Kite", "Tin Drum").replace("KITE", "DRUM")
    await seller.upload(home, file=("sheet.csv", sheet.encode(), "text/csv"))
    await eventually(lambda: shows(seller, seller.page.url.path, "This is what it would do"))
    looked = seller.page

    await seller.send(looked.url.path)
    first = seller.page.url
    seller.page = looked
    await seller.send(looked.url.path)

    assert seller.page.url == first
    await eventually(lambda: shows(seller, first.path, "The sheet is in"))
    await seller.see(f"{market.desk}/products?q=drum")
    assert seller.has("Tin Drum")


async def test_a_sheet_that_was_looked_through_too_long_ago_is_asked_for_again(market, seller):
    home = f"{market.desk}/import"
    await seller.see(home)
    await seller.upload(home, file=("sheet.csv", SHEET.encode(), "text/csv"))
    await eventually(lambda: shows(seller, seller.page.url.path, "This is what it would do"))
    looked = seller.page.url.path
    await market.souk.process.cache.delete(f"sheet:{market.shop.id}:{looked[-36:]}")

    await seller.send(looked)

    assert seller.page.status_code == 410
    assert seller.has("Choose it again")


async def test_what_is_no_product_sheet_is_said_at_the_field(market, seller):
    home = f"{market.desk}/import"
    await seller.see(home)

    for name, content in (("", b""), ("a.csv", b"one,two\n1,2\n"), ("b.png", b"\x89PNG\r\n")):
        await seller.upload(home, file=(name, content, "text/csv"))
        assert seller.page.status_code == 422, name
        assert 'id="e-file"' in seller.page.text


async def test_all_products_go_out_as_a_sheet(market, seller):
    await market.product("Weather Glass")

    await seller.see(f"{market.desk}/export.csv")

    assert seller.page.headers["content-type"].startswith("text/csv")
    assert "Weather Glass" in seller.page.text


def picture(colour):
    body = BytesIO()
    Image.new("RGB", (64, 48), colour).save(body, "PNG")
    return body.getvalue()


async def product_of(market, product_id):
    with as_(market.owner):
        return await CatalogServiceClient(market.board).get_product(
            GetProductRequest(product_id=product_id)
        )


async def product_at(market, visitor):
    found = re.search(r"/products/([0-9a-f-]{36})", visitor.page.url.path)
    return await product_of(market, found[1])
