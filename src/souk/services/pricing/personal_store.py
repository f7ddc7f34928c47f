"""What pricing holds of people: which promo codes they have used."""

from __future__ import annotations

from souk.kernel.personal_data import Holding

HOLDINGS = (
    Holding(
        part="redemptions",
        export="select checkout_id, code, redemptions.discount_amount, discount_currency,"
        " redeemed_at from redemptions join promotions on promotions.id = promotion_id"
        " where buyer_id = $1 order by redeemed_at, checkout_id",
        # That somebody used it counts on; who, does not.
        erase="update redemptions set buyer_id = null where buyer_id = $1",
    ),
)
