"""What is measured, under which name, and in which shape of Souk."""

from __future__ import annotations

from msgspec import Struct

from bench.stage import Shape

CONNECTIONS = 64
VISITORS = 32
BUYERS = 8


class Scenario(Struct, frozen=True, kw_only=True):
    """One thing people do, how many do it at once, and what the issue asks of it."""

    name: str
    title: str
    what: str  # a turn of bench.shoppers; empty: measured in a way of its own
    shoppers: int = CONNECTIONS
    half_of: str = ""  # open: turns are due at half the rate that this scenario reached
    bare: str = ""  # the statement of bench.limits that is its bare limit
    wanted: str = ""  # with two workers


SCENARIOS = {
    scenario.name: scenario
    for scenario in (
        Scenario(
            name="list", title="list of 20 products", what="list_products", bare="list",
            wanted="4,500/s",
        ),
        Scenario(name="category", title="category, page 1", what="list_category"),
        Scenario(name="deep", title="list, last page", what="list_deep", wanted="p99 50 ms"),
        Scenario(
            name="category-deep", title="category, last page", what="list_category_deep",
            wanted="p99 50 ms",
        ),
        Scenario(
            name="detail", title="product by slug", what="see_product", bare="detail",
            wanted="4,000/s",
        ),
        Scenario(name="detail-id", title="product by id", what="see_product_by_id"),
        Scenario(name="text", title="text filter q=", what="find_text"),
        Scenario(name="login", title="log in", what="log_in", shoppers=BUYERS),
        Scenario(name="cart", title="see a cart of 3", what="see_cart"),
        Scenario(name="add", title="add to cart", what="add_to_cart", wanted="1,300/s"),
        Scenario(
            name="order", title="cart + order, paid", what="check_out", shoppers=BUYERS,
            wanted="200/s",
        ),
        Scenario(
            name="order-half", title="the same at half that rate", what="check_out",
            half_of="order", wanted="p99 60 ms",
        ),
        Scenario(name="order-crowd", title="the same, 64 shoppers", what="check_out"),
        Scenario(name="orders", title="shopper's list of 1,000 orders", what="list_orders"),
        Scenario(name="shop-orders", title="seller's list of orders", what="list_shop_orders"),
        Scenario(
            name="page-home", title="page: home", what="open_home", shoppers=VISITORS,
            wanted="400/s, p99 100 ms",
        ),
        Scenario(
            name="page-category", title="page: category", what="open_category", shoppers=VISITORS,
            wanted="400/s, p99 100 ms",
        ),
        Scenario(
            name="page-product", title="page: product", what="open_product", shoppers=VISITORS,
            wanted="400/s, p99 100 ms",
        ),
        Scenario(
            name="sockets", title="live update to 1,000 sockets", what="", shoppers=1000,
        ),
    )
}  # fmt: skip
BASIC = ("list", "detail", "add", "order")
READS = ("list", "detail")


class Part(Struct, frozen=True, kw_only=True):
    """One shape and what is measured in it."""

    shape: Shape
    scenarios: tuple[str, ...]


def together(workers: int, *, has_shelf: bool = True) -> Shape:
    name = "1 worker" if workers == 1 else f"{workers} workers"
    name += "" if has_shelf else ", nothing kept"
    return Shape(name=name, workers=workers, has_shelf=has_shelf)


def usual_plan() -> tuple[Part, ...]:
    """What `make bench` measures."""
    return (
        Part(shape=together(2), scenarios=tuple(SCENARIOS)),
        Part(shape=together(2, has_shelf=False), scenarios=(*READS, "deep", "category-deep")),
        Part(shape=together(1), scenarios=BASIC),
        Part(shape=Shape(name="split", is_split=True), scenarios=BASIC),
    )
