-- Who an order goes to is sealed with a key of its checkout, and lies there alone. What is here
-- already is put together as JSON, which is read all the same until a job has sealed it.
alter table checkouts add column sealed bytea;
update checkouts set sealed = convert_to(
    jsonb_build_object('email', email, 'shipping_address', shipping_address)::text, 'utf8');
alter table checkouts drop column email, drop column shipping_address;
alter table orders drop column email, drop column shipping_address;
create index checkouts_to_seal on checkouts (id) where get_byte(sealed, 0) = 123; -- {
create index checkouts_of_a_buyer on checkouts (buyer_id) where buyer_id is not null;

-- Words of a person's own go when they go; what happened, and when, does not.
create or replace function keep_order_events() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' and new.note = ''
       and to_jsonb(new) - 'note' = to_jsonb(old) - 'note' then
        return new;
    end if;
    raise exception 'order_events are only ever added';
end $$;

-- down
create or replace function keep_order_events() returns trigger language plpgsql as $$
begin
    raise exception 'order_events are only ever added';
end $$;
drop index checkouts_of_a_buyer;
drop index checkouts_to_seal;
-- What is sealed cannot be opened here: contacts are lost.
alter table checkouts add column email text not null default '',
                      add column shipping_address jsonb not null default
    '{"name": "-", "street_1": "-", "city": "-", "country": "ZZ"}';
alter table orders add column email text not null default '',
                   add column shipping_address jsonb not null default
    '{"name": "-", "street_1": "-", "city": "-", "country": "ZZ"}';
alter table checkouts drop column sealed;
