"""The sandbox tells the shop over HTTP what happened, until the shop has heard it."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from souk.kernel.database import Database
from souk.kernel.telemetry import logger
from souk.services.payments.providers.sandbox.signatures import Signer, WebhookBody

if TYPE_CHECKING:
    import httpx

BATCH = 20
SEND_SECONDS_MAX = 10
# Claimed by moving their time on: when this process dies, or the shop does not listen, they are
# due again, later each time, for three days.
CLAIM = """
with due as (
    select id from sandbox.webhooks
     where delivered_at is null and send_at <= now() and created_at > now() - interval '3 days'
     order by send_at limit $1 for update skip locked
), claimed as (
    update sandbox.webhooks w
       set attempts = attempts + 1,
           send_at = now() + make_interval(secs => least(2 ^ least(attempts, 9), 300))
      from due where w.id = due.id
    returning w.id, w.charge_id, w.kind, w.created_at
)
select w.id, w.kind as type, w.created_at, c.key, c.id as reference
  from claimed w join sandbox.charges c on c.id = w.charge_id
"""
DELIVERED = "update sandbox.webhooks set delivered_at = now() where id = $1"

log = logger(__name__)


class DueWebhook(Struct, frozen=True, kw_only=True):
    id: str
    type: str
    key: str
    reference: str
    created_at: datetime

    @property
    def body(self) -> bytes:
        """The same bytes at every try."""
        return msgspec.json.encode(
            WebhookBody(
                id=self.id,
                type=self.type,
                key=self.key,
                reference=self.reference,
                created_at=self.created_at.isoformat(),
            )
        )


class WebhookSender:
    """At least once each: what was heard but not marked is sent again."""

    def __init__(self, database: Database, signer: Signer, *, url: str) -> None:
        self._database, self._signer, self._url = database, signer, url
        self._http: httpx.AsyncClient | None = None

    async def send_due(self) -> None:
        """Everything that is due."""
        while due := await self._database.fetch_as(DueWebhook, CLAIM, BATCH):
            await asyncio.gather(*map(self._send, due))

    async def close(self) -> None:
        if self._http is not None:
            await self._http.aclose()

    async def _send(self, webhook: DueWebhook) -> None:
        import httpx  # only who has something to tell pays for it

        if self._http is None:
            self._http = httpx.AsyncClient(timeout=SEND_SECONDS_MAX, trust_env=False)
        body = webhook.body
        headers = {"content-type": "application/json", **self._signer.headers_for(body)}
        try:
            answer = await self._http.post(self._url, content=body, headers=headers)
        except (httpx.HTTPError, OSError) as error:
            log.debug("webhook_not_delivered", webhook_id=webhook.id, reason=repr(error))
            return
        if answer.is_success:
            await self._database.execute(DELIVERED, webhook.id)
        else:
            log.info("webhook_not_taken", webhook_id=webhook.id, status=answer.status_code)
