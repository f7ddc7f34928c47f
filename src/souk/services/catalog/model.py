"""What a product is made of, and what makes two of its variants different."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ParamSpec, TypeVar

from msgspec import Struct

from souk.contracts.catalog import (
    CreateProductRequest,
    Image,
    NewVariant,
    ProductStatus,
    VariantsAlike,
    WrongCurrency,
)
from souk.kernel.ids import new_id
from souk.kernel.money import Money
from souk.kernel.refusals import FieldError, InvalidRequest
from souk.services.catalog import texts

P = ParamSpec("P")
T = TypeVar("T")
PRICE_MAX = 10**12  # minor units; keeps every total within what JSON numbers hold
STOCK_MAX = 1_000_000_000
GRAMS_MAX = 100_000_000
OPTIONS_MAX = 3  # as many as a product sheet has columns for
VARIANTS_MAX = 250
IMAGES_MAX = 50
# How sheets say that a product has but one variant.
ONLY_OPTION = {"Title": "Default Title"}


class VariantDraft(Struct, frozen=True, kw_only=True):
    """A variant as its shop writes it."""

    id: str
    sku: str
    options: tuple[str, ...]  # values, in the order of the product's options
    place: int
    price: Money
    compare_at_price: Money | None = None
    barcode: str = ""
    weight_grams: int | None = None  # None: the product's
    image_url: str = ""

    @property
    def name(self) -> str:
        """`M / Red`; a product's only variant has no name."""
        return " / ".join(self.options)


class ProductDraft(Struct, frozen=True, kw_only=True):
    """A product as its shop writes it, checked and cleaned."""

    id: str
    shop_id: str
    handle: str
    name: str
    options: tuple[str, ...]
    variants: tuple[VariantDraft, ...]
    description: str = ""
    category: str = ""
    brand: str = ""
    tags: tuple[str, ...] = ()
    weight_grams: int = 0
    images: tuple[Image, ...] = ()
    status: ProductStatus = ProductStatus.PUBLISHED

    @property
    def lowest(self) -> VariantDraft:
        return min(self.variants, key=lambda variant: (variant.price.amount, variant.place))

    def grams(self, variant: VariantDraft) -> int:
        return self.weight_grams if variant.weight_grams is None else variant.weight_grams


class ShopFacts(Struct, frozen=True):
    """What the catalog must know of a shop before it writes for it."""

    id: str
    name: str
    currency: str
    is_selling: bool


class NewProduct(Struct, frozen=True, kw_only=True):
    """A product to be put on sale, and how many there are of each variant."""

    draft: ProductDraft
    stock: Mapping[str, int]
    shop: ShopFacts


