"""What sellers type into tables: money in their shop's currency, and whole numbers."""

from __future__ import annotations

from decimal import Decimal

from souk.kernel.money import Money, money_from
from souk.web.forms import Form
from souk.web.visit import Visit

DIGITS_MAX = 10


def money_typed(visit: Visit, form: Form, field: str, currency: str) -> Money | None:
    """The field's money; None where it is empty or, with a complaint at the field, wrong."""
    text = plain_number(form[field])
    if not text:
        return None
    try:
        money = money_from(text, currency)
    except ValueError:
        form.blame(
            field,
            visit.text("is no amount of %(currency)s, such as %(example)s")
            % {"currency": currency, "example": written(Money(1999, currency))},
        )
        return None
    if money.amount < 0:
        form.blame(field, visit.text("cannot be less than nothing"))
        return None
    return money


def whole_typed(visit: Visit, form: Form, field: str, *, signed: bool = False) -> int | None:
    """The field's number; None where it is empty or, with a complaint at the field, wrong."""
    text = plain_number(form[field])
    if not text:
        return None
    sign, digits = (text[0], text[1:]) if signed and text[0] in "+-" else ("", text)
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= DIGITS_MAX):
        form.blame(field, visit.text("is no whole number"))
        return None
    return -int(digits) if sign == "-" else int(digits)


def plain_number(text: str) -> str:
    """As computers write it: "1 299,50" is 1299.50, and so is "1,299.50"."""
    text = "".join(text.split()).replace("\u2212", "-")
    if "," in text and "." in text:
        dropped = "," if text.rindex(".") > text.rindex(",") else "."
        text = text.replace(dropped, "")
    return text.replace(",", ".") if text.count(",") == 1 else text


def written(money: Money | None) -> str:
    """As it stands in a field."""
    if money is None:
        return ""
    value: Decimal = money.to_decimal()
    return f"{value:f}"
