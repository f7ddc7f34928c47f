-- How a shop looks, and what operators think of it. Shops that were there before wait like new ones.
alter table shops
    add column logo_url text not null default '',
    add column banner_url text not null default '',
    add column approval text not null default 'awaiting'
        check (approval in ('awaiting', 'approved', 'refused')),
    add column approval_note text not null default '',
    add column decided_by uuid,
    add column decided_at timestamptz,
    add check ((approval = 'awaiting') = (decided_at is null));
create index shops_by_approval on shops (approval, created_at, id);

-- down
alter table shops
    drop column logo_url, drop column banner_url, drop column approval, drop column approval_note,
    drop column decided_by, drop column decided_at;
