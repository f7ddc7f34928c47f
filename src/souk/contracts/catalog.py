"""Catalog: what is for sale, how it is ordered, and what it costs.

Generated from souk/catalog/v1/catalog.proto, souk/catalog/v1/events.proto; do not edit.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, ClassVar

from msgspec import Meta, Struct

from souk.contracts.common import (
    ErasePersonRequest,
    ErasureReceipt,
    ExportPersonRequest,
    PersonalData,
)
from souk.contracts.media import MediaNotFound, NotAPicture, PictureTooLarge, TooManyPictures
from souk.kernel.contract import (
    Access,
    Answer,
    Empty,
    Event,
    File,
    Http,
    Idempotency,
    Int32,
    Int64,
    Method,
    Rate,
    Upload,
)
from souk.kernel.money import Money
from souk.kernel.refusals import Kind, Refusal
from souk.kernel.rules import Instant, Uuid, UuidOrEmpty

if TYPE_CHECKING:
    from souk.kernel.transport import Transport


class ProductStatus(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    ARCHIVED = "archived"


class ImportStatus(StrEnum):
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class ProductCard(Struct, frozen=True, kw_only=True):
    """What a list shows of a product."""

    id: str = ""
    slug: str = ""
    name: str = ""
    shop_id: str = ""
    shop_name: str = ""
    category: str = ""
    brand: str = ""
    price: Annotated[Money, Meta(description="The lowest price of its variants.")] | None = None
    compare_at_price: Money | None = None
    rating: float = 0.0
    review_count: Int32 = 0
    image_url: str = ""
    in_stock: bool = False


class ListProductsRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    page: Annotated[int, Meta(ge=0, le=100_000)] = 0
    page_size: Annotated[int, Meta(ge=0, le=100)] = 0
    cursor: Annotated[str, Meta(max_length=500)] = ""
    category: Annotated[
        str,
        Meta(
            max_length=300,
            pattern="^[a-z0-9/-]*$",
            description=(
                'A category\'s path, such as "apparel/shirts"; its subcategories are included.'
            ),
        ),
    ] = ""
    shop_id: UuidOrEmpty = ""
    q: Annotated[str, Meta(max_length=200, description="Text in name, brand or tags.")] = ""
    sort: Annotated[
        str,
        Meta(
            pattern="^(price|-price|newest|rating|popular)?$",
            description=(
                "price, -price, newest (the default), rating, or popular: what sold most "
                "in the last 30 days."
            ),
        ),
    ] = ""


class ListShopProductsRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    shop_id: Uuid
    page: Annotated[int, Meta(ge=0, le=100_000)] = 0
    page_size: Annotated[int, Meta(ge=0, le=100)] = 0
    cursor: Annotated[str, Meta(max_length=500)] = ""
    category: Annotated[str, Meta(max_length=300, pattern="^[a-z0-9/-]*$")] = ""
    q: Annotated[str, Meta(max_length=200)] = ""
    sort: Annotated[str, Meta(pattern="^(price|-price|newest|rating|popular)?$")] = ""
    status: ProductStatus | None = None


class ProductPage(Struct, frozen=True, kw_only=True):
    items: tuple[ProductCard, ...] = ()
    page: Int32 = 0
    page_size: Int32 = 0
    total: Int64 = 0
    next_cursor: str = ""


class BrowseProductsRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    page: Annotated[int, Meta(ge=0, le=1_000)] = 0
    page_size: Annotated[int, Meta(ge=0, le=100)] = 0
    category: Annotated[
        str,
        Meta(
            max_length=300,
            pattern="^[a-z0-9/-]*$",
            description=(
                'A category\'s path, such as "apparel/shirts"; its subcategories are included.'
            ),
        ),
    ] = ""
    shop_id: UuidOrEmpty = ""
    q: Annotated[str, Meta(max_length=200, description="Text in name, brand or tags.")] = ""
    sort: Annotated[
        str,
        Meta(
            pattern="^(price|-price|newest|rating|popular)?$",
            description=(
                "price, -price, newest (the default), rating, or popular: what sold most "
                "in the last 30 days."
            ),
        ),
    ] = ""
    brands: Annotated[tuple[str, ...], Meta(max_length=20, description="Any of these brands.")] = ()
    options: Annotated[
        tuple[str, ...],
        Meta(
            max_length=40,
            description=(
                'Options as "Color:Navy": any of the values of one name, and one of each '
                "name; at most 4 names."
            ),
        ),
    ] = ()
    price_min: (
        Annotated[
            int,
            Meta(
                ge=0,
                le=9_007_199_254_740_991,
                description="Prices from and to, in minor units of `currency`.",
            ),
        ]
        | None
    ) = None
    price_max: Annotated[int, Meta(ge=0, le=9_007_199_254_740_991)] | None = None
    currency: Annotated[str, Meta(pattern="^([A-Z]{3})?$")] = ""
    in_stock: bool = False
    on_sale: bool = False


class FacetValue(Struct, frozen=True, kw_only=True):
    """One value that products may be narrowed to, and how many would be left."""

    value: str = ""
    name: Annotated[str, Meta(description="For people.")] = ""
    count: Int32 = 0


class OptionFacet(Struct, frozen=True, kw_only=True):
    name: Annotated[str, Meta(description='"Color".')] = ""
    values: tuple[FacetValue, ...] = ()


class Facets(Struct, frozen=True, kw_only=True):
    """Counts of a value leave out what was chosen among its own kind. Of more than 5,000
    products,
    they are counts of 5,000 of them.
    """

    categories: Annotated[
        tuple[FacetValue, ...], Meta(description="One level below the chosen category.")
    ] = ()
    brands: tuple[FacetValue, ...] = ()
    options: tuple[OptionFacet, ...] = ()
    lowest: Annotated[Money, Meta(description="Prices in the currency of most of them.")] | None = (
        None
    )
    highest: Money | None = None
    in_stock: Int32 = 0
    on_sale: Int32 = 0


class BrowsedProducts(Struct, frozen=True, kw_only=True):
    items: tuple[ProductCard, ...] = ()
    page: Int32 = 0
    page_size: Int32 = 0
    total: Annotated[Int64, Meta(description="At most 10,000.")] = 0
    facets: Facets | None = None


class GetProductRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    product_id: Annotated[
        str,
        Meta(min_length=1, pattern="^[a-z0-9-]{1,200}$", description="A product's id or its slug."),
    ]
    shop_id: UuidOrEmpty = ""


class Image(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    url: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=2000,
            pattern="^(https?:/)?/",
            description="An address, or the path of a picture that media keeps.",
        ),
    ]
    alt: Annotated[str, Meta(max_length=500)] = ""
    media_id: Annotated[
        UuidOrEmpty, Meta(description="Of a picture that media keeps; not read.")
    ] = ""


class NewVariant(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    sku: Annotated[str, Meta(min_length=1, max_length=100, description="Unique in the shop.")]
    options: Annotated[
        Mapping[str, str],
        Meta(max_length=10, description='Option name to value: {"Size": "M", "Color": "Red"}.'),
    ] = {}
    price: Money
    compare_at_price: Money | None = None
    stock: Annotated[int, Meta(ge=0, le=1_000_000_000)] = 0
    barcode: Annotated[str, Meta(max_length=50)] = ""
    weight_grams: Annotated[
        int, Meta(ge=0, le=100_000_000, description="Instead of the product's weight.")
    ] = 0
    image_url: Annotated[str, Meta(max_length=2000, pattern="^((https?:/)?/.*)?$")] = ""


class CreateProductRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    shop_id: Uuid
    name: Annotated[str, Meta(min_length=1, max_length=200)]
    description: Annotated[
        str,
        Meta(
            max_length=50000,
            extra={"multiline": True},
            description="HTML is kept where it is harmless.",
        ),
    ] = ""
    category: Annotated[
        str,
        Meta(
            max_length=300,
            pattern="^([a-z0-9-]+(/[a-z0-9-]+)*)?$",
            description=(
                'A path of slugs, such as "apparel/shirts"; what is missing of it is made.'
            ),
        ),
    ] = ""
    brand: Annotated[str, Meta(max_length=120)] = ""
    tags: Annotated[tuple[str, ...], Meta(max_length=50)] = ()
    weight_grams: Annotated[int, Meta(ge=0, le=100_000_000)] = 0
    variants: Annotated[tuple[NewVariant, ...], Meta(min_length=1, max_length=250)]
    images: Annotated[tuple[Image, ...], Meta(max_length=50)] = ()
    is_draft: Annotated[bool, Meta(description="A draft is seen by the shop alone.")] = False
    options: Annotated[
        tuple[str, ...],
        Meta(
            max_length=10,
            description=(
                "Option names in the order they are asked for; alphabetical when absent, "
                "since maps have none."
            ),
        ),
    ] = ()


class Variant(Struct, frozen=True, kw_only=True):
    id: str = ""
    sku: str = ""
    name: str = ""
    options: Mapping[str, str] = {}
    price: Money | None = None
    compare_at_price: Money | None = None
    available: Int32 = 0
    barcode: str = ""
    weight_grams: Int32 = 0
    image_url: str = ""


class Product(Struct, frozen=True, kw_only=True):
    id: str = ""
    slug: str = ""
    shop_id: str = ""
    shop_name: str = ""
    status: ProductStatus | None = None
    name: str = ""
    description: str = ""
    category: str = ""
    brand: str = ""
    tags: tuple[str, ...] = ()
    price: Money | None = None
    compare_at_price: Money | None = None
    rating: float = 0.0
    review_count: Int32 = 0
    in_stock: bool = False
    options: Annotated[
        tuple[str, ...], Meta(description="Option names in the order they are asked for.")
    ] = ()
    variants: tuple[Variant, ...] = ()
    images: tuple[Image, ...] = ()
    created_at: Instant | None = None
    updated_at: Instant | None = None


class UpdateProductRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    product_id: Uuid
    shop_id: UuidOrEmpty = ""
    name: Annotated[str, Meta(min_length=1, max_length=200)] | None = None
    description: Annotated[str, Meta(max_length=50000, extra={"multiline": True})] | None = None
    category: (
        Annotated[str, Meta(max_length=300, pattern="^([a-z0-9-]+(/[a-z0-9-]+)*)?$")] | None
    ) = None
    brand: Annotated[str, Meta(max_length=120)] | None = None
    status: Annotated[ProductStatus, Meta(description="draft, published or archived.")] | None = (
        None
    )
    images: Annotated[ProductImages, Meta(description="All of them, in their order.")] | None = None
    tags: ProductTags | None = None
    weight_grams: Annotated[int, Meta(ge=0, le=100_000_000)] | None = None


class ProductImages(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    items: Annotated[tuple[Image, ...], Meta(max_length=50)] = ()


class ProductTags(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    items: Annotated[tuple[str, ...], Meta(max_length=50)] = ()


class AddProductMediaRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    product_id: Uuid
    file: Annotated[bytes, Meta(min_length=1)]
    file_name: Annotated[str, Meta(max_length=255)] = ""
    content_type: Annotated[str, Meta(max_length=255)] = ""
    alt: Annotated[str, Meta(max_length=500)] = ""


class RemoveProductMediaRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    product_id: Uuid
    media_id: Uuid


class DeleteProductRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    product_id: Uuid
    shop_id: UuidOrEmpty = ""


class GetProductVariantsRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All variants; a product has at most 250."""

    product_id: Uuid


