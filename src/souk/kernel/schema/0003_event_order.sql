-- The event of this kind that the same aggregate told before this one. Whoever changes an aggregate
-- holds its row's lock until the commit, so its events see one another here in their order.
alter table outbox add column follows uuid;

create index outbox_of_an_aggregate on outbox (aggregate, subject, seq);

-- down

drop index outbox_of_an_aggregate;
alter table outbox drop column follows;
