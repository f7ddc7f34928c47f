"""Sellers count and adjust the stock of their own shops."""

import asyncio
from datetime import UTC, datetime

import pytest

from souk.contracts.catalog import ProductArchived, VariantsRetired
from souk.contracts.inventory import (
    AdjustStockRequest,
    GetInventoryRequest,
    InventoryServiceClient,
    ListLowStockRequest,
    ListMovementsRequest,
    ListShopStockRequest,
    NewStock,
    PastSale,
    RecordSalesRequest,
    ReserveStockRequest,
    SetStockRequest,
    StockIsReserved,
    StockLine,
    StockNotFound,
    UpdateStockRequest,
)
from souk.contracts.shops import Membership, ShopService
from souk.kernel.ids import new_id
from souk.kernel.refusals import InvalidRequest, NotAllowed, SignInRequired
from tests.support.hosting import hosted
from tests.support.people import as_, customer, guest, seller, service, support

SHOP, PRODUCT, VARIANT = new_id(), new_id(), new_id()
OWNER = seller()


class Shops:
    async def verify_member(self, request):
        return Membership(is_member=(request.shop_id, request.user_id) == (SHOP, OWNER.user_id))


@pytest.fixture
async def host(servers):
    async with hosted("inventory", servers, fakes={ShopService: Shops()}) as host:
        yield host


@pytest.fixture
async def inventory(host):
    client = host.client(InventoryServiceClient)
    item = NewStock(variant_id=VARIANT, product_id=PRODUCT, shop_id=SHOP, sku="TEE-M", on_hand=10)
    with as_(service("catalog")):
        await client.set_stock(SetStockRequest(items=(item,)))
    return client


def counted(on_hand: int) -> UpdateStockRequest:
    return UpdateStockRequest(product_id=PRODUCT, variant_id=VARIANT, on_hand=on_hand)


async def hold(inventory, quantity: int) -> None:
    with as_(service("orders")):
        line = StockLine(variant_id=VARIANT, quantity=quantity)
        await inventory.reserve_stock(
            ReserveStockRequest(hold_id=new_id(), lines=(line,), hold_seconds=600)
        )


async def test_an_owner_counts(inventory):
    with as_(OWNER):
        (stock,) = (await inventory.update_stock(counted(20))).items
    assert (stock.sku, stock.on_hand, stock.reserved, stock.available) == ("TEE-M", 20, 0, 20)


async def test_what_is_reserved_must_be_on_hand(inventory):
    await hold(inventory, 4)
    with as_(OWNER), pytest.raises(StockIsReserved) as refused:
        await inventory.update_stock(counted(3))
    assert refused.value.reserved == 4


async def test_an_import_never_counts_below_what_is_reserved(inventory):
    await hold(inventory, 4)
    item = NewStock(variant_id=VARIANT, product_id=PRODUCT, shop_id=SHOP, sku="TEE-M", on_hand=0)
    with as_(service("catalog")):
        await inventory.set_stock(SetStockRequest(items=(item,)))
    with as_(OWNER):
        (stock,) = (await inventory.get_inventory(GetInventoryRequest(product_id=PRODUCT))).items
    assert (stock.on_hand, stock.reserved) == (4, 4)


async def test_an_adjustment_adds_up_and_is_written_down(inventory):
    with as_(OWNER):
        change = AdjustStockRequest(
            product_id=PRODUCT, variant_id=VARIANT, change=-3, reason="broken"
        )
        (stock,) = (await inventory.adjust_stock(change)).items
        moved = (await inventory.list_movements(ListMovementsRequest(product_id=PRODUCT))).items
    assert stock.on_hand == 7
    assert [(m.on_hand_change, m.reason) for m in moved] == [(-3, "broken"), (10, "set")]


async def test_movements_are_shown_by_when_they_were(inventory):
    long_ago = datetime(2020, 5, 1, tzinfo=UTC)
    line = StockLine(variant_id=VARIANT, quantity=2)
    sale = PastSale(hold_id=new_id(), lines=(line,), sold_at=long_ago)
    with as_(service("orders")):
        await inventory.record_sales(RecordSalesRequest(sales=(sale,)))

    with as_(OWNER):
        moved = (await inventory.list_movements(ListMovementsRequest(product_id=PRODUCT))).items

    moments = [movement.at for movement in moved]
    assert moments == sorted(moments, reverse=True)
    assert moments[-1] <= long_ago < moments[0]


async def test_nobody_adjusts_below_zero(inventory):
    change = AdjustStockRequest(product_id=PRODUCT, variant_id=VARIANT, change=-11, reason="lost")
    with as_(OWNER), pytest.raises(InvalidRequest):
        await inventory.adjust_stock(change)


