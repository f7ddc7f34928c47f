"""Payments, as the gateway and other services see them."""

from __future__ import annotations

import hashlib

from souk.contracts import payments as contracts
from souk.contracts.payments import (
    AnswerChallengeRequest,
    CapturePaymentRequest,
    ChallengeAnswer,
    ChallengeNotFound,
    CreateRefundRequest,
    GetLedgerRequest,
    GetPaymentRequest,
    HandleWebhookRequest,
    Ledger,
    ListAllPaymentsRequest,
    ListPaymentsRequest,
    ListProvidersRequest,
    ListTransfersRequest,
    LookupPaymentRequest,
    PaymentNotFound,
    PaymentPage,
    PaymentService,
    ProcessPaymentRequest,
    Provider,
    ProviderList,
    RecordPaymentsRequest,
    Refund,
    RefundPaymentRequest,
    ShowChallengeRequest,
    TransferPage,
    VoidPaymentRequest,
)
from souk.kernel.context import caller
from souk.kernel.contract import Empty, File
from souk.kernel.personal_data import PersonalDataRpc
from souk.kernel.telemetry import logger
from souk.services.payments import queries
from souk.services.payments.personal_store import HOLDINGS
from souk.services.payments.providers import OutcomeUnknown
from souk.services.payments.providers.sandbox.challenges import Challenges
from souk.services.payments.till import Till
from souk.services.payments.use_cases.ask_for_refund import create_refund, refund_order
from souk.services.payments.use_cases.call_off import void_payment
from souk.services.payments.use_cases.capture_payment import capture_once
from souk.services.payments.use_cases.find_out import find_out
from souk.services.payments.use_cases.handle_webhook import handle_webhook
from souk.services.payments.use_cases.process_payment import process_payment
from souk.services.payments.use_cases.record_payments import record_payments

log = logger(__name__)


class PaymentsRpc(PersonalDataRpc, PaymentService):
    """Payments, refunds, the ledger, and the sandbox's page."""

    HOLDINGS = HOLDINGS

    def __init__(self, till: Till, challenges: Challenges | None) -> None:
        self.till, self.database, self._challenges = till, till.database, challenges

    async def process_payment(self, request: ProcessPaymentRequest) -> contracts.Payment:
        return (await process_payment(self.till, request)).view()

    async def capture_payment(self, request: CapturePaymentRequest) -> contracts.Payment:
        return (await capture_once(self.till, request)).view()

    async def void_payment(self, request: VoidPaymentRequest) -> Empty:
        await void_payment(self.till, request.checkout_id)
        return Empty()

    async def refund_payment(self, request: RefundPaymentRequest) -> Refund:
        return await refund_order(self.till, request)

    async def create_refund(self, request: CreateRefundRequest) -> Refund:
        return await create_refund(self.till, request)

    async def get_payment(self, request: GetPaymentRequest) -> contracts.Payment:
        payment = await queries.find_payment(self.database, request.payment_id)
        token = request.cart_token
        guest = hashlib.sha256(token.encode()).hexdigest() if token else ""
        if payment is None or not payment.is_visible_to(caller(), guest_token_hash=guest):
            raise PaymentNotFound
        return payment.view()

    async def list_payments(self, request: ListPaymentsRequest) -> PaymentPage:
        return await queries.list_payments(
            self.database,
            payer_id=caller().user_id,
            page=request.page,
            page_size=request.page_size,
        )

    async def list_all_payments(self, request: ListAllPaymentsRequest) -> PaymentPage:
        return await queries.list_all_payments(self.database, request)

    async def lookup_payment(self, request: LookupPaymentRequest) -> contracts.Payment:
        payment = await queries.find_payment_of(self.database, checkout_id=request.checkout_id)
        if payment is None or payment.is_tombstone:
            raise PaymentNotFound
        try:
            return (await find_out(self.till, payment, is_asked=False)).view()
        except OutcomeUnknown:
            log.info("lookup_unanswered", payment_id=payment.id)
            return payment.view()

    async def record_payments(self, request: RecordPaymentsRequest) -> Empty:
        await record_payments(self.till, request.payments)
        return Empty()

    async def handle_webhook(self, request: HandleWebhookRequest) -> Empty:
        await handle_webhook(self.till, request)
        return Empty()

    async def show_challenge(self, request: ShowChallengeRequest) -> File:
        return await self._open_challenges().show(request.challenge_id)

    async def answer_challenge(self, request: AnswerChallengeRequest) -> ChallengeAnswer:
        return await self._open_challenges().answer(request.challenge_id, approve=request.approve)

    async def list_providers(self, request: ListProvidersRequest) -> ProviderList:
        known = self.till.providers.values()
        return ProviderList(
            items=tuple(Provider(name=p.name, title=p.title, methods=p.methods) for p in known)
        )

    async def get_ledger(self, request: GetLedgerRequest) -> Ledger:
        return await queries.read_ledger(self.database, kind=request.kind)

    async def list_transfers(self, request: ListTransfersRequest) -> TransferPage:
        return await queries.list_transfers(
            self.database,
            payment_id=request.payment_id,
            page=request.page,
            page_size=request.page_size,
        )

    def _open_challenges(self) -> Challenges:
        if self._challenges is None:
            raise ChallengeNotFound
        return self._challenges
