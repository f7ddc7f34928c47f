"""How much of each product was bought lately is counted, and told where it changed."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from souk.contracts.orders import Order, ProductsSold
from souk.contracts.payments import PaymentRefunded
from souk.kernel.ids import new_id
from souk.kernel.money import Money
from souk.services.orders.use_cases import count_sold as counting
from tests.services.orders.market import Market


async def told(market: Market) -> dict[str, int]:
    """What this count tells that was not told before, by product."""
    known = len(await market.host.published(ProductsSold))
    await market.host.run_job("count_what_sold")
    events = (await market.host.published(ProductsSold))[known:]
    return {each.product_id: each.units for event in events for each in event.products}


async def refund(market: Market, order: Order, amount: Money) -> None:
    assert order.payment_id
    event = PaymentRefunded(
        payment_id=order.payment_id, order_id=order.id, refund_id=new_id(), amount=amount
    )
    await market.host.deliver(event)


async def test_units_of_all_orders_are_told_once(market: Market) -> None:
    tee, mug = market.article(2000), market.article(900)
    await market.bought(tee, quantity=2)
    await market.bought(tee, mug)
    market.fill_cart(market.article())  # which nobody bought
    await market.database.execute("truncate products_sold, outbox")  # jobs ran while they bought
    assert await told(market) == {tee.product_id: 3, mug.product_id: 1}
    assert await told(market) == {}
    await market.bought(mug)
    await market.database.execute("update products_sold set units = 1 where units = 2")
    assert await told(market) == {mug.product_id: 2}


async def test_what_was_cancelled_or_refunded_whole_does_not_count(market: Market) -> None:
    tee = market.article(2000)
    orders = [await market.bought(tee) for _ in range(3)]
    await told(market)
    await market.cancel(orders[0].id)
    assert await told(market) == {tee.product_id: 2}
    total = orders[1].total
    await refund(market, orders[1], Money(1, total.currency))
    assert await told(market) == {}, "a part of the money went back: the goods did not"
    await refund(market, orders[1], Money(total.amount - 1, total.currency))
    assert await told(market) == {tee.product_id: 1}


async def test_a_month_later_nothing_is_left_of_it(market: Market) -> None:
    tee, mug = market.article(), market.article()
    await market.bought(tee)
    market.clock.advance(timedelta(days=20))
    await market.bought(mug)
    await told(market)
    market.clock.advance(timedelta(days=20))
    assert await told(market) == {tee.product_id: 0}
    market.clock.advance(timedelta(days=20))
    assert await told(market) == {mug.product_id: 0}
    assert await market.count("products_sold") == 0


async def test_many_changes_go_in_several_events_a_shop_each(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    articles = [market.article(shop_id=shop) for shop in (new_id(), new_id()) for _ in range(2)]
    await market.bought(*articles)
    await market.database.execute("truncate products_sold, outbox")
    monkeypatch.setattr(counting, "AT_ONCE", 3)
    assert await told(market) == {article.product_id: 1 for article in articles}
    events = await market.host.published(ProductsSold)
    assert len(events) == 3
    shops = {article.product_id: article.shop_id for article in articles}
    assert all(
        shops[each.product_id] == event.shop_id for event in events for each in event.products
    )


async def test_two_counts_at_once_tell_what_changed_once(market: Market) -> None:
    tee = market.article()
    await market.bought(tee)
    await market.database.execute("truncate products_sold, outbox")
    now = market.clock.now()
    await asyncio.gather(
        *(market.database.transact(counting.count_sold, now=now) for _ in range(3))
    )
    (event,) = await market.host.published(ProductsSold)
    assert [(each.product_id, each.units) for each in event.products] == [(tee.product_id, 1)]
