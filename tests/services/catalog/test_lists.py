"""Pages of products: filtered, ordered, counted, and by index."""

import asyncio
import base64
import json
import re
from contextlib import contextmanager
from datetime import timedelta

import msgspec
import pytest

from souk.contracts.catalog import (
    CursorRefused,
    DeleteProductRequest,
    GetOffersRequest,
    Image,
    ListProductsRequest,
    ListShopProductsRequest,
    ProductCard,
    ProductStatus,
    SetPriceRequest,
    UpdateProductRequest,
)
from souk.contracts.orders import ProductsSold, SoldProduct
from souk.contracts.shops import ShopUpdated
from souk.kernel.context import Call, Caller, acting
from souk.kernel.ids import new_id
from souk.kernel.money import Money
from souk.services.catalog.listing import SORTS, TOTAL_MAX, Listing
from souk.services.catalog.queries import BY_HANDLES
from tests.services.catalog.market import OPERATOR, SHOPPER, STRANGER


@contextmanager
def counting(database):
    """The statements that are asked outside transactions."""
    asked, ask = [], database._ask

    async def counted(do, sql, args):
        asked.append(sql)
        return await ask(do, sql, args)

    database._ask = counted
    yield asked
    del database._ask


@pytest.fixture
def listed(market):
    async def listed(**fields):
        return await market.client.list_products(ListProductsRequest(**fields))

    return listed


def names(page):
    return [item.name for item in page.items]


async def test_a_card_shows_what_a_list_needs(market, seller, listed):
    product = await market.create(
        seller,
        category="apparel/tees",
        brand="Acme",
        images=(Image(url="https://x/1.jpg"),),
        variants=(seller.variant("A", 500, compare_at_price=Money(700, "USD")),),
    )
    page = await listed()
    assert page.items == (
        ProductCard(
            id=product.id,
            slug="tee",
            name="Tee",
            shop_id=seller.shop_id,
            shop_name="Corner",
            category="apparel/tees",
            brand="Acme",
            price=Money(500, "USD"),
            compare_at_price=Money(700, "USD"),
            image_url="https://x/1.jpg",
            in_stock=True,
        ),
    )
    assert (page.page, page.page_size, page.total, page.next_cursor) == (1, 20, 1, "")


@pytest.fixture
async def seven(market, seller):
    """Seven products: `P0` is the oldest and the dearest; prices come in pairs."""
    made = [
        await market.create(
            seller, f"P{number}", variants=(seller.variant(f"S{number}", 1000 - number // 2),)
        )
        for number in range(7)
    ]
    for number, product in enumerate(made):
        await market.host.database.execute(
            "update products set rating = $2::int, units_sold = $2 where id = $1",
            product.id,
            number % 3,
        )
    return made


@pytest.mark.parametrize("sort", ["", "newest", "price", "-price", "rating", "popular"])
async def test_pages_and_cursors_show_everything_once_in_order(listed, seven, sort):
    everything = (await listed(sort=sort, page_size=100)).items
    by_page = [
        item
        for page in range(1, 5)
        for item in (await listed(sort=sort, page=page, page_size=2)).items
    ]
    by_cursor, cursor = [], ""
    for _ in range(4):
        page = await listed(sort=sort, page_size=2, cursor=cursor)
        by_cursor += page.items
        assert page.total == 7
        cursor = page.next_cursor
    assert cursor == ""
    assert list(everything) == by_page == by_cursor
    assert len({item.id for item in everything}) == 7
    key = {
        "price": lambda item: item.price.amount,
        "-price": lambda item: -item.price.amount,
        "rating": lambda item: -item.rating,
        "popular": lambda item: -(int(item.name[1:]) % 3),
    }.get(sort, lambda item: -int(item.name[1:]))
    assert list(everything) == sorted(everything, key=key)


async def test_a_page_beyond_the_end_is_empty_and_knows_the_total(listed, seven):
    page = await listed(page=50)
    assert (page.items, page.total, page.page, page.next_cursor) == ((), 7, 50, "")


async def test_an_empty_list_has_a_total_of_nothing(listed):
    page = await listed(category="nothing/here")
    assert (page.items, page.total) == ((), 0)


async def test_a_list_is_one_statement(market, listed, seven):
    for fields in ({}, {"page_size": 2}, {"page": 2, "page_size": 2}, {"sort": "price"}):
        with counting(market.host.database) as asked:
            await listed(**fields)
        assert len(asked) == 1


async def test_totals_are_counted_now_and_then(market, seller, listed, seven):
    assert (await listed(page_size=2)).total == 7
    await market.create(seller)
    with counting(market.host.database) as asked:
        assert (await listed(page_size=2)).total == 7
    assert "count(*)" not in asked[0]
    # A page that holds everything tells the truth at once.
    assert (await listed(page_size=100)).total == 8


def test_counting_goes_no_further_than_it_helps():
    sql, _ = Listing(category="a", text="b").sql(counts=True)
    assert f"limit {TOTAL_MAX}) as found" in sql


def cursor_of(*values):
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


ID = "0190e7a2-0000-7000-8000-000000000001"


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "!!!!",
        "é",
        cursor_of(),
        cursor_of("newest", "2026-01-01T00:00:00", ID),
        cursor_of("newest", "0001-01-01T00:00:00+23:59", ID),
        cursor_of("newest", "9999-12-31T23:59:59-23:59", ID),
        cursor_of("newest", 5, ID),
        cursor_of("newest", "2026-01-01T00:00:00Z", "no-id"),
        cursor_of("price", 5, ID),
        "A" * 500,
    ],
)
async def test_a_strange_cursor_is_refused(listed, cursor):
    with pytest.raises(CursorRefused):
        await listed(cursor=cursor)


