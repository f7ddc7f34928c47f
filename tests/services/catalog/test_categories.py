"""The category tree."""

import asyncio

import pytest

from souk.contracts.catalog import (
    CategoryExists,
    CategoryNotFound,
    CreateCategoryRequest,
    GetCategoryRequest,
    ListCategoriesRequest,
)
from souk.kernel.context import Call, acting
from souk.kernel.ids import new_id
from souk.kernel.refusals import InvalidRequest, NotAllowed, SignInRequired
from tests.services.catalog.market import NOBODY, OPERATOR


@pytest.fixture
def add(market):
    async def add(name, parent=None, caller=OPERATOR):
        request = CreateCategoryRequest(name=name, parent_id=parent.id if parent else "")
        with acting(Call(caller=caller)):
            return await market.client.create_category(request)

    return add


async def tree(market):
    return (await market.client.list_categories(ListCategoriesRequest())).items


async def test_a_category_has_a_path_below_its_parent(market, add):
    home = await add("Home & Garden")
    pots = await add(" Pots ", home)
    assert (home.slug, home.path, home.parent_id) == ("home-garden", "home-garden", "")
    assert (pots.name, pots.path, pots.parent_id) == ("Pots", "home-garden/pots", home.id)
    assert await tree(market) == (home, pots)
    assert await market.client.get_category(GetCategoryRequest(category_id=pots.id)) == pots


async def test_a_path_exists_once(add):
    home = await add("Home")
    await add("Pots", home)
    with pytest.raises(CategoryExists) as refused:
        await add("POTS", home)
    assert refused.value.path == "home/pots"
    answers = await asyncio.gather(*(add("New") for _ in range(5)), return_exceptions=True)
    assert sum(isinstance(answer, CategoryExists) for answer in answers) == 4


async def test_a_parent_must_be_there(market, add):
    request = CreateCategoryRequest(name="x", parent_id=new_id())
    with acting(Call(caller=OPERATOR)), pytest.raises(CategoryNotFound):
        await market.client.create_category(request)
    with pytest.raises(CategoryNotFound):
        await market.client.get_category(GetCategoryRequest(category_id=new_id()))


async def test_a_category_without_latin_letters_gets_a_slug(add):
    category = await add("鞋")
    assert category.name == "鞋"
    assert category.path.startswith("category-")


async def test_the_tree_ends_at_ten_levels(add):
    parent = None
    for level in range(10):
        parent = await add(f"Level {level}", parent)
    with pytest.raises(InvalidRequest):
        await add("One more", parent)


async def test_only_operators_add_to_it(add, seller):
    for caller, refusal in ((seller.caller, NotAllowed), (NOBODY, SignInRequired)):
        with pytest.raises(refusal):
            await add("x", caller=caller)


async def test_a_product_makes_what_is_missing_of_its_path(market, seller, add):
    await tree(market)  # which remembers that it is empty
    apparel = await add("Apparel!")
    await market.create(seller, category="apparel/t-shirts/plain")
    await market.create(seller, category="apparel/t-shirts")
    found = await tree(market)
    assert [each.path for each in found] == [
        "apparel",
        "apparel/t-shirts",
        "apparel/t-shirts/plain",
    ]
    assert found[0] == apparel
    assert [each.name for each in found[1:]] == ["T shirts", "Plain"]
    assert [each.parent_id for each in found] == ["", found[0].id, found[1].id]


async def test_many_products_make_a_path_at_once(market, seller):
    await asyncio.gather(
        *(market.create(seller, category=f"a/b{number % 2}/c") for number in range(10))
    )
    assert [each.path for each in await tree(market)] == ["a", "a/b0", "a/b0/c", "a/b1", "a/b1/c"]


async def test_parents_come_first_whatever_the_names(market, seller):
    for category in ("a/z", "a-b", "a/b/c", "a0"):
        await market.create(seller, category=category)
    seen = set()
    for each in await tree(market):
        parent = each.path.rpartition("/")[0]
        assert not parent or parent in seen
        seen.add(each.path)
