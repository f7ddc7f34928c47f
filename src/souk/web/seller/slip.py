"""The packing slip: what a parcel holds and where it goes, on one sheet of paper."""

from __future__ import annotations

import unicodedata
from functools import cache
from pathlib import Path

from babel import Locale
from fpdf import FPDF
from fpdf.enums import XPos, YPos
from fpdf.fonts import FontFace, TTFFont
from msgspec import structs

from souk.contracts.common import Address
from souk.contracts.orders import Order
from souk.contracts.shops import Shop
from souk.web import amounts
from souk.web.languages import Tongue
from souk.web.phrases import phrase

FONTS = Path(__file__).parents[1] / "fonts"
FONT = "DejaVu Sans"
STYLES = {"": "DejaVuSans.ttf", "B": "DejaVuSans-Bold.ttf"}
MARGIN_MM, LINE_MM, GAP_MM = 18, 5.5, 8
QUANTITY_MM, SKU_MM, TICK_MM, FACTS_MM = 22, 50, 9, 62
BARCODE_MM = (70, 11)
CODE39_LETTER = 16 / 3  # so many wide bars is a letter of it, with the gap after it
INK, SOFT, RULE = 30, 110, 205  # greys, 0 to 255
BOX = "\u25a1"


class Slip(FPDF):
    """An A4 sheet in a font that knows Latin, Vietnamese, Greek, Cyrillic, Armenian, Georgian,
    Hebrew and Arabic letters."""

    def __init__(self, number: str, foot: str) -> None:
        super().__init__(format="A4")
        self._number, self._foot = number, foot
        self.lacks_letters = False
        for style, file in STYLES.items():
            self.add_font(FONT, style, FONTS / file)
        self._letters = set.intersection(
            *(set(font.cmap) for font in self.fonts.values() if isinstance(font, TTFFont))
        )
        self.set_text_shaping(True)
        self.set_margin(MARGIN_MM)
        self.c_margin = 0
        self.set_auto_page_break(auto=True, margin=MARGIN_MM + LINE_MM)
        self.set_title(number)
        self.add_page()

    def footer(self) -> None:
        self.set_y(-MARGIN_MM)
        self.rule()
        self.set_font(FONT, "", 8)
        self.set_text_color(SOFT)
        self.cell(self.epw / 2, 4, f"{self._number}  ·  {self.page_no()} / {{nb}}", align="L")
        self.cell(self.epw / 2, 4, self._foot, align="R")

    def plain(self, text: str) -> str:
        """With a box for every letter that cannot be printed: never a gap that nobody sees."""
        text = unicodedata.normalize("NFC", text)
        shown = "".join(
            each if ord(each) in self._letters or each == "\n" else BOX for each in text
        )
        self.lacks_letters |= shown != text
        return shown

    def say(
        self, text: str, *, size: int = 10, bold: bool = False, grey: int = INK, wide: float = 0
    ) -> None:
        """A paragraph over the width that is left, or over so much of it."""
        self.set_font(FONT, "B" if bold else "", size)
        self.set_text_color(grey)
        self.multi_cell(
            wide, size * 0.5, self.plain(text), new_x=XPos.LEFT, new_y=YPos.NEXT, align="L"
        )

    def rule(self) -> None:
        self.set_draw_color(RULE)
        self.line(self.l_margin, self.get_y(), self.w - self.r_margin, self.get_y())
        self.ln(LINE_MM / 2)


