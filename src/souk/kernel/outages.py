"""What the driver says about a lost or late database, told as refusals."""

from __future__ import annotations

import asyncpg

from souk.kernel.refusals import DeadlineExceeded, Refusal, Unavailable

AWAY = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.LockNotAvailableError,  # waited as long as one may: somebody hogs the row
)
LATE = (TimeoutError, asyncpg.QueryCanceledError)


def refusal_for(error: Exception, *, is_closed: bool = False) -> Refusal | None:
    """None where the error is no outage but an answer, or a mistake of ours."""
    if isinstance(error, LATE):  # first, for TimeoutError is an OSError as well
        return DeadlineExceeded()
    if isinstance(error, AWAY) or (is_closed and isinstance(error, asyncpg.InterfaceError)):
        return Unavailable(service="database")
    return None