class Cleaner:
    """Cleans field by field and remembers what is wrong, so that all of it is told at once."""

    def __init__(self) -> None:
        self._errors: list[FieldError] = []

    def take(
        self, field: str, clean: Callable[P, T], otherwise: T, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        try:
            return clean(*args, **kwargs)
        except ValueError as error:
            self.add(field, str(error))
            return otherwise

    def add(self, field: str, message: str) -> None:
        self._errors.append(FieldError(field, message))

    def must_be_clean(self) -> None:
        if self._errors:
            raise InvalidRequest(*self._errors)


def new_product(request: CreateProductRequest, shop: ShopFacts) -> NewProduct:
    """Raises InvalidRequest, WrongCurrency or VariantsAlike."""
    cleaner = Cleaner()
    name = cleaner.take("name", texts.line_from, "", request.name, most=texts.NAME_MAX, least=1)
    options = cleaned_options(cleaner, request.variants, order=request.options)
    draft = ProductDraft(
        id=new_id(),
        shop_id=request.shop_id,
        handle=texts.slug_from(name),
        name=name,
        options=tuple(options[0]) if options else (),
        variants=tuple(
            cleaned_variant(
                cleaner, f"variants[{number}]", number, variant, tuple(options[number].values())
            )
            for number, variant in enumerate(request.variants)
        ),
        description=cleaner.take("description", texts.html_from, "", request.description),
        category=cleaner.take("category", texts.category_from, "", request.category),
        brand=cleaner.take("brand", texts.line_from, "", request.brand, most=texts.BRAND_MAX),
        tags=cleaner.take("tags", texts.tags_from, (), request.tags),
        weight_grams=request.weight_grams,
        images=cleaned_images(cleaner, request.images),
        status=ProductStatus.DRAFT if request.is_draft else ProductStatus.PUBLISHED,
    )
    cleaner.must_be_clean()
    must_sell_in(shop.currency, draft.variants)
    must_differ(draft.variants)
    stock = {
        variant.id: given.stock
        for variant, given in zip(draft.variants, request.variants, strict=True)
    }
    return NewProduct(draft=draft, stock=stock, shop=shop)


def cleaned_options(
    cleaner: Cleaner, variants: Sequence[NewVariant], *, order: Sequence[str]
) -> list[dict[str, str]]:
    """Each variant's values by name, all in one order.

    Maps lose theirs on the way between processes, so it is the one that is said, or the alphabet.
    """
    read = []
    for number, variant in enumerate(variants):
        field = f"variants[{number}].options"
        kept: dict[str, str] = {}
        for name, value in variant.options.items():
            option = cleaner.take(field, option_from, {}, name, value)
            if not kept.keys().isdisjoint(option):
                cleaner.add(field, "must have names that differ")
            kept |= option
        read.append(kept)
    if len(read) == 1 and read[0] == ONLY_OPTION:
        return [{}]
    return in_one_order(cleaner, read, order)


def in_one_order(
    cleaner: Cleaner, read: Sequence[Mapping[str, str]], order: Sequence[str]
) -> list[dict[str, str]]:
    names = sorted(read[0])
    if sorted(order) == names:
        names = list(order)
    elif order:
        cleaner.add("options", f"must be {', '.join(names) or 'absent'}, in some order")
    if len(names) > OPTIONS_MAX:
        cleaner.add("variants[0].options", f"must be at most {OPTIONS_MAX}")
    for number, options in enumerate(read):
        if set(options) != set(names):
            said = ", ".join(names) or "absent"
            cleaner.add(f"variants[{number}].options", f"must be {said}, as those of the first")
    return [{name: options.get(name, "") for name in names} for options in read]


def option_from(name: str, value: str) -> dict[str, str]:
    most = texts.OPTION_MAX
    return {texts.line_from(name, most=most, least=1): texts.line_from(value, most=most, least=1)}


def cleaned_names(cleaner: Cleaner, given: Sequence[str]) -> tuple[str, ...]:
    """Names of options, in their order."""
    line, most = texts.line_from, texts.OPTION_MAX
    names = tuple(
        cleaner.take(f"options[{number}]", line, "", name, most=most, least=1)
        for number, name in enumerate(given)
    )
    if len(set(names)) < len(names) or len(names) > OPTIONS_MAX:
        cleaner.add("options", f"must be at most {OPTIONS_MAX}, and differ")
    return names


def cleaned_values(
    cleaner: Cleaner, field: str, given: Mapping[str, str], names: Sequence[str]
) -> tuple[str, ...]:
    """A variant's values, in the order of the names."""
    kept: dict[str, str] = {}
    for name, value in given.items():
        kept |= cleaner.take(field, option_from, {}, name, value)
    if set(kept) != set(names):
        cleaner.add(field, f"must be {', '.join(names) or 'absent'}, of every variant")
    return tuple(kept.get(name, "") for name in names)


def cleaned_variant(
    cleaner: Cleaner, field: str, place: int, given: NewVariant, options: tuple[str, ...]
) -> VariantDraft:
    line = texts.line_from
    for name, price in (("price", given.price), ("compare_at_price", given.compare_at_price)):
        if price is not None:
            cleaner.take(f"{field}.{name}.amount", must_be_a_price, None, price)
    return VariantDraft(
        id=new_id(),
        sku=cleaner.take(f"{field}.sku", line, "", given.sku, most=texts.SKU_MAX, least=1),
        options=options,
        place=place,
        price=given.price,
        compare_at_price=given.compare_at_price or None,
        barcode=cleaner.take(f"{field}.barcode", line, "", given.barcode, most=texts.BARCODE_MAX),
        weight_grams=given.weight_grams or None,
        image_url=cleaner.take(f"{field}.image_url", texts.address_from, "", given.image_url)
        if given.image_url
        else "",
    )


def cleaned_images(cleaner: Cleaner, images: Sequence[Image]) -> tuple[Image, ...]:
    """Each address once."""
    kept: dict[str, Image] = {}
    for number, image in enumerate(images):
        field = f"images[{number}]"
        url = cleaner.take(f"{field}.url", texts.address_from, "", image.url)
        alt = cleaner.take(f"{field}.alt", texts.line_from, "", image.alt, most=texts.ALT_MAX)
        kept.setdefault(url, Image(url=url, alt=alt))
    return tuple(kept.values())


def must_be_a_price(price: Money) -> None:
    if not 0 <= price.amount <= PRICE_MAX:
        raise ValueError(f"must be between 0 and {PRICE_MAX}")


def must_sell_in(currency: str, variants: Sequence[VariantDraft]) -> None:
    """Every price is in the shop's currency."""
    for variant in variants:
        for price in (variant.price, variant.compare_at_price):
            if price is not None and price.currency != currency:
                raise WrongCurrency(expected=currency, given=price.currency)


def must_differ(variants: Sequence[VariantDraft]) -> None:
    """No two variants share a SKU or all their options."""
    seen: set[Any] = set()
    for variant in variants:
        if variant.sku in seen or variant.options in seen:
            raise VariantsAlike(sku=variant.sku)
        seen |= {variant.sku, variant.options}
