"""Variants at the desk: more of them, fewer of them, and their stock, without a line of script."""

import pytest

from tests.support.waiting import eventually
from tests.web.test_seller import HOSTILE, product_of


@pytest.fixture
async def seller(market):
    return await market.at_desk()


async def test_more_values_make_rows_that_are_looked_over_before_they_are_saved(
    market, guest, seller
):
    product = await market.product("Grid Lamp")
    home = f"{market.desk}/products/{product.id}"
    await seller.see(home)

    await seller.send(f"{home}/variants", **{"more--0": "Green, Red,  Green"})

    assert seller.has("One row is new."), seller.page.text
    assert len((await product_of(market, product.id)).variants) == 2
    new = row_of(seller, home)
    assert seller.fields(f"{home}/variants")[f"price--{new}"] == "64.00"
    await seller.send(f"{home}/variants", **{f"price--{new}": "a lot", f"stock--{new}": "4"})
    assert seller.page.status_code == 422
    assert f'id="e-price--{new}"' in seller.page.text
    assert seller.fields(f"{home}/variants")[f"stock--{new}"] == "4"
    await seller.send(f"{home}/variants", **{f"price--{new}": "70"})
    assert seller.has("Saved."), seller.page.text
    after = await product_of(market, product.id)
    assert [(one.name, one.available) for one in after.variants] == [
        ("Red", 9),
        ("Blue", 9),
        ("Green", 4),
    ]
    await guest.see(f"/p/{product.slug}")
    assert guest.has("Green")


async def test_a_removed_variant_leaves_the_shop_and_its_movements_stay(market, guest, seller):
    product = await market.product("Two Lamps")
    red, blue = product.variants
    home = f"{market.desk}/products/{product.id}"
    await seller.see(home)

    await seller.send(f"{home}/variants", **{f"gone--{red.id}": "1", f"gone--{blue.id}": "1"})
    assert seller.page.status_code == 422
    assert seller.has("One variant at least must stay.")
    await seller.see(home)
    await seller.send(f"{home}/variants", **{f"gone--{red.id}": "1"})

    assert seller.has("Saved."), seller.page.text
    assert [one.name for one in (await product_of(market, product.id)).variants] == ["Blue"]
    await guest.see(f"/p/{product.slug}")
    assert red.id not in guest.page.text
    await seller.see(f"{market.desk}/stock/{product.id}")
    movements = seller.page.text.split('id="s-moved"')[1]
    assert "Red" in movements
    assert red.sku not in seller.page.text.split('id="s-moved"')[0]
    await eventually(lambda: lacks(seller, f"{market.desk}/stock?q={red.sku}", "Two Lamps"))


async def test_one_more_option_is_given_to_what_is_there(market, seller):
    product = await market.product("Plain Lamp", colours=())
    home = f"{market.desk}/products/{product.id}"
    await seller.see(home)
    await seller.send(f"{home}/variants", option="Size", values="")
    assert 'id="e-values"' in seller.page.text
    await seller.send(f"{home}/variants", option="Size", values="S, M, L")
    assert seller.has("2 rows are new.")
    left_out = row_of(seller, home)

    await seller.send(f"{home}/variants", **{f"gone--{left_out}": "1"})

    assert seller.has("Saved."), seller.page.text
    after = await product_of(market, product.id)
    assert after.options == ("Size",)
    assert [one.name for one in after.variants] == ["S", "L"]


@pytest.mark.parametrize("values", [",".join(map(str, range(400))), "x" * 101, HOSTILE])
async def test_hostile_values_are_refused_or_shown_as_text(market, seller, values):
    product = await market.product()
    home = f"{market.desk}/products/{product.id}"
    await seller.see(home)

    await seller.send(f"{home}/variants", **{"more--0": values})

    is_wrong = seller.page.status_code == 422
    assert is_wrong == (values != HOSTILE)
    assert is_wrong == ('id="e-more--0"' in seller.page.text)
    assert seller.fields(f"{home}/variants")["more--0"] == values
    assert "<script>alert" not in seller.page.text
    assert (await product_of(market, product.id)).variants == product.variants


async def test_stock_is_found_by_name_by_sku_and_by_how_much_there_is(market, seller):
    lamp = await market.product("Findable Lamp", stock=4)
    jug = await market.product("Findable Jug", stock=0)
    home = f"{market.desk}/stock"
    await seller.see(home)

    for query, found in (
        ("q=findable", {"Findable Lamp", "Findable Jug"}),
        ("q=findable+jug", {"Findable Jug"}),
        (f"q={lamp.variants[0].sku[:-2].upper()}", {"Findable Lamp"}),
        ("q=findable&level=low", {"Findable Lamp", "Findable Jug"}),
        ("q=findable&level=out", {"Findable Jug"}),
        ("q=findable%00", {"Findable Lamp", "Findable Jug"}),
        ("q=%3Cxylophone%3E&level=nonsense&page=x", set()),
    ):
        await seller.see(f"{home}?{query}")
        assert {name for name in (lamp.name, jug.name) if seller.has(name)} == found, query
    assert seller.has("Nothing fits")


def row_of(visitor, home):
    """The key of the first row that is new."""
    fields = visitor.fields(f"{home}/variants")
    return next(name for name in fields if name.startswith("stock--")).partition("--")[2]


async def lacks(visitor, path, text):
    await visitor.see(path)
    return visitor.page.status_code == 200 and not visitor.has(text)