class VariantList(Struct, frozen=True, kw_only=True):
    items: tuple[Variant, ...] = ()


class SetPriceRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    product_id: Uuid
    variant_id: Annotated[UuidOrEmpty, Meta(description="All variants when absent.")] = ""
    price: Money
    compare_at_price: Money | None = None


class VariantChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    variant_id: Uuid
    sku: Annotated[str, Meta(min_length=1, max_length=100)] | None = None
    price: Money | None = None
    compare_at_price: (
        Annotated[Money, Meta(description="An amount of zero is no price to compare with.")] | None
    ) = None
    barcode: Annotated[str, Meta(max_length=50)] | None = None
    weight_grams: (
        Annotated[
            int,
            Meta(
                ge=0,
                le=100_000_000,
                description="Instead of the product's weight; 0 is the product's.",
            ),
        ]
        | None
    ) = None
    options: Annotated[
        Mapping[str, str],
        Meta(max_length=10, description="All of them, by name; unchanged when there are none."),
    ] = {}


class SaveVariantsRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    product_id: Uuid
    items: Annotated[tuple[VariantChange, ...], Meta(max_length=250)] = ()
    added: Annotated[
        tuple[NewVariant, ...], Meta(max_length=250, description="They come after those there are.")
    ] = ()
    removed: Annotated[
        tuple[Uuid, ...], Meta(max_length=250, description="Ids of variants; one at least stays.")
    ] = ()
    options: Annotated[
        tuple[str, ...],
        Meta(
            max_length=10,
            description="Option names in the order they are asked for, when they change.",
        ),
    ] = ()


class ListShopVariantsRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    shop_id: Uuid
    variant_ids: Annotated[tuple[Uuid, ...], Meta(min_length=1, max_length=100)]


class ListCategoriesRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """At most 10,000 categories."""


class Category(Struct, frozen=True, kw_only=True):
    id: str = ""
    slug: str = ""
    name: str = ""
    path: Annotated[str, Meta(description='Slugs from the root: "apparel/shirts".')] = ""
    parent_id: str = ""


class CategoryList(Struct, frozen=True, kw_only=True):
    items: tuple[Category, ...] = ()


class CreateCategoryRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: Annotated[str, Meta(min_length=1, max_length=80)]
    parent_id: UuidOrEmpty = ""


class GetCategoryRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    category_id: Uuid


class ImportProductsRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    shop_id: Uuid
    file: Annotated[bytes, Meta(min_length=1)]
    file_name: Annotated[str, Meta(max_length=255)] = ""
    content_type: Annotated[str, Meta(max_length=255)] = ""
    dry_run: Annotated[
        bool, Meta(description="Reads and checks everything and changes nothing.")
    ] = False


class ImportProblem(Struct, frozen=True, kw_only=True):
    row: Annotated[Int32, Meta(description="The line of the sheet, the header being 1.")] = 0
    field: Annotated[str, Meta(description="The column's heading.")] = ""
    message: str = ""


class ImportedProduct(Struct, frozen=True, kw_only=True):
    name: str = ""
    is_new: Annotated[bool, Meta(description="False: the shop has it, and it changes.")] = False
    variants: Int32 = 0
    changes: Annotated[
        tuple[str, ...],
        Meta(
            description=(
                "What changes: name, description, category, brand, tags, images, status, "
                "weight, prices, variants, stock."
            )
        ),
    ] = ()


