"""What fields are called where people read about them."""

from __future__ import annotations

from souk.web.visit import here


def label_of(field: str) -> str:
    """A field's name in words; of one that nobody has named, its own."""
    _ = here().text
    known = {
        "address_id": _("Address"),
        "barcode": _("Barcode"),
        "brand": _("Brand"),
        "carrier": _("Carrier"),
        "category": _("Category"),
        "change": _("Change"),
        "city": _("City"),
        "code": _("Code"),
        "compare_at_price": _("Price before"),
        "country": _("Country"),
        "currency": _("Currency"),
        "current_password": _("Current password"),
        "description": _("Description"),
        "email": _("E-mail"),
        "file": _("File"),
        "days": _("Good for"),
        "first_name": _("First name"),
        "last_name": _("Last name"),
        "more": _("More values"),
        "name": _("Name"),
        "new_email": _("New e-mail address"),
        "new_password": _("New password"),
        "note": _("Reason"),
        "on_hand": _("On hand"),
        "option": _("One more option"),
        "password": _("Password"),
        "payment": _("Payment"),
        "phone": _("Phone"),
        "phone_number": _("Phone"),
        "postal_code": _("Postal code"),
        "price": _("Price"),
        "quantity": _("Quantity"),
        "reason": _("Reason"),
        "send": _("To send"),
        "scopes": _("What it may do"),
        "shipping_method": _("Shipping"),
        "sku": _("SKU"),
        "state": _("State"),
        "stock": _("In stock"),
        "street_1": _("Street"),
        "street_2": _("Apartment, floor"),
        "sure": _("Cannot be undone"),
        "tags": _("Tags"),
        "tracking_number": _("Tracking number"),
        "values": _("Values, with commas between"),
        "weight_grams": _("Weight in grams"),
    }
    field = field.partition("--")[0]  # of a row in a table: price--0190…
    return known.get(field) or field.replace("_", " ").capitalize()
