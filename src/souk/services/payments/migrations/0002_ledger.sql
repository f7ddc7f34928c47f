-- Double entry, append-only. A positive amount is what the account gains. What an account holds is
-- what Souk owes its owner; a provider's is negative by what the provider holds for Souk.
create table ledger_accounts (
    name       text not null check (name ~ '^[a-z]+:.+$'),
    currency   text not null check (currency ~ '^[A-Z]{3}$'),
    kind       text not null generated always as (split_part(name, ':', 1)) stored,
    created_at timestamptz not null default now(),
    primary key (name, currency)
);

-- `reference` is the order or the refund it was made for: each moves its money once.
create table ledger_transfers (
    id         uuid primary key,
    kind       text not null check (kind in ('capture', 'release', 'refund', 'payback')),
    reference  uuid not null,
    payment_id uuid not null,
    order_id   uuid not null,
    at         timestamptz not null default now(),
    unique (kind, reference)
);

create index ledger_transfers_by_payment on ledger_transfers (payment_id, id desc);
create index ledger_transfers_by_order on ledger_transfers (order_id);

create table ledger_entries (
    transfer_id uuid not null references ledger_transfers,
    account     text not null,
    currency    text not null,
    amount      bigint not null check (amount <> 0),
    primary key (transfer_id, account, currency),
    foreign key (account, currency) references ledger_accounts
);

create function refuse_rewriting_the_ledger() returns trigger language plpgsql as $$
begin
    raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation';
end $$;

create trigger append_only before update or delete or truncate on ledger_accounts
   for each statement execute function refuse_rewriting_the_ledger();
create trigger append_only before update or delete or truncate on ledger_transfers
   for each statement execute function refuse_rewriting_the_ledger();
create trigger append_only before update or delete or truncate on ledger_entries
   for each statement execute function refuse_rewriting_the_ledger();

-- Of every transfer that a statement wrote to, all entries are summed, earlier ones too. One by
-- one: a plan for all at once, made while the ledger was small, would read all of it ever after.
create function refuse_unbalanced_transfers() returns trigger language plpgsql as $$
declare
    written uuid;
begin
    for written in select distinct transfer_id from fresh loop
        if exists (select from ledger_entries where transfer_id = written
                    group by currency having sum(amount) <> 0) then
            raise exception 'the entries of transfer % do not sum to zero', written
                  using errcode = 'check_violation';
        end if;
    end loop;
    return null;
end $$;

create trigger balanced after insert on ledger_entries referencing new table as fresh
   for each statement execute function refuse_unbalanced_transfers();

-- down

drop table ledger_entries, ledger_transfers, ledger_accounts;
drop function refuse_unbalanced_transfers(), refuse_rewriting_the_ledger();
