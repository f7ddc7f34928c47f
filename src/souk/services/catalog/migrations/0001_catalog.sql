-- Copies of what shops tell, so that a list is one query.
create table shops (
    id uuid primary key,
    name text not null,
    is_selling boolean not null
);

create table categories (
    id uuid primary key,
    parent_id uuid references categories (id),
    slug text not null check (slug ~ '^[a-z0-9-]+$'),
    name text not null,
    path text not null unique check (length(path) <= 300),
    created_at timestamptz not null default now()
);

create table products (
    id uuid primary key,
    shop_id uuid not null references shops (id),
    shop_name text not null,
    is_shop_selling boolean not null,
    handle text not null, -- the shop's own name for it; sheets know products by it
    slug text not null,   -- the whole marketplace's name for it
    status text not null check (status in ('draft', 'published', 'archived')),
    name text not null,
    description text not null default '',
    category text not null default '', -- a path
    brand text not null default '',
    tags text[] not null default '{}',
    weight_grams int not null default 0 check (weight_grams >= 0),
    options text[] not null default '{}',
    images jsonb not null default '[]',
    image_url text not null default '',
    -- The lowest price of the variants.
    currency text not null check (currency ~ '^[A-Z]{3}$'),
    price_amount bigint not null check (price_amount >= 0),
    compare_at_amount bigint check (compare_at_amount > 0),
    in_stock boolean not null,
    rating double precision not null default 0 check (rating between 0 and 5),
    review_count int not null default 0 check (review_count >= 0),
    -- A category and all above it, so that a list of one includes what lies below.
    category_paths text[] not null default '{}',
    words text[] not null default '{}',
    search tsvector generated always as (array_to_tsvector(words)) stored,
    is_listed boolean generated always as (status = 'published' and is_shop_selling) stored,
    created_at timestamptz not null,
    updated_at timestamptz not null
) with (fillfactor = 90); -- in_stock comes and goes, and is in no index
-- What is archived frees its names.
create unique index one_handle_a_shop on products (shop_id, handle) where status <> 'archived';
create unique index one_slug on products (slug) where status <> 'archived';
create index products_newest on products (created_at desc, id desc) where is_listed;
create index products_by_price on products (price_amount, id) where is_listed;
create index products_by_rating on products (rating desc, id desc) where is_listed;
create index products_of_a_shop on products (shop_id, created_at desc, id desc);
create index products_by_category on products using gin (category_paths) where is_listed;
create index products_by_words on products using gin (search) where is_listed;

create table variants (
    id uuid primary key,
    product_id uuid not null references products (id),
    shop_id uuid not null,
    sku text not null check (sku <> ''),
    name text not null default '',
    options text[] not null default '{}', -- values, in the order of the product's options
    place int not null,
    currency text not null check (currency ~ '^[A-Z]{3}$'),
    price_amount bigint not null check (price_amount >= 0),
    compare_at_amount bigint check (compare_at_amount > 0),
    barcode text not null default '',
    weight_grams int check (weight_grams >= 0), -- null: the product's
    image_url text not null default '',
    in_stock boolean not null,
    is_active boolean not null default true
) with (fillfactor = 90);
create unique index one_sku_a_shop on variants (shop_id, sku) where is_active;
create index variants_of_a_product on variants (product_id, place);

-- Append-only: what a variant cost, since when.
create table prices (
    id bigint generated always as identity primary key,
    variant_id uuid not null references variants (id),
    amount bigint not null,
    currency text not null,
    since timestamptz not null
);
create index prices_of_a_variant on prices (variant_id, since desc);

create table imports (
    id uuid primary key,
    shop_id uuid not null,
    currency text not null,
    status text not null default 'running' check (status in ('running', 'done', 'failed')),
    dry_run boolean not null,
    file bytea, -- until it is done
    rows int not null check (rows >= 0),
    rows_done int not null default 0 check (rows_done between 0 and rows),
    last_row int not null default 1, -- of the sheet, whose header is 1: here the work goes on
    created int not null default 0,
    updated int not null default 0,
    failed int not null default 0,
    errors jsonb not null default '[]',
    attempts int not null default 0, -- since the last progress
    started_at timestamptz not null,
    finished_at timestamptz,
    check ((status = 'running') = (file is not null)),
    check ((status = 'running') = (finished_at is null))
);
create index imports_that_run on imports (shop_id, id) where status = 'running';

-- down
drop table imports;
drop table prices;
drop table variants;
drop table products;
drop table categories;
drop table shops;