async def test_one_key_adjusts_once(inventory):
    change = AdjustStockRequest(product_id=PRODUCT, variant_id=VARIANT, change=-1, reason="sold")
    with as_(OWNER, key="a-key"):
        answers = await asyncio.gather(*[inventory.adjust_stock(change) for _ in range(20)])
    assert {answer.items[0].on_hand for answer in answers} == {9}


async def test_low_stock_is_listed(inventory):
    with as_(OWNER):
        asked = ListLowStockRequest(shop_id=SHOP, threshold=5)
        assert (await inventory.list_low_stock(asked)).items == ()
        await inventory.update_stock(counted(5))
        assert len((await inventory.list_low_stock(asked)).items) == 1


async def test_stock_is_found_by_sku_by_product_and_by_how_many_there_are(inventory):
    items = tuple(
        NewStock(variant_id=new_id(), product_id=new_id(), shop_id=SHOP, sku=sku, on_hand=count)
        for sku, count in (("CAP-RED", 0), ("CAP-BLUE", 3), ("MUG%", 40))
    )
    with as_(service("catalog")):
        await inventory.set_stock(SetStockRequest(items=items))

    async def skus(**asked):
        found = await inventory.list_shop_stock(ListShopStockRequest(shop_id=SHOP, **asked))
        return [one.sku for one in found.items]

    with as_(OWNER):
        assert await skus() == ["TEE-M", "CAP-RED", "CAP-BLUE", "MUG%"]
        assert await skus(q="cap") == ["CAP-RED", "CAP-BLUE"]
        assert await skus(q="%") == ["MUG%"]
        assert await skus(q="cap", product_ids=(items[2].product_id,)) == [
            "CAP-RED",
            "CAP-BLUE",
            "MUG%",
        ]
        assert await skus(product_ids=(PRODUCT,)) == ["TEE-M"]
        assert await skus(available_max=0) == ["CAP-RED"]
        assert await skus(available_max=10, page_size=2) == ["CAP-RED", "CAP-BLUE"]
        assert await skus(q="nothing") == []


async def test_what_is_sold_no_more_leaves_the_list_and_its_movements_stay(host, inventory):
    other = new_id()
    item = NewStock(variant_id=other, product_id=PRODUCT, shop_id=SHOP, sku="TEE-L", on_hand=1)
    with as_(service("catalog")):
        await inventory.set_stock(SetStockRequest(items=(item,)))

    async def listed():
        found = await inventory.list_shop_stock(ListShopStockRequest(shop_id=SHOP))
        return {one.sku for one in found.items}

    retired = VariantsRetired(product_id=PRODUCT, shop_id=SHOP, variant_ids=(VARIANT,))
    assert await host.deliver(retired) == 1
    with as_(OWNER):
        assert await listed() == {"TEE-L"}
        moved = (await inventory.list_movements(ListMovementsRequest(product_id=PRODUCT))).items
    assert {one.variant_id for one in moved} == {VARIANT, other}
    assert await host.deliver(ProductArchived(product_id=PRODUCT, shop_id=SHOP)) == 1
    with as_(OWNER):
        assert await listed() == set()


ASKED = {
    "get_inventory": GetInventoryRequest(product_id=PRODUCT),
    "update_stock": counted(1),
    "adjust_stock": AdjustStockRequest(
        product_id=PRODUCT, variant_id=VARIANT, change=1, reason="found"
    ),
    "list_shop_stock": ListShopStockRequest(shop_id=SHOP),
    "list_low_stock": ListLowStockRequest(shop_id=SHOP),
    "list_movements": ListMovementsRequest(product_id=PRODUCT),
}


@pytest.mark.parametrize("name", ASKED)
async def test_a_foreign_seller_finds_nothing(inventory, name):
    with as_(seller()), pytest.raises(StockNotFound):
        await getattr(inventory, name)(ASKED[name])


@pytest.mark.parametrize("name", ASKED)
async def test_customers_and_guests_are_turned_away(inventory, name):
    with as_(customer()), pytest.raises(NotAllowed):
        await getattr(inventory, name)(ASKED[name])
    with as_(guest()), pytest.raises(SignInRequired):
        await getattr(inventory, name)(ASKED[name])


async def test_support_sees_and_does_not_count(inventory):
    with as_(support()):
        assert (await inventory.get_inventory(ASKED["get_inventory"])).items
        with pytest.raises(NotAllowed):
            await inventory.update_stock(counted(1))


async def test_a_variant_of_another_product_is_not_found(inventory):
    wrong = UpdateStockRequest(product_id=PRODUCT, variant_id=new_id(), on_hand=1)
    with as_(OWNER), pytest.raises(StockNotFound):
        await inventory.update_stock(wrong)


async def test_holding_is_for_services_alone(inventory):
    line = StockLine(variant_id=VARIANT, quantity=1)
    asked = ReserveStockRequest(hold_id=new_id(), lines=(line,), hold_seconds=600)
    with as_(OWNER), pytest.raises(NotAllowed):
        await inventory.reserve_stock(asked)
