-- What says who somebody is, sealed with their key. What is here already is put together as JSON,
-- which is read all the same until a job has sealed it.
alter table users
    add column sealed bytea,
    -- Beginnings of words of names and e-mail, hashed under the master key, for operators' search.
    add column search bigint[] not null default '{}';
update users set sealed = convert_to(jsonb_build_object(
    'email', email, 'first_name', first_name, 'last_name', last_name,
    'phone_number', phone_number)::text, 'utf8') where erased_at is null;
alter table users drop column email, drop column first_name, drop column last_name,
                  drop column phone_number;
create index users_to_seal on users (id) where get_byte(sealed, 0) = 123; -- {
create index users_by_words on users using gin (search);

alter table addresses add column sealed bytea;
update addresses set sealed = convert_to(jsonb_build_object(
    'name', name, 'street_1', street_1, 'street_2', street_2, 'city', city, 'state', state,
    'postal_code', postal_code, 'country', country, 'phone', phone)::text, 'utf8');
alter table addresses alter column sealed set not null,
    drop column name, drop column street_1, drop column street_2, drop column city,
    drop column state, drop column postal_code, drop column country, drop column phone;
create index addresses_to_seal on addresses (id) where get_byte(sealed, 0) = 123;

alter table sessions add column sealed bytea;
update sessions set sealed = convert_to(
    jsonb_build_object('address', address, 'country', country)::text, 'utf8');
alter table sessions drop column address, drop column country;
create index sessions_to_seal on sessions (id) where get_byte(sealed, 0) = 123;

-- down
-- What is sealed cannot be opened here: names and addresses are lost, e-mails are their hashes.
drop index sessions_to_seal, addresses_to_seal, users_by_words, users_to_seal;
alter table sessions drop column sealed, add column address text not null default '',
                     add column country text not null default '';
alter table addresses drop column sealed,
    add column name text not null default '', add column street_1 text not null default '',
    add column street_2 text not null default '', add column city text not null default '',
    add column state text not null default '', add column postal_code text not null default '',
    add column country text not null default 'ZZ', add column phone text not null default '';
alter table users drop column sealed, drop column search,
    add column email text not null default '', add column first_name text not null default '',
    add column last_name text not null default '', add column phone_number text not null default '';
