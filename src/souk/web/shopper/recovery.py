"""Doors that open with a mail: a forgotten password, an address that is to be confirmed."""

from __future__ import annotations

from starlette.responses import Response

from souk.contracts.users import ForgotPasswordRequest, ResetPasswordRequest, VerifyEmailRequest
from souk.kernel.refusals import Refusal
from souk.web.forms import Form
from souk.web.visit import Visit

TOKEN_LENGTH_MAX = 200


async def forgot_page(visit: Visit) -> Response:
    return visit.page("forgot.html", form=Form(), is_sent=False)


async def forgot(visit: Visit) -> Response:
    """Says the same whether or not there is such an account."""
    form = visit.form
    try:
        await visit.souk.users.forgot_password(form.read(ForgotPasswordRequest))
    except Refusal as refusal:
        status = refusal.KIND.status
        return visit.page("forgot.html", status=status, form=form.refuse(refusal), is_sent=False)
    return visit.page("forgot.html", form=form, is_sent=True)


async def reset_page(visit: Visit) -> Response:
    return visit.page("reset.html", form=Form(), token=token_of(visit))


async def reset(visit: Visit) -> Response:
    form = visit.form
    try:
        await visit.souk.users.reset_password(form.read(ResetPasswordRequest))
    except Refusal as refusal:
        form.refuse(refusal, PasswordRefused="new_password", CodeRefused="token")
        status, token = refusal.KIND.status, form["token"]
        return visit.page("reset.html", status=status, form=form, token=token)
    visit.jar.sign_out()
    visit.note("Your password is changed. Sign in with the new one.")
    return visit.go("/sign-in")


async def verify_page(visit: Visit) -> Response:
    """Asks for a click, since mail programs open links by themselves."""
    return visit.page("verify_email.html", form=Form(), token=token_of(visit))


async def verify(visit: Visit) -> Response:
    form = visit.form
    try:
        await visit.souk.users.verify_email(form.read(VerifyEmailRequest))
    except Refusal as refusal:
        form.refuse(refusal, CodeRefused="token")
        status, token = refusal.KIND.status, form["token"]
        return visit.page("verify_email.html", status=status, form=form, token=token)
    visit.note("Thank you, your e-mail address is confirmed.")
    return visit.go("/")


def token_of(visit: Visit) -> str:
    return visit.query.get("token", "")[:TOKEN_LENGTH_MAX]
