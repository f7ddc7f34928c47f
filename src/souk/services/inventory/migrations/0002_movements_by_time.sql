-- Movements are shown by when they were: what is written down afterwards has dates of its own.
create index movements_by_time on movements (product_id, at desc, id desc);
drop index movements_of_a_product;

-- down
create index movements_of_a_product on movements (product_id, id desc);
drop index movements_by_time;
