"""Pages for shoppers."""

from __future__ import annotations

from souk.web.route import ANYONE_SIGNED_IN, Page
from souk.web.shopper import (
    account,
    browse,
    carts,
    checkout,
    doors,
    feeds,
    home,
    orders,
    products,
    recovery,
    security,
    shops,
)

PAGES = (
    Page(path="/", show=home.show),
    Page(path="/search", show=browse.search),
    Page(path="/c/{path:path}", show=browse.category),
    Page(path="/p/{slug}", show=products.show),
    Page(path="/shops", show=shops.every),
    Page(path="/s/{slug}", show=shops.one),
    Page(path="/cart", show=carts.show),
    Page(path="/cart/items", take=carts.add),
    Page(path="/cart/items/{item}", take=carts.change),
    Page(path="/cart/coupon", take=carts.coupon),
    Page(path="/checkout", show=checkout.show, take=checkout.take),
    Page(path="/checkout/{id}", show=orders.checked_out),
    Page(path="/pay/sandbox/{id}", take=orders.answer_challenge, is_open=True),
    Page(path="/orders", show=orders.every, roles=ANYONE_SIGNED_IN),
    Page(path="/orders/{id}", show=orders.one),
    Page(path="/orders/{id}/cancel", take=orders.cancel),
    Page(path="/orders/{id}/live", show=orders.live),
    Page(path="/account", show=account.profile, take=account.save_profile, roles=ANYONE_SIGNED_IN),
    Page(path="/account/addresses", show=account.addresses, roles=ANYONE_SIGNED_IN),
    Page(
        path="/account/addresses/new",
        show=account.address,
        take=account.save_address,
        roles=ANYONE_SIGNED_IN,
    ),
    Page(
        path="/account/addresses/{id}",
        show=account.address,
        take=account.save_address,
        roles=ANYONE_SIGNED_IN,
    ),
    Page(
        path="/account/addresses/{id}/change", take=account.change_address, roles=ANYONE_SIGNED_IN
    ),
    Page(
        path="/account/password",
        show=account.password,
        take=account.change_password,
        roles=ANYONE_SIGNED_IN,
    ),
    Page(path="/account/security", show=security.show, roles=ANYONE_SIGNED_IN),
    Page(path="/account/sessions", take=security.end_sessions, roles=ANYONE_SIGNED_IN),
    Page(path="/account/second-factor", take=security.second_factor, roles=ANYONE_SIGNED_IN),
    Page(path="/sitemap.xml", show=feeds.site_map),
    Page(path="/feed.xml", show=feeds.rss),
    Page(path="/sign-in", show=doors.sign_in_page, take=doors.sign_in),
    Page(path="/account/passkeys", take=security.passkeys, roles=ANYONE_SIGNED_IN),
    Page(path="/sign-in/passkey", take=doors.passkey),
    Page(path="/sign-in/second", take=doors.second_factor),
    Page(path="/prove", take=doors.prove, roles=ANYONE_SIGNED_IN),
    Page(path="/forgot-password", show=recovery.forgot_page, take=recovery.forgot),
    Page(path="/reset-password", show=recovery.reset_page, take=recovery.reset),
    Page(path="/verify-email", show=recovery.verify_page, take=recovery.verify),
    Page(path="/register", show=doors.register_page, take=doors.register),
    Page(path="/sign-out", take=doors.sign_out),
)
