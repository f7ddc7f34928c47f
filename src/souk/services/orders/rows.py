"""How an order is read: one statement, its lines and its timeline with it."""

from __future__ import annotations

# E-mail and address: sealed, in the checkout's row, with the checkout's own key.
CONTACT = """
sealed, (select sealed_key from person_keys where person = checkouts.id) as _key
"""
# JSON as the contracts write it, whatever time zone the session has.
ORDER = """
(select sealed from checkouts where id = checkout_id) as sealed,
(select sealed_key from person_keys where person = checkout_id) as _key,
orders.id, order_number, checkout_id, shop_id, buyer_id, guest_token_hash, status, currency,
subtotal_amount, discount_amount, shipping_amount, tax_amount, total_amount, refunded_amount,
shipping_method, carrier, tracking_number, payment_id, placed_at,
(select jsonb_agg(jsonb_build_object(
            'id', item.id, 'product_id', product_id, 'variant_id', variant_id, 'sku', sku,
            'name', name, 'variant_name', variant_name, 'image_url', image_url,
            'quantity', quantity, 'quantity_claimed', quantity_claimed,
            'quantity_shipped', quantity_shipped,
            'unit_price', jsonb_build_object('amount', unit_price_amount, 'currency', currency),
            'line_total', jsonb_build_object('amount', line_total_amount, 'currency', currency),
            'discount', jsonb_build_object('amount', item.discount_amount, 'currency', currency),
            'tax', jsonb_build_object('amount', item.tax_amount, 'currency', currency)
        ) order by position)
   from order_items as item where item.order_id = orders.id) as items,
(select jsonb_agg(jsonb_build_object(
            'event', event, 'note', note,
            'at', to_char(at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
        ) order by entry.id)
   from order_events as entry where entry.order_id = orders.id) as timeline
"""
