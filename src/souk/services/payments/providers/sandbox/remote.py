"""A sandbox outside Souk, asked over HTTP: as far away, and as unsure, as a real provider."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

import msgspec
from msgspec import Struct

from souk.contracts.payments import NextAction, NextActionType
from souk.kernel.money import Money
from souk.kernel.telemetry import logger
from souk.services.payments.providers import (
    Authorization,
    Charge,
    ChargeState,
    Notice,
    OutcomeUnknown,
)
from souk.services.payments.providers.sandbox.book import RefundRefused
from souk.services.payments.providers.sandbox.signatures import Signer

if TYPE_CHECKING:
    import httpx

CONNECT_SECONDS_MAX = 3
ANSWER_SECONDS_MAX = 10  # payments themselves wait no longer

log = logger(__name__)


class RemoteCharge(Struct, frozen=True, kw_only=True):
    """A charge as the provider shows it."""

    key: str
    reference: str
    state: ChargeState
    reason: str = ""
    action_url: str = ""


class RemoteSandbox:
    """Fits the port `Provider`.

    A yes is 200 with the charge, and no such charge is 404. All else, lost and late answers and
    a 500 included, says nothing about the money: OutcomeUnknown.
    """

    name = "sandbox"
    title = "Sandbox (no real money)"
    methods: tuple[str, ...] = ("approve", "decline", "insufficient_funds", "challenge")

    def __init__(self, url: str, signer: Signer) -> None:
        self._url, self._signer = url.rstrip("/"), signer
        self._http: httpx.AsyncClient | None = None

    def takes(self, method: str) -> bool:
        return method in self.methods

    async def authorize(self, authorization: Authorization) -> Charge:
        asked = {
            "key": authorization.key,
            "amount": authorization.amount.amount,
            "currency": authorization.amount.currency,
            "method": authorization.method,
            "return_url": authorization.return_url,
        }
        return self._certain(await self._ask("POST", "/charges", asked))

    async def capture(self, key: str) -> Charge:
        return self._known(await self._ask("POST", f"/charges/{key}/capture"))

    async def void(self, key: str) -> Charge:
        return self._known(await self._ask("POST", f"/charges/{key}/void"))

    async def refund(self, key: str, amount: Money, *, refund_key: str) -> None:
        asked = {"refund_key": refund_key, "amount": amount.amount}
        answer = await self._ask("POST", f"/charges/{key}/refunds", asked)
        if answer.status_code in (404, 409):
            raise RefundRefused(key)
        if answer.status_code != 200:
            raise self._unsure(answer)

    async def lookup(self, key: str) -> Charge | None:
        answer = await self._ask("GET", f"/charges/{key}")
        return None if answer.status_code == 404 else self._certain(answer)

    def parse_webhook(
        self, headers: Mapping[str, str], body: bytes, query: Mapping[str, str]
    ) -> Notice:
        del query  # nothing of ours is in the address
        return self._signer.read(headers, body)

    async def close(self) -> None:
        if self._http is not None:
            await self._http.aclose()

    async def _ask(
        self, verb: Literal["GET", "POST"], path: str, body: Mapping[str, Any] | None = None
    ) -> httpx.Response:
        import httpx  # only who has a provider outside pays for it

        if self._http is None:
            timeout = httpx.Timeout(ANSWER_SECONDS_MAX, connect=CONNECT_SECONDS_MAX)
            self._http = httpx.AsyncClient(base_url=self._url, timeout=timeout, trust_env=False)
        try:
            return await self._http.request(verb, path, json=body)
        except httpx.HTTPError as error:
            raise OutcomeUnknown(f"the sandbox did not answer: {error!r}") from error

    def _known(self, answer: httpx.Response) -> Charge:
        # Of a key that the provider never heard of nothing is held.
        if answer.status_code == 404:
            return Charge(state=ChargeState.VOIDED)
        return self._certain(answer)

    def _certain(self, answer: httpx.Response) -> Charge:
        if answer.status_code != 200:
            raise self._unsure(answer)
        try:
            told = msgspec.json.decode(answer.content, type=RemoteCharge)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise self._unsure(answer) from error
        action = None
        if told.state is ChargeState.REQUIRES_ACTION:
            action = NextAction(type=NextActionType.REDIRECT, url=told.action_url)
        return Charge(
            state=told.state, reference=told.reference, reason=told.reason, next_action=action
        )

    def _unsure(self, answer: httpx.Response) -> OutcomeUnknown:
        log.warning("sandbox_unclear", status=answer.status_code)
        return OutcomeUnknown(f"the sandbox answered {answer.status_code}")
