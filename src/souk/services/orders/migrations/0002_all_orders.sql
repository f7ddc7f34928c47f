-- For operators, who look at the orders of all shops.
create index orders_newest on orders (placed_at desc, id desc);
create index orders_by_number on orders (order_number text_pattern_ops);
-- What waits to be sent is counted on every visit of a shop's people.
create index orders_to_send on orders (shop_id) where status in ('confirmed', 'processing');

-- down
drop index orders_to_send;
drop index orders_by_number;
drop index orders_newest;
