"""The picture that people show of themselves."""

from __future__ import annotations

from starlette.responses import Response

from souk.contracts.users import RemoveAvatarRequest, SetAvatarRequest
from souk.kernel.refusals import InvalidRequest, Refusal
from souk.web.forms import Form
from souk.web.shopper.account import profile_page
from souk.web.visit import Visit

NAME_LENGTH_MAX = 255


async def change(visit: Visit) -> Response:
    """Hangs the one that was chosen, or takes down the one that hangs."""
    if visit.form["action"] == "remove":
        await visit.souk.users.remove_avatar(RemoveAvatarRequest())
        visit.note("The picture is gone.")
        return visit.go("/account")
    try:
        await hang(visit, visit.form)
    except Refusal as refusal:
        at = dict.fromkeys(("NotAPicture", "PictureTooLarge", "TooManyPictures"), "file")
        form = visit.form.refuse(refusal, **at)
        return await profile_page(visit, Form(), status=refusal.KIND.status, picture=form)
    visit.note("That is you.")
    return visit.go("/account")


async def hang(visit: Visit, form: Form) -> None:
    """Raises InvalidRequest where nothing was chosen, and what media refuse."""
    files = form.uploads("file")
    if not files:
        form.blame("file", visit.text("Choose a picture first."))
        raise InvalidRequest()
    await visit.souk.users.set_avatar(
        SetAvatarRequest(
            file=await files[0].read(),
            file_name=(files[0].filename or "")[:NAME_LENGTH_MAX],
            content_type=(files[0].content_type or "")[:NAME_LENGTH_MAX],
        )
    )
