"""What all services together hold because of one trip, read from their databases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.faults.exact.bazaar import Bazaar
    from tests.faults.exact.trips import Trip

# Whether a decision was answered or told depends on who heard it first: both wake the checkout.
EITHER_WAY = ("souk.payments.authorized", "souk.payments.failed")

CHECKOUT = """
select id, status, refusal from checkouts where idempotency_key = $1
"""
ORDERS = """
select id, status, total_amount, refunded_amount, item_count from orders where checkout_id = $1
"""
TIMELINE = "select event from order_events where order_id = any($1) order by id"
SAGAS = """
select name, status from sagas
 where id = $1 or state->>'checkout_id' = $1::text or state->>'order_id' = any($2) order by name
"""
RESTOCKS = """
select id from sagas where name = 'cancellation' and state->>'checkout_id' = $1
"""
SENT = "select status from fulfillments where order_id = any($1)"
SHIPMENTS = "select status from shipments where order_id = any($1)"
HOLD = "select status from holds where id = $1"
MOVED = """
select kind, count(*), sum(on_hand_change), sum(reserved_change) from movements
 where reason = 'checkout ' || $1::text group by kind order by kind
"""
REDEEMED = "select is_given_back from redemptions where checkout_id = $1"
PAYMENT = """
select id, status, amount_amount, captured_amount, refunded_amount from payments
 where checkout_id = $1
"""
PARTS = """
select captured_amount, returned_amount, released_at is not null from allocations
 where payment_id = $1
"""
REFUNDS = "select amount_amount, status from refunds where payment_id = $1 order by id"
CHARGE = """
select c.state, c.captured_amount, c.refunded_amount, count(r.*)
  from sandbox.charges c left join sandbox.refunds r on r.charge_id = c.id
 where c.key = $1 group by c.id
"""
LEDGER = """
select t.kind, split_part(e.account, ':', 1), sum(e.amount)
  from ledger_transfers t join ledger_entries e on e.transfer_id = t.id
 where t.payment_id = $1 group by 1, 2 order by 1, 2
"""
EVENTS = """
select id, subject, published_at is not null as is_out from outbox
 where convert_from(payload, 'utf8') like any($1) and subject <> all($2) order by seq
"""
HANDLED = "select consumer from inbox where message_id = any($1) order by consumer"
# One that was handed in twice with an unknown end, which takes two deaths ($2), is not sent again.
MAILS = """
select kind, case when status = 'failed' and sends_in_doubt >= 2 and $2 >= 2 then 'sent'
                  else status end
  from deliveries where subject_id = any($1) order by kind, occasion
"""
LINES = "select count(*) from cart_items where cart_id = $1"
# Stock is what its movements add up to.
MOVEMENTS = """
select s.variant_id, s.on_hand, s.reserved, m.on_hand, m.reserved from stock s, lateral (
    select sum(on_hand_change) as on_hand, sum(reserved_change) as reserved
      from movements where variant_id = s.variant_id) m
 where (s.on_hand, s.reserved) is distinct from (m.on_hand, m.reserved)
"""
COUPON = """
select code, redemptions from promotions p
 where redemptions <> (select count(*) from redemptions
                        where promotion_id = p.id and not is_given_back)
"""
# Each payment as the provider has it, to the cent.
MONEY = """
select p.id, p.status, p.captured_amount, p.refunded_amount, c.captured_amount, c.refunded_amount
  from payments p full join sandbox.charges c on c.key = p.id::text
 where (p.captured_amount, p.refunded_amount)
       is distinct from (coalesce(c.captured_amount, 0), coalesce(c.refunded_amount, 0))
"""
SUMS = "select transfer_id from ledger_entries group by 1 having sum(amount) <> 0"
BOOKS = """
select provider.taken, ledger.taken from
  (select coalesce(sum(captured_amount - refunded_amount), 0) as taken from sandbox.charges)
      as provider,
  (select coalesce(-sum(amount), 0) as taken from ledger_entries where account like 'provider:%')
      as ledger
 where provider.taken <> ledger.taken
