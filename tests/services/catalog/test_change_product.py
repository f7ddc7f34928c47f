"""A shop changes, prices and withdraws its products."""

import asyncio

import pytest

from souk.contracts.catalog import (
    DeleteProductRequest,
    PriceChanged,
    ProductArchived,
    ProductNotFound,
    ProductStatus,
    ProductUpdated,
    SetPriceRequest,
    UpdateProductRequest,
    WrongCurrency,
)
from souk.kernel.context import Call, acting
from souk.kernel.ids import new_id
from souk.kernel.money import Money
from souk.kernel.refusals import InvalidRequest


def usd(amount):
    return Money(amount, "USD")


@pytest.fixture
async def product(market, seller):
    return await market.create(
        seller,
        description="Old",
        category="apparel",
        brand="Acme",
        tags=("men",),
        variants=(
            seller.variant("M", 2000, options={"Size": "M"}),
            seller.variant("L", 3000, options={"Size": "L"}, compare_at_price=usd(4000)),
        ),
    )


@pytest.fixture
def change(market, seller, product):
    async def change(**fields):
        request = UpdateProductRequest(product_id=product.id, **fields)
        with acting(Call(caller=seller.caller)):
            return await market.client.update_product(request)

    return change


@pytest.fixture
def price(market, seller, product):
    async def price(amount, variant=None, **fields):
        fields.setdefault("price", usd(amount))
        variant_id = variant.id if variant else ""
        request = SetPriceRequest(product_id=product.id, variant_id=variant_id, **fields)
        with acting(Call(caller=seller.caller)):
            return await market.client.set_price(request)

    return price


@pytest.fixture
def delete(market, seller):
    async def delete(product, **fields):
        request = DeleteProductRequest(product_id=product.id, **fields)
        with acting(Call(caller=seller.caller)):
            return await market.client.delete_product(request)

    return delete


async def test_absent_fields_stay_as_they_are(market, seller, product, change):
    after = await change(name=" New  tee ", category="apparel/tees")
    assert (after.name, after.category) == ("New tee", "apparel/tees")
    assert (after.description, after.brand, after.slug) == ("Old", "Acme", product.slug)
    assert after.variants == product.variants
    assert after.updated_at > product.updated_at
    assert await market.get(product.id) == after
    assert await market.host.published(ProductUpdated) == [
        ProductUpdated(product_id=product.id, shop_id=seller.shop_id)
    ]


async def test_fields_may_be_emptied(change):
    after = await change(description="", brand="", category="")
    assert (after.description, after.brand, after.category) == ("", "", "")


async def test_a_change_of_nothing_tells_nobody(market, product, change):
    assert await change(name="Tee") == product
    assert await market.host.published(ProductUpdated) == []


async def test_a_wrong_change_changes_nothing(market, product, change):
    with pytest.raises(InvalidRequest) as refused:
        await change(name=" ", category="/".join("abcdefghijk"), brand="Kept?")
    assert [error.field for error in refused.value.errors] == ["name", "category"]
    assert await market.get(product.id) == product


async def test_a_draft_is_published_and_hidden_again(market, product, change):
    await change(status=ProductStatus.DRAFT)
    with pytest.raises(ProductNotFound):
        await market.get(product.id)
    await change(status=ProductStatus.PUBLISHED)
    assert (await market.get(product.id)).status is ProductStatus.PUBLISHED


async def test_archiving_by_a_change_is_for_good(market, product, change):
    after = await change(status=ProductStatus.ARCHIVED)
    assert after.status is ProductStatus.ARCHIVED
    assert len(after.variants) == 2
    with pytest.raises(ProductNotFound):
        await change(status=ProductStatus.PUBLISHED)


async def test_all_variants_get_a_price(market, product, price):
    after = await price(2500, compare_at_price=usd(2600))
    assert [(v.price, v.compare_at_price) for v in after.variants] == [(usd(2500), usd(2600))] * 2
    assert (after.price, after.compare_at_price) == (usd(2500), usd(2600))
    told = await market.host.published(PriceChanged)
    assert {event.variant_id for event in told} == {variant.id for variant in product.variants}
    assert {event.price for event in told} == {usd(2500)}


async def test_one_variant_gets_a_price_and_the_lowest_is_shown(market, product, price):
    medium, large = product.variants
    after = await price(1500, large)
    assert [variant.price for variant in after.variants] == [usd(2000), usd(1500)]
    assert (after.price, after.compare_at_price) == (usd(1500), None)
    (told,) = await market.host.published(PriceChanged)
    assert (told.variant_id, told.price) == (large.id, usd(1500))
    sold_at = await market.host.database.fetch(
        "select amount from prices where variant_id = $1 order by id", large.id
    )
    assert [row["amount"] for row in sold_at] == [3000, 1500]


async def test_a_price_that_is_the_same_is_no_news(market, product, price):
    medium = product.variants[0]
    assert await price(2000, medium) == product
    assert await market.host.published(PriceChanged) == []


@pytest.mark.parametrize("field", ["price", "compare_at_price"])
async def test_prices_stay_in_the_currency(price, field):
    with pytest.raises(WrongCurrency):
        await price(1, **{field: Money(5, "EUR")})


@pytest.mark.parametrize("amount", [-1, 10**12 + 1])
async def test_prices_can_be_counted(market, product, price, amount):
    with pytest.raises(InvalidRequest):
        await price(amount)
    assert await market.get(product.id) == product


async def test_an_unknown_variant_has_no_price(market, seller, product):
    request = SetPriceRequest(product_id=product.id, variant_id=new_id(), price=usd(1))
    with acting(Call(caller=seller.caller)), pytest.raises(ProductNotFound):
        await market.client.set_price(request)


async def test_changes_at_once_do_not_lose_one_another(market, product, change, price):
    medium, large = product.variants
    await asyncio.gather(
        change(name="New"), change(brand="Brand"), price(1, medium), price(2, large)
    )
    after = await market.get(product.id)
    assert (after.name, after.brand) == ("New", "Brand")
    assert [variant.price.amount for variant in after.variants] == [1, 2]


async def test_a_deleted_product_is_gone_and_its_names_are_free(market, seller, product, delete):
    await delete(product)
    for id_or_slug in (product.id, product.slug):
        with pytest.raises(ProductNotFound):
            await market.get(id_or_slug, seller.caller)
    with pytest.raises(ProductNotFound):
        await delete(product)
    assert await market.host.published(ProductArchived) == [
        ProductArchived(product_id=product.id, shop_id=seller.shop_id)
    ]
    again = await market.create(seller, variants=(seller.variant("M"),))
    assert again.slug == product.slug


async def test_a_product_is_deleted_once_by_many(product, delete):
    answers = await asyncio.gather(*(delete(product) for _ in range(5)), return_exceptions=True)
    assert sum(isinstance(answer, ProductNotFound) for answer in answers) == 4
