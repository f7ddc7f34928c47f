"""What things cost together: lines, discount, shipping and tax, in parts that add up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec import Struct, structs

from souk.contracts.catalog import Offer
from souk.contracts.pricing import (
    AmountTooLarge,
    CurrenciesMixed,
    PricedLine,
    PromoCodeRefused,
    Promotion,
    QuoteResponse,
    ShopQuote,
    TaxRate,
)
from souk.kernel.money import LARGEST, Money, total, zero

NO_CURRENCY = "XXX"  # ISO 4217's own word for none
MILLION = 1_000_000


class Wanted(Struct, frozen=True):
    """So many of what is offered."""

    offer: Offer
    quantity: int


def one_currency(wanted: Sequence[Wanted]) -> str:
    """The currency all of them are offered in."""
    if not wanted:
        return NO_CURRENCY
    first = wanted[0].offer.price.currency
    for each in wanted:
        if each.offer.price.currency != first:
            raise CurrenciesMixed(first=first, second=each.offer.price.currency)
    return first


def priced(wanted: Sequence[Wanted], currency: str) -> list[PricedLine]:
    """Lines before discount and tax."""
    if sum(each.offer.price.amount * each.quantity for each in wanted) > LARGEST // 4:
        raise AmountTooLarge()
    return [
        PricedLine(
            variant_id=each.offer.variant_id,
            product_id=each.offer.product_id,
            shop_id=each.offer.shop_id,
            sku=each.offer.sku,
            name=each.offer.name,
            variant_name=each.offer.variant_name,
            image_url=each.offer.image_url,
            quantity=each.quantity,
            unit_price=each.offer.price,
            line_total=each.offer.price * each.quantity,
            discount=zero(currency),
            tax=zero(currency),
        )
        for each in wanted
    ]


def must_count(
    promotion: Promotion, lines: Sequence[PricedLine], currency: str, now: datetime
) -> None:
    """Refuses a coupon that does not count for these lines, with a reason to act on."""
    refused = None
    subtotal = total((line.line_total for line in lines if counts(promotion, line)), currency)
    if not promotion.is_active or (promotion.ends_at and promotion.ends_at <= now):
        refused = "it has ended"
    elif promotion.starts_at and promotion.starts_at > now:
        refused = "it has not begun"
    elif promotion.max_redemptions and promotion.redemptions >= promotion.max_redemptions:
        refused = "it has been used up"
    elif not subtotal:
        refused = "it is for another shop"
    elif promotion.minimum and promotion.minimum.currency != currency:
        refused = f"it is for orders in {promotion.minimum.currency}"
    elif promotion.minimum and subtotal.amount < promotion.minimum.amount:
        refused = f"it is for orders from {promotion.minimum}"
    if refused:
        raise PromoCodeRefused(code=promotion.code, reason=refused)


def counts(promotion: Promotion, line: PricedLine) -> bool:
    return not promotion.shop_id or promotion.shop_id == line.shop_id


def discounted(
    lines: Sequence[PricedLine], promotion: Promotion, currency: str
) -> list[PricedLine]:
    """The coupon's share of what it counts for, dealt out to the lines by their worth."""
    lucky = [line for line in lines if counts(promotion, line)]
    if not lucky:
        return list(lines)
    subtotal = total((line.line_total for line in lucky), currency)
    discount = subtotal.share(basis_points=promotion.percent_basis_points)
    parts = iter(discount.split([line.line_total.amount for line in lucky]))
    return [
        structs.replace(line, discount=next(parts)) if counts(promotion, line) else line
        for line in lines
    ]


def quote(
    lines: Sequence[PricedLine],
    *,
    currency: str,
    shipping: Mapping[str, Money],
    tax: TaxRate | None,
    coupon_code: str,
) -> QuoteResponse:
    """Everything added up, shop by shop; `shipping` is by shop id."""
    by_shop: dict[str, list[PricedLine]] = {}
    for line in lines:
        by_shop.setdefault(line.shop_id, []).append(line)
    shops: list[ShopQuote] = []
    taxed: dict[str, PricedLine] = {}
    for shop_id, own in by_shop.items():
        shop, with_tax = shop_quote(own, shipping.get(shop_id, zero(currency)), tax, currency)
        shops.append(shop)
        taxed |= {line.variant_id: line for line in with_tax}
    result = QuoteResponse(
        currency=currency,
        lines=tuple(taxed[line.variant_id] for line in lines),
        shops=tuple(shops),
        subtotal=total((shop.subtotal for shop in shops), currency),
        discount=total((shop.discount for shop in shops), currency),
        shipping=total((shop.shipping for shop in shops), currency),
        tax=total((shop.tax for shop in shops), currency),
        total=total((shop.total for shop in shops), currency),
        coupon_code=coupon_code,
        taxes=(tax_in_words(tax),) if tax and tax.rate_ppm else (),
    )
    if result.total.amount > LARGEST:
        raise AmountTooLarge()
    return result


def shop_quote(
    lines: Sequence[PricedLine], shipping: Money, tax: TaxRate | None, currency: str
) -> tuple[ShopQuote, list[PricedLine]]:
    """One shop's sums, and its lines with their part of the tax.

    Tax is rounded once a shop, on what is left after the discount, and then dealt out to the
    lines: rounding line by line would make the parts and the whole differ.
    """
    rate = tax.rate_ppm if tax else 0
    nets = [line.line_total - line.discount for line in lines]
    goods_tax = total(nets, currency).portion(rate, of=MILLION)
    parts = goods_tax.split([net.amount for net in nets])
    shipping_tax = shipping.portion(rate if tax and tax.is_shipping_taxed else 0, of=MILLION)
    subtotal = total((line.line_total for line in lines), currency)
    discount = total((line.discount for line in lines), currency)
    whole_tax = goods_tax + shipping_tax
    shop = ShopQuote(
        shop_id=lines[0].shop_id,
        subtotal=subtotal,
        discount=discount,
        shipping=shipping,
        tax=whole_tax,
        total=subtotal - discount + shipping + whole_tax,
    )
    return shop, [structs.replace(line, tax=part) for line, part in zip(lines, parts, strict=True)]


def tax_in_words(tax: TaxRate) -> str:
    """`DE VAT 19 %`."""
    whole, rest = divmod(tax.rate_ppm, 10_000)
    percent = f"{whole}.{rest:04d}".rstrip("0").rstrip(".")
    place = f"{tax.country}-{tax.state}" if tax.state else tax.country
    return f"{place} {tax.name} {percent} %"
