"""What pages of the seller centre ask of a shop's people: a role opens those it suffices for."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from souk.contracts import catalog, inventory, orders, shops
from souk.kernel.contract import Method
from souk.web.visit import Visit

Needs = tuple[Method, ...]
HOME = "/seller/{shop}"
OVERVIEW: Needs = (
    orders.GET_SHOP_SALES,
    orders.LIST_SHOP_ORDERS,
    inventory.LIST_LOW_STOCK,
    catalog.LIST_SHOP_VARIANTS,
)
STOCK: Needs = (
    inventory.LIST_SHOP_STOCK,
    catalog.LIST_SHOP_VARIANTS,
    catalog.LIST_SHOP_PRODUCTS,
)
ONE_STOCK: Needs = (inventory.GET_INVENTORY, inventory.LIST_MOVEMENTS, catalog.GET_PRODUCT)
PRODUCT: Needs = (catalog.GET_PRODUCT,)
# By a page's address below the shop's; what it takes where that is more than what it shows.
SHOWN: Mapping[str, Needs] = {
    "": (),  # whoever may not see it is led on to what they may
    "/orders": (orders.LIST_SHOP_ORDERS,),
    "/orders/{id}": (orders.GET_ORDER,),
    "/orders/{id}/slip.pdf": (orders.GET_ORDER,),
    "/products": (catalog.LIST_SHOP_PRODUCTS,),
    "/products/new": (catalog.CREATE_PRODUCT,),
    "/products/{id}": PRODUCT,
    "/stock": STOCK,
    "/stock/{id}": ONE_STOCK,
    "/import": (catalog.IMPORT_PRODUCTS,),
    "/import/{id}": (catalog.GET_IMPORT,),
    "/export.csv": (catalog.EXPORT_PRODUCTS,),
    "/settings": (shops.UPDATE_SHOP,),
    "/people": (),
}
TAKEN: Mapping[str, Needs] = {
    "/orders/{id}/fulfil": (orders.GET_ORDER, orders.FULFILL_ORDER),
    "/products/{id}": (*PRODUCT, catalog.UPDATE_PRODUCT),
    "/products/{id}/variants": (*PRODUCT, catalog.SAVE_VARIANTS),
    "/products/{id}/change": (*PRODUCT, catalog.UPDATE_PRODUCT, catalog.DELETE_PRODUCT),
    "/products/{id}/pictures": (*PRODUCT, catalog.ADD_PRODUCT_MEDIA),
    "/products/{id}/pictures/change": (
        *PRODUCT,
        catalog.REMOVE_PRODUCT_MEDIA,
        catalog.UPDATE_PRODUCT,
    ),
    "/stock/{id}": (*ONE_STOCK, inventory.ADJUST_STOCK),
    "/import/{id}": (catalog.GET_IMPORT, catalog.IMPORT_PRODUCTS),
}
OWNERS = frozenset({"/people/invite", "/people/roles/new", "/people/roles/{role}", "/close"})


class Part(Struct, frozen=True):
    """What stands in the centre's menu, and all that its pages need."""

    place: str
    name: str
    picture: str
    about: str

    @property
    def opens(self) -> frozenset[str]:
        """The permissions without which it cannot be seen."""
        return named(SHOWN[self.place] or OVERVIEW) if self.place != "/people" else frozenset()

    @property
    def permissions(self) -> frozenset[str]:
        """Those with which everything in it can be done."""
        if not self.place:
            return named(OVERVIEW)
        found: Needs = ()
        for table in (SHOWN, TAKEN):
            for place, needs in table.items():
                if place == self.place or place.startswith(self.place + "/"):
                    found += needs
        return named(found)


def parts(visit: Visit) -> list[Part]:
    text = visit.text
    return [
        Part("", text("Overview"), "chart", text("What was sold, what waits, what runs low")),
        Part("/orders", text("Orders"), "box", text("See them, and send them on their way")),
        Part("/products", text("Products"), "tag", text("Texts, pictures, variants and prices")),
        Part("/stock", text("Stock"), "list", text("What there is, and putting it right")),
        Part("/import", text("Import"), "upload", text("Bring in sheets of products")),
        Part("/settings", text("Settings"), "shop", text("What the shop says of itself")),
        Part("/people", text("People"), "user", ""),
    ]


def named(needs: Needs) -> frozenset[str]:
    return frozenset(method.permission for method in needs)


def needed(visit: Visit) -> tuple[frozenset[str], bool]:
    """The permissions without which this page is not for somebody; whether it is the owner's."""
    place = visit.exchange.route.removeprefix(HOME)
    is_sent = visit.request.method == "POST"
    needs = TAKEN.get(place) if is_sent else None
    return named(needs or SHOWN.get(place, ())), place in OWNERS
