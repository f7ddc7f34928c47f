"""Signing in, signing out, and making an account."""

from __future__ import annotations

from starlette.responses import Response

from souk.contracts.carts import GetCartRequest
from souk.contracts.users import LoginRequest, LogoutRequest, RegisterRequest, SignedIn
from souk.kernel.context import Call, Caller, acting, call
from souk.kernel.refusals import Refusal
from souk.web import again
from souk.web.cookies import COUNT
from souk.web.forms import Form
from souk.web.sessions import Session
from souk.web.visit import Visit, own_path


async def sign_in_page(visit: Visit) -> Response:
    if visit.is_signed_in:
        return visit.go(own_path(visit.query.get("next", "/")))
    return visit.page("sign_in.html", form=Form(), next=own_path(visit.query.get("next", "/")))


async def sign_in(visit: Visit) -> Response:
    """With a form that was interrupted by the end of a session, back to that form."""
    form = visit.form
    path, kept = again.kept_in(form)
    try:
        request = form.read(LoginRequest, cart_token=visit.cart_token)
        signed_in = await visit.souk.users.login(request)
    except Refusal as refusal:
        form.refuse(refusal, WrongCredentials="email")
        if path:
            return again.page(visit, again.Reason.SIGNED_OUT, path=path, kept=kept, form=form)
        return visit.page(
            "sign_in.html", status=refusal.KIND.status, form=form, next=own_path(form["next"])
        )
    await enter(visit, signed_in)
    if path:
        return again.page(visit, again.Reason.STALE, path=path, kept=kept)
    return visit.go(own_path(form["next"]))


async def register_page(visit: Visit) -> Response:
    return visit.page("register.html", form=Form(), next=own_path(visit.query.get("next", "/")))


async def register(visit: Visit) -> Response:
    form = visit.form
    try:
        request = form.read(RegisterRequest, cart_token=visit.cart_token)
        signed_in = await visit.souk.users.register(request)
    except Refusal as refusal:
        form.refuse(refusal, EmailTaken="email", PasswordRefused="password")
        return visit.page(
            "register.html", status=refusal.KIND.status, form=form, next=own_path(form["next"])
        )
    await enter(visit, signed_in)
    visit.note("Welcome, %(name)s.", name=signed_in.user.first_name)
    return visit.go(own_path(form["next"]))


async def enter(visit: Visit, signed_in: SignedIn) -> None:
    """Keeps the session; what lies in the guest's cart goes into the account's."""
    visit.jar.sign_in(signed_in.access_token, signed_in.refresh_token)
    known = await visit.site.sessions.read(signed_in.access_token)
    caller = Caller(known.user_id, known.roles, known.session_id, "", call().caller.address)
    visit.session = Session(caller)
    with acting(Call(caller, call().deadline, call().trace_id)):
        try:
            cart = await visit.souk.carts.get_cart(GetCartRequest(cart_token=visit.cart_token))
        except Refusal:
            return  # the cart can wait; whoever signed in is in
    visit.jar.keep(COUNT, str(sum(item.quantity for item in cart.items)))


async def sign_out(visit: Visit) -> Response:
    if visit.is_signed_in:
        await visit.souk.users.logout(LogoutRequest())
    visit.jar.sign_out()
    visit.note("You are signed out.")
    return visit.go("/")
