-- What people call their things is sealed with their key. What is here already is put together as JSON,
-- which is read all the same until a job has sealed it.
alter table wishlists add column sealed bytea;
update wishlists set sealed = convert_to(jsonb_build_object('name', name)::text, 'utf8');
alter table wishlists alter column sealed set not null, drop column name;
create index wishlists_to_seal on wishlists (id) where get_byte(sealed, 0) = 123; -- {

alter table wishlist_items add column sealed bytea;
update wishlist_items set sealed = convert_to(jsonb_build_object('note', note)::text, 'utf8');
alter table wishlist_items alter column sealed set not null, drop column note;
create index wishlist_items_to_seal on wishlist_items (id) where get_byte(sealed, 0) = 123;

alter table passkeys add column sealed bytea;
update passkeys set sealed = convert_to(jsonb_build_object('name', name)::text, 'utf8');
alter table passkeys alter column sealed set not null, drop column name;
create index passkeys_to_seal on passkeys (id) where get_byte(sealed, 0) = 123;

alter table api_keys add column sealed bytea;
update api_keys set sealed = convert_to(jsonb_build_object('name', name)::text, 'utf8');
alter table api_keys alter column sealed set not null, drop column name;
create index api_keys_to_seal on api_keys (id) where get_byte(sealed, 0) = 123;

-- A provider's own id of a person is looked up by its keyed hash; one that is not hashed yet stands in
-- `subject` as it is, until the job has sealed its row.
alter table provider_accounts add column id uuid not null unique default gen_random_uuid(),
                              add column sealed bytea;
update provider_accounts set sealed = convert_to(
    jsonb_build_object('subject', subject)::text, 'utf8');
alter table provider_accounts alter column sealed set not null;
create index provider_accounts_to_seal on provider_accounts (id) where get_byte(sealed, 0) = 123;

-- down
-- What is sealed cannot be opened here: names are lost, providers' accounts must be linked anew.
delete from provider_accounts where get_byte(sealed, 0) <> 123;
alter table provider_accounts drop column sealed, drop column id;
alter table api_keys drop column sealed, add column name text not null default '-';
alter table passkeys drop column sealed, add column name text not null default '-';
alter table wishlist_items drop column sealed, add column note text not null default '';
alter table wishlists drop column sealed, add column name text not null default '-';
