"""Who works in a shop: the owner's side of it, a packer's, and that of somebody who is invited."""

from __future__ import annotations

from typing import Any

from tests.browser.demo import SELLER, SHOPPER, Demo
from tests.browser.scenes.desks import DESK, shop_of
from tests.browser.scenes.scene import Scene
from tests.browser.windows import Window

PACKS = ("orders.fulfill_order", "orders.get_order", "orders.list_shop_orders")
PACKER = "vera@souk.example"  # who has a shop of their own as well


async def role(demo: Demo) -> tuple[str, str]:
    """The shop's id and that of a role it has."""
    shop_id = (await shop_of(demo, SELLER))["id"]
    path = f"/shops/{shop_id}/roles"
    found = (await demo.ask("GET", path, by=SELLER))["items"]
    if not found:
        made = await demo.ask("POST", path, by=SELLER, name="Packers", permissions=PACKS)
        return shop_id, str(made["id"])
    return shop_id, str(found[0]["id"])


async def invitation(demo: Demo) -> str:
    shop_id, role_id = await role(demo)
    path = f"/shops/{shop_id}/invitations"
    told: Any = await demo.ask("POST", path, by=SELLER, shop_role_id=role_id)
    return str(told["token"])


async def staffed(demo: Demo) -> None:
    """Somebody packs there, and one invitation waits."""
    shop_id, _ = await role(demo)
    members = (await demo.ask("GET", f"/shops/{shop_id}/members", by=SELLER))["items"]
    if len(members) == 1:
        token = await invitation(demo)
        await demo.ask("POST", "/users/shops/join", by=PACKER, token=token)
    path = f"/shops/{shop_id}/invitations"
    if not (await demo.ask("GET", path, by=SELLER))["items"]:
        await invitation(demo)


async def people(demo: Demo, window: Window) -> str:
    await staffed(demo)
    return f"{DESK}/people"


async def one_role(demo: Demo, window: Window) -> str:
    return f"{DESK}/people/roles/{(await role(demo))[1]}"


async def products(demo: Demo, window: Window) -> str:
    await staffed(demo)
    return f"{DESK}/products"


async def joining(demo: Demo, window: Window) -> str:
    return f"/join?token={await invitation(demo)}"


async def invite(window: Window) -> None:
    await window.click("Make an invitation")
    await window.has("Send them this link")


SCENES = (
    Scene(name="desk-invitation", arrange=people, by=SELLER, act=invite),
    Scene(name="desk-role", arrange=one_role, by=SELLER),
    Scene(name="desk-close", path=f"{DESK}/close", by=SELLER),
    Scene(name="invitation", arrange=joining, by=SHOPPER),
)
ALIKE = (
    Scene(name="desk-place", arrange=people, by=PACKER),
    Scene(name="desk-not-yours", arrange=products, by=PACKER, status=403),
    Scene(name="invitation-gone", path="/join?token=gone", status=404),
)
