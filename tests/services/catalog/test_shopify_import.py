"""Sheets handed in through the client and worked to their end."""

import asyncio

import pytest

from souk.contracts.catalog import (
    Image,
    ImportProductsRequest,
    ImportStatus,
    ListCategoriesRequest,
    PriceChanged,
    ProductCreated,
    ProductStatus,
    ProductUpdated,
    SetPriceRequest,
)
from souk.contracts.inventory import InventoryServiceClient
from souk.kernel.context import Call, acting
from souk.kernel.failpoints import arm, disarm
from souk.kernel.money import Money
from souk.kernel.refusals import Unavailable
from souk.services.catalog.importer import Importer
from souk.services.catalog.stockroom import Stockroom
from tests.services.catalog.market import Inventory, Market, Shops, neighbours
from tests.services.catalog.sheets import APPAREL, HOME, head, more, sheet, sized
from tests.support.hosting import hosted
from tests.support.waiting import eventually


def counts(done):
    return (done.status.value, done.created, done.updated, done.failed)


def stock_of(market, product):
    return [market.inventory.stock[variant.id].on_hand for variant in product.variants]


def importer_of(market):
    """As another process would have it."""
    stockroom = Stockroom(market.host.platform.client(InventoryServiceClient))
    return Importer(market.host.database, stockroom, market.host.platform.clock)


def many(rows):
    return sheet(*(head(f"p{n}", sku=f"S{n}", qty=n) for n in range(rows)))


@pytest.mark.parametrize(("content", "rows"), [(APPAREL, 22), (HOME, 21)])
async def test_a_real_sheet_goes_in_and_a_second_time_changes_nothing(
    market, seller, content, rows
):
    begun = await market.begin_import(seller, content)
    assert (begun.status, begun.rows, begun.rows_done) == (ImportStatus.RUNNING, rows, 0)
    await market.host.run_job("work_imports")
    done = await market.look_at_import(seller, begun.id)

    assert counts(done) == ("done", 20, 0, 0)
    assert (done.rows, done.rows_done, done.errors) == (rows, rows, ())
    assert done.finished_at >= done.started_at == begun.started_at
    before = await market.catalogue(seller)
    assert len(before) == 20
    assert len(await market.host.published(ProductCreated)) == 20
    stock = dict(market.inventory.stock)

    again = await market.import_sheet(seller, content)

    assert counts(again) == ("done", 0, 0, 0)
    assert again.rows_done == rows
    assert await market.catalogue(seller) == before
    assert market.inventory.stock == stock
    assert len(await market.host.published(ProductCreated)) == 20
    assert await market.host.published(ProductUpdated) == []


async def test_a_trial_says_what_would_become_of_every_product(market, seller):
    await market.import_sheet(seller, sheet(head("a", sku="A", qty=1), head("b", sku="B", qty=1)))
    before = await market.catalogue(seller)
    changed = sheet(
        head("a", sku="A", qty=5, price="7.77"), head("b", sku="B", qty=1), head("c", sku="C")
    )

    tried = await market.import_sheet(seller, changed, dry_run=True)

    said = {one.name: (one.is_new, one.variants, one.changes) for one in tried.products}
    names = {product.slug: product.name for product in before}
    assert said.pop(names["a"]) == (False, 1, ("prices", "stock"))
    assert [each[:2] for each in said.values()] == [(True, 1)]
    assert await market.catalogue(seller) == before
    assert (await market.import_sheet(seller, changed)).products == tried.products


async def test_a_real_product_looks_as_the_sheet_says(market, seller):
    await market.import_sheet(seller, HOME)
    pot = await market.get("clay-plant-pot")
    assert (pot.name, pot.brand, pot.category) == ("Clay Plant Pot", "Company 123", "outdoor")
    assert pot.tags == ("pot", "plants")
    assert pot.description == "<p>Classic blown clay pot for plants</p>"
    assert [dict(each.options) for each in pot.variants] == [{"Size": "Regular"}, {"Size": "Large"}]
    assert [(each.price, each.available) for each in pot.variants] == [
        (Money(999, "USD"), 1),
        (Money(1599, "USD"), 3),
    ]
    assert len(pot.images) == 2
    light = await market.get("copper-light")
    assert light.variants[0].compare_at_price == light.compare_at_price == Money(7500, "USD")
    assert not (await market.get("pink-armchair")).in_stock
    tree = (await market.client.list_categories(ListCategoriesRequest())).items
    assert [each.path for each in tree] == ["indoor", "outdoor"]


