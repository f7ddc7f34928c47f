"""Rows become structs by the names of their columns, and say so when they cannot."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

import pytest
from msgspec import Meta, Struct

from souk.kernel.database import Database
from souk.kernel.money import Money

MakeDatabase = Callable[[str], Awaitable[Database]]


class Status(StrEnum):
    OPEN = "open"
    SHIPPED = "shipped"


class Line(Struct, frozen=True, kw_only=True):
    sku: str
    price: Money


class Order(Struct, frozen=True, kw_only=True):
    id: str
    status: Status
    total: Money
    placed_at: datetime
    note: Annotated[str, Meta(max_length=500)] = ""
    earlier: Status | None = None
    refunded: Money | None = None
    shipped_at: datetime | None = None
    tags: tuple[str, ...] = ()
    history: tuple[Status, ...] = ()
    lines: tuple[Line, ...] = ()
    labels: Mapping[str, str] = {}
    largest: Line | None = None


class Amounts(Struct, frozen=True, kw_only=True):
    subtotal: Money
    tax: Money


ID = "0190c5f0-0000-7000-8000-000000000001"
FULL = f"""
select '{ID}'::uuid as id, 'shipped' as status, 1999::bigint as total_amount,
       'USD' as total_currency, timestamptz '2026-05-01 12:00:00+02' as placed_at,
       'to the door' as note, 'open' as earlier, 5::bigint as refunded_amount,
       'USD' as refunded_currency, timestamptz '2026-05-02 00:00:00+00' as shipped_at,
       array['a', 'b'] as tags, array['open', 'shipped'] as history,
       '[{{"sku": "X", "price": {{"amount": 7, "currency": "USD"}}}}]'::jsonb as lines,
       '{{"colour": "red"}}'::jsonb as labels,
       '{{"sku": "X", "price": {{"amount": 7, "currency": "USD"}}}}'::jsonb as largest
"""
BARE = f"""
select '{ID}'::uuid as id, 'open' as status, 1::bigint as total_amount, 'VND' as total_currency,
       now() as placed_at
"""


@pytest.fixture
async def database(database_of: MakeDatabase) -> Database:
    return await database_of("kernel_only")


async def test_every_kind_of_field_is_read_from_its_column(database: Database):
    order = await database.fetchrow_as(Order, FULL)

    line = Line(sku="X", price=Money(7, "USD"))
    assert order == Order(
        id=ID,
        status=Status.SHIPPED,
        total=Money(1999, "USD"),
        placed_at=datetime(2026, 5, 1, 10, tzinfo=UTC),
        note="to the door",
        earlier=Status.OPEN,
        refunded=Money(5, "USD"),
        shipped_at=datetime(2026, 5, 2, tzinfo=UTC),
        tags=("a", "b"),
        history=(Status.OPEN, Status.SHIPPED),
        lines=(line,),
        labels={"colour": "red"},
        largest=line,
    )
    assert type(order.status) is Status
    assert type(order.history[0]) is Status
    assert order.placed_at.tzinfo is UTC


async def test_fields_without_a_column_keep_their_defaults(database: Database):
    order = await database.fetchrow_as(Order, BARE)

    assert order is not None
    assert (order.note, order.tags, order.labels, order.refunded) == ("", (), {}, None)


async def test_a_null_is_none_where_that_is_allowed_and_else_the_default(database: Database):
    order = await database.fetchrow_as(
        Order,
        f"{BARE}, null::text as note, null::text as earlier, null::bigint as refunded_amount,"
        " null::text as refunded_currency, null::text[] as tags, null::jsonb as labels,"
        " null::jsonb as largest, null::timestamptz as shipped_at",
    )

    assert order is not None
    assert (order.note, order.tags, order.labels) == ("", (), {})
    assert order.earlier is order.refunded is order.largest is order.shipped_at is None


async def test_a_null_in_a_required_field_is_refused_by_name(database: Database):
    with pytest.raises(TypeError, match=r"Order\.status is required and the row has null"):
        await database.fetchrow_as(Order, BARE.replace("'open'", "null::text"))


async def test_a_required_field_without_a_column_is_refused_by_name(database: Database):
    with pytest.raises(TypeError, match=r"Order\.placed_at is required and has no column"):
        await database.fetch_as(Order, BARE.replace("placed_at", "_placed_at"))


async def test_a_column_without_a_field_is_refused_by_name(database: Database):
    with pytest.raises(TypeError, match="Order has no field for column colour"):
        await database.fetch_as(Order, f"{BARE}, 'red' as colour")


async def test_a_column_for_the_query_alone_is_passed_over(database: Database):
    orders = await database.fetch_as(Order, f"{BARE}, count(*) over () as _total")

    assert len(orders) == 1


async def test_two_columns_of_one_name_are_refused(database: Database):
    with pytest.raises(TypeError, match="two columns are named id"):
        await database.fetch_as(Order, f"{BARE}, 'twice' as id")


async def test_amounts_of_one_row_may_share_its_currency(database: Database):
    amounts = await database.fetchrow_as(
        Amounts, "select 10::bigint subtotal_amount, 2::bigint tax_amount, 'EUR' as currency"
    )

    assert amounts == Amounts(subtotal=Money(10, "EUR"), tax=Money(2, "EUR"))


async def test_an_amount_without_any_currency_is_refused(database: Database):
    with pytest.raises(TypeError, match=r"Amounts\.subtotal has no currency column"):
        await database.fetch_as(Amounts, "select 1::bigint subtotal_amount, 1::bigint tax_amount")


async def test_text_that_is_no_value_of_the_enum_is_refused(database: Database):
    with pytest.raises(ValueError, match="'lost' is no Status"):
        await database.fetch_as(Order, BARE.replace("'open'", "'lost'"))


async def test_no_rows_make_no_structs(database: Database):
    assert await database.fetch_as(Order, f"{BARE} where false") == []
    assert await database.fetchrow_as(Order, f"{BARE} where false") is None


async def test_one_kind_is_read_from_queries_of_different_columns(database: Database):
    first = await database.fetchrow_as(Order, BARE)
    second = await database.fetchrow_as(Order, FULL)
    third = await database.fetchrow_as(Order, BARE)

    assert first is not None
    assert second is not None
    assert third is not None
    assert (first.note, second.note, third.note) == ("", "to the door", "")


async def test_only_structs_are_made(database: Database):
    with pytest.raises(TypeError, match="is no Struct"):
        await database.fetch_as(dict, "select 1 as one")
