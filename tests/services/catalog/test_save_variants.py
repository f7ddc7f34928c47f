"""A shop changes several variants at once, or none of them."""

import pytest

from souk.contracts.catalog import (
    GetOffersRequest,
    ListShopVariantsRequest,
    NotYourShop,
    PriceChanged,
    ProductNotFound,
    SaveVariantsRequest,
    SkuTaken,
    VariantChange,
    VariantNotFound,
    VariantsAlike,
    VariantsRetired,
    WrongCurrency,
)
from souk.kernel.context import Call, acting
from souk.kernel.ids import new_id
from souk.kernel.money import Money
from souk.kernel.refusals import InvalidRequest
from tests.support.people import service


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
    async def save(*changes, caller=None, key="", **more):
        request = SaveVariantsRequest(product_id=product.id, items=changes, **more)
        with acting(Call(caller=caller or seller.caller, idempotency_key=key)):
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


async def test_a_variant_is_added_with_its_stock(market, seller, product, save):
    new = seller.variant("S", 1000, options={"Size": "S"}, stock=4)

    after = await save(added=(new,))

    assert [one.name for one in after.variants] == ["M", "L", "S"]
    assert (after.variants[2].available, after.price) == (4, usd(1000))
    assert (await market.get(product.id)).variants == after.variants
    assert market.inventory.stock[after.variants[2].id].product_id == product.id


async def test_a_removed_variant_is_not_for_sale_and_orders_still_know_it(market, product, save):
    medium, large = product.variants

    after = await save(removed=(medium.id,))

    assert [one.id for one in after.variants] == [large.id]
    assert after.price == usd(3000)
    with acting(Call(caller=service("orders"))):
        found = await market.client.get_offers(GetOffersRequest(variant_ids=(medium.id,)))
    assert (found.items[0].sku, found.items[0].is_sellable) == ("M", False)
    (told,) = await market.host.published(VariantsRetired)
    assert (told.product_id, told.variant_ids) == (product.id, (medium.id,))


async def test_what_was_removed_can_be_added_anew_by_its_old_sku(seller, product, save):
    medium = product.variants[0]

    after = await save(removed=(medium.id,), added=(seller.variant("M", options={"Size": "M"}),))

    assert [(one.sku, one.id == medium.id) for one in after.variants] == [
        ("L", False),
        ("M", False),
    ]


async def test_an_option_more_is_said_of_every_variant(seller, product, save):
    medium, large = product.variants
    new = seller.variant("L-LINEN", options={"Fabric": "Linen", "Size": "L"})

    after = await save(
        VariantChange(variant_id=medium.id, options={"Size": "M", "Fabric": "Wool"}),
        VariantChange(variant_id=large.id, options={"Size": "L", "Fabric": "Wool"}),
        added=(new,),
        options=("Size", "Fabric"),
    )

    assert after.options == ("Size", "Fabric")
    assert [one.name for one in after.variants] == ["M / Wool", "L / Wool", "L / Linen"]


async def test_one_key_adds_once(market, seller, product, save):
    new = seller.variant("S", options={"Size": "S"})

    first = await save(added=(new,), key="a-key")
    again = await save(added=(new,), key="a-key")

    assert first == again
    assert len((await market.get(product.id)).variants) == 3


@pytest.mark.parametrize(
    ("sku", "options", "more", "refusal"),
    [
        ("S", {"Size": "M"}, {}, VariantsAlike),
        ("M", {"Size": "S"}, {}, VariantsAlike),
        ("CAP", {"Size": "S"}, {}, SkuTaken),
        ("S", {}, {}, InvalidRequest),
        ("S", {"Colour": "Red"}, {}, InvalidRequest),
        ("S", {"Size": "S", "Colour": "Red"}, {"options": ("Size", "Colour")}, InvalidRequest),
        ("S", {"Size": "S"}, {"removed": (new_id(),)}, VariantNotFound),
        (" ", {"Size": "S"}, {}, InvalidRequest),
    ],
)
async def test_an_addition_that_is_wrong_changes_nothing(
    market, seller, product, save, sku, options, more, refusal
):
    await market.create(seller, "Cap", variants=(seller.variant("CAP"),))
    known = set(market.inventory.stock)

    with pytest.raises(refusal):
        await save(added=(seller.variant(sku, options=options),), **more)

    assert (await market.get(product.id)).variants == product.variants
    assert set(market.inventory.stock) == known


async def test_one_variant_at_least_stays_and_250_are_the_most(seller, product, save):
    many = [seller.variant(f"S{n}", options={"Size": f"S{n}"}) for n in range(249)]

    for more, field in (
        ({"removed": tuple(one.id for one in product.variants)}, "removed"),
        ({"added": tuple(many)}, "added"),
    ):
        with pytest.raises(InvalidRequest) as refused:
            await save(**more)
        assert [error.field for error in refused.value.errors] == [field]
