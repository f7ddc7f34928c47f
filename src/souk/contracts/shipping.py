"""Shipping: what it costs to send, and where parcels are.

Generated from souk/shipping/v1/shipping.proto, souk/shipping/v1/events.proto; do not edit.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, ClassVar

from msgspec import Meta, Struct

from souk.contracts.common import (
    Address,
    ErasePersonRequest,
    ErasureReceipt,
    ExportPersonRequest,
    PersonalData,
)
from souk.kernel.contract import Access, Answer, Event, Http, Int32, Method
from souk.kernel.contract import Rate as KernelRate
from souk.kernel.money import Money
from souk.kernel.refusals import Kind, Refusal
from souk.kernel.rules import Instant, Uuid

if TYPE_CHECKING:
    from souk.kernel.transport import Transport


class ShipmentStatus(StrEnum):
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"


class ShippingMethod(Struct, frozen=True, kw_only=True):
    code: Annotated[str, Meta(description='What checkouts ask for: "standard".')] = ""
    name: str = ""
    description: str = ""
    days_min: Int32 = 0
    days_max: Int32 = 0


class ListMethodsRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All methods; there are fewer than 50."""


class MethodList(Struct, frozen=True, kw_only=True):
    items: tuple[ShippingMethod, ...] = ()


class CalculateShippingRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    destination: Address
    weight_grams: Annotated[int, Meta(ge=0, le=100_000_000)]
    currency: Annotated[str, Meta(min_length=1, pattern="^[A-Z]{3}$")]


class Rate(Struct, frozen=True, kw_only=True):
    method: str = ""
    name: str = ""
    price: Money
    days_min: Int32 = 0
    days_max: Int32 = 0


class RateList(Struct, frozen=True, kw_only=True):
    items: tuple[Rate, ...] = ()


