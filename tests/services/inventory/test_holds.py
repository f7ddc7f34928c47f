"""Stock is held, sold and released, and never sold twice."""

import asyncio

import pytest

from souk.contracts.inventory import (
    CheckStockRequest,
    CommitStockRequest,
    HoldWasReleased,
    InsufficientStock,
    InventoryServiceClient,
    NewStock,
    ReleaseStockRequest,
    ReserveStockRequest,
    RestockRequest,
    SetStockRequest,
    StockChanged,
    StockLine,
)
from souk.contracts.shops import ShopService
from souk.kernel.ids import new_id
from souk.kernel.refusals import Unavailable
from tests.support.databases import counted_statements
from tests.support.hosting import hosted
from tests.support.people import as_, service


@pytest.fixture
async def host(servers):
    async with hosted("inventory", servers, fakes={ShopService: object()}) as host:
        with as_(service("orders")):
            yield host


@pytest.fixture
def inventory(host):
    return host.client(InventoryServiceClient)


async def stocked(inventory, *on_hand: int) -> list[str]:
    """New variants, with so many of each."""
    shop, product = new_id(), new_id()
    items = [
        NewStock(
            variant_id=new_id(), product_id=product, shop_id=shop, sku=f"SKU-{n}", on_hand=many
        )
        for n, many in enumerate(on_hand)
    ]
    await inventory.set_stock(SetStockRequest(items=tuple(items)))
    return [item.variant_id for item in items]


async def levels(inventory, *variants: str) -> list[tuple[int, int, int]]:
    found = await inventory.check_stock(CheckStockRequest(variant_ids=variants))
    by_id = {stock.variant_id: stock for stock in found.items}
    return [(by_id[v].on_hand, by_id[v].reserved, by_id[v].available) for v in variants]


def hold(*lines: tuple[str, int], hold_id: str = "", seconds: int = 600) -> ReserveStockRequest:
    return ReserveStockRequest(
        hold_id=hold_id or new_id(),
        lines=tuple(StockLine(variant_id=variant, quantity=many) for variant, many in lines),
        hold_seconds=seconds,
    )


async def test_what_is_held_is_not_available(inventory):
    (shirt,) = await stocked(inventory, 5)
    await inventory.reserve_stock(hold((shirt, 3)))
    assert await levels(inventory, shirt) == [(5, 3, 2)]


async def test_a_hold_is_all_or_nothing_and_names_what_is_missing(inventory):
    shirt, hat = await stocked(inventory, 5, 1)
    with pytest.raises(InsufficientStock) as refused:
        await inventory.reserve_stock(hold((shirt, 2), (hat, 2)))
    assert (refused.value.sku, refused.value.available) == ("SKU-1", 1)
    assert await levels(inventory, shirt, hat) == [(5, 0, 5), (1, 0, 1)]


async def test_the_short_line_is_named_even_after_others_took_theirs(inventory):
    shirt, hat = sorted(await stocked(inventory, 5, 5))
    with pytest.raises(InsufficientStock) as refused:
        await inventory.reserve_stock(hold((shirt, 4), (hat, 6)))
    assert (refused.value.variant_id, refused.value.available) == (hat, 5)


async def test_lines_of_one_variant_count_together(inventory):
    (shirt,) = await stocked(inventory, 5)
    with pytest.raises(InsufficientStock):
        await inventory.reserve_stock(hold((shirt, 3), (shirt, 3)))
    assert await levels(inventory, shirt) == [(5, 0, 5)]


async def test_unknown_variants_are_out_of_stock(inventory):
    with pytest.raises(InsufficientStock):
        await inventory.reserve_stock(hold((new_id(), 1)))


async def test_reserving_committing_and_releasing_twice_count_once(inventory):
    (shirt,) = await stocked(inventory, 5)
    first = hold((shirt, 2))
    await inventory.reserve_stock(first)
    await inventory.reserve_stock(first)
    assert await levels(inventory, shirt) == [(5, 2, 3)]
    for _ in range(2):
        await inventory.commit_stock(CommitStockRequest(hold_id=first.hold_id))
    assert await levels(inventory, shirt) == [(3, 0, 3)]
    second = hold((shirt, 3))
    await inventory.reserve_stock(second)
    for _ in range(2):
        await inventory.release_stock(ReleaseStockRequest(hold_id=second.hold_id))
    assert await levels(inventory, shirt) == [(3, 0, 3)]


async def test_a_hold_released_before_it_came_is_refused_when_it_comes(inventory):
    (shirt,) = await stocked(inventory, 5)
    late = hold((shirt, 1))
    await inventory.release_stock(ReleaseStockRequest(hold_id=late.hold_id))
    with pytest.raises(HoldWasReleased):
        await inventory.reserve_stock(late)
    assert await levels(inventory, shirt) == [(5, 0, 5)]


