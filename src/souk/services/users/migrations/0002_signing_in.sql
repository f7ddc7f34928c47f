alter table users
    -- Who signs in by a provider or a passkey alone has none.
    alter column password_hash set default '',
    add column has_second_factor boolean not null default false,
    -- A verified phone number, hashed under the master key: one account each.
    add column phone_key bytea unique;

alter table sessions
    add column device text not null default '',
    add column address text not null default '',
    add column country text not null default '',
    -- When whoever holds the session last proved who they are.
    add column confirmed_at timestamptz;
update sessions set confirmed_at = created_at;
alter table sessions alter column confirmed_at set not null;
create index sessions_that_ended on sessions (ended_at) where ended_at is not null;

-- From when a key signs; it is published before, so that all who verify know it by then. From
-- retired_at on it is void.
alter table signing_keys add column active_from timestamptz not null default now();

-- What has to come back: a code, a link's token, a passkey's answer, a provider's redirect. The
-- secret itself is computed from the id under the master key and stored nowhere.
create table challenges (
    id uuid primary key,
    purpose text not null check (purpose in (
        'sign_in', 'second_factor', 'email_verification', 'email_change', 'password_reset',
        'phone_verification', 'passkey_registration', 'passkey_sign_in', 'provider')),
    user_id uuid references users (id) on delete cascade,  -- null: nobody has this address
    sealed_target bytea,  -- an address or number to be proved, where a provider sends back to
    tries int not null default 0 check (tries >= 0),
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    used_at timestamptz
);
create index challenges_that_expire on challenges (expires_at);
create index challenges_of_a_user on challenges (user_id, purpose) where used_at is null;

-- Guesses, and codes sent, by account, address, pair or device; each hashed under the master key.
create table attempts (
    key bytea primary key,
    failures int not null check (failures >= 0),
    failed_at timestamptz not null
) with (fillfactor = 70);
create index attempts_long_ago on attempts (failed_at);

create table totp_secrets (
    user_id uuid primary key references users (id) on delete cascade,
    sealed_secret bytea not null,
    confirmed_at timestamptz not null,
    last_step bigint not null  -- a code opens once
);

-- A secret that was shown and not used yet; it asks nobody for anything.
create table totp_proposals (
    user_id uuid primary key references users (id) on delete cascade,
    sealed_secret bytea not null,
    proposed_at timestamptz not null default now()
);

create table recovery_codes (
    user_id uuid not null references users (id) on delete cascade,
    hash bytea not null,
    used_at timestamptz,
    primary key (user_id, hash)
);

create table passkeys (
    id uuid primary key,
    user_id uuid not null references users (id) on delete cascade,
    credential_id bytea not null unique,
    public_key bytea not null,
    sign_count bigint not null,
    name text not null,
    created_at timestamptz not null,
    last_used_at timestamptz
);
create index passkeys_of_a_user on passkeys (user_id, created_at);

-- A provider's account that opens one of ours. The subject is the provider's own id of a person.
create table provider_accounts (
    issuer text not null,
    subject text not null,
    user_id uuid not null references users (id) on delete cascade,
    provider text not null,
    linked_at timestamptz not null,
    primary key (issuer, subject)
);
create index provider_accounts_of_a_user on provider_accounts (user_id);

-- Tokens that are void before their time is over; kept for as long as they would live.
create table ended_access (
    seq bigint generated always as identity primary key,
    user_id uuid not null,
    session_id uuid,  -- null: all tokens with a lower version
    version int not null,
    ended_at timestamptz not null default clock_timestamp()
);
create index ended_access_lately on ended_access (ended_at);

-- down
drop table ended_access;
drop table provider_accounts;
drop table passkeys;
drop table recovery_codes;
drop table totp_proposals;
drop table totp_secrets;
drop table attempts;
drop table challenges;
alter table signing_keys drop column active_from;
drop index sessions_that_ended;
alter table sessions drop column confirmed_at, drop column country, drop column address,
    drop column device;
alter table users drop column phone_key, drop column has_second_factor,
    alter column password_hash drop default;
