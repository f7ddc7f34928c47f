-- What somebody is to be told by mail. Ids only: who it is and where mails go is asked of users and
-- orders when the mail is written, and kept nowhere here.
create table deliveries (
    id uuid primary key,
    kind text not null check (kind in ('welcome', 'order_confirmed', 'order_shipped',
                                       'order_delivered', 'order_cancelled', 'order_refunded')),
    subject_id uuid not null,
    -- Tells two of one kind and order apart: a parcel's tracking number, a refund's moment.
    occasion text not null default '',
    amount_amount bigint,
    amount_currency text check (amount_currency ~ '^[A-Z]{3}$'),
    happened_at timestamptz not null,
    status text not null default 'waiting' check (status in ('waiting', 'sent', 'failed')),
    attempts int not null default 0 check (attempts >= 0),
    -- How often it was handed to the mail server without an answer that came back.
    sends_in_doubt int not null default 0 check (sends_in_doubt >= 0),
    reason text not null default '',
    due_at timestamptz not null default now(),
    created_at timestamptz not null default now(),
    sent_at timestamptz,
    unique (kind, subject_id, occasion),
    check ((amount_amount is null) = (amount_currency is null)),
    check ((status = 'sent') = (sent_at is not null))
) with (fillfactor = 70);
create index deliveries_due on deliveries (due_at) where status = 'waiting';
create index deliveries_oldest on deliveries (created_at);

-- A notification has the id of the delivery it came from, so a mail that is tried again adds none.
create table notifications (
    id uuid primary key,
    user_id uuid not null,
    kind text not null,
    title text not null check (length(title) between 1 and 200),
    order_id uuid,
    is_read boolean not null default false,
    created_at timestamptz not null
) with (fillfactor = 80);
create index notifications_newest on notifications (user_id, created_at desc, id desc);
create index notifications_unread on notifications (user_id, created_at desc, id desc)
    where not is_read;

-- down
drop table notifications;
drop table deliveries;
