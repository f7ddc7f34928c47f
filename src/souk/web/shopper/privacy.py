"""What people agreed to, what we know of them to take home, and the way out for good."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from msgspec import Struct
from starlette.responses import Response

from souk.contracts.users import (
    Consent,
    ConsentText,
    DownloadExportRequest,
    ListConsentsRequest,
    ListConsentTextsRequest,
    ListExportsRequest,
    RequestErasureRequest,
    RequestExportRequest,
    SetConsentRequest,
)
from souk.kernel.refusals import Refusal
from souk.web.cookies import CART, DEVICE
from souk.web.forms import Form
from souk.web.visit import Visit

PATH = "/account/privacy"
CONSENTS_SHOWN = 100


class Asked(Struct, frozen=True):
    """A wording in force, and the last thing somebody said about it in any version."""

    text: ConsentText
    said: Consent | None

    @property
    def is_given(self) -> bool:
        return self.said is not None and self.said.is_given

    @property
    def is_older(self) -> bool:
        """Whether the wording has changed since they agreed."""
        return self.said is not None and self.is_given and self.said.version < self.text.version


async def show(visit: Visit) -> Response:
    return await page(visit, Form())


async def page(visit: Visit, form: Form, *, status: int = 200) -> Response:
    users = visit.souk.users
    texts, consents, exports = await asyncio.gather(
        users.list_consent_texts(ListConsentTextsRequest()),
        users.list_consents(ListConsentsRequest(page=1, page_size=CONSENTS_SHOWN)),
        users.list_exports(ListExportsRequest()),
    )
    return visit.page(
        "privacy.html",
        status=status,
        form=form,
        asked=asked_of(texts.items, consents.items),
        history=consents.items,
        exports=exports.items,
        is_waiting=any(export.status == "waiting" for export in exports.items),
    )


def asked_of(texts: Sequence[ConsentText], consents: Sequence[Consent]) -> list[Asked]:
    """`consents` are the latest first."""
    last = {consent.kind: consent for consent in reversed(consents)}
    return [Asked(text, last.get(text.kind)) for text in texts]


async def consent(visit: Visit) -> Response:
    """Agrees to a wording, or takes that back."""
    form = visit.form
    try:
        said = await visit.souk.users.set_consent(form.read(SetConsentRequest))
    except Refusal as refusal:
        # Another wording is in force than the one they saw: they are shown it.
        return await page(visit, form.refuse(refusal), status=refusal.KIND.status)
    if said.is_given:
        visit.note("You agreed to this.")
    else:
        visit.note("You took that back.")
    return visit.go(PATH)


async def ask_for_archive(visit: Visit) -> Response:
    await visit.souk.users.request_export(RequestExportRequest())
    return visit.go(PATH)


async def take_archive(visit: Visit) -> Response:
    """By a form, since it asks who one is before it answers."""
    request = visit.form.read(DownloadExportRequest, export_id=visit.params["id"])
    archive = await visit.souk.users.download_export(request)
    name = f'attachment; filename="{archive.name}"'
    headers = {"content-disposition": name, "cache-control": "no-store"}
    return Response(archive.content, media_type=archive.content_type, headers=headers)


async def leaving(visit: Visit) -> Response:
    return visit.page("leaving.html", form=Form(), obstacles=())


async def leave(visit: Visit) -> Response:
    """Shuts the account for good, once it is sure that this is meant."""
    form = visit.form
    if not form["sure"]:
        form.blame("sure", visit.text("Say that you know it cannot be undone."))
        return visit.page("leaving.html", status=422, form=form, obstacles=())
    try:
        await visit.souk.users.request_erasure(RequestErasureRequest())
    except Refusal as refusal:
        obstacles = str(refusal.fields.get("reasons", "")).split("; ")
        form.refuse(refusal)
        return visit.page(
            "leaving.html", status=refusal.KIND.status, form=form, obstacles=obstacles
        )
    visit.jar.sign_out()
    for name in (CART, DEVICE):
        visit.jar.drop(name)
    return visit.go("/goodbye")


async def goodbye(visit: Visit) -> Response:
    return visit.page("goodbye.html")
