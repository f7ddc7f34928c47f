"""The ledger's transfers: how money moves between accounts when it is taken, released, returned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from souk.kernel.money import Money
from souk.services.payments.model.payment import Part, Payment

COMMISSION = "platform:commission"
SHIPPING = "platform:shipping"
TAX = "tax:collected"


class Transfer(Struct, frozen=True, kw_only=True):
    """Money between accounts; a positive amount is what the account gains. Sums to zero."""

    kind: str
    reference: str  # the order or the refund: one transfer of a kind for each
    payment_id: str
    order_id: str
    entries: Mapping[str, Money]


class Refund(Struct, frozen=True, kw_only=True):
    """Money of one order that goes back to the shopper."""

    id: str
    payment_id: str
    order_id: str
    amount: Money


def provider(name: str) -> str:
    return f"provider:{name}"


def on_its_way(provider_name: str) -> str:
    """Owed to shoppers: refunds that the provider has not confirmed yet."""
    return f"refunds:{provider_name}"


def escrow(order_id: str) -> str:
    return f"escrow:{order_id}"


def seller(shop_id: str) -> str:
    return f"seller:{shop_id}"


def capture(payment: Payment) -> list[Transfer]:
    """From the provider's clearing into the escrow of each order."""
    return [
        Transfer(
            kind="capture",
            reference=part.order_id,
            payment_id=payment.id,
            order_id=part.order_id,
            entries={provider(payment.provider): -part.total, escrow(part.order_id): part.total},
        )
        for part in payment.parts
        if part.total
    ]


def shares(part: Part, *, commission_basis_points: int) -> dict[str, Money]:
    """Who gets what of what is left in escrow; the shares add up to it.

    After a partial refund everybody bears it in proportion.
    """
    goods = part.total.amount - part.shipping_amount - part.tax_amount
    commission = Money(goods, part.currency).share(basis_points=commission_basis_points).amount
    weights = {
        seller(part.shop_id): goods - commission,
        COMMISSION: commission,
        SHIPPING: part.shipping_amount,
        TAX: part.tax_amount,
    }
    return dict(zip(weights, part.left.split(list(weights.values())), strict=True))


def release(payment_id: str, part: Part, *, commission_basis_points: int) -> Transfer:
    """Out of escrow to the seller, the platform and the tax office."""
    return Transfer(
        kind="release",
        reference=part.order_id,
        payment_id=payment_id,
        order_id=part.order_id,
        entries={
            escrow(part.order_id): -part.left,
            **shares(part, commission_basis_points=commission_basis_points),
        },
    )


def refund(refund: Refund, provider_name: str, *, released: Sequence[tuple[str, int]]) -> Transfer:
    """Back towards the shopper: out of escrow, or from those who hold the released money.

    `released` is what each account still holds of the order. In proportion to that, nobody gives
    more than they hold, and the last refund takes exactly the rest.
    """
    amount = refund.amount
    givers = {escrow(refund.order_id): -amount}
    if released:
        parts = amount.split([held for _, held in released])
        givers = {account: -part for (account, _), part in zip(released, parts, strict=True)}
    return Transfer(
        kind="refund",
        reference=refund.id,
        payment_id=refund.payment_id,
        order_id=refund.order_id,
        entries={**givers, on_its_way(provider_name): amount},
    )


def payback(refund: Refund, provider_name: str) -> Transfer:
    """The provider has given the money back."""
    return Transfer(
        kind="payback",
        reference=refund.id,
        payment_id=refund.payment_id,
        order_id=refund.order_id,
        entries={on_its_way(provider_name): -refund.amount, provider(provider_name): refund.amount},
    )
