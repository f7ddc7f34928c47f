"""Signing in, with a second factor where there is one, signing out, and making an account."""

from __future__ import annotations

from functools import partial
from typing import Any

from msgspec import structs
from starlette.responses import Response

from souk.contracts.carts import GetCartRequest
from souk.contracts.users import (
    LoginRequest,
    LogoutRequest,
    RegisterRequest,
    SignedIn,
    SignInWithPasskeyRequest,
    StartPasskeySignInRequest,
    StepUpRequest,
    VerifyOtpRequest,
)
from souk.kernel.context import Call, acting, call
from souk.kernel.refusals import Refusal
from souk.web import again
from souk.web.cookies import COUNT, DEVICE
from souk.web.forms import WHOLE, Form
from souk.web.sessions import Session
from souk.web.shopper.wishing import keep_promise
from souk.web.visit import Visit, own_path

AGENT_LENGTH_MAX = 1000
SECOND = "SecondFactorRequired"


async def sign_in_page(visit: Visit) -> Response:
    if visit.is_signed_in:
        return visit.go(own_path(visit.query.get("next", "/")))
    return visit.page("sign_in.html", form=Form(), next=own_path(visit.query.get("next", "/")))


async def sign_in(visit: Visit) -> Response:
    """With a form that was interrupted by the end of a session, back to that form."""
    form = visit.form
    path, kept = again.kept_in(form)
    try:
        known = {**brought(visit), "device_token": visit.jar.get(DEVICE)[:200]}
        signed_in = await visit.souk.users.login(form.read(LoginRequest, **known))
    except Refusal as refusal:
        if refusal.name == SECOND:
            return second_page(visit, Form(), str(refusal.fields["challenge"]))
        form.refuse(refusal, WrongCredentials="email")
        if path:
            return again.page(visit, again.Reason.SIGNED_OUT, path=path, kept=kept, form=form)
        return visit.page(
            "sign_in.html", status=refusal.KIND.status, form=form, next=own_path(form["next"])
        )
    return await entered(visit, signed_in)


async def second_factor(visit: Visit) -> Response:
    """The code of an app, or one of those that were written down for bad days."""
    form = visit.form
    try:
        request = form.read(VerifyOtpRequest, **brought(visit))
        signed_in = await visit.souk.users.verify_otp(request)
    except Refusal as refusal:
        form.refuse(refusal, CodeRefused="code")
        return second_page(visit, form, form["challenge"], status=refusal.KIND.status)
    return await entered(visit, signed_in)


async def passkey(visit: Visit) -> Response:
    """Asks the browser for one, or takes its answer."""
    form, users = visit.form, visit.souk.users
    if not form["credential"]:
        return await passkey_page(visit, Form())
    try:
        request = form.read(SignInWithPasskeyRequest, **brought(visit))
        signed_in = await users.sign_in_with_passkey(request)
    except Refusal as refusal:
        form.refuse(refusal, PasskeyRefused=WHOLE)
        return await passkey_page(visit, form, status=refusal.KIND.status)
    return await entered(visit, signed_in)


async def passkey_page(visit: Visit, form: Form, *, status: int = 200) -> Response:
    asked = await visit.souk.users.start_passkey_sign_in(StartPasskeySignInRequest())
    where = own_path(visit.form["next"])
    return visit.page("passkey.html", status=status, form=form, asked=asked, next=where)


def second_page(visit: Visit, form: Form, challenge: str, *, status: int = 200) -> Response:
    path, kept = again.kept_in(visit.form)
    return visit.page(
        "second_factor.html",
        status=status,
        form=form,
        challenge=challenge,
        next=own_path(visit.form["next"]),
        path=path,
        kept=kept,
    )


async def prove(visit: Visit) -> Response:
    """Who is signed in shows once more who they are, for what only they may do."""
    form, users = visit.form, visit.souk.users
    path, kept = again.kept_in(form)
    unproved = partial(again.page, visit, again.Reason.UNPROVED, path=path, kept=kept)
    if form["action"] == "passkey":
        asked = await users.start_passkey_sign_in(StartPasskeySignInRequest())
        return unproved(asked=asked)
    try:
        proved = await users.step_up(form.read(StepUpRequest))
    except Refusal as refusal:
        form.refuse(refusal, WrongCredentials="password", CodeRefused="code", PasskeyRefused=WHOLE)
        return unproved(form=form)
    visit.jar.renew(proved.access_token)
    return again.page(visit, again.Reason.STALE, path=path or "/account", kept=kept)


async def register_page(visit: Visit) -> Response:
    return visit.page("register.html", form=Form(), next=own_path(visit.query.get("next", "/")))


async def register(visit: Visit) -> Response:
    form = visit.form
    try:
        signed_in = await visit.souk.users.register(form.read(RegisterRequest, **brought(visit)))
    except Refusal as refusal:
        form.refuse(refusal, EmailTaken="email", PasswordRefused="password")
        return visit.page(
            "register.html", status=refusal.KIND.status, form=form, next=own_path(form["next"])
        )
    visit.note("Welcome, %(name)s.", name=signed_in.user.first_name)
    return await entered(visit, signed_in)


def brought(visit: Visit) -> dict[str, Any]:
    """What a browser has with it when somebody signs in."""
    agent = visit.request.headers.get("user-agent", "")[:AGENT_LENGTH_MAX]
    return {"cart_token": visit.cart_token, "user_agent": agent}


async def entered(visit: Visit, signed_in: SignedIn) -> Response:
    await enter(visit, signed_in)
    path, kept = again.kept_in(visit.form)
    if path:
        return again.page(visit, again.Reason.STALE, path=path, kept=kept)
    return visit.go(own_path(visit.form["next"]))


async def enter(visit: Visit, signed_in: SignedIn) -> None:
    """Keeps the session; what lies in the guest's cart goes into the account's, and what they
    wanted saved on a wishlist."""
    visit.jar.sign_in(signed_in.access_token, signed_in.refresh_token)
    if signed_in.device_token:
        visit.jar.keep(DEVICE, signed_in.device_token)
    known = await visit.site.sessions.read(signed_in.access_token)
    caller = structs.replace(known, address=call().caller.address)
    visit.session = Session(caller)
    with acting(Call(caller, call().deadline, call().trace_id)):
        await keep_promise(visit)
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
    return visit.go(own_path(visit.form["next"]))
