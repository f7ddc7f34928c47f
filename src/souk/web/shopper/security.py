"""How an account is entered, and where it is open: second factor, passkeys, sessions."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from starlette.responses import Response

from souk.contracts.users import (
    AddPasskeyRequest,
    ConfirmTotpRequest,
    EnrollTotpRequest,
    GetSignInMethodsRequest,
    ListSessionsRequest,
    LogoutRequest,
    RemovePasskeyRequest,
    RemoveTotpRequest,
    RenamePasskeyRequest,
    RenewRecoveryCodesRequest,
    RevokeSessionRequest,
    StartPasskeyRequest,
)
from souk.kernel.refusals import Refusal
from souk.web.forms import Form
from souk.web.visit import Visit

ENDED_MAX = 20  # who needs more has the API


async def show(visit: Visit) -> Response:
    return await page(visit, Form())


async def page(
    visit: Visit, form: Form, *, status: int = 200, codes: Sequence[str] = (), **more: Any
) -> Response:
    users = visit.souk.users
    methods, sessions, ended = await asyncio.gather(
        users.get_sign_in_methods(GetSignInMethodsRequest()),
        users.list_sessions(ListSessionsRequest()),
        users.list_sessions(ListSessionsRequest(ended=True)),
    )
    return visit.page(
        "security.html",
        status=status,
        form=form,
        methods=methods,
        sessions=sessions.items,
        ended=ended.items[:ENDED_MAX],
        codes=codes,
        enrollment=more.get("enrollment"),
        asked=more.get("asked"),
    )


async def end_sessions(visit: Visit) -> Response:
    """One of them, or all."""
    users, form = visit.souk.users, visit.form
    if form["session_id"]:
        await users.revoke_session(form.read(RevokeSessionRequest))
        visit.note("That device is signed out.")
        return visit.go("/account/security")
    await users.logout(LogoutRequest(everywhere=True))
    visit.jar.sign_out()
    visit.note("You are signed out everywhere.")
    return visit.go("/sign-in")


async def second_factor(visit: Visit) -> Response:
    """Begins with it, confirms it by a first code, takes it away, or makes new recovery codes."""
    users, action = visit.souk.users, visit.form["action"]
    if action == "begin":
        enrollment = await users.enroll_totp(EnrollTotpRequest())
        return await page(visit, Form(), enrollment=enrollment)
    if action == "renew":
        made = await users.renew_recovery_codes(RenewRecoveryCodesRequest())
        return await page(visit, Form(), codes=made.codes)
    if action == "remove":
        await users.remove_totp(RemoveTotpRequest())
        visit.note("Signing in asks for your password alone again.")
        return visit.go("/account/security")
    return await confirm(visit)


async def confirm(visit: Visit) -> Response:
    form = visit.form
    try:
        made = await visit.souk.users.confirm_totp(form.read(ConfirmTotpRequest))
    except Refusal as refusal:
        form.refuse(refusal, CodeRefused="code", TotpNotEnrolled="code")
        enrollment = await visit.souk.users.enroll_totp(EnrollTotpRequest())
        status = refusal.KIND.status
        return await page(visit, form, status=status, enrollment=enrollment)
    return await page(visit, Form(), codes=made.codes)


async def passkeys(visit: Visit) -> Response:
    """Begins with one, keeps what the browser made, renames one or takes it away."""
    users, form = visit.souk.users, visit.form
    if form["action"] == "begin":
        return await page(visit, Form(), asked=await users.start_passkey(StartPasskeyRequest()))
    if form["action"] == "remove":
        await users.remove_passkey(form.read(RemovePasskeyRequest))
        visit.note("The passkey is gone.")
        return visit.go("/account/security")
    if form["action"] == "rename":
        return await rename(visit)
    try:
        await users.add_passkey(form.read(AddPasskeyRequest))
    except Refusal as refusal:
        form.refuse(refusal, PasskeyRefused="name")
        return await page(visit, form, status=refusal.KIND.status)
    visit.note("The passkey is kept. Sign in with it from now on.")
    return visit.go("/account/security")


async def rename(visit: Visit) -> Response:
    form = visit.form
    try:
        await visit.souk.users.rename_passkey(form.read(RenamePasskeyRequest))
    except Refusal as refusal:
        form.refuse(refusal)
        return await page(visit, form, status=refusal.KIND.status)
    visit.note("Saved.")
    return visit.go("/account/security")
