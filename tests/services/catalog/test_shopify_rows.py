"""What rows say, and every way in which they can be wrong."""

import pytest

from souk.contracts.catalog import Image, ProductStatus
from souk.kernel.ids import new_id
from souk.kernel.money import Money
from souk.services.catalog.shopify.numbering import derived_id, derived_sku
from tests.services.catalog.sheets import (
    APPAREL,
    HOME,
    drafts,
    errors,
    head,
    more,
    planned,
    problems,
    sheet,
    sized,
)


def test_the_real_sheets_become_products():
    by_handle = {draft.handle: draft for draft in [*drafts(APPAREL), *drafts(HOME)]}
    top = by_handle["classic-varsity-top"]
    assert top.options == ("Size",)
    assert [v.options for v in top.variants] == [("Small",), ("Medium",), ("Large",)]
    assert [v.sku for v in top.variants] == [
        "classic-varsity-top.small",
        "classic-varsity-top.medium",
        "classic-varsity-top.large",
    ]
    assert (top.name, top.brand, top.tags) == ("Classic Varsity Top", "partners-demo", ("women",))
    pot = by_handle["clay-plant-pot"]
    assert pot.category == "outdoor"
    assert pot.description == "<p>Classic blown clay pot for plants</p>"
    assert pot.tags == ("pot", "plants")
    assert [v.price.amount for v in pot.variants] == [999, 1599]
    assert [image.url.rpartition("/")[2] for image in pot.images] == [
        "single-sprout-in-a-pot_925x.jpg",
        "pot-with-a-single-sprout_925x.jpg",
    ]
    light = by_handle["copper-light"]
    assert light.options == light.variants[0].options == ()
    assert light.variants[0].compare_at_price == Money(7500, "USD")
    assert light.variants[0].sku == "copper-light"


def test_every_column_is_understood():
    plan = planned(
        sheet(
            sized(
                body="<p>Soft &amp; warm</p><script>x</script>",
                vendor=" Acme ",
                type="Apparel > Shirts",
                tags="Men, SUMMER,men",
                published="TRUE",
                sku=" TEE-S ",
                grams="300.4",
                unit="kg",
                qty="7",
                price="19.9",
                compare_at="25.00",
                barcode="4006",
                image="https://x/2.jpg",
                position="2",
                alt="Back",
                variant_image="https://x/s.jpg",
            ),
            more("M", sku="TEE-M", grams="350", qty="", image="https://x/1.jpg", position="1"),
            {"handle": "tee", "image": "https://x/3.jpg"},
        )
    )
    assert plan.progress.errors == ()
    (draft,) = plan.creates
    assert draft.description == "<p>Soft &amp; warm</p>"
    assert (draft.brand, draft.category, draft.tags) == (
        "Acme",
        "apparel/shirts",
        ("men", "summer"),
    )
    small, medium = draft.variants
    assert (small.sku, small.barcode, small.image_url) == ("TEE-S", "4006", "https://x/s.jpg")
    assert (small.price.amount, small.compare_at_price) == (1990, Money(2500, "USD"))
    assert [draft.grams(each) for each in draft.variants] == [300, 350]
    assert draft.images == (
        Image(url="https://x/1.jpg"),
        Image(url="https://x/2.jpg", alt="Back"),
        Image(url="https://x/3.jpg"),
    )
    # Inventory learns of both, also of the one that nobody counted.
    assert [(item.sku, item.on_hand) for item in plan.stock] == [("TEE-S", 7), ("TEE-M", 0)]
    assert plan.in_stock == {small.id}


@pytest.mark.parametrize(
    ("cells", "status"),
    [
        ({}, "published"),
        ({"published": "false"}, "draft"),
        ({"published": "FALSE", "status": "active"}, "draft"),
        ({"published": "true", "status": "Draft"}, "draft"),
        ({"published": "true", "status": "archived"}, "draft"),
        ({"published": "true", "status": "active"}, "published"),
    ],
)
def test_what_is_not_published_is_a_draft(cells, status):
    (draft,) = drafts(sheet(head(**cells)))
    assert draft.status is ProductStatus(status)


@pytest.mark.parametrize(
    ("text", "currency", "amount"),
    [
        *(("9.99", "USD", 999), ("9", "USD", 900), ("9.9900", "USD", 999), (".5", "USD", 50)),
        *(("50", "JPY", 50), ("50.00", "JPY", 50), ("1.234", "KWD", 1234), ("0", "USD", 0)),
    ],
)
def test_prices_have_the_decimals_of_their_currency(text, currency, amount):
    (draft,) = drafts(sheet(head(price=text)), currency=currency)
    assert draft.variants[0].price == Money(amount, currency)


@pytest.mark.parametrize("text", ["0", "0.00", ""])
def test_nothing_is_no_price_to_compare_with(text):
    (draft,) = drafts(sheet(head(compare_at=text)))
    assert draft.variants[0].compare_at_price is None


