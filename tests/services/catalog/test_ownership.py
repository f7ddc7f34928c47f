"""Who may do what: every method, and everybody who might call it."""

import pytest

from souk.contracts.catalog import (
    DeleteProductRequest,
    ExportProductsRequest,
    GetImportRequest,
    GetOffersRequest,
    GetProductRequest,
    GetProductVariantsRequest,
    ImportNotFound,
    ImportProductsRequest,
    NotYourShop,
    ProductNotFound,
    SetPriceRequest,
    UpdateProductRequest,
)
from souk.contracts.shops import ShopUpdated
from souk.kernel.context import Call, Caller, acting
from souk.kernel.ids import new_id
from souk.kernel.money import Money
from souk.kernel.refusals import NotAllowed, SignInRequired
from tests.services.catalog.market import NOBODY, OPERATOR, SHOPPER, STRANGER

SHEET = b"Handle,Title,Variant Price\na,A,1.00\n"


def writes(seller, product, begun):
    """Each method that is for sellers, and what a stranger is told."""
    shop_id, product_id = seller.shop_id, product.id
    price = Money(1, "USD")
    return [
        ("create_product", seller.product(), NotYourShop),
        ("update_product", UpdateProductRequest(product_id=product_id, name="x"), ProductNotFound),
        ("set_price", SetPriceRequest(product_id=product_id, price=price), ProductNotFound),
        ("import_products", ImportProductsRequest(shop_id=shop_id, file=SHEET), NotYourShop),
        ("get_import", GetImportRequest(shop_id=shop_id, import_id=begun.id), ImportNotFound),
        ("export_products", ExportProductsRequest(shop_id=shop_id), NotYourShop),
        ("delete_product", DeleteProductRequest(product_id=product_id), ProductNotFound),
    ]


@pytest.fixture
async def product(market, seller):
    return await market.create(seller)


@pytest.fixture
async def begun(market, seller):
    return await market.begin_import(seller, SHEET)


async def test_strangers_learn_nothing_and_change_nothing(market, seller, product, begun):
    for name, request, refusal in writes(seller, product, begun):
        for caller, expected in (
            (STRANGER, refusal),
            (SHOPPER, NotAllowed),
            (NOBODY, SignInRequired),
        ):
            with acting(Call(caller=caller)), pytest.raises(expected):
                await getattr(market.client, name)(request)
    assert await market.get(product.id) == product


@pytest.mark.parametrize("who", ["member", "operator"])
async def test_members_and_operators_may(market, seller, product, begun, who):
    caller = OPERATOR if who == "operator" else seller.caller
    for name, request, _ in writes(seller, product, begun):
        with acting(Call(caller=caller)):
            await getattr(market.client, name)(request)


async def test_a_member_who_left_may_no_more(market, seller, product):
    market.shops.members[seller.shop_id] = new_id()
    request = seller.product()
    with acting(Call(caller=seller.caller)), pytest.raises(NotYourShop):
        await market.client.create_product(request)


@pytest.mark.parametrize("is_draft", [True, False])
async def test_what_is_not_for_sale_is_for_its_shop(market, seller, is_draft):
    product = await market.create(seller, is_draft=is_draft)
    if not is_draft:
        paused = ShopUpdated(shop_id=seller.shop_id, name="Corner", is_selling=False)
        await market.host.deliver(paused)
    asked = GetProductVariantsRequest(product_id=product.id)
    for caller in (NOBODY, SHOPPER, STRANGER):
        for id_or_slug in (product.id, product.slug):
            with pytest.raises(ProductNotFound):
                await market.get(id_or_slug, caller)
        with acting(Call(caller=caller)), pytest.raises(ProductNotFound):
            await market.client.get_product_variants(asked)
    for caller in (seller.caller, OPERATOR):
        assert (await market.get(product.id, caller)).id == product.id
        with acting(Call(caller=caller)):
            assert (await market.client.get_product_variants(asked)).items == product.variants


async def test_a_product_belongs_to_the_shop_in_the_path(market, seller, product):
    other = market.open_shop("Other")
    right = GetProductRequest(product_id=product.slug, shop_id=seller.shop_id)
    assert (await market.client.get_product(right)).id == product.id
    for name, request in (
        ("get_product", GetProductRequest(product_id=product.id, shop_id=other.shop_id)),
        ("update_product", UpdateProductRequest(product_id=product.id, shop_id=other.shop_id)),
        ("delete_product", DeleteProductRequest(product_id=product.id, shop_id=other.shop_id)),
    ):
        for caller in (seller.caller, OPERATOR):
            with acting(Call(caller=caller)), pytest.raises(ProductNotFound):
                await getattr(market.client, name)(request)


async def test_an_import_belongs_to_its_shop(market, seller, begun):
    other = market.open_shop("Other")
    with pytest.raises(ImportNotFound):
        await market.look_at_import(other, begun.id)
    with pytest.raises(ImportNotFound):
        await market.look_at_import(seller, new_id())


async def test_offers_are_for_services(market, product):
    request = GetOffersRequest(variant_ids=(product.variants[0].id,))
    for caller in (SHOPPER, OPERATOR):
        with acting(Call(caller=caller)), pytest.raises(NotAllowed):
            await market.client.get_offers(request)
    with acting(Call(caller=Caller(service="pricing"))):
        assert (await market.client.get_offers(request)).items


async def test_being_a_member_is_remembered_for_a_moment_when_looking(market, seller):
    product = await market.create(seller, is_draft=True)
    market.shops.calls.clear()
    for _ in range(5):
        await market.get(product.id, seller.caller)
    assert market.shops.calls["verify_member"] <= 1
