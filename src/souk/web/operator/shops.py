"""Shops that wait for a word, and those that were given one."""

from __future__ import annotations

from starlette.responses import Response

from souk.contracts.shops import (
    DECIDE_SHOP,
    DecideShopRequest,
    ListShopsToApproveRequest,
    ShopApproval,
)
from souk.kernel.refusals import InvalidRequest, Refusal
from souk.web.forms import Form
from souk.web.operator.console import HOME, console_page, may
from souk.web.seller.desk import page_number
from souk.web.visit import Visit

PAGE_SIZE = 20
APPROVALS = (ShopApproval.AWAITING, ShopApproval.APPROVED, ShopApproval.REFUSED)


async def every(visit: Visit) -> Response:
    return await shops_page(visit, Form())


async def decide(visit: Visit) -> Response:
    """Approves, or refuses and says why."""
    form = visit.form
    is_approved = form["action"] == "approve"
    if not is_approved and not form["note"]:
        form.blame("note", visit.text("Say why: the shop's people read it."))
    try:
        request = form.read(DecideShopRequest, shop_id=visit.params["id"], is_approved=is_approved)
        if form.errors:
            raise InvalidRequest()
        shop = await visit.souk.shops.decide_shop(request)
    except Refusal as refusal:
        form.refuse(refusal)
        return await shops_page(visit, form, status=refusal.KIND.status)
    if is_approved:
        visit.note("%(name)s is approved.", name=shop.name)
    else:
        visit.note("%(name)s is refused, and closed.", name=shop.name)
    return visit.go(f"{HOME}/shops")


async def shops_page(visit: Visit, form: Form, *, status: int = 200) -> Response:
    asked = visit.query.get("approval", "")
    approval = ShopApproval(asked) if asked in [*APPROVALS] else ShopApproval.AWAITING
    page = page_number(visit)
    found = await visit.souk.shops.list_shops_to_approve(
        ListShopsToApproveRequest(approval=approval, page=page, page_size=PAGE_SIZE)
    )
    return console_page(
        visit,
        "shops.html",
        status=status,
        shops=found.items,
        total=found.total,
        approvals=APPROVALS,
        approval=approval.value,
        page=page,
        last=max(1, -(-found.total // PAGE_SIZE)),
        form=form,
        wrong_shop=visit.params.get("id", ""),
        may_decide=may(visit, DECIDE_SHOP),
    )
