-- What a picture shows, in files named by it: two uploads of one picture share them. Nobody's
-- content is unused since some time, and swept once nobody can be about to use it again.
create table contents (
    digest text primary key check (digest ~ '^[0-9a-f]{32}$'),
    widths int[] not null check (cardinality(widths) between 1 and 10),
    heights int[] not null check (cardinality(heights) = cardinality(widths)),
    unused_since timestamptz default now(),
    is_swept boolean not null default false check (not is_swept or unused_since is not null)
);
create index contents_to_sweep on contents (unused_since) where unused_since is not null;

-- A picture of somebody.
create table media (
    id uuid primary key,
    owner_id uuid not null,
    digest text not null references contents (digest),
    width int not null check (width > 0),
    height int not null check (height > 0),
    created_at timestamptz not null
);
create index media_of_an_owner on media (owner_id);
create index media_by_content on media (digest);

-- down
drop table media;
drop table contents;