async def test_a_dry_run_tells_everything_and_changes_nothing(market, seller):
    content = sheet(head("a"), head("b", price="?"), head("c", sku="X"))
    await market.create(seller, variants=(seller.variant("X"),))
    before = await market.catalogue(seller)
    market.inventory.calls.clear()

    done = await market.import_sheet(seller, content, dry_run=True)

    assert done.dry_run
    assert counts(done) == ("done", 1, 0, 2)
    assert [(each.row, each.field) for each in done.errors] == [
        (3, "Variant Price"),
        (4, "Variant SKU"),
    ]
    assert await market.catalogue(seller) == before
    assert market.inventory.calls["set_stock"] == 0


async def test_bad_rows_are_told_and_the_good_ones_go_in(market, seller):
    done = await market.import_sheet(
        seller, sheet(sized("a"), more("M", "a", qty="-1"), head("b", price=""), head("c"))
    )
    assert counts(done) == ("done", 2, 0, 2)
    assert [(each.row, each.field, each.message) for each in done.errors] == [
        (3, "Variant Inventory Qty", "must not be negative"),
        (4, "Variant Price", "is missing"),
    ]
    assert [product.name for product in await market.catalogue(seller)] == ["A", "C"]


async def test_no_more_than_a_thousand_errors_are_kept(market, seller):
    done = await market.import_sheet(seller, sheet(*(head(f"p{n}", price="") for n in range(1700))))
    assert counts(done) == ("done", 0, 0, 1700)
    assert [each.row for each in done.errors] == list(range(2, 1002))


async def test_a_changed_sheet_changes_the_products_it_names(market, seller):
    await market.import_sheet(
        seller,
        sheet(
            sized(sku="S", qty=3, grams=100, image="https://x/1", body="Old", tags="a"),
            more("M", sku="M", qty=4),
            head("other", sku="O", qty=1),
        ),
    )
    old, other = await market.catalogue(seller)

    done = await market.import_sheet(
        seller,
        sheet(
            sized(
                title="New name", sku="S", qty=9, price="12", image="https://x/2", published="false"
            ),
            more("L", sku="L", qty=2),
            head("other", sku="O", qty=1),
        ),
    )

    assert counts(done) == ("done", 0, 1, 0)
    new, same = await market.catalogue(seller)
    assert same == other
    assert (new.id, new.slug, new.name) == (old.id, old.slug, "New name")
    assert (new.description, new.tags, new.status) == ("", (), ProductStatus.DRAFT)
    assert new.images == (Image(url="https://x/2"),)
    # A variant that the sheet does not name stays, and no row is read twice as a variant.
    assert [each.sku for each in new.variants] == ["S", "M", "L"]
    assert [each.id for each in new.variants[:2]] == [each.id for each in old.variants]
    assert new.variants[0].weight_grams == 100
    assert stock_of(market, new) == [9, 4, 2]
    (priced,) = await market.host.published(PriceChanged)
    assert (priced.variant_id, priced.price) == (old.variants[0].id, Money(1200, "USD"))
    assert [each.product_id for each in await market.host.published(ProductUpdated)] == [old.id]


async def test_columns_that_a_sheet_has_not_change_nothing(market, seller):
    await market.import_sheet(
        seller,
        sheet(
            sized(
                sku="S",
                body="Text",
                vendor="Acme",
                type="a/b",
                tags="x",
                image="https://x/1",
                barcode="1",
                compare_at="20",
                grams=5,
                published="false",
            )
        ),
    )
    (before,) = await market.catalogue(seller)
    columns = ("handle", "title", "name1", "value1", "sku", "price")
    small = {name: sized(sku="S")[name] for name in columns}
    done = await market.import_sheet(seller, sheet(small | {"price": "11"}, columns=columns))
    assert counts(done) == ("done", 0, 1, 0)
    (after,) = await market.catalogue(seller)
    assert after.variants[0].price == Money(1100, "USD")
    assert (after.description, after.brand, after.category) == ("Text", "Acme", "a/b")
    assert (after.tags, after.images, after.status) == (before.tags, before.images, before.status)
    variant = after.variants[0]
    assert (variant.barcode, variant.weight_grams) == ("1", 5)
    assert variant.compare_at_price == Money(2000, "USD")
    assert stock_of(market, after) == [1]


