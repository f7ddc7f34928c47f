"""A provider tells us something: noted once, then the provider's book is asked what is true."""

from __future__ import annotations

from souk.contracts.payments import HandleWebhookRequest
from souk.kernel.failpoints import reach
from souk.kernel.telemetry import logger
from souk.services.payments.providers import OutcomeUnknown
from souk.services.payments.store.webhooks import take_in
from souk.services.payments.till import Till
from souk.services.payments.use_cases.find_out import find_out
from souk.services.payments.use_cases.write_down import read_again

log = logger(__name__)


async def handle_webhook(till: Till, request: HandleWebhookRequest) -> None:
    """Events may come twice and in any order: none is believed, each is a reason to look.

    Raises ProviderUnknown, WebhookRefused.
    """
    provider = till.provider(request.provider)
    notice = provider.parse_webhook(request.headers, request.body, request.query)
    payment_id = await till.database.transact(take_in, provider.name, notice, request.body)
    await reach("payments.webhook.between")
    if payment_id is None:
        return
    try:
        await find_out(till, await read_again(till, payment_id), is_asked=False)
    except OutcomeUnknown:  # it is due, so the job looks again
        log.info("webhook_waits_for_lookup", payment_id=payment_id)
