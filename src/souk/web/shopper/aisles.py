"""Categories as the pages lead through them."""

from __future__ import annotations

from collections.abc import Sequence

from souk.contracts.catalog import Category

AISLES_MAX = 10


def aisles_of(tree: Sequence[Category]) -> tuple[Category, ...]:
    """The categories on top, under which all others lie."""
    return tuple(one for one in tree if not one.parent_id)[:AISLES_MAX]
