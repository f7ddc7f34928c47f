"""Inventory: how much there is, how much is held, and every movement of it.

Generated from souk/inventory/v1/inventory.proto, souk/inventory/v1/events.proto; do not edit.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, ClassVar

from msgspec import Meta, Struct

from souk.contracts.common import (
    ErasePersonRequest,
    ErasureReceipt,
    ExportPersonRequest,
    PersonalData,
)
from souk.kernel.contract import Access, Empty, Event, Http, Idempotency, Int32, Method, Rate
from souk.kernel.refusals import Kind, Refusal
from souk.kernel.rules import Instant, Uuid, UuidOrEmpty

if TYPE_CHECKING:
    from souk.kernel.transport import Transport


class MovementKind(StrEnum):
    # Stock was counted, adjusted or imported.
    ADJUSTED = "adjusted"
    RESERVED = "reserved"
    RELEASED = "released"
    SOLD = "sold"
    RETURNED = "returned"


class Stock(Struct, frozen=True, kw_only=True):
    variant_id: str = ""
    sku: str = ""
    on_hand: Int32 = 0
    reserved: Int32 = 0
    available: Int32 = 0
    product_id: str = ""
    shop_id: str = ""


class StockList(Struct, frozen=True, kw_only=True):
    items: tuple[Stock, ...] = ()


class StockPage(Struct, frozen=True, kw_only=True):
    items: tuple[Stock, ...] = ()
    page: Int32 = 0
    page_size: Int32 = 0
    next_cursor: str = ""


class GetInventoryRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    product_id: Uuid


class UpdateStockRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    product_id: Uuid
    variant_id: Uuid
    on_hand: Annotated[int, Meta(ge=0, le=1_000_000_000)]
    shop_id: UuidOrEmpty = ""


class AdjustStockRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    product_id: Uuid
    variant_id: Uuid
    change: Annotated[int, Meta(ge=-1_000_000_000, le=1_000_000_000)]
    reason: Annotated[str, Meta(min_length=1, max_length=200)]


class ListShopStockRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    shop_id: Uuid
    page: Annotated[int, Meta(ge=0, le=100_000)] = 0
    page_size: Annotated[int, Meta(ge=0, le=100)] = 0
    available_max: (
        Annotated[
            int,
            Meta(ge=0, le=1_000_000, description="Only where this many are available or fewer."),
        ]
        | None
    ) = None
    q: Annotated[
        str,
        Meta(
            max_length=200,
            description="Only what has this text in its SKU, or is of one of these products.",
        ),
    ] = ""
    product_ids: Annotated[tuple[Uuid, ...], Meta(max_length=100)] = ()


class ListLowStockRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    shop_id: Uuid
    page: Annotated[int, Meta(ge=0, le=100_000)] = 0
    page_size: Annotated[int, Meta(ge=0, le=100)] = 0
    threshold: (
        Annotated[
            int,
            Meta(
                ge=0,
                le=1_000_000,
                description="Low is this many available or fewer; 5 when absent.",
            ),
        ]
        | None
    ) = None


class ListMovementsRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    product_id: Uuid
    variant_id: UuidOrEmpty = ""
    page: Annotated[int, Meta(ge=0, le=100_000)] = 0
    page_size: Annotated[int, Meta(ge=0, le=100)] = 0


class Movement(Struct, frozen=True, kw_only=True):
    id: str = ""
    variant_id: str = ""
    kind: MovementKind | None = None
    on_hand_change: Annotated[
        Int32, Meta(description="By how much on hand and reserved changed.")
    ] = 0
    reserved_change: Int32 = 0
    reason: str = ""
    at: Instant | None = None


class MovementPage(Struct, frozen=True, kw_only=True):
    items: tuple[Movement, ...] = ()
    page: Int32 = 0
    page_size: Int32 = 0


class CheckStockRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    variant_ids: Annotated[tuple[str, ...], Meta(min_length=1, max_length=500)]


class SetStockRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    items: Annotated[tuple[NewStock, ...], Meta(min_length=1, max_length=500)]
    reason: Annotated[str, Meta(max_length=200)] = ""


class NewStock(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    variant_id: Uuid
    product_id: Uuid
    shop_id: Uuid
    sku: Annotated[str, Meta(min_length=1, max_length=100)]
    on_hand: Annotated[int, Meta(ge=0, le=1_000_000_000)] = 0


class StockLine(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    variant_id: Uuid
    quantity: Annotated[int, Meta(ge=1, le=1_000_000)]


class ReserveStockRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    hold_id: Annotated[Uuid, Meta(description="The checkout the stock is held for.")]
    lines: Annotated[tuple[StockLine, ...], Meta(min_length=1, max_length=200)]
    hold_seconds: Annotated[
        int,
        Meta(ge=1, le=2_592_000, description="How long the hold stands, unless it is committed."),
    ]


class PastSale(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    hold_id: Annotated[Uuid, Meta(description="The checkout it was.")]
    lines: Annotated[tuple[StockLine, ...], Meta(min_length=1, max_length=200)]
    sold_at: Instant


class RecordSalesRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    sales: Annotated[tuple[PastSale, ...], Meta(min_length=1, max_length=100)]


class CommitStockRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    hold_id: Uuid


class ReleaseStockRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    hold_id: Uuid


class RestockRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    restock_id: Uuid
    lines: Annotated[tuple[StockLine, ...], Meta(min_length=1, max_length=200)]
    reason: Annotated[str, Meta(max_length=200)] = ""


class InsufficientStock(Refusal):
    KIND = Kind.CONFLICT
    DETAIL = "Only {available} of SKU {sku} are available."
    sku: str
    available: int
    variant_id: str


class HoldWasReleased(Refusal):
    KIND = Kind.CONFLICT
    DETAIL = "The hold {hold_id} has ended."
    hold_id: str


class StockNotFound(Refusal):
    KIND = Kind.NOT_FOUND
    DETAIL = "There is no stock of this for you to see."


class StockIsReserved(Refusal):
    KIND = Kind.CONFLICT
    DETAIL = "{reserved} are reserved for orders, so no fewer can be on hand."
    reserved: int


class StockChanged(Event, frozen=True, kw_only=True):
    """A variant went out of stock or came back; told when the answer to "is there any?"
    changes.
    """

    SUBJECT: ClassVar[str] = "souk.inventory.stock_changed"
    AGGREGATE: ClassVar[str] = "variant_id"

    variant_id: str = ""
    product_id: str = ""
    in_stock: bool = False


class InventoryService(ABC):
    """Stock of variants: on hand, reserved, available."""

    NAME: ClassVar[str] = "souk.inventory.v1.InventoryService"
    METHODS: ClassVar[tuple[Method, ...]]

    @abstractmethod
    async def get_inventory(self, request: GetInventoryRequest) -> StockList:
        """The stock of every variant of a product."""

    @abstractmethod
    async def update_stock(self, request: UpdateStockRequest) -> StockList:
        """Says how many of a variant are on hand, after counting them."""

    @abstractmethod
    async def adjust_stock(self, request: AdjustStockRequest) -> StockList:
        """Adds to or takes from what is on hand, with a reason."""

    @abstractmethod
    async def list_shop_stock(self, request: ListShopStockRequest) -> StockPage:
        """The stock of a whole shop: of what it sells, or may sell again."""

    @abstractmethod
    async def list_low_stock(self, request: ListLowStockRequest) -> StockPage:
        """Variants of a shop of which few are left."""

    @abstractmethod
    async def list_movements(self, request: ListMovementsRequest) -> MovementPage:
        """Every change of a variant's stock, newest first."""

    @abstractmethod
    async def check_stock(self, request: CheckStockRequest) -> StockList:
        """What is available of several variants; unknown ones are left out."""

    @abstractmethod
    async def set_stock(self, request: SetStockRequest) -> Empty:
        """Makes stock known for new variants and sets it; repeating it changes nothing."""

    @abstractmethod
    async def reserve_stock(self, request: ReserveStockRequest) -> Empty:
        """Holds stock for a checkout, all lines or none; repeating it changes nothing, and a
        hold
        that was released stays released.
        """

    @abstractmethod
    async def commit_stock(self, request: CommitStockRequest) -> Empty:
        """Turns a hold into a sale; repeating it changes nothing."""

    @abstractmethod
    async def release_stock(self, request: ReleaseStockRequest) -> Empty:
        """Gives held stock back; repeating it changes nothing, and releasing nothing is
        success.
        """

    @abstractmethod
    async def record_sales(self, request: RecordSalesRequest) -> Empty:
        """Writes down what was bought in and sold before, with its own dates: stock stays as it
        is.
        Repeating it changes nothing.
        """

    @abstractmethod
    async def restock(self, request: RestockRequest) -> Empty:
        """Puts sold goods back on hand; one restock id counts once."""

    @abstractmethod
    async def export_person(self, request: ExportPersonRequest) -> PersonalData:
        """Everything this service holds of somebody."""

    @abstractmethod
    async def erase_person(self, request: ErasePersonRequest) -> ErasureReceipt:
        """Takes somebody out of this service, once and for all; repeating it changes nothing."""


