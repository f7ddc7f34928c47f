"""What the catalog copies from shops and inventory."""

import asyncio

from souk.contracts.catalog import ListProductsRequest
from souk.contracts.inventory import StockChanged
from souk.contracts.orders import ProductsSold, SoldProduct
from souk.contracts.shops import ShopUpdated
from souk.kernel.ids import new_id
from souk.services.catalog.store import copies


async def card(market):
    (item,) = (await market.client.list_products(ListProductsRequest())).items
    return item


def told(product, variant, in_stock):
    return StockChanged(product_id=product.id, variant_id=variant.id, in_stock=in_stock)


async def test_a_shop_changes_its_name_and_stops_selling(market, seller):
    product = await market.create(seller)
    for name, is_selling in (("New name", True), ("New name", False), ("Newer", True)):
        event = ShopUpdated(shop_id=seller.shop_id, name=name, is_selling=is_selling)
        assert await market.host.deliver(event) == 1
        row = await market.host.database.fetchrow("select shop_name, is_listed from products")
        assert (row["shop_name"], row["is_listed"]) == (name, is_selling)
    assert (await market.get(product.id)).shop_name == "Newer"


async def test_what_a_shop_told_goes_before_what_it_answered(market, seller):
    """A product that is planned when the shop is renamed gets the new name."""

    async def rename(request):
        event = ShopUpdated(shop_id=seller.shop_id, name="Renamed", is_selling=False)
        await market.host.deliver(event)

    market.inventory.on_set = rename
    product = await market.create(seller)
    assert product.shop_name == "Renamed"
    assert not await market.host.database.fetchval("select is_listed from products")


async def test_a_shop_that_changes_during_a_creation_is_not_missed(market, seller):
    await market.create(seller)
    database = market.host.database
    async with database.transaction() as tx:
        await copies.hold_known_shop(tx, seller.shop_id)
        event = ShopUpdated(shop_id=seller.shop_id, name="Renamed", is_selling=True)
        delivery = asyncio.create_task(market.host.deliver(event))
        await asyncio.sleep(0.05)
        assert not delivery.done()
    await delivery
    assert (await card(market)).shop_name == "Renamed"


async def test_a_product_is_in_stock_while_one_of_its_variants_is(market, seller):
    product = await market.create(
        seller,
        variants=(
            seller.variant("M", options={"Size": "M"}),
            seller.variant("L", options={"Size": "L"}, stock=0),
        ),
    )
    medium, large = product.variants
    for variant, in_stock, expected in (
        (large, True, True),
        (medium, False, True),
        (large, False, False),
        (medium, True, True),
        (medium, True, True),
    ):
        assert await market.host.deliver(told(product, variant, in_stock)) == 1
        assert (await card(market)).in_stock is expected


async def test_variants_that_run_out_at_once_see_one_another(market, seller):
    variants = [seller.variant(f"S{n}", options={"N": str(n)}) for n in range(8)]
    product = await market.create(seller, variants=tuple(variants))
    await asyncio.gather(
        *(market.host.deliver(told(product, variant, False)) for variant in product.variants)
    )
    assert (await card(market)).in_stock is False


async def test_stock_of_what_is_not_there_yet_is_no_trouble(market):
    event = StockChanged(product_id=new_id(), variant_id=new_id(), in_stock=True)
    assert await market.host.deliver(event) == 1


async def test_what_orders_counted_is_the_order_of_what_is_popular(market, seller):
    """An event says numbers as they are: what comes twice is the same, a new one replaces them."""
    first = await market.create(seller, "First")
    second = await market.create(seller, "Second")

    async def count(**units):
        ids = {"first": first.id, "second": second.id, "unknown": new_id()}
        products = tuple(SoldProduct(product_id=ids[name], units=n) for name, n in units.items())
        event, message_id = ProductsSold(shop_id=seller.shop_id, products=products), new_id()
        for _ in range(2):
            await market.host.deliver(event, message_id=message_id)
        found = await market.client.list_products(ListProductsRequest(sort="popular"))
        return [item.name for item in found.items]

    assert await count() == ["Second", "First"], "what nobody bought: the newest first"
    assert await count(first=3, second=2, unknown=9) == ["First", "Second"]
    assert await count(first=0) == ["Second", "First"]
