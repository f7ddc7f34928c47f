"""People of every role, each with something of everything that can be somebody's."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from souk.contracts.api import Role
from souk.kernel.contract import Method
from souk.kernel.ids import new_id
from tests.journeys.access_calls import SAMPLES
from tests.journeys.people import (
    ADDRESS,
    PASSWORD,
    Person,
    Shop,
    opened_shop,
    with_role,
)
from tests.services.users.authenticator import Authenticator
from tests.support.stack import Stack
from tests.support.waiting import eventually

OPERATORS = frozenset({"support", "admin"})
# Anyone may see these, so being shown somebody else's is no leak; changing them would be.
OPEN_TO_ALL = frozenset(
    {"shop_id", "product_id", "variant_id", "category_id", "parent_id", "media_id"}
)
# Whoever holds one of these is let in by it: it is a secret, not a name.
SECRETS = {"challenge_id": "the bank's page, opened by the browser that was sent there"}
# Staff do it to others, and to themselves nobody does.
NOT_TO_ONESELF = frozenset({"users.ban_user", "users.reinstate_user"})
# What they name inside of a list is required, and missing where nobody says otherwise.
NAMES_MORE = frozenset({"catalog.save_variants"})
# Belong to the marketplace: whoever may call the method may name any of them.
EVERYONES = frozenset({"role_id", "category_id", "parent_id", "erasure_id"})


class Estate:
    """Somebody, and what is theirs."""

    def __init__(self, person: Person, mark: str) -> None:
        self.person, self.mark = person, mark
        self.things: dict[str, str] = {}

    def thing(self, method: Method, field: str) -> str | None:
        """The id of theirs that this field of this method takes; None where they have none."""
        name = field.rpartition(".")[2].removesuffix("s")
        return self.things.get(f"{method.permission}.{field}") or self.things.get(name)

    async def seen(self) -> dict[str, Any]:
        """Everything of theirs as they see it, to tell whether somebody changed it."""
        paths = ["/users/profile", "/users/addresses", "/cart", "/orders", "/payments/history"]
        paths += ["/notifications", "/auth/api-keys", "/users/shops", "/users/wishlists"]
        paths += [f"/orders/{self.things['order_id']}", f"/products/{self.things['product_id']}"]
        shop = f"/shops/{self.things['shop_id']}"
        paths += [f"{shop}/orders", f"{shop}/promotions", f"{shop}/products/inventory"]
        found = {path: await self.person.must(200, "GET", path) for path in paths}
        for key in found["/auth/api-keys"]["items"]:
            key.pop("last_used_at", None)
        for item in found["/cart"]["items"]:  # how many the market has left is not theirs
            item.pop("available", None)
        return found


class World:
    """One estate a role, that of the stranger whom all is tried upon, and a shop to buy at."""

    def __init__(self, stack: Stack, http: httpx.AsyncClient) -> None:
        self.stack, self.http = stack, http
        self.estates: dict[str, Estate] = {}
        self.victim: Estate
        self.market: Shop

    async def built(self) -> World:
        self.admin = await with_role(self.stack, self.http, Role.ADMIN)
        self.market = await opened_shop(self.http, "Market")
        product = await self.market.product(1000)
        self.product, self.variant = product["id"], product["variants"][0]["id"]
        self.victim = await self.estate(await self.seller("victim"), "Zqvictim")
        for role in (Role.COURIER, Role.SUPPORT, Role.ADMIN):
            person = await with_role(self.stack, self.http, role)
            self.estates[role.value] = await self.estate(person, f"Zq{role.value}")
        self.estates["courier"].things["orders.deliver_order.order_id"] = await self.parcel()
        for role in ("customer", "key"):
            person = await Person(self.http).register()
            self.estates[role] = await self.estate(person, f"Zq{role}")
        self.estates["seller"] = await self.estate(await self.seller("seller"), "Zqseller")
        self.estates["staff"] = await self.estate(await self.staff(), "Zqstaff")
        return self

    @property
    def open(self) -> set[str]:
        """The victim's things that anyone may see."""
        things = self.victim.things.items()
        return {thing for name, thing in things if name.rpartition(".")[2] in OPEN_TO_ALL}

    async def seller(self, name: str) -> Person:
        shop = await opened_shop(self.http, f"Shop of {name}")
        return shop.seller

    async def parcel(self) -> str:
        """An order that has left its shop, and so is couriers' to deliver."""
        buyer = await Person(self.http).register()
        await buyer.add(self.variant)
        order_id: str = (await bought(buyer))["orders"][0]["id"]
        path = f"/shops/{self.market.id}/orders/{order_id}/fulfill"
        await self.market.seller.must(200, "POST", path, json={"carrier": "souk"})
        return order_id

    async def staff(self) -> Person:
        """Holds a staff role that lists next to nothing."""
        person = await Person(self.http).register("Staff")
        body = {"name": f"Readers {new_id()}", "permissions": ["shipping.list_methods"]}
        role = await self.admin.must(201, "POST", "/staff-roles", json=body)
        path = f"/users/{person.user['id']}/staff-roles/{role['id']}"
        await self.admin.must(200, "PUT", path)
        await person.refresh()
        return person

    async def estate(self, person: Person, mark: str) -> Estate:
        estate = Estate(person, mark)
        names = {"first_name": mark, "last_name": mark}
        await person.must(200, "PUT", "/users/profile", json=names)
        for make in MAKERS:
            estate.things |= await make(self, estate)
        return estate

    async def sign_in_again(self, role: str) -> None:
        """Whoever ends roles and sessions ends their own as well."""
        person = self.estates[role].person
        account = {"email": person.user["email"], "password": PASSWORD}
        person.tokens = await Person(self.http).must(200, "POST", "/auth/login", json=account)

    def headers(self, role: str) -> dict[str, str]:
        if role == "guest":
            return {}
        if role == "key":
            return {"X-Api-Key": self.estates["key"].things["api_key"]}
        token = self.estates[role].person.tokens["access_token"]
        return {"Authorization": f"Bearer {token}"}


