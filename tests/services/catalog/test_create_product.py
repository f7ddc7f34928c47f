"""A shop puts products on sale."""

import asyncio

import pytest

from souk.contracts.catalog import (
    CreateProductRequest,
    Image,
    NewVariant,
    ProductCreated,
    ProductStatus,
    SkuTaken,
    WrongCurrency,
)
from souk.kernel.context import Call, acting
from souk.kernel.ids import new_id
from souk.kernel.money import Money
from souk.kernel.refusals import IdempotencyKeyReused, InvalidRequest, Unavailable
from tests.services.catalog.market import OPERATOR, Inventory, Market, Shops, neighbours
from tests.services.catalog.sheets import APPAREL
from tests.support.hosting import Shape, hosted


async def test_a_new_product_is_answered_and_found_as_it_was_given(market, seller):
    product = await market.create(
        seller,
        "Shirt",
        description="<p>Soft</p><script>x</script>",
        category="apparel/shirts",
        brand="Acme",
        tags=("Men",),
        weight_grams=300,
        options=("Size", "Color"),
        variants=(
            seller.variant("M", 1999, options={"Size": "M", "Color": "Red"}, stock=20),
            seller.variant(
                "L",
                1899,
                options={"Size": "L", "Color": "Red"},
                compare_at_price=Money(2500, "USD"),
                weight_grams=350,
                barcode="4006381333931",
                stock=0,
            ),
        ),
        images=(Image(url="https://x/1.jpg", alt="Front"),),
    )

    assert product.slug == "shirt"
    assert product.status is ProductStatus.PUBLISHED
    assert (product.shop_id, product.shop_name) == (seller.shop_id, "Corner")
    assert product.description == "<p>Soft</p>"
    assert product.options == ("Size", "Color")
    assert [list(each.options.items()) for each in product.variants] == [
        [("Size", "M"), ("Color", "Red")],
        [("Size", "L"), ("Color", "Red")],
    ]
    assert [(each.available, each.weight_grams) for each in product.variants] == [
        (20, 300),
        (0, 350),
    ]
    assert (product.price, product.compare_at_price) == (Money(1899, "USD"), Money(2500, "USD"))
    assert product.in_stock
    assert await market.get(product.id) == product
    assert await market.get(product.slug) == product
    assert await market.host.published(ProductCreated) == [
        ProductCreated(product_id=product.id, shop_id=seller.shop_id)
    ]


async def test_stock_is_known_before_the_product_is(market, seller):
    seen = []

    async def look(request):
        seen.append(await market.host.database.fetchval("select count(*) from products"))

    market.inventory.on_set = look
    product = await market.create(seller)
    assert seen == [0]
    (stock,) = market.inventory.stock.values()
    assert (stock.variant_id, stock.product_id) == (product.variants[0].id, product.id)


async def test_without_inventory_there_is_no_product(market, seller):
    market.inventory.away = 1
    with pytest.raises(Unavailable):
        await market.create(seller)
    assert await market.host.database.fetchval("select count(*) from products") == 0


async def test_products_of_one_name_have_slugs_and_handles_of_their_own(market, seller):
    other = market.open_shop("Other")
    await asyncio.gather(*(market.create(each) for each in [seller, seller, seller, other, other]))
    rows = await market.host.database.fetch("select shop_id, handle, slug from products")
    assert len({row["slug"] for row in rows}) == 5
    assert len({(row["shop_id"], row["handle"]) for row in rows}) == 5
    # Another shop's product costs no shop its handle.
    assert [row["handle"] for row in rows].count("tee") == 2


async def test_a_key_makes_one_product_however_often_it_is_sent(market, seller):
    request = seller.product()
    with acting(Call(caller=seller.caller, idempotency_key="k-1")):
        copies = await asyncio.gather(*(market.client.create_product(request) for _ in range(50)))
        again = await market.client.create_product(request)
        with pytest.raises(IdempotencyKeyReused):
            await market.client.create_product(seller.product("Another"))
    assert {copy.id for copy in copies} == {again.id}
    assert all(copy == again for copy in copies)
    assert await market.host.database.fetchval("select count(*) from products") == 1
    assert len(market.inventory.stock) == 1


