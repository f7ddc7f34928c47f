"""Addresses as rows: everything that writes or locks them."""

from __future__ import annotations

from datetime import datetime

from msgspec import structs

from souk.contracts.users import (
    AddAddressRequest,
    AddressNotFound,
    AddressType,
    TooManyAddresses,
    UpdateAddressRequest,
    UserAddress,
)
from souk.kernel.database import Transaction
from souk.services.users.model import ADDRESSES_MAX
from souk.services.users.queries import ADDRESS

# Locks the account, so that counting addresses and choosing the default hold.
LOCK = "select 1 from users where id = $1 for no key update"
COUNT = """
select count(*) as n, count(*) filter (where type = $2) as of_type from addresses where user_id = $1
"""
NO_DEFAULT = (
    "update addresses set is_default = false where user_id = $1 and type = $2 and is_default"
)
# Column names are the only thing put into these texts.
ADD = f"""
insert into addresses (id, user_id, type, name, street_1, street_2, city, state, postal_code,
                       country, phone, is_default, created_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) returning {ADDRESS}
"""  # noqa: S608
UPDATE = f"""
update addresses set type = $3, name = $4, street_1 = $5, street_2 = $6, city = $7, state = $8,
                     postal_code = $9, country = $10, phone = $11, is_default = $12
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


def columns(fields: Fields) -> tuple[str, ...]:
    return (
        fields.type.value,
        fields.name,
        fields.street_1,
        fields.street_2,
        fields.city,
        fields.state,
        fields.postal_code,
        fields.country,
        fields.phone,
    )


async def add_address(
    tx: Transaction, address_id: str, request: AddAddressRequest, *, user_id: str, now: datetime
) -> UserAddress:
    """The first of its type is the default."""
    await tx.execute(LOCK, user_id)
    counted = await tx.fetchrow(COUNT, user_id, request.type)
    assert counted is not None, "an aggregate has one row"
    if counted["n"] >= ADDRESSES_MAX:
        raise TooManyAddresses(max=ADDRESSES_MAX)
    is_default = request.is_default or not counted["of_type"]
    if is_default:
        await tx.execute(NO_DEFAULT, user_id, request.type)
    saved = await tx.fetchrow_as(
        UserAddress, ADD, address_id, user_id, *columns(request), is_default, now
    )
    assert saved is not None, "an insert returns its row"
    return saved


async def update_address(
    tx: Transaction, request: UpdateAddressRequest, *, user_id: str
) -> UserAddress:
    """Where it stops being the default of its type, the oldest takes its place."""
    await tx.execute(LOCK, user_id)
    if request.is_default:
        await tx.execute(NO_DEFAULT, user_id, request.type)
    saved = await tx.fetchrow_as(
        UserAddress, UPDATE, user_id, request.address_id, *columns(request), request.is_default
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