@pytest.mark.parametrize("value", [2**63, -1, 1.5, "1"])
async def test_a_cursor_of_a_strange_price_is_refused(listed, value):
    with pytest.raises(CursorRefused):
        await listed(cursor=cursor_of("price", value, ID), sort="price")


async def test_a_category_includes_what_lies_below(market, seller, listed):
    for category in ("a", "a/b", "a/b/c", "ab", ""):
        await market.create(seller, category or "none", category=category)
    assert set(names(await listed(category="a"))) == {"a", "a/b", "a/b/c"}
    assert set(names(await listed(category="a/b/"))) == {"a/b", "a/b/c"}
    assert names(await listed(category="b")) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("shirt", {"Blue Shirt", "Shirt-dress"}),
        ("SHI", {"Blue Shirt", "Shirt-dress"}),
        ("blue shirt", {"Blue Shirt"}),
        ("creme", {"Crème"}),
        ("crÈme", {"Crème"}),
        ("acme", {"Blue Shirt"}),
        ("summer", {"Crème"}),
        ("鞋", {"鞋子"}),
        ("'; drop table products; --", set()),
        ("!!!", set()),
        ("blue & | ! shirt:*", {"Blue Shirt"}),
        ("   ", {"Blue Shirt", "Shirt-dress", "Crème", "鞋子"}),
    ],
)
async def test_words_are_found_in_name_brand_and_tags(market, seller, listed, text, found):
    await market.create(seller, "Blue Shirt", brand="Acme")
    await market.create(seller, "Shirt-dress")
    await market.create(seller, "Crème", tags=("Summer Sale",))
    await market.create(seller, "鞋子")
    assert set(names(await listed(q=text))) == found


async def test_a_shop_lists_its_own(market, seller, listed):
    other = market.open_shop("Other")
    await market.create(seller, "Mine")
    await market.create(other, "Theirs")
    assert names(await listed(shop_id=seller.shop_id)) == ["Mine"]
    page = await market.client.list_shop_products(ListShopProductsRequest(shop_id=other.shop_id))
    assert names(page) == ["Theirs"]


async def test_drafts_are_for_the_shop_and_for_operators(market, seller, listed):
    await market.create(seller, "Draft", is_draft=True)
    await market.create(seller, "Published")
    assert names(await listed()) == ["Published"]

    async def seen_by(caller, **fields):
        request = ListShopProductsRequest(shop_id=seller.shop_id, **fields)
        with acting(Call(caller=caller)):
            return set(names(await market.client.list_shop_products(request)))

    for caller in (Caller(), SHOPPER, STRANGER):
        assert await seen_by(caller) == {"Published"}
        assert await seen_by(caller, status=ProductStatus.DRAFT) == set()
    for caller in (seller.caller, OPERATOR):
        assert await seen_by(caller) == {"Published", "Draft"}
        assert await seen_by(caller, status=ProductStatus.DRAFT) == {"Draft"}


