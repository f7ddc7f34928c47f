"""API keys: what programs show to act for an account."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from starlette.responses import Response

from souk.contracts.users import (
    CreateApiKeyRequest,
    ListApiKeysRequest,
    ListPermissionsRequest,
    Permission,
    RevokeApiKeyRequest,
)
from souk.kernel.refusals import Refusal
from souk.web.forms import Form
from souk.web.visit import Visit

PATH = "/account/keys"
PERMISSIONS_SECONDS = 300.0


async def show(visit: Visit) -> Response:
    return await page(visit, Form())


async def page(visit: Visit, form: Form, *, status: int = 200, secret: str = "") -> Response:
    keys, permissions = await asyncio.gather(
        visit.souk.users.list_api_keys(ListApiKeysRequest()), permissions_of(visit)
    )
    return visit.page(
        "keys.html",
        status=status,
        form=form,
        keys=keys.items,
        secret=secret,
        services=by_service(permissions),
        picked=form.all("scopes"),
    )


async def permissions_of(visit: Visit) -> Sequence[Permission]:
    async def ask() -> Sequence[Permission]:
        found = await visit.souk.users.list_permissions(ListPermissionsRequest())
        return [one for one in found.items if one.for_keys]

    return await visit.site.remembered("permissions", PERMISSIONS_SECONDS, ask)


def by_service(permissions: Sequence[Permission]) -> dict[str, list[Permission]]:
    found: dict[str, list[Permission]] = {}
    for one in permissions:
        found.setdefault(one.name.partition(".")[0], []).append(one)
    return found


async def change(visit: Visit) -> Response:
    """Makes one, whose secret is shown this once, or ends one."""
    form, users = visit.form, visit.souk.users
    if form["action"] == "revoke":
        await users.revoke_api_key(form.read(RevokeApiKeyRequest))
        visit.note("The key opens nothing any more.")
        return visit.go(PATH)
    if not form["days"]:  # until it is ended
        form.values.pop("days", None)
    try:
        request = form.read(CreateApiKeyRequest, scopes=form.all("scopes"))
        made = await users.create_api_key(request)
    except Refusal as refusal:
        form.refuse(refusal, UnknownPermission="scopes")
        return await page(visit, form, status=refusal.KIND.status)
    return await page(visit, Form(), secret=made.secret)
