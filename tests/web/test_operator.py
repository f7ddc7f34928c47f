"""The operators' console, without a line of script."""

import re

import pytest

from souk.contracts.api import Role
from souk.contracts.shops import CreateShopRequest, ListShopsToApproveRequest, ShopServiceClient
from souk.contracts.users import (
    AssignStaffRoleRequest,
    CreateStaffRoleRequest,
    GrantRoleRequest,
    UserServiceClient,
)
from souk.kernel.audit.reading import list_entries
from souk.kernel.context import Caller
from souk.kernel.ids import new_id
from tests.support.people import admin, as_, service
from tests.support.waiting import eventually
from tests.web.market import PASSWORD
from tests.web.test_buying import bought

PLACES = ("shops", "users", "orders", "payments", "ledger", "parked", "health")


@pytest.fixture
async def operator(market):
    return await operator_of(market)


async def operator_of(market, role=Role.ADMIN):
    """Somebody new, signed in as an operator."""
    known = await market.person()
    with as_(service("console")):
        await UserServiceClient(market.board).grant_role(
            GrantRoleRequest(user_id=known.user.id, role=role)
        )
    return await market.enter(market.visitor(), known.user.email)


async def shop_of(market, name):
    known = await market.person()
    with as_(Caller(known.user.id, frozenset({"customer"}))):
        return await ShopServiceClient(market.board).create_shop(
            CreateShopRequest(name=name, currency="USD", description="<b>Kites</b> & string")
        )


@pytest.mark.parametrize("place", PLACES)
async def test_only_operators_see_the_console(market, guest, operator, place):
    stranger = await market.signed_in()

    assert (await operator.see(f"/operator/{place}")).status_code == 200
    assert (await stranger.see(f"/operator/{place}")).status_code == 403
    assert (await guest.see(f"/operator/{place}")).url.path == "/sign-in"


async def test_a_shop_is_approved(market, operator):
    shop = await shop_of(market, f"Kites {new_id()[-6:]}")
    await operator.see("/operator/shops")

    await operator.send(f"/operator/shops/{shop.id}", action="approve")

    assert operator.has(f"{shop.name} is approved.")
    await operator.see("/operator/shops?approval=approved")
    assert operator.has(shop.name)


async def test_a_shop_is_refused_with_a_reason_that_its_people_read(market, operator):
    seller = await market.signed_in()
    await seller.see("/seller-open")
    await seller.send("/seller-open", name=f"Forge {new_id()[-6:]}", currency="USD")
    home = seller.page.url.path
    await operator.see("/operator/shops")
    shop = next(one for one in await waiting(market) if home.endswith(one.slug))

    await operator.send(f"/operator/shops/{shop.id}", action="refuse")
    assert operator.page.status_code == 422
    assert 'id="e-note"' in operator.page.text
    await operator.send(f"/operator/shops/{shop.id}", action="refuse", note="No names of others.")

    assert operator.has("is refused, and closed.")
    await seller.see(home)
    assert seller.has("No names of others.")


async def test_people_are_found_and_every_look_is_recorded(market, operator):
    known = await market.person()

    await operator.see(f"/operator/users?q={known.user.email[:20]}")
    assert operator.has(known.user.email)
    await operator.see(f"/operator/users/{known.user.id}")

    looks = await list_entries(market.souk.process.databases["users"], known.user.id, limit=50)
    assert [one.action for one in looks].count("users.account_seen") == 2


async def test_an_account_is_barred_and_let_back_in(market, operator):
    known = await market.person()
    home = f"/operator/users/{known.user.id}"

    await operator.see(home)
    await operator.send(home, action="ban")
    assert operator.has("is barred.")
    visitor = market.visitor()
    await visitor.see("/sign-in")
    await visitor.send("/sign-in", email=known.user.email, password=PASSWORD)
    assert visitor.page.status_code >= 400
    await operator.send(home, action="reinstate")
    assert operator.has("may come in again.")