class InventoryServiceClient(InventoryService):
    """Calls InventoryService, wherever it runs."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def get_inventory(self, request: GetInventoryRequest) -> StockList:
        answer: StockList = await self._transport.call(GET_INVENTORY, request)
        return answer

    async def update_stock(self, request: UpdateStockRequest) -> StockList:
        answer: StockList = await self._transport.call(UPDATE_STOCK, request)
        return answer

    async def adjust_stock(self, request: AdjustStockRequest) -> StockList:
        answer: StockList = await self._transport.call(ADJUST_STOCK, request)
        return answer

    async def list_shop_stock(self, request: ListShopStockRequest) -> StockPage:
        answer: StockPage = await self._transport.call(LIST_SHOP_STOCK, request)
        return answer

    async def list_low_stock(self, request: ListLowStockRequest) -> StockPage:
        answer: StockPage = await self._transport.call(LIST_LOW_STOCK, request)
        return answer

    async def list_movements(self, request: ListMovementsRequest) -> MovementPage:
        answer: MovementPage = await self._transport.call(LIST_MOVEMENTS, request)
        return answer

    async def check_stock(self, request: CheckStockRequest) -> StockList:
        answer: StockList = await self._transport.call(CHECK_STOCK, request)
        return answer

    async def set_stock(self, request: SetStockRequest) -> Empty:
        answer: Empty = await self._transport.call(SET_STOCK, request)
        return answer

    async def reserve_stock(self, request: ReserveStockRequest) -> Empty:
        answer: Empty = await self._transport.call(RESERVE_STOCK, request)
        return answer

    async def commit_stock(self, request: CommitStockRequest) -> Empty:
        answer: Empty = await self._transport.call(COMMIT_STOCK, request)
        return answer

    async def release_stock(self, request: ReleaseStockRequest) -> Empty:
        answer: Empty = await self._transport.call(RELEASE_STOCK, request)
        return answer

    async def record_sales(self, request: RecordSalesRequest) -> Empty:
        answer: Empty = await self._transport.call(RECORD_SALES, request)
        return answer

    async def restock(self, request: RestockRequest) -> Empty:
        answer: Empty = await self._transport.call(RESTOCK, request)
        return answer

    async def export_person(self, request: ExportPersonRequest) -> PersonalData:
        answer: PersonalData = await self._transport.call(EXPORT_PERSON, request)
        return answer

    async def erase_person(self, request: ErasePersonRequest) -> ErasureReceipt:
        answer: ErasureReceipt = await self._transport.call(ERASE_PERSON, request)
        return answer


GET_INVENTORY = Method(
    service="souk.inventory.v1.InventoryService",
    name="GetInventory",
    python="get_inventory",
    request=GetInventoryRequest,
    response=StockList,
    http=(Http("GET", "/api/v1/products/{product_id}/inventory"),),
    access=Access(roles=frozenset({"seller", "support", "admin"})),
    errors=(StockNotFound,),
    rate=Rate.READ,
    comment="The stock of every variant of a product.",
)
UPDATE_STOCK = Method(
    service="souk.inventory.v1.InventoryService",
    name="UpdateStock",
    python="update_stock",
    request=UpdateStockRequest,
    response=StockList,
    http=(
        Http("PUT", "/api/v1/products/{product_id}/inventory", body="*"),
        Http("PUT", "/api/v1/shops/{shop_id}/products/{product_id}/inventory", body="*"),
    ),
    access=Access(roles=frozenset({"seller", "admin"})),
    errors=(
        StockNotFound,
        StockIsReserved,
    ),
    idempotent=Idempotency.OPTIONAL,
    rate=Rate.WRITE,
    comment="Says how many of a variant are on hand, after counting them.",
)
ADJUST_STOCK = Method(
    service="souk.inventory.v1.InventoryService",
    name="AdjustStock",
    python="adjust_stock",
    request=AdjustStockRequest,
    response=StockList,
    http=(Http("POST", "/api/v1/products/{product_id}/inventory/adjustment", body="*"),),
    access=Access(roles=frozenset({"seller", "admin"})),
    errors=(
        StockNotFound,
        StockIsReserved,
    ),
    idempotent=Idempotency.OPTIONAL,
    rate=Rate.WRITE,
    comment="Adds to or takes from what is on hand, with a reason.",
)
LIST_SHOP_STOCK = Method(
    service="souk.inventory.v1.InventoryService",
    name="ListShopStock",
    python="list_shop_stock",
    request=ListShopStockRequest,
    response=StockPage,
    http=(Http("GET", "/api/v1/shops/{shop_id}/products/inventory"),),
    access=Access(roles=frozenset({"seller", "support", "admin"})),
    errors=(StockNotFound,),
    rate=Rate.READ,
    comment="The stock of a whole shop: of what it sells, or may sell again.",
)
LIST_LOW_STOCK = Method(
    service="souk.inventory.v1.InventoryService",
    name="ListLowStock",
    python="list_low_stock",
    request=ListLowStockRequest,
    response=StockPage,
    http=(Http("GET", "/api/v1/shops/{shop_id}/products/low-stock"),),
    access=Access(roles=frozenset({"seller", "support", "admin"})),
    errors=(StockNotFound,),
    rate=Rate.READ,
    comment="Variants of a shop of which few are left.",
)
LIST_MOVEMENTS = Method(
    service="souk.inventory.v1.InventoryService",
    name="ListMovements",
    python="list_movements",
    request=ListMovementsRequest,
    response=MovementPage,
    http=(Http("GET", "/api/v1/products/{product_id}/inventory/movements"),),
    access=Access(roles=frozenset({"seller", "support", "admin"})),
    errors=(StockNotFound,),
    rate=Rate.READ,
    comment="Every change of a variant's stock, newest first.",
)
CHECK_STOCK = Method(
    service="souk.inventory.v1.InventoryService",
    name="CheckStock",
    python="check_stock",
    request=CheckStockRequest,
    response=StockList,
    access=Access(internal=True),
    rate=Rate.WRITE,
    comment="What is available of several variants; unknown ones are left out.",
)
SET_STOCK = Method(
    service="souk.inventory.v1.InventoryService",
    name="SetStock",
    python="set_stock",
    request=SetStockRequest,
    response=Empty,
    access=Access(internal=True),
    errors=(StockIsReserved,),
    rate=Rate.WRITE,
    comment=("Makes stock known for new variants and sets it; repeating it changes nothing."),
)
RESERVE_STOCK = Method(
    service="souk.inventory.v1.InventoryService",
    name="ReserveStock",
    python="reserve_stock",
    request=ReserveStockRequest,
    response=Empty,
    access=Access(internal=True),
    errors=(
        InsufficientStock,
        HoldWasReleased,
    ),
    rate=Rate.WRITE,
    comment=(
        "Holds stock for a checkout, all lines or none; repeating it changes "
        "nothing, and a hold\nthat was released stays released."
    ),
)
COMMIT_STOCK = Method(
    service="souk.inventory.v1.InventoryService",
    name="CommitStock",
    python="commit_stock",
    request=CommitStockRequest,
    response=Empty,
    access=Access(internal=True),
    errors=(HoldWasReleased,),
    rate=Rate.WRITE,
    comment="Turns a hold into a sale; repeating it changes nothing.",
)
RELEASE_STOCK = Method(
    service="souk.inventory.v1.InventoryService",
    name="ReleaseStock",
    python="release_stock",
    request=ReleaseStockRequest,
    response=Empty,
    access=Access(internal=True),
    rate=Rate.WRITE,
    comment=(
        "Gives held stock back; repeating it changes nothing, and releasing nothing is success."
    ),
)
RECORD_SALES = Method(
    service="souk.inventory.v1.InventoryService",
    name="RecordSales",
    python="record_sales",
    request=RecordSalesRequest,
    response=Empty,
    access=Access(internal=True),
    rate=Rate.WRITE,
    comment=(
        "Writes down what was bought in and sold before, with its own dates: "
        "stock stays as it is.\nRepeating it changes nothing."
    ),
)
RESTOCK = Method(
    service="souk.inventory.v1.InventoryService",
    name="Restock",
    python="restock",
    request=RestockRequest,
    response=Empty,
    access=Access(internal=True),
    rate=Rate.WRITE,
    comment="Puts sold goods back on hand; one restock id counts once.",
)
EXPORT_PERSON = Method(
    service="souk.inventory.v1.InventoryService",
    name="ExportPerson",
    python="export_person",
    request=ExportPersonRequest,
    response=PersonalData,
    access=Access(internal=True),
    rate=Rate.WRITE,
    comment="Everything this service holds of somebody.",
)
ERASE_PERSON = Method(
    service="souk.inventory.v1.InventoryService",
    name="ErasePerson",
    python="erase_person",
    request=ErasePersonRequest,
    response=ErasureReceipt,
    access=Access(internal=True),
    rate=Rate.WRITE,
    comment=("Takes somebody out of this service, once and for all; repeating it changes nothing."),
)

InventoryService.METHODS = (
    GET_INVENTORY,
    UPDATE_STOCK,
    ADJUST_STOCK,
    LIST_SHOP_STOCK,
    LIST_LOW_STOCK,
    LIST_MOVEMENTS,
    CHECK_STOCK,
    SET_STOCK,
    RESERVE_STOCK,
    COMMIT_STOCK,
    RELEASE_STOCK,
    RECORD_SALES,
    RESTOCK,
    EXPORT_PERSON,
    ERASE_PERSON,
)
