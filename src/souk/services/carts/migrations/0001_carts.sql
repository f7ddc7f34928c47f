create table carts (
    id uuid primary key,
    user_id uuid unique,
    token_hash text unique,  -- a guest's; the token itself is kept nowhere
    version int not null default 1,
    currency text not null default '' check (currency ~ '^([A-Z]{3})?$'),
    coupon_code text not null default '',
    -- Set by a merge: quantities have not been held against stock yet.
    is_merged boolean not null default false,
    updated_at timestamptz not null default now(),
    check ((user_id is null) <> (token_hash is null))
) with (fillfactor = 70);
create index carts_left_behind on carts (updated_at) where user_id is null;

create table cart_items (
    id uuid primary key,
    cart_id uuid not null references carts (id) on delete cascade,
    variant_id uuid not null,
    quantity int not null check (quantity between 1 and 9999),
    name text not null default '',
    -- What it cost when the shopper put it in; a change is told.
    seen_price_amount bigint not null,
    unique (cart_id, variant_id)
) with (fillfactor = 70);

-- down
drop table cart_items;
drop table carts;
