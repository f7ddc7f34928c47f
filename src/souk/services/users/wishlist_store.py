"""Wishlists as rows: read and written only through the account whose they are."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct, structs

from souk.contracts.users import (
    AddToWishlistRequest,
    RemoveFromWishlistRequest,
    SharedWishlist,
    TooManyWishlists,
    Wishlist,
    WishlistFull,
    WishlistItem,
    WishlistNotFound,
)
from souk.kernel.database import Transaction
from souk.kernel.ids import new_id
from souk.kernel.personal_data import key_of
from souk.kernel.statements import Queries
from souk.services.users.identity import Named, Noted

WISHLISTS_MAX, ITEMS_MAX = 20, 200
DEFAULT_NAME = "Wishlist"
LIST = """id, sealed, (select sealed_key from person_keys where person = user_id) as _key,
       is_default, coalesce(share_token, '') as share_token, created_at,
       (select count(*) from wishlist_items where wishlist_id = wishlists.id) as item_count"""
# Column names are the only thing put into these texts.
ALL = f"""
select {LIST},
       exists (select from wishlist_items where wishlist_id = wishlists.id and product_id = $2)
           as has_product
  from wishlists where user_id = $1
order by is_default desc, created_at limit {WISHLISTS_MAX}
"""  # noqa: S608
ONE = f"""
select {LIST} from wishlists where user_id = $1 and (id = $2 or ($2 is null and is_default))
"""  # noqa: S608
LOCK_USER = "select 1 from users where id = $1 for no key update"
ADD = f"""
insert into wishlists (id, user_id, sealed, is_default, created_at)
values ($1, $2, $3, not exists (select from wishlists where user_id = $2 and is_default), $4)
returning {LIST}
"""  # noqa: S608
UPDATE = """
update wishlists set sealed = coalesce($3, sealed), share_token = $4 where user_id = $1 and id = $2
"""
DROP = "delete from wishlists where user_id = $1 and id = $2 returning is_default"
OLDEST_IS_DEFAULT = """
update wishlists set is_default = true where id = (
    select id from wishlists where user_id = $1 order by created_at limit 1)
"""
ITEMS = f"""
select product_id, coalesce(variant_id::text, '') as variant_id, item.sealed, added_at,
       (select sealed_key from person_keys where person = user_id) as _key
  from wishlist_items as item join wishlists on wishlists.id = wishlist_id
 where wishlist_id = $1 order by added_at desc, item.id desc limit {ITEMS_MAX}
"""  # noqa: S608
PUT = """
insert into wishlist_items (id, wishlist_id, product_id, variant_id, sealed, added_at)
values ($1, $2, $3, $4, $5, $6)
    on conflict (wishlist_id, product_id, variant_id) do update set sealed = excluded.sealed
"""
TAKE = """
delete from wishlist_items
 where wishlist_id = $1 and product_id = $2 and ($3::uuid is null or variant_id = $3)
"""
SHARED = f"select {LIST} from wishlists where share_token = $1"  # noqa: S608 - names of ours


async def list_wishlists(db: Queries, user_id: str, product_id: str = "") -> tuple[Wishlist, ...]:
    return tuple(await db.fetch_as(Wishlist, ALL, user_id, product_id or None))


async def get_wishlist(db: Queries, user_id: str, wishlist_id: str) -> Wishlist:
    """With its items. The default one is there without having been made, and empty."""
    found = await find_wishlist(db, user_id, wishlist_id)
    if found is None and not wishlist_id:
        return Wishlist(name=DEFAULT_NAME, is_default=True)
    if found is None:
        raise WishlistNotFound()
    return structs.replace(found, items=await list_items(db, found.id))


async def find_wishlist(db: Queries, user_id: str, wishlist_id: str) -> Wishlist | None:
    return await db.fetchrow_as(Wishlist, ONE, user_id, wishlist_id or None)


async def list_items(db: Queries, wishlist_id: str) -> tuple[WishlistItem, ...]:
    return tuple(await db.fetch_as(WishlistItem, ITEMS, wishlist_id))


async def get_shared(db: Queries, share_token: str) -> SharedWishlist:
    found = await db.fetchrow_as(Wishlist, SHARED, share_token)
    if found is None:
        raise WishlistNotFound()
    items = await list_items(db, found.id)
    return SharedWishlist(
        name=found.name, items=tuple(structs.replace(item, note="") for item in items)
    )


class Made(Struct, frozen=True):
    """Of a list that is new, all that does not say what it is for."""

    id: str


async def make_wishlist(tx: Transaction, name: str, *, user_id: str, now: datetime) -> Made:
    return Made((await add_wishlist(tx, name, user_id=user_id, now=now)).id)


async def add_wishlist(tx: Transaction, name: str, *, user_id: str, now: datetime) -> Wishlist:
    await tx.execute(LOCK_USER, user_id)
    if len(await list_wishlists(tx, user_id)) >= WISHLISTS_MAX:
        raise TooManyWishlists(max=WISHLISTS_MAX)
    sealed = tx.personal.seal(await key_of(tx, user_id), Named(name=name))
    saved = await tx.fetchrow_as(Wishlist, ADD, new_id(), user_id, sealed, now)
    assert saved is not None, "an insert returns its row"
    return saved


async def save_wishlist(
    tx: Transaction, wishlist_id: str, *, user_id: str, name: str | None, share_token: str
) -> None:
    sealed = None
    if name is not None:
        sealed = tx.personal.seal(await key_of(tx, user_id), Named(name=name))
    await tx.execute(UPDATE, user_id, wishlist_id, sealed, share_token or None)


async def drop_wishlist(tx: Transaction, wishlist_id: str, *, user_id: str) -> None:
    """Where the default one goes, the oldest takes its place."""
    await tx.execute(LOCK_USER, user_id)
    was_default = await tx.fetchval(DROP, user_id, wishlist_id)
    if was_default is None:
        raise WishlistNotFound()
    if was_default:
        await tx.execute(OLDEST_IS_DEFAULT, user_id)


async def put_on(
    tx: Transaction, request: AddToWishlistRequest, *, user_id: str, now: datetime
) -> Wishlist:
    await tx.execute(LOCK_USER, user_id)
    found = await find_wishlist(tx, user_id, request.wishlist_id)
    if found is None and request.wishlist_id:
        raise WishlistNotFound()
    if found is None:
        found = await add_wishlist(tx, DEFAULT_NAME, user_id=user_id, now=now)
    variant = request.variant_id or None
    sealed = tx.personal.seal(await key_of(tx, user_id), Noted(note=request.note))
    await tx.execute(PUT, new_id(), found.id, request.product_id, variant, sealed, now)
    wishlist = await get_wishlist(tx, user_id, found.id)
    if wishlist.item_count > ITEMS_MAX:
        raise WishlistFull(max=ITEMS_MAX)
    return wishlist


async def take_off(tx: Transaction, request: RemoveFromWishlistRequest, *, user_id: str) -> None:
    found = await find_wishlist(tx, user_id, request.wishlist_id)
    if found is None and request.wishlist_id:
        raise WishlistNotFound()
    if found is not None:
        await tx.execute(TAKE, found.id, request.product_id, request.variant_id or None)