class Import(Struct, frozen=True, kw_only=True):
    id: str = ""
    status: ImportStatus | None = None
    dry_run: bool = False
    rows: Annotated[
        Int32,
        Meta(
            description=(
                "Rows of the sheet without its header, and how many of them are dealt with."
            )
        ),
    ] = 0
    rows_done: Int32 = 0
    created: Annotated[Int32, Meta(description="Products.")] = 0
    updated: Int32 = 0
    failed: Annotated[Int32, Meta(description="Rows that did not go in.")] = 0
    errors: Annotated[tuple[ImportProblem, ...], Meta(description="The first 1,000.")] = ()
    started_at: Instant | None = None
    finished_at: Instant | None = None
    products: Annotated[
        tuple[ImportedProduct, ...], Meta(description="What becomes of products: the first 200.")
    ] = ()


class GetImportRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    shop_id: Uuid
    import_id: Uuid


class ExportProductsRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    shop_id: Uuid


class GetOffersRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    variant_ids: Annotated[tuple[str, ...], Meta(min_length=1, max_length=200)]


class Offer(Struct, frozen=True, kw_only=True):
    """A variant as a cart, a quote or an order sees it."""

    variant_id: str = ""
    product_id: str = ""
    shop_id: str = ""
    sku: str = ""
    name: str = ""
    variant_name: str = ""
    image_url: str = ""
    price: Money
    weight_grams: Int32 = 0
    category: str = ""
    is_sellable: Annotated[
        bool, Meta(description="Whether product and shop are open for orders.")
    ] = False


class OfferList(Struct, frozen=True, kw_only=True):
    items: tuple[Offer, ...] = ()


class ProductNotFound(Refusal):
    KIND = Kind.NOT_FOUND
    DETAIL = "There is no such product."
    product_id: str


class VariantNotFound(Refusal):
    KIND = Kind.NOT_FOUND
    DETAIL = "The product has no such variant."
    variant_id: str


class CategoryNotFound(Refusal):
    KIND = Kind.NOT_FOUND
    DETAIL = "There is no such category."
    category_id: str


class CategoryExists(Refusal):
    KIND = Kind.CONFLICT
    DETAIL = "The category {path} exists already."
    path: str


class NotYourShop(Refusal):
    KIND = Kind.NOT_FOUND
    DETAIL = "This is not a shop you work in."
    shop_id: str


class SkuTaken(Refusal):
    KIND = Kind.CONFLICT
    DETAIL = "The shop has another product with SKU {sku}."
    sku: str


class VariantsAlike(Refusal):
    KIND = Kind.INVALID
    DETAIL = "Two variants have the same SKU or the same options: {sku}."
    sku: str


class WrongCurrency(Refusal):
    KIND = Kind.INVALID
    DETAIL = "This shop sells in {expected}, not in {given}."
    expected: str
    given: str


class CursorRefused(Refusal):
    KIND = Kind.INVALID
    DETAIL = "This cursor is not one of ours."


class TooManyImages(Refusal):
    KIND = Kind.CONFLICT
    DETAIL = "A product has at most {max} pictures."
    max: int


class ImportNotFound(Refusal):
    KIND = Kind.NOT_FOUND
    DETAIL = "There is no such import in this shop."
    import_id: str


class NotAProductSheet(Refusal):
    KIND = Kind.INVALID
    DETAIL = "This is not a Shopify product sheet: {reason}."
    reason: str


class ProductCreated(Event, frozen=True, kw_only=True):
    SUBJECT: ClassVar[str] = "souk.catalog.product_created"
    AGGREGATE: ClassVar[str] = "product_id"

    product_id: str = ""
    shop_id: str = ""


class ProductUpdated(Event, frozen=True, kw_only=True):
    SUBJECT: ClassVar[str] = "souk.catalog.product_updated"
    AGGREGATE: ClassVar[str] = "product_id"

    product_id: str = ""
    shop_id: str = ""


class ProductArchived(Event, frozen=True, kw_only=True):
    SUBJECT: ClassVar[str] = "souk.catalog.product_archived"
    AGGREGATE: ClassVar[str] = "product_id"

    product_id: str = ""
    shop_id: str = ""


class PriceChanged(Event, frozen=True, kw_only=True):
    SUBJECT: ClassVar[str] = "souk.catalog.price_changed"
    AGGREGATE: ClassVar[str] = "product_id"

    product_id: str = ""
    variant_id: str = ""
    price: Money


class VariantsRetired(Event, frozen=True, kw_only=True):
    """They are not for sale any more, while their product may be."""

    SUBJECT: ClassVar[str] = "souk.catalog.variants_retired"
    AGGREGATE: ClassVar[str] = "product_id"

    product_id: str = ""
    shop_id: str = ""
    variant_ids: tuple[str, ...] = ()


