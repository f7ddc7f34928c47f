-- Why an order was called off, in somebody's own words, is sealed with the contact of its checkout. What
-- is here already is moved by a job, which has to open the contact.
create index order_events_to_seal on order_events (id) where note <> '' and event = 'cancelled';

-- down
drop index order_events_to_seal;
