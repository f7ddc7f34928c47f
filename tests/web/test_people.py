"""An owner takes people into the shop, says what they may do there, and closes it one day."""

import re
from urllib.parse import quote

import pytest

from souk.contracts.shops import CreateShopRequest, Shop, ShopServiceClient
from souk.kernel.ids import new_id
from souk.services.users.permissions import catalog
from souk.web.route import Page
from souk.web.seller import PAGES
from souk.web.seller.rights import HOME, OWNERS, SHOWN, TAKEN, named
from tests.support.people import as_
from tests.web.market import PASSWORD, Visitor
from tests.web.test_account import prove
from tests.web.test_buying import bought
from tests.web.test_hostile_forms import HOSTILE, said_safely

FOR_SHOPS = {one.name for one in catalog() if one.for_shops}


@pytest.fixture
async def seller(market):
    return await market.at_desk()


def people(market):
    return f"{market.desk}/people"


async def role(market, seller, *parts, name="", single=()):
    """Made as an owner makes one; its address."""
    called = name or f"Role {new_id()[-6:]}"
    home = f"{people(market)}/roles/new"
    await seller.see(home)
    fields = seller.fields(home) | {"name": called, "parts": list(parts)}
    await seller.post(home, **fields | {"permissions": list(single)})
    assert seller.has(f"{called} can be given to people now."), seller.page.text
    listed = rf'href="({people(market)}/roles/[^"]+)"><strong dir="auto">{re.escape(called)}<'
    return re.search(listed, seller.page.text)[1]


async def invited(market, seller, role_path):
    """The path of the link that the owner is shown."""
    await seller.see(people(market))
    await seller.send(f"{people(market)}/invite", shop_role_id=role_path[-36:])
    assert seller.has("shown only this once"), seller.page.text
    return re.search(r'value="http://shop\.test(/join\?token=[^"]+)"', seller.page.text)[1]


async def taken_in(market, seller, role_path):
    person = await market.signed_in()
    await person.see(await invited(market, seller, role_path))
    await person.send("/join")
    assert person.has("Welcome to Lantern & Loft."), person.page.text
    return person


def test_every_page_of_a_desk_says_what_it_needs():
    at_desk = [page for page in PAGES if page.path.startswith(HOME)]

    def is_known(page: Page) -> bool:
        place = page.path.removeprefix(HOME)
        return place in SHOWN or place in TAKEN or place in OWNERS

    assert [page.path for page in at_desk if not is_known(page)] == []
    for needs in (*SHOWN.values(), *TAKEN.values()):
        assert named(needs) <= FOR_SHOPS, "an owner could not give it"


async def test_an_owner_invites_somebody_who_packs_and_sees_nothing_else(market, seller, guest):
    order = await bought(guest, await market.product("Parcel Lamp"))
    packer = await taken_in(market, seller, await role(market, seller, "orders"))

    assert packer.page.url.path == f"{market.desk}/orders"
    shown = set(re.findall(rf'href="({market.desk}[^"?]*)"', packer.page.text))
    menu = {path for path in shown if path.count("/") <= 3}
    assert menu == {market.desk, f"{market.desk}/orders", people(market)}
    assert (await packer.see(f"{market.desk}{order}")).status_code == 200
    await packer.send(f"{market.desk}{order}/fulfil")
    assert packer.has("is on its way.")
    for place in ("/products", "/products/new", "/stock", "/import", "/settings", "/close",
                  "/export.csv", "/people/roles/new"):  # fmt: skip
        assert (await packer.see(f"{market.desk}{place}")).status_code == 403, place
        assert packer.has("This door is not yours"), place


async def test_a_form_beyond_a_role_is_refused_kindly(market, seller):
    product = await market.product("Shut Lamp")
    home = f"{market.desk}/products/{product.id}"
    only_looks = ("catalog.list_shop_products", "catalog.get_product")
    looker = await taken_in(market, seller, await role(market, seller, single=only_looks))
    await looker.see(home)
    assert looker.page.status_code == 200
    fields = looker.fields(home, exactly=True)

    sent = (
        (home, fields | {"name": "Mine"}),
        (f"{home}/change", fields | {"action": "delete"}),
        (f"{market.desk}/settings", fields | {"name": "Mine"}),
        (people(market), fields | {"action": "remove", "member_id": market.owner.user_id}),
        (f"{people(market)}/invite", fields),
        (f"{market.desk}/close", fields | {"shop_name": market.shop.name}),
    )
    for path, typed in sent:
        await looker.post(path, **typed)
        assert looker.page.status_code == 403, path
        assert looker.has("This door is not yours"), path
    await looker.see(f"{market.desk}/products")
    assert not looker.has("New product")


