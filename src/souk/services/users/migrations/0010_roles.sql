-- `staff` is who holds staff roles; what those allow is looked up.
alter table users drop constraint users_roles_check;
alter table users add constraint users_roles_check
    check (roles <@ array['customer', 'seller', 'courier', 'support', 'admin', 'staff']);

create table staff_roles (
    id uuid primary key,
    name text not null,
    name_key text not null unique,
    permissions text[] not null check (cardinality(permissions) > 0),
    created_at timestamptz not null
);

create table staff_members (
    user_id uuid not null references users (id),
    staff_role_id uuid not null references staff_roles (id),
    primary key (user_id, staff_role_id)
);
create index members_of_a_staff_role on staff_members (staff_role_id);

-- Only hashes: whoever reads this table cannot use a key.
create table api_keys (
    id uuid primary key,
    user_id uuid not null references users (id),
    name text not null,
    prefix text not null,
    hash bytea not null unique,
    scopes text[] not null check (cardinality(scopes) > 0),
    created_at timestamptz not null,
    expires_at timestamptz,
    last_used_at timestamptz,
    revoked_at timestamptz
);
create index api_keys_of_a_user on api_keys (user_id, created_at) where revoked_at is null;

-- down
drop table api_keys;
drop table staff_members;
drop table staff_roles;
update users set roles = array_remove(roles, 'staff');
alter table users drop constraint users_roles_check;
alter table users add constraint users_roles_check
    check (roles <@ array['customer', 'seller', 'courier', 'support', 'admin']);
