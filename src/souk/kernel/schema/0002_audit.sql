-- Who did what to whose thing: added with the deed, chained a moment later, never changed.

create table audit (
    id         uuid primary key,
    at         timestamptz not null,
    action     text not null,                  -- "orders.cancel_order", "users.role_granted"
    actor_id   text not null default '',       -- empty: nobody signed in, or a service of its own accord
    roles      text[] not null default '{}',
    service    text not null default '',       -- which of Souk's services stood in between
    session_id text not null default '',
    address    text not null default '',       -- of the network
    trace_id   text not null default '',
    subject    text not null default '',       -- what: "order_id:0190…"
    owner_id   text not null default '',       -- whose
    before     jsonb,
    after      jsonb,
    mac        bytea not null,                 -- over all of the above, with a key that is not in here
    seq        bigint not null generated always as identity,
    number     bigint unique check (number > 0),
    hash       bytea,                          -- over mac, number and the hash before
    check ((number is null) = (hash is null))
);

-- Small as what waits to be chained, so looking for it costs one page.
create index audit_waiting on audit (seq) where number is null;
create index audit_of_a_person on audit (owner_id, id) where owner_id <> '';
create index audit_by_a_person on audit (actor_id, id) where actor_id <> '';

create function keep_audit() returns trigger language plpgsql as $$
begin
    -- The one change there is: a row takes its place in the chain, once.
    if tg_op = 'UPDATE' and old.number is null and new.number is not null
       and to_jsonb(new) - 'number' - 'hash' = to_jsonb(old) - 'number' - 'hash' then
        return new;
    end if;
    raise exception 'audit is append-only' using errcode = 'restrict_violation';
end $$;

create trigger audit_is_kept before update or delete on audit
   for each row execute function keep_audit();
create trigger audit_is_not_emptied before truncate on audit
   for each statement execute function keep_audit();

-- down

drop table audit;
drop function keep_audit;