Things = dict[str, str]
Make = Callable[[World, Estate], Awaitable[Things]]


async def an_account(world: World, estate: Estate) -> Things:
    body = {"name": "Nothing", "scopes": ["shipping.list_methods"]}
    key = await estate.person.must(201, "POST", "/auth/api-keys", json=body)
    role = {"name": f"Role {new_id()}", "permissions": ["orders.get_order"]}
    staff_role = await world.admin.must(201, "POST", "/staff-roles", json=role)
    return {
        "user_id": estate.person.user["id"],
        "key_id": key["key"]["id"],
        "api_key": key["secret"],
        "role_id": staff_role["id"],
    }


async def ways_in(world: World, estate: Estate) -> Things:
    """Another session, and a passkey."""
    person, device = estate.person, Authenticator(world.stack.url)
    known = await person.must(200, "GET", "/auth/sessions")
    account = {"email": person.user["email"], "password": PASSWORD}
    await person.must(200, "POST", "/auth/login", json=account)
    sessions = await person.must(200, "GET", "/auth/sessions")
    (session,) = {one["id"] for one in sessions["items"]} - {one["id"] for one in known["items"]}
    asked = await person.must(200, "POST", "/auth/passkeys/options", json={})
    made = {"challenge": asked["challenge"], "credential": device.create(asked["options"])}
    passkey = await person.must(201, "POST", "/auth/passkeys", json=made)
    return {"session_id": session, "passkey_id": passkey["id"]}


async def a_picture(world: World, estate: Estate) -> Things:
    file = {"file": ("hat.png", SAMPLES["UploadRequest.file"], "image/png")}
    kept = await estate.person.must(201, "POST", "/media/uploads", files=file)
    return {"media_id": kept["id"]}


async def an_archive(world: World, estate: Estate) -> Things:
    """Of everything that Souk knows of them; and somebody who has left."""
    asked = await estate.person.must(202, "POST", "/users/exports", json={})
    passer_by = await Person(world.http).register("Passer-by")
    erasure = await world.admin.must(202, "DELETE", f"/users/{passer_by.user['id']}")

    async def made() -> Any:
        exports = await estate.person.must(200, "GET", "/users/exports")
        return [one for one in exports["items"] if one["status"] == "ready"]

    await eventually(made)
    return {"export_id": asked["id"], "erasure_id": erasure["id"]}


async def an_address(world: World, estate: Estate) -> Things:
    body = ADDRESS | {"type": "shipping", "name": estate.mark, "street_1": estate.mark}
    address = await estate.person.must(201, "POST", "/users/addresses", json=body)
    return {"address_id": address["id"], "shipping_address_id": address["id"]}


