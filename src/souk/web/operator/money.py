"""Orders, payments and the ledger, across all shops."""

from __future__ import annotations

import asyncio

from starlette.responses import Response

from souk.contracts.orders import (
    GetOrderRequest,
    ListAllOrdersRequest,
    Order,
    OrderNotFound,
    OrderStatus,
)
from souk.contracts.payments import (
    GetLedgerRequest,
    GetPaymentRequest,
    ListAllPaymentsRequest,
    ListTransfersRequest,
    Payment,
    PaymentNotFound,
    PaymentStatus,
)
from souk.contracts.shops import GetShopRequest, ShopNotFound
from souk.kernel.refusals import InvalidRequest
from souk.kernel.validation import read_values
from souk.web.operator.accounts import names_of
from souk.web.operator.console import console_page
from souk.web.seller.desk import page_number
from souk.web.shopper.orders import steps_of
from souk.web.visit import Visit

PAGE_SIZE = 25
KINDS = ("provider", "escrow", "seller", "platform", "tax")


async def orders(visit: Visit) -> Response:
    asked, number = visit.query.get("status", ""), visit.query.get("q", "").strip().upper()[:30]
    status = OrderStatus(asked) if asked in [*OrderStatus] else None
    page = page_number(visit)
    try:
        request = read_values(
            ListAllOrdersRequest,
            {"number": number, "page": str(page), "page_size": str(PAGE_SIZE)}
            | ({"status": status.value} if status else {}),
        )
        found = await visit.souk.orders.list_all_orders(request)
        items, more = found.items, bool(found.next_cursor)
    except InvalidRequest:  # no number of an order has such letters
        items, more = (), False
    return console_page(
        visit,
        "orders.html",
        orders=items,
        more=more,
        page=page,
        number=number,
        chosen=status.value if status else "",
        states=list(OrderStatus),
    )


async def order(visit: Visit) -> Response:
    try:
        request = read_values(GetOrderRequest, {"order_id": visit.params["id"]})
    except InvalidRequest:
        raise OrderNotFound() from None
    found: Order = await visit.souk.orders.get_order(request)
    return console_page(
        visit,
        "order.html",
        order=found,
        steps=steps_of(visit, found),
        shop_name=await shop_name(visit, found.shop_id),
    )


async def payments(visit: Visit) -> Response:
    asked = visit.query.get("status", "")
    status = PaymentStatus(asked) if asked in [*PaymentStatus] else None
    page = page_number(visit)
    found = await visit.souk.payments.list_all_payments(
        ListAllPaymentsRequest(status=status, page=page, page_size=PAGE_SIZE)
    )
    return console_page(
        visit,
        "payments.html",
        payments=found.items,
        more=len(found.items) == PAGE_SIZE,
        page=page,
        chosen=status.value if status else "",
        states=list(PaymentStatus),
    )


async def payment(visit: Visit) -> Response:
    """A payment with every transfer that it caused."""
    try:
        request = read_values(GetPaymentRequest, {"payment_id": visit.params["id"]})
    except InvalidRequest:
        raise PaymentNotFound() from None
    found, transfers = await asyncio.gather(
        visit.souk.payments.get_payment(request),
        visit.souk.payments.list_transfers(
            ListTransfersRequest(payment_id=request.payment_id, page_size=100)
        ),
    )
    payment: Payment = found
    return console_page(
        visit,
        "payment.html",
        payment=payment,
        transfers=transfers.items,
        names=await names_of(visit, [], transfers.items),
    )


async def ledger(visit: Visit) -> Response:
    kind = visit.query.get("kind", "")
    kind, page = (kind if kind in KINDS else ""), page_number(visit)
    found, transfers = await asyncio.gather(
        visit.souk.payments.get_ledger(GetLedgerRequest(kind=kind)),
        visit.souk.payments.list_transfers(ListTransfersRequest(page=page, page_size=PAGE_SIZE)),
    )
    return console_page(
        visit,
        "ledger.html",
        ledger=found,
        transfers=transfers.items,
        names=await names_of(visit, found.items, transfers.items),
        more=len(transfers.items) == PAGE_SIZE,
        page=page,
        kind=kind,
        kinds=KINDS,
    )


async def shop_name(visit: Visit, shop_id: str) -> str:
    try:
        shop = await visit.souk.shops.get_shop(GetShopRequest(shop_id=shop_id))
    except ShopNotFound:
        return ""
    return str(shop.name)
