"""How users are put together."""

from __future__ import annotations

from collections.abc import Sequence

from souk.contracts.users import Key
from souk.kernel.events.consumers import collect
from souk.kernel.identity import Verifier
from souk.kernel.jobs import every
from souk.kernel.platform import Parts, Platform
from souk.services.users import consumers, store
from souk.services.users.door import Door
from souk.services.users.keys import Keys
from souk.services.users.rpc import UsersRpc

OLD_TOKENS_AT_ONCE = 5000


def build(platform: Platform) -> Parts:
    database, settings = platform.database("users"), platform.settings
    keys = Keys(
        database,
        master_key=settings.master_key,
        token_seconds=settings.access_token_seconds,
    )

    async def public_keys() -> Sequence[Key]:
        return (await keys.public()).keys

    async def drop_old_tokens() -> None:
        """Refresh tokens whose time has long been over."""
        await database.transact(store.drop_old_tokens, limit=OLD_TOKENS_AT_ONCE)

    door = Door(database, keys, platform.limiter, platform.clock, settings)
    verifier = Verifier(public_keys, platform.clock)
    return Parts(
        rpc=UsersRpc(database, door, keys, verifier, platform.clock),
        consumers=collect(consumers),
        jobs=(every(seconds=600, do=drop_old_tokens),),
    )