async def test_a_paused_shop_is_in_no_list(market, seller, listed):
    await market.create(seller)
    await market.host.deliver(ShopUpdated(shop_id=seller.shop_id, name="Corner", is_selling=False))
    assert names(await listed()) == []


async def test_offers_come_in_one_statement_with_what_a_cart_needs(market, seller):
    product = await market.create(
        seller,
        category="a",
        weight_grams=300,
        images=(Image(url="https://x/p.jpg"),),
        variants=(
            seller.variant("M", 500, options={"Size": "M"}),
            seller.variant(
                "L", 600, options={"Size": "L"}, weight_grams=9, image_url="https://x/v.jpg"
            ),
        ),
    )
    draft = await market.create(seller, "Draft", is_draft=True)
    ids = [variant.id for variant in (*product.variants, *draft.variants)]
    with (
        acting(Call(caller=Caller(service="pricing"))),
        counting(market.host.database) as asked,
    ):
        answer = await market.client.get_offers(
            GetOffersRequest(variant_ids=(*ids, new_id(), "no id at all"))
        )
    assert len(asked) == 1
    offers = {offer.variant_id: offer for offer in answer.items}
    assert offers.keys() == set(ids)
    medium, large, hidden = (offers[variant_id] for variant_id in ids)
    assert (medium.sku, medium.name, medium.variant_name) == ("M", "Tee", "M")
    assert (medium.price, medium.weight_grams) == (Money(500, "USD"), 300)
    assert (medium.image_url, large.image_url) == ("https://x/p.jpg", "https://x/v.jpg")
    assert (large.weight_grams, medium.category, medium.shop_id) == (9, "a", seller.shop_id)
    assert (medium.is_sellable, hidden.is_sellable) == (True, False)


async def test_offers_that_many_ask_for_at_once_come_in_one_statement(market, seller):
    products = [await market.create(seller, f"No {n}") for n in range(5)]
    ids = [product.variants[0].id for product in products]
    pairs = [(first, new_id(), second) for first in ids for second in ids]
    with (
        acting(Call(caller=Caller(service="pricing"))),
        counting(market.host.database) as asked,
    ):
        answers = await asyncio.gather(
            *(market.client.get_offers(GetOffersRequest(variant_ids=pair)) for pair in pairs)
        )
    assert len(asked) == 1
    for pair, answer in zip(pairs, answers, strict=True):
        assert [offer.variant_id for offer in answer.items] == sorted({pair[0], pair[2]})


async def test_a_product_is_at_most_two_questions(market, seller):
    product = await market.create(seller)
    market.inventory.calls.clear()
    with counting(market.host.database) as asked:
        await market.get(product.slug)
    assert (len(asked), market.inventory.calls.total()) == (1, 1)


MANY = """
insert into products (id, shop_id, shop_name, is_shop_selling, handle, slug, status, name, currency,
                      price_amount, in_stock, rating, units_sold, category, category_paths, words,
                      created_at, updated_at)
select gen_random_uuid(), $1, 'Corner', true, n::text, 'many-' || n, 'published', 'P', 'USD',
       n * 7919 % 10007, true, n % 50 / 10.0, n % 60, 'c' || n % 400,
       array['c' || n % 400], array['word' || n % 300], now() - n * $2::interval, now()
from generate_series(1, 20000) as n
"""


async def test_a_first_page_of_twenty_thousand_goes_by_index(market, seller):
    database = market.host.database
    await market.create(seller)
    await database.execute(MANY, seller.shop_id, timedelta(seconds=1))
    # As an import meets it that has just begun to fill a shop: without statistics.
    rows = await database.fetch(
        f"explain {BY_HANDLES}", seller.shop_id, [str(n) for n in range(500)]
    )
    plan = "\n".join(row[0] for row in rows)
    assert "one_handle_a_shop" in plan, plan
    assert "Seq Scan" not in plan, plan
    await database.execute("analyze products")
    asked = [Listing(sort=sort) for sort in SORTS]
    asked += [Listing(category="c7", sort=listing.sort) for listing in asked]
    asked += [Listing(text="word7"), Listing(shop_id=seller.shop_id)]
    asked += [Listing(shop_id=seller.shop_id, is_public=False), Listing(shop_id=new_id())]
    asked += [Listing(shop_id=seller.shop_id, sort="popular")]
    asked += [msgspec.structs.replace(listing, page=3) for listing in asked]
    for listing in asked:
        sql, values = listing.sql(counts=False)
        plan = "\n".join(row[0] for row in await database.fetch(f"explain {sql}", *values))
        assert "Seq Scan" not in plan, f"{listing}\n{plan}"
        assert "Index" in plan


