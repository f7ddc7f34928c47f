"""What the provider's word changes, what it must not change, and shares that add up."""

from datetime import UTC, datetime
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from souk.contracts.payments import EscrowStatus, PaymentStatus, RefundTooLarge
from souk.kernel.money import zero
from souk.services.payments.model import ledger
from souk.services.payments.model.payment import Part, Payment, escrow_of
from souk.services.payments.providers import Charge, ChargeState
from tests.services.payments.counter import usd

NOW = datetime(2026, 1, 1, tzinfo=UTC)
HELD = frozenset({PaymentStatus.REQUIRES_ACTION, PaymentStatus.AUTHORIZED, PaymentStatus.CAPTURED})


def payment(status, *, called_off=False, parts=()):
    return Payment(
        id="p", checkout_id="c", status=status, provider="sandbox", method="approve",
        amount=usd(1000), captured=zero("USD"), refunded=zero("USD"), payer_id=None,
        guest_token_hash="", called_off_at=NOW if called_off else None, created_at=NOW, parts=parts,
    )  # fmt: skip


def part(total=1000, captured=0, returned=0, released=False, **shares):
    return Part(
        order_id="o", shop_id="s", currency="USD", total_amount=total, captured_amount=captured,
        returned_amount=returned, released_at=NOW if released else None, **shares,
    )  # fmt: skip


@pytest.mark.parametrize(("state", "status"), list(product(ChargeState, PaymentStatus)))
def test_no_word_of_the_provider_is_ever_lost_or_turned_back(state, status):
    before = payment(status)

    after = before.learn(Charge(state=state), NOW)

    if state is ChargeState.CAPTURED and status not in (
        PaymentStatus.PARTIALLY_REFUNDED, PaymentStatus.REFUNDED
    ):  # fmt: skip
        assert after.status is PaymentStatus.CAPTURED
    if status in (PaymentStatus.CAPTURED, PaymentStatus.REFUNDED, PaymentStatus.PARTIALLY_REFUNDED):
        assert after is before
    if status in (PaymentStatus.DECLINED, PaymentStatus.VOIDED) and after is not before:
        assert after.is_called_off  # late money goes back
    if state is ChargeState.REQUIRES_ACTION and status is not PaymentStatus.PENDING:
        assert after is before
    assert after.learn(Charge(state=state), NOW).status is after.status


@pytest.mark.parametrize("status", sorted(HELD | {PaymentStatus.PENDING}))
def test_what_was_called_off_is_undone_as_long_as_money_is_held(status):
    taken = part(captured=1000 if status is PaymentStatus.CAPTURED else 0)
    assert payment(status, called_off=True, parts=(taken,)).is_to_be_undone
    assert not payment(status, parts=(taken,)).is_to_be_undone


def test_more_than_is_left_cannot_be_given_back():
    bought = part(captured=1000, returned=400)
    assert bought.to_give_back(None) == usd(600)
    assert bought.to_give_back(usd(600)) == usd(600)
    with pytest.raises(RefundTooLarge):
        bought.to_give_back(usd(601))


@pytest.mark.parametrize(
    ("parts", "status"),
    [
        ([part()], EscrowStatus.NONE),
        ([part(captured=1000)], EscrowStatus.HELD),
        ([part(captured=1000), part(captured=1000, released=True)],
         EscrowStatus.PARTIALLY_RELEASED),
        ([part(captured=1000, released=True)], EscrowStatus.RELEASED),
        ([part(captured=1000, returned=1000)], EscrowStatus.REFUNDED),
        ([part(captured=1000, returned=1000), part(captured=1000)], EscrowStatus.HELD),
        ([part(captured=1000, returned=1000), part(captured=1000, released=True)],
         EscrowStatus.RELEASED),
        ([part(total=0), part(captured=1000)], EscrowStatus.HELD),
    ],
)  # fmt: skip
def test_the_escrow_of_a_payment_is_that_of_its_parts(parts, status):
    assert escrow_of(parts) is status


@given(
    goods=st.integers(0, 10**9),
    shipping=st.integers(0, 10**6),
    tax=st.integers(0, 10**6),
    returned=st.integers(0, 10**9),
    commission=st.integers(0, 10_000),
)
def test_shares_always_add_up_to_what_is_left(goods, shipping, tax, returned, commission):
    total = goods + shipping + tax
    bought = part(
        total, captured=total, returned=min(returned, total), shipping_amount=shipping,
        tax_amount=tax,
    )  # fmt: skip
    transfer = ledger.release("p", bought, commission_basis_points=commission)
    assert sum(entry.amount for entry in transfer.entries.values()) == 0
    shares = [entry for name, entry in transfer.entries.items() if name != ledger.escrow("o")]
    assert all(share.amount >= 0 for share in shares)


@given(
    held=st.lists(st.integers(1, 10**6), min_size=1, max_size=4),
    parts=st.lists(st.integers(1, 10**6), min_size=1, max_size=8),
)
def test_refunds_after_the_release_never_take_more_than_anybody_holds(held, parts):
    left = {f"account:{index}": amount for index, amount in enumerate(held)}
    for asked in [*parts, sum(held)]:
        amount = min(asked, sum(left.values()))
        if not amount:
            break
        refund = ledger.Refund(id="r", payment_id="p", order_id="o", amount=usd(amount))
        transfer = ledger.refund(refund, "sandbox", released=list(left.items()))
        assert sum(entry.amount for entry in transfer.entries.values()) == 0
        left = {name: held + transfer.entries[name].amount for name, held in left.items()}
        assert min(left.values()) >= 0
    assert sum(left.values()) == 0
