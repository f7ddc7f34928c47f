"""Ids and secrets. Everything random comes from here, so that tests can make it certain."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import threading
import time
from datetime import datetime
from typing import Protocol

from souk.kernel import rules

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # nothing that is misread aloud
COUNTER_BITS = 74
ID = re.compile(rules.UUID)


class _Ticket:
    """The last id given out, so that the next one is larger, whichever thread asks."""

    def __init__(self) -> None:
        self._last, self._lock = 0, threading.Lock()

    def next(self) -> int:
        """48 bits of milliseconds, then a counter that begins at random in each millisecond."""
        with self._lock:
            fresh = (time.time_ns() // 1_000_000) << COUNTER_BITS | secrets.randbits(73)
            is_later = fresh >> COUNTER_BITS > self._last >> COUNTER_BITS
            self._last = fresh if is_later else self._last + 1 + secrets.randbits(32)
            return self._last


_ticket = _Ticket()


def new_id() -> str:
    """A UUIDv7 (RFC 9562). Ids of one process ascend, so they are good index keys."""
    ticket = _ticket.next()
    return _uuid(ticket >> COUNTER_BITS, ticket & ((1 << COUNTER_BITS) - 1))


def _uuid(moment: int, rest: int) -> str:
    value = moment << 80 | 0x7 << 76 | (rest >> 62) << 64 | 0b10 << 62 | rest & ((1 << 62) - 1)
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def id_at(moment: datetime, name: str) -> str:
    """The UUIDv7 of something that was at that moment: always the same for the same name."""
    milliseconds = round(moment.timestamp() * 1000)
    rest = int.from_bytes(hashlib.sha256(name.encode()).digest()[:10]) >> 6
    return _uuid(milliseconds, rest)


def new_secret(byte_count: int = 32) -> str:
    """A URL-safe secret; keep only its hash."""
    return secrets.token_urlsafe(byte_count)


def new_code(length: int) -> str:
    """A code for people: no letters or digits that look or sound alike."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


class Randomness(Protocol):
    """What a service that needs chance is given."""

    def random(self) -> float: ...


def process_id() -> str:
    """Names this process among those that share the work."""
    return f"{os.getpid()}-{secrets.token_hex(4)}"


def is_id(text: str) -> bool:
    """Whether it is written as ids are."""
    return ID.fullmatch(text) is not None
