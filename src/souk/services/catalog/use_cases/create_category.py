"""Operators add to the category tree."""

from __future__ import annotations

from souk.contracts.catalog import Category, CategoryExists, CreateCategoryRequest
from souk.kernel.database import Transaction
from souk.kernel.ids import new_code
from souk.services.catalog import texts
from souk.services.catalog.model import Cleaner
from souk.services.catalog.queries import category_at, get_category
from souk.services.catalog.store import categories


async def create_category(tx: Transaction, request: CreateCategoryRequest) -> Category:
    """Raises CategoryNotFound for the parent, CategoryExists."""
    parent = (await get_category(tx, request.parent_id)).path if request.parent_id else ""
    cleaner = Cleaner()
    name = cleaner.take("name", texts.line_from, "", request.name, most=80, least=1)
    slug = texts.slugged(name) or f"category-{new_code(6).lower()}"
    path = cleaner.take("parent_id", texts.category_from, "", f"{parent}/{slug}")
    cleaner.must_be_clean()
    if not await categories.add_category(tx, path, name=name):
        raise CategoryExists(path=path)
    return await category_at(tx, path)
