"""Guests are their checkouts: found by their e-mail, handed over, erased, and forgotten in time."""

from __future__ import annotations

from typing import Any

import pytest

from souk.contracts.common import ErasePersonRequest, ExportPersonRequest
from souk.contracts.orders import FindGuestsRequest, Order
from souk.contracts.users import ErasureList, ErasureMustWait
from souk.kernel.context import NOBODY
from souk.kernel.refusals import NotAllowed, SignInRequired
from tests.services.orders.market import ADDRESS, Market, as_
from tests.support.people import service, support

EMAIL = "gus@example.com"
A_YEAR_AND_MORE = "interval '800 days'"


async def bought(market: Market, token: str, email: str = EMAIL) -> Order:
    market.fill_cart(by=token)
    placed = await market.place(by=NOBODY, cart_token=token, email=email)
    await market.finished()
    return placed.orders[0]


async def found(market: Market, email: str = EMAIL) -> list[str]:
    with as_(service("users")):
        answer = await market.client.find_guests(FindGuestsRequest(email=email))
    return list(answer.checkout_ids)


async def erased(market: Market, checkout_id: str) -> Any:
    with as_(service("users")):
        return await market.client.erase_person(ErasePersonRequest(person_id=checkout_id))


async def arrived(market: Market, order: Order) -> None:
    await market.fulfill(order.id)
    await market.deliver(order.id)


async def test_a_guest_is_found_by_the_mailbox_and_nobody_else_is(market: Market) -> None:
    first, second = await bought(market, "t1"), await bought(market, "t2", "Gus@EXAMPLE.com")
    await bought(market, "t3", "gustav@example.com")
    market.fill_cart()
    await market.place(email=EMAIL)  # somebody with an account, who is reached there
    assert await found(market) == [second.checkout_id, first.checkout_id]
    for by in (market.buyer, support(), NOBODY):
        with as_(by), pytest.raises((NotAllowed, SignInRequired)):
            await market.client.find_guests(FindGuestsRequest(email=EMAIL))
    rows = str(await market.database.fetch("select c::text from checkouts as c"))
    assert EMAIL not in rows
    assert EMAIL.encode().hex() not in rows


async def test_a_guest_takes_home_and_leaves_one_purchase_at_a_time(market: Market) -> None:
    first, second = await bought(market, "t1"), await bought(market, "t2")
    assert [each.advice for each in (await erased(market, first.checkout_id)).obstacles]
    await arrived(market, first)
    with as_(service("users")):
        data = await market.client.export_person(ExportPersonRequest(person_id=first.checkout_id))
    told = {record.part: record.json for record in data.records}
    assert {"checkouts", "orders"} <= told.keys()
    assert ADDRESS.street_1 in told["checkouts"]

    parts = {part.part: part for part in (await erased(market, first.checkout_id)).parts}

    assert (parts["checkouts"].erased, parts["orders"].kept) == (1, 1)
    assert await found(market) == [second.checkout_id]
    with as_(NOBODY), as_(service("users")):
        data = await market.client.export_person(ExportPersonRequest(person_id=first.checkout_id))
    assert ADDRESS.street_1 not in str(data)
    for each, keys in ((first, 0), (second, 1)):
        assert await market.count("person_keys where person = $1", each.checkout_id) == keys


async def test_a_buyers_checkout_is_nobody_on_its_own(market: Market) -> None:
    order = await market.bought()
    parts = (await erased(market, order.checkout_id)).parts
    assert not any(part.erased or part.kept for part in parts)
    assert (await market.get(order.id)).shipping_address == ADDRESS


async def test_guests_of_before_are_found_once_a_job_has_hashed_them(market: Market) -> None:
    placed = await bought(market, "t1")
    await market.database.execute("update checkouts set email_key = null")
    assert await found(market) == []
    await market.host.run_job("seal_old_contacts")
    assert await found(market) == [placed.checkout_id]


async def test_why_an_order_was_called_off_is_sealed_and_goes_with_the_contact(
    market: Market,
) -> None:
    order = await market.bought()
    await market.cancel(order.id, reason="We moved to Quillaja Street")
    old = await market.bought()
    await market.cancel(old.id)
    await market.database.execute("alter table order_events disable trigger user")
    await market.database.execute(
        "update order_events set note = 'Of before' where event = 'cancelled' and order_id = $1",
        old.id,
    )
    await market.database.execute("alter table order_events enable trigger user")
    await market.host.run_job("seal_old_contacts")
    for each, words in ((order, "We moved to Quillaja Street"), (old, "Of before")):
        assert (await market.get(each.id)).timeline[-1].note == words
        for table in ("order_events", "checkouts"):
            rows = str(await market.database.fetch(f"select t::text from {table} as t"))
            assert words not in rows
            assert words.encode().hex() not in rows

    with as_(service("users")):
        request = ErasePersonRequest(person_id=market.buyer.user_id, is_replay=True)
        await market.client.erase_person(request)
    assert (await market.get(order.id)).timeline[-1].note == ""


async def test_guests_are_forgotten_when_nobody_needs_to_reach_them(market: Market) -> None:
    told: list[str] = []

    async def forget_guests(request: Any) -> ErasureList:
        told.extend(request.checkout_ids)
        if request.checkout_ids[0] == stuck.checkout_id:
            raise ErasureMustWait(reasons="1 payments or refunds are under way")
        return ErasureList()

    market.users.forget_guests = forget_guests  # type: ignore[attr-defined]  # for once
    stuck, old, open_still, lately = [await bought(market, f"t{n}") for n in range(4)]
    for each in (stuck, old, lately):
        await arrived(market, each)
    await market.database.execute("alter table order_events disable trigger user")
    for each in (stuck, old, open_still):
        await market.database.execute(
            f"update order_events set at = at - {A_YEAR_AND_MORE} where order_id = $1", each.id
        )
    await market.database.execute("alter table order_events enable trigger user")
    await market.database.execute(f"update checkouts set ended_at = ended_at - {A_YEAR_AND_MORE}")

    await market.host.run_job("forget_old_guests")

    assert told == [stuck.checkout_id, old.checkout_id]
