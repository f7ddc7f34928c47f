"""Products narrowed down by what sets them apart, counted by kind."""

import pytest

from souk.contracts.catalog import BrowseProductsRequest, NewVariant
from souk.kernel.money import Money
from souk.services.catalog.browsing import Browser


def variant(sku, amount, **options):
    price = Money(amount, "USD")
    return NewVariant(sku=sku, price=price, options=options, stock=3)


@pytest.fixture
async def shelf(market, seller):
    """A tee in two colours, a sweater in one, and a lamp."""
    tee = (
        variant("T-R", 2000, Color="Red", Size="M"),
        variant("T-B", 2100, Color="Blue", Size="L"),
    )
    await market.create(seller, "Tee", category="apparel/tees", brand="Acme", variants=tee)
    knit = (variant("S-R", 9000, Color="Red", Size="L"),)
    await market.create(seller, "Sweater", category="apparel/knitwear", brand="Wool", variants=knit)
    lamp = (variant("L", 5000),)
    await market.create(seller, "Lamp", category="home", brand="Acme", variants=lamp)

    browser = Browser(market.host.database, seconds=0)

    async def browse(**asked):
        return await browser.browse(BrowseProductsRequest(**asked))

    return browse


def names(found):
    return [card.name for card in found.items]


def counts(values):
    return {each.value: each.count for each in values}


async def test_all_is_counted_by_kind(shelf):
    found = await shelf()

    assert found.total == 3
    assert counts(found.facets.categories) == {"apparel": 2, "home": 1}
    assert counts(found.facets.brands) == {"Acme": 2, "Wool": 1}
    options = {each.name: counts(each.values) for each in found.facets.options}
    assert options == {"Color": {"Red": 2, "Blue": 1}, "Size": {"L": 2, "M": 1}}
    assert found.facets.lowest == Money(2000, "USD")
    assert found.facets.highest == Money(9000, "USD")
    assert found.facets.in_stock == 3


async def test_a_category_shows_what_lies_one_level_below(shelf):
    found = await shelf(category="apparel", sort="price")

    assert names(found) == ["Tee", "Sweater"]
    assert counts(found.facets.categories) == {"apparel/tees": 1, "apparel/knitwear": 1}


async def test_a_kind_counts_without_its_own_choice_and_with_all_others(shelf):
    found = await shelf(brands=("Acme",), options=("Color:Red",))

    assert names(found) == ["Tee"]
    assert counts(found.facets.brands) == {"Acme": 1, "Wool": 1}
    options = {each.name: counts(each.values) for each in found.facets.options}
    assert options == {"Color": {"Red": 1, "Blue": 1}, "Size": {"M": 1, "L": 1}}


async def test_values_of_one_option_add_up_and_options_narrow(shelf):
    assert (await shelf(options=("Color:Red", "Color:Blue"))).total == 2
    assert names(await shelf(options=("Color:Blue", "Size:L"))) == ["Tee"]
    assert (await shelf(options=("Color:Green",))).total == 0


async def test_prices_are_from_and_to(shelf):
    found = await shelf(price_min=2000, price_max=5000, currency="USD", sort="-price")

    assert names(found) == ["Lamp", "Tee"]
    assert found.facets.highest == Money(9000, "USD")
    assert (await shelf(price_min=1, currency="EUR")).total == 0


async def test_hostile_values_are_values(shelf):
    for text in ("' or true --", "{}", "%", "Color:", ":", "a:b:c"):
        assert (await shelf(brands=(text,))).total == 0
        assert (await shelf(options=(text,))).total == 0


async def test_the_same_question_is_asked_once_in_two_seconds(market, seller):
    request = BrowseProductsRequest(q="kettle")
    assert (await market.client.browse_products(request)).total == 0
    await market.create(seller, "Kettle")

    assert (await market.client.browse_products(request)).total == 0
    assert (await market.client.browse_products(BrowseProductsRequest(q="kettle", page=1))).total