@pytest.mark.parametrize(
    ("cells", "field", "message"),
    [
        ({"price": ""}, "Variant Price", "is missing"),
        ({"price": "free"}, "Variant Price", "must be an amount such as 19.99"),
        ({"price": "9,99"}, "Variant Price", "must be an amount such as 19.99"),
        ({"price": "$9.99"}, "Variant Price", "must be an amount such as 19.99"),
        ({"price": "1e3"}, "Variant Price", "must be an amount such as 19.99"),
        ({"price": "NaN"}, "Variant Price", "must be an amount such as 19.99"),
        ({"price": "1_0"}, "Variant Price", "must be an amount such as 19.99"),
        ({"price": "١٢"}, "Variant Price", "must be an amount such as 19.99"),
        ({"price": "-1"}, "Variant Price", "must not be negative"),
        ({"price": "9.999"}, "Variant Price", "must have at most 2 decimals, as USD has"),
        ({"price": "99999999999999"}, "Variant Price", "must be between"),
        ({"compare_at": "x"}, "Variant Compare At Price", "must be an amount"),
        ({"compare_at": "-1"}, "Variant Compare At Price", "must not be negative"),
        ({"qty": "-1"}, "Variant Inventory Qty", "must not be negative"),
        ({"qty": "1.5"}, "Variant Inventory Qty", "must be a whole number"),
        ({"qty": "many"}, "Variant Inventory Qty", "must be a whole number"),
        ({"qty": "1000000001"}, "Variant Inventory Qty", "must be a whole number"),
        ({"grams": "-5"}, "Variant Grams", "must not be negative"),
        ({"grams": "heavy"}, "Variant Grams", "must be a number of grams"),
        ({"grams": "999999999"}, "Variant Grams", "must be a number of grams"),
        ({"unit": "stone"}, "Variant Weight Unit", "must be g, kg, lb or oz"),
        ({"title": "x" * 201}, "Title", "must be at most 200 characters"),
        ({"title": "a\x07b"}, "Title", "must not contain control characters"),
        ({"body": "<" * 20_000}, "Body (HTML)", "must be at most 50000 characters"),
        ({"vendor": "x" * 121}, "Vendor", "must be at most 120 characters"),
        ({"type": "/".join("abcdefghijk")}, "Type", "must be at most 10 levels deep"),
        ({"tags": "x" * 61}, "Tags", "must be at most 60 characters"),
        ({"tags": ",".join(map(str, range(51)))}, "Tags", "must be at most 50 tags"),
        ({"published": "maybe"}, "Published", "must be true or false"),
        ({"status": "sleeping"}, "Status", "must be active, draft or archived"),
        ({"sku": "x" * 101}, "Variant SKU", "must be at most 100 characters"),
        ({"barcode": "x" * 51}, "Variant Barcode", "must be at most 50 characters"),
        ({"image": "x.jpg"}, "Image Src", "must be an address"),
        ({"image": "javascript:x"}, "Image Src", "must be an address"),
        ({"image": "https://x", "position": "0"}, "Image Position", "must be a whole number"),
        ({"image": "https://x", "alt": "x" * 501}, "Image Alt Text", "must be at most 500"),
        ({"variant_image": "ftp://x"}, "Variant Image", "must be an address"),
        ({"name1": "Size"}, "Option1 Value", "is missing: the product has the option Size"),
        ({"value1": "M"}, "Option1 Value", "has no name in Option1 Name"),
        ({"name1": "S", "value1": "M", "name2": "S", "value2": "M"}, "Option2 Name", "second time"),
        ({"name1": "x" * 101, "value1": "M"}, "Option1 Name", "must be at most 100 characters"),
        ({"name1": "S", "value1": "x" * 101}, "Option1 Value", "must be at most 100 characters"),
        ({"name4": "Fit", "value4": "Slim"}, "Option4 Name", "at most 3 options"),
        ({"handle": "x" * 201}, "Handle", "must be at most 200 characters"),
        ({"handle": ""}, "Handle", "is missing"),
        ({"title": ""}, "Title", "is missing: the first row of a product must have it"),
    ],
)
def test_a_bad_cell_is_named_and_the_other_products_go_in(cells, field, message):
    plan = planned(sheet(head("before"), head() | cells, head("after")))
    (wrong,) = plan.progress.errors
    assert (wrong.row, wrong.field) == (3, field)
    assert message in wrong.message
    assert [draft.handle for draft in plan.creates] == ["before", "after"]
    assert (plan.progress.rows, plan.progress.failed) == (3, 1)


def test_everything_wrong_with_a_row_is_told():
    wrong = problems(sheet(head(price="x", qty="-1", grams="?", image="y")))
    assert set(wrong) == {
        (2, "Variant Price"),
        (2, "Variant Inventory Qty"),
        (2, "Variant Grams"),
        (2, "Image Src"),
    }