async def test_a_variant_is_known_by_its_options_when_its_sku_is_another(market, seller):
    await market.import_sheet(seller, sheet(sized(), more("M")))
    (before,) = await market.catalogue(seller)
    done = await market.import_sheet(seller, sheet(sized(sku="NEW-S"), more("M")))
    assert counts(done) == ("done", 0, 1, 0)
    (after,) = await market.catalogue(seller)
    assert [each.id for each in after.variants] == [each.id for each in before.variants]
    assert [each.sku for each in after.variants] == ["NEW-S", "tee.m"]
    # A sheet without SKUs leaves those that there are.
    assert counts(await market.import_sheet(seller, sheet(sized(), more("M")))) == ("done", 0, 0, 0)


async def test_a_product_that_gets_options_loses_the_variant_without(market, seller):
    await market.import_sheet(seller, sheet(head(sku="TEE")))
    done = await market.import_sheet(seller, sheet(sized(sku="TEE-S"), more("M", sku="TEE-M")))
    assert counts(done) == ("done", 0, 1, 0)
    (after,) = await market.catalogue(seller)
    assert after.options == ("Size",)
    assert [each.sku for each in after.variants] == ["TEE-S", "TEE-M"]


async def test_the_sheet_of_all_variants_orders_them(market, seller):
    await market.import_sheet(seller, sheet(sized(sku="S"), more("M", sku="M"), more("L", sku="L")))
    turned = sheet(
        sized(value="L", sku="L"), more("XL", sku="XL"), more("S", sku="S"), more("M", sku="M")
    )
    await market.import_sheet(seller, turned)
    (after,) = await market.catalogue(seller)
    assert [each.sku for each in after.variants] == ["L", "XL", "S", "M"]
    await market.import_sheet(seller, sheet(sized(value="M", sku="M", price="9")))
    (after,) = await market.catalogue(seller)
    assert [each.sku for each in after.variants] == ["L", "XL", "S", "M"]


async def test_options_of_a_variant_that_the_sheet_does_not_name_are_taken(market, seller):
    await market.import_sheet(seller, sheet(sized(sku="S"), more("M", sku="M")))
    done = await market.import_sheet(seller, sheet(sized(value="M", sku="S", price="9")))
    assert [(each.row, each.field) for each in done.errors] == [(2, "Option1 Value")]
    (after,) = await market.catalogue(seller)
    assert [each.price.amount for each in after.variants] == [1000, 1000]


async def test_reserved_stock_stays_reserved(market, seller):
    await market.import_sheet(seller, sheet(head(sku="A", qty=5)))
    (product,) = await market.catalogue(seller)
    market.inventory.reserve(product.variants[0].id, 3)
    await market.import_sheet(seller, sheet(head(sku="A", qty=1)))
    assert (await market.get(product.id)).variants[0].available == 0
    assert stock_of(market, product) == [3]


async def test_titles_that_repeat_get_slugs_of_their_own(market, seller):
    rows = [head(f"handle-{n}", title="Same", sku=f"S{n}") for n in range(300)]
    assert counts(await market.import_sheet(seller, sheet(*rows))) == ("done", 300, 0, 0)
    slugs = await market.host.database.fetch("select distinct slug from products")
    assert len(slugs) == 300


async def test_a_handle_in_another_shop_is_another_product(market, seller):
    other = market.open_shop("Other")
    await market.import_sheet(seller, APPAREL)
    assert counts(await market.import_sheet(other, APPAREL)) == ("done", 20, 0, 0)


async def test_one_key_begins_one_import(market, seller):
    request = ImportProductsRequest(shop_id=seller.shop_id, file=APPAREL)
    with acting(Call(caller=seller.caller, idempotency_key="k")):
        copies = await asyncio.gather(*(market.client.import_products(request) for _ in range(10)))
    assert len({copy.id for copy in copies}) == 1
    await market.host.run_job("work_imports")
    assert len(await market.catalogue(seller)) == 20


async def test_imports_of_a_shop_wait_for_one_another_and_shops_take_turns(market, seller):
    other = market.open_shop("Other")
    first = await market.begin_import(seller, many(600))
    second = await market.begin_import(seller, many(600))
    beside = await market.begin_import(other, HOME)
    await market.host.run_job("work_imports")
    done = [
        await market.look_at_import(whose, each.id)
        for whose, each in ((seller, first), (seller, second), (other, beside))
    ]
    assert [counts(each) for each in done] == [
        ("done", 600, 0, 0),
        ("done", 0, 0, 0),
        ("done", 20, 0, 0),
    ]
    assert done[2].finished_at < done[0].finished_at < done[1].finished_at


