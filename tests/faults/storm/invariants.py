"""What must hold after every storm, each with its figure: computed from what was counted."""

from __future__ import annotations

from collections import Counter as Times
from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from tests.faults.bank import Bank, Charge
from tests.faults.storm import counting
from tests.faults.storm.counting import Counter, LedgerWatch, by
from tests.faults.storm.market import Market
from tests.faults.storm.shoppers import Deed, Tally


class Invariant(Struct, frozen=True, kw_only=True):
    """One line of the report. `found` are examples of what breaks it."""

    name: str
    figure: str
    holds: bool
    found: tuple[str, ...] = ()


class Counted(Struct, frozen=True, kw_only=True):
    """Everything the verdicts stand on, as it was after the storm."""

    stock: dict[str, Any]
    sold: dict[str, int]
    moved: int
    orders: dict[str, Any]
    checkouts: dict[str, Any]
    payments: dict[str, Any]
    charges: Sequence[Charge]
    letters: dict[str, int]
    in_stock: dict[str, bool]
    told: dict[tuple[str, str], int]
    ledger_off: int
    idle: int
    holds: int


async def counted(counter: Counter, bank: Bank, market: Market) -> Counted:
    few = list(market.drops)
    sold = await counter.rows("orders", counting.SOLD, few)
    shown = await counter.rows("catalog", counting.IN_STOCK, few)
    told = await counter.rows("notifications", counting.TOLD)
    return Counted(
        stock=by("variant_id", await counter.rows("inventory", counting.STOCK, few)),
        sold={row["variant_id"]: row["sold"] for row in sold},
        moved=await counter.value("inventory", counting.MOVED),
        orders=by("id", await counter.rows("orders", counting.ORDERS)),
        checkouts=by("key", await counter.rows("orders", counting.CHECKOUTS)),
        payments=by("id", await counter.rows("payments", counting.PAYMENTS)),
        charges=bank.charges(),
        letters=await counter.everywhere(counting.LETTERS),
        in_stock={row["id"]: row["in_stock"] for row in shown},
        told={(row["kind"], row["subject_id"]): row["times"] for row in told},
        ledger_off=await counter.value("payments", counting.UNBALANCED),
        idle=await counter.value("orders", counting.IDLE),
        holds=await counter.value("inventory", "select count(*) from holds where status = 'held'"),
    )


def judged(
    seen: Counted, market: Market, deeds: Sequence[Deed], tally: Tally, ledger: LedgerWatch
) -> list[Invariant]:
    """Every invariant but those of time and connections, which the storm itself measures."""
    return [
        *stock_is_right(seen, market, deeds),
        one_capture_an_order(seen),
        books_agree(seen),
        acknowledged_is_kept(seen, deeds),
        refused_is_free(seen, deeds),
        one_answer(deeds, tally),
        cancelled_is_paid_back(seen, deeds),
        ledger_is_balanced(seen, ledger),
        events_arrived(seen, market),
    ]


def stock_is_right(seen: Counted, market: Market, deeds: Sequence[Deed]) -> list[Invariant]:
    units = market.units * len(market.drops)
    sold = sum(seen.sold.values())
    held = sum(row["reserved"] for row in seen.stock.values())
    left = sum(row["on_hand"] - row["reserved"] for row in seen.stock.values())
    wanted = sum(deed.variant_id in seen.stock for deed in deeds)
    too_many = [one for one in market.drops if seen.sold.get(one, 0) > market.units]
    return [
        Invariant(
            name="nothing is oversold",
            figure=f"{sold} of {units} sold to {wanted} shoppers",
            holds=not too_many and not seen.moved,
            found=_some(f"{one}: {seen.sold[one]} sold" for one in too_many),
        ),
        Invariant(
            name="no hold leaks",
            figure=f"sold {sold}, held {held}, available {left}; {seen.holds} holds open",
            holds=(sold, held, left, seen.holds) == (units, 0, 0, 0),
        ),
    ]


def one_capture_an_order(seen: Counted) -> Invariant:
    """By checkout, since one payment pays all its orders."""
    due: Times[str] = Times()
    for order in seen.orders.values():
        due[order["checkout_id"]] += order["total_amount"]
    times, taken = Times[str](), Times[str]()
    for charge in seen.charges:
        payment = seen.payments.get(charge.key)
        checkout = payment["checkout_id"] if payment else charge.key
        times[checkout] += charge.captured > 0
        taken[checkout] += charge.captured
    twice = [checkout for checkout, number in times.items() if number > 1]
    stray = [checkout for checkout, number in times.items() if number and checkout not in due]
    off = [checkout for checkout, amount in due.items() if taken[checkout] != amount]
    return Invariant(
        name="never more than one capture for an order",
        figure=f"{len(due)} purchases, {sum(times.values())} captures, {len(twice)} captured "
        f"twice, {len(stray)} captures for no order, {len(off)} of another amount",
        holds=not twice and not stray and not off,
        found=_some([*twice, *stray, *off]),
    )


