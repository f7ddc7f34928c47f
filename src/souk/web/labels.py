"""What fields are called where people read about them."""

from __future__ import annotations

from collections.abc import Callable

from souk.web.visit import here


def label_of(field: str) -> str:
    """A field's name in words; of one that nobody has named, its own."""
    field = field.partition("--")[0]  # of a row in a table: price--0190…
    known = _of_people(here().text) | _of_goods(here().text)
    return known.get(field) or field.replace("_", " ").capitalize()


def _of_people(_: Callable[[str], str]) -> dict[str, str]:
    return {
        "address_id": _("Address"),
        "city": _("City"),
        "code": _("Code"),
        "country": _("Country"),
        "currency": _("Currency"),
        "current_password": _("Current password"),
        "days": _("Good for"),
        "email": _("E-mail"),
        "first_name": _("First name"),
        "last_name": _("Last name"),
        "name": _("Name"),
        "new_email": _("New e-mail address"),
        "new_password": _("New password"),
        "password": _("Password"),
        "payment": _("Payment"),
        "phone": _("Phone"),
        "phone_number": _("Phone"),
        "postal_code": _("Postal code"),
        "scopes": _("What it may do"),
        "state": _("State"),
        "street_1": _("Street"),
        "street_2": _("Apartment, floor"),
        "sure": _("Cannot be undone"),
    }


def _of_goods(_: Callable[[str], str]) -> dict[str, str]:
    return {
        "barcode": _("Barcode"),
        "brand": _("Brand"),
        "carrier": _("Carrier"),
        "category": _("Category"),
        "change": _("Change"),
        "compare_at_price": _("Price before"),
        "description": _("Description"),
        "file": _("File"),
        "more": _("More values"),
        "note": _("Reason"),
        "on_hand": _("On hand"),
        "option": _("One more option"),
        "price": _("Price"),
        "quantity": _("Quantity"),
        "reason": _("Reason"),
        "send": _("To send"),
        "permissions": _("What they may do"),
        "shipping_method": _("Shipping"),
        "shop_name": _("Name of the shop"),
        "shop_role_id": _("Role"),
        "sku": _("SKU"),
        "stock": _("In stock"),
        "tags": _("Tags"),
        "tracking_number": _("Tracking number"),
        "values": _("Values, with commas between"),
        "weight_grams": _("Weight in grams"),
    }
