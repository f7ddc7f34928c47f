"""Packing slips, read back from the PDF."""

from datetime import UTC, datetime
from io import BytesIO

from pypdf import PdfReader

from souk.contracts.common import Address
from souk.contracts.orders import Order, OrderItem
from souk.contracts.shops import Shop
from souk.web.languages import tongue_for
from souk.web.seller.slip import BOX, packing_slip
from tests.web.test_buying import bought

NUMBER = "SK-20261121-7K3F9Q"
HOME = {"street_1": "1 Row", "city": "Albany", "state": "NY", "postal_code": "12207"}
SHOP = Shop(
    name="Lantern & Loft",
    address=Address(name="", street_1="12 Quay", city="Riga", postal_code="LV-1050", country="LV"),
)


def line(name, **fields):
    return OrderItem(**{"sku": "SKU-1", "quantity": 1} | fields, name=name)


def order_of(*items, name="Ada Lovelace", **fields):
    return Order(
        order_number=NUMBER,
        placed_at=datetime(2026, 11, 21, tzinfo=UTC),
        shipping_address=Address(name=name, country="US", **HOME),
        items=items,
        **fields,
    )


def pages_of(order, language="en"):
    return read(packing_slip(SHOP, order, tongue_for(language, "")))


def read(pdf):
    return [page.extract_text() for page in PdfReader(BytesIO(pdf)).pages]


def test_it_says_whose_parcel_it_is_what_it_holds_and_where_it_goes():
    (page,) = pages_of(
        order_of(
            line("Desk Lamp", variant_name="Sea green", sku="LL-DESK-SEA", quantity=12),
            line("Honey", sku="HONEY", quantity=3, quantity_shipped=1),
            tracking_number="DE-2049",
            shipping_method="standard",
        )
    )

    for text in ("Lantern & Loft", "12 Quay, Riga LV-1050, Latvia", NUMBER, "November 21, 2026"):
        assert text in page
    assert "Ada Lovelace\n1 Row\nAlbany, NY 12207\nUnited States\n" in page
    assert f"{BOX} Desk Lamp\nSea green\nLL-DESK-SEA 12\n" in page
    assert f"{BOX} Honey\nSent before: 1\nHONEY 3\n" in page
    assert "15 pieces" in page
    assert "DE-2049" in page


def test_a_long_order_goes_over_pages_and_nothing_of_it_is_lost():
    long = "A name that goes on for longer than any line of a table may ever hold " * 3
    items = [line(f"{number}. {long}", sku=f"{number}-" + "X" * 97) for number in range(40)]

    pages = pages_of(order_of(*items))

    text = " ".join("".join(pages).split())
    assert len(pages) > 3
    for number, page in enumerate(pages, start=1):
        assert f"{NUMBER}  ·  {number} / {len(pages)}" in page
        assert page.count("Quantity") == 1
    for number, item in enumerate(items):
        assert f"{number}. {long.strip()}" in text
        assert item.sku in text.replace(" ", "")


def test_letters_of_other_alphabets_are_printed_and_what_cannot_be_is_told():
    names = ("Лампа «Шхуна» ґєії", "đèn lồng giấy ữ", "Ώρα Αθήνας", "Հայաստան", "საქართველო")

    (page,) = pages_of(order_of(*map(line, names)), language="uk")

    for text in (*names, "Кількість", "21 листопада 2026"):
        assert text in page
    assert "has not got" not in page
    (page,) = pages_of(order_of(line("سلمى"), line("שדרות"), name="田中 🦀"))
    assert "سلمى" in page
    assert "שדרות" in page
    assert f"{BOX}{BOX} {BOX}\n1 Row" in page
    assert "letters that this sheet has not got" in page


def test_markup_is_text():
    (page,) = pages_of(order_of(line("**bold** <b>markup</b>", sku="--x--")))

    assert "**bold** <b>markup</b>" in page
    assert "--x--" in page


async def test_a_seller_gets_it_as_a_pdf_that_nobody_keeps(market, guest):
    order = await bought(guest, await market.product("Лампа «Шхуна»"))
    seller = await market.at_desk(**{"accept-language": "uk"})

    await seller.see(f"{market.desk}{order}/slip.pdf")

    assert seller.page.headers["content-type"] == "application/pdf"
    assert seller.page.headers["cache-control"] == "no-store"
    (page,) = read(seller.page.content)
    assert "Лампа «Шхуна»" in page
    assert "Lantern & Loft" in page