def books_agree(seen: Counted) -> Invariant:
    """Charge by charge: taken and not given back at the provider, in payments, in the ledger."""
    off, taken = [], 0
    charges = {charge.key: charge for charge in seen.charges}
    confirmed = {order["checkout_id"] for order in seen.orders.values()}
    for key in charges.keys() | seen.payments.keys():
        charge, payment = charges.get(key), seen.payments.get(key)
        there = charge.captured - charge.refunded if charge else 0
        here = payment["captured"] - payment["refunded"] if payment else 0
        taken += there
        is_bought = payment is not None and payment["checkout_id"] in confirmed
        dangles = charge is not None and charge.state in ("authorized", "requires_action")
        unearned = there > 0 and not is_bought
        if there != here or here != (payment["ledger"] if payment else 0) or dangles or unearned:
            state = charge.state if charge else "no charge"
            status = payment["status"] if payment else "no payment"
            off.append(f"{key}: {state} {there} there, {status} {here} here")
    return Invariant(
        name="provider = payments = ledger",
        figure=f"{len(charges)} charges, {taken} minor units taken, {len(off)} differences",
        holds=not off,
        found=_some(off),
    )


def acknowledged_is_kept(seen: Counted, deeds: Sequence[Deed]) -> Invariant:
    told = [deed for deed in deeds if deed.outcome == "ok"]
    lost = []
    for deed in told:
        for order_id, total in deed.orders.items():
            order = seen.orders.get(order_id)
            is_kept = order is not None and order["total_amount"] == total
            if not is_kept or (order["status"] == "cancelled" and not deed.wants_cancel):
                lost.append(f"{order_id}: {order['status'] if order else 'gone'}")
    return Invariant(
        name="no acknowledged order is lost",
        figure=f"{len(told)} acknowledged, {len(lost)} lost",
        holds=not lost,
        found=_some(lost),
    )


def refused_is_free(seen: Counted, deeds: Sequence[Deed]) -> Invariant:
    refused = [deed for deed in deeds if deed.outcome == "refused"]
    bought = {order["key"]: order["id"] for order in seen.orders.values()}
    paid = [f"{bought[deed.key]}: {deed.refusal}" for deed in refused if deed.key in bought]
    why = Times(deed.refusal for deed in refused)
    known = ("InsufficientStock", "PaymentDeclined", "CheckoutExpired", "PaymentWasVoided")
    odd = [f"{times} x {name}" for name, times in why.items() if name not in known]
    return Invariant(
        name="who was refused bought nothing",
        figure=f"{len(refused)} refused ("
        + ", ".join(f"{times} {name}" for name, times in sorted(why.items()))
        + f"), {len(paid)} of them bought",
        holds=not paid and not odd,
        found=_some([*paid, *odd]),
    )


def one_answer(deeds: Sequence[Deed], tally: Tally) -> Invariant:
    split = [f"{deed.key}: {deed.answers} answers" for deed in deeds if deed.answers > 1]
    wrong = [f"{times} x {what}" for what, times in tally.wrong.items()]
    return Invariant(
        name="copies of a request get one answer, and none is wrong",
        figure=f"{len(deeds)} purchases, {len(split)} told two things, {len(wrong)} wrong answers",
        holds=not split and not wrong,
        found=_some([*split, *wrong]),
    )


def cancelled_is_paid_back(seen: Counted, deeds: Sequence[Deed]) -> Invariant:
    told = {order_id for deed in deeds if deed.cancelled for order_id in deed.orders}
    off = [
        f"{order['id']}: {order['status']}, {order['refunded_amount']} of {order['total_amount']}"
        for order in seen.orders.values()
        if order["refunded_amount"]
        != (order["total_amount"] if order["status"] == "cancelled" else 0)
        or (order["id"] in told and order["status"] != "cancelled")
    ]
    return Invariant(
        name="what is cancelled is paid back, once",
        figure=f"{len(told)} cancelled, {len(off)} with another amount",
        holds=not off,
        found=_some(off),
    )


def ledger_is_balanced(seen: Counted, ledger: LedgerWatch) -> Invariant:
    return Invariant(
        name="the ledger sums to zero, all the time",
        figure=f"{ledger.reads} reads, {len(ledger.off)} not zero; "
        f"{seen.ledger_off} unbalanced transfers at the end",
        holds=ledger.reads > 0 and not ledger.off and not seen.ledger_off,
        found=_some(map(str, ledger.off)),
    )


def events_arrived(seen: Counted, market: Market) -> Invariant:
    """What others make of events: a mail for each order, the catalog's copy of the stock."""
    kinds = {"order_confirmed": set(seen.orders)}
    kinds["order_cancelled"] = {
        order["id"] for order in seen.orders.values() if order["status"] == "cancelled"
    }
    off = [f"parked in {service}: {count}" for service, count in seen.letters.items()]
    for kind, wanted in kinds.items():
        told = {subject: times for (what, subject), times in seen.told.items() if what == kind}
        off += [f"{kind} {one}: never told" for one in wanted - told.keys()]
        off += [f"{kind} {one}: invented" for one in told.keys() - wanted]
        off += [f"{kind} {one}: {times} times" for one, times in told.items() if times > 1]
    for one in market.drops:
        left = seen.stock[one]["on_hand"] - seen.stock[one]["reserved"]
        if seen.in_stock[one] != (left > 0):
            off.append(f"the catalog has {one} wrong")
    return Invariant(
        name="no event is lost, invented or taken twice",
        figure=f"{len(kinds['order_confirmed'])} orders and "
        f"{len(kinds['order_cancelled'])} cancellations told, {len(off)} differences",
        holds=not off,
        found=_some(off),
    )


def _some(found: Any) -> tuple[str, ...]:
    return tuple(found)[:10]
