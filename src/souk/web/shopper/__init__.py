"""Pages for shoppers."""

from __future__ import annotations

from souk.web.route import Page
from souk.web.shopper import doors, home

PAGES = (
    Page(path="/", show=home.show),
    Page(path="/sign-in", show=doors.sign_in_page, take=doors.sign_in),
    Page(path="/register", show=doors.register_page, take=doors.register),
    Page(path="/sign-out", take=doors.sign_out),
)
