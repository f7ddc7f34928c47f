"""What a product is made of: cleaned in one way, and checked at once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from souk.contracts.catalog import (
    CreateProductRequest,
    Image,
    NewVariant,
    ProductStatus,
    VariantsAlike,
    WrongCurrency,
)
from souk.kernel.ids import new_id
from souk.kernel.money import Money
from souk.kernel.refusals import InvalidRequest
from souk.services.catalog import texts
from souk.services.catalog.listing import query_from
from souk.services.catalog.model import ShopFacts, new_product

SHOP = ShopFacts(new_id(), "Corner", "USD", is_selling=True)


def usd(amount: int = 1999) -> Money:
    return Money(amount, "USD")


def variant(sku: str = "A", **fields) -> NewVariant:
    return NewVariant(**({"sku": sku, "price": usd()} | fields))


def drafted(*variants: NewVariant, **fields):
    request = CreateProductRequest(
        **({"shop_id": SHOP.id, "name": "Tee", "variants": variants or (variant(),)} | fields)
    )
    return new_product(request, SHOP).draft


def wrong_fields(*variants: NewVariant, **fields) -> set[str]:
    with pytest.raises(InvalidRequest) as refused:
        drafted(*variants, **fields)
    return {error.field for error in refused.value.errors}


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Crème Brûlée, 4 pcs", "creme-brulee-4-pcs"),
        ("  Tee -- Shirt  ", "tee-shirt"),
        ("Ω", "product"),
        ("Categories", "product-categories"),
        ("Export", "product-export"),
        (
            "0190e7a2-0000-7000-8000-000000000001",
            "product-0190e7a2-0000-7000-8000-000000000001",
        ),
        ("x" * 300, "x" * 150),
    ],
)
def test_a_slug_is_neither_an_id_nor_another_route(name, slug):
    assert texts.slug_from(name) == slug


@pytest.mark.parametrize(
    ("html", "kept"),
    [
        ("<p>Fine</p>", "<p>Fine</p>"),
        ("<script>steal()</script>Fine", "Fine"),
        ("<p onclick=x>Fine</p>", "<p>Fine</p>"),
        ("<a href='javascript:x'>y</a>", '<a rel="nofollow noopener noreferrer">y</a>'),
        ("<img src='http://10.0.0.1/'>Fine", "Fine"),
        ("<iframe src=x></iframe><style>p{}</style>Fine", "Fine"),
        ("a\r\nb\x0b\x01c", "a\nb  c"),
    ],
)
def test_a_description_keeps_nothing_that_runs_or_loads(html, kept):
    assert texts.html_from(html) == kept


HTML = st.lists(
    st.sampled_from(
        [
            *("<table>", "<tr>", "<td>", "<a href=http://x>", "</a>", "<p>", "</p>", "<b>"),
            *("<pre>\n", "<li>", "<select>", "<svg>", "<style>", "&lt;", "&#1;", "\x85"),
            *("text", " ", "</table>"),
        ]
    )
).map("".join)


@given(HTML | st.text())
def test_cleaning_a_description_twice_changes_nothing(html):
    once = texts.html_from(html)
    assert texts.html_from(once) == once


@given(st.lists(st.text(max_size=20), max_size=5))
def test_cleaning_tags_twice_changes_nothing(tags):
    try:
        once = texts.tags_from(tags)
    except ValueError:
        return
    assert texts.tags_from(once) == once
    assert texts.tags_from([", ".join(once)]) == once


@given(st.text(max_size=60))
def test_cleaning_a_category_twice_changes_nothing(text):
    once = texts.category_from(text)
    assert texts.category_from(once) == once


def test_a_category_is_a_path_however_it_is_written():
    assert texts.category_from("Home & Garden > Pots/Clay") == "home-garden/pots/clay"
    assert texts.category_from("鞋") == ""
    assert texts.paths_of("a/b/c") == ["a", "a/b", "a/b/c"]


@given(st.text())
def test_whatever_people_search_for_is_a_query(text):
    for part in filter(None, query_from(text).split(" & ")):
        assert part.startswith("'")
        assert part.endswith("':*")
        assert part[1:-3].isalnum()


@pytest.mark.parametrize(
    "url",
    [
        *("ftp://x/y", "javascript:x", "//cdn/x.jpg", "https://", "https:// x/y", "http://[x"),
        *("x.jpg", "https://x/\ny", "https://x/" + "y" * 2000),
    ],
)
def test_an_image_has_an_address_of_the_web(url):
    with pytest.raises(ValueError, match="must be"):
        texts.address_from(url)


def test_a_draft_is_cleaned():
    draft = drafted(
        variant(" A  1 ", options={" Size ": " M "}, compare_at_price=usd(0), weight_grams=0),
        name="  Red \n  tee ",
        brand=" Acme ",
        tags=("Men, Summer", "men", " ", "ÉTÉ"),
        category="Apparel/-Shirts-",
        images=(Image(url="https://x/1"), Image(url="https://x/1", alt="again")),
        is_draft=True,
    )
    assert (draft.name, draft.brand, draft.category) == ("Red tee", "Acme", "apparel/shirts")
    assert draft.tags == ("men", "summer", "été")
    assert draft.images == (Image(url="https://x/1"),)
    assert draft.status is ProductStatus.DRAFT
    (only,) = draft.variants
    assert (only.sku, only.options, draft.options) == ("A 1", ("M",), ("Size",))
    assert only.compare_at_price is None
    assert only.weight_grams is None


def test_options_have_the_order_that_is_said_or_the_alphabets():
    variants = (
        variant("A", options={"Size": "M", "Color": "Red"}),
        variant("B", options={"Color": "Blue", "Size": "M"}),
    )
    draft = drafted(*variants, options=("Size", "Color"))
    assert draft.options == ("Size", "Color")
    assert [each.options for each in draft.variants] == [("M", "Red"), ("M", "Blue")]
    assert draft.variants[1].name == "M / Blue"
    assert drafted(*variants).options == ("Color", "Size")


def test_an_order_of_other_options_is_refused():
    given = variant("A", options={"Size": "M"})
    assert wrong_fields(given, options=("Size", "Color")) == {"options"}


def test_a_default_title_is_no_option():
    draft = drafted(variant(options={"Title": "Default Title"}))
    assert draft.options == draft.variants[0].options == ()


def test_everything_wrong_is_named_at_once():
    wrong = wrong_fields(
        variant(" ", price=usd(-1), compare_at_price=usd(10**13), image_url="https://"),
        variant("B", options={"Size": "M"}),
        name=" ",
        brand="x\x07y",
        tags=("x" * 61,),
        description="<" * 20_000,
        category="a/" * 11 + "b",
        images=(Image(url="http://[x"),),
    )
    assert wrong == {
        "variants[0].sku",
        "variants[0].price.amount",
        "variants[0].compare_at_price.amount",
        "variants[0].image_url",
        "variants[1].options",
        "name",
        "brand",
        "tags",
        "description",
        "category",
        "images[0].url",
    }


@pytest.mark.parametrize(
    "options",
    [
        {"A": "1", "B": "1", "C": "1", "D": "1"},
        {"": "M"},
        {"Size": " "},
        {"Size": "x" * 101},
        {"x" * 101: "M"},
        {"Size": "M", " Size": "L"},
    ],
)
def test_options_are_at_most_three_bounded_and_different(options):
    assert wrong_fields(variant(options=options)) == {"variants[0].options"}


@pytest.mark.parametrize(
    "second",
    [variant("A", options={"Size": "L"}), variant("B", options={"Size": "M "})],
)
def test_variants_differ_in_sku_and_options(second):
    with pytest.raises(VariantsAlike):
        drafted(variant("A", options={"Size": "M"}), second)


@pytest.mark.parametrize("field", ["price", "compare_at_price"])
def test_every_price_is_in_the_currency_of_the_shop(field):
    with pytest.raises(WrongCurrency) as refused:
        drafted(variant(**{field: Money(1, "EUR")}))
    assert refused.value.fields == {"expected": "USD", "given": "EUR"}
