create table users (
    id uuid primary key,
    email text not null,
    -- How accounts are told apart: the e-mail with case and Unicode form taken out.
    email_key text not null unique,
    password_hash text not null,
    first_name text not null,
    last_name text not null default '',
    phone_number text not null default '',
    roles text[] not null default '{customer}'
        check (roles <@ array['customer', 'seller', 'courier', 'support', 'admin']),
    is_active boolean not null default true,
    email_verified boolean not null default false,
    -- Grows when every session must end: a ban, a log-out everywhere.
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null
);

create table sessions (
    id uuid primary key,
    user_id uuid not null references users (id),
    created_at timestamptz not null,
    last_used_at timestamptz not null,
    ended_at timestamptz
);
create index sessions_of_a_user on sessions (user_id) where ended_at is null;

-- A family a session; only hashes. A used token is kept, so that using it again is noticed.
create table refresh_tokens (
    hash bytea primary key,
    session_id uuid not null references sessions (id),
    expires_at timestamptz not null,
    used_at timestamptz
);
create index refresh_tokens_of_a_session on refresh_tokens (session_id);
create index refresh_tokens_that_end on refresh_tokens (expires_at);

create table signing_keys (
    kid text primary key,
    public_key bytea not null,
    sealed_private_key bytea not null,  -- AES-256-GCM under the master key
    created_at timestamptz not null default now(),
    retired_at timestamptz
);

create table addresses (
    id uuid primary key,
    user_id uuid not null references users (id),
    type text not null check (type in ('shipping', 'billing')),
    name text not null,
    street_1 text not null,
    street_2 text not null default '',
    city text not null,
    state text not null default '',
    postal_code text not null default '',
    country text not null check (country ~ '^[A-Z]{2}$'),
    phone text not null default '',
    is_default boolean not null default false,
    created_at timestamptz not null
);
create index addresses_of_a_user on addresses (user_id, created_at);
create unique index one_default_a_type on addresses (user_id, type) where is_default;

-- down
drop table addresses;
drop table signing_keys;
drop table refresh_tokens;
drop table sessions;
drop table users;