def packing_slip(shop: Shop, order: Order, tongue: Tongue) -> bytes:
    """A PDF in the language of whoever packs."""
    text = tongue.texts.gettext
    sheet = Slip(order.order_number, text("Thank you for buying from a small shop."))
    write_head(sheet, shop, order, tongue)
    write_destination(sheet, order, tongue)
    write_lines(sheet, order, tongue)
    sheet.ln(LINE_MM / 2)
    pieces = sum(item.quantity for item in order.items)
    count = tongue.texts.ngettext("%(num)s piece", "%(num)s pieces", pieces)
    sheet.set_font(FONT, "B", 10)
    sheet.cell(0, LINE_MM, count % {"num": pieces}, align="R", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    if sheet.lacks_letters:
        sheet.ln(LINE_MM)
        missing = text("Boxes are letters that this sheet has not got; the order's page has them.")
        sheet.say(f"{BOX}  {missing}", size=8, grey=SOFT)
    return bytes(sheet.output())


def write_head(sheet: Slip, shop: Shop, order: Order, tongue: Tongue) -> None:
    """Whose parcel it is, and on the right its number, for people and for scanners."""
    top, wide = sheet.get_y(), sheet.epw - BARCODE_MM[0] - GAP_MM
    sheet.say(shop.name, size=18, bold=True, wide=wide)
    if shop.address:
        sheet.ln(1)
        where = lines_of(structs.replace(shop.address, name=""), tongue.locale)
        sheet.say(", ".join(where), size=8, grey=SOFT, wide=wide)
    left_end, right = sheet.get_y(), sheet.w - sheet.r_margin - BARCODE_MM[0]
    bars = BARCODE_MM[0] / ((len(order.order_number) + 2) * CODE39_LETTER)
    sheet.code39(f"*{order.order_number}*", x=right, y=top, w=bars, h=BARCODE_MM[1])
    sheet.set_xy(right, top + BARCODE_MM[1] + 2)
    sheet.say(tongue.texts.gettext("Packing slip"), size=13, bold=True, wide=BARCODE_MM[0])
    sheet.set_x(right)
    sheet.say(order.order_number, size=10, grey=SOFT, wide=BARCODE_MM[0])
    sheet.set_xy(sheet.l_margin, max(left_end, sheet.get_y()) + LINE_MM)
    sheet.rule()


def write_destination(sheet: Slip, order: Order, tongue: Tongue) -> None:
    """Where to, and beside it what is known of the way."""
    text, top = tongue.texts.gettext, sheet.get_y()
    if order.shipping_address:
        wide = sheet.epw - FACTS_MM - GAP_MM
        sheet.say(text("Where to"), size=8, grey=SOFT, wide=wide)
        sheet.ln(1)
        name, *lines = lines_of(order.shipping_address, tongue.locale)
        sheet.say(name, size=13, bold=True, wide=wide)
        sheet.say("\n".join(lines), size=12, wide=wide)
    left_end = sheet.get_y()
    sheet.set_y(top)
    placed = amounts.day(order.placed_at, tongue.locale) if order.placed_at else ""
    for label, value in (
        (text("Order"), placed),
        (text("Shipping"), phrase(order.shipping_method, tongue)),
        (text("Tracking number"), order.tracking_number),
    ):
        if value:
            for words, size, grey in ((label, 8, SOFT), (value, 10, INK)):
                sheet.set_x(sheet.w - sheet.r_margin - FACTS_MM)
                sheet.say(words, size=size, grey=grey, wide=FACTS_MM)
            sheet.ln(1.5)
    sheet.set_xy(sheet.l_margin, max(left_end, sheet.get_y()) + LINE_MM)


def write_lines(sheet: Slip, order: Order, tongue: Tongue) -> None:
    """Every line with a box to tick; the heading comes again on every page."""
    text = tongue.texts.gettext
    name_mm = sheet.epw - QUANTITY_MM - SKU_MM - TICK_MM
    sheet.set_text_color(INK)
    sheet.set_draw_color(RULE)
    sheet.set_font(FONT, "", 10)
    with sheet.table(
        borders_layout="HORIZONTAL_LINES",
        col_widths=(TICK_MM, name_mm, SKU_MM, QUANTITY_MM),
        text_align=("CENTER", "LEFT", "LEFT", "RIGHT"),
        v_align="TOP",
        line_height=LINE_MM,
        padding=(2, 1.5, 2, 1.5),
        headings_style=FontFace(emphasis="BOLD", size_pt=8, color=SOFT),
    ) as table:
        table.row(("", text("What"), text("SKU"), text("Quantity")))
        for item in order.items:
            name = sheet.plain("\n".join(filter(None, (item.name, item.variant_name))))
            if 0 < item.quantity_shipped < item.quantity:
                name += "\n" + text("Sent before: %(count)s") % {"count": item.quantity_shipped}
            row = table.row()
            row.cell(BOX, style=FontFace(size_pt=14))
            row.cell(name)
            row.cell(sheet.plain(item.sku), style=FontFace(size_pt=9))
            row.cell(str(item.quantity), style=FontFace(emphasis="BOLD", size_pt=12))


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
