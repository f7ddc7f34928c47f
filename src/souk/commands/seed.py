"""`souk seed`: the demo marketplace, told to Souk as people would tell it."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

from souk.commands.console import reached
from souk.commands.terminal import Progress, complain, say, table
from souk.demo.filling import Filling
from souk.demo.goods import everyone, shops
from souk.devstack.home import secret
from souk.kernel.refusals import Refusal
from souk.kernel.settings import Settings

PASSWORD_CHARACTERS = 16
PASSWORD = "demo_password"  # noqa: S105 - the name of the file it is kept in


def seed(settings: Settings) -> int:
    """0 when everything is there; what was there before stays as it is."""
    try:
        asyncio.run(seed_all(settings))
    except Refusal as refusal:
        complain(f"seeding stopped: {refusal}")
        return 1
    return 0


async def seed_all(settings: Settings) -> None:
    """Makes what is missing and tells who can sign in with what, as soon as they can."""
    password = secret(settings.home, PASSWORD)[:PASSWORD_CHARACTERS]
    async with AsyncExitStack() as stack:
        board = await reached(settings, stack)
        filling = Filling(board, password)
        with Progress("Demo accounts", filling.people) as progress:
            await filling.sign_up(progress.step)
        _tell(filling, password)
        with Progress("Demo shops", filling.products) as progress:
            await filling.open_shops(progress.step)
        with Progress("Demo orders", filling.purchases) as progress:
            await filling.trade(progress.step)


def _tell(filling: Filling, password: str) -> None:
    rows: list[tuple[str, ...]] = [("e-mail", "password", "who")]
    known = everyone()
    for person in known.people:
        shown = password if filling.ids[person.email] else "(changed)"
        rows.append((person.email, shown, ", ".join(person.roles) or "shopper"))
    for shop in shops():
        shown = password if filling.ids[shop.owner.email] else "(changed)"
        rows.append((shop.owner.email, shown, f"seller, {shop.name}"))
    say()
    table(rows)
    say(f"Coupons: {', '.join(coupon.code for coupon in known.coupons)}")
    for coupon in known.shop_coupons:
        say(f"         {coupon.code} at {coupon.shop}")
    say()
