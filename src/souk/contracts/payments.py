"""Payments: money taken, held, given back, and written down.

Generated from souk/payments/v1/payments.proto, souk/payments/v1/events.proto; do not edit.
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
from souk.kernel.contract import (
    Access,
    Answer,
    Empty,
    Event,
    File,
    Http,
    Idempotency,
    Int32,
    Method,
    Rate,
    Raw,
)
from souk.kernel.money import Money
from souk.kernel.refusals import Kind, Refusal
from souk.kernel.rules import Instant, Uuid, UuidOrEmpty

if TYPE_CHECKING:
    from souk.kernel.transport import Transport


class PaymentStatus(StrEnum):
    # Asked for; the provider's answer is not known yet.
    PENDING = "pending"
    REQUIRES_ACTION = "requires_action"
    AUTHORIZED = "authorized"
    CAPTURED = "captured"
    DECLINED = "declined"
    VOIDED = "voided"
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"


class EscrowStatus(StrEnum):
    NONE = "none"
    HELD = "held"
    PARTIALLY_RELEASED = "partially_released"
    RELEASED = "released"
    REFUNDED = "refunded"


class NextActionType(StrEnum):
    REDIRECT = "redirect"
    CLIENT_SECRET = "client_secret"


class RefundStatus(StrEnum):
    PENDING = "pending"
    DONE = "done"


class NextAction(Struct, frozen=True, kw_only=True):
    """What the shopper must do before the money is authorized."""

    type: NextActionType | None = None
    url: str = ""
    client_secret: str = ""


class Payment(Struct, frozen=True, kw_only=True):
    id: str = ""
    checkout_id: str = ""
    status: PaymentStatus | None = None
    provider: str = ""
    amount: Money
    captured: Money | None = None
    refunded: Money | None = None
    escrow: EscrowStatus | None = None
    next_action: NextAction | None = None
    created_at: Instant | None = None


class Allocation(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One order's part of a payment: what its escrow account will hold."""

    order_id: Uuid
    shop_id: Uuid
    total: Money
    shipping: Annotated[Money, Meta(description="Parts of the total.")]
    tax: Money


class ProcessPaymentRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    checkout_id: Uuid
    amount: Money
    provider: Annotated[str, Meta(min_length=1, pattern="^[a-z0-9_]{1,40}$")]
    method: Annotated[
        str,
        Meta(
            max_length=500,
            description="The provider's word for how: a token, or a sandbox behaviour.",
        ),
    ] = ""
    payer_id: Annotated[UuidOrEmpty, Meta(description="Empty for guests.")] = ""
    allocations: Annotated[tuple[Allocation, ...], Meta(min_length=1, max_length=200)]
    guest_token_hash: Annotated[
        str,
        Meta(
            max_length=64,
            description="SHA-256 in hex of the guest's token: who may see the payment.",
        ),
    ] = ""


class CapturePaymentRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    payment_id: Uuid


