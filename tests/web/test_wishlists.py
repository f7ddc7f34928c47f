"""People keep what they like, on lists that are theirs, and show them to whom they please."""

import re

from souk.contracts.users import AddToWishlistRequest, CreateWishlistRequest, UserServiceClient
from souk.kernel.ids import new_id
from tests.support.people import as_
from tests.web.market import PASSWORD
from tests.web.test_hostile_forms import HOSTILE, said_safely

HOME = "/account/wishlists"


def pressed(visitor):
    return re.findall(r'id="save-\d+"[^>]*aria-pressed="(\w+)"', visitor.page.text)


async def saved(market, visitor, name="Desk Lamp", **more):
    """A product on the visitor's first list, whose page they see."""
    product = await market.product(name, **more)
    await visitor.see(f"/p/{product.slug}")
    await visitor.send("/saved")
    return product


async def listed(visitor, name):
    """The address of a list that was just made."""
    await visitor.see(HOME)
    await visitor.send(HOME, _exactly=True, name=name)
    return visitor.page.url.path


async def test_a_product_is_saved_and_taken_off_again(market):
    visitor = await market.signed_in()
    product = await saved(market, visitor, "Moth Lamp")

    assert visitor.page.url.path == f"/p/{product.slug}"
    assert visitor.has("Saved to Wishlist.")
    assert pressed(visitor) == ["true"]
    await visitor.send("/saved", action="remove")
    assert visitor.has("It is off your wishlist.")
    assert pressed(visitor) == ["false"]


async def test_what_a_guest_saves_is_saved_once_they_have_signed_in(market, guest):
    known = await market.person()
    product = await saved(market, guest, "Moon Lamp")
    assert guest.page.url.path == "/sign-in"
    assert guest.has("Sign in, and it is saved.")

    await guest.send("/sign-in", email=known.user.email, password=PASSWORD)

    assert guest.page.url.path == f"/p/{product.slug}"
    assert guest.has("Saved to Wishlist.")
    assert pressed(guest) == ["true"]
    await guest.post("/sign-out", csrf=guest.fields("/saved")["csrf"])
    await market.enter(guest, known.user.email)
    assert not guest.has("Saved to")


async def test_what_a_guest_saves_is_saved_by_making_an_account_as_well(market, guest):
    product = await saved(market, guest, "Star Lamp")
    await guest.see(re.search(r'href="(/register[^"]*)"', guest.page.text)[1])

    await guest.send(
        "/register", email=f"{new_id()}@example.com", password=PASSWORD, first_name="Eve"
    )

    assert guest.page.url.path == f"/p/{product.slug}"
    assert pressed(guest) == ["true"]


async def test_whoever_has_several_lists_chooses_among_them(market):
    visitor = await market.signed_in()
    garden = await listed(visitor, "Garden")
    await listed(visitor, "Kitchen")
    product = await market.product("Lawn Lamp")
    await visitor.see(f"/p/{product.slug}")
    assert pressed(visitor) == ["false", "false"]

    fields = visitor.fields("/saved")
    await visitor.post("/saved", **fields, action="save")

    assert visitor.has("Saved to Garden.")
    assert pressed(visitor) == ["true", "false"]
    await visitor.see(garden)
    assert visitor.has("Lawn Lamp")


async def test_our_script_is_given_the_part_and_a_toast(market):
    visitor = await market.signed_in()
    product = await market.product("Reed Lamp")
    await visitor.see(f"/p/{product.slug}")
    fields = visitor.fields("/saved") | {"action": "save"}

    visitor.http.headers["x-souk-swap"] = "1"
    await visitor.post("/saved", **fields)

    assert visitor.page.status_code == 200
    assert pressed(visitor) == ["true"]
    assert 'class="toast"' in visitor.page.text
    assert "<main" not in visitor.page.text


