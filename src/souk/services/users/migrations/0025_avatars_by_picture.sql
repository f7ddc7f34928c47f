-- A picture that is taken away is shown no more.
create index users_by_avatar on users (avatar_media_id) where avatar_media_id is not null;

-- down
drop index users_by_avatar;