class PastPayment(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    payment_id: Uuid
    checkout_id: Uuid
    amount: Money
    provider: Annotated[str, Meta(min_length=1, pattern="^[a-z0-9_]{1,40}$")]
    payer_id: Annotated[UuidOrEmpty, Meta(description="Empty for guests.")] = ""
    guest_token_hash: Annotated[str, Meta(max_length=64)] = ""
    allocations: Annotated[tuple[Allocation, ...], Meta(min_length=1, max_length=200)]
    paid_at: Instant
    delivered_at: Instant | None = None


class RecordPaymentsRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    payments: Annotated[tuple[PastPayment, ...], Meta(min_length=1, max_length=100)]


class VoidPaymentRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    checkout_id: Uuid


class RefundPaymentRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    checkout_id: Uuid
    order_id: Uuid
    refund_id: Uuid
    amount: (
        Annotated[Money, Meta(description="All that is left of the order when absent.")] | None
    ) = None
    reason: Annotated[str, Meta(max_length=500)] = ""


class CreateRefundRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    payment_id: Uuid
    order_id: Uuid
    amount: (
        Annotated[Money, Meta(description="All that is left of the order when absent.")] | None
    ) = None
    reason: Annotated[str, Meta(max_length=500)] = ""


class Refund(Struct, frozen=True, kw_only=True):
    id: str = ""
    payment_id: str = ""
    order_id: str = ""
    amount: Money
    status: RefundStatus | None = None
    created_at: Instant | None = None


class GetPaymentRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    payment_id: Uuid
    cart_token: Annotated[str, Meta(max_length=100)] = ""


class ListPaymentsRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    page: Annotated[int, Meta(ge=0, le=100_000)] = 0
    page_size: Annotated[int, Meta(ge=0, le=100)] = 0


class ListAllPaymentsRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    page: Annotated[int, Meta(ge=0, le=100_000)] = 0
    page_size: Annotated[int, Meta(ge=0, le=100)] = 0
    status: PaymentStatus | None = None


class PaymentPage(Struct, frozen=True, kw_only=True):
    items: tuple[Payment, ...] = ()
    page: Int32 = 0
    page_size: Int32 = 0


class LookupPaymentRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    checkout_id: Uuid


class HandleWebhookRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    provider: Annotated[str, Meta(min_length=1, pattern="^[a-z0-9_]{1,40}$")]
    body: bytes = b""
    headers: Mapping[str, str] = {}
    query: Mapping[str, str] = {}


class ShowChallengeRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    challenge_id: Annotated[str, Meta(min_length=1, pattern="^[A-Za-z0-9_-]{16,100}$")]


class AnswerChallengeRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    challenge_id: Annotated[str, Meta(min_length=1, pattern="^[A-Za-z0-9_-]{16,100}$")]
    approve: bool


class ChallengeAnswer(Struct, frozen=True, kw_only=True):
    status: Annotated[
        str, Meta(description="authorized, declined, or expired when it came too late.")
    ] = ""


class ListProvidersRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class Provider(Struct, frozen=True, kw_only=True):
    name: str = ""
    title: str = ""
    methods: Annotated[
        tuple[str, ...],
        Meta(description="What the provider can be asked for; the sandbox's are its behaviours."),
    ] = ()


class ProviderList(Struct, frozen=True, kw_only=True):
    items: tuple[Provider, ...] = ()


class GetLedgerRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """At most 1,000 accounts, the largest first; sums are over all of them."""

    kind: Annotated[
        str,
        Meta(
            pattern="^[a-z]{0,20}$",
            description="Only accounts of this kind: escrow, seller, provider …",
        ),
    ] = ""


class Balance(Struct, frozen=True, kw_only=True):
    account: str = ""
    balance: Money


class Ledger(Struct, frozen=True, kw_only=True):
    items: tuple[Balance, ...] = ()
    sums: Annotated[tuple[Money, ...], Meta(description="One for each currency; always zero.")] = ()


class ListTransfersRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    page: Annotated[int, Meta(ge=0, le=100_000)] = 0
    page_size: Annotated[int, Meta(ge=0, le=100)] = 0
    payment_id: UuidOrEmpty = ""


class Entry(Struct, frozen=True, kw_only=True):
    account: str = ""
    amount: Money


class Transfer(Struct, frozen=True, kw_only=True):
    """A movement of money between accounts; its entries sum to zero."""

    id: str = ""
    kind: str = ""
    payment_id: str = ""
    order_id: str = ""
    entries: tuple[Entry, ...] = ()
    at: Instant | None = None


class TransferPage(Struct, frozen=True, kw_only=True):
    items: tuple[Transfer, ...] = ()
    page: Int32 = 0
    page_size: Int32 = 0


class PaymentDeclined(Refusal):
    KIND = Kind.PAYMENT_REQUIRED
    DETAIL = "The payment was declined: {reason}."
    reason: str


class PaymentWasVoided(Refusal):
    KIND = Kind.CONFLICT
    DETAIL = "The payment of this checkout has been called off."


class PaymentNotFound(Refusal):
    KIND = Kind.NOT_FOUND
    DETAIL = "There is no such payment for you to see."


class PaymentNotCapturable(Refusal):
    KIND = Kind.CONFLICT
    DETAIL = "A payment that is {status} cannot be captured."
    status: str


class RefundTooLarge(Refusal):
    KIND = Kind.CONFLICT
    DETAIL = "Only {left} can still be refunded."
    left: str


class ProviderUnknown(Refusal):
    KIND = Kind.INVALID
    DETAIL = "There is no payment provider {provider}, or it has no method {method}."
    provider: str
    method: str


class PaymentOutcomeUnknown(Refusal):
    KIND = Kind.UNAVAILABLE
    DETAIL = "The provider has not answered; what became of the money is being found out."
    retry_seconds: int


class WebhookRefused(Refusal):
    KIND = Kind.UNAUTHENTICATED
    DETAIL = "The webhook is not signed as it should be."


class ChallengeNotFound(Refusal):
    KIND = Kind.NOT_FOUND
    DETAIL = "There is no such payment to approve."


class PaymentAuthorized(Event, frozen=True, kw_only=True):
    """The shopper's action, or a late answer of the provider, decided a waiting payment."""

    SUBJECT: ClassVar[str] = "souk.payments.authorized"
    AGGREGATE: ClassVar[str] = "checkout_id"

    payment_id: str = ""
    checkout_id: str = ""


class PaymentFailed(Event, frozen=True, kw_only=True):
    SUBJECT: ClassVar[str] = "souk.payments.failed"
    AGGREGATE: ClassVar[str] = "checkout_id"

    payment_id: str = ""
    checkout_id: str = ""
    reason: str = ""


class PaymentCaptured(Event, frozen=True, kw_only=True):
    SUBJECT: ClassVar[str] = "souk.payments.captured"
    AGGREGATE: ClassVar[str] = "checkout_id"

    payment_id: str = ""
    checkout_id: str = ""
    amount: Money


class PaymentRefunded(Event, frozen=True, kw_only=True):
    SUBJECT: ClassVar[str] = "souk.payments.refunded"
    AGGREGATE: ClassVar[str] = "checkout_id"

    payment_id: str = ""
    checkout_id: str = ""
    order_id: str = ""
    refund_id: str = ""
    amount: Money


class EscrowReleased(Event, frozen=True, kw_only=True):
    SUBJECT: ClassVar[str] = "souk.payments.escrow_released"
    AGGREGATE: ClassVar[str] = "checkout_id"

    payment_id: str = ""
    checkout_id: str = ""
    order_id: str = ""
    shop_id: str = ""


class PaymentService(ABC):
    """One payment a checkout, whatever the number of shops; a ledger under it all."""

    NAME: ClassVar[str] = "souk.payments.v1.PaymentService"
    METHODS: ClassVar[tuple[Method, ...]]

    @abstractmethod
    async def process_payment(self, request: ProcessPaymentRequest) -> Payment:
        """Authorizes the money of a checkout. Repeating it gives the same payment; after the
        checkout
        was voided it is refused.
        """

    @abstractmethod
    async def capture_payment(self, request: CapturePaymentRequest) -> Payment:
        """Takes the authorized money into escrow, once."""

    @abstractmethod
    async def void_payment(self, request: VoidPaymentRequest) -> Empty:
        """Ends the payment of a checkout: voids what is authorized, refunds what was captured,
        and
        refuses what comes later. Voiding nothing is success.
        """

    @abstractmethod
    async def refund_payment(self, request: RefundPaymentRequest) -> Refund:
        """Gives money of an order back, never more than was captured for it; one refund id
        counts once.
        """

    @abstractmethod
    async def create_refund(self, request: CreateRefundRequest) -> Refund:
        """Gives money of a payment back, by support."""

    @abstractmethod
    async def get_payment(self, request: GetPaymentRequest) -> Payment:
        """A payment, for its payer and for operators."""

    @abstractmethod
    async def list_payments(self, request: ListPaymentsRequest) -> PaymentPage:
        """The payments of whoever asks, newest first."""

    @abstractmethod
    async def list_all_payments(self, request: ListAllPaymentsRequest) -> PaymentPage:
        """All payments, newest first."""

    @abstractmethod
    async def lookup_payment(self, request: LookupPaymentRequest) -> Payment:
        """The payment of a checkout as it is now at the provider."""

    @abstractmethod
    async def record_payments(self, request: RecordPaymentsRequest) -> Empty:
        """Writes down what was paid before, with its own dates: captured, and released from
        escrow where
        its time has come. Repeating it changes nothing.
        """

    @abstractmethod
    async def handle_webhook(self, request: HandleWebhookRequest) -> Empty:
        """What a provider tells us; the body is kept byte for byte for its signature."""

    @abstractmethod
    async def show_challenge(self, request: ShowChallengeRequest) -> File:
        """The page on which a shopper approves or declines a sandbox payment."""

    @abstractmethod
    async def answer_challenge(self, request: AnswerChallengeRequest) -> ChallengeAnswer:
        """Approves or declines a sandbox payment."""

    @abstractmethod
    async def list_providers(self, request: ListProvidersRequest) -> ProviderList:
        """What may be chosen at checkout; at most 50 providers."""

    @abstractmethod
    async def get_ledger(self, request: GetLedgerRequest) -> Ledger:
        """The ledger's balances: by account and currency, and their sum, which is zero."""

    @abstractmethod
    async def list_transfers(self, request: ListTransfersRequest) -> TransferPage:
        """Every transfer of the ledger, newest first."""

    @abstractmethod
    async def export_person(self, request: ExportPersonRequest) -> PersonalData:
        """Everything this service holds of somebody."""

    @abstractmethod
    async def erase_person(self, request: ErasePersonRequest) -> ErasureReceipt:
        """Takes somebody out of this service, once and for all; repeating it changes nothing."""


class PaymentServiceClient(PaymentService):
    """Calls PaymentService, wherever it runs."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def process_payment(self, request: ProcessPaymentRequest) -> Payment:
        answer: Payment = await self._transport.call(PROCESS_PAYMENT, request)
        return answer

    async def capture_payment(self, request: CapturePaymentRequest) -> Payment:
        answer: Payment = await self._transport.call(CAPTURE_PAYMENT, request)
        return answer

    async def void_payment(self, request: VoidPaymentRequest) -> Empty:
        answer: Empty = await self._transport.call(VOID_PAYMENT, request)
        return answer

    async def refund_payment(self, request: RefundPaymentRequest) -> Refund:
        answer: Refund = await self._transport.call(REFUND_PAYMENT, request)
        return answer

    async def create_refund(self, request: CreateRefundRequest) -> Refund:
        answer: Refund = await self._transport.call(CREATE_REFUND, request)
        return answer

    async def get_payment(self, request: GetPaymentRequest) -> Payment:
        answer: Payment = await self._transport.call(GET_PAYMENT, request)
        return answer

    async def list_payments(self, request: ListPaymentsRequest) -> PaymentPage:
        answer: PaymentPage = await self._transport.call(LIST_PAYMENTS, request)
        return answer

    async def list_all_payments(self, request: ListAllPaymentsRequest) -> PaymentPage:
        answer: PaymentPage = await self._transport.call(LIST_ALL_PAYMENTS, request)
        return answer

    async def lookup_payment(self, request: LookupPaymentRequest) -> Payment:
        answer: Payment = await self._transport.call(LOOKUP_PAYMENT, request)
        return answer

    async def record_payments(self, request: RecordPaymentsRequest) -> Empty:
        answer: Empty = await self._transport.call(RECORD_PAYMENTS, request)
        return answer

    async def handle_webhook(self, request: HandleWebhookRequest) -> Empty:
        answer: Empty = await self._transport.call(HANDLE_WEBHOOK, request)
        return answer

    async def show_challenge(self, request: ShowChallengeRequest) -> File:
        answer: File = await self._transport.call(SHOW_CHALLENGE, request)
        return answer

    async def answer_challenge(self, request: AnswerChallengeRequest) -> ChallengeAnswer:
        answer: ChallengeAnswer = await self._transport.call(ANSWER_CHALLENGE, request)
        return answer

    async def list_providers(self, request: ListProvidersRequest) -> ProviderList:
        answer: ProviderList = await self._transport.call(LIST_PROVIDERS, request)
        return answer

    async def get_ledger(self, request: GetLedgerRequest) -> Ledger:
        answer: Ledger = await self._transport.call(GET_LEDGER, request)
        return answer

    async def list_transfers(self, request: ListTransfersRequest) -> TransferPage:
        answer: TransferPage = await self._transport.call(LIST_TRANSFERS, request)
        return answer

    async def export_person(self, request: ExportPersonRequest) -> PersonalData:
        answer: PersonalData = await self._transport.call(EXPORT_PERSON, request)
        return answer

    async def erase_person(self, request: ErasePersonRequest) -> ErasureReceipt:
        answer: ErasureReceipt = await self._transport.call(ERASE_PERSON, request)
        return answer


PROCESS_PAYMENT = Method(
    service="souk.payments.v1.PaymentService",
    name="ProcessPayment",
    python="process_payment",
    request=ProcessPaymentRequest,
    response=Payment,
    access=Access(internal=True),
    errors=(
        PaymentDeclined,
        PaymentWasVoided,
        ProviderUnknown,
        PaymentOutcomeUnknown,
    ),
    rate=Rate.WRITE,
    comment=(
        "Authorizes the money of a checkout. Repeating it gives the same payment;"
        " after the checkout\nwas voided it is refused."
    ),
)
CAPTURE_PAYMENT = Method(
    service="souk.payments.v1.PaymentService",
    name="CapturePayment",
    python="capture_payment",
    request=CapturePaymentRequest,
    response=Payment,
    http=(Http("POST", "/api/v1/payments/{payment_id}/capture", body="*"),),
    access=Access(roles=frozenset({"admin"})),
    errors=(
        PaymentNotFound,
        PaymentNotCapturable,
        PaymentOutcomeUnknown,
    ),
    idempotent=Idempotency.OPTIONAL,
    rate=Rate.WRITE,
    answer=Answer(status=200),
    comment="Takes the authorized money into escrow, once.",
)
VOID_PAYMENT = Method(
    service="souk.payments.v1.PaymentService",
    name="VoidPayment",
    python="void_payment",
    request=VoidPaymentRequest,
    response=Empty,
    access=Access(internal=True),
    errors=(PaymentOutcomeUnknown,),
    rate=Rate.WRITE,
    comment=(
        "Ends the payment of a checkout: voids what is authorized, refunds what "
        "was captured, and\nrefuses what comes later. Voiding nothing is success."
    ),
)
REFUND_PAYMENT = Method(
    service="souk.payments.v1.PaymentService",
    name="RefundPayment",
    python="refund_payment",
    request=RefundPaymentRequest,
    response=Refund,
    access=Access(internal=True),
    errors=(
        PaymentNotFound,
        RefundTooLarge,
        PaymentOutcomeUnknown,
    ),
    rate=Rate.WRITE,
    comment=(
        "Gives money of an order back, never more than was captured for it; one "
        "refund id counts once."
    ),
)
CREATE_REFUND = Method(
    service="souk.payments.v1.PaymentService",
    name="CreateRefund",
    python="create_refund",
    request=CreateRefundRequest,
    response=Refund,
    http=(Http("POST", "/api/v1/payments/{payment_id}/refund", body="*"),),
    access=Access(roles=frozenset({"support", "admin"})),
    errors=(
        PaymentNotFound,
        RefundTooLarge,
        PaymentOutcomeUnknown,
    ),
    idempotent=Idempotency.REQUIRED,
    rate=Rate.WRITE,
    comment="Gives money of a payment back, by support.",
)
GET_PAYMENT = Method(
    service="souk.payments.v1.PaymentService",
    name="GetPayment",
    python="get_payment",
    request=GetPaymentRequest,
    response=Payment,
    http=(Http("GET", "/api/v1/payments/{payment_id}"),),
    access=Access(public=True),
    errors=(PaymentNotFound,),
    rate=Rate.READ,
    headers={"cart_token": "X-Cart-Token"},
    comment="A payment, for its payer and for operators.",
)
LIST_PAYMENTS = Method(
    service="souk.payments.v1.PaymentService",
    name="ListPayments",
    python="list_payments",
    request=ListPaymentsRequest,
    response=PaymentPage,
    http=(Http("GET", "/api/v1/payments/history"),),
    access=Access(roles=frozenset({"customer", "seller", "courier", "support", "admin"})),
    rate=Rate.READ,
    comment="The payments of whoever asks, newest first.",
)
LIST_ALL_PAYMENTS = Method(
    service="souk.payments.v1.PaymentService",
    name="ListAllPayments",
    python="list_all_payments",
    request=ListAllPaymentsRequest,
    response=PaymentPage,
    http=(Http("GET", "/api/v1/admin/payments"),),
    access=Access(roles=frozenset({"support", "admin"})),
    rate=Rate.READ,
    comment="All payments, newest first.",
)
LOOKUP_PAYMENT = Method(
    service="souk.payments.v1.PaymentService",
    name="LookupPayment",
    python="lookup_payment",
    request=LookupPaymentRequest,
    response=Payment,
    access=Access(internal=True),
    errors=(PaymentNotFound,),
    rate=Rate.WRITE,
    comment="The payment of a checkout as it is now at the provider.",
)
RECORD_PAYMENTS = Method(
    service="souk.payments.v1.PaymentService",
    name="RecordPayments",
    python="record_payments",
    request=RecordPaymentsRequest,
    response=Empty,
    access=Access(internal=True),
    errors=(ProviderUnknown,),
    rate=Rate.WRITE,
    comment=(
        "Writes down what was paid before, with its own dates: captured, and "
        "released from escrow where\nits time has come. Repeating it changes "
        "nothing."
    ),
)
HANDLE_WEBHOOK = Method(
    service="souk.payments.v1.PaymentService",
    name="HandleWebhook",
    python="handle_webhook",
    request=HandleWebhookRequest,
    response=Empty,
    http=(Http("POST", "/api/v1/payments/{provider}/webhook", body="*"),),
    access=Access(public=True),
    errors=(
        WebhookRefused,
        ProviderUnknown,
    ),
    rate=Rate.WEBHOOK,
    raw=Raw(body_field="body", headers_field="headers", query_field="query"),
    comment=("What a provider tells us; the body is kept byte for byte for its signature."),
)
SHOW_CHALLENGE = Method(
    service="souk.payments.v1.PaymentService",
    name="ShowChallenge",
    python="show_challenge",
    request=ShowChallengeRequest,
    response=File,
    http=(Http("GET", "/api/v1/payments/sandbox/challenges/{challenge_id}"),),
    access=Access(public=True),
    errors=(ChallengeNotFound,),
    rate=Rate.READ,
    comment="The page on which a shopper approves or declines a sandbox payment.",
)
ANSWER_CHALLENGE = Method(
    service="souk.payments.v1.PaymentService",
    name="AnswerChallenge",
    python="answer_challenge",
    request=AnswerChallengeRequest,
    response=ChallengeAnswer,
    http=(Http("POST", "/api/v1/payments/sandbox/challenges/{challenge_id}", body="*"),),
    access=Access(public=True),
    errors=(ChallengeNotFound,),
    rate=Rate.WRITE,
    answer=Answer(status=200),
    comment="Approves or declines a sandbox payment.",
)
LIST_PROVIDERS = Method(
    service="souk.payments.v1.PaymentService",
    name="ListProviders",
    python="list_providers",
    request=ListProvidersRequest,
    response=ProviderList,
    http=(Http("GET", "/api/v1/payments/providers"),),
    access=Access(public=True),
    rate=Rate.READ,
    comment="What may be chosen at checkout; at most 50 providers.",
)
GET_LEDGER = Method(
    service="souk.payments.v1.PaymentService",
    name="GetLedger",
    python="get_ledger",
    request=GetLedgerRequest,
    response=Ledger,
    http=(Http("GET", "/api/v1/payments/ledger"),),
    access=Access(roles=frozenset({"admin"})),
    rate=Rate.READ,
    comment=("The ledger's balances: by account and currency, and their sum, which is zero."),
)
LIST_TRANSFERS = Method(
    service="souk.payments.v1.PaymentService",
    name="ListTransfers",
    python="list_transfers",
    request=ListTransfersRequest,
    response=TransferPage,
    http=(Http("GET", "/api/v1/payments/transactions"),),
    access=Access(roles=frozenset({"support", "admin"})),
    rate=Rate.READ,
    comment="Every transfer of the ledger, newest first.",
)
EXPORT_PERSON = Method(
    service="souk.payments.v1.PaymentService",
    name="ExportPerson",
    python="export_person",
    request=ExportPersonRequest,
    response=PersonalData,
    access=Access(internal=True),
    rate=Rate.WRITE,
    comment="Everything this service holds of somebody.",
)
ERASE_PERSON = Method(
    service="souk.payments.v1.PaymentService",
    name="ErasePerson",
    python="erase_person",
    request=ErasePersonRequest,
    response=ErasureReceipt,
    access=Access(internal=True),
    rate=Rate.WRITE,
    comment=("Takes somebody out of this service, once and for all; repeating it changes nothing."),
)

PaymentService.METHODS = (
    PROCESS_PAYMENT,
    CAPTURE_PAYMENT,
    VOID_PAYMENT,
    REFUND_PAYMENT,
    CREATE_REFUND,
    GET_PAYMENT,
    LIST_PAYMENTS,
    LIST_ALL_PAYMENTS,
    LOOKUP_PAYMENT,
    RECORD_PAYMENTS,
    HANDLE_WEBHOOK,
    SHOW_CHALLENGE,
    ANSWER_CHALLENGE,
    LIST_PROVIDERS,
    GET_LEDGER,
    LIST_TRANSFERS,
    EXPORT_PERSON,
    ERASE_PERSON,
)
