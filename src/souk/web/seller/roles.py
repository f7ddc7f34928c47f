"""What the people of a shop may do: roles that its owner makes of parts of the seller centre."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from starlette.responses import Response

from souk.contracts.shops import (
    CreateShopRoleRequest,
    CustomShopRole,
    DeleteShopRoleRequest,
    ListShopRolesRequest,
    ShopRoleNotFound,
    UpdateShopRoleRequest,
)
from souk.contracts.users import ListPermissionsRequest, Permission
from souk.kernel.ids import new_id
from souk.kernel.refusals import Refusal
from souk.web.forms import Form
from souk.web.seller.desk import Desk, desk_of
from souk.web.seller.rights import Part, parts
from souk.web.visit import Visit

PERMISSIONS_SECONDS = 300.0


async def blank(visit: Visit) -> Response:
    return await page(await desk_of(visit), Form(), None)


async def create(visit: Visit) -> Response:
    desk, form = await desk_of(visit), visit.form
    try:
        request = form.read(
            CreateShopRoleRequest, shop_id=desk.shop.id, permissions=picked(visit, form)
        )
        with visit.keyed(form["key"][:255]):
            role = await visit.souk.shops.create_shop_role(request)
    except Refusal as refusal:
        return await page(desk, refused(form, refusal), None, status=refusal.KIND.status)
    visit.note("%(name)s can be given to people now.", name=role.name)
    return desk.go("/people")


async def show(visit: Visit) -> Response:
    desk = await desk_of(visit)
    role = await role_of(desk)
    return await page(desk, Form(), role)


async def save(visit: Visit) -> Response:
    """Changes it for everybody who has it, or drops it."""
    desk, form = await desk_of(visit), visit.form
    role = await role_of(desk)
    known = {"shop_id": desk.shop.id, "shop_role_id": role.id}
    shops = visit.souk.shops
    try:
        if form["action"] == "delete":
            await shops.delete_shop_role(DeleteShopRoleRequest(**known))
            visit.note("%(name)s is gone.", name=role.name)
            return desk.go("/people")
        given = {**known, "permissions": picked(visit, form)}
        await shops.update_shop_role(form.read(UpdateShopRoleRequest, **given))
    except Refusal as refusal:
        return await page(desk, refused(form, refusal), role, status=refusal.KIND.status)
    visit.note("Saved.")
    return desk.go("/people")


def refused(form: Form, refusal: Refusal) -> Form:
    return form.refuse(refusal, ShopRoleNameTaken="name", NotForShops="permissions")


def picked(visit: Visit, form: Form) -> list[str]:
    """Everything the parts need that were ticked, and single things besides."""
    ticked = form.all("parts")
    found = set(form.all("permissions"))
    for part in offered(visit):
        if key(part) in ticked:
            found |= part.permissions
    return sorted(found)


async def page(
    desk: Desk, form: Form, role: CustomShopRole | None, *, status: int = 200
) -> Response:
    visit = desk.visit
    if form.pairs:
        whole, held = set(form.all("parts")), set(form.all("permissions"))
    else:
        whole, held = divided(visit, role.permissions if role else ())
    return desk.page(
        "role.html",
        status=status,
        form=form,
        role=role,
        parts=[(key(part), part, key(part) in whole) for part in offered(visit)],
        single=await permissions_of(visit),
        held=held,
        key=form["key"] or new_id(),
    )


def divided(visit: Visit, permissions: Iterable[str]) -> tuple[set[str], set[str]]:
    """The parts that a role opens wholly, and what it lists beyond them."""
    listed = set(permissions)
    whole = [part for part in offered(visit) if part.permissions <= listed]
    covered = frozenset().union(*(part.permissions for part in whole))
    return {key(part) for part in whole}, listed - covered


def offered(visit: Visit) -> list[Part]:
    """Parts of which owners decide; leaving is everybody's."""
    return [part for part in parts(visit) if part.about]


def key(part: Part) -> str:
    return part.place.strip("/") or "overview"


async def permissions_of(visit: Visit) -> Sequence[Permission]:
    async def ask() -> Sequence[Permission]:
        found = await visit.souk.users.list_permissions(ListPermissionsRequest())
        return [one for one in found.items if one.for_shops]

    return await visit.site.remembered("permissions for shops", PERMISSIONS_SECONDS, ask)


async def role_of(desk: Desk) -> CustomShopRole:
    """Raises ShopRoleNotFound for one of another shop."""
    found = await desk.visit.souk.shops.list_shop_roles(ListShopRolesRequest(shop_id=desk.shop.id))
    for role in found.items:
        if role.id == desk.visit.params["role"]:
            return role
    raise ShopRoleNotFound()
