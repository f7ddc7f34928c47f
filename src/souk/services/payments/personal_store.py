"""What payments hold of people: that they paid. Names and addresses never come here."""

from __future__ import annotations

from souk.kernel.personal_data import Holding

# A guest is a checkout, under its id.
PAID_BY = "(payer_id = $1 or payer_id is null and checkout_id = $1)"
PAYMENTS = f"""
select id, checkout_id, status, provider, method, currency, amount_amount, captured_amount,
       refunded_amount, created_at
from payments where {PAID_BY} order by id
"""  # noqa: S608 - names of ours
REFUNDS = f"""
select refunds.id, refunds.payment_id, order_id, refunds.currency, refunds.amount_amount,
       refunds.reason, refunds.status, refunds.created_at
from refunds join payments on payments.id = payment_id where {PAID_BY} order by refunds.id
"""  # noqa: S608 - names of ours
# Somebody of the staff wrote it about a person.
ERASE_REASONS = f"""
update refunds set reason = '' from payments
where payments.id = payment_id and {PAID_BY} and refunds.reason <> ''
"""  # noqa: S608 - names of ours
# The ledger is only ever added to, and the books must go on adding up.
KEPT = f"""
select count(*)::int as kept, max(created_at) + interval '10 years' as kept_until
from payments where {PAID_BY}
"""  # noqa: S608 - names of ours
MONEY_UNDER_WAY = f"""
select (select count(*) from payments
        where {PAID_BY} and status in ('pending', 'requires_action', 'authorized')
        and called_off_at is null)
     + (select count(*) from refunds join payments on payments.id = payment_id
        where {PAID_BY} and refunds.status = 'pending')
"""  # noqa: S608 - names of ours
HOLDINGS = (
    Holding(
        part="payments",
        export=PAYMENTS,
        duty="bookkeeping",
        kept=KEPT,
        under_way=MONEY_UNDER_WAY,
        obstacle="{count} payments or refunds are under way",
        advice="Wait until they are through.",
    ),
    Holding(part="refunds", export=REFUNDS, erase=ERASE_REASONS),
)
