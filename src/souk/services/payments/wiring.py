"""How payments are put together."""

from __future__ import annotations

from functools import partial

from souk.kernel.events.consumers import collect
from souk.kernel.jobs import Job, every
from souk.kernel.platform import Parts, Platform
from souk.kernel.together import Together
from souk.services.payments import consumers
from souk.services.payments.providers.sandbox.wiring import build_sandbox
from souk.services.payments.queries import find_payments
from souk.services.payments.rpc import PaymentsRpc
from souk.services.payments.store.changes import AT_ONCE_MAX, save
from souk.services.payments.store.webhooks import purge_webhooks
from souk.services.payments.till import Till
from souk.services.payments.use_cases.find_out import check_payments
from souk.services.payments.use_cases.refund_payment import send_refunds
from souk.services.payments.use_cases.release_escrow import release_due_escrow

COMMISSION_BASIS_POINTS = 1000  # of the goods; shops will have plans of their own


def build(platform: Platform) -> Parts:
    settings = platform.settings
    sandbox = build_sandbox(platform) if settings.sandbox_enabled else None
    database = platform.database("payments")
    till = Till(
        database=database,
        find_payment=Together(partial(find_payments, database)),
        save=Together(partial(save, database), at_once_max=AT_ONCE_MAX),
        providers={sandbox.provider.name: sandbox.provider} if sandbox else {},
        clock=platform.clock,
        return_url=f"{settings.public_address}/checkout/",
        escrow_days=settings.escrow_days,
        commission_basis_points=COMMISSION_BASIS_POINTS,
    )
    return Parts(
        rpc=PaymentsRpc(till, sandbox.challenges if sandbox else None),
        consumers=collect(consumers, till=till),
        jobs=(*_jobs(till), *(sandbox.jobs if sandbox else ())),
        stop=sandbox.stop if sandbox else None,
    )


def _jobs(till: Till) -> tuple[Job, ...]:
    forget = partial(purge_webhooks, till.database)
    return (
        every(seconds=2, do=partial(check_payments, till), name="payments.check"),
        every(seconds=5, do=partial(send_refunds, till), name="payments.refunds"),
        every(seconds=5, do=partial(release_due_escrow, till), name="payments.escrow"),
        every(seconds=3600, do=forget, name="payments.webhooks"),
    )
