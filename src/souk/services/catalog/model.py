"""What a product is made of, and what makes two of its variants different."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence

import nh3
from msgspec import Struct

from souk.contracts.catalog import Image, ProductStatus, VariantsAlike, WrongCurrency
from souk.kernel.money import Money
from souk.kernel.refusals import FieldError, InvalidRequest

PRICE_MAX = 10**12  # minor units; keeps every total within what JSON numbers hold
# What a description may look like; nothing that runs, loads or links by script.
TAGS = {
    "a", "b", "blockquote", "br", "code", "dd", "div", "dl", "dt", "em", "h2", "h3", "h4", "hr", "i",
    "li", "ol", "p", "pre", "s", "span", "strong", "sub", "sup", "table", "tbody", "td", "th", "thead",
    "tr", "u", "ul",
}  # fmt: skip


class VariantDraft(Struct, frozen=True, kw_only=True):
    """A variant to be saved."""

    id: str
    sku: str
    options: Mapping[str, str]
    price: Money
    compare_at_price: Money | None = None
    barcode: str = ""
    weight_grams: int | None = None
    image_url: str = ""

    @property
    def name(self) -> str:
        """`M / Red`; a product with one variant has no name for it."""
        return " / ".join(self.options.values())


class ProductDraft(Struct, frozen=True, kw_only=True):
    """A product to be saved, checked and cleaned."""

    id: str
    shop_id: str
    shop_name: str
    handle: str
    name: str
    variants: tuple[VariantDraft, ...]
    description: str = ""
    category: str = ""
    brand: str = ""
    tags: tuple[str, ...] = ()
    weight_grams: int = 0
    images: tuple[Image, ...] = ()
    status: ProductStatus = ProductStatus.PUBLISHED

    @property
    def options(self) -> list[str]:
        """Option names, in the order the variants first use them."""
        return list(dict.fromkeys(name for variant in self.variants for name in variant.options))

    @property
    def lowest(self) -> VariantDraft:
        return min(self.variants, key=lambda variant: variant.price.amount)

    @property
    def search_text(self) -> str:
        return searchable(self.name, self.brand, self.tags)


def searchable(name: str, brand: str, tags: Sequence[str]) -> str:
    return " ".join([name, brand, *tags])


def slug_from(name: str) -> str:
    """`Crème Brûlée, 4 pcs` becomes `creme-brulee-4-pcs`; without Latin letters, `product`."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:150].strip("-") or "product"


def cleaned(html: str) -> str:
    """HTML without anything that runs; plain text stays as it is."""
    return nh3.clean(html, tags=TAGS, link_rel="nofollow noopener noreferrer").strip()


def paths_of(category: str) -> list[str]:
    """`a/b/c` lies in `a`, `a/b` and `a/b/c`."""
    parts = category.split("/") if category else []
    return ["/".join(parts[: end + 1]) for end in range(len(parts))]


def title_of(slug: str) -> str:
    """`home-and-garden` reads "Home and garden"."""
    return slug.replace("-", " ").capitalize()


def must_sell_in(currency: str, variants: Sequence[VariantDraft]) -> None:
    """Every price is in the shop's currency, and one that can be counted."""
    for number, variant in enumerate(variants):
        for field, price in (
            ("price", variant.price),
            ("compare_at_price", variant.compare_at_price),
        ):
            if price is None:
                continue
            if price.currency != currency:
                raise WrongCurrency(expected=currency, given=price.currency)
            must_be_a_price(price, f"variants[{number}].{field}")


def must_be_a_price(price: Money, field: str) -> None:
    if not 0 <= price.amount <= PRICE_MAX:
        problem = f"must be between 0 and {PRICE_MAX}"
        raise InvalidRequest(FieldError(f"{field}.amount", problem))


def must_differ(variants: Sequence[VariantDraft]) -> None:
    """No two variants share a SKU or all their options, and all have the same options."""
    skus: set[str] = set()
    chosen: set[tuple[tuple[str, str], ...]] = set()
    for variant in variants:
        options = tuple(sorted(variant.options.items()))
        if variant.sku in skus or options in chosen:
            raise VariantsAlike(sku=variant.sku)
        skus.add(variant.sku)
        chosen.add(options)
    must_have_the_same_options(variants)


def must_have_the_same_options(variants: Sequence[VariantDraft]) -> None:
    names = set(variants[0].options)
    errors = [
        FieldError(f"variants[{number}].options", f"must be {', '.join(sorted(names)) or 'absent'}")
        for number, variant in enumerate(variants)
        if set(variant.options) != names
    ]
    if errors:
        raise InvalidRequest(*errors)
