"""What people do at a bazaar, each to one end: buying, paying late, cancelling, sending, refunds.

A trip has two parts: `prepare` is done in peace, `act` is where the worker may die. Both repeat
what they asked until there is an answer, as a client with an Idempotency-Key does. `world` is all
that the services hold because of the trip, without ids and times: equal for every run of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, ClassVar

from souk.contracts.api import Role
from souk.kernel.clock import monotonic
from souk.kernel.ids import new_id
from tests.faults.exact.bazaar import Bazaar
from tests.faults.exact.books import world
from tests.journeys.people import Person

LOOK_SECONDS = 0.2  # a look at all the books is some twenty queries


class Trip:
    """Somebody buys two of the article with a coupon."""

    method: ClassVar[str] = "approve"
    quantity = 2
    sold = 2  # what has left the stock for good in the end

    def __init__(self, place: Bazaar) -> None:
        self.place = place
        self.guest = Person(place.http)
        self.key, self.cart_id, self.order = new_id(), "", {}
        self.placed: dict[str, Any] = {}
        self.expected: Any = None
        self.deaths = 0  # how often the worker is to die meanwhile, at most

    @property
    def order_id(self) -> str:
        return str(self.placed["orders"][0]["id"])

    async def prepare(self) -> None:
        item = {"variant_id": self.place.variant_id, "quantity": self.quantity}
        cart = await self.place.must(
            201, self.guest, "POST", "/cart/items", json=item, key=new_id()
        )
        self.guest.cart_token, self.cart_id = cart["token"], cart["id"]
        coupon = {"code": self.place.code}
        await self.place.must(200, self.guest, "POST", "/cart/apply-coupon", json=coupon)
        self.order = self.guest.order(self.method)

    async def act(self) -> None:
        await self.buy(201)

    async def buy(self, status: int) -> None:
        self.placed = await self.place.must(
            status, self.guest, "POST", "/orders", json=self.order, key=self.key
        )

    async def settle(self, *, calm_seconds: float = 0.0) -> Any:
        """The end: as `expected`; or, before anything is, what does not change for a while."""

        def has_come(seen: Any) -> bool:
            return not seen["unfinished"] if self.expected is None else seen == self.expected

        seen = await self.until_world(has_come)
        while calm_seconds:
            await asyncio.sleep(calm_seconds)
            again = await self.until_world(has_come)
            if again == seen:
                break
            seen = again
        return seen

    async def until_world(self, has_come: Callable[[Any], bool]) -> Any:
        begun = monotonic()
        while not has_come(seen := await world(self)):
            assert self.place.is_patient(begun), f"{self}: {_difference(seen, self.expected)}"
            await asyncio.sleep(LOOK_SECONDS)
        return seen

    def __str__(self) -> str:
        return type(self).__name__


class Buys(Trip):
    pass


class IsRefused(Trip):
    """The card is declined: all is undone, the cart is as it was."""

    method, sold = "decline", 0

    async def act(self) -> None:
        await self.buy(402)


class PaysLate(Trip):
    """The bank asks the shopper, who says yes; a webhook tells."""

    method = "challenge"

    async def act(self) -> None:
        await self.buy(202)
        await self.answer(approve=True)
        await self.until("confirmed")

    async def answer(self, *, approve: bool) -> None:
        url = self.placed["checkout"]["payment"]["next_action"]["url"]
        path = "/payments/sandbox/challenges/" + url.rpartition("/")[2]
        answer = {"approve": approve}
        await self.place.must(200, self.guest, "POST", path, json=answer)

    async def until(self, status: str) -> None:
        path, begun = f"/checkouts/{self.placed['checkout']['id']}", monotonic()
        while True:
            found = await self.place.must(200, self.guest, "GET", path)
            if found["checkout"]["status"] == status:
                self.placed = found
                return
            assert self.place.is_patient(begun), f"still {found['checkout']['status']}"
            await asyncio.sleep(0.03)


class SaysNo(PaysLate):
    """The bank asks the shopper, who says no."""

    sold = 0

    async def act(self) -> None:
        await self.buy(202)
        await self.answer(approve=False)
        await self.until("refused")


class NeverAnswers(PaysLate):
    """The bank asks, nobody answers, the time runs out."""

    sold = 0

    async def act(self) -> None:
        await self.buy(202)
        await self.place.value(
            "orders",
            "update sagas set deadline_at = now() where id = $1",
            self.placed["checkout"]["id"],
        )
        await self.until("refused")


class LosesTheAnswer(Trip):
    """The provider charges, but its answer gets lost: the book is asked."""

    method = "timeout_then_charged"


class Bought(Trip):
    """Something that is done with an order that is paid."""

    async def prepare(self) -> None:
        await super().prepare()
        await self.buy(201)
        await self.until_world(lambda seen: not seen["unfinished"] and seen["heard"])


class Cancels(Bought):
    sold = 0

    async def act(self) -> None:
        path = f"/orders/{self.order_id}/cancel"
        await self.place.must(200, self.guest, "PUT", path, json={"reason": "mistake"})


class CancelsAtOnce(Trip):
    """Before the money was captured, perhaps."""

    sold = 0

    async def act(self) -> None:
        await self.buy(201)
        path = f"/orders/{self.order_id}/cancel"
        await self.place.must(200, self.guest, "PUT", path, json={"reason": "mistake"})


class GetsSomeBack(Bought):
    """Support gives a part of the money back."""

    async def act(self) -> None:
        payment_id = self.placed["checkout"]["payment"]["id"]
        wish = {"order_id": self.order_id, "amount": {"amount": 700, "currency": "USD"}}
        support = self.place.staff(Role.SUPPORT)
        path = f"/payments/{payment_id}/refund"
        refund = await self.place.must(201, support, "POST", path, json=wish, key=self.key)
        assert refund["amount"]["amount"] == 700


class IsSent(Bought):
    """The shop sends it, it arrives, the money is shared out."""

    async def act(self) -> None:
        shop = self.place.shop
        path = f"/shops/{shop.id}/orders/{self.order_id}/fulfill"
        sent = {"carrier": "souk"}
        await self.place.must(200, shop.seller, "POST", path, json=sent, key=self.key)
        courier = self.place.staff(Role.COURIER)
        await self.place.must(200, courier, "PUT", f"/orders/{self.order_id}/deliver", json={})


TRIPS: tuple[type[Trip], ...] = (
    Buys,
    IsRefused,
    PaysLate,
    SaysNo,
    NeverAnswers,
    LosesTheAnswer,
    Cancels,
    CancelsAtOnce,
    GetsSomeBack,
    IsSent,
)


def _difference(seen: Any, expected: Any) -> str:
    if expected is None:
        return f"never came to rest: {seen}"
    lines = [
        f"  {name}: {seen[name]!r}\n    instead of {expected[name]!r}"
        for name in expected
        if seen[name] != expected[name]
    ]
    return "\n".join(["another end than in peace:", *lines])