class Parcel(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    shop_id: Uuid
    weight_grams: Annotated[int, Meta(ge=0, le=1_000_000_000)] = 0


class GetQuoteRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    method: Annotated[str, Meta(min_length=1, max_length=50)]
    country: Annotated[
        str, Meta(min_length=1, pattern="^[A-Z]{2}$", description="ISO 3166-1 alpha-2.")
    ]
    currency: Annotated[str, Meta(min_length=1, pattern="^[A-Z]{3}$")]
    parcels: Annotated[tuple[Parcel, ...], Meta(min_length=1, max_length=200)]


class ParcelPrice(Struct, frozen=True, kw_only=True):
    shop_id: str = ""
    price: Money


class ShippingQuote(Struct, frozen=True, kw_only=True):
    parcels: tuple[ParcelPrice, ...] = ()


class PastShipment(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    shipment_id: Uuid
    order_id: Uuid
    shop_id: Uuid
    carrier: Annotated[str, Meta(min_length=1, max_length=50)]
    shipped_at: Instant
    delivered_at: Instant | None = None


class RecordShipmentsRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    shipments: Annotated[tuple[PastShipment, ...], Meta(min_length=1, max_length=500)]


class ShipmentList(Struct, frozen=True, kw_only=True):
    items: tuple[Shipment, ...] = ()


class CreateShipmentRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    shipment_id: Uuid
    order_id: Uuid
    shop_id: Uuid
    carrier: Annotated[
        str,
        Meta(min_length=1, max_length=50, description='"souk" is the platform\'s own couriers.'),
    ]
    tracking_number: Annotated[
        str,
        Meta(
            max_length=60,
            pattern="^[A-Za-z0-9-]*$",
            description="The carrier's own number; Souk's couriers are given one.",
        ),
    ] = ""


class Shipment(Struct, frozen=True, kw_only=True):
    id: str = ""
    order_id: str = ""
    carrier: str = ""
    tracking_number: str = ""
    status: ShipmentStatus | None = None
    shipped_at: Instant | None = None
    delivered_at: Instant | None = None


class UpdateShipmentRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    order_id: Uuid
    status: ShipmentStatus


class TrackShipmentRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    tracking_number: Annotated[str, Meta(min_length=1, pattern="^[A-Za-z0-9-]{4,60}$")]


class TrackingEvent(Struct, frozen=True, kw_only=True):
    status: ShipmentStatus | None = None
    at: Instant | None = None


class Tracking(Struct, frozen=True, kw_only=True):
    tracking_number: str = ""
    carrier: str = ""
    status: ShipmentStatus | None = None
    events: tuple[TrackingEvent, ...] = ()


class ShippingMethodUnknown(Refusal):
    KIND = Kind.INVALID
    DETAIL = "There is no shipping method {method}."
    method: str


class CountryUnknown(Refusal):
    KIND = Kind.INVALID
    DETAIL = "There is no country {country} to send to."
    country: str


class CurrencyNotServed(Refusal):
    KIND = Kind.CONFLICT
    DETAIL = "Shipping has no tariff in {currency} yet."
    currency: str


class CarrierUnknown(Refusal):
    KIND = Kind.INVALID
    DETAIL = "There is no carrier {carrier}."
    carrier: str


class ShipmentNotFound(Refusal):
    KIND = Kind.NOT_FOUND
    DETAIL = "There is no such shipment."


class ShipmentCreated(Event, frozen=True, kw_only=True):
    SUBJECT: ClassVar[str] = "souk.shipping.created"
    AGGREGATE: ClassVar[str] = "order_id"

    shipment_id: str = ""
    order_id: str = ""
    tracking_number: str = ""


class ShipmentDelivered(Event, frozen=True, kw_only=True):
    SUBJECT: ClassVar[str] = "souk.shipping.delivered"
    AGGREGATE: ClassVar[str] = "order_id"

    shipment_id: str = ""
    order_id: str = ""


class ShippingService(ABC):
    """Methods, quotes and shipments."""

    NAME: ClassVar[str] = "souk.shipping.v1.ShippingService"
    METHODS: ClassVar[tuple[Method, ...]]

    @abstractmethod
    async def record_shipments(self, request: RecordShipmentsRequest) -> ShipmentList:
        """Writes down what was sent before, with its own dates. Repeating it changes nothing."""

    @abstractmethod
    async def list_methods(self, request: ListMethodsRequest) -> MethodList:
        """The ways to send a parcel, cheapest first."""

    @abstractmethod
    async def calculate_shipping(self, request: CalculateShippingRequest) -> RateList:
        """What it costs to send a parcel somewhere, by each method."""

    @abstractmethod
    async def get_quote(self, request: GetQuoteRequest) -> ShippingQuote:
        """What several parcels, one a shop, cost by one method."""

    @abstractmethod
    async def create_shipment(self, request: CreateShipmentRequest) -> Shipment:
        """Makes a shipment of an order and its tracking number; one shipment id counts once."""

    @abstractmethod
    async def update_shipment(self, request: UpdateShipmentRequest) -> Shipment:
        """Says how far a shipment is."""

    @abstractmethod
    async def track_shipment(self, request: TrackShipmentRequest) -> Tracking:
        """Where a parcel is, for whoever knows its tracking number."""

    @abstractmethod
    async def export_person(self, request: ExportPersonRequest) -> PersonalData:
        """Everything this service holds of somebody."""

    @abstractmethod
    async def erase_person(self, request: ErasePersonRequest) -> ErasureReceipt:
        """Takes somebody out of this service, once and for all; repeating it changes nothing."""


class ShippingServiceClient(ShippingService):
    """Calls ShippingService, wherever it runs."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def record_shipments(self, request: RecordShipmentsRequest) -> ShipmentList:
        answer: ShipmentList = await self._transport.call(RECORD_SHIPMENTS, request)
        return answer

    async def list_methods(self, request: ListMethodsRequest) -> MethodList:
        answer: MethodList = await self._transport.call(LIST_METHODS, request)
        return answer

    async def calculate_shipping(self, request: CalculateShippingRequest) -> RateList:
        answer: RateList = await self._transport.call(CALCULATE_SHIPPING, request)
        return answer

    async def get_quote(self, request: GetQuoteRequest) -> ShippingQuote:
        answer: ShippingQuote = await self._transport.call(GET_QUOTE, request)
        return answer

    async def create_shipment(self, request: CreateShipmentRequest) -> Shipment:
        answer: Shipment = await self._transport.call(CREATE_SHIPMENT, request)
        return answer

    async def update_shipment(self, request: UpdateShipmentRequest) -> Shipment:
        answer: Shipment = await self._transport.call(UPDATE_SHIPMENT, request)
        return answer

    async def track_shipment(self, request: TrackShipmentRequest) -> Tracking:
        answer: Tracking = await self._transport.call(TRACK_SHIPMENT, request)
        return answer

    async def export_person(self, request: ExportPersonRequest) -> PersonalData:
        answer: PersonalData = await self._transport.call(EXPORT_PERSON, request)
        return answer

    async def erase_person(self, request: ErasePersonRequest) -> ErasureReceipt:
        answer: ErasureReceipt = await self._transport.call(ERASE_PERSON, request)
        return answer


RECORD_SHIPMENTS = Method(
    service="souk.shipping.v1.ShippingService",
    name="RecordShipments",
    python="record_shipments",
    request=RecordShipmentsRequest,
    response=ShipmentList,
    access=Access(internal=True),
    errors=(CarrierUnknown,),
    rate=KernelRate.WRITE,
    comment=("Writes down what was sent before, with its own dates. Repeating it changes nothing."),
)
LIST_METHODS = Method(
    service="souk.shipping.v1.ShippingService",
    name="ListMethods",
    python="list_methods",
    request=ListMethodsRequest,
    response=MethodList,
    http=(Http("GET", "/api/v1/shipping/methods"),),
    access=Access(public=True),
    rate=KernelRate.READ,
    answer=Answer(max_age_seconds=60),
    comment="The ways to send a parcel, cheapest first.",
)
CALCULATE_SHIPPING = Method(
    service="souk.shipping.v1.ShippingService",
    name="CalculateShipping",
    python="calculate_shipping",
    request=CalculateShippingRequest,
    response=RateList,
    http=(Http("POST", "/api/v1/shipping/calculate", body="*"),),
    access=Access(public=True),
    errors=(
        CurrencyNotServed,
        CountryUnknown,
    ),
    rate=KernelRate.READ,
    answer=Answer(status=200),
    comment="What it costs to send a parcel somewhere, by each method.",
)
GET_QUOTE = Method(
    service="souk.shipping.v1.ShippingService",
    name="GetQuote",
    python="get_quote",
    request=GetQuoteRequest,
    response=ShippingQuote,
    access=Access(internal=True),
    errors=(
        ShippingMethodUnknown,
        CountryUnknown,
        CurrencyNotServed,
    ),
    rate=KernelRate.WRITE,
    comment="What several parcels, one a shop, cost by one method.",
)
CREATE_SHIPMENT = Method(
    service="souk.shipping.v1.ShippingService",
    name="CreateShipment",
    python="create_shipment",
    request=CreateShipmentRequest,
    response=Shipment,
    access=Access(internal=True),
    errors=(CarrierUnknown,),
    rate=KernelRate.WRITE,
    comment=("Makes a shipment of an order and its tracking number; one shipment id counts once."),
)
UPDATE_SHIPMENT = Method(
    service="souk.shipping.v1.ShippingService",
    name="UpdateShipment",
    python="update_shipment",
    request=UpdateShipmentRequest,
    response=Shipment,
    access=Access(internal=True),
    errors=(ShipmentNotFound,),
    rate=KernelRate.WRITE,
    comment="Says how far a shipment is.",
)
TRACK_SHIPMENT = Method(
    service="souk.shipping.v1.ShippingService",
    name="TrackShipment",
    python="track_shipment",
    request=TrackShipmentRequest,
    response=Tracking,
    http=(Http("GET", "/api/v1/shipping/tracking/{tracking_number}"),),
    access=Access(public=True),
    errors=(ShipmentNotFound,),
    rate=KernelRate.READ,
    comment="Where a parcel is, for whoever knows its tracking number.",
)
EXPORT_PERSON = Method(
    service="souk.shipping.v1.ShippingService",
    name="ExportPerson",
    python="export_person",
    request=ExportPersonRequest,
    response=PersonalData,
    access=Access(internal=True),
    rate=KernelRate.WRITE,
    comment="Everything this service holds of somebody.",
)
ERASE_PERSON = Method(
    service="souk.shipping.v1.ShippingService",
    name="ErasePerson",
    python="erase_person",
    request=ErasePersonRequest,
    response=ErasureReceipt,
    access=Access(internal=True),
    rate=KernelRate.WRITE,
    comment=("Takes somebody out of this service, once and for all; repeating it changes nothing."),
)

ShippingService.METHODS = (
    RECORD_SHIPMENTS,
    LIST_METHODS,
    CALCULATE_SHIPPING,
    GET_QUOTE,
    CREATE_SHIPMENT,
    UPDATE_SHIPMENT,
    TRACK_SHIPMENT,
    EXPORT_PERSON,
    ERASE_PERSON,
)
