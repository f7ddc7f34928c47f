"""What carts hold of people: what they have put in."""

from __future__ import annotations

from souk.kernel.personal_data import Holding

HOLDINGS = (
    Holding(
        part="cart",
        export="select item.id, variant_id, quantity, name, coupon_code, updated_at"
        " from cart_items as item join carts on carts.id = cart_id"
        " where user_id = $1 order by item.id",
        erase="delete from carts where user_id = $1",
    ),
)
