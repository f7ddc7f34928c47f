"""What fields are called where people read about them."""

from __future__ import annotations

from souk.web.visit import here


def label_of(field: str) -> str:
    """A field's name in words; of one that nobody has named, its own."""
    _ = here().text
    known = {
        "address_id": _("Address"),
        "city": _("City"),
        "code": _("Code"),
        "country": _("Country"),
        "current_password": _("Current password"),
        "email": _("E-mail"),
        "first_name": _("First name"),
        "last_name": _("Last name"),
        "name": _("Name"),
        "new_password": _("New password"),
        "password": _("Password"),
        "payment": _("Payment"),
        "phone": _("Phone"),
        "phone_number": _("Phone"),
        "postal_code": _("Postal code"),
        "quantity": _("Quantity"),
        "reason": _("Reason"),
        "shipping_method": _("Shipping"),
        "state": _("State"),
        "street_1": _("Street"),
        "street_2": _("Apartment, floor"),
    }
    return known.get(field) or field.replace("_", " ").capitalize()
