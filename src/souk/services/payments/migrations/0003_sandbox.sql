-- The sandbox provider's own book. It stands for another company's database: nothing in it is
-- written in a transaction of payments, and nothing of payments refers to it.
create schema sandbox;

create table sandbox.charges (
    id              uuid primary key,
    key             text not null unique,
    state           text not null
                    check (state in ('requires_action', 'authorized', 'declined', 'captured',
                                     'voided')),
    method          text not null,
    reason          text not null default '',
    currency        text not null,
    amount_amount   bigint not null check (amount_amount > 0),
    captured_amount bigint not null default 0 check (captured_amount between 0 and amount_amount),
    refunded_amount bigint not null default 0
                    check (refunded_amount between 0 and captured_amount),
    return_url      text not null,
    expires_at      timestamptz,
    created_at      timestamptz not null default now(),
    check ((state = 'captured') = (captured_amount > 0))
) with (fillfactor = 70);

create index charges_waiting on sandbox.charges (expires_at) where state = 'requires_action';

create table sandbox.refunds (
    key        text primary key,
    charge_id  uuid not null references sandbox.charges,
    amount     bigint not null check (amount > 0),
    created_at timestamptz not null default now()
);

create table sandbox.webhooks (
    id           uuid primary key,
    charge_id    uuid not null references sandbox.charges,
    kind         text not null,
    attempts     integer not null default 0,
    send_at      timestamptz not null default now(),
    delivered_at timestamptz,
    created_at   timestamptz not null default now()
) with (fillfactor = 70);

create index webhooks_waiting on sandbox.webhooks (send_at) where delivered_at is null;

-- down

drop schema sandbox cascade;
