"""Addresses as rows: everything that writes or locks them."""

from __future__ import annotations

from datetime import datetime

import msgspec
from msgspec import Struct, structs

from souk.contracts.users import (
    AddAddressRequest,
    AddressNotFound,
    AddressType,
    TooManyAddresses,
    UpdateAddressRequest,
    UserAddress,
)
from souk.kernel.database import Queries, Transaction
from souk.kernel.personal_data import KEY, key_of
from souk.services.users.identity import AddressText
from souk.services.users.model import ADDRESSES_MAX
from souk.services.users.queries import ADDRESS

# Locks the account, so that counting addresses and choosing the default hold.
LOCK = """
select (select sealed_key from person_keys where person = users.id)
from users where id = $1 for no key update
"""
COUNT = """
select count(*) as n, count(*) filter (where type = $2) as of_type from addresses where user_id = $1
"""
NO_DEFAULT = (
    "update addresses set is_default = false where user_id = $1 and type = $2 and is_default"
)
# Column names are the only thing put into these texts.
ADD = """
insert into addresses (id, user_id, type, sealed, is_default, created_at)
values ($1, $2, $3, $4, $5, $6) returning id, type, is_default, sealed
"""
UPDATE = f"""
update addresses set type = $3, sealed = $4, is_default = $5
where user_id = $1 and id = $2 returning {ADDRESS}
"""  # noqa: S608
MAKE_DEFAULT = f"""
update addresses set is_default = true where user_id = $1 and id = $2 returning {ADDRESS}
"""  # noqa: S608
TYPE_OF = "select type from addresses where user_id = $1 and id = $2"
DELETE = "delete from addresses where user_id = $1 and id = $2 returning 1"
# Of every type, wherever a default has gone; answers which ones took its place.
OLDEST_IS_DEFAULT = """
update addresses set is_default = true where id in (
    select distinct on (type) id from addresses as oldest
     where user_id = $1 and not exists (
        select from addresses where user_id = $1 and type = oldest.type and is_default)
     order by type, created_at, id)
returning id
"""
Fields = AddAddressRequest | UpdateAddressRequest


class SealedAddress(Struct, frozen=True, kw_only=True):
    """An address as it may be kept anywhere: without the key that opens it."""

    id: str
    type: AddressType
    is_default: bool
    sealed: bytes


async def lock_and_seal(tx: Transaction, user_id: str, fields: Fields) -> bytes:
    """Locks the account, whose key it is."""
    key = await tx.fetchval(LOCK, user_id) or await key_of(tx, user_id)
    text = {name: getattr(fields, name) for name in AddressText.__struct_fields__}
    return tx.personal.seal(key, AddressText(**text))


async def opened(db: Queries, address: SealedAddress, *, user_id: str) -> UserAddress:
    plain = db.personal.open(address.sealed, await db.fetchval(KEY, user_id))
    text = msgspec.json.decode(plain, type=AddressText)
    return UserAddress(
        id=address.id,
        type=address.type,
        is_default=address.is_default,
        **structs.asdict(text),
    )


async def add_address(
    tx: Transaction, address_id: str, request: AddAddressRequest, *, user_id: str, now: datetime
) -> SealedAddress:
    """The first of its type is the default."""
    sealed = await lock_and_seal(tx, user_id, request)
    counted = await tx.fetchrow(COUNT, user_id, request.type)
    assert counted is not None, "an aggregate has one row"
    if counted["n"] >= ADDRESSES_MAX:
        raise TooManyAddresses(max=ADDRESSES_MAX)
    is_default = request.is_default or not counted["of_type"]
    if is_default:
        await tx.execute(NO_DEFAULT, user_id, request.type)
    saved = await tx.fetchrow_as(
        SealedAddress, ADD, address_id, user_id, request.type, sealed, is_default, now
    )
    assert saved is not None, "an insert returns its row"
    return saved


async def update_address(
    tx: Transaction, request: UpdateAddressRequest, *, user_id: str
) -> UserAddress:
    """Where it stops being the default of its type, the oldest takes its place."""
    sealed = await lock_and_seal(tx, user_id, request)
    if request.is_default:
        await tx.execute(NO_DEFAULT, user_id, request.type)
    saved = await tx.fetchrow_as(
        UserAddress,
        UPDATE,
        user_id,
        request.address_id,
        request.type,
        sealed,
        request.is_default,
    )
    if saved is None:
        raise AddressNotFound()
    became = await tx.fetch(OLDEST_IS_DEFAULT, user_id)
    is_default = saved.is_default or saved.id in {row["id"] for row in became}
    return structs.replace(saved, is_default=is_default)


async def make_default(tx: Transaction, address_id: str, *, user_id: str) -> UserAddress:
    await tx.execute(LOCK, user_id)
    kind = await tx.fetchval(TYPE_OF, user_id, address_id)
    if kind is None:
        raise AddressNotFound()
    await tx.execute(NO_DEFAULT, user_id, AddressType(kind))
    saved = await tx.fetchrow_as(UserAddress, MAKE_DEFAULT, user_id, address_id)
    assert saved is not None, "it was there a moment ago, and the account is locked"
    return saved


async def delete_address(tx: Transaction, address_id: str, *, user_id: str) -> None:
    """Where the default goes, the oldest of its type takes its place."""
    await tx.execute(LOCK, user_id)
    if await tx.fetchval(DELETE, user_id, address_id) is None:
        raise AddressNotFound()
    await tx.execute(OLDEST_IS_DEFAULT, user_id)