async def test_depth_is_walked_in_an_index_only(market, seller):
    database = market.host.database
    await market.create(seller)
    await database.execute(MANY, seller.shop_id, timedelta(seconds=1))
    await database.execute("update products set category_paths = '{deep}' where rating < 3")
    await database.execute("vacuum analyze products, product_places")
    for sort in SORTS:
        for category in ("", "deep"):
            listing = Listing(sort=sort, category=category, page=500)
            sql, values = listing.sql(counts=False)
            plan = "\n".join(row[0] for row in await database.fetch(f"explain {sql}", *values))
            walked = "product_places" if category else "products"
            assert re.search(rf"Index Only Scan( Backward)? using \w+ on {walked}", plan), plan
            assert "Sort Key" not in plan.partition("Limit")[2], plan
            rows = await database.fetch(sql, *values)
            assert len(rows) == 21
            assert [row["id"] for row in rows] == await from_scratch(database, listing)


async def from_scratch(database, listing):
    """The same page, told by looking at every product."""
    ways = {"newest": ("created_at", "desc"), "price": ("price_amount", "asc"),
            "-price": ("price_amount", "desc"), "rating": ("rating", "desc"),
            "popular": ("units_sold", "desc")}  # fmt: skip
    column, way = ways[listing.sort]
    rows = await database.fetch(
        f"select id from products where is_listed and ($1 = '' or $1 = any(category_paths)) "
        f"order by {column} {way}, id {way} limit {listing.size + 1} "
        f"offset {(listing.page - 1) * listing.size}",
        listing.category,
    )
    return [row["id"] for row in rows]


PLACES = """
select path, id, created_at, price_amount, rating, units_sold from product_places order by id, path
"""
PLACES_FROM_SCRATCH = """
select path, id, created_at, price_amount, rating, units_sold
from products, unnest(category_paths) as path where is_listed order by id, path
"""


async def test_whatever_changes_a_product_stands_where_it_belongs(market, seller, listed):
    async def settled(*expected):
        database = market.host.database
        assert await database.fetch(PLACES) == await database.fetch(PLACES_FROM_SCRATCH)
        assert names(await listed(category="a", sort="price")) == list(expected)

    first = await market.create(seller, "First", category="a/b")
    await market.create(seller, "Draft", category="a", is_draft=True)
    second = await market.create(seller, "Second", category="a/c")
    await settled("First", "Second")

    async def change(product, **fields):
        with acting(Call(caller=seller.caller)):
            await market.client.update_product(
                UpdateProductRequest(product_id=product.id, **fields)
            )

    with acting(Call(caller=seller.caller)):
        dearer = Money(first.price.amount + 1, "USD")
        await market.client.set_price(SetPriceRequest(product_id=first.id, price=dearer))
    await settled("Second", "First")
    sold = SoldProduct(product_id=first.id, units=7)
    await market.host.deliver(
        ProductsSold(shop_id=seller.shop_id, products=(sold,), at=first.created_at)
    )
    await settled("Second", "First")
    assert names(await listed(category="a", sort="popular")) == ["First", "Second"]
    await change(first, category="elsewhere")
    await settled("Second")
    assert names(await listed(category="elsewhere")) == ["First"]
    await change(first, category="a/b/d")
    await change(second, status=ProductStatus.DRAFT)
    await settled("First")
    for is_selling in (False, True):
        told = ShopUpdated(shop_id=seller.shop_id, name="Corner", is_selling=is_selling)
        await market.host.deliver(told)
        await settled(*(["First"] if is_selling else []))
    with acting(Call(caller=seller.caller)):
        await market.client.delete_product(DeleteProductRequest(product_id=first.id))
    await settled()
