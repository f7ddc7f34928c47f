"""What the tests of payments say and count: purchases, callers, the three books side by side."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from msgspec import Struct

from souk.contracts.payments import (
    Allocation,
    CapturePaymentRequest,
    HandleWebhookRequest,
    LookupPaymentRequest,
    Payment,
    PaymentServiceClient,
    ProcessPaymentRequest,
    Refund,
    RefundPaymentRequest,
    VoidPaymentRequest,
)
from souk.kernel.context import Call, Caller, acting, within
from souk.kernel.ids import new_id
from souk.kernel.money import Money
from souk.kernel.refusals import Refusal
from souk.kernel.telemetry import logger
from souk.services.payments.providers import Authorization, Charge, Notice, OutcomeUnknown
from souk.services.payments.till import Till
from tests.support.hosting import Host

log = logger(__name__)

ORDERS = Caller(service="orders")
SUPPORT = Caller(user_id=new_id(), roles=frozenset({"support"}))
ADMIN = Caller(user_id=new_id(), roles=frozenset({"admin"}))
NOBODY = Caller()


def usd(amount: int) -> Money:
    return Money(amount, "USD")


def shopper(user_id: str = "") -> Caller:
    return Caller(user_id=user_id or new_id(), roles=frozenset({"customer"}))


def by(caller: Caller, *, key: str = "", seconds: float = 30) -> acting:
    return acting(Call(caller=caller, idempotency_key=key, deadline=within(seconds)))


def part(total: int = 1000, *, shipping: int = 0, tax: int = 0) -> Allocation:
    return Allocation(
        order_id=new_id(), shop_id=new_id(), total=usd(total), shipping=usd(shipping), tax=usd(tax)
    )


def purchase(*parts: Allocation, method: str = "approve", **fields: Any) -> ProcessPaymentRequest:
    parts = parts or (part(),)
    given = {
        "checkout_id": new_id(),
        "amount": usd(sum(each.total.amount for each in parts)),
        "provider": "sandbox",
        "method": method,
        "payer_id": new_id(),
        "allocations": parts,
    }
    return ProcessPaymentRequest(**(given | fields))


class Books(Struct, frozen=True):
    """What the provider, the payments and the ledger each say that is taken and not given back."""

    provider: int
    payments: int
    ledger: int


class Counter:
    """The payments service as orders see it, and what its tests look at."""

    def __init__(self, host: Host) -> None:
        self.host, self.database = host, host.database
        self.client = host.client(PaymentServiceClient)

    @property
    def till(self) -> Till:
        return self.host.parts.rpc.till

    async def pay(self, request: ProcessPaymentRequest) -> Payment:
        with by(ORDERS):
            return await self.client.process_payment(request)

    async def capture(self, payment_id: str) -> Payment:
        with by(ORDERS):
            return await self.client.capture_payment(CapturePaymentRequest(payment_id=payment_id))

    async def paid(self, *parts: Allocation, **fields: Any) -> tuple[Payment, Any]:
        """A captured payment, and how it was asked for."""
        request = purchase(*parts, **fields)
        return await self.capture((await self.pay(request)).id), request

    async def void(self, checkout_id: str) -> None:
        with by(ORDERS):
            await self.client.void_payment(VoidPaymentRequest(checkout_id=checkout_id))

    async def refund(
        self, request: ProcessPaymentRequest, amount: int | None, *, order: int = 0, id_: str = ""
    ) -> Refund:
        with by(ORDERS):
            return await self.client.refund_payment(
                RefundPaymentRequest(
                    checkout_id=request.checkout_id,
                    order_id=request.allocations[order].order_id,
                    refund_id=id_ or new_id(),
                    amount=None if amount is None else usd(amount),
                )
            )

    async def look(self, request: ProcessPaymentRequest) -> Payment:
        with by(ORDERS):
            return await self.client.lookup_payment(
                LookupPaymentRequest(checkout_id=request.checkout_id)
            )

    async def webhook(self, body: bytes, headers: Mapping[str, str]) -> None:
        with by(NOBODY):
            await self.client.handle_webhook(
                HandleWebhookRequest(provider="sandbox", body=body, headers=headers)
            )

    async def is_open(self) -> bool:
        """Whether somebody has begun a payment."""
        found: bool = await self.database.fetchval("select exists (select from payments)")
        return found

    async def charges(self) -> list[tuple[str, int, int]]:
        """State, captured and refunded of every charge in the sandbox's own book."""
        rows = await self.database.fetch(
            "select state, captured_amount, refunded_amount from sandbox.charges order by id"
        )
        return [tuple(row) for row in rows]

    async def books(self) -> Books:
        provider = await self.database.fetchval(
            "select coalesce(sum(captured_amount - refunded_amount), 0)::bigint"
            " from sandbox.charges"
        )
        payments = await self.database.fetchval(
            "select coalesce(sum(captured_amount - refunded_amount), 0)::bigint from payments"
        )
        ledger = await self.database.fetchval(
            "select coalesce(-sum(amount), 0)::bigint from ledger_entries"
            " where account like 'provider:%'"
        )
        return Books(provider, payments, ledger)

    async def balances(self) -> dict[str, int]:
        rows = await self.database.fetch(
            "select account, sum(amount)::bigint as held from ledger_entries group by account"
        )
        return {row["account"]: row["held"] for row in rows}

    async def must_balance(self, taken: int) -> None:
        """All three books say `taken`; nothing is lost in between, no escrow is overdrawn."""
        assert await self.books() == Books(taken, taken, taken)
        balances = await self.balances()
        assert sum(balances.values()) == 0
        assert all(held >= 0 for name, held in balances.items() if name.startswith("escrow:"))

    async def hurry(self) -> None:
        """Makes everything due that waits for its time."""
        await self.database.execute(
            "update payments set check_at = now() where check_at is not null"
        )
        await self.database.execute("update refunds set retry_at = now() where status = 'pending'")

    async def settle_refunds(self) -> None:
        """As the job does until the provider has confirmed each."""
        for _ in range(20):
            await self.hurry()
            await self.host.run_job("payments.refunds")
            pending = "select count(*) from refunds where status = 'pending'"
            if not await self.database.fetchval(pending):
                return
        raise AssertionError("refunds are pending still")

    def add_lossy(self) -> Lossy:
        """A second provider, the sandbox behind a line that loses what it is told to lose."""
        lossy = Lossy(self.till.providers["sandbox"])
        self.till.providers["lossy"] = lossy  # type: ignore[index]
        return lossy