async def test_a_list_shows_prices_what_is_sold_out_and_what_is_gone(market):
    visitor = await market.signed_in()
    lamp = await saved(market, visitor, "Cave Lamp")
    gone = await saved(market, visitor, "Last Lamp", stock=0)
    with as_(visitor.caller):
        users = UserServiceClient(market.board)
        await users.add_to_wishlist(AddToWishlistRequest(product_id=new_id(), note="once there"))
        await users.add_to_wishlist(AddToWishlistRequest(product_id=lamp.id, note="any colour"))

    await visitor.see(await only_list(visitor))

    for text in ("Cave Lamp", "$64.00", "Sold out", "Not for sale any more", "once there"):
        assert visitor.has(text), text
    assert visitor.has("Choose")
    assert f'href="/p/{gone.slug}?variant=' in visitor.page.text
    await visitor.send("/cart/items")
    assert visitor.has("Cave Lamp is in your cart.")


async def test_things_are_noted_and_removed(market):
    visitor = await market.signed_in()
    await saved(market, visitor, "Bog Lamp")
    home = await only_list(visitor)
    await visitor.see(home)
    fields = visitor.fields(home)

    await visitor.post(home, **fields | {"note": "for Ben's desk", "action": "note"})
    assert visitor.has("for Ben's desk")
    await visitor.post(home, **fields | {"note": "x" * 201, "action": "note"})
    assert visitor.page.status_code == 422
    elsewhere = fields | {"product_id": new_id(), "note": "sneaked in", "action": "note"}
    await visitor.post(home, **elsewhere)
    assert not visitor.has("sneaked in")
    await visitor.post(home, **fields | {"action": "remove"})
    assert visitor.has("Nothing on this list yet")


async def test_lists_are_made_renamed_and_deleted_once_that_was_confirmed(market):
    visitor = await market.signed_in()
    await visitor.see(HOME)
    assert visitor.has("Nothing saved yet")
    home = await listed(visitor, "Garden")

    for name in ("", "x" * 81):
        await visitor.send(home, _exactly=True, name=name, action="rename")
        assert visitor.page.status_code == 422
        assert 'id="e-name"' in visitor.page.text
    await visitor.send(home, _exactly=True, name="Orchard", action="rename")
    assert visitor.has("Orchard")

    await visitor.see(f"{home}/delete")
    assert visitor.has("Delete Orchard?")
    await visitor.send(f"{home}/delete")
    assert visitor.has("Orchard is gone.")
    assert (await visitor.see(home)).status_code == 404


async def test_a_list_too_many_and_a_name_too_long_are_refused_at_the_form(market):
    visitor = await market.signed_in()
    with as_(visitor.caller):
        for place in range(20):
            await UserServiceClient(market.board).create_wishlist(
                CreateWishlistRequest(name=f"List {place}")
            )
    await visitor.see(HOME)
    await visitor.send(HOME, _exactly=True, name="x" * 81)
    assert visitor.page.status_code == 422
    assert 'id="e-name"' in visitor.page.text

    await visitor.send(HOME, _exactly=True, name="One more")

    assert visitor.page.status_code == 409
    assert visitor.has("at most 20 wishlists")
    assert visitor.fields(HOME, exactly=True)["name"] == "One more"


async def test_a_full_list_says_so_on_the_products_page(market):
    visitor = await market.signed_in()
    with as_(visitor.caller):
        for _ in range(200):
            await UserServiceClient(market.board).add_to_wishlist(
                AddToWishlistRequest(product_id=new_id())
            )

    product = await saved(market, visitor, "Lamp Too Many")

    assert visitor.page.status_code == 409
    assert visitor.has("holds at most 200 items")
    assert visitor.has(product.name)
    guest = market.visitor()
    await saved(market, guest, "Lamp Beyond")
    await guest.send("/sign-in", email=visitor.email, password=PASSWORD)
    assert guest.page.status_code == 200
    assert guest.has("holds at most 200 items")
    home = await only_list(visitor)
    await visitor.see(f"{home}?page=9")
    assert 'aria-label="Page 9"' in visitor.page.text


