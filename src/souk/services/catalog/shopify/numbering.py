"""Ids and SKUs that a sheet gets the same however often its import begins again."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from souk.services.catalog.texts import SKU_MAX, slugged

ROW_BITS = 20
TAIL_BITS = 74 - ROW_BITS


def derived_id(import_id: str, row: int, kind: str) -> str:
    """A UUIDv7 of the import's moment; those of later rows are larger.

    An import that was cut short between two services and goes on makes nothing twice.
    """
    digest = hashlib.sha256(f"{import_id} {row} {kind}".encode()).digest()
    tail = row << TAIL_BITS | int.from_bytes(digest) >> (256 - TAIL_BITS)
    moment = int(import_id.replace("-", "")[:12], 16)
    value = moment << 80 | 0x7 << 76 | (tail >> 62) << 64 | 0b10 << 62 | tail & ((1 << 62) - 1)
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def derived_sku(handle: str, options: Sequence[str]) -> str:
    """For a row without one: `classic-varsity-top.small`.

    Slugs have no dot, so `a-b` of `c` and `a` of `b-c` differ; what a slug leaves out is told
    apart by a digest.
    """
    parts = [handle, *options]
    slugs = [slugged(part) for part in parts]
    sku = ".".join(slugs)
    plain = [part.lower().replace(" ", "-") for part in parts]
    if plain != slugs or len(sku) > SKU_MAX:
        digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:8]
        sku = f"{sku[: SKU_MAX - 9]}.{digest}".lstrip(".")
    return sku
