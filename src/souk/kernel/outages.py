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
# asyncpg's InternalClientError is no PostgresError: it comes from a session that PostgreSQL ended
# while it lay idle ("cannot switch to state 12; another operation (2) is in progress").
BROKEN = (asyncpg.InternalClientError,)
FAILURES = (TimeoutError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError, *BROKEN)
"""Whatever a statement can raise that is not a mistake in its arguments."""


def refusal_for(error: Exception, *, is_closed: bool = False) -> Refusal | None:
    """None where the error is no outage but an answer, or a mistake of ours."""
    if isinstance(error, LATE):  # first, for TimeoutError is an OSError as well
        return DeadlineExceeded()
    is_cut = is_closed and isinstance(error, asyncpg.InterfaceError)
    if is_cut or isinstance(error, AWAY + BROKEN):
        return Unavailable(service="database")
    return None
