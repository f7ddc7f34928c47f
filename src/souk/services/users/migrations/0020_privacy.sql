alter table users add column erased_at timestamptz;

-- A wording never changes: a new one is a new version.
create table consent_texts (
    kind text not null check (kind ~ '^[a-z_]{2,40}$'),
    version int not null check (version > 0),
    wording text not null,
    published_at timestamptz not null default now(),
    primary key (kind, version)
);

insert into consent_texts (kind, version, wording) values
    ('terms', 1, 'I agree to the terms of use of this marketplace.'),
    ('privacy', 1, 'I have read how this marketplace uses what it knows of me.'),
    ('marketing', 1, 'I want to be told about offers by mail, until I say no.');

-- Only ever added to: the latest of a kind is what holds.
create table consents (
    id uuid primary key,
    user_id uuid not null references users (id),
    kind text not null,
    version int not null,
    is_given boolean not null,
    at timestamptz not null,
    foreign key (kind, version) references consent_texts (kind, version)
);
create index consents_of_a_user on consents (user_id, at desc, id desc);

-- Archives, sealed with their person's key.
create table exports (
    id uuid primary key,
    user_id uuid not null references users (id),
    requested_at timestamptz not null default now(),
    due_at timestamptz not null default now(),
    ready_at timestamptz,
    expires_at timestamptz,
    archive bytea,
    check ((ready_at is null) = (archive is null)),
    check ((ready_at is null) = (expires_at is null))
);
create unique index one_export_in_the_making on exports (user_id) where ready_at is null;
create index exports_of_a_user on exports (user_id, requested_at desc);
create index exports_due on exports (due_at) where ready_at is null;

-- Its saga, of the same id, is in the kernel's journal. Ids only: these stay.
create table erasures (
    id uuid primary key,
    user_id uuid not null,
    status text not null check (status in ('waiting', 'erasing', 'done', 'refused')),
    requested_at timestamptz not null default now(),
    ended_at timestamptz,
    check ((status in ('done', 'refused')) = (ended_at is not null))
);
create unique index one_erasure_of_a_user on erasures (user_id) where status in ('waiting', 'erasing');

create table erasure_receipts (
    erasure_id uuid not null references erasures (id),
    service text not null,
    parts jsonb not null,
    received_at timestamptz not null default now(),
    primary key (erasure_id, service)
);

-- down
drop table erasure_receipts;
drop table erasures;
drop table exports;
drop table consents;
drop table consent_texts;
alter table users drop column erased_at;