async def test_a_role_that_opens_no_page_says_so_and_whoever_has_it_may_leave(market, seller):
    path = await role(market, seller, single=("orders.get_timeline",))
    person = await taken_in(market, seller, path)
    assert person.page.url.path == people(market)
    assert person.has("opens no part of the seller centre")

    await person.send(people(market), action="leave")

    assert person.has("You do not work in Lantern & Loft any more.")
    assert (await person.see(market.desk)).status_code == 404


async def test_a_guest_signs_in_or_registers_and_comes_back_to_the_invitation(
    market, seller, guest
):
    path = await role(market, seller, "stock", name="Stock clerks")
    link = await invited(market, seller, path)
    await guest.see(link)
    assert guest.has("Work in Lantern & Loft")
    assert guest.has("Stock clerks")
    assert f'href="/sign-in?next={quote(link, safe="")}"' in guest.page.text
    await guest.see(re.search(r'href="(/register\?[^"]*)"', guest.page.text)[1])
    email = f"{new_id()}@example.com"

    await guest.send("/register", email=email, password=PASSWORD, first_name="Eve")
    assert str(guest.page.url).endswith(link)
    await guest.send("/join")

    assert guest.has("Welcome to Lantern & Loft.")
    await seller.see(people(market))
    assert seller.has(email)
    assert seller.has("Eve")


async def test_an_invitation_that_was_followed_withdrawn_or_never_made_opens_nothing(
    market, seller
):
    path = await role(market, seller, "orders")
    used, person = await invited(market, seller, path), await market.signed_in()
    await person.see(used)
    page = person.page
    await person.send("/join")
    other = await market.signed_in()
    taken_back = await invited(market, seller, path)
    await seller.see(people(market))
    ids = re.findall(r'name="invitation_id" value="([^"]+)"', seller.page.text)
    fields = {"csrf": csrf_of(seller), "action": "withdraw"}
    for one in ids:
        await seller.post(people(market), **fields, invitation_id=one)
    assert seller.has("That link opens nothing any more.")

    for link in (used, taken_back, "/join", "/join?token=none", f"/join?token={'x' * 300}"):
        await other.see(link)
        assert other.page.status_code == 404, link
        assert other.has("This invitation opens nothing"), link
    person.page = page
    await person.send("/join")
    assert person.page.status_code == 404


async def test_whoever_works_there_passes_an_invitation_on_and_others_change_accounts(
    market, seller
):
    link = await invited(market, seller, await role(market, seller, "orders"))
    await seller.see(link)
    assert seller.has("You work there already.")
    await seller.post("/join", csrf=csrf_of(seller), token=link.partition("=")[2])
    assert seller.page.status_code == 404

    wrong = await market.signed_in()
    await wrong.see(link)
    assert wrong.has(f"You are signed in as {wrong.email}")
    await wrong.send("/sign-out")
    assert str(wrong.page.url).endswith(link)
    assert wrong.has("Sign in to join")


async def test_people_get_another_role_and_are_sent_away(market, seller):
    first = await role(market, seller, "orders")
    second = await role(market, seller, "stock")
    person = await taken_in(market, seller, first)
    member = {"member_id": person.caller.user_id, "csrf": csrf_of(seller)}

    await seller.post(people(market), **member, shop_role_id=second[-36:], action="role")
    assert seller.has("Saved.")
    assert (await person.see(f"{market.desk}/orders")).status_code == 403
    assert (await person.see(f"{market.desk}/stock")).status_code == 200
    for wrong, status in ((new_id(), 404), ("no-id", 422), ("", 422)):
        await seller.post(people(market), **member, shop_role_id=wrong, action="role")
        assert seller.page.status_code == status, wrong

    await seller.post(people(market), **member, action="remove")
    assert seller.has("They do not work here any more.")
    assert (await person.see(f"{market.desk}/stock")).status_code == 404
    owner = {**member, "member_id": market.owner.user_id}
    for action in ("remove", "leave"):
        await seller.post(people(market), **owner, action=action)
        assert seller.page.status_code == 409, action
        assert seller.has("The owner stays"), action


async def test_a_role_is_changed_and_goes_when_nobody_has_it(market, seller):
    home = await role(market, seller, "orders", single=("catalog.set_price",))
    await seller.see(home)
    assert re.search(r'value="orders" checked', seller.page.text)
    assert re.search(r'value="catalog.set_price" checked', seller.page.text)
    assert not re.search(r'value="orders.get_order" checked', seller.page.text)
    await seller.post(home, **seller.fields(home) | {"action": "save", "parts": "stock"})
    await seller.see(home)
    assert not re.search(r'value="orders" checked', seller.page.text)
    assert re.search(r'value="stock" checked', seller.page.text)

    person = await taken_in(market, seller, home)
    await seller.see(home)
    fields = {"csrf": csrf_of(seller), "action": "delete"}
    await seller.post(home, **fields)
    assert seller.page.status_code == 409
    await seller.post(
        people(market), **fields | {"action": "remove"}, member_id=person.caller.user_id
    )
    await seller.post(home, **fields)
    assert seller.has("is gone.")
    assert (await seller.see(home)).status_code == 404


