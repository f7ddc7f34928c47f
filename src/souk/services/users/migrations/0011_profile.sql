alter table users add column locale text not null default '',
                  add column time_zone text not null default '';

create table wishlists (
    id uuid primary key,
    user_id uuid not null references users (id),
    name text not null,
    is_default boolean not null default false,
    share_token text unique,
    created_at timestamptz not null
);
create index wishlists_of_a_user on wishlists (user_id, created_at);
create unique index one_default_wishlist on wishlists (user_id) where is_default;

create table wishlist_items (
    id uuid primary key,
    wishlist_id uuid not null references wishlists (id) on delete cascade,
    product_id uuid not null,
    variant_id uuid,
    note text not null default '',
    added_at timestamptz not null,
    unique nulls not distinct (wishlist_id, product_id, variant_id)
);

-- down
drop table wishlist_items;
drop table wishlists;
alter table users drop column time_zone, drop column locale;