class Lossy:
    """Passes everything on to a real provider, and loses answers or questions on the way."""

    name, title = "lossy", "Lossy"

    def __init__(self, provider: Any) -> None:
        self._provider = provider
        self.methods = provider.methods
        self.lost_questions: dict[str, int] = {}  # by method, how many more
        self.lost_answers: dict[str, int] = {}
        self.asked: list[str] = []

    def takes(self, method: str) -> bool:
        return self._provider.takes(method)

    async def authorize(self, authorization: Authorization) -> Charge:
        return await self._pass("authorize", authorization)

    async def capture(self, key: str) -> Charge:
        return await self._pass("capture", key)

    async def void(self, key: str) -> Charge:
        return await self._pass("void", key)

    async def refund(self, key: str, amount: Money, *, refund_key: str) -> None:
        await self._pass("refund", key, amount, refund_key=refund_key)

    async def lookup(self, key: str) -> Charge | None:
        return await self._pass("lookup", key)

    def parse_webhook(self, headers: Any, body: bytes, query: Any) -> Notice:
        return self._provider.parse_webhook(headers, body, query)

    async def _pass(self, method: str, *args: Any, **kwargs: Any) -> Any:
        self.asked.append(method)
        if _loses(self.lost_questions, method):
            raise OutcomeUnknown("the question was lost")
        answer = await getattr(self._provider, method)(*args, **kwargs)
        if _loses(self.lost_answers, method):
            raise OutcomeUnknown("the answer was lost")
        return answer


def _loses(left: dict[str, int], method: str) -> bool:
    left[method] = left.get(method, 0) - 1
    return left[method] >= 0


class Door:
    """A real HTTP server where the gateway would be: what is posted goes to payments."""

    def __init__(self) -> None:
        self.counter: Counter | None = None
        self.refuses = 0  # how many more requests to answer with 500
        self.taken: list[tuple[bytes, dict[str, str]]] = []
        self.url = ""

    def reset(self) -> None:
        self.refuses, self.taken = 0, []

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        request, *lines = head.decode().strip().split("\r\n")
        headers = {
            name.lower(): text.strip() for name, _, text in (x.partition(":") for x in lines)
        }
        body = await reader.readexactly(int(headers["content-length"]))
        try:
            status = await self._status(request, headers, body)
        except Exception:  # as a gateway does: the sender hears of it, and tries again
            log.exception("webhook_not_heard")
            status = 500
        writer.write(f"HTTP/1.1 {status} -\r\nconnection: close\r\n\r\n".encode())
        writer.close()
        await writer.wait_closed()

    async def _status(self, request: str, headers: dict[str, str], body: bytes) -> int:
        assert request == "POST /api/v1/payments/sandbox/webhook HTTP/1.1"
        if self.refuses:
            self.refuses -= 1
            return 500
        self.taken.append((body, headers))
        assert self.counter is not None
        try:
            await self.counter.webhook(body, headers)
        except Refusal as refusal:
            return refusal.KIND.status
        return 204


@asynccontextmanager
async def door() -> AsyncIterator[Door]:
    here = Door()
    server = await asyncio.start_server(here.answer, "127.0.0.1", 0)
    here.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield here
