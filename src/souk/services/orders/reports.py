"""Orders in sums and in lists across shops."""

from __future__ import annotations

from datetime import datetime

from souk.contracts.orders import (
    DaySales,
    ListAllOrdersRequest,
    OrderPage,
    OrderSummary,
    ShopSales,
)
from souk.kernel.cursors import read_cursor, write_cursor
from souk.kernel.database import Queries
from souk.services.orders.queries import PAGE_SIZE_DEFAULT, place_of

DAYS_DEFAULT = 30
SALES = """
with days as (
    select day::date as day
    from generate_series(($2::timestamptz at time zone 'utc')::date - ($3 - 1),
                         ($2::timestamptz at time zone 'utc')::date, interval '1 day') as day
), sold as (
    select (placed_at at time zone 'utc')::date as day, count(*)::int as orders,
           sum(subtotal_amount - discount_amount)::bigint as amount
    from orders
    where shop_id = $1 and status <> 'cancelled'
      and placed_at >= (($2::timestamptz at time zone 'utc')::date - ($3 - 1)) at time zone 'utc'
    group by 1
)
select to_char(days.day, 'YYYY-MM-DD') as day, coalesce(orders, 0) as orders,
       coalesce(amount, 0) as amount
from days left join sold using (day) order by days.day limit 366
"""
STANDING = """
select (select count(*) from orders
         where shop_id = $1 and status in ('confirmed', 'processing'))::int as to_fulfill,
       coalesce((select currency from orders where shop_id = $1 limit 1), '') as currency
"""
ALL = """
select id, order_number, shop_id, status, total_amount, currency, item_count, placed_at
from orders
where ($1::text is null or status = $1) and ($2 = '' or order_number like $2 || '%')
  and ($3::timestamptz is null or (placed_at, id) < ($3, $4::uuid))
  and {ours}
order by placed_at desc, id desc limit $5 offset $6
"""
# A text each, so that the few that are named are looked up by their key.
EVERY, NAMED = ALL.format(ours="true"), ALL.format(ours="id = any($7::uuid[])")


async def shop_sales(db: Queries, shop_id: str, *, days: int, now: datetime) -> ShopSales:
    """Of the goods, after discounts; shipping and tax are nobody's sales."""
    rows = await db.fetch_as(DaySales, SALES, shop_id, now, days or DAYS_DEFAULT)
    standing = await db.fetchrow(STANDING, shop_id)
    assert standing is not None  # it has no from
    return ShopSales(
        days=tuple(rows), currency=standing["currency"], to_fulfill=standing["to_fulfill"]
    )


async def list_all_orders(db: Queries, request: ListAllOrdersRequest) -> OrderPage:
    page, size = request.page or 1, request.page_size or PAGE_SIZE_DEFAULT
    after = read_cursor(request.cursor)
    found = await db.fetch_as(
        OrderSummary,
        NAMED if request.order_ids else EVERY,
        request.status.value if request.status else None,
        request.number,
        after.at if after else None,
        after.id if after else None,
        size + 1,  # one more than shown tells whether there is a next page
        0 if after else (page - 1) * size,
        *([request.order_ids] if request.order_ids else []),
    )
    items = tuple(found[:size])
    next_cursor = write_cursor(place_of(items[-1])) if len(found) > size else ""
    return OrderPage(items=items, page=page, page_size=size, next_cursor=next_cursor)
