create table shops (
    id uuid primary key,
    slug text not null unique check (slug ~ '^[a-z0-9-]{1,100}$'),
    name text not null check (length(name) between 2 and 80),
    description text not null default '',
    currency text not null check (currency ~ '^[A-Z]{3}$'),
    status text not null default 'active' check (status in ('active', 'paused', 'closed')),
    address jsonb,
    latitude double precision check (latitude between -90 and 90),
    longitude double precision check (longitude between -180 and 180),
    created_at timestamptz not null,
    updated_at timestamptz not null,
    check ((latitude is null) = (longitude is null))
);
create index shops_newest on shops (created_at desc, id desc) where status <> 'closed';
create extension if not exists pg_trgm;
create index shops_by_name on shops using gin (lower(name) gin_trgm_ops) where status <> 'closed';

create table members (
    shop_id uuid not null references shops (id),
    user_id uuid not null,
    role text not null check (role in ('owner', 'staff')),
    joined_at timestamptz not null,
    primary key (shop_id, user_id)
);
create index members_by_user on members (user_id);

-- down
drop table members;
drop table shops;
