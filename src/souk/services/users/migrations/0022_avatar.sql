-- A picture that people show of themselves, kept by media.
alter table users
    add column avatar_url text not null default '',
    add column avatar_media_id uuid,
    add check ((avatar_url = '') = (avatar_media_id is null));

-- down
alter table users drop column avatar_url, drop column avatar_media_id;
