-- What a shop's people may do: roles it makes itself. Staff without one may do all but the owner's.
create table shop_roles (
    id uuid primary key,
    shop_id uuid not null references shops (id),
    name text not null,
    name_key text not null,
    permissions text[] not null check (cardinality(permissions) > 0),
    created_at timestamptz not null,
    unique (shop_id, name_key),
    unique (shop_id, id)
);
alter table members add column shop_role_id uuid,
    add foreign key (shop_id, shop_role_id) references shop_roles (shop_id, id),
    add check (role = 'staff' or shop_role_id is null);
create index members_by_role on members (shop_role_id) where shop_role_id is not null;

-- Of the token only its hash.
create table invitations (
    id uuid primary key,
    shop_id uuid not null,
    shop_role_id uuid not null,
    hash bytea not null unique,
    expires_at timestamptz not null,
    foreign key (shop_id, shop_role_id) references shop_roles (shop_id, id) on delete cascade
);
create index invitations_of_a_shop on invitations (shop_id, shop_role_id);

-- down
drop table invitations;
alter table members drop column shop_role_id;
drop table shop_roles;
