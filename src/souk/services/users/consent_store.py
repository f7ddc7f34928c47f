"""What people were asked to agree to, and what they said."""

from __future__ import annotations

from souk.contracts.users import (
    Consent,
    ConsentList,
    ConsentText,
    ConsentTextList,
    ConsentTextNotFound,
    ConsentTextOutdated,
    SetConsentRequest,
)
from souk.kernel.database import Queries, Transaction

IN_FORCE = """
select distinct on (kind) kind, version, wording, published_at from consent_texts
order by kind, version desc limit 100
"""
ONE_AT_A_TIME = "select pg_advisory_xact_lock(hashtextextended('consent text ' || $1, 0))"
PUBLISH = """
insert into consent_texts (kind, version, wording)
select $1, 1 + coalesce(max(version), 0), $2 from consent_texts where kind = $1
returning kind, version, wording, published_at
"""
LATEST = "select max(version) from consent_texts where kind = $1"
ADD = """
insert into consents (id, user_id, kind, version, is_given, at) values ($1, $2, $3, $4, $5, now())
returning kind, version, is_given, at,
          (select wording from consent_texts as text
           where text.kind = consents.kind and text.version = consents.version) as wording
"""
HISTORY = """
select kind, version, is_given, at, wording
from consents join consent_texts using (kind, version)
where user_id = $1 order by at desc, id desc limit $2 offset $3
"""


async def list_texts(db: Queries) -> ConsentTextList:
    return ConsentTextList(items=tuple(await db.fetch_as(ConsentText, IN_FORCE)))


async def publish_text(tx: Transaction, kind: str, wording: str) -> ConsentText:
    await tx.execute(ONE_AT_A_TIME, kind)
    saved = await tx.fetchrow_as(ConsentText, PUBLISH, kind, wording)
    assert saved is not None, "an insert returns its row"
    return saved


async def set_consent(
    tx: Transaction, consent_id: str, request: SetConsentRequest, *, user_id: str
) -> Consent:
    """Agreeing needs the wording in force; taking back may name whichever was agreed to."""
    latest = await tx.fetchval(LATEST, request.kind)
    if latest is None or request.version > latest:
        raise ConsentTextNotFound(kind=request.kind, version=request.version)
    if request.is_given and request.version < latest:
        raise ConsentTextOutdated(kind=request.kind, latest=latest)
    saved = await tx.fetchrow_as(
        Consent, ADD, consent_id, user_id, request.kind, request.version, request.is_given
    )
    assert saved is not None, "an insert returns its row"
    said = f"{request.kind}:{request.version}"
    verb = "given" if request.is_given else "withdrawn"
    tx.audit(f"users.consent_{verb}", subject=said, owner_id=user_id)
    return saved


async def list_consents(db: Queries, user_id: str, *, limit: int, offset: int) -> ConsentList:
    return ConsentList(items=tuple(await db.fetch_as(Consent, HISTORY, user_id, limit, offset)))
