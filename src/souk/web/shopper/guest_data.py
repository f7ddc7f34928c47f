"""Whoever bought without an account asks what is known of them, and follows the mailed link."""

from __future__ import annotations

from starlette.responses import Response

from souk.contracts.users import (
    EraseGuestDataRequest,
    RequestGuestLinkRequest,
    TakeGuestDataRequest,
)
from souk.kernel.refusals import Refusal
from souk.web.forms import Form
from souk.web.shopper.recovery import token_of
from souk.web.visit import Visit


async def show(visit: Visit) -> Response:
    return page(visit, Form(), token=token_of(visit))


async def ask(visit: Visit) -> Response:
    """Says the same whether or not anybody has bought with the address."""
    form = visit.form
    try:
        await visit.souk.users.request_guest_link(form.read(RequestGuestLinkRequest))
    except Refusal as refusal:
        return page(visit, form.refuse(refusal), status=refusal.KIND.status)
    return page(visit, form, is_sent=True)


async def copy(visit: Visit) -> Response:
    form = visit.form
    try:
        file = await visit.souk.users.take_guest_data(form.read(TakeGuestDataRequest))
    except Refusal as refusal:
        return refused(visit, form, refusal)
    headers = {
        "content-disposition": f'attachment; filename="{file.name}"',
        "cache-control": "no-store",
    }
    return Response(file.content, media_type=file.content_type, headers=headers)


async def erase(visit: Visit) -> Response:
    form = visit.form
    try:
        await visit.souk.users.erase_guest_data(form.read(EraseGuestDataRequest))
    except Refusal as refusal:
        return refused(visit, form, refusal)
    return page(visit, form, is_erased=True)


def refused(visit: Visit, form: Form, refusal: Refusal) -> Response:
    form.refuse(refusal, CodeRefused="token")
    return page(visit, form, status=refusal.KIND.status, token=form["token"])


def page(
    visit: Visit,
    form: Form,
    *,
    status: int = 200,
    token: str = "",
    is_sent: bool = False,
    is_erased: bool = False,
) -> Response:
    return visit.page(
        "guest_data.html",
        status=status,
        form=form,
        token=token,
        is_sent=is_sent,
        is_erased=is_erased,
    )
