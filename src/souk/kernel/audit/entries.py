"""One line of the audit record, and how it gets into the transaction that it tells of."""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

import msgspec
from msgspec import Struct

from souk.kernel.clock import SystemClock
from souk.kernel.context import Call, call
from souk.kernel.ids import new_id

if TYPE_CHECKING:
    from souk.kernel.statements import Queries

# Ids, states, amounts, names of fields: nothing that a person wrote, and no secret fits in.
PLAIN = re.compile(r"[A-Za-z0-9_.:/*+-]{0,64}")
KEY_PURPOSE = b"souk audit 1"
Facts = Mapping[str, Any]

INSERT = """
insert into audit (id, at, action, actor_id, roles, service, session_id, address, trace_id,
                   subject, owner_id, before, after, mac)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
"""

_clock = SystemClock()  # of the machine, whatever clock a test has put in: it says when it was
_packed = msgspec.json.Encoder(order="deterministic")


class Entry(Struct, frozen=True, kw_only=True):
    """What is recorded. The order of the fields is part of what is signed: add at the end only."""

    id: str
    at: datetime
    action: str
    actor_id: str = ""
    roles: tuple[str, ...] = ()
    service: str = ""
    session_id: str = ""
    address: str = ""
    trace_id: str = ""
    subject: str = ""
    owner_id: str = ""
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None

    def mac(self, key: bytes) -> bytes:
        """What only a holder of the key can make for these very words."""
        return hmac.digest(key, _packed.encode(msgspec.structs.astuple(self)), "sha256")


def audit_key(master_key: str) -> bytes:
    """Derived, so that the master key is good for other purposes as well."""
    return hmac.digest(master_key.encode(), KEY_PURPOSE, "sha256")


class About(TypedDict, total=False):
    """What `Transaction.audit` is told."""

    subject: str
    owner_id: str
    actor_id: str
    before: Facts | None
    after: Facts | None


def entry(action: str, **about: Unpack[About]) -> Entry:
    """An entry about the present call; see `Transaction.audit`."""
    now = call()
    by = now.caller
    return Entry(
        id=new_id(),
        at=_clock.now(),
        action=action,
        actor_id=about.get("actor_id") or by.user_id,
        roles=tuple(sorted(by.roles)),
        service=by.service,
        session_id=by.session_id,
        address=by.address,
        trace_id=now.trace_id,
        subject=about.get("subject", ""),
        owner_id=about.get("owner_id", ""),
        before=plain(about.get("before")),
        after=plain(about.get("after")),
    )


def entry_of_staff(now: Call) -> Entry | None:
    """What staff do is recorded even where the use case says nothing of it."""
    if now.deed is None:
        return None
    return entry(now.deed.action, subject=now.deed.subject, owner_id=now.deed.owner_id)


def plain(facts: Facts | None) -> dict[str, Any] | None:
    if facts is None:
        return None
    for name, value in facts.items():
        if not is_plain(value):
            raise ValueError(f"{name} does not belong into the audit record: ids and states do")
    return dict(facts)


def is_plain(value: Any) -> bool:
    if isinstance(value, str):
        return bool(PLAIN.fullmatch(value))
    if isinstance(value, list | tuple | set | frozenset):
        return all(is_plain(part) for part in value)
    return value is None or isinstance(value, bool | int)


async def write_audit(tx: Queries, entries: Sequence[Entry], key: bytes) -> None:
    for one in entries:
        await tx.execute(INSERT, *msgspec.structs.astuple(one), one.mac(key))