async def a_purchase(world: World, estate: Estate) -> Things:
    """An order, with its checkout, its payment and the notification of it; then a cart again."""
    person = estate.person
    await person.add(world.variant)
    own = {"shipping_address": ADDRESS | {"name": estate.mark, "street_1": estate.mark}}
    placed = await bought(person, **own)
    cart = await person.add(world.variant)

    async def notified() -> Any:
        return (await person.must(200, "GET", "/notifications"))["items"]

    (notification, *_) = await eventually(notified)
    return {
        "order_id": placed["orders"][0]["id"],
        "checkout_id": placed["checkout"]["id"],
        "payment_id": placed["checkout"]["payment"]["id"],
        "notification_id": notification["id"],
        "item_id": cart["items"][0]["id"],
        "variant_id": world.variant,
    }


async def bought(person: Person, **more: Any) -> Any:
    answer = await person.place(**more)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def a_shop(world: World, estate: Estate) -> Things:
    """Of sellers only: with goods, a promotion, an import, and an order sold to a passer-by."""
    person = estate.person
    shops = (await person.must(200, "GET", "/users/shops"))["items"]
    if not shops:
        return {}
    shop = Shop(person, shops[0])
    product = await shop.product()
    path = f"/shops/{shop.id}"
    code = {"code": f"C{new_id()[-8:]}".upper(), "percent_basis_points": 100}
    promotion = await person.must(201, "POST", f"{path}/promotions", json=code)
    picture = {"file": ("hat.png", SAMPLES["UploadRequest.file"], "image/png")}
    shown = await person.must(201, "POST", f"/products/{product['id']}/media", files=picture)
    file = {"file": ("sheet.csv", SAMPLES["file"], "text/csv")}
    job = await person.must(202, "POST", f"{path}/products/import", files=file)
    buyer = await Person(world.http).register("Passer-by")
    await buyer.add(product["variants"][0]["id"])
    sold = (await bought(buyer))["orders"][0]
    own_variant = product["variants"][0]["id"]
    found = {
        "shop_id": shop.id,
        "product_id": product["id"],
        "promotion_id": promotion["id"],
        "import_id": job["id"],
        "orders.fulfill_order.order_id": sold["id"],
        "orders.fulfill_order.items.item_id": sold["items"][0]["id"],
        "catalog.save_variants.items.variant_id": own_variant,
        "catalog.list_shop_variants.variant_ids": own_variant,
        "catalog.remove_product_media.media_id": shown["images"][-1]["media_id"],
    }
    of_inventory = ("update_stock", "adjust_stock", "list_movements")
    return (
        found
        | await a_team(world, shop)
        | {f"inventory.{name}.variant_id": own_variant for name in of_inventory}
        | {"catalog.set_price.variant_id": own_variant}
    )


async def a_team(world: World, shop: Shop) -> Things:
    """Somebody who works in the shop, with a role of its own; somebody who is awaited there; and a
    role that nobody has."""
    path, roles = f"/shops/{shop.id}", []
    for name in ("Packers", "Writers"):
        body = {"name": name, "permissions": ["orders.fulfill_order"]}
        roles.append((await shop.seller.must(201, "POST", f"{path}/roles", json=body))["id"])
    invited, awaited = [
        await shop.seller.must(200, "POST", f"{path}/invitations", json={"shop_role_id": roles[0]})
        for _ in range(2)
    ]
    member = await Person(world.http).register("Packer")
    await member.must(200, "POST", "/users/shops/join", json={"token": invited["token"]})
    return {
        "shop_role_id": roles[0],
        "shops.delete_shop_role.shop_role_id": roles[1],
        "member_id": member.user["id"],
        "invitation_id": awaited["id"],
    }


async def a_wishlist(world: World, estate: Estate) -> Things:
    body = {"name": estate.mark}
    wishlist = await estate.person.must(201, "POST", "/users/wishlists", json=body)
    item = {"product_id": world.product, "variant_id": world.variant}
    await estate.person.must(201, "POST", "/users/wishlist", json=item)
    return {"wishlist_id": wishlist["id"], "carts.move_to_cart.product_id": world.product}


async def a_category(world: World, estate: Estate) -> Things:
    body = {"name": f"Category {new_id()}"}
    category = await world.admin.must(201, "POST", "/products/categories", json=body)
    return {"category_id": category["id"], "parent_id": category["id"]}


MAKERS: tuple[Make, ...] = (
    an_account,
    ways_in,
    a_picture,
    an_address,
    a_purchase,
    a_shop,
    a_wishlist,
    a_category,
    an_archive,
)
