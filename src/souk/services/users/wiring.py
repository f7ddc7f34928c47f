"""How users are put together."""

from __future__ import annotations

from collections.abc import Sequence

from souk.contracts.users import Key
from souk.kernel.database import Transaction
from souk.kernel.events.consumers import collect
from souk.kernel.identity import Verifier
from souk.kernel.jobs import every
from souk.kernel.platform import Parts, Platform
from souk.services.users import consumers, guess_store, session_store
from souk.services.users.desks import open_desks
from souk.services.users.entrance import Grounds
from souk.services.users.guessing import Guessing
from souk.services.users.keys import Keys
from souk.services.users.passwords import Passwords
from souk.services.users.rpc import UsersRpc
from souk.services.users.vault import Vault

OLD_ROWS_AT_ONCE = 5000


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

    return Parts(
        rpc=UsersRpc(open_desks(on, Verifier(public_keys, platform.clock))),
        consumers=collect(consumers),
        jobs=(every(seconds=600, do=drop_what_is_over), every(seconds=3600, do=rotate_keys)),
        stop=on.passwords.close,
    )


async def _drop_old(tx: Transaction, *, token_seconds: int) -> None:
    await session_store.drop_old(tx, token_seconds=token_seconds, limit=OLD_ROWS_AT_ONCE)
    await guess_store.drop_old(tx, limit=OLD_ROWS_AT_ONCE)
