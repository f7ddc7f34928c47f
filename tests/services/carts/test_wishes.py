"""What shoppers wished for goes into the cart, and off the list."""

import pytest

from souk.contracts.carts import CartServiceClient, MoveToCartRequest, NotOnTheWishlist
from souk.contracts.inventory import InsufficientStock, InventoryService
from souk.contracts.pricing import PricingService
from souk.contracts.users import UserService, Wishlist, WishlistItem, WishlistNotFound
from souk.kernel.clock import SystemClock
from souk.kernel.context import caller
from souk.kernel.ids import new_id
from souk.kernel.refusals import InvalidRequest, SignInRequired
from tests.services.carts.test_carts import HAT, SHIRT, World, adding, got, look
from tests.support.hosting import hosted
from tests.support.people import as_, customer, guest

CHOSEN, ANY, ADA = new_id(), new_id(), customer()


class Lists:
    """Users, as far as carts ask them: Ada's wishlist."""

    def __init__(self):
        now = SystemClock().now()
        self.items = [
            WishlistItem(product_id=CHOSEN, variant_id=SHIRT, added_at=now),
            WishlistItem(product_id=ANY, added_at=now),
        ]

    async def get_wishlist(self, request):
        if caller().user_id != ADA.user_id or request.wishlist_id:
            raise WishlistNotFound()
        return Wishlist(items=tuple(self.items))

    async def remove_from_wishlist(self, request):
        self.items = [item for item in self.items if item.product_id != request.product_id]


@pytest.fixture
def lists():
    return Lists()


@pytest.fixture
def world():
    return World()


@pytest.fixture
async def carts(servers, world, lists):
    fakes = {PricingService: world, InventoryService: world, UserService: lists}
    async with hosted("carts", servers, fakes=fakes) as host:
        yield host.client(CartServiceClient)


async def test_a_wish_goes_into_the_cart_and_off_the_list(carts, lists):
    with as_(ADA):
        await carts.add_item(adding(SHIRT))
        cart = await carts.move_to_cart(MoveToCartRequest(product_id=CHOSEN))
        assert got(cart) == got(await look(carts)) == {SHIRT: 2}
        with pytest.raises(NotOnTheWishlist):
            await carts.move_to_cart(MoveToCartRequest(product_id=CHOSEN))
    assert [item.product_id for item in lists.items] == [ANY]


async def test_where_no_variant_was_chosen_it_is_chosen_now(carts, lists):
    with as_(ADA):
        with pytest.raises(InvalidRequest) as refused:
            await carts.move_to_cart(MoveToCartRequest(product_id=ANY))
        assert refused.value.errors[0].field == "variant_id"
        chosen = MoveToCartRequest(product_id=ANY, variant_id=HAT, quantity=3)
        assert got(await carts.move_to_cart(chosen)) == {HAT: 3}


async def test_what_cannot_be_bought_stays_on_the_list(carts, world, lists):
    world.available[SHIRT] = 0
    with as_(ADA), pytest.raises(InsufficientStock):
        await carts.move_to_cart(MoveToCartRequest(product_id=CHOSEN))
    assert len(lists.items) == 2


async def test_a_list_of_somebody_else_is_not_there(carts):
    with as_(customer()), pytest.raises(WishlistNotFound):
        await carts.move_to_cart(MoveToCartRequest(product_id=CHOSEN))
    with as_(ADA), pytest.raises(WishlistNotFound):
        await carts.move_to_cart(MoveToCartRequest(product_id=CHOSEN, wishlist_id=new_id()))
    with as_(guest()), pytest.raises(SignInRequired):
        await carts.move_to_cart(MoveToCartRequest(product_id=CHOSEN))
