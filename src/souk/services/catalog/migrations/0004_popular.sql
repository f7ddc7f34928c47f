-- How many of it were bought lately, as orders tell now and then.
alter table products add column units_sold int not null default 0 check (units_sold >= 0);
alter table product_places add column units_sold int not null default 0;
create index products_by_units_sold on products (units_sold desc, id desc) where is_listed;
create index products_of_a_shop_by_units_sold on products (shop_id, units_sold desc, id desc)
    where is_listed;
create index places_by_units_sold on product_places (path, units_sold desc, id desc);

create or replace function place_product() returns trigger language plpgsql as $$
begin
    delete from product_places
    where id = new.id and not (new.is_listed and path = any (new.category_paths));
    insert into product_places (path, id, created_at, price_amount, rating, units_sold)
    select path, new.id, new.created_at, new.price_amount, new.rating, new.units_sold
    from unnest(new.category_paths) as path where new.is_listed
    on conflict (id, path) do update
    set price_amount = excluded.price_amount, rating = excluded.rating,
        units_sold = excluded.units_sold;
    return null;
end $$;
drop trigger product_is_placed_anew on products;
create trigger product_is_placed_anew after update on products
for each row when (
    (old.is_listed, old.category_paths, old.price_amount, old.rating, old.units_sold)
    is distinct from
    (new.is_listed, new.category_paths, new.price_amount, new.rating, new.units_sold)
) execute function place_product();

-- down
drop trigger product_is_placed_anew on products;
create trigger product_is_placed_anew after update on products
for each row when (
    (old.is_listed, old.category_paths, old.price_amount, old.rating)
    is distinct from (new.is_listed, new.category_paths, new.price_amount, new.rating)
) execute function place_product();
create or replace function place_product() returns trigger language plpgsql as $$
begin
    delete from product_places
    where id = new.id and not (new.is_listed and path = any (new.category_paths));
    insert into product_places (path, id, created_at, price_amount, rating)
    select path, new.id, new.created_at, new.price_amount, new.rating
    from unnest(new.category_paths) as path where new.is_listed
    on conflict (id, path) do update
    set price_amount = excluded.price_amount, rating = excluded.rating;
    return null;
end $$;
alter table product_places drop column units_sold;
alter table products drop column units_sold;
