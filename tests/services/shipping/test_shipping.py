"""Methods, rates and parcels through the contract."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from souk.contracts.common import Address
from souk.contracts.orders import OrderDelivered
from souk.contracts.shipping import (
    CalculateShippingRequest,
    CarrierUnknown,
    CountryUnknown,
    CreateShipmentRequest,
    CurrencyNotServed,
    GetQuoteRequest,
    ListMethodsRequest,
    Parcel,
    RateList,
    Shipment,
    ShipmentCreated,
    ShipmentDelivered,
    ShipmentNotFound,
    ShipmentStatus,
    ShippingMethodUnknown,
    ShippingServiceClient,
    Tracking,
    TrackShipmentRequest,
    UpdateShipmentRequest,
)
from souk.kernel.clock import FixedClock
from souk.kernel.ids import new_id
from souk.kernel.money import Money
from souk.kernel.refusals import NotAllowed, SignInRequired
from tests.support.hosting import Host, hosted
from tests.support.people import as_, guest, seller, service
from tests.support.servers import Desk

NOON = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)
ORDERS = service("orders")


class Depot:
    """The hosted service, and its clock."""

    def __init__(self, host: Host, clock: FixedClock) -> None:
        self.host, self.clock = host, clock
        self.client = host.client(ShippingServiceClient)

    async def rates(
        self, currency: str, *, weight_grams: int = 800, country: str = "DE"
    ) -> RateList:
        destination = Address(name="Ada", street_1="Weg 1", city="Kiel", country=country)
        request = CalculateShippingRequest(
            destination=destination, weight_grams=weight_grams, currency=currency
        )
        with as_(guest()):
            return await self.client.calculate_shipping(request)

    async def create(
        self,
        shipment_id: str = "",
        *,
        order_id: str = "",
        carrier: str = "souk",
        tracking_number: str = "",
    ) -> Shipment:
        request = CreateShipmentRequest(
            shipment_id=shipment_id or new_id(),
            order_id=order_id or new_id(),
            shop_id=new_id(),
            carrier=carrier,
            tracking_number=tracking_number,
        )
        with as_(ORDERS):
            return await self.client.create_shipment(request)

    async def track(self, tracking_number: str) -> Tracking:
        with as_(guest()):
            return await self.client.track_shipment(
                TrackShipmentRequest(tracking_number=tracking_number)
            )


@pytest.fixture
async def depot(servers: Desk) -> AsyncIterator[Depot]:
    clock = FixedClock(NOON)
    async with hosted("shipping", servers, clock=clock) as host:
        yield Depot(host, clock)


async def test_methods_are_listed_cheapest_first(depot: Depot):
    with as_(guest()):
        methods = await depot.client.list_methods(ListMethodsRequest())

    assert [method.code for method in methods.items] == ["economy", "standard", "express"]
    assert all(0 < method.days_min <= method.days_max for method in methods.items)


@pytest.mark.parametrize(
    ("currency", "amounts"),
    [
        ("USD", [299, 499, 1499]),
        ("EUR", [299, 499, 1499]),
        ("VND", [74_750, 124_750, 374_750]),
        ("JPY", [449, 749, 2249]),
        ("KWD", [927, 1547, 4647]),
    ],
)
async def test_a_parcel_costs_whole_minor_units_in_each_currency(
    depot: Depot, currency: str, amounts: list[int]
):
    rates = await depot.rates(currency)

    assert [rate.price for rate in rates.items] == [Money(amount, currency) for amount in amounts]
    assert [rate.method for rate in rates.items] == ["economy", "standard", "express"]


async def test_weight_costs_by_the_begun_kilogram(depot: Depot):
    amounts = [
        (await depot.rates("USD", weight_grams=grams)).items[1].price.amount
        for grams in (0, 1000, 1001, 2000, 2001)
    ]

    assert amounts == [499, 499, 619, 619, 739]


@pytest.mark.parametrize("currency", ["AFN", "AAA"])
async def test_a_currency_without_a_tariff_is_refused(depot: Depot, currency: str):
    with pytest.raises(CurrencyNotServed) as refused:
        await depot.rates(currency)
    assert refused.value.currency == currency


async def test_a_country_that_does_not_exist_is_refused(depot: Depot):
    with pytest.raises(CountryUnknown) as refused:
        await depot.rates("USD", country="XX")
    assert refused.value.country == "XX"


async def test_a_quote_prices_each_shops_parcel(depot: Depot):
    light, heavy = new_id(), new_id()
    request = GetQuoteRequest(
        method="express",
        country="VN",
        currency="VND",
        parcels=(
            Parcel(shop_id=light, weight_grams=0),
            Parcel(shop_id=heavy, weight_grams=3500),
        ),
    )
    with as_(service("pricing")):
        quote = await depot.client.get_quote(request)

    assert [(one.shop_id, one.price) for one in quote.parcels] == [
        (light, Money(374_750, "VND")),
        (heavy, Money(599_750, "VND")),
    ]


@pytest.mark.parametrize(
    ("method", "country", "currency", "refusal"),
    [
        ("teleport", "DE", "EUR", ShippingMethodUnknown),
        ("standard", "XX", "EUR", CountryUnknown),
        ("standard", "DE", "AFN", CurrencyNotServed),
    ],
)
async def test_a_quote_refuses_what_does_not_exist(
    depot: Depot, method: str, country: str, currency: str, refusal: type[Exception]
):
    request = GetQuoteRequest(
        method=method,
        country=country,
        currency=currency,
        parcels=(Parcel(shop_id=new_id(), weight_grams=1),),
    )
    with as_(service("pricing")), pytest.raises(refusal):
        await depot.client.get_quote(request)


async def test_a_shipment_asked_for_twice_is_made_once(depot: Depot):
    shipment_id, order_id = new_id(), new_id()
    first = await depot.create(shipment_id, order_id=order_id)
    again = await asyncio.gather(*(depot.create(shipment_id, order_id=order_id) for _ in range(4)))

    assert all(one == first for one in again)
    assert first.tracking_number.startswith("SOUK")
    assert (first.status, first.shipped_at) == (ShipmentStatus.SHIPPED, NOON)
    (event,) = await depot.host.published(ShipmentCreated)
    assert (event.shipment_id, event.order_id, event.tracking_number) == (
        shipment_id,
        order_id,
        first.tracking_number,
    )


async def test_a_shipment_asked_for_many_times_at_once_is_made_once(depot: Depot):
    shipment_id = new_id()
    made = await asyncio.gather(*(depot.create(shipment_id) for _ in range(8)))

    assert len({one.tracking_number for one in made}) == 1
    assert len(await depot.host.published(ShipmentCreated)) == 1


async def test_one_parcel_may_carry_two_orders(depot: Depot):
    first = await depot.create(carrier="dhl", tracking_number="JD0146")
    second = await depot.create(carrier="dhl", tracking_number="JD0146")

    assert first.order_id != second.order_id
    assert (await depot.track("JD0146")).carrier == "dhl"


async def test_a_carrier_nobody_knows_is_refused(depot: Depot):
    with pytest.raises(CarrierUnknown):
        await depot.create(carrier="pigeon")
    assert await depot.host.published(ShipmentCreated) == []


async def test_a_delivered_order_means_a_delivered_parcel(depot: Depot):
    shipment = await depot.create(carrier="dhl", tracking_number="JD0146")
    other = await depot.create()
    before = await depot.track("JD0146")
    arrived = NOON + timedelta(days=2)

    event = OrderDelivered(order_id=shipment.order_id, at=arrived)
    await depot.host.deliver(event)
    await depot.host.deliver(event)

    assert before.status is ShipmentStatus.SHIPPED
    after = await depot.track("JD0146")
    assert (after.carrier, after.status) == ("dhl", ShipmentStatus.DELIVERED)
    assert [(one.status, one.at) for one in after.events] == [
        (ShipmentStatus.SHIPPED, NOON),
        (ShipmentStatus.DELIVERED, arrived),
    ]
    assert (await depot.track(other.tracking_number)).status is ShipmentStatus.SHIPPED
    (told,) = await depot.host.published(ShipmentDelivered)
    assert (told.shipment_id, told.order_id) == (shipment.id, shipment.order_id)


async def test_a_cancelled_parcel_does_not_arrive_later(depot: Depot):
    shipment = await depot.create()
    with as_(ORDERS):
        cancelled = await depot.client.update_shipment(
            UpdateShipmentRequest(order_id=shipment.order_id, status=ShipmentStatus.CANCELLED)
        )
    await depot.host.deliver(OrderDelivered(order_id=shipment.order_id, at=NOON))

    assert cancelled.status is ShipmentStatus.CANCELLED
    assert (await depot.track(shipment.tracking_number)).status is ShipmentStatus.CANCELLED
    assert await depot.host.published(ShipmentDelivered) == []


async def test_what_was_never_sent_is_not_found(depot: Depot):
    with pytest.raises(ShipmentNotFound):
        await depot.track("SOUKNOTHINGHERE")
    with as_(ORDERS), pytest.raises(ShipmentNotFound):
        await depot.client.update_shipment(
            UpdateShipmentRequest(order_id=new_id(), status=ShipmentStatus.DELIVERED)
        )


async def test_only_services_make_and_move_shipments(depot: Depot):
    shipment = await depot.create()
    moving = UpdateShipmentRequest(order_id=shipment.order_id, status=ShipmentStatus.DELIVERED)
    making = CreateShipmentRequest(
        shipment_id=new_id(), order_id=new_id(), shop_id=new_id(), carrier="souk"
    )
    for by in (guest(), seller()):
        with as_(by):
            with pytest.raises((SignInRequired, NotAllowed)):
                await depot.client.update_shipment(moving)
            with pytest.raises((SignInRequired, NotAllowed)):
                await depot.client.create_shipment(making)
