"""Checkouts as rows: claimed once a key, confirmed into orders or refused."""

from __future__ import annotations

from datetime import datetime

import msgspec

from souk.kernel.database import Transaction
from souk.kernel.person_keys import PersonKeys
from souk.kernel.writes import Write
from souk.services.orders.model.checkout import CheckoutState
from souk.services.orders.personal_store import Contact
from souk.services.orders.store.guests import key_of_guest

# What may stand in the way: the shopper's key, a live checkout of the cart, or the cart as it is
# now having been bought already.
CLAIM = """
first as (
    insert into checkouts (id, buyer_id, guest_token_hash, idempotency_key, request_hash, cart_id,
                           cart_version, sealed, expires_at, created_at, email_key)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $10, $11, $12)
    on conflict do nothing returning id
), sealed as (
    insert into person_keys (person, sealed_key) select id, $9 from first
)
"""
# The orders come as the contract writes them; the buyer stays in the database. A checkout that has
# ended already is none for them, and orders without one are refused by their table.
CONFIRM = """
checkout as (
    update checkouts set status = 'confirmed', ended_at = $3
    where id = $1 and status = 'running' and exists (select from first)
    returning id, buyer_id, guest_token_hash
), placed as (
    select * from jsonb_to_recordset($2) as placed (
        id uuid, order_number text, shop_id uuid, subtotal jsonb, discount jsonb, shipping jsonb,
        tax jsonb, total jsonb, shipping_method text, payment_id text, items jsonb, timeline jsonb)
    where exists (select from first)
), orders_added as (
    insert into orders (id, checkout_id, order_number, shop_id, buyer_id, guest_token_hash,
                        currency, subtotal_amount, discount_amount,
                        shipping_amount, tax_amount, total_amount, item_count, shipping_method,
                        payment_id, placed_at)
    select placed.id, checkout.id, order_number, shop_id, buyer_id, guest_token_hash,
           total->>'currency', (subtotal->>'amount')::bigint, (discount->>'amount')::bigint,
           (shipping->>'amount')::bigint, (tax->>'amount')::bigint, (total->>'amount')::bigint,
           (select sum((item->>'quantity')::int) from jsonb_array_elements(items) as item),
           shipping_method, nullif(payment_id, '')::uuid, $3
    from placed left join checkout on true
), items_added as (
    insert into order_items (id, order_id, position, product_id, variant_id, sku, name,
                             variant_name, image_url, quantity, unit_price_amount,
                             line_total_amount, discount_amount, tax_amount)
    select (item->>'id')::uuid, placed.id, place, (item->>'product_id')::uuid,
           (item->>'variant_id')::uuid, item->>'sku', item->>'name', item->>'variant_name',
           item->>'image_url', (item->>'quantity')::int, (item->'unit_price'->>'amount')::bigint,
           (item->'line_total'->>'amount')::bigint, (item->'discount'->>'amount')::bigint,
           (item->'tax'->>'amount')::bigint
    from placed, jsonb_array_elements(items) with ordinality as items (item, place)
), told as (
    insert into order_events (order_id, event, at)
    select placed.id, entry->>'event', $3
    from placed, jsonb_array_elements(timeline) with ordinality as timeline (entry, place)
    order by placed.id, place
)
"""
REFUSE = """
update checkouts set status = 'refused', refusal = $2, ended_at = $3
where id = $1 and status = 'running'
"""


def claimed_checkout(
    personal: PersonKeys,
    state: CheckoutState,
    *,
    key: str,
    request_hash: bytes,
    contact: Contact,
    now: datetime,
) -> Write:
    """Writes nothing unless it is the first with this key, and its cart is in no other checkout."""
    key_of_contact = personal.new()
    return Write(
        CLAIM,
        (
            state.checkout_id,
            state.shopper.buyer_id or None,
            state.shopper.guest_token_hash or None,
            key,
            request_hash,
            state.cart_id,
            state.cart_version,
            personal.seal(key_of_contact, contact),
            key_of_contact,
            state.expires_at,
            now,
            None if state.shopper.buyer_id else key_of_guest(personal, contact.email),
        ),
    )


def confirmed_checkout(state: CheckoutState) -> Write:
    """The orders, their lines and the beginning of their timelines; it fails, and with it what it
    is a part of, where the checkout has ended already."""
    placed_at = state.orders[0].placed_at
    orders = msgspec.json.encode(state.orders)
    return Write(CONFIRM, (state.checkout_id, orders, placed_at))


async def refuse_checkout(
    tx: Transaction, checkout_id: str, *, refusal: str, now: datetime
) -> None:
    await tx.execute(REFUSE, checkout_id, refusal, now)