async def test_an_import_that_was_cut_short_goes_on_where_it_was(market, seller):
    begun = await market.begin_import(seller, many(1600))
    went_by = 0

    async def cut(request):
        nonlocal went_by
        went_by += 1
        if went_by == 3:
            raise Unavailable(service="inventory")

    market.inventory.on_set = cut
    with pytest.raises(Unavailable):
        await importer_of(market).work()
    half = await market.look_at_import(seller, begun.id)
    assert (half.status, half.rows_done, half.created) == (ImportStatus.RUNNING, 1000, 1000)

    await importer_of(market).work()

    done = await market.look_at_import(seller, begun.id)
    assert (counts(done), done.rows_done) == (("done", 1600, 0, 0), 1600)
    assert len(market.inventory.stock) == 1600
    assert await market.host.database.fetchval("select count(*) from variants") == 1600
    assert await market.host.database.fetchval("select file is null from imports")


async def test_stock_that_was_told_before_a_crash_is_not_told_twice(market, seller):
    begun = await market.begin_import(seller, APPAREL)
    arm("catalog.import.between", "error*1")
    await market.host.run_job("work_imports")
    assert counts(await market.look_at_import(seller, begun.id)) == ("done", 20, 0, 0)
    products = await market.catalogue(seller)
    variants = {variant.id for product in products for variant in product.variants}
    assert market.inventory.stock.keys() == variants


async def test_two_processes_at_one_import_do_it_once(market, seller):
    begun = await market.begin_import(seller, many(1100))
    await asyncio.gather(importer_of(market).work(), importer_of(market).work())
    done = await market.look_at_import(seller, begun.id)
    assert (counts(done), done.rows_done) == (("done", 1100, 0, 0), 1100)
    assert len(market.inventory.stock) == 1100


async def test_an_import_that_always_stumbles_is_given_up_and_the_next_goes_on(market, seller):
    bad = await market.begin_import(seller, APPAREL)
    arm("catalog.import.between", "error*5")
    good = await market.begin_import(seller, HOME)
    await market.host.run_job("work_imports")
    disarm()
    ended = await market.look_at_import(seller, bad.id)
    assert ended.status is ImportStatus.FAILED
    assert "could not be finished" in ended.errors[0].message
    assert counts(await market.look_at_import(seller, good.id)) == ("done", 20, 0, 0)
    assert (
        await market.host.database.fetchval("select count(*) from imports where file is null") == 2
    )


async def test_a_seller_who_changes_a_price_meanwhile_is_not_overlooked(market, seller):
    """The plan was made before; it is made anew, so that the sheet's price stands in the end."""
    await market.import_sheet(seller, sheet(head(sku="A", qty=1)))
    (product,) = await market.catalogue(seller)

    async def change(request):
        market.inventory.on_set = None
        with acting(Call(caller=seller.caller)):
            price = Money(777, "USD")
            await market.client.set_price(SetPriceRequest(product_id=product.id, price=price))

    market.inventory.on_set = change
    done = await market.import_sheet(seller, sheet(head(sku="A", qty=2, vendor="Acme")))
    assert counts(done) == ("done", 0, 1, 0)
    (after,) = await market.catalogue(seller)
    assert (after.brand, after.price) == ("Acme", Money(1000, "USD"))
    told = await market.host.published(PriceChanged)
    assert [event.price.amount for event in told] == [777, 1000]


async def test_a_sku_that_is_taken_meanwhile_is_told(market, seller):
    async def take(request):
        market.inventory.on_set = None
        await market.create(seller, "Quicker", variants=(seller.variant("A"),))

    market.inventory.on_set = take
    done = await market.import_sheet(seller, sheet(head(sku="A"), head("other")))
    assert counts(done) == ("done", 1, 0, 1)
    assert [(each.row, each.field) for each in done.errors] == [(2, "Variant SKU")]


async def test_an_import_starts_by_itself_at_once(servers):
    shops, inventory = Shops(), Inventory()
    fakes = neighbours(shops, inventory)
    async with hosted("catalog", servers, fakes=fakes, bus=True) as host:
        market = Market(host, shops, inventory)
        seller = market.open_shop()
        begun = await market.begin_import(seller, APPAREL)

        async def is_done():
            return (await market.look_at_import(seller, begun.id)).status is ImportStatus.DONE

        await eventually(is_done)