class CatalogService(ABC):
    """Products, their variants and categories."""

    NAME: ClassVar[str] = "souk.catalog.v1.CatalogService"
    METHODS: ClassVar[tuple[Method, ...]]

    @abstractmethod
    async def list_products(self, request: ListProductsRequest) -> ProductPage:
        """Published products of every shop."""

    @abstractmethod
    async def list_shop_products(self, request: ListShopProductsRequest) -> ProductPage:
        """Published products of one shop; its members see drafts too."""

    @abstractmethod
    async def browse_products(self, request: BrowseProductsRequest) -> BrowsedProducts:
        """Published products by what sets them apart, and how many there are of each kind. As
        of a
        moment ago.
        """

    @abstractmethod
    async def get_product(self, request: GetProductRequest) -> Product:
        """A product, by id or slug, with its variants and what is available of each."""

    @abstractmethod
    async def create_product(self, request: CreateProductRequest) -> Product:
        """Puts a new product on sale, with its variants and first stock."""

    @abstractmethod
    async def update_product(self, request: UpdateProductRequest) -> Product:
        """Changes a product; absent fields stay as they are."""

    @abstractmethod
    async def add_product_media(self, request: AddProductMediaRequest) -> Product:
        """Adds a picture to a product: uploaded, checked and kept by media."""

    @abstractmethod
    async def remove_product_media(self, request: RemoveProductMediaRequest) -> Empty:
        """Takes a picture off a product."""

    @abstractmethod
    async def delete_product(self, request: DeleteProductRequest) -> Empty:
        """Takes a product off sale for good; orders keep what they say of it."""

    @abstractmethod
    async def get_product_variants(self, request: GetProductVariantsRequest) -> VariantList: ...

    @abstractmethod
    async def set_price(self, request: SetPriceRequest) -> Product:
        """Changes what a variant costs."""

    @abstractmethod
    async def save_variants(self, request: SaveVariantsRequest) -> Product:
        """Changes, adds and removes several variants of a product at once, or none of them;
        absent fields
        stay as they are. What is removed is not for sale any more; orders keep what they say
        of it.
        """

    @abstractmethod
    async def list_shop_variants(self, request: ListShopVariantsRequest) -> OfferList:
        """What several variants of a shop are, drafts included; unknown ones are left out."""

    @abstractmethod
    async def list_categories(self, request: ListCategoriesRequest) -> CategoryList:
        """The category tree, parents before children; at most 10,000."""

    @abstractmethod
    async def create_category(self, request: CreateCategoryRequest) -> Category: ...

    @abstractmethod
    async def get_category(self, request: GetCategoryRequest) -> Category: ...

    @abstractmethod
    async def import_products(self, request: ImportProductsRequest) -> Import:
        """Brings a Shopify product sheet into a shop; work goes on after the answer."""

    @abstractmethod
    async def get_import(self, request: GetImportRequest) -> Import:
        """How an import is getting on, and every row that did not go in."""

    @abstractmethod
    async def export_products(self, request: ExportProductsRequest) -> File:
        """All products of a shop as a Shopify product sheet."""

    @abstractmethod
    async def get_offers(self, request: GetOffersRequest) -> OfferList:
        """What several variants are and cost now; unknown ones are left out."""

    @abstractmethod
    async def export_person(self, request: ExportPersonRequest) -> PersonalData:
        """Everything this service holds of somebody."""

    @abstractmethod
    async def erase_person(self, request: ErasePersonRequest) -> ErasureReceipt:
        """Takes somebody out of this service, once and for all; repeating it changes nothing."""


