"""How users are put together."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from souk.contracts.media import MediaServiceClient
from souk.contracts.users import Key
from souk.kernel.database import Database, Transaction
from souk.kernel.events.consumers import collect
from souk.kernel.identity import Verifier
from souk.kernel.jobs import every
from souk.kernel.platform import Parts, Platform
from souk.services.users import consumers, guess_store, personal_store, session_store
from souk.services.users.desks import open_desks
from souk.services.users.entrance import Grounds
from souk.services.users.erasure import Erasures, ErasureSteps, erasure_saga
from souk.services.users.erasure_journal import ErasureJournal
from souk.services.users.exports import Exports
from souk.services.users.guessing import Guessing
from souk.services.users.guests import Guests
from souk.services.users.keys import Keys
from souk.services.users.neighbours import Neighbours, neighbours_of
from souk.services.users.passwords import Passwords
from souk.services.users.rpc import UsersRpc
from souk.services.users.vault import Vault

OLD_ROWS_AT_ONCE = 5000
SEALED_AT_ONCE = 500


def build(platform: Platform) -> Parts:
    database, settings = platform.database("users"), platform.settings
    vault = Vault(settings.master_key)
    keys = Keys(
        database, master_key=settings.master_key, token_seconds=settings.access_token_seconds
    )
    on = Grounds(
        database=database,
        keys=keys,
        vault=vault,
        guessing=Guessing(database, vault, settings),
        passwords=Passwords(settings),
        clock=platform.clock,
        settings=settings,
    )

    async def public_keys() -> Sequence[Key]:
        return (await keys.public()).keys

    async def drop_what_is_over() -> None:
        """Sessions, tokens, challenges and counts whose time has long been over."""
        await database.transact(_drop_old, token_seconds=settings.refresh_token_seconds)

    async def rotate_keys() -> None:
        await keys.rotate_when_old(days=settings.signing_key_days, now=platform.clock.now())

    neighbours = neighbours_of(platform)
    verifier = Verifier(public_keys, platform.clock)
    desks = open_desks(on, verifier, platform.client(MediaServiceClient))
    exports, erasures = Exports(on, neighbours), built_erasures(on, neighbours)
    guests = Guests(on, desks.codes, neighbours=neighbours, erasures=erasures)

    async def stop() -> None:
        await erasures.saga.stop()
        await on.passwords.close()

    return Parts(
        rpc=UsersRpc(desks, exports=exports, erasures=erasures, guests=guests),
        consumers=collect(consumers),
        jobs=(
            every(seconds=600, do=drop_what_is_over),
            every(seconds=3600, do=rotate_keys),
            every(seconds=3600, do=partial(_seal_old, database), name="seal_old_rows"),
            exports.job,
            erasures.saga.job(),
        ),
        stop=stop,
    )


def built_erasures(on: Grounds, neighbours: Neighbours) -> Erasures:
    journal = ErasureJournal(on.settings.home / "audit")
    steps = ErasureSteps(
        database=on.database, neighbours=neighbours, journal=journal, clock=on.clock
    )
    return Erasures(
        database=on.database,
        saga=erasure_saga(on.database, steps),
        neighbours=neighbours,
        journal=journal,
        clock=on.clock,
        quiet_seconds=on.settings.erasure_quiet_seconds,
    )


async def _seal_old(database: Database) -> None:
    """What was here before there were keys."""
    for batch in (personal_store.seal_accounts, personal_store.seal_rest):
        while await database.transact(batch, limit=SEALED_AT_ONCE):
            pass


async def _drop_old(tx: Transaction, *, token_seconds: int) -> None:
    await session_store.drop_old(tx, token_seconds=token_seconds, limit=OLD_ROWS_AT_ONCE)
    await guess_store.drop_old(tx, limit=OLD_ROWS_AT_ONCE)
