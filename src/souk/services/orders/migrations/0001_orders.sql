-- A shopper's attempt to buy a cart. Its saga, of the same id, is in the kernel's journal.
create table checkouts (
    id uuid primary key,
    buyer_id uuid,
    guest_token_hash text check (guest_token_hash ~ '^[0-9a-f]{64}$'),
    owner text not null generated always as (coalesce(buyer_id::text, guest_token_hash)) stored,
    idempotency_key text not null check (length(idempotency_key) between 1 and 255),
    request_hash bytea not null,
    cart_id uuid not null,
    cart_version int not null,
    status text not null default 'running' check (status in ('running', 'confirmed', 'refused')),
    refusal text not null default '',
    email text not null default '',
    shipping_address jsonb not null,
    expires_at timestamptz not null,
    created_at timestamptz not null,
    ended_at timestamptz,
    unique (owner, idempotency_key),
    check ((buyer_id is null) <> (guest_token_hash is null)),
    check ((status = 'running') = (ended_at is null)),
    check ((status = 'refused') = (refusal <> ''))
) with (fillfactor = 85);

-- While one checkout runs or waits for its shopper, another of the same cart is refused.
create unique index one_live_checkout_a_cart on checkouts (cart_id) where status = 'running';
-- What a cart held is bought once: it is emptied only after the answer, so a second checkout might find it full.
create unique index one_purchase_a_cart_version on checkouts (cart_id, cart_version) where status <> 'refused';

-- One shop's part of a checkout, from its confirmation on.
create table orders (
    id uuid primary key,
    checkout_id uuid not null references checkouts (id),
    order_number text not null unique,
    shop_id uuid not null,
    buyer_id uuid,
    guest_token_hash text,
    email text not null default '',
    shipping_address jsonb not null,
    status text not null default 'confirmed'
        check (status in ('confirmed', 'processing', 'shipped', 'delivered', 'completed', 'cancelled')),
    currency text not null check (currency ~ '^[A-Z]{3}$'),
    subtotal_amount bigint not null check (subtotal_amount >= 0),
    discount_amount bigint not null check (discount_amount >= 0),
    shipping_amount bigint not null check (shipping_amount >= 0),
    tax_amount bigint not null check (tax_amount >= 0),
    total_amount bigint not null check (total_amount >= 0),
    refunded_amount bigint not null default 0 check (refunded_amount >= 0),
    item_count int not null check (item_count > 0),
    shipping_method text not null,
    carrier text not null default '',
    tracking_number text not null default '',
    payment_id uuid,
    placed_at timestamptz not null,
    check ((buyer_id is null) <> (guest_token_hash is null))
) with (fillfactor = 80);
create index orders_of_a_checkout on orders (checkout_id);
create index orders_of_a_buyer on orders (buyer_id, placed_at desc, id desc) where buyer_id is not null;
create index orders_of_a_shop on orders (shop_id, placed_at desc, id desc);

create table order_items (
    id uuid primary key,
    order_id uuid not null references orders (id),
    position int not null check (position > 0),
    product_id uuid not null,
    variant_id uuid not null,
    sku text not null,
    name text not null,
    variant_name text not null,
    image_url text not null,
    quantity int not null check (quantity > 0),
    -- Given to shipments, whether they have left or are being made; shipped counts those that left.
    quantity_claimed int not null default 0,
    quantity_shipped int not null default 0,
    unit_price_amount bigint not null check (unit_price_amount >= 0),
    line_total_amount bigint not null check (line_total_amount >= 0),
    discount_amount bigint not null check (discount_amount >= 0),
    tax_amount bigint not null check (tax_amount >= 0),
    unique (order_id, position),
    check (0 <= quantity_shipped and quantity_shipped <= quantity_claimed and quantity_claimed <= quantity)
) with (fillfactor = 85);

-- What happened to an order; written once, never changed.
create table order_events (
    id bigint generated always as identity primary key,
    order_id uuid not null references orders (id),
    event text not null,
    at timestamptz not null,
    note text not null default ''
);
create index events_of_an_order on order_events (order_id, id);

create function keep_order_events() returns trigger language plpgsql as $$
begin
    raise exception 'order_events are only ever added';
end $$;
create trigger order_events_are_kept before update or delete on order_events
    for each row execute function keep_order_events();

-- Lines of an order given to one shipment, whose saga and shipment bear this id.
create table fulfillments (
    id uuid primary key,
    order_id uuid not null references orders (id),
    status text not null default 'packing' check (status in ('packing', 'shipped', 'refused')),
    carrier text not null,
    item_ids uuid[] not null,
    quantities int[] not null check (cardinality(quantities) = cardinality(item_ids)),
    idempotency_key text not null default '',
    request_hash bytea not null,
    created_at timestamptz not null
) with (fillfactor = 85);
create index fulfillments_of_an_order on fulfillments (order_id);
create unique index one_fulfillment_a_key on fulfillments (order_id, idempotency_key)
    where idempotency_key <> '' and status <> 'refused';

-- Refunds that payments told of: each counts once.
create table order_refunds (
    refund_id uuid primary key,
    order_id uuid not null references orders (id),
    amount bigint not null check (amount > 0),
    created_at timestamptz not null
);
create index refunds_of_an_order on order_refunds (order_id);

-- down
drop table order_refunds;
drop table fulfillments;
drop table order_events;
drop function keep_order_events;
drop table order_items;
drop table orders;
drop table checkouts;
