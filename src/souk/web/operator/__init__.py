"""The operators' console: pages for support, admins and staff."""

from __future__ import annotations

from souk.web.operator import console, money, services, shops, users
from souk.web.operator.console import HOME, OPERATORS
from souk.web.route import Handle, Page


def page(path: str, *, show: Handle | None = None, take: Handle | None = None) -> Page:
    """What each person may see or do in it, the services say."""
    return Page(path=HOME + path, show=show, take=take, roles=OPERATORS)


PAGES = (
    page("", show=console.door),
    page("/shops", show=shops.every),
    page("/shops/{id}", take=shops.decide),
    page("/users", show=users.every),
    page("/users/{id}", show=users.one, take=users.change),
    page("/orders", show=money.orders),
    page("/orders/{id}", show=money.order),
    page("/payments", show=money.payments),
    page("/payments/{id}", show=money.payment),
    page("/ledger", show=money.ledger),
    page("/parked", show=services.parked, take=services.replay),
    page("/health", show=services.health),
)
