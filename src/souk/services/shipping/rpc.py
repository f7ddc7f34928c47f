"""Shipping, as the gateway and other services see it."""

from __future__ import annotations

from msgspec import structs

from souk.contracts.shipping import (
    CalculateShippingRequest,
    CreateShipmentRequest,
    GetQuoteRequest,
    ListMethodsRequest,
    MethodList,
    ParcelPrice,
    RateList,
    RecordShipmentsRequest,
    Shipment,
    ShipmentList,
    ShipmentStatus,
    ShippingQuote,
    ShippingService,
    Tracking,
    TrackingEvent,
    TrackShipmentRequest,
    UpdateShipmentRequest,
)
from souk.kernel.clock import Clock
from souk.kernel.database import Database
from souk.kernel.ids import new_code
from souk.kernel.personal_data import PersonalDataRpc
from souk.services.shipping import queries, store
from souk.services.shipping.model import must_be_a_country, new_shipment
from souk.services.shipping.tariffs import Tariffs
from souk.services.shipping.use_cases.create_shipment import create_shipment
from souk.services.shipping.use_cases.move_shipments import move_shipments


class ShippingRpc(PersonalDataRpc, ShippingService):
    """Methods, quotes and shipments."""

    def __init__(self, database: Database, tariffs: Tariffs, clock: Clock) -> None:
        self.database, self.tariffs, self.clock = database, tariffs, clock

    async def list_methods(self, request: ListMethodsRequest) -> MethodList:
        return MethodList(items=tuple(tariff.view() for tariff in await self.tariffs.all()))

    async def calculate_shipping(self, request: CalculateShippingRequest) -> RateList:
        must_be_a_country(request.destination.country)
        level = await self.tariffs.level(request.currency)
        rates = [
            tariff.rate(
                weight_grams=request.weight_grams, currency=request.currency, units_per_usd=level
            )
            for tariff in await self.tariffs.all()
        ]
        return RateList(items=tuple(rates))

    async def get_quote(self, request: GetQuoteRequest) -> ShippingQuote:
        must_be_a_country(request.country)
        tariff = await self.tariffs.get(request.method)
        level, currency = await self.tariffs.level(request.currency), request.currency
        prices = [
            ParcelPrice(
                shop_id=parcel.shop_id,
                price=tariff.price(
                    weight_grams=parcel.weight_grams, currency=currency, units_per_usd=level
                ),
            )
            for parcel in request.parcels
        ]
        return ShippingQuote(parcels=tuple(prices))

    async def create_shipment(self, request: CreateShipmentRequest) -> Shipment:
        shipment = new_shipment(
            request.shipment_id,
            order_id=request.order_id,
            carrier=request.carrier,
            tracking_number=request.tracking_number,
            new_code=new_code,
            now=self.clock.now(),
        )
        return await self.database.transact(create_shipment, shipment, shop_id=request.shop_id)

    async def record_shipments(self, request: RecordShipmentsRequest) -> ShipmentList:
        shipments = [
            structs.replace(
                new_shipment(
                    past.shipment_id,
                    order_id=past.order_id,
                    carrier=past.carrier,
                    tracking_number="",
                    new_code=new_code,
                    now=past.shipped_at,
                ),
                delivered_at=past.delivered_at,
            )
            for past in request.shipments
        ]
        shop_ids = [past.shop_id for past in request.shipments]
        found = await self.database.transact(store.record_shipments, shipments, shop_ids=shop_ids)
        return ShipmentList(items=tuple(found))

    async def update_shipment(self, request: UpdateShipmentRequest) -> Shipment:
        await self.database.transact(
            move_shipments, request.order_id, to=request.status, now=self.clock.now()
        )
        return await queries.get_shipment_of(self.database, order_id=request.order_id)

    async def track_shipment(self, request: TrackShipmentRequest) -> Tracking:
        shipment = await queries.get_shipment(
            self.database, tracking_number=request.tracking_number
        )
        events = [TrackingEvent(status=ShipmentStatus.SHIPPED, at=shipment.shipped_at)]
        if shipment.delivered_at:
            events.append(TrackingEvent(status=ShipmentStatus.DELIVERED, at=shipment.delivered_at))
        return Tracking(
            tracking_number=shipment.tracking_number,
            carrier=shipment.carrier,
            status=shipment.status,
            events=tuple(events),
        )
