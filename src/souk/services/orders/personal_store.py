"""What orders hold of people: whom to reach and where to send, sealed; and who bought what.

Without an account nobody is the same from one purchase to the next: a guest is a checkout, under
its id ($1), and leaves checkout by checkout.
"""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from souk.contracts.common import Address
from souk.kernel.database import Transaction
from souk.kernel.personal_data import Holding, seal_rows
from souk.services.orders.rows import CONTACT

# Column names are the only thing put into these texts.
CHECKOUTS_OF = "(buyer_id = $1 or buyer_id is null and id = $1)"
ORDERS_OF = "(buyer_id = $1 or buyer_id is null and checkout_id = $1)"
CHECKOUTS = f"""
select id, created_at, status, {CONTACT} from checkouts where {CHECKOUTS_OF} order by created_at, id
"""  # noqa: S608
ERASE_CONTACTS = f"""
with gone as (
    update checkouts set sealed = null, email_key = null
    where {CHECKOUTS_OF} and sealed is not null returning id
)
delete from person_keys where person in (select id from gone)
"""  # noqa: S608 - names of ours
# What prices depended on: finer than a country it may lead to somebody.
ERASE_DESTINATIONS = f"""
update sagas set state = state #- '{{destination,postal_code}}' #- '{{destination,state}}'
where id in (select id from checkouts where {CHECKOUTS_OF})
and state->'destination' ?| array['postal_code', 'state']
"""  # noqa: S608 - names of ours
DESTINATIONS = f"""
select id, state->'destination'->>'postal_code' as postal_code,
       state->'destination'->>'state' as state
from sagas where name = 'checkout'
and id in (select id from checkouts where {CHECKOUTS_OF}) order by id
"""  # noqa: S608 - names of ours
ERASE_NOTES = f"""
update order_events set note = ''
where note <> '' and order_id in (select id from orders where {ORDERS_OF})
"""  # noqa: S608 - names of ours
ORDERS = f"""
select id, order_number, checkout_id, shop_id, status, currency, subtotal_amount, discount_amount,
       shipping_amount, tax_amount, total_amount, refunded_amount, carrier, tracking_number,
       placed_at,
       (select array_agg(quantity || ' x ' || name order by position) from order_items
        where order_id = orders.id) as items
from orders where {ORDERS_OF} order by placed_at, id
"""  # noqa: S608 - names of ours
NOTES = f"""
select order_id, event, at, note from order_events
where note <> '' and order_id in (select id from orders where {ORDERS_OF}) order by id
"""  # noqa: S608 - names of ours
KEPT = f"""
select count(*)::int as kept, max(placed_at) + interval '10 years' as kept_until
from orders where {ORDERS_OF}
"""  # noqa: S608 - names of ours
UNDER_WAY = f"""
select (select count(*) from orders
        where {ORDERS_OF} and status in ('confirmed', 'processing', 'shipped'))
     + (select count(*) from checkouts where {CHECKOUTS_OF} and status = 'running')
"""  # noqa: S608 - names of ours


class Contact(Struct, frozen=True, kw_only=True):
    """How to reach whoever bought, and where it goes; sealed as it is here."""

    email: str = ""
    shipping_address: Address | None = None
    reasons: dict[str, str] = {}  # why orders were called off, in somebody's own words


class CheckoutContact(Contact, frozen=True, kw_only=True):
    id: str
    created_at: datetime
    status: str


HOLDINGS = (
    Holding(
        part="checkouts", export=CHECKOUTS, shape=CheckoutContact, erase=ERASE_CONTACTS,
        under_way=UNDER_WAY, obstacle="{count} orders are not finished",
        advice="Wait until they have arrived, or cancel them.",
    ),
    Holding(part="orders", export=ORDERS, duty="bookkeeping", kept=KEPT),
    Holding(part="notes", export=NOTES, erase=ERASE_NOTES),
    Holding(
        part="destinations",
        export=DESTINATIONS,
        erase=ERASE_DESTINATIONS,
    ),
)  # fmt: skip


async def seal_contacts(tx: Transaction, *, limit: int) -> int:
    """Those from before there were keys; how many it was."""
    return len(await seal_rows(tx, "checkouts", person="id", limit=limit))
