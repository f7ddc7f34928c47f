"""Payments saved with all that follows from it: those of one moment in one statement."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from souk.kernel.database import Database
from souk.kernel.outbox_rows import OutboxRow
from souk.kernel.refusals import Refusal
from souk.kernel.telemetry import logger
from souk.services.payments.model.ledger import Transfer
from souk.services.payments.model.payment import Payment
from souk.services.payments.store.ledger import posted
from souk.services.payments.store.payments import saved_payments

AT_ONCE_MAX = 20  # what spoils one statement for one sends so many their own way

log = logger(__name__)


class Change(Struct, frozen=True, kw_only=True, eq=False):
    """A payment as it is to be, its transfers and what is told of it: all of it or nothing."""

    after: Payment
    transfers: Sequence[Transfer]
    told: Sequence[OutboxRow]


async def save(database: Database, changes: Sequence[Change]) -> list[bool]:
    """Which of them were written: a payment that somebody has saved since it was read is not, nor
    are then those that share the statement with it.
    """
    chosen = {change.after.id: change for change in changes}
    shared = list(chosen.values())
    try:
        is_written = await database.write(
            saved_payments([change.after for change in shared]),
            *posted([transfer for change in shared for transfer in change.transfers]),
            events=[row for change in shared for row in change.told],
        )
    except Exception as error:  # one of them's fault: alone, each meets but its own
        if isinstance(error, Refusal) or len(changes) == 1:  # an outage, or it is alone
            raise
        log.warning("saves_failed", count=len(changes), exc_info=error)
        is_written = False
    return [is_written and chosen[change.after.id] is change for change in changes]