async def test_releasing_what_was_sold_changes_nothing(inventory):
    (shirt,) = await stocked(inventory, 5)
    sold = hold((shirt, 1))
    await inventory.reserve_stock(sold)
    await inventory.commit_stock(CommitStockRequest(hold_id=sold.hold_id))
    await inventory.release_stock(ReleaseStockRequest(hold_id=sold.hold_id))
    assert await levels(inventory, shirt) == [(4, 0, 4)]


async def test_a_hold_ends_by_itself(inventory, host):
    (shirt,) = await stocked(inventory, 5)
    await inventory.reserve_stock(hold((shirt, 5), seconds=1))
    await host.database.execute("update holds set expires_at = now() - interval '1 second'")
    await host.run_job("release_holds")
    assert await levels(inventory, shirt) == [(5, 0, 5)]


async def test_an_order_whose_hold_ran_out_still_gets_what_is_there(inventory, host):
    (shirt,) = await stocked(inventory, 5)
    slow = hold((shirt, 2), seconds=1)
    await inventory.reserve_stock(slow)
    await host.database.execute("update holds set expires_at = now() - interval '1 second'")
    await host.run_job("release_holds")
    await inventory.commit_stock(CommitStockRequest(hold_id=slow.hold_id))
    assert await levels(inventory, shirt) == [(3, 0, 3)]


async def test_an_order_whose_hold_ran_out_takes_nothing_from_others(inventory, host):
    (shirt,) = await stocked(inventory, 2)
    slow = hold((shirt, 2), seconds=1)
    await inventory.reserve_stock(slow)
    await host.database.execute("update holds set expires_at = now() - interval '1 second'")
    await host.run_job("release_holds")
    await inventory.reserve_stock(hold((shirt, 1)))
    with pytest.raises(HoldWasReleased):
        await inventory.commit_stock(CommitStockRequest(hold_id=slow.hold_id))
    assert await levels(inventory, shirt) == [(2, 1, 1)]


async def test_a_commit_without_a_hold_is_refused(inventory):
    with pytest.raises(HoldWasReleased):
        await inventory.commit_stock(CommitStockRequest(hold_id=new_id()))


async def test_two_hundred_at_once_want_one_of_twenty(inventory):
    (shirt,) = await stocked(inventory, 20)
    tries = [inventory.reserve_stock(hold((shirt, 1))) for _ in range(200)]
    ends = await asyncio.gather(*tries, return_exceptions=True)
    refused = [end for end in ends if isinstance(end, InsufficientStock)]
    assert (len(ends) - len(refused), len(refused)) == (20, 180)
    assert await levels(inventory, shirt) == [(20, 20, 0)]


async def test_carts_that_share_goods_in_other_orders_do_not_lock_each_other_out(inventory):
    shirt, hat, sock = await stocked(inventory, 1000, 1000, 1000)
    there = [(shirt, 1), (hat, 1), (sock, 1)]
    tries = [inventory.reserve_stock(hold(*there)) for _ in range(30)]
    tries += [inventory.reserve_stock(hold(*reversed(there))) for _ in range(30)]
    await asyncio.gather(*tries)
    assert await levels(inventory, shirt, hat, sock) == [(1000, 60, 940)] * 3


async def test_sales_of_the_same_goods_at_once_all_count(inventory, host):
    shirt, hat, sock = await stocked(inventory, 1000, 1000, 1000)
    there = [(shirt, 1), (hat, 2), (sock, 3)]
    holds = [hold(*(there if n % 2 else reversed(there))) for n in range(40)]
    await asyncio.gather(*[inventory.reserve_stock(each) for each in holds])
    sales = [inventory.commit_stock(CommitStockRequest(hold_id=each.hold_id)) for each in holds]
    again = [inventory.commit_stock(CommitStockRequest(hold_id=each.hold_id)) for each in holds]
    others = [inventory.reserve_stock(hold(*there)) for _ in range(20)]
    await asyncio.gather(*sales, *again, *others)
    assert await levels(inventory, shirt, hat, sock) == [
        (960, 20, 940),
        (920, 40, 880),
        (880, 60, 820),
    ]
    sold = await host.database.fetchval(
        "select sum(-on_hand_change) from movements where kind = 'sold' and variant_id = $1", sock
    )
    assert sold == 120


