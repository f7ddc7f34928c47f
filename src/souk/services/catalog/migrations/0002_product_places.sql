-- Where a product stands in the lists of its categories: one row for each category it lies in, so
-- that a page of a category, however deep, is one range of one index.
create table product_places (
    path text not null,
    id uuid not null references products (id) on delete cascade,
    created_at timestamptz not null,
    price_amount bigint not null,
    rating double precision not null,
    primary key (id, path)
);

insert into product_places (path, id, created_at, price_amount, rating)
select path, id, created_at, price_amount, rating
from products, unnest(category_paths) as path where is_listed;

create index places_newest on product_places (path, created_at desc, id desc);
create index places_by_price on product_places (path, price_amount, id);
create index places_by_rating on product_places (path, rating desc, id desc);

-- By trigger, because products change in many ways and none of them may forget this.
create function place_product() returns trigger language plpgsql as $$
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
create trigger new_product_is_placed after insert on products
for each row when (new.is_listed) execute function place_product();
create trigger product_is_placed_anew after update on products
for each row when (
    (old.is_listed, old.category_paths, old.price_amount, old.rating)
    is distinct from (new.is_listed, new.category_paths, new.price_amount, new.rating)
) execute function place_product();

-- down
drop trigger product_is_placed_anew on products;
drop trigger new_product_is_placed on products;
drop function place_product;
drop table product_places;
