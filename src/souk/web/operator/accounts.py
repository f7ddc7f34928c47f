"""What the ledger's accounts are called: they are named after ids, and people know other names."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from souk.contracts.orders import LIST_ALL_ORDERS, ListAllOrdersRequest
from souk.contracts.payments import Balance, Transfer
from souk.contracts.shops import LIST_SHOPS_TO_APPROVE, ListShopsToApproveRequest
from souk.web.operator.console import HOME, may
from souk.web.visit import Visit

AT_ONCE = 100


class Name(Struct, frozen=True):
    """An order's number or a shop's name, and where more is said of it."""

    text: str
    href: str


async def names_of(
    visit: Visit, balances: Sequence[Balance], transfers: Sequence[Transfer]
) -> dict[str, Name]:
    """By account; of those alone that an order or a shop stands behind."""
    accounts = {one.account for one in balances}
    accounts |= {entry.account for one in transfers for entry in one.entries}
    orders, shops = ids_of("escrow", accounts), ids_of("seller", accounts)
    found = await asyncio.gather(
        *(orders_named(visit, some) for some in batches(orders)),
        *(shops_named(visit, some) for some in batches(shops)),
    )
    return {account: name for names in found for account, name in names.items()}


def ids_of(kind: str, accounts: Iterable[str]) -> list[str]:
    parted = (account.partition(":") for account in accounts)
    return sorted(thing for each, _, thing in parted if each == kind)


def batches(ids: Sequence[str]) -> Iterator[tuple[str, ...]]:
    for start in range(0, len(ids), AT_ONCE):
        yield tuple(ids[start : start + AT_ONCE])


async def orders_named(visit: Visit, ids: tuple[str, ...]) -> dict[str, Name]:
    if not may(visit, LIST_ALL_ORDERS):
        return {}
    found = await visit.souk.orders.list_all_orders(
        ListAllOrdersRequest(order_ids=ids, page_size=AT_ONCE)
    )
    return {
        f"escrow:{one.id}": Name(one.order_number, f"{HOME}/orders/{one.id}") for one in found.items
    }


async def shops_named(visit: Visit, ids: tuple[str, ...]) -> dict[str, Name]:
    if not may(visit, LIST_SHOPS_TO_APPROVE):
        return {}
    found = await visit.souk.shops.list_shops_to_approve(ListShopsToApproveRequest(shop_ids=ids))
    return {f"seller:{one.id}": Name(one.name, f"/s/{one.slug}") for one in found.items}
