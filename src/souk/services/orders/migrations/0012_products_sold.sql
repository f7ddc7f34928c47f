-- What other services were told of how much was bought lately, so that only changes are told.
create table products_sold (
    product_id uuid primary key,
    shop_id uuid not null,
    units int not null check (units > 0)
);

-- down
drop table products_sold;