async def test_a_sku_is_used_once_in_a_shop(market, seller):
    await market.create(seller, variants=(seller.variant("TEE-M"),))
    with pytest.raises(SkuTaken) as refused:
        await market.create(seller, variants=(seller.variant("TEE-M"),))
    assert refused.value.sku == "TEE-M"
    assert len(market.inventory.stock) == 1
    other = market.open_shop("Other")
    assert await market.create(other, variants=(other.variant("TEE-M"),))


async def test_of_two_that_want_a_sku_at_once_one_gets_it(market, seller):
    answers = await asyncio.gather(
        *(market.create(seller, variants=(seller.variant("S(,)=("),)) for _ in range(5)),
        return_exceptions=True,
    )
    refused = [each for each in answers if isinstance(each, SkuTaken)]
    assert len(refused) == 4
    assert {each.sku for each in refused} == {"S(,)=("}


async def test_a_shop_sells_in_its_own_currency(market):
    seller = market.open_shop(currency="JPY")
    with pytest.raises(WrongCurrency):
        await market.create(seller, variants=(NewVariant(sku="A", price=Money(100, "USD")),))
    assert (await market.create(seller)).price.currency == "JPY"


async def test_what_is_wrong_is_named_and_nothing_is_done(market, seller):
    with pytest.raises(InvalidRequest) as refused:
        await market.create(seller, "  ", variants=(seller.variant("A", -1),))
    assert [error.field for error in refused.value.errors] == ["name", "variants[0].price.amount"]
    assert market.inventory.calls["set_stock"] == 0


async def test_an_operator_creates_for_a_shop(market, seller):
    with acting(Call(caller=OPERATOR)):
        product = await market.client.create_product(seller.product())
    assert product.shop_name == "Corner"


async def test_a_paused_shop_may_prepare_products(market, seller):
    market.shops.change(seller.shop_id, status="paused")
    product = await market.create(seller)
    assert (await market.get(product.id, seller.caller)).status is ProductStatus.PUBLISHED
    row = await market.host.database.fetchrow("select is_listed from products")
    assert not row["is_listed"]


async def test_two_hundred_and_fifty_variants_are_possible(market, seller):
    variants = tuple(
        seller.variant(f"S{number}", options={"Number": str(number)}) for number in range(250)
    )
    product = await market.create(seller, variants=variants)
    assert [each.options["Number"] for each in product.variants] == [str(n) for n in range(250)]


async def test_an_unknown_shop_is_nobodys(market, seller):
    request = CreateProductRequest(shop_id=new_id(), name="Tee", variants=(seller.variant("A"),))
    for caller in (seller.caller, OPERATOR):
        with acting(Call(caller=caller)), pytest.raises(Exception, match="not a shop you work in"):
            await market.client.create_product(request)


async def test_products_and_sheets_cross_between_processes(servers):
    shops, inventory = Shops(), Inventory()
    fakes = neighbours(shops, inventory)
    async with hosted("catalog", servers, fakes=fakes, shape=Shape.REMOTE) as host:
        market = Market(host, shops, inventory)
        seller = market.open_shop()
        product = await market.create(
            seller,
            images=(Image(url="https://x/1.jpg"),),
            variants=(
                seller.variant("A", options={"Size": "M"}, compare_at_price=Money(1, "USD")),
                seller.variant("B", options={"Size": "L"}),
            ),
        )
        assert await market.get(product.id) == product
        with pytest.raises(SkuTaken) as refused:
            await market.create(seller, variants=(seller.variant("A"),))
        assert refused.value.sku == "A"
        done = await market.import_sheet(seller, APPAREL)
        assert (done.created, done.failed) == (20, 0)
        again = await market.import_sheet(seller, await market.export(seller))
        assert (again.created, again.updated, again.failed) == (0, 0, 0)
