-- A code or a link that users want sent. What it is, is asked of users and kept nowhere here.
alter table deliveries drop constraint deliveries_kind_check;
alter table deliveries add constraint deliveries_kind_check
    check (kind in ('welcome', 'order_confirmed', 'order_shipped', 'order_delivered',
                    'order_cancelled', 'order_refunded', 'code'));

-- down
delete from deliveries where kind = 'code';
alter table deliveries drop constraint deliveries_kind_check;
alter table deliveries add constraint deliveries_kind_check
    check (kind in ('welcome', 'order_confirmed', 'order_shipped', 'order_delivered',
                    'order_cancelled', 'order_refunded'));
