-- One payment a checkout, for ever. A checkout that was called off before anybody asked for its
-- money leaves a row as well, without provider and payer: whoever asks later meets it.
create table payments (
    id               uuid primary key,
    checkout_id      uuid not null unique,
    status           text not null
                     check (status in ('pending', 'requires_action', 'authorized', 'captured',
                                       'declined', 'voided', 'partially_refunded', 'refunded')),
    provider         text not null,
    method           text not null default '',
    currency         text not null check (currency ~ '^[A-Z]{3}$'),
    amount_amount    bigint not null check (amount_amount >= 0),
    captured_amount  bigint not null default 0 check (captured_amount between 0 and amount_amount),
    refunded_amount  bigint not null default 0
                     check (refunded_amount between 0 and captured_amount),
    payer_id         uuid,
    guest_token_hash text not null default '',
    reference        text not null default '',
    reason           text not null default '',
    next_action      jsonb,
    attempts         integer not null default 0 check (attempts >= 0),
    attempt_until    timestamptz,
    called_off_at    timestamptz,
    check_at         timestamptz,
    checks           integer not null default 0,
    version          integer not null default 1,
    created_at       timestamptz not null default now(),
    updated_at       timestamptz not null default now(),
    check (provider <> '' or (status = 'voided' and called_off_at is not null))
) with (fillfactor = 60);

create index payments_by_payer on payments (payer_id, id desc) where payer_id is not null;

-- Only payments whose truth is still to be found out.
create index payments_to_check on payments (check_at) where check_at is not null;

-- One order's part of a payment. `returned` is what has been given back or is on its way.
create table allocations (
    order_id        uuid primary key,
    payment_id      uuid not null references payments,
    shop_id         uuid not null,
    currency        text not null check (currency ~ '^[A-Z]{3}$'),
    total_amount    bigint not null check (total_amount >= 0),
    shipping_amount bigint not null check (shipping_amount >= 0),
    tax_amount      bigint not null check (tax_amount >= 0),
    captured_amount bigint not null default 0 check (captured_amount in (0, total_amount)),
    returned_amount bigint not null default 0 check (returned_amount between 0 and captured_amount),
    release_at      timestamptz,
    released_at     timestamptz,
    check (shipping_amount + tax_amount <= total_amount)
) with (fillfactor = 60);

create index allocations_by_payment on allocations (payment_id);

create index allocations_to_release on allocations (release_at)
 where released_at is null and release_at is not null;

create table refunds (
    id            uuid primary key,
    payment_id    uuid not null references payments,
    order_id      uuid not null references allocations,
    currency      text not null,
    amount_amount bigint not null check (amount_amount >= 0),
    reason        text not null default '',
    status        text not null check (status in ('pending', 'done')),
    attempts      integer not null default 0,
    retry_at      timestamptz,
    created_at    timestamptz not null default now(),
    done_at       timestamptz,
    check ((status = 'done') = (done_at is not null))
) with (fillfactor = 70);

create index refunds_by_payment on refunds (payment_id);

create index refunds_to_send on refunds (retry_at) where status = 'pending';

-- What providers told us, as they said it; a provider's event counts once.
create table webhooks (
    provider    text not null,
    event_id    text not null,
    payment_id  uuid,
    body        bytea not null,
    received_at timestamptz not null default now(),
    primary key (provider, event_id)
);

create index webhooks_by_age on webhooks (received_at);

-- down

drop table webhooks, refunds, allocations, payments;
