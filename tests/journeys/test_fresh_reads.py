"""A price that changed is seen: by its seller at once, by everybody within a moment."""

from __future__ import annotations

import asyncio

from tests.journeys.people import opened_shop
from tests.support.waiting import eventually

READERS = 12  # on connections of their own, so that every worker process is asked


async def prices(asking, path):
    """What several who ask at once are told."""
    answers = await asyncio.gather(*(asking("GET", path) for _ in range(READERS)))
    return {answer.raise_for_status().json()["price"]["amount"] for answer in answers}


async def test_a_new_price_is_seen_by_its_seller_at_once_and_soon_by_all(http):
    shop = await opened_shop(http)
    product = await shop.product(amount=1000)
    path = f"/products/{product['id']}"
    for amount in range(1001, 1006):
        assert await prices(http.request, path) == {amount - 1}  # every process keeps this answer
        price = {"price": {"amount": amount, "currency": "USD"}}
        await shop.seller.must(200, "PUT", f"{path}/price", json=price)
        assert await prices(shop.seller.ask, path) == {amount}

        async def all_see(amount=amount):
            return await prices(http.request, path) == {amount}

        await eventually(all_see)


async def test_a_cart_knows_the_new_price_before_any_list_does(http):
    shop = await opened_shop(http)
    product = await shop.product(amount=1000)
    path = f"/products/{product['id']}"
    await prices(http.request, path)
    price = {"price": {"amount": 1500, "currency": "USD"}}
    await shop.seller.must(200, "PUT", f"{path}/price", json=price)
    item = {"variant_id": product["variants"][0]["id"], "quantity": 1}
    carts = [http.post("/cart/items", json=item) for _ in range(READERS)]
    for cart in await asyncio.gather(*carts):
        assert cart.json()["items"][0]["unit_price"]["amount"] == 1500, cart.text
