"""A shop changes several variants at once, or none of them."""

import pytest

from souk.contracts.catalog import (
    ListShopVariantsRequest,
    NotYourShop,
    PriceChanged,
    ProductNotFound,
    SaveVariantsRequest,
    SkuTaken,
    VariantChange,
    VariantNotFound,
    VariantsAlike,
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
        variants=(
            seller.variant("M", 2000, options={"Size": "M"}, barcode="4006381333931"),
            seller.variant("L", 3000, options={"Size": "L"}, compare_at_price=usd(4000)),
        ),
    )


@pytest.fixture
def save(market, seller, product):
    async def save(*changes, caller=None):
        request = SaveVariantsRequest(product_id=product.id, items=changes)
        with acting(Call(caller=caller or seller.caller)):
            return await market.client.save_variants(request)

    return save


async def test_several_change_at_once_and_the_rest_stays(market, product, save):
    medium, large = product.variants

    after = await save(
        VariantChange(variant_id=medium.id, price=usd(1500), compare_at_price=usd(2000)),
        VariantChange(variant_id=large.id, sku="XL", compare_at_price=usd(0), weight_grams=250),
    )

    first, second = after.variants
    assert (first.price, first.compare_at_price, first.barcode) == (
        usd(1500),
        usd(2000),
        medium.barcode,
    )
    assert (second.sku, second.price, second.compare_at_price, second.weight_grams) == (
        "XL",
        usd(3000),
        None,
        250,
    )
    assert after.price == usd(1500)
    (told,) = await market.host.published(PriceChanged)
    assert (told.variant_id, told.price) == (medium.id, usd(1500))


async def test_a_price_of_nothing_is_a_price(product, save):
    after = await save(VariantChange(variant_id=product.variants[0].id, price=usd(0)))

    assert after.variants[0].price == usd(0)


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"price": Money(100, "EUR")}, WrongCurrency),
        ({"price": usd(-1)}, InvalidRequest),
        ({"sku": "L"}, VariantsAlike),
        ({"sku": "  "}, InvalidRequest),
        ({"variant_id": new_id()}, VariantNotFound),
    ],
)
async def test_one_that_is_wrong_spoils_all(market, product, save, fields, refusal):
    medium, large = product.variants
    good = VariantChange(variant_id=large.id, price=usd(1))
    bad = VariantChange(**{"variant_id": medium.id} | fields)

    with pytest.raises(refusal):
        await save(good, bad)

    assert (await market.get(product.id)).variants == product.variants


async def test_a_sku_of_another_product_is_taken(market, seller, product, save):
    await market.create(seller, "Cap", variants=(seller.variant("CAP"),))

    with pytest.raises(SkuTaken):
        await save(VariantChange(variant_id=product.variants[0].id, sku="CAP"))


async def test_strangers_change_nothing_and_learn_nothing(market, seller, product, save):
    stranger = market.open_shop("Elsewhere")

    with pytest.raises(ProductNotFound):
        await save(
            VariantChange(variant_id=product.variants[0].id, sku="MINE"), caller=stranger.caller
        )
    asked = ListShopVariantsRequest(
        shop_id=seller.shop_id, variant_ids=(product.variants[0].id, new_id())
    )
    with acting(Call(caller=stranger.caller)), pytest.raises(NotYourShop):
        await market.client.list_shop_variants(asked)
    with acting(Call(caller=seller.caller)):
        (offer,) = (await market.client.list_shop_variants(asked)).items
    assert (offer.sku, offer.name) == ("M", product.name)
