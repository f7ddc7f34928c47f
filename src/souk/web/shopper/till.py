"""What a checkout page needs to know: the cart, where to, by which way, and what that costs."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from souk.contracts.carts import Cart, GetCartRequest
from souk.contracts.common import Address
from souk.contracts.orders import OrderPreview, PreviewOrderRequest
from souk.contracts.payments import ListProvidersRequest, Provider
from souk.contracts.shipping import ShippingMethod
from souk.contracts.users import GetAddressesRequest, UserAddress
from souk.kernel.ids import new_id
from souk.kernel.money import money_from
from souk.kernel.refusals import Kind, Refusal
from souk.web.addresses import Rules, countries, likely_country, rules_for
from souk.web.amounts import day_range, money
from souk.web.forms import Form
from souk.web.shopper.products import shipping_methods
from souk.web.visit import Visit

ADDRESS = ("name", "street_1", "street_2", "city", "state", "postal_code", "country", "phone")
NEW = "new"
USUAL_METHOD = "standard"
PROVIDERS_SECONDS = 30.0
# What the sandbox is asked for by those who try out what goes wrong.
BEYOND = ("decline", "insufficient_funds", "slow", "timeout_then_charged", "timeout_not_charged")
SOMETHING = "-"  # stands for what has no part in a price
TYPED_LENGTH_MAX = {"state": 120, "postal_code": 20}


class Way(Struct, frozen=True):
    """A way to send it: what it costs, or why it does not go."""

    method: ShippingMethod
    days: str
    preview: OrderPreview | None
    refusal: Refusal | None = None


class Till(Struct, kw_only=True):
    form: Form
    cart: Cart
    addresses: Sequence[UserAddress]
    is_new_address: bool
    country: str
    rules: Rules
    countries: Sequence[tuple[str, str]]
    ways: Sequence[Way]
    providers: Sequence[Provider]
    cart_token: str
    is_guest: bool

    @property
    def way(self) -> Way | None:
        """The chosen one that can be had."""
        chosen = self.form["shipping_method"]
        open_ways = [way for way in self.ways if way.preview]
        named = [way for way in open_ways if way.method.code == chosen]
        usual = [way for way in open_ways if way.method.code == USUAL_METHOD]
        return next(iter([*named, *usual, *open_ways]), None)

    @property
    def total(self) -> str:
        """As the page tells it to itself, so that a change is seen."""
        preview = self.way.preview if self.way else None
        return str(preview.total if preview else self.cart.total)

    @property
    def method_key(self) -> str:
        """Which payment is marked: the chosen one, or the first."""
        first = payment_choices(self.providers)[:1]
        return self.form["payment"] or (first[0][0] if first else "")

    def given(self) -> dict[str, Any]:
        """The fields of an order, but for its address."""
        form = self.form
        provider, _, method = form["payment"].partition(":")
        given: dict[str, Any] = {
            "shipping_method": form["shipping_method"],
            "payment": {"provider": provider, "method": method},
            "cart_version": str(self.cart.version),
            "cart_token": self.cart_token,
        }
        if form["email"]:
            given["email"] = form["email"]
        return given

    def what_changed(self, visit: Visit) -> str:
        """Tells when the total is not what the shopper saw."""
        seen = self.form["seen_total"]
        if not seen or seen == self.total:
            return ""
        locale = visit.tongue.locale
        try:
            before, now = (money_from(*told.split()) for told in (seen, self.total))
        except (LookupError, TypeError, ValueError):  # somebody else's words
            return visit.text("The total has changed. Look at it again, then order.")
        return visit.text(
            "The total has changed from %(before)s to %(now)s. Look at it again, then order.",
            before=money(before, locale),
            now=money(now, locale),
        )


async def look(visit: Visit, form: Form) -> Till | None:
    """Everything at once; nothing when the cart is empty."""
    cart, addresses, methods, providers = await asyncio.gather(
        visit.souk.carts.get_cart(GetCartRequest(cart_token=visit.cart_token)),
        saved_addresses(visit),
        shipping_methods(visit),
        payment_providers(visit),
    )
    if not cart.items:
        return None
    form.values.setdefault("key", new_id())
    if addresses and "address_id" not in form.values:
        form.values["address_id"] = addresses[0].id
    saved = next((one for one in addresses if one.id == form["address_id"]), None)
    country = saved.country if saved else known_country(visit, form)
    form.values.setdefault("country", country)
    to = Address(
        name=SOMETHING,
        street_1=SOMETHING,
        city=SOMETHING,
        state=saved.state if saved else form["state"][: TYPED_LENGTH_MAX["state"]],
        postal_code=saved.postal_code if saved else form["postal_code"][:20],
        country=country,
    )
    return Till(
        form=form,
        cart=cart,
        addresses=addresses,
        is_new_address=saved is None,
        country=country,
        rules=rules_for(country),
        countries=countries(visit.tongue.locale),
        ways=await asyncio.gather(*(way_of(visit, method, to) for method in methods)),
        providers=providers,
        cart_token=visit.cart_token,
        is_guest=not visit.is_signed_in,
    )


def known_country(visit: Visit, form: Form) -> str:
    country = form["country"].upper() or likely_country(visit)
    is_known = country in dict(countries(visit.tongue.locale))
    return country if is_known else likely_country(visit)


async def way_of(visit: Visit, method: ShippingMethod, to: Address) -> Way:
    now, locale = visit.site.clock.now(), visit.tongue.locale
    days = day_range(now, method.days_min, method.days_max, locale)
    asked = PreviewOrderRequest(
        shipping_address=to, shipping_method=method.code, cart_token=visit.cart_token
    )
    try:
        preview = await visit.souk.orders.preview_order(asked)
    except Refusal as refusal:
        if refusal.KIND in (Kind.INTERNAL, Kind.UNAVAILABLE, Kind.TIMEOUT):
            raise
        return Way(method, days, None, refusal)
    return Way(method, days, preview)


async def saved_addresses(visit: Visit) -> Sequence[UserAddress]:
    if not visit.is_signed_in:
        return ()
    found = await visit.souk.users.get_addresses(GetAddressesRequest(page=1, page_size=20))
    return [one for one in found.items if one.type == "shipping"]


async def payment_providers(visit: Visit) -> Sequence[Provider]:
    async def ask() -> Sequence[Provider]:
        return (await visit.souk.payments.list_providers(ListProvidersRequest())).items

    return await visit.site.remembered("payment providers", PROVIDERS_SECONDS, ask)


def payment_choices(providers: Sequence[Provider]) -> list[tuple[str, Provider, str]]:
    """`provider:method` for each way of each provider; what has no methods is one way."""
    choices = [
        (f"{provider.name}:{method}" if method else provider.name, provider, method)
        for provider in providers
        for method in (provider.methods or ("",))
    ]
    return sorted(choices, key=lambda choice: choice[2] in BEYOND)


def sections(till: Till) -> dict[str, Any]:
    """What the template walks through."""
    preview = till.way.preview if till.way else None
    payments = payment_choices(till.providers)
    return {
        "way": till.way,
        "preview": preview,
        "payments": [each for each in payments if each[2] not in BEYOND],
        "payments_beyond": [each for each in payments if each[2] in BEYOND],
    }
