"""Shoppers of the storm: they follow the conversation, never give up, and remember every answer."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import suppress
from random import Random
from typing import Any

import httpx
from msgspec import Struct, field

from souk.kernel.clock import monotonic
from souk.kernel.ids import new_id
from tests.faults.bank import Bank
from tests.faults.storm.market import Market
from tests.faults.storm.plan import Plan
from tests.journeys.people import ADDRESS

ANSWER_SECONDS_MAX = 8
PAUSES_SECONDS = (0.1, 0.2, 0.4, 0.8, 1.5)
WAIT_SECONDS_MAX = 3
COPIES = 10
RUSH_SECONDS_MAX = 30
# Of a hundred shoppers; the others' payment is approved at once.
METHODS = {"challenge": 12, "decline": 6, "insufficient_funds": 4}
CANCELS, REPEATS, HANGS_UP = 0.15, 0.15, 0.2
# What says neither yes nor no: another copy is at it, or nobody could be asked.
OPEN_CODES = {"IdempotencyKeyInFlight", "PaymentOutcomeUnknown", "CheckoutInProgress"}


class Deed(Struct, kw_only=True):
    """What one shopper did and heard. `outcome`: ok, refused, or unknown to the end."""

    variant_id: str
    method: str
    key: str
    outcome: str = "unknown"
    refusal: str = ""
    checkout_id: str = ""
    orders: dict[str, int] = {}  # what each is to cost
    wants_cancel: bool = False
    cancelled: bool = False
    answers: int = 0  # different ones, to copies of one request


class Tally(Struct, kw_only=True):
    """What shoppers met, request by request."""

    sent: int = 0
    well: int = 0  # answered as asked, or rightly refused
    hung_up: int = 0
    met: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)  # answers that nobody may ever get

    def copy(self) -> Tally:
        """As it is now."""
        return Tally(
            sent=self.sent,
            well=self.well,
            hung_up=self.hung_up,
            met=Counter(self.met),
            wrong=Counter(self.wrong),
        )

    def note(self, answer: httpx.Response | None, failure: str = "") -> None:
        self.sent += 1
        if answer is None:
            self.met[failure] += 1
        elif answer.status_code in (429, 500, 502, 503, 504) or is_open(answer):
            self.met[str(answer.status_code)] += 1
            if answer.status_code in (429, 503) and "retry-after" not in answer.headers:
                self.wrong[f"{answer.status_code} without Retry-After"] += 1
        else:
            self.well += 1
            self.met[str(answer.status_code)] += 1


class Crowd:
    """All shoppers: so many lanes, in each one after the other, until told to go home."""

    def __init__(self, plan: Plan, http: httpx.AsyncClient, market: Market, bank: Bank) -> None:
        self.deeds: list[Deed] = []
        self.tally = Tally()
        self.closing = asyncio.Event()
        self.give_up_at = float("inf")
        self.is_calm = False
        self.last_came = 0.0
        self.plan, self.http, self.market, self.bank = plan, http, market, bank
        self._begun = monotonic()
        self._waiting: Counter[str] = Counter()
        self._gathered = {drop: asyncio.Event() for drop in market.drops}

    async def shop(self) -> None:
        """Until `closing`, and until enough have come."""
        async with asyncio.TaskGroup() as group:
            for lane in range(self.plan.lanes):
                group.create_task(self._lane(lane))

    def go_home(self, *, within_seconds: float) -> None:
        """Nobody is harmed any more, nobody comes who need not, and then all give up."""
        self.is_calm = True
        self.closing.set()
        self.give_up_at = monotonic() + within_seconds

    async def sell_out(self) -> None:
        """Whatever is left of the few is bought, one by one: what is held for nobody is not."""
        self.give_up_at = monotonic() + self.plan.settle_seconds
        chance = Random(f"last {self.plan.seed}")
        for drop in self.market.drops:
            for _ in range(self.market.units + 1):
                shopper = Shopper(self, chance, drop, method="approve")
                await shopper.buy()
                if shopper.deed.outcome != "ok":
                    break

    def outcomes(self) -> dict[str, int]:
        return dict(Counter(deed.outcome for deed in self.deeds))

    async def _lane(self, lane: int) -> None:
        """Buys this and that, and joins every rush."""
        chance = Random(f"lane {self.plan.seed} {lane}")
        for number, drop in enumerate(self.market.drops):
            opens = (number + 0.5) / len(self.market.drops)
            while not self.closing.is_set() and self._passed < opens:
                await self._buy(chance, self.market.plenty)
            await self._rush(chance, drop)
        while not self.closing.is_set() or len(self.deeds) < self.plan.shoppers:
            if monotonic() > self.give_up_at:
                return
            await self._buy(chance, self.market.plenty)

    async def _rush(self, chance: Random, drop: str) -> None:
        """Everybody has it in the cart before anybody orders."""
        shoppers = [Shopper(self, chance, drop) for _ in range(self.plan.rush // self.plan.lanes)]
        ready = [shopper for shopper in shoppers if await shopper.fill_cart()]
        self._waiting[drop] += 1
        if self._waiting[drop] == self.plan.lanes:
            self._gathered[drop].set()
        with suppress(TimeoutError):
            async with asyncio.timeout(RUSH_SECONDS_MAX):
                await self._gathered[drop].wait()
        for shopper in ready:
            self.last_came = monotonic()
            await shopper.check_out()

    async def _buy(self, chance: Random, variant_id: str) -> None:
        self.last_came = monotonic()
        await Shopper(self, chance, variant_id).buy()
        await asyncio.sleep(chance.uniform(0, 0.2))

    @property
    def _passed(self) -> float:
        """The part of the storm that is over."""
        return (monotonic() - self._begun) / (self.plan.flush_seconds + self.plan.seconds)


class Shopper:
    """A guest with a cart of one thing, who keeps asking until the answer is known."""

    def __init__(self, crowd: Crowd, chance: Random, variant_id: str, *, method: str = "") -> None:
        self._crowd, self._chance = crowd, chance
        self._token = ""
        self._told_to_wait = 0.0
        self.deed = Deed(
            variant_id=variant_id, method=method or self._method(), key=new_id(), orders={}
        )
        is_scarce = variant_id != crowd.market.plenty
        self.deed.wants_cancel = not is_scarce and chance.random() < CANCELS

    async def buy(self) -> None:
        if await self.fill_cart():
            await self.check_out()

    async def fill_cart(self) -> bool:
        """False where there is nothing left to put into it."""
        item = {"variant_id": self.deed.variant_id, "quantity": 1}
        cart = await self._until_answered("POST", "/cart/items", item)
        if cart is None or cart.status_code != 201:
            return False
        self._token = cart.json()["token"]
        return True

    async def check_out(self) -> None:
        """Orders, pays, perhaps cancels."""
        has_copies = self._crowd.plan.has("repeat") and self._chance.random() < REPEATS
        self._crowd.deeds.append(self.deed)
        await self._order(self.deed, COPIES if has_copies else 1)
        if self.deed.outcome == "ok" and self.deed.wants_cancel:
            await self._cancel(self.deed)

    def _method(self) -> str:
        drawn = self._chance.uniform(0, 100)
        for name, share in METHODS.items():
            drawn -= share
            if drawn < 0:
                return name
        return "approve"

    async def _order(self, deed: Deed, copies: int) -> None:
        body = {
            "email": f"guest-{deed.key}@example.com",
            "shipping_address": ADDRESS,
            "shipping_method": "standard",
            "payment": {"provider": "sandbox", "method": deed.method},
        }
        if not self._crowd.is_calm and self._crowd.plan.has("hangup"):
            await self._perhaps_hang_up("POST", "/orders", body, deed.key)
        answer = await self._until_answered(
            "POST", "/orders", body, key=deed.key, copies=copies, deed=deed
        )
        if answer is not None and answer.status_code == 202:
            answer = await self._pass_challenge(deed, answer)
        self._learn(deed, answer)

    async def _pass_challenge(self, deed: Deed, answer: httpx.Response) -> httpx.Response | None:
        told = answer.json()["checkout"]
        deed.checkout_id = told["id"]
        approve = self._chance.random() < 0.8
        for pause in self._pauses():
            try:
                url = told["payment"]["next_action"]["url"]
                await self._crowd.bank.answer_challenge(url, approve=approve)
                break
            except httpx.HTTPError:
                await asyncio.sleep(pause)
        for pause in self._pauses():
            found = await self._ask("GET", f"/checkouts/{deed.checkout_id}")
            ended = found is not None and found.status_code == 200
            if ended and found.json()["checkout"]["status"] in ("confirmed", "refused"):
                return found
            await asyncio.sleep(pause)
        return None

    def _learn(self, deed: Deed, answer: httpx.Response | None) -> None:
        if answer is None:
            return
        if answer.status_code not in (200, 201):
            deed.outcome, deed.refusal = "refused", _code(answer)
            return
        told = answer.json()
        deed.checkout_id = told["checkout"]["id"]
        if told["checkout"]["status"] == "refused":
            deed.outcome, deed.refusal = "refused", told["checkout"].get("refusal", "")
            return
        deed.outcome = "ok"
        deed.orders = {order["id"]: order["total"]["amount"] for order in told["orders"]}

    async def _cancel(self, deed: Deed) -> None:
        (order_id,) = deed.orders
        body = {"reason": "I changed my mind."}
        answer = await self._until_answered("PUT", f"/orders/{order_id}/cancel", body)
        if answer is not None:
            deed.cancelled = answer.status_code == 200
            if not deed.cancelled:
                self._crowd.tally.wrong[f"cancel: {answer.status_code} {_code(answer)}"] += 1

    async def _until_answered(
        self,
        verb: str,
        path: str,
        body: Any,
        *,
        key: str = "",
        copies: int = 1,
        deed: Deed | None = None,
    ) -> httpx.Response | None:
        """The first answer that says what happened; None when there is none to the end."""
        for pause in self._pauses():
            asked = [self._ask(verb, path, body, key=key) for _ in range(copies)]
            certain = [
                answer
                for answer in await asyncio.gather(*asked)
                if answer is not None and is_certain(answer)
            ]
            if deed is not None and certain:
                deed.answers = len({_gist(answer) for answer in certain})
            if certain:
                return certain[0]
            await asyncio.sleep(max(pause, self._told_to_wait))
        return None

    async def _ask(
        self, verb: str, path: str, body: Any = None, *, key: str = ""
    ) -> httpx.Response | None:
        crowd = self._crowd
        try:
            answer = await crowd.http.request(
                verb, path, json=body, headers=self._headers(key), timeout=ANSWER_SECONDS_MAX
            )
        except httpx.HTTPError as error:
            crowd.tally.note(None, type(error).__name__)
            return None
        crowd.tally.note(answer)
        self._told_to_wait = min(float(answer.headers.get("retry-after", 0)), WAIT_SECONDS_MAX)
        if answer.status_code == 500:
            crowd.tally.wrong[f"500 {verb} {path.split('/')[1]}"] += 1
        return answer

    async def _perhaps_hang_up(self, verb: str, path: str, body: Any, key: str) -> None:
        if self._chance.random() >= HANGS_UP:
            return
        self._crowd.tally.hung_up += 1
        patience = self._chance.uniform(0.002, 0.15)
        try:
            async with asyncio.timeout(patience):
                await self._crowd.http.request(verb, path, json=body, headers=self._headers(key))
        except (httpx.HTTPError, TimeoutError):
            pass

    def _headers(self, key: str) -> dict[str, str]:
        headers = {"Idempotency-Key": key} if key else {}
        return headers | ({"X-Cart-Token": self._token} if self._token else {})

    def _pauses(self) -> Any:
        turn = 0
        while monotonic() < self._crowd.give_up_at:
            yield PAUSES_SECONDS[min(turn, len(PAUSES_SECONDS) - 1)]
            turn += 1


def is_open(answer: httpx.Response) -> bool:
    """Whether it leaves open what became of the request."""
    return answer.status_code == 409 and _code(answer) in OPEN_CODES


def is_certain(answer: httpx.Response) -> bool:
    return answer.status_code not in (429, 500, 502, 503, 504) and not is_open(answer)


def _code(answer: httpx.Response | None) -> str:
    """The refusal's name."""
    if answer is None or "json" not in answer.headers.get("content-type", ""):
        return ""
    told = answer.json()
    return str(told.get("code", "")) if isinstance(told, dict) else ""


def _gist(answer: httpx.Response) -> tuple[Any, ...]:
    """What copies of a request must agree on: a checkout may have gone on in between."""
    if answer.status_code in (201, 202):
        told = answer.json()
        return (told["checkout"]["id"],)
    return (answer.status_code, _code(answer))
