"""People: found, looked at, barred and let back in."""

from __future__ import annotations

from starlette.responses import Response

from souk.contracts.api import Role
from souk.contracts.users import (
    BAN_USER,
    BanUserRequest,
    FindUsersRequest,
    GetUserRequest,
    ReinstateUserRequest,
    User,
    UserNotFound,
)
from souk.kernel.refusals import InvalidRequest, Refusal
from souk.kernel.validation import read_values
from souk.web.forms import Form
from souk.web.operator.console import HOME, console_page, may
from souk.web.seller.desk import page_number
from souk.web.visit import Visit

PAGE_SIZE = 25
TEXT_MAX = 200
ROLES = (Role.CUSTOMER, Role.SELLER, Role.COURIER, Role.SUPPORT, Role.ADMIN)


async def every(visit: Visit) -> Response:
    text, page = visit.query.get("q", "").strip()[:TEXT_MAX], page_number(visit)
    asked = visit.query.get("role", "")
    role = Role(asked) if asked in [*ROLES] else None
    found = await visit.souk.users.find_users(
        FindUsersRequest(q=text, role=role, page=page, page_size=PAGE_SIZE)
    )
    return console_page(
        visit,
        "users.html",
        users=found.items,
        total=found.total,
        text=text,
        role=role.value if role else "",
        roles=ROLES,
        page=page,
        last=max(1, -(-found.total // PAGE_SIZE)),
        given={"q": text, "role": role.value if role else ""},
    )


async def one(visit: Visit) -> Response:
    return user_page(visit, await user_of(visit), Form())


async def change(visit: Visit) -> Response:
    """Bars an account, or lets it back in."""
    user, form = await user_of(visit), visit.form
    try:
        if form["action"] == "ban":
            await visit.souk.users.ban_user(BanUserRequest(user_id=user.id))
            visit.note("%(name)s is barred. Every session ends within a minute.", name=user.email)
        else:
            await visit.souk.users.reinstate_user(ReinstateUserRequest(user_id=user.id))
            visit.note("%(name)s may come in again.", name=user.email)
    except Refusal as refusal:
        form.refuse(refusal, NotYourRank="form")
        return user_page(visit, user, form, status=refusal.KIND.status)
    return visit.go(f"{HOME}/users/{user.id}")


async def user_of(visit: Visit) -> User:
    """The account of the address. Raises UserNotFound."""
    try:
        request = read_values(GetUserRequest, {"user_id": visit.params["id"]})
    except InvalidRequest:
        raise UserNotFound() from None
    found: User = await visit.souk.users.get_user(request)
    return found


def user_page(visit: Visit, user: User, form: Form, *, status: int = 200) -> Response:
    return console_page(
        visit,
        "user.html",
        status=status,
        user=user,
        form=form,
        is_self=user.id == visit.session.caller.user_id,
        may_ban=may(visit, BAN_USER),
    )
