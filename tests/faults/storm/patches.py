"""What the sabotages change in a serving process of Souk; each function is one of them."""

from __future__ import annotations

from itertools import count
from typing import Any

from msgspec import structs


def sell_what_is_not_there() -> None:
    """The reservation's UPDATE has no guard."""
    from souk.services.inventory import store

    guard = " and on_hand - reserved >= line.quantity"
    assert guard in store.RESERVE
    store.RESERVE = store.RESERVE.replace(guard, "")


def keep_what_is_held() -> None:
    """A checkout that is undone does not give its stock back."""
    from souk.services.inventory.use_cases import hold_stock

    async def nothing(tx: Any, hold_id: str) -> None:
        return None

    hold_stock.release_stock = nothing


def charge_anew() -> None:
    """Who hears nothing of a capture takes the money again, by another charge."""
    from souk.kernel.ids import new_id
    from souk.services.payments.providers import Authorization, OutcomeUnknown
    from souk.services.payments.providers.sandbox.remote import RemoteSandbox

    authorize, capture = RemoteSandbox.authorize, RemoteSandbox.capture
    asked: dict[str, Authorization] = {}

    async def remembered(self: RemoteSandbox, authorization: Authorization) -> Any:
        asked[authorization.key] = authorization
        return await authorize(self, authorization)

    async def insistent(self: RemoteSandbox, key: str) -> Any:
        try:
            return await capture(self, key)
        except OutcomeUnknown:
            if key not in asked:
                raise
            again = structs.replace(asked[key], key=new_id())
            await authorize(self, again)
            return await capture(self, again.key)

    RemoteSandbox.authorize = remembered  # type: ignore[method-assign]
    RemoteSandbox.capture = insistent  # type: ignore[method-assign]


def write_no_ledger() -> None:
    """Captured money is not entered into the ledger."""
    from souk.services.payments.store import ledger

    post = ledger.post

    async def forgetful(tx: Any, transfers: Any) -> None:
        await post(tx, [one for one in transfers if one.kind != "capture"])

    ledger.post = forgetful


def write_half_a_ledger() -> None:
    """A transfer gives more than it takes."""
    from souk.kernel.money import Money
    from souk.services.payments.store import ledger

    post = ledger.post

    async def generous(tx: Any, transfers: Any) -> None:
        changed = []
        for transfer in transfers:
            account, amount = next(iter(transfer.entries.items()))
            entries = {**transfer.entries, account: amount + Money(1, amount.currency)}
            changed.append(structs.replace(transfer, entries=entries))
        await post(tx, changed)

    ledger.post = generous


def take_unknown_for_no() -> None:
    """Who cannot say within a moment what became of a checkout says that it did not happen."""
    from souk.contracts.orders import CheckoutExpired
    from souk.kernel.context import acting, call, within
    from souk.kernel.refusals import Refusal
    from souk.kernel.saga.steps import UNKNOWN
    from souk.services.orders.desks import CheckoutDesk

    place = CheckoutDesk.place

    async def sure(self: CheckoutDesk, request: Any) -> Any:
        try:
            with acting(structs.replace(call(), deadline=within(0.2))):
                return await place(self, request)
        except Refusal as refusal:
            if refusal.KIND in UNKNOWN:
                raise CheckoutExpired() from refusal
            raise

    CheckoutDesk.place = sure  # type: ignore[method-assign]


def forget_keys() -> None:
    """A checkout's Idempotency-Key is not claimed: each copy is a purchase of its own."""
    from souk.kernel.ids import new_id
    from souk.services.orders.use_cases import place_order

    claim = place_order.claim_checkout

    async def forgetful(tx: Any, saga: Any, purchase: Any, **given: Any) -> Any:
        state = structs.replace(purchase.state, cart_id=new_id())
        anew = structs.replace(purchase, state=state)
        return await claim(tx, saga, anew, **{**given, "key": new_id()})

    place_order.claim_checkout = forgetful


def keep_the_money() -> None:
    """What an order cost is not given back when it is cancelled."""
    from souk.services.orders.sagas.cancellation import CancellationSteps

    async def nothing(self: CancellationSteps, state: Any) -> Any:
        return state

    CancellationSteps.give_money_back = nothing  # type: ignore[method-assign]


def lose_events() -> None:
    """What the broker does not confirm counts as sent."""
    from souk.kernel.events.bus import BusUnavailable
    from souk.kernel.events.nats_bus import NatsBus

    publish = NatsBus.publish

    async def careless(self: NatsBus, messages: Any) -> None:
        try:
            await publish(self, messages)
        except BusUnavailable:
            return

    NatsBus.publish = careless  # type: ignore[method-assign]


def leave_checkouts_lying() -> None:
    """A dead process keeps its lease: nobody takes up what it had begun."""
    from souk.kernel.saga import journal

    run_out = "(lease_until is null or lease_until < now())"
    for statement in ("CLAIM_ONE", "CLAIM_DUE"):
        text = getattr(journal, statement)
        assert run_out in text
        setattr(journal, statement, text.replace(run_out, "lease_until is null"))


def believe_in_redis() -> None:
    """A request is refused when Redis does not remember this process."""
    from contextlib import suppress

    from souk.gateway.rates import Rates
    from souk.kernel.cache import RedisAway
    from souk.kernel.ids import process_id
    from souk.kernel.refusals import Unavailable

    known: list[bool] = []
    name = f"storm:{process_id()}"

    async def spend(self: Rates, rate: Any, caller: Any) -> None:
        link = self._limiter._link  # type: ignore[attr-defined]
        with suppress(RedisAway):
            if not known:
                await link.ask(lambda redis: redis.set(name, 1))
                known.append(True)
            elif not await link.ask(lambda redis: redis.get(name)):
                raise Unavailable(service="redis")

    Rates.spend = spend  # type: ignore[method-assign]


def leave_transactions_open() -> None:
    """A connection whose transaction was refused is not given back, now and then."""
    from souk.kernel.database import Transaction
    from souk.kernel.refusals import Refusal

    leave, kept, refusals = Transaction.__aexit__, [], count(1)

    async def careless(self: Transaction, kind: Any, error: Any, trace: Any) -> None:
        if isinstance(error, Refusal) and next(refusals) % 15 == 0:
            kept.append(self._connection)
            return
        await leave(self, kind, error, trace)

    Transaction.__aexit__ = careless  # type: ignore[method-assign]
