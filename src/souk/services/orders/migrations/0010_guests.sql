-- By what a guest is found who asks what is known of them: the keyed hash of their e-mail. It goes
-- with the contact. What is here already gets it from a job, which has to open the contact.
alter table checkouts add column email_key bytea,
    add check (email_key is null or (buyer_id is null and sealed is not null));
create index checkouts_of_a_guest on checkouts (email_key) where email_key is not null;
create index checkouts_of_guests_to_hash on checkouts (id)
    where buyer_id is null and sealed is not null and email_key is null;
-- Contacts of guests that are kept no longer than they are needed.
create index checkouts_of_guests_by_age on checkouts (ended_at, id)
    where buyer_id is null and sealed is not null;

-- down
drop index checkouts_of_guests_by_age, checkouts_of_guests_to_hash, checkouts_of_a_guest;
alter table checkouts drop column email_key;