def test_a_bad_variant_does_not_keep_the_others_out():
    plan = planned(sheet(sized(), more("M", price="?"), more("L")))
    assert [(wrong.row, wrong.field) for wrong in plan.progress.errors] == [(3, "Variant Price")]
    (draft,) = plan.creates
    assert [variant.options for variant in draft.variants] == [("S",), ("L",)]


def test_a_bad_first_variant_does_not_keep_the_others_out():
    plan = planned(sheet(sized(price="?"), more("M")))
    assert plan.progress.failed == 1
    assert [variant.options for variant in plan.creates[0].variants] == [("M",)]


def test_a_product_whose_head_is_wrong_takes_its_rows_along():
    content = sheet(sized(title="x" * 201), more("M"), more("L", price="?"), head("other"))
    assert problems(content) == [(2, "Title"), (3, "Handle"), (4, "Handle")]
    assert "its product is wrong in row 2" in errors(content)[1].message
    assert [draft.handle for draft in planned(content).creates] == ["other"]


def test_a_product_without_a_variant_left_takes_its_images_along():
    content = sheet(head(price="?"), {"handle": "tee", "image": "https://x/1.jpg"})
    assert problems(content) == [(2, "Variant Price"), (3, "Handle")]


def test_a_variant_before_its_product_is_refused_and_the_rest_goes_in():
    plan = planned(sheet(more("M"), sized(), more("L")))
    assert [(wrong.row, wrong.field) for wrong in plan.progress.errors] == [(2, "Title")]
    assert [variant.options for variant in plan.creates[0].variants] == [("S",), ("L",)]


def test_rows_of_a_product_stand_together():
    content = sheet(sized(), head("other"), more("M"), more("L"))
    assert problems(content) == [(4, "Handle"), (5, "Handle")]
    assert "began in row 2" in errors(content)[0].message


@pytest.mark.parametrize(
    ("second", "wrong"),
    [
        (more("S"), (3, "Option1 Value")),
        (more("M", sku="TEE-S"), (3, "Variant SKU")),
        (more(""), (3, "Option1 Value")),
        (more("M", name1="Colour"), (3, "Option1 Name")),
        (more("M", value2="Red"), (3, "Option2 Value")),
        ({"handle": "tee"}, (3, "Variant Price")),
        ({"handle": "tee", "alt": "An image that is not there"}, (3, "Variant Price")),
    ],
)
def test_a_second_variant_must_be_another_one(second, wrong):
    assert problems(sheet(sized(sku="TEE-S"), second)) == [wrong]


def test_a_sku_is_in_a_sheet_once():
    content = sheet(head("a", sku="X"), head("b", sku="X"), head("c", sku="x"))
    assert problems(content) == [(3, "Variant SKU")]
    assert "row 2" in errors(content)[0].message


def test_a_sku_of_another_product_of_the_shop_is_refused():
    wrong = errors(sheet(head("a", sku="X"), head("b", sku="Y")), X=new_id())
    assert [(each.row, each.field) for each in wrong] == [(2, "Variant SKU")]


def test_a_row_with_more_cells_than_the_header_is_refused():
    content = sheet(head()).rstrip() + b",too much\r\n"
    assert problems(content) == [(2, "Handle")]


def test_there_are_at_most_fifty_images_and_250_variants():
    images = [{"handle": "tee", "image": f"https://x/{n}"} for n in range(51)]
    assert problems(sheet(head(), *images)) == [(53, "Image Src")]
    variants = [more(str(n)) for n in range(250)]
    assert problems(sheet(sized(), *variants)) == [(252, "Variant SKU")]


def test_names_of_options_may_be_repeated():
    (draft,) = drafts(sheet(sized(), more("M", name1="Size")))
    assert len(draft.variants) == 2


def test_a_missing_sku_is_made_of_handle_and_options():
    assert derived_sku("tee", ()) == "tee"
    assert derived_sku("tee", ("Extra Large", "Red")) == "tee.extra-large.red"
    different = [
        derived_sku("a-b", ("c",)),
        derived_sku("a", ("b-c",)),
        derived_sku("a-b-c", ()),
        derived_sku("tee", ("红",)),
        derived_sku("tee", ("蓝",)),
        derived_sku("tee", ("Crème",)),
        derived_sku("tee", ("Creme",)),
        derived_sku("鞋", ()),
        derived_sku("x" * 200, ("a",)),
        derived_sku("x" * 200, ("b",)),
    ]
    assert len(set(different)) == len(different)
    assert all(0 < len(sku) <= 100 for sku in different)


def test_ids_are_the_same_each_time_and_ascend_with_the_rows():
    import_id = new_id()
    ids = [derived_id(import_id, row, "product") for row in (2, 3, 1000, 100_001)]
    assert ids == sorted(set(ids))
    assert ids[0] == derived_id(import_id, 2, "product") != derived_id(import_id, 2, "variant")
    assert ids[0][:13] == import_id[:13]
    assert ids[0] != derived_id(new_id(), 2, "product")
    for each in ids:
        assert each[14] == "7"
        assert each[19] in "89ab"
