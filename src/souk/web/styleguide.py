"""All components on one page, with made-up contents."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from starlette.responses import Response

from souk.contracts.catalog import ProductCard
from souk.kernel.money import Money
from souk.web.art.words import KINDS
from souk.web.forms import Form
from souk.web.visit import Visit

BEGIN = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
CARDS = (
    ProductCard(
        slug="", name="Harbour Desk Lamp, sea green", shop_name="Lantern & Loft", in_stock=True,
        price=Money(6400, "USD"), compare_at_price=Money(7900, "USD"), rating=4.6, review_count=38,
    ),
    ProductCard(
        slug="", name="Fisherman's Sweater, navy", shop_name="Wilma's Loom", in_stock=True,
        price=Money(12900, "USD"),
    ),
    ProductCard(
        slug="", name="Dark Forest Honey", shop_name="Oven & Orchard", in_stock=False,
        price=Money(1150, "USD"), rating=4.9, review_count=112,
    ),
    ProductCard(
        slug="", name="A Name So Long That It Needs More Than One Line to Be Told in Full",
        shop_name="Lantern & Loft", in_stock=True, price=Money(1249900, "UAH"),
    ),
)  # fmt: skip
TOKENS = (
    "ground", "raised", "sunken", "ink", "ink-2", "ink-3", "line", "line-2", "accent",
    "accent-soft", "good", "good-soft", "warn", "warn-soft", "bad", "bad-soft", "note", "note-soft",
)  # fmt: skip


async def show(visit: Visit) -> Response:
    form = Form.of({"email": "ada@example", "country": "UA", "about": "Lamps, mostly."})
    form.blame("email", "must be an e-mail address")
    days = [(BEGIN + timedelta(days=day), 40 + (day * 37) % 90) for day in range(30)]
    return visit.page(
        "styleguide.html",
        cards=CARDS,
        tokens=TOKENS,
        form=form,
        kinds=sorted(KINDS),
        steps=[
            (visit.text("Placed"), BEGIN, ""),
            (visit.text("Paid"), BEGIN + timedelta(minutes=2), ""),
            (visit.text("Shipped"), BEGIN + timedelta(days=1), "SK-2049-1183"),
            (visit.text("Delivered"), None, ""),
        ],
        points=[(f"{moment:%-d.%-m.}", value, f"${value}.00") for moment, value in days],
        money=Money(6400, "USD"),
        before=Money(7900, "USD"),
    )