async def test_of_sales_at_once_each_hears_its_own_and_leaves_its_own_movements(inventory, host):
    shirt, hat = await stocked(inventory, 10, 10)
    large, small, gone = hold((shirt, 3), (hat, 1)), hold((shirt, 2)), hold((shirt, 1))
    for each in (large, small, gone):
        await inventory.reserve_stock(each)
    await inventory.release_stock(ReleaseStockRequest(hold_id=gone.hold_id))
    asked = [large.hold_id, gone.hold_id, new_id(), small.hold_id]

    heard = await asyncio.gather(
        *(inventory.commit_stock(CommitStockRequest(hold_id=each)) for each in asked),
        return_exceptions=True,
    )

    refused = [isinstance(each, HoldWasReleased) for each in heard]
    assert refused == [False, False, True, False]  # what is still there is taken anew
    rows = await host.database.fetch(
        "select reason, on_hand_change, reserved_change from movements"
        " where kind = 'sold' and variant_id = $1 order by on_hand_change",
        shirt,
    )
    assert [tuple(row) for row in rows] == [
        (f"checkout {large.hold_id}", -3, -3),
        (f"checkout {small.hold_id}", -2, -2),
        (f"checkout {gone.hold_id}", -1, 0),
    ]


async def test_release_and_commit_of_one_hold_at_once_have_one_winner(inventory):
    for _ in range(20):
        (shirt,) = await stocked(inventory, 2)
        both = hold((shirt, 1))
        await inventory.reserve_stock(both)
        await asyncio.gather(
            inventory.commit_stock(CommitStockRequest(hold_id=both.hold_id)),
            inventory.release_stock(ReleaseStockRequest(hold_id=both.hold_id)),
            return_exceptions=True,
        )
        assert await levels(inventory, shirt) in ([(1, 0, 1)], [(2, 0, 2)])


async def test_a_restock_counts_once(inventory):
    (shirt,) = await stocked(inventory, 1)
    back = RestockRequest(restock_id=new_id(), lines=(StockLine(variant_id=shirt, quantity=2),))
    await asyncio.gather(*[inventory.restock(back) for _ in range(5)])
    assert await levels(inventory, shirt) == [(3, 0, 3)]


async def test_the_sum_of_movements_is_the_stock(inventory, host):
    shirt, hat = await stocked(inventory, 9, 4)
    for many in (1, 2):
        kept, lost = hold((shirt, many), (hat, 1)), hold((shirt, many))
        await inventory.reserve_stock(kept)
        await inventory.reserve_stock(lost)
        await inventory.commit_stock(CommitStockRequest(hold_id=kept.hold_id))
        await inventory.release_stock(ReleaseStockRequest(hold_id=lost.hold_id))
    wrong = await host.database.fetch(
        "select variant_id from stock left join movements using (variant_id) group by variant_id"
        " having max(on_hand) <> sum(on_hand_change) or max(reserved) <> sum(reserved_change)"
    )
    assert wrong == []


async def test_movements_can_neither_be_changed_nor_deleted(inventory, host):
    await stocked(inventory, 1)
    for sql in ("update movements set reason = 'x'", "delete from movements"):
        with pytest.raises(Exception, match="only ever added"):
            await host.database.execute(sql)


async def test_others_hear_when_a_variant_runs_out_and_when_it_is_back(inventory, host):
    (shirt,) = await stocked(inventory, 2)
    last = hold((shirt, 2))
    await inventory.reserve_stock(last)
    await inventory.release_stock(ReleaseStockRequest(hold_id=last.hold_id))
    heard = [event.in_stock for event in await host.published(StockChanged)]
    assert heard == [True, False, True]


async def test_many_who_look_at_once_share_a_statement_and_each_sees_its_own(inventory, host):
    variants = await stocked(inventory, *range(20))
    asked_for = [(*variants[n : n + 3], new_id()) for n in range(18)]
    async with counted_statements(host.database) as asked:
        alone = await inventory.check_stock(CheckStockRequest(variant_ids=asked_for[0]))
        seen = await asyncio.gather(
            *(inventory.check_stock(CheckStockRequest(variant_ids=ids)) for ids in asked_for)
        )
    assert len(asked) == 2
    assert seen[0] == alone
    assert [[stock.on_hand for stock in each.items] for each in seen] == [
        [n, n + 1, n + 2] for n in range(18)
    ]


async def test_a_statement_shared_is_never_cut_off_by_its_limit(inventory, host):
    variants = await stocked(inventory, *range(300))
    request = CheckStockRequest(variant_ids=(*variants, *(new_id() for _ in range(200))))
    others = await stocked(inventory, *range(300))
    async with counted_statements(host.database) as asked:
        first, second = await asyncio.gather(
            inventory.check_stock(request),
            inventory.check_stock(CheckStockRequest(variant_ids=tuple(others))),
        )
    assert (len(asked), len(first.items), len(second.items)) == (2, 300, 300)


async def test_all_who_share_are_refused_when_the_database_is_away(inventory, host):
    (shirt,) = await stocked(inventory, 1)
    await host.database.close()
    ends = await asyncio.gather(
        *(inventory.check_stock(CheckStockRequest(variant_ids=(shirt,))) for _ in range(3)),
        return_exceptions=True,
    )
    assert [type(end) for end in ends] == [Unavailable] * 3
    assert {end.service for end in ends} == {"database"}
