-- Stock of what its shop took off sale for good: it is kept, and shown in no list of the shop.
alter table stock add column is_retired boolean not null default false;

-- down
alter table stock drop column is_retired;