"""
HEARERS = ("orders", "payments", "notifications", "shipping")


async def world(trip: Trip) -> dict[str, Any]:
    """Without ids and times; `unfinished` counts what still goes on."""
    place = trip.place
    (checkout,) = await place.fetch("orders", CHECKOUT, trip.key) or [None]
    lines = await place.value("carts", LINES, trip.cart_id)
    if checkout is None:
        return {"checkout": None, "cart": lines, "unfinished": 1}
    checkout_id = checkout["id"]
    orders = await place.fetch("orders", ORDERS, checkout_id)
    order_ids = [row["id"] for row in orders]
    sagas = await place.fetch("orders", SAGAS, checkout_id, order_ids)
    money = await _money(place, checkout_id)
    payment_id = money.pop("id")
    told = await _told(place, [checkout_id, *order_ids, payment_id])
    waiting = told.pop("waiting")
    mails = await place.fetch("notifications", MAILS, order_ids, trip.deaths)
    going = sum(row["status"] not in ("done", "undone") for row in sagas)
    going += sum(row["status"] == "waiting" for row in mails)
    restocks = [row["id"] for row in await place.fetch("orders", RESTOCKS, checkout_id)]
    return {
        "checkout": (checkout["status"], checkout["refusal"]),
        "orders": _rows(orders),
        "timeline": _values(await place.fetch("orders", TIMELINE, order_ids)),
        "sagas": [tuple(row) for row in sagas],
        "sent": _values(await place.fetch("orders", SENT, order_ids)),
        "shipments": _values(await place.fetch("shipping", SHIPMENTS, order_ids)),
        "hold": await place.value("inventory", HOLD, checkout_id),
        "moved": [tuple(row) for row in await place.fetch("inventory", MOVED, checkout_id)],
        "restocked": await place.value(
            "inventory", "select count(*) from restocks where id = any($1)", restocks
        ),
        "coupon": await place.value("pricing", REDEEMED, checkout_id),
        "cart": lines,
        "mails": [tuple(row) for row in mails],
        **money,
        **told,
        "unfinished": going + waiting,
    }


async def _money(place: Bazaar, checkout_id: str) -> dict[str, Any]:
    (payment,) = await place.fetch("payments", PAYMENT, checkout_id) or [None]
    if payment is None:
        return {"id": checkout_id, "payment": None, "charge": None, "ledger": []}
    payment_id = payment["id"]
    return {
        "id": payment_id,
        "payment": tuple(payment)[1:],
        "parts": [tuple(row) for row in await place.fetch("payments", PARTS, payment_id)],
        "refunds": [tuple(row) for row in await place.fetch("payments", REFUNDS, payment_id)],
        "charge": [tuple(row) for row in await place.fetch("payments", CHARGE, payment_id)],
        "ledger": [tuple(row) for row in await place.fetch("payments", LEDGER, payment_id)],
    }


async def _told(place: Bazaar, ids: list[str]) -> dict[str, Any]:
    """What was told because of the trip, and who has heard it."""
    likes = [f"%{each}%" for each in ids]
    events = [
        row
        for service in ("orders", "payments")
        for row in await place.fetch(service, EVENTS, likes, EITHER_WAY)
    ]
    event_ids = [row["id"] for row in events]
    heard = [
        row["consumer"]
        for service in HEARERS
        for row in await place.fetch(service, HANDLED, event_ids)
    ]
    return {
        "events": [row["subject"] for row in events],
        "heard": heard,
        "waiting": sum(not row["is_out"] for row in events),
    }


def _values(rows: list[Any]) -> list[Any]:
    return [row[0] for row in rows]


def _rows(rows: list[Any]) -> list[tuple[Any, ...]]:
    """Without the id, which comes first."""
    return sorted(tuple(row)[1:] for row in rows)


async def unbalanced(place: Bazaar, *, on_hand: int) -> list[str]:
    """What is wrong with the books as a whole, once everything has come to rest."""
    checks: dict[str, tuple[str, str, Any]] = {
        "stock": ("inventory", "select on_hand, reserved from stock", [(on_hand, 0)]),
        "held": ("inventory", "select id from holds where status = 'held'", []),
        "movements": ("inventory", MOVEMENTS, []),
        "sagas": (
            "orders",
            "select name, status from sagas where status not in ('done', 'undone')",
            [],
        ),
        "coupon": ("pricing", COUPON, []),
        "money": ("payments", MONEY, []),
        "ledger": ("payments", SUMS, []),
        "books": ("payments", BOOKS, []),
    }
    found = {
        what: [tuple(row) for row in await place.fetch(service, sql)]
        for what, (service, sql, _) in checks.items()
    }
    for service in place.pools:
        found[f"outbox of {service}"] = await place.fetch(
            service, "select subject from outbox where published_at is null"
        )
        found[f"parked by {service}"] = await place.fetch(
            service, "select consumer, reason from dead_letters"
        )
    return [
        f"{what}: {rows}"
        for what, rows in found.items()
        if rows != (checks[what][2] if what in checks else [])
    ]
