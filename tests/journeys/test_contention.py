"""Many at once: nothing is sold twice, nothing happens twice."""

import asyncio
from collections import Counter

from souk.kernel.ids import new_id
from tests.journeys.people import Person, opened_shop
from tests.support.waiting import eventually


async def guests_with(http, variant_id: str, count: int) -> list[Person]:
    guests = [Person(http) for _ in range(count)]
    await asyncio.gather(*[guest.add(variant_id) for guest in guests])
    return guests


async def test_two_hundred_shoppers_want_one_each_of_twenty(http):
    shop = await opened_shop(http)
    product = await shop.product(stock=20)
    guests = await guests_with(http, product["variants"][0]["id"], 200)
    answers = await asyncio.gather(*[guest.place() for guest in guests])
    assert Counter(answer.status_code for answer in answers) == {201: 20, 409: 180}
    codes = {answer.json()["code"] for answer in answers if answer.status_code == 409}
    assert codes == {"InsufficientStock"}

    async def settled():
        stock = await shop.stock(product)
        return stock if stock["reserved"] == 0 else None

    stock = await eventually(settled)
    assert (stock["on_hand"], stock["available"]) == (0, 0)


async def test_one_key_fifty_times_at_once_for_a_hundred_keys(http):
    """100 effects, 5,000 equal answers; a changed body is refused."""
    shop = await opened_shop(http)
    product = await shop.product(stock=10_000)
    path = f"/products/{product['id']}/inventory/adjustment"
    variant = product["variants"][0]["id"]

    async def copies(number: int) -> set[str]:
        change = {"variant_id": variant, "change": -1, "reason": f"broken {number}"}
        key = f"adjustment-{number}"
        asked = [shop.seller.ask("POST", path, json=change, key=key) for _ in range(50)]
        answers = await asyncio.gather(*asked)
        assert {answer.status_code for answer in answers} == {200}, answers[0].text
        return {answer.text for answer in answers}

    distinct = []
    for batch in range(0, 100, 10):
        distinct += await asyncio.gather(*[copies(batch + n) for n in range(10)])
    assert [len(each) for each in distinct] == [1] * 100
    assert (await shop.stock(product))["on_hand"] == 10_000 - 100
    other = {"variant_id": variant, "change": -2, "reason": "broken 0"}
    refused = await shop.seller.ask("POST", path, json=other, key="adjustment-0")
    assert (refused.status_code, refused.json()["code"]) == (422, "IdempotencyKeyReused")


async def test_one_checkout_however_often_it_is_sent(http):
    shop = await opened_shop(http)
    product = await shop.product(stock=100)
    guests = await guests_with(http, product["variants"][0]["id"], 10)

    async def copies(guest: Person) -> str:
        body, key = guest.order(), new_id()
        asked = [guest.ask("POST", "/orders", json=body, key=key) for _ in range(20)]
        answers = await asyncio.gather(*asked)
        assert {answer.status_code for answer in answers} == {201}, answers[0].text
        (checkout,) = {answer.json()["checkout"]["id"] for answer in answers}
        changed = body | {"shipping_method": "express"}
        refused = await guest.ask("POST", "/orders", json=changed, key=key)
        assert (refused.status_code, refused.json()["code"]) == (422, "IdempotencyKeyReused")
        return checkout

    checkouts = await asyncio.gather(*[copies(guest) for guest in guests])
    assert len(set(checkouts)) == 10
    assert (await shop.stock(product))["available"] == 90


async def test_a_checkout_needs_a_key(http):
    shop = await opened_shop(http)
    product = await shop.product()
    guest = Person(http)
    await guest.add(product["variants"][0]["id"])
    refused = await guest.ask("POST", "/orders", json=guest.order())
    assert (refused.status_code, refused.json()["code"]) == (400, "IdempotencyKeyRequired")
