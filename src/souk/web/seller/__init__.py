"""The seller centre: pages for the people of a shop."""

from __future__ import annotations

from souk.web.route import ANYONE_SIGNED_IN, Handle, Page
from souk.web.seller import (
    closing,
    imports,
    joining,
    orders,
    overview,
    people,
    pictures,
    product,
    products,
    roles,
    settings,
    stock,
)


def page(path: str, *, show: Handle | None = None, take: Handle | None = None) -> Page:
    """For everyone signed in: whether the shop is theirs, the desk finds out."""
    return Page(path=f"/seller{path}", show=show, take=take, roles=ANYONE_SIGNED_IN)


PAGES = (
    page("", show=settings.door),
    page("-open", show=settings.new, take=settings.open_shop),
    page("/{shop}", show=overview.show),
    page("/{shop}/orders", show=orders.every),
    page("/{shop}/orders/{id}", show=orders.one),
    page("/{shop}/orders/{id}/fulfil", take=orders.fulfil),
    page("/{shop}/orders/{id}/slip.pdf", show=orders.slip),
    page("/{shop}/products", show=products.every),
    page("/{shop}/products/new", show=products.blank, take=products.create),
    page("/{shop}/products/{id}", show=product.show, take=product.save_details),
    page("/{shop}/products/{id}/variants", take=product.save_variants),
    page("/{shop}/products/{id}/change", take=product.change),
    page("/{shop}/products/{id}/pictures", take=pictures.add),
    page("/{shop}/products/{id}/pictures/change", take=pictures.change),
    page("/{shop}/stock", show=stock.every),
    page("/{shop}/stock/{id}", show=stock.one, take=stock.adjust),
    page("/{shop}/import", show=imports.blank, take=imports.look_through),
    page("/{shop}/import/{id}", show=imports.show, take=imports.bring_in),
    page("/{shop}/export.csv", show=imports.export),
    page("/{shop}/settings", show=settings.show, take=settings.save),
    page("/{shop}/people", show=people.show, take=people.change),
    page("/{shop}/people/invite", take=people.invite),
    page("/{shop}/people/roles/new", show=roles.blank, take=roles.create),
    page("/{shop}/people/roles/{role}", show=roles.show, take=roles.save),
    page("/{shop}/close", show=closing.show, take=closing.close),
    Page(path="/join", show=joining.show, take=joining.join),
)