async def test_support_cannot_bar_an_admin(market, operator):
    support = await operator_of(market, Role.SUPPORT)
    other = await market.person()
    with as_(service("console")):
        await UserServiceClient(market.board).grant_role(
            GrantRoleRequest(user_id=other.user.id, role=Role.ADMIN)
        )
    home = f"/operator/users/{other.user.id}"

    await support.see(home)
    await support.send(home, action="ban")

    assert support.page.status_code == 403
    assert (await support.see("/operator/ledger")).status_code == 403
    await support.see("/operator")
    assert "/operator/ledger" not in support.page.text


async def test_an_order_leads_to_its_payment_and_what_that_moved(market, guest, operator):
    address = await bought(guest, await market.product("Ledger Lamp"))

    await operator.see(f"/operator{address}")
    assert operator.has("Ledger Lamp")
    payment = operator.page.text.split('href="/operator/payments/')[1].split('"')[0]

    async def number_shown():
        """The order behind the escrow is named, once its money was captured."""
        await operator.see(f"/operator/payments/{payment}")
        assert operator.has("What it moved")
        return re.search(r"SK-\d{8}-\w+", operator.page.text)

    number = await eventually(number_shown)
    await operator.see("/operator/ledger")
    assert operator.has("USD adds up to zero")
    assert f'href="/operator{address}">{number[0]}</a>' in operator.page.text
    assert operator.has(f"escrow:{address.rpartition('/')[2]}")
    await operator.see("/operator/orders?q=not-a-number!")
    assert operator.has("No orders here")


@pytest.mark.parametrize("path", ["orders", "payments", "users"])
@pytest.mark.parametrize("wanted", ["nonsense", "01a1fed4-f11a-73f3-9e57-ecfb1efe48e8"])
async def test_what_is_not_there_is_not_found(operator, path, wanted):
    assert (await operator.see(f"/operator/{path}/{wanted}")).status_code == 404


async def test_health_tells_of_every_service(market, operator):
    await operator.see("/operator/health")

    for name in market.souk.process.services:
        assert operator.has(name)
    assert operator.has("Well")


async def test_a_parked_message_is_shown_with_its_reason_and_tried_again(market, operator):
    database = market.souk.process.databases["notifications"]
    letter = new_id()
    await database.execute(
        "insert into dead_letters (id, consumer, subject, payload, headers, reason, deliveries,"
        " first_failed_at) values ($1, 'gone', 'souk.tests.gone', '', '{}', $2, 6, now())",
        letter,
        "LookupError: <nobody> is there",
    )

    await operator.see("/operator/parked")
    assert operator.has("LookupError: <nobody> is there")
    await operator.send("/operator/parked", message_id=letter)

    assert operator.has("0 took effect, 1 did not.")
    deeds = await list_entries(database, limit=50)
    assert "operations.dead_letter_replayed" in [one.action for one in deeds]
    await operator.send("/operator/parked", _without=("message_id",))
    assert operator.page.status_code == 422
    await database.execute("delete from dead_letters where id = $1", letter)


async def test_staff_see_what_their_role_lends_them_and_no_more(market):
    known = await market.person()
    users = UserServiceClient(market.board)
    with as_(admin()):
        role = await users.create_staff_role(
            CreateStaffRoleRequest(
                name=f"orders desk {new_id()[-6:]}", permissions=("orders.list_all_orders",)
            )
        )
        await users.assign_staff_role(
            AssignStaffRoleRequest(user_id=known.user.id, role_id=role.id)
        )
    staff = await market.enter(market.visitor(), known.user.email)

    await staff.see("/operator")

    assert staff.page.url.path == "/operator/orders"
    assert staff.page.status_code == 200
    assert "/operator/users" not in staff.page.text
    assert (await staff.see("/operator/users")).status_code == 403


async def waiting(market):
    with as_(admin()):
        found = await ShopServiceClient(market.board).list_shops_to_approve(
            ListShopsToApproveRequest(page_size=100)
        )
    return found.items
