"""Categories as the pages lead through them."""

from __future__ import annotations

from collections.abc import Sequence

from souk.contracts.catalog import Category, CategoryList

AISLES_MAX = 10


def aisles_of(tree: CategoryList) -> Sequence[Category]:
    """The categories on top, under which all others lie."""
    return [one for one in tree.items if not one.parent_id][:AISLES_MAX]
