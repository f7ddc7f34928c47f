-- Personal columns are sealed with a key of their person (of a guest's checkout: of that checkout).
-- Without its row here they are noise, in every backup as well: backups leave this table out.
create table person_keys (
    person     uuid primary key,
    sealed_key bytea not null, -- under the master key
    created_at timestamptz not null default now()
);

-- down

drop table person_keys;
