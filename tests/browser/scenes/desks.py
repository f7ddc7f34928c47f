"""What sellers and operators see."""

from __future__ import annotations

from typing import Any

from souk.devstack.servers import Servers
from souk.kernel.database import Database
from souk.kernel.events.bus import Delivery, Message
from souk.kernel.events.dead_letters import park
from souk.kernel.settings import Settings, database_url
from tests.browser.demo import ADMIN, SELLER, Demo
from tests.browser.scenes.scene import Scene
from tests.browser.scenes.shopper import LAMP
from tests.browser.windows import Window

LETTER = "0190f0c5-0000-7000-8000-000000000001"
EMPTY = """() => {
  for (const each of document.querySelectorAll("main .input")) {
    if (!each.matches("select, [type=search]")) each.value = "";
  }
}"""
DESK = "/seller/lantern-loft"
CONSOLE = "/operator"


async def shop_of(demo: Demo, email: str) -> Any:
    """The first shop somebody works in, as the API has it."""
    return (await demo.ask("GET", "/users/shops", by=email))["items"][0]


async def product(demo: Demo, window: Window) -> str:
    return f"{DESK}/products/{await lamp(demo)}"


async def stock(demo: Demo, window: Window) -> str:
    return f"{DESK}/stock/{await lamp(demo)}"


async def lamp(demo: Demo) -> str:
    return str((await demo.ask("GET", f"/products/{LAMP}"))["id"])


async def order(demo: Demo, window: Window) -> str:
    """One that waits to be sent."""
    shop = await shop_of(demo, SELLER)
    path = f"/shops/{shop['id']}/orders?status=confirmed&page_size=1"
    return f"{DESK}/orders/{(await demo.ask('GET', path, by=SELLER))['items'][0]['id']}"


async def order_at_the_console(demo: Demo, window: Window) -> str:
    return CONSOLE + (await order(demo, window)).removeprefix(DESK)


async def payment(demo: Demo, window: Window) -> str:
    found = await demo.ask("GET", "/admin/payments?page_size=1", by=ADMIN)
    return f"{CONSOLE}/payments/{found['items'][0]['id']}"


async def person(demo: Demo, window: Window) -> str:
    found = await demo.ask("GET", "/admin/users?q=shopper", by=ADMIN)
    return f"{CONSOLE}/users/{found['items'][0]['id']}"


async def wrong_prices(window: Window) -> None:
    """A grid that was refused."""
    await window.page.locator("[name^='price--']").first.fill("a lot")
    await window.click("Save variants")
    await window.has("another look")


async def more_colours(window: Window) -> None:
    """A grid that grows."""
    await window.page.locator("#more-variants > summary").click()
    await window.fill(**{"more--0": "Slate, Moss"})
    await window.click("Add rows")
    await window.has("2 rows are new.")


async def nothing_said(window: Window) -> None:
    """The page's own form, sent as it is but with nothing in it that people type."""
    await window.page.evaluate(EMPTY)
    await window.page.locator("main form:has(.fields) button:not([value=update])").last.click()
    await window.has("another look")


async def too_many_sent(window: Window) -> None:
    await window.page.locator("[name^='send--']").first.fill("9999")
    await window.click("Send it on its way")
    await window.has("another look")


async def no_reason(window: Window) -> None:
    await window.click("Refuse")
    await window.has("another look")


async def parked(demo: Demo, window: Window) -> str:
    """A message that nobody could take in."""
    servers = Servers(demo.home, Settings(home=demo.home))
    url = database_url(servers.adopted().postgres, "notifications")
    database = await Database.connect(url, "notifications")
    message = Message(LETTER, "souk.orders.shipped", b'{"order_id":"gone"}')
    try:
        await park(
            database,
            Delivery(message, attempt=8),
            consumer="notifications.order_is_shipped",
            reason="OrderNotFound: there is no such order",
        )
    finally:
        await database.close()
    return f"{CONSOLE}/parked"


async def wrong_sheet(window: Window) -> None:
    await window.page.set_input_files(
        "main [name=file]", {"name": "a.csv", "mimeType": "text/csv", "buffer": b"one,two\n1,2\n"}
    )
    await window.click("Look through it")
    await window.has("another look")


async def looked_through(window: Window) -> None:
    """A sheet with something new and something wrong."""
    sheet = b"Handle,Title,Variant SKU,Variant Price\nkite,Kite,KITE,9\nrope,Rope,ROPE,much\n"
    await window.page.set_input_files(
        "main [name=file]", {"name": "a.csv", "mimeType": "text/csv", "buffer": sheet}
    )
    await window.click("Look through it")
    await window.has("This is what it would do")


def at_desk(name: str, place: str = "", **more: Any) -> Scene:
    return Scene(name=f"desk-{name}", path=DESK + place, by=SELLER, **more)


def at_console(name: str, place: str = "", **more: Any) -> Scene:
    return Scene(name=f"console-{name}", path=CONSOLE + place, by=ADMIN, **more)


SCENES = (
    at_desk("overview"),
    at_desk("orders", "/orders"),
    at_desk("no-orders", "/orders?status=cancelled&page=99"),
    at_desk("order", arrange=order),
    at_desk("products", "/products"),
    at_desk("drafts", "/products?status=draft"),
    at_desk("new-product", "/products/new"),
    at_desk("product", arrange=product),
    at_desk("product-grown", arrange=product, act=more_colours),
    at_desk("product-refused", arrange=product, act=wrong_prices),
    at_desk("stock", "/stock"),
    at_desk("product-stock", arrange=stock),
    at_desk("import", "/import"),
    at_desk("import-refused", "/import", act=wrong_sheet),
    at_desk("import-preview", "/import", act=looked_through),
    at_desk("settings", "/settings"),
    Scene(name="desk-open", path="/seller-open", by=SELLER),
    at_console("shops", "/shops"),
    at_console("no-shops", "/shops?approval=refused"),
    at_console("people", "/users"),
    at_console("person", arrange=person),
    at_console("orders", "/orders"),
    at_console("order", arrange=order_at_the_console),
    at_console("payments", "/payments"),
    at_console("payment", arrange=payment),
    at_console("ledger", "/ledger?kind=seller"),
    at_console("parked", arrange=parked),
    at_console("health", "/health"),
)
# More states of these pages, of parts that the others have: only photographed.
ALIKE = (
    at_desk("order-refused", arrange=order, act=too_many_sent),
    at_desk("new-product-refused", "/products/new", act=nothing_said),
    at_desk("stock-low", "/stock?level=low"),
    at_desk("stock-not-found", "/stock?q=xylophonium"),
    at_desk("settings-refused", "/settings", act=nothing_said),
    at_console("shop-refused", "/shops", act=no_reason),
    at_console("nothing-parked", "/parked"),
)
PRINTS = (
    at_desk("order-printed", arrange=order),
    at_console("order-printed", arrange=order_at_the_console),
)
