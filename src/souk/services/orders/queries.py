"""Orders and checkouts, as they are asked for."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from souk.contracts.common import Address
from souk.contracts.orders import (
    CheckoutNotFound,
    ListOrdersRequest,
    ListShopOrdersRequest,
    OrderNotFound,
    OrderPage,
    OrderStatus,
    OrderSummary,
)
from souk.kernel.cursors import Place, read_cursor, write_cursor
from souk.kernel.database import Queries
from souk.services.orders.model.order import StoredOrder
from souk.services.orders.rows import CONTACT, ORDER

PAGE_SIZE_DEFAULT = 20

# Column names are the only thing put into these texts.
ORDER_BY_ID = f"select {ORDER} from orders where orders.id = $1"  # noqa: S608
ORDERS_BY_ID = f"select {ORDER} from orders where orders.id = any(array(select unnest($1::uuid[])))"  # noqa: S608
ORDERS_OF_CHECKOUT = f"""
select {ORDER} from orders where checkout_id = $1 order by orders.id limit 200
"""  # noqa: S608
STATUS = "select status from orders where id = $1"
OPEN_ORDERS = """
select count(*) from (select from orders where shop_id = any($1::uuid[])
                      and status in ('confirmed', 'processing', 'shipped') limit 1000) as open
"""
CHECKOUT = f"""
select id, buyer_id, guest_token_hash, request_hash, status, refusal, {CONTACT} from checkouts
"""  # noqa: S608
CHECKOUT_BY_ID = f"{CHECKOUT} where id = $1"
CHECKOUT_BY_KEY = f"{CHECKOUT} where owner = $1 and idempotency_key = $2"
CHECKOUT_OF_CART = """
select id from checkouts
where cart_id = $1 and (status = 'running' or (cart_version = $2 and status = 'confirmed'))
limit 1
"""
KNOWN_CHECKOUTS = "select id from checkouts where id = any($1::uuid[]) limit 200"
SUMMARIES = """
select id, order_number, shop_id, status, total_amount, currency, item_count, placed_at
from orders
where {owner} = $1 and ($2::text is null or status = $2)
  and ($3::timestamptz is null or (placed_at, id) < ($3, $4::uuid))
order by placed_at desc, id desc limit $5 offset $6
"""
OF_BUYER = SUMMARIES.format(owner="buyer_id")
OF_SHOP = SUMMARIES.format(owner="shop_id")


class StoredCheckout(Struct, frozen=True, kw_only=True):
    """A checkout as it is kept; how far it is, is in the journal of its saga."""

    id: str
    buyer_id: str = ""
    guest_token_hash: str = ""
    request_hash: bytes
    status: str
    refusal: str
    shipping_address: Address | None = None  # of whoever was erased


async def get_order(db: Queries, order_id: str) -> StoredOrder:
    found = await db.fetchrow_as(StoredOrder, ORDER_BY_ID, order_id)
    if found is None:
        raise OrderNotFound()
    return found


async def find_orders(db: Queries, order_ids: Sequence[str]) -> list[StoredOrder | None]:
    """In the order they are asked for; at most 100."""
    found = {each.id: each for each in await db.fetch_as(StoredOrder, ORDERS_BY_ID, order_ids)}
    return [found.get(order_id) for order_id in order_ids]


async def get_status(db: Queries, order_id: str) -> OrderStatus:
    found = await db.fetchval(STATUS, order_id)
    if found is None:
        raise OrderNotFound()
    return OrderStatus(found)


async def count_open_orders(db: Queries, shop_ids: Sequence[str]) -> int:
    """Of these shops; at most 1,000."""
    count: int = await db.fetchval(OPEN_ORDERS, shop_ids)
    return count


async def get_checkout(db: Queries, checkout_id: str) -> StoredCheckout:
    found = await db.fetchrow_as(StoredCheckout, CHECKOUT_BY_ID, checkout_id)
    if found is None:
        raise CheckoutNotFound()
    return found


async def find_checkout(db: Queries, *, owner: str, key: str) -> StoredCheckout | None:
    """The checkout that somebody's idempotency key stands for."""
    return await db.fetchrow_as(StoredCheckout, CHECKOUT_BY_KEY, owner, key)


async def find_checkout_of_cart(db: Queries, cart_id: str, *, version: int) -> str | None:
    """The checkout that runs for this cart, or has just bought what is still seen in it."""
    found: str | None = await db.fetchval(CHECKOUT_OF_CART, cart_id, version)
    return found


async def known_checkouts(db: Queries, checkout_ids: Sequence[str]) -> set[str]:
    """Those of them that are here."""
    return {row["id"] for row in await db.fetch(KNOWN_CHECKOUTS, checkout_ids)}


async def list_checkout_orders(db: Queries, checkout_id: str) -> list[StoredOrder]:
    return await db.fetch_as(StoredOrder, ORDERS_OF_CHECKOUT, checkout_id)


async def list_orders(db: Queries, request: ListOrdersRequest, *, buyer_id: str) -> OrderPage:
    return await _list(db, OF_BUYER, buyer_id, request)


async def list_shop_orders(db: Queries, request: ListShopOrdersRequest) -> OrderPage:
    return await _list(db, OF_SHOP, request.shop_id, request)


async def _list(
    db: Queries, sql: str, owner_id: str, request: ListOrdersRequest | ListShopOrdersRequest
) -> OrderPage:
    page, size = request.page or 1, request.page_size or PAGE_SIZE_DEFAULT
    after = read_cursor(request.cursor)
    found = await db.fetch_as(
        OrderSummary,
        sql,
        owner_id,
        request.status.value if request.status else None,
        after.at if after else None,
        after.id if after else None,
        size + 1,  # one more than shown tells whether there is a next page
        0 if after else (page - 1) * size,
    )
    items = tuple(found[:size])
    return OrderPage(
        items=items,
        page=page,
        page_size=size,
        next_cursor=write_cursor(place_of(items[-1])) if len(found) > size else "",
    )


def place_of(last: OrderSummary) -> Place:
    assert last.placed_at is not None
    return Place(last.placed_at, last.id)
