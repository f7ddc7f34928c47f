-- Whom a code was for; whose news it is says the notification of the same id.
alter table deliveries add column person_id uuid;
create index deliveries_of_a_person on deliveries (person_id) where person_id is not null;

-- down
drop index deliveries_of_a_person;
alter table deliveries drop column person_id;
