"""The packing slip: what a parcel holds and where it goes, on one sheet of paper."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from babel import Locale
from fpdf import FPDF
from fpdf.enums import XPos, YPos

from souk.contracts.common import Address
from souk.contracts.orders import Order
from souk.contracts.shops import Shop
from souk.web import amounts
from souk.web.languages import Tongue

FONTS = Path(__file__).parents[1] / "fonts"
FONT = "DejaVu Sans"
MARGIN_MM, LINE_MM = 18, 5.5
QUANTITY_MM, SKU_MM = 24, 48
INK, SOFT, RULE = 30, 110, 205  # greys, 0 to 255


class Slip(FPDF):
    """An A4 sheet in a font that knows Latin, Vietnamese, Greek and Cyrillic letters."""

    def __init__(self, number: str) -> None:
        super().__init__(format="A4")
        self._number = number
        for style, file in (("", "DejaVuSans.ttf"), ("B", "DejaVuSans-Bold.ttf")):
            self.add_font(FONT, style, FONTS / file)
        self.set_margin(MARGIN_MM)
        self.set_auto_page_break(auto=True, margin=MARGIN_MM + LINE_MM)
        self.set_title(number)
        self.add_page()

    def footer(self) -> None:
        self.set_y(-MARGIN_MM)
        self.say(f"{self._number}  ·  {self.page_no()}/{{nb}}", size=8, grey=SOFT)

    def say(self, text: str, *, size: int = 10, bold: bool = False, grey: int = INK) -> None:
        """A paragraph over the width that is left."""
        self.set_font(FONT, "B" if bold else "", size)
        self.set_text_color(grey)
        self.multi_cell(0, size * 0.55, text, new_x=XPos.LMARGIN, new_y=YPos.NEXT, align="L")

    def rule(self) -> None:
        self.set_draw_color(RULE)
        self.line(self.l_margin, self.get_y(), self.w - self.r_margin, self.get_y())
        self.ln(LINE_MM / 2)


def packing_slip(shop: Shop, order: Order, tongue: Tongue) -> bytes:
    """A PDF in the language of whoever packs."""
    text = tongue.texts.gettext
    sheet = Slip(order.order_number)
    sheet.say(shop.name, size=18, bold=True)
    if shop.address:
        sheet.say(", ".join(lines_of(shop.address, tongue.locale)[1:]), size=8, grey=SOFT)
    sheet.ln(LINE_MM)
    sheet.say(text("Packing slip"), size=13, bold=True)
    placed = amounts.day(order.placed_at, tongue.locale) if order.placed_at else ""
    sheet.say(f"{text('Order')} {order.order_number}  ·  {placed}", grey=SOFT)
    sheet.ln(LINE_MM)
    if order.shipping_address:
        sheet.say(text("Where to"), size=8, grey=SOFT)
        sheet.say("\n".join(lines_of(order.shipping_address, tongue.locale)), size=12)
        sheet.ln(LINE_MM)
    write_lines(sheet, order, tongue)
    if order.tracking_number:
        sheet.ln(LINE_MM)
        sheet.say(f"{text('Tracking number')}: {order.tracking_number}", size=9)
    sheet.ln(LINE_MM)
    sheet.say(text("Thank you for buying from a small shop."), size=9, grey=SOFT)
    return bytes(sheet.output())


def write_lines(sheet: Slip, order: Order, tongue: Tongue) -> None:
    text = tongue.texts.gettext
    sheet.rule()
    name_mm = sheet.epw - QUANTITY_MM - SKU_MM
    sheet.set_font(FONT, "B", 9)
    with sheet.table(
        borders_layout="HORIZONTAL_LINES",
        col_widths=(name_mm, SKU_MM, QUANTITY_MM),
        text_align=("LEFT", "LEFT", "RIGHT"),
        line_height=LINE_MM,
        padding=1.5,
    ) as table:
        table.row((text("What"), text("SKU"), text("Quantity")))
        sheet.set_font(FONT, "", 10)
        for item in order.items:
            name = f"{item.name}\n{item.variant_name}" if item.variant_name else item.name
            table.row((name, item.sku, str(item.quantity)))


def lines_of(address: Address, locale: Locale) -> list[str]:
    """As it is written on a parcel."""
    town = f"{address.city}{', ' + address.state if address.state else ''} {address.postal_code}"
    lines = [address.name, address.street_1, address.street_2, town, country(address, locale)]
    return [line.strip() for line in lines if line.strip()]


@cache
def territories(locale: Locale) -> dict[str, str]:
    return dict(locale.territories)


def country(address: Address, locale: Locale) -> str:
    return territories(locale).get(address.country, address.country)
