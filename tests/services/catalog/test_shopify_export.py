"""What goes out as a sheet comes back as it was."""

import csv
import io

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from souk.contracts.catalog import (
    CreateProductRequest,
    DeleteProductRequest,
    ExportProductsRequest,
    Image,
    NewVariant,
    VariantsAlike,
)
from souk.kernel.context import Call, acting
from souk.kernel.ids import new_id
from souk.kernel.money import Money
from souk.services.catalog.model import ShopFacts, new_product
from souk.services.catalog.shopify.export import header_text, sheet_text
from tests.services.catalog.sheets import APPAREL, HOME, planned


def as_seen(product):
    """Everything of a product but what names it and its shop."""
    return structs.replace(
        product,
        id="",
        slug="",
        shop_id="",
        shop_name="",
        created_at=None,
        updated_at=None,
        variants=tuple(structs.replace(variant, id="") for variant in product.variants),
    )


async def fill(market, seller):
    """Products that are hard to write down."""
    await market.import_sheet(seller, APPAREL)
    await market.import_sheet(seller, HOME)
    await market.create(
        seller,
        '=2+5, "quoted" & <b>',
        description="<p>One\ntwo</p>\n\n<ul><li>a, b</li></ul> -- é 鞋",
        category="home/pots-and-pans",
        brand="-Acme-",
        tags=("+1", "été", "'quoted'"),
        weight_grams=300,
        is_draft=True,
        images=tuple(Image(url=f"https://x/{n}.jpg", alt=f"@{n}") for n in range(4)),
        variants=(
            seller.variant("=A", 1, options={"Size": "-M", "Colour": "'=Red"}, weight_grams=5),
            seller.variant(
                "B", 2, options={"Size": "L", "Colour": "Red"}, compare_at_price=Money(3, "USD")
            ),
            seller.variant(
                "C",
                10**12,
                options={"Size": "L", "Colour": "Blue"},
                barcode="+4006",
                image_url="https://x/c.jpg?a=1,2",
                stock=0,
            ),
        ),
    )


async def test_a_sheet_that_comes_back_to_its_shop_changes_nothing(market, seller):
    await fill(market, seller)
    before = await market.catalogue(seller)
    content = await market.export(seller)
    done = await market.import_sheet(seller, content)
    assert (done.created, done.updated, done.failed, done.errors) == (0, 0, 0, ())
    assert await market.catalogue(seller) == before
    assert await market.export(seller) == content


async def test_a_sheet_makes_the_same_catalogue_in_another_shop(market, seller):
    await fill(market, seller)
    before = await market.catalogue(seller)
    other = market.open_shop("Other")
    content = await market.export(seller)
    done = await market.import_sheet(other, content)
    assert (done.created, done.failed) == (len(before), 0)
    after = await market.catalogue(other)
    assert [as_seen(product) for product in after] == [as_seen(product) for product in before]
    assert await market.export(other) == content


async def test_held_stock_is_on_hand(market, seller):
    product = await market.create(seller)
    market.inventory.reserve(product.variants[0].id, 2)
    content = await market.export(seller)
    await market.import_sheet(seller, content)
    assert market.inventory.stock[product.variants[0].id].on_hand == 5


async def test_archived_products_stay_behind_and_an_empty_shop_has_a_header(market, seller):
    product = await market.create(seller)
    with acting(Call(caller=seller.caller)):
        await market.client.delete_product(DeleteProductRequest(product_id=product.id))
        asked = ExportProductsRequest(shop_id=seller.shop_id)
        file = await market.client.export_products(asked)
    assert file.content.decode() == header_text()
    assert (file.name, file.content_type) == ("products.csv", "text/csv; charset=utf-8")


async def test_many_products_go_out_page_by_page(market, seller):
    rows = "".join(f"p{n},P {n},1.00\n" for n in range(450))
    await market.import_sheet(seller, f"Handle,Title,Variant Price\n{rows}".encode())
    market.inventory.calls.clear()
    read = list(csv.DictReader(io.StringIO((await market.export(seller)).decode())))
    assert [row["Handle"] for row in read] == [f"p{n}" for n in range(450)]
    assert market.inventory.calls["check_stock"] == 5


async def test_no_cell_of_people_runs_in_an_office_program(market, seller):
    await fill(market, seller)
    for row in csv.reader(io.StringIO((await market.export(seller)).decode())):
        assert not [cell for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


SPICE = [
    "=1",
    "'=1",
    "-x",
    "''+",
    "@",
    "Default Title",
    "Title",
    "a,b",
    '"q"',
    "a\nb",
    "\r",
    "<b>x",
]
TEXT = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=12) | st.sampled_from(SPICE)
WORD = TEXT.filter(str.strip)
URL = st.sampled_from(["https://x/1.jpg", "http://y/2,3.png?a='b'", "https://é/鞋"])
MONEY = st.integers(0, 10**12).map(lambda amount: Money(amount, "USD"))


@st.composite
def requests(draw):
    names = draw(st.lists(WORD, max_size=3, unique_by=lambda text: tuple(text.split())))
    size = draw(st.integers(1, 4)) if names else 1
    skus = draw(
        st.lists(WORD, min_size=size, max_size=size, unique_by=lambda text: tuple(text.split()))
    )
    variants = [
        NewVariant(
            sku=sku,
            options={name: draw(WORD) for name in names},
            price=draw(MONEY),
            compare_at_price=draw(st.none() | MONEY),
            stock=draw(st.integers(0, 10**9)),
            barcode=draw(TEXT),
            weight_grams=draw(st.integers(0, 10**8)),
            image_url=draw(st.just("") | URL),
        )
        for sku in skus
    ]
    return draw(
        st.builds(
            CreateProductRequest,
            shop_id=st.just(SHOP.id),
            name=WORD,
            description=st.text() | TEXT,
            category=TEXT,
            brand=TEXT,
            tags=st.lists(TEXT, max_size=4).map(tuple),
            weight_grams=st.integers(0, 10**8),
            variants=st.just(tuple(variants)),
            images=st.lists(st.builds(Image, url=URL, alt=TEXT), max_size=4).map(tuple),
            is_draft=st.booleans(),
        )
    )


SHOP = ShopFacts(new_id(), "Corner", "USD", is_selling=True)


def plain(draft, stock):
    """All that people see: weights as they count, stock, no ids."""
    variants = tuple(
        structs.replace(variant, id="", place=number, weight_grams=draft.grams(variant))
        for number, variant in enumerate(draft.variants)
    )
    counted = [stock[variant.id] for variant in draft.variants]
    return structs.replace(draft, id="", shop_id="", weight_grams=0, variants=variants), counted


@settings(max_examples=100, deadline=None)
@given(requests())
def test_any_product_comes_back_from_its_sheet_as_it_was(request):
    try:
        new = new_product(request, SHOP)
    except VariantsAlike:
        return
    content = (header_text() + sheet_text([new.draft], new.stock)).encode()
    plan = planned(content)
    assert plan.progress.errors == ()
    (back,) = plan.creates
    stock = {item.variant_id: item.on_hand for item in plan.stock}
    assert plain(back, stock) == plain(new.draft, new.stock)
