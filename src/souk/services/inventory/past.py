"""Sales of before: holds that ended long ago, with the stock they took."""

from __future__ import annotations

from collections.abc import Sequence

from souk.contracts.inventory import PastSale
from souk.kernel.database import Transaction

# Bought in a day before it was sold: the movements of a variant still sum up to its stock.
RECORD_SALES = """
with given as (
    select * from unnest($1::uuid[], $2::uuid[], $3::int[], $4::timestamptz[])
        as g (hold_id, variant_id, quantity, sold_at)
), ended as (
    insert into holds (id, status, created_at)
    select distinct on (hold_id) hold_id, 'committed', sold_at from given order by hold_id
    on conflict (id) do nothing
    returning id
), fresh as (
    select given.*, product_id from given
    join ended on ended.id = hold_id join stock using (variant_id)
), lines as (
    insert into hold_lines (hold_id, variant_id, quantity)
    select hold_id, variant_id, quantity from fresh
)
insert into movements (variant_id, product_id, kind, on_hand_change, reason, at)
select variant_id, product_id, kind, quantity * sign, reason, sold_at - lead
from fresh, (values ('adjusted', 1, 'bought in', interval '1 day'), ('sold', -1, '', interval '0'))
                as step (kind, sign, words, lead),
     lateral (select case when words = '' then 'checkout ' || hold_id else words end) as r (reason)
order by sold_at - lead
"""


async def record_sales(tx: Transaction, sales: Sequence[PastSale]) -> None:
    """Those whose hold is known already are left as they are."""
    lines = [(sale, line) for sale in sales for line in sale.lines]
    await tx.execute(
        RECORD_SALES,
        [sale.hold_id for sale, _ in lines],
        [line.variant_id for _, line in lines],
        [line.quantity for _, line in lines],
        [sale.sold_at for sale, _ in lines],
    )