class CatalogServiceClient(CatalogService):
    """Calls CatalogService, wherever it runs."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def list_products(self, request: ListProductsRequest) -> ProductPage:
        answer: ProductPage = await self._transport.call(LIST_PRODUCTS, request)
        return answer

    async def list_shop_products(self, request: ListShopProductsRequest) -> ProductPage:
        answer: ProductPage = await self._transport.call(LIST_SHOP_PRODUCTS, request)
        return answer

    async def browse_products(self, request: BrowseProductsRequest) -> BrowsedProducts:
        answer: BrowsedProducts = await self._transport.call(BROWSE_PRODUCTS, request)
        return answer

    async def get_product(self, request: GetProductRequest) -> Product:
        answer: Product = await self._transport.call(GET_PRODUCT, request)
        return answer

    async def create_product(self, request: CreateProductRequest) -> Product:
        answer: Product = await self._transport.call(CREATE_PRODUCT, request)
        return answer

    async def update_product(self, request: UpdateProductRequest) -> Product:
        answer: Product = await self._transport.call(UPDATE_PRODUCT, request)
        return answer

    async def add_product_media(self, request: AddProductMediaRequest) -> Product:
        answer: Product = await self._transport.call(ADD_PRODUCT_MEDIA, request)
        return answer

    async def remove_product_media(self, request: RemoveProductMediaRequest) -> Empty:
        answer: Empty = await self._transport.call(REMOVE_PRODUCT_MEDIA, request)
        return answer

    async def delete_product(self, request: DeleteProductRequest) -> Empty:
        answer: Empty = await self._transport.call(DELETE_PRODUCT, request)
        return answer

    async def get_product_variants(self, request: GetProductVariantsRequest) -> VariantList:
        answer: VariantList = await self._transport.call(GET_PRODUCT_VARIANTS, request)
        return answer

    async def set_price(self, request: SetPriceRequest) -> Product:
        answer: Product = await self._transport.call(SET_PRICE, request)
        return answer

    async def save_variants(self, request: SaveVariantsRequest) -> Product:
        answer: Product = await self._transport.call(SAVE_VARIANTS, request)
        return answer

    async def list_shop_variants(self, request: ListShopVariantsRequest) -> OfferList:
        answer: OfferList = await self._transport.call(LIST_SHOP_VARIANTS, request)
        return answer

    async def list_categories(self, request: ListCategoriesRequest) -> CategoryList:
        answer: CategoryList = await self._transport.call(LIST_CATEGORIES, request)
        return answer

    async def create_category(self, request: CreateCategoryRequest) -> Category:
        answer: Category = await self._transport.call(CREATE_CATEGORY, request)
        return answer

    async def get_category(self, request: GetCategoryRequest) -> Category:
        answer: Category = await self._transport.call(GET_CATEGORY, request)
        return answer

    async def import_products(self, request: ImportProductsRequest) -> Import:
        answer: Import = await self._transport.call(IMPORT_PRODUCTS, request)
        return answer

    async def get_import(self, request: GetImportRequest) -> Import:
        answer: Import = await self._transport.call(GET_IMPORT, request)
        return answer

    async def export_products(self, request: ExportProductsRequest) -> File:
        answer: File = await self._transport.call(EXPORT_PRODUCTS, request)
        return answer

    async def get_offers(self, request: GetOffersRequest) -> OfferList:
        answer: OfferList = await self._transport.call(GET_OFFERS, request)
        return answer

    async def export_person(self, request: ExportPersonRequest) -> PersonalData:
        answer: PersonalData = await self._transport.call(EXPORT_PERSON, request)
        return answer

    async def erase_person(self, request: ErasePersonRequest) -> ErasureReceipt:
        answer: ErasureReceipt = await self._transport.call(ERASE_PERSON, request)
        return answer


LIST_PRODUCTS = Method(
    service="souk.catalog.v1.CatalogService",
    name="ListProducts",
    python="list_products",
    request=ListProductsRequest,
    response=ProductPage,
    http=(Http("GET", "/api/v1/products"),),
    access=Access(public=True),
    errors=(CursorRefused,),
    rate=Rate.READ,
    answer=Answer(
        max_age_seconds=1,
        emptied_by=(
            "souk.catalog.>",
            "souk.inventory.stock_changed",
            "souk.shops.>",
        ),
    ),
    comment="Published products of every shop.",
)
LIST_SHOP_PRODUCTS = Method(
    service="souk.catalog.v1.CatalogService",
    name="ListShopProducts",
    python="list_shop_products",
    request=ListShopProductsRequest,
    response=ProductPage,
    http=(Http("GET", "/api/v1/shops/{shop_id}/products"),),
    access=Access(public=True),
    errors=(CursorRefused,),
    rate=Rate.READ,
    comment="Published products of one shop; its members see drafts too.",
)
BROWSE_PRODUCTS = Method(
    service="souk.catalog.v1.CatalogService",
    name="BrowseProducts",
    python="browse_products",
    request=BrowseProductsRequest,
    response=BrowsedProducts,
    http=(Http("GET", "/api/v1/products/browse"),),
    access=Access(public=True),
    rate=Rate.READ,
    answer=Answer(max_age_seconds=1),
    comment=(
        "Published products by what sets them apart, and how many there are of "
        "each kind. As of a\nmoment ago."
    ),
)
GET_PRODUCT = Method(
    service="souk.catalog.v1.CatalogService",
    name="GetProduct",
    python="get_product",
    request=GetProductRequest,
    response=Product,
    http=(
        Http("GET", "/api/v1/products/{product_id}"),
        Http("GET", "/api/v1/shops/{shop_id}/products/{product_id}"),
    ),
    access=Access(public=True),
    errors=(ProductNotFound,),
    rate=Rate.READ,
    answer=Answer(
        max_age_seconds=1,
        emptied_by=(
            "souk.catalog.>",
            "souk.inventory.stock_changed",
            "souk.shops.>",
        ),
    ),
    comment=("A product, by id or slug, with its variants and what is available of each."),
)
CREATE_PRODUCT = Method(
    service="souk.catalog.v1.CatalogService",
    name="CreateProduct",
    python="create_product",
    request=CreateProductRequest,
    response=Product,
    http=(
        Http("POST", "/api/v1/shops/{shop_id}/products", body="*"),
        Http("POST", "/api/v1/products", body="*"),
    ),
    access=Access(roles=frozenset({"seller", "admin"})),
    errors=(
        NotYourShop,
        SkuTaken,
        WrongCurrency,
        VariantsAlike,
    ),
    idempotent=Idempotency.OPTIONAL,
    rate=Rate.WRITE,
    comment="Puts a new product on sale, with its variants and first stock.",
)
UPDATE_PRODUCT = Method(
    service="souk.catalog.v1.CatalogService",
    name="UpdateProduct",
    python="update_product",
    request=UpdateProductRequest,
    response=Product,
    http=(
        Http("PUT", "/api/v1/products/{product_id}", body="*"),
        Http("PUT", "/api/v1/shops/{shop_id}/products/{product_id}", body="*"),
    ),
    access=Access(roles=frozenset({"seller", "admin"})),
    errors=(ProductNotFound,),
    rate=Rate.WRITE,
    comment="Changes a product; absent fields stay as they are.",
)
ADD_PRODUCT_MEDIA = Method(
    service="souk.catalog.v1.CatalogService",
    name="AddProductMedia",
    python="add_product_media",
    request=AddProductMediaRequest,
    response=Product,
    http=(Http("POST", "/api/v1/products/{product_id}/media", body="*"),),
    access=Access(roles=frozenset({"seller", "admin"})),
    errors=(
        ProductNotFound,
        TooManyImages,
        NotAPicture,
        PictureTooLarge,
        TooManyPictures,
    ),
    rate=Rate.UPLOAD,
    answer=Answer(status=201),
    upload=Upload(
        field="file", name_field="file_name", content_type_field="content_type", max_bytes=10485760
    ),
    comment="Adds a picture to a product: uploaded, checked and kept by media.",
)
REMOVE_PRODUCT_MEDIA = Method(
    service="souk.catalog.v1.CatalogService",
    name="RemoveProductMedia",
    python="remove_product_media",
    request=RemoveProductMediaRequest,
    response=Empty,
    http=(Http("DELETE", "/api/v1/products/{product_id}/media/{media_id}"),),
    access=Access(roles=frozenset({"seller", "admin"})),
    errors=(
        ProductNotFound,
        MediaNotFound,
    ),
    rate=Rate.WRITE,
    comment="Takes a picture off a product.",
)
DELETE_PRODUCT = Method(
    service="souk.catalog.v1.CatalogService",
    name="DeleteProduct",
    python="delete_product",
    request=DeleteProductRequest,
    response=Empty,
    http=(
        Http("DELETE", "/api/v1/products/{product_id}"),
        Http("DELETE", "/api/v1/shops/{shop_id}/products/{product_id}"),
    ),
    access=Access(roles=frozenset({"seller", "admin"})),
    errors=(ProductNotFound,),
    rate=Rate.WRITE,
    comment="Takes a product off sale for good; orders keep what they say of it.",
)
GET_PRODUCT_VARIANTS = Method(
    service="souk.catalog.v1.CatalogService",
    name="GetProductVariants",
    python="get_product_variants",
    request=GetProductVariantsRequest,
    response=VariantList,
    http=(Http("GET", "/api/v1/products/{product_id}/variants"),),
    access=Access(public=True),
    errors=(ProductNotFound,),
    rate=Rate.READ,
)
SET_PRICE = Method(
    service="souk.catalog.v1.CatalogService",
    name="SetPrice",
    python="set_price",
    request=SetPriceRequest,
    response=Product,
    http=(Http("PUT", "/api/v1/products/{product_id}/price", body="*"),),
    access=Access(roles=frozenset({"seller", "admin"})),
    errors=(
        ProductNotFound,
        WrongCurrency,
    ),
    rate=Rate.WRITE,
    comment="Changes what a variant costs.",
)
SAVE_VARIANTS = Method(
    service="souk.catalog.v1.CatalogService",
    name="SaveVariants",
    python="save_variants",
    request=SaveVariantsRequest,
    response=Product,
    http=(Http("PUT", "/api/v1/products/{product_id}/variants", body="*"),),
    access=Access(roles=frozenset({"seller", "admin"})),
    errors=(
        ProductNotFound,
        VariantNotFound,
        SkuTaken,
        WrongCurrency,
        VariantsAlike,
    ),
    idempotent=Idempotency.OPTIONAL,
    rate=Rate.WRITE,
    comment=(
        "Changes, adds and removes several variants of a product at once, or none"
        " of them; absent fields\nstay as they are. What is removed is not for "
        "sale any more; orders keep what they say of it."
    ),
)
LIST_SHOP_VARIANTS = Method(
    service="souk.catalog.v1.CatalogService",
    name="ListShopVariants",
    python="list_shop_variants",
    request=ListShopVariantsRequest,
    response=OfferList,
    http=(Http("GET", "/api/v1/shops/{shop_id}/variants"),),
    access=Access(roles=frozenset({"seller", "support", "admin"})),
    errors=(NotYourShop,),
    rate=Rate.READ,
    comment=("What several variants of a shop are, drafts included; unknown ones are left out."),
)
LIST_CATEGORIES = Method(
    service="souk.catalog.v1.CatalogService",
    name="ListCategories",
    python="list_categories",
    request=ListCategoriesRequest,
    response=CategoryList,
    http=(
        Http("GET", "/api/v1/categories"),
        Http("GET", "/api/v1/products/categories"),
    ),
    access=Access(public=True),
    rate=Rate.READ,
    answer=Answer(max_age_seconds=10),
    comment="The category tree, parents before children; at most 10,000.",
)
CREATE_CATEGORY = Method(
    service="souk.catalog.v1.CatalogService",
    name="CreateCategory",
    python="create_category",
    request=CreateCategoryRequest,
    response=Category,
    http=(Http("POST", "/api/v1/products/categories", body="*"),),
    access=Access(roles=frozenset({"support", "admin"})),
    errors=(
        CategoryExists,
        CategoryNotFound,
    ),
    rate=Rate.WRITE,
)
GET_CATEGORY = Method(
    service="souk.catalog.v1.CatalogService",
    name="GetCategory",
    python="get_category",
    request=GetCategoryRequest,
    response=Category,
    http=(
        Http("GET", "/api/v1/categories/{category_id}"),
        Http("GET", "/api/v1/products/categories/{category_id}"),
    ),
    access=Access(public=True),
    errors=(CategoryNotFound,),
    rate=Rate.READ,
)
IMPORT_PRODUCTS = Method(
    service="souk.catalog.v1.CatalogService",
    name="ImportProducts",
    python="import_products",
    request=ImportProductsRequest,
    response=Import,
    http=(Http("POST", "/api/v1/shops/{shop_id}/products/import", body="*"),),
    access=Access(roles=frozenset({"seller", "admin"})),
    errors=(
        NotYourShop,
        NotAProductSheet,
    ),
    idempotent=Idempotency.OPTIONAL,
    rate=Rate.UPLOAD,
    answer=Answer(status=202),
    upload=Upload(
        field="file", name_field="file_name", content_type_field="content_type", max_bytes=10485760
    ),
    comment=("Brings a Shopify product sheet into a shop; work goes on after the answer."),
)
GET_IMPORT = Method(
    service="souk.catalog.v1.CatalogService",
    name="GetImport",
    python="get_import",
    request=GetImportRequest,
    response=Import,
    http=(Http("GET", "/api/v1/shops/{shop_id}/products/imports/{import_id}"),),
    access=Access(roles=frozenset({"seller", "admin"})),
    errors=(ImportNotFound,),
    rate=Rate.READ,
    comment="How an import is getting on, and every row that did not go in.",
)
EXPORT_PRODUCTS = Method(
    service="souk.catalog.v1.CatalogService",
    name="ExportProducts",
    python="export_products",
    request=ExportProductsRequest,
    response=File,
    http=(Http("GET", "/api/v1/shops/{shop_id}/products/export"),),
    access=Access(roles=frozenset({"seller", "admin"})),
    errors=(NotYourShop,),
    rate=Rate.READ,
    comment="All products of a shop as a Shopify product sheet.",
)
GET_OFFERS = Method(
    service="souk.catalog.v1.CatalogService",
    name="GetOffers",
    python="get_offers",
    request=GetOffersRequest,
    response=OfferList,
    access=Access(internal=True),
    rate=Rate.WRITE,
    comment="What several variants are and cost now; unknown ones are left out.",
)
EXPORT_PERSON = Method(
    service="souk.catalog.v1.CatalogService",
    name="ExportPerson",
    python="export_person",
    request=ExportPersonRequest,
    response=PersonalData,
    access=Access(internal=True),
    rate=Rate.WRITE,
    comment="Everything this service holds of somebody.",
)
ERASE_PERSON = Method(
    service="souk.catalog.v1.CatalogService",
    name="ErasePerson",
    python="erase_person",
    request=ErasePersonRequest,
    response=ErasureReceipt,
    access=Access(internal=True),
    rate=Rate.WRITE,
    comment=("Takes somebody out of this service, once and for all; repeating it changes nothing."),
)

CatalogService.METHODS = (
    LIST_PRODUCTS,
    LIST_SHOP_PRODUCTS,
    BROWSE_PRODUCTS,
    GET_PRODUCT,
    CREATE_PRODUCT,
    UPDATE_PRODUCT,
    ADD_PRODUCT_MEDIA,
    REMOVE_PRODUCT_MEDIA,
    DELETE_PRODUCT,
    GET_PRODUCT_VARIANTS,
    SET_PRICE,
    SAVE_VARIANTS,
    LIST_SHOP_VARIANTS,
    LIST_CATEGORIES,
    CREATE_CATEGORY,
    GET_CATEGORY,
    IMPORT_PRODUCTS,
    GET_IMPORT,
    EXPORT_PRODUCTS,
    GET_OFFERS,
    EXPORT_PERSON,
    ERASE_PERSON,
)
