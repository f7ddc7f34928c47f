create table stock (
    variant_id uuid primary key,
    product_id uuid not null,
    shop_id uuid not null,
    sku text not null,
    on_hand int not null check (on_hand >= 0),
    reserved int not null default 0 check (reserved >= 0),
    updated_at timestamptz not null default now(),
    check (reserved <= on_hand)
) with (fillfactor = 50);  -- rows of things that sell are rewritten all the time
create index stock_of_a_product on stock (product_id);
create index stock_of_a_shop on stock (shop_id, variant_id);

-- One a checkout, for ever: a hold that was released stays released.
create table holds (
    id uuid primary key,
    status text not null check (status in ('held', 'committed', 'released')),
    expires_at timestamptz,
    created_at timestamptz not null default now()
);
create index holds_that_end on holds (expires_at) where status = 'held';

create table hold_lines (
    hold_id uuid not null references holds (id),
    variant_id uuid not null,
    quantity int not null check (quantity > 0),
    primary key (hold_id, variant_id)
);

create table restocks (
    id uuid primary key,
    created_at timestamptz not null default now()
);

-- Append-only: the sum of a variant's movements is its stock.
create table movements (
    id bigint generated always as identity primary key,
    variant_id uuid not null,
    product_id uuid not null,
    kind text not null check (kind in ('adjusted', 'reserved', 'released', 'sold', 'returned')),
    on_hand_change int not null default 0,
    reserved_change int not null default 0,
    reason text not null default '',
    at timestamptz not null default now()
);
create index movements_of_a_product on movements (product_id, id desc);

create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'movements are only ever added';
end $$;
create trigger movements_are_kept before update or delete on movements
    for each statement execute function refuse_change();

-- down
drop table movements;
drop function refuse_change;
drop table restocks;
drop table hold_lines;
drop table holds;
drop table stock;
