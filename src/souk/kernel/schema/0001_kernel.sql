-- What every service's database holds besides its own tables.

create table outbox (
    seq          bigint generated always as identity primary key,
    id           uuid not null unique,
    subject      text not null,
    aggregate    text not null,
    payload      bytea not null,
    headers      jsonb not null default '{}',
    created_at   timestamptz not null default now(),
    published_at timestamptz
) with (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.05);

-- Small as the backlog is, so a relay with nothing to do reads one empty page.
create index outbox_waiting on outbox (seq) where published_at is null;

create table inbox (
    consumer    text not null,
    message_id  uuid not null,
    received_at timestamptz not null default now(),
    primary key (consumer, message_id)
) with (autovacuum_vacuum_insert_scale_factor = 0.05);

create index inbox_by_age on inbox (received_at);

create table idempotency_keys (
    scope        text not null,
    key          text not null,
    request_hash bytea not null,
    answer       bytea not null,
    created_at   timestamptz not null default now(),
    primary key (scope, key)
) with (autovacuum_vacuum_insert_scale_factor = 0.05);

create index idempotency_keys_by_age on idempotency_keys (created_at);

-- `id` is the message's, and a message may fail for several consumers of one service.
create table dead_letters (
    id              uuid not null,
    consumer        text not null,
    subject         text not null,
    payload         bytea not null,
    headers         jsonb not null default '{}',
    reason          text not null,
    deliveries      integer not null check (deliveries > 0),
    first_failed_at timestamptz not null,
    parked_at       timestamptz not null default now(),
    replayed_at     timestamptz,
    primary key (id, consumer)
);

create index dead_letters_waiting on dead_letters (parked_at) where replayed_at is null;

-- `until` guards one run; `due_at` is when the next one is worth while.
create table leases (
    name   text primary key,
    owner  text not null,
    until  timestamptz not null,
    due_at timestamptz not null default now()
) with (fillfactor = 50, autovacuum_vacuum_threshold = 500, autovacuum_vacuum_scale_factor = 0);

create table sagas (
    id          uuid primary key,
    name        text not null,
    status      text not null
                check (status in ('running', 'parked', 'confirmed', 'undoing', 'done', 'undone')),
    step        integer not null default 0 check (step >= 0),
    state       jsonb not null,
    refusal     jsonb,
    attempts    integer not null default 0,
    lease_owner text,
    lease_until timestamptz,
    resume_at   timestamptz,
    deadline_at timestamptz,
    created_at  timestamptz not null default now(),
    updated_at  timestamptz not null default now()
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);

-- Only the unfinished: however many sagas have ended, claiming reads none of them.
create index sagas_to_resume on sagas (name, resume_at) where status not in ('done', 'undone');

-- down

drop table sagas, leases, dead_letters, idempotency_keys, inbox, outbox;