async def test_a_shared_list_is_seen_by_its_link_until_that_is_ended(market, guest):
    visitor = await market.signed_in()
    await saved(market, visitor, "Fen Lamp")
    home = await only_list(visitor)
    await visitor.see(home)
    await visitor.post(
        home, **visitor.fields(home) | {"note": "what Ben must not know", "action": "note"}
    )
    await visitor.post(home, **visitor.fields(home), action="share")
    link = re.search(r'value="http://shop\.test(/w/[^"]+)"', visitor.page.text)[1]

    await guest.see(link)

    assert guest.has("Fen Lamp")
    for private in ("what Ben must not know", "Ada", visitor.email, home):
        assert private not in guest.page.text, private
    assert "noindex" in guest.page.text
    await visitor.post(home, **visitor.fields(home), action="unshare")
    assert visitor.has("The link leads nowhere any more.")
    for path in (link, "/w/nothing", f"/w/{'x' * 300}"):
        assert (await guest.see(path)).status_code == 404, path
        assert guest.has("We looked everywhere")


async def test_nobody_reaches_the_list_of_somebody_else(market, guest):
    theirs, other = await market.signed_in(), await market.signed_in()
    home = await listed(theirs, "Mine")
    await other.see(HOME)
    fields = other.fields(HOME) | {"name": "Yours now"}

    for path in (home, f"{home}/delete", f"{HOME}/{new_id()}", f"{HOME}/no-id"):
        assert (await other.see(path)).status_code == 404, path
        for action in ("rename", "share", "remove", "note"):
            await other.post(path, **fields | {"action": action, "product_id": new_id()})
            assert other.page.status_code == 404, path
    product = await market.product("Own Lamp")
    await other.see(f"/p/{product.slug}")
    await other.post("/saved", **other.fields("/saved"), wishlist_id=home[-36:])
    assert other.page.status_code == 404

    await guest.see(home)
    assert guest.page.url.path == "/sign-in"
    await theirs.see(home)
    assert theirs.has("Mine")


async def test_a_stale_or_foreign_form_saves_nothing(market):
    visitor = await market.signed_in()
    product = await market.product("Old Lamp")
    await visitor.see(f"/p/{product.slug}")
    fields = visitor.fields("/saved")

    page = await visitor.http.post("/saved", data=fields, headers={"sec-fetch-site": "cross-site"})
    assert page.status_code == 403
    await visitor.post("/saved", **fields | {"csrf": "of-yesterday"})
    assert visitor.has("Once more, please")
    await visitor.see(f"/p/{product.slug}")
    assert pressed(visitor) == ["false"]


async def test_names_and_notes_take_anything(market):
    visitor = await market.signed_in()
    await saved(market, visitor, "Odd Lamp")
    home = await only_list(visitor)
    for text in HOSTILE:
        await visitor.see(home)
        for fields in ({"name": text, "action": "rename"}, {"note": text, "action": "note"}):
            await visitor.post(home, **visitor.fields(home) | fields)
            assert visitor.page.status_code < 500, visitor.page.text
            assert said_safely(visitor.page, text)
        await visitor.see(HOME)
        await visitor.post(HOME, **visitor.fields(HOME) | {"name": text, "key": text})
        assert visitor.page.status_code < 500, visitor.page.text
        await visitor.see("/")
        await visitor.post("/saved", csrf=csrf_of(visitor), product_id=text, product=text)
        assert visitor.page.status_code < 500, visitor.page.text


def csrf_of(visitor):
    return re.search(r'name="csrf" value="([^"]+)"', visitor.page.text)[1]


async def only_list(visitor):
    await visitor.see(HOME)
    return re.search(rf'href="({HOME}/[0-9a-f-]+)"', visitor.page.text)[1]