async def test_a_role_without_a_name_or_a_right_is_refused_at_its_fields(market, seller):
    home = f"{people(market)}/roles/new"
    await role(market, seller, "orders", name="Packers")
    await seller.see(home)

    await seller.send(home, name="x")
    assert seller.page.status_code == 422
    assert 'id="e-name"' in seller.page.text
    assert 'id="e-permissions"' in seller.page.text
    await seller.send(home, name="PACKERS", parts="orders")
    assert seller.page.status_code == 409
    assert 'id="e-name"' in seller.page.text
    assert re.search(r'value="orders" checked', seller.page.text)
    await seller.send(home, name="Kings", permissions="shops.close_shop")
    assert seller.page.status_code == 422
    assert 'id="e-permissions"' in seller.page.text


async def test_another_shops_people_and_roles_are_nobodys_business(market, seller, guest):
    home = await role(market, seller, "orders")
    rival, shop = await with_a_shop(market)
    await rival.see(f"/seller/{shop.slug}/settings")
    fields = {"csrf": csrf_of(rival), "name": "Mine", "parts": "orders", "action": "delete"}

    for path in (people(market), home, f"{market.desk}/close", f"{market.desk}/people/roles/new"):
        assert (await rival.see(path)).status_code == 404, path
        await rival.post(path, **fields)
        assert rival.page.status_code == 404, path
    own = f"/seller/{shop.slug}/people/roles/{home[-36:]}"
    assert (await rival.see(own)).status_code == 404
    await rival.post(f"/seller/{shop.slug}/people/invite", **fields, shop_role_id=home[-36:])
    assert rival.page.status_code == 404
    await guest.see(people(market))
    assert guest.page.url.path == "/sign-in"


async def test_roles_take_any_name(market, seller):
    home = f"{people(market)}/roles/new"
    for text in HOSTILE:
        await seller.see(home)
        await seller.send(home, name=text, parts="orders", permissions=text, key=text)
        assert seller.page.status_code < 500, seller.page.text
        assert said_safely(seller.page, text)
        await seller.see(home)
        await seller.send(home, name=text, parts="orders")
        assert seller.page.status_code < 500, seller.page.text
        assert said_safely(seller.page, text)


async def test_a_stale_form_makes_nobody_anything(market, seller):
    link = await invited(market, seller, await role(market, seller, "orders"))
    person = await market.signed_in()
    await person.see(link)

    await person.post("/join", token=link.partition("=")[2], csrf="of-yesterday")

    assert person.has("Once more, please")
    assert (await person.see(market.desk)).status_code == 404


async def test_a_shop_closes_once_its_name_was_typed_and_its_owner_known(market):
    owner, shop = await with_a_shop(market)
    home = f"/seller/{shop.slug}"
    await owner.see(f"{home}/settings")
    assert f'href="{home}/close"' in owner.page.text
    await owner.see(f"{home}/close")
    assert owner.has("No order is open")
    for wrong in ("", "Another shop", *HOSTILE):
        await owner.send(f"{home}/close", shop_name=wrong)
        assert owner.page.status_code == 422, wrong
        assert 'id="e-shop_name"' in owner.page.text
        assert said_safely(owner.page, wrong)
    await market.much_later(owner)
    await owner.see(f"{home}/close")

    await owner.send(f"{home}/close", shop_name=f" {shop.name.upper()} ")
    await prove(owner)

    assert owner.has(f"{shop.name} is closed.")
    assert owner.has("This shop is closed for good")
    await owner.see(f"{home}/close")
    assert owner.has("It is closed already")


async def test_orders_that_are_open_are_named_before_a_shop_closes(market, seller, guest):
    order = await bought(guest, await market.product("Parting Lamp"))

    await seller.see(f"{market.desk}/close")

    assert f'href="{market.desk}{order}"' in seller.page.text
    assert seller.has("Orders that are still open")


def csrf_of(visitor):
    return re.search(r'name="csrf" value="([^"]+)"', visitor.page.text)[1]


async def with_a_shop(market) -> tuple[Visitor, Shop]:
    owner = await market.signed_in()
    with as_(owner.caller):
        shop = await ShopServiceClient(market.board).create_shop(
            CreateShopRequest(name=f"Rival {new_id()[-6:]}", currency="USD")
        )
    owner.http.cookies.delete("souk_access")  # the next one says that they sell
    return owner, shop
