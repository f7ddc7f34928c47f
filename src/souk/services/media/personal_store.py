"""What media holds of people: pictures they have uploaded."""

from __future__ import annotations

from souk.kernel.personal_data import Holding

# Of two who take the last two pictures of one content away, the second sees that none is left.
LOCK = """
select 1 from contents where digest in (select digest from media where owner_id = $1)
order by digest for update
"""
# Files go with the next sweep.
ERASE = """
with gone as (
    delete from media where owner_id = $1 returning digest
)
update contents set unused_since = now()
where digest in (select digest from gone)
and not exists (select from media where media.digest = contents.digest and owner_id <> $1)
"""
# Not the files themselves: a seller's would be gigabytes. Their addresses are theirs to fetch.
EXPORT = """
select id, width, height, created_at,
       concat('/api/v1/media/files/', digest, '-', lpad(w, greatest(length(w), 2), '0'), '.webp')
           as url
from media join contents using (digest), cast(widths[cardinality(widths)] as text) as w
where owner_id = $1 order by created_at, id
"""
HOLDINGS = (
    Holding(
        part="pictures",
        export=EXPORT,
        lock=LOCK,
        erase=ERASE,
    ),
)
