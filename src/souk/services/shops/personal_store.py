"""What shops hold of people: whose they are. Who a trader was must be known for years."""

from __future__ import annotations

from souk.kernel.personal_data import Holding

HOLDINGS = (
    Holding(
        part="memberships",
        export="select shop_id, shops.name, role, joined_at from members"
        " join shops on shops.id = shop_id where user_id = $1 order by joined_at, shop_id",
        erase="delete from members where user_id = $1 and role <> 'owner'",
        under_way="select count(*) from members join shops on shops.id = shop_id"
        " where user_id = $1 and role = 'owner' and status <> 'closed'",
        obstacle="{count} shops of theirs are open",
        advice="Close them first.",
        duty="trader_records",
        kept="select count(*)::int as kept, max(updated_at) + interval '10 years' as kept_until"
        " from shops where id in (select shop_id from members where user_id = $1)",
    ),
)
