"""Shoppers fill carts, as guests and signed in, and see prices and stock as of now."""

import asyncio

import pytest

from souk.contracts.carts import (
    AddItemRequest,
    ApplyPromoCodeRequest,
    CalculateTotalRequest,
    CartFull,
    CartIsEmpty,
    CartItemNotFound,
    CartServiceClient,
    ClearCartRequest,
    CloseCartRequest,
    GetCartForCheckoutRequest,
    GetCartRequest,
    RemoveItemRequest,
    RemovePromoCodeRequest,
    UpdateQuantityRequest,
)
from souk.contracts.inventory import InsufficientStock, InventoryService, Stock, StockList
from souk.contracts.pricing import (
    CurrenciesMixed,
    PricedLine,
    PricingService,
    PromoCodeRefused,
    QuoteResponse,
    VariantNotForSale,
)
from souk.contracts.users import GuestSignedIn
from souk.kernel.ids import new_id
from souk.kernel.money import Money
from souk.kernel.refusals import NotAllowed
from souk.services.carts.model import LINES_MAX, hash_of
from tests.support.databases import counted_statements
from tests.support.hosting import hosted
from tests.support.people import as_, customer, guest, service

SHIRT, HAT, EURO, GONE = new_id(), new_id(), new_id(), new_id()


class World:
    """Pricing and inventory, as far as carts ask them."""

    def __init__(self):
        self.prices = {SHIRT: Money(2000, "USD"), HAT: Money(1500, "USD"), EURO: Money(1, "EUR")}
        self.available = {SHIRT: 10, HAT: 10, EURO: 10}
        self.asked = 0

    async def quote(self, request):
        self.asked += 1
        known = [line for line in request.lines if line.variant_id in self.prices]
        missing = [line.variant_id for line in request.lines if line not in known]
        if missing and not request.lenient:
            raise VariantNotForSale(variant_id=missing[0], sku="")
        currencies = [self.prices[line.variant_id].currency for line in known] or ["XXX"]
        if len(set(currencies)) > 1:
            raise CurrenciesMixed(first=currencies[0], second=currencies[-1])
        code = request.coupon_code if request.coupon_code == "WELCOME10" else ""
        if request.coupon_code and not code and not request.lenient:
            raise PromoCodeRefused(code=request.coupon_code, reason="there is no such code")
        return self.answer(known, currencies[0], code, missing)

    def answer(self, known, currency, code, missing):
        nothing = Money(0, currency)
        lines = [
            PricedLine(
                variant_id=line.variant_id, name=f"Thing {line.variant_id[-4:]}", sku="SKU",
                quantity=line.quantity, unit_price=self.prices[line.variant_id],
                line_total=self.prices[line.variant_id] * line.quantity,
                discount=nothing, tax=nothing,
            )
            for line in known
        ]  # fmt: skip
        subtotal = Money(sum(line.line_total.amount for line in lines), currency)
        discount = subtotal.share(basis_points=1000) if code else nothing
        return QuoteResponse(
            currency=currency, lines=tuple(lines), subtotal=subtotal, discount=discount,
            shipping=nothing, tax=nothing, total=subtotal - discount, coupon_code=code,
            missing_variant_ids=tuple(missing), notices=tuple("gone" for _ in missing),
        )  # fmt: skip

    async def check_stock(self, request):
        found = [v for v in request.variant_ids if v in self.available]
        return StockList(
            items=tuple(Stock(variant_id=v, available=self.available[v]) for v in found)
        )


@pytest.fixture
def world():
    return World()


@pytest.fixture
async def host(servers, world):
    async with hosted(
        "carts", servers, fakes={PricingService: world, InventoryService: world}
    ) as host:
        yield host


@pytest.fixture
def carts(host):
    return host.client(CartServiceClient)


def adding(variant=SHIRT, quantity=1, token="") -> AddItemRequest:
    return AddItemRequest(variant_id=variant, quantity=quantity, cart_token=token)


def got(cart) -> dict[str, int]:
    return {item.variant_id: item.quantity for item in cart.items}


async def look(carts, token=""):
    return await carts.get_cart(GetCartRequest(cart_token=token))


async def test_a_guest_is_given_a_token_and_finds_the_cart_by_it(carts):
    with as_(guest()):
        first = await carts.add_item(adding(quantity=2))
        assert first.token
        again = await look(carts, first.token)
    assert got(again) == {SHIRT: 2}
    assert again.total == Money(4000, "USD")
    assert (first.id, first.version, first.token) == (again.id, again.version, again.token)


async def test_a_made_up_token_opens_nothing_and_is_not_adopted(carts):
    with as_(guest()):
        assert got(await look(carts, "made-up-by-the-client")) == {}
        cart = await carts.add_item(adding(token="made-up-by-the-client"))
    assert cart.token != "made-up-by-the-client"


async def test_adding_again_adds_to_it(carts):
    with as_(customer()):
        await carts.add_item(adding(quantity=2))
        cart = await carts.add_item(adding(quantity=3))
        await carts.add_item(adding(HAT))
        assert got(await look(carts)) == {SHIRT: 5, HAT: 1}
    assert cart.items[0].line_total == Money(10_000, "USD")
    assert cart.token == ""


async def test_what_was_answered_is_what_is_kept(carts):
    with as_(customer()):
        for request in (adding(), adding(HAT, 2), adding()):
            answered = await carts.add_item(request)
            assert await look(carts) == answered


async def test_many_who_look_at_once_share_a_statement_and_each_sees_their_own(carts, host):
    shoppers = [customer() for _ in range(4)]
    for many, shopper in enumerate(shoppers, 1):
        with as_(shopper):
            await carts.add_item(adding(quantity=many))
    with as_(guest()):
        token = (await carts.add_item(adding(HAT, quantity=5))).token

    async def seen_by(shopper, token=""):
        with as_(shopper):
            return got(await look(carts, token))

    async with counted_statements(host.database) as asked:
        seen = await asyncio.gather(
            seen_by(guest(), token),
            *map(seen_by, shoppers),
            seen_by(customer()),
            seen_by(guest(), "made-up-by-the-client"),
            seen_by(guest()),
        )
    assert len(asked) == 1
    assert seen == [{HAT: 5}, {SHIRT: 1}, {SHIRT: 2}, {SHIRT: 3}, {SHIRT: 4}, {}, {}, {}]


async def test_no_more_than_there_is(carts):
    with as_(customer()):
        await carts.add_item(adding(quantity=6))
        with pytest.raises(InsufficientStock) as refused:
            await carts.add_item(adding(quantity=5))
        assert refused.value.available == 10
        assert got(await look(carts)) == {SHIRT: 6}


async def test_what_is_not_for_sale_stays_out(carts):
    with as_(customer()), pytest.raises(VariantNotForSale):
        await carts.add_item(adding(GONE))


async def test_one_cart_one_currency(carts):
    with as_(customer()):
        await carts.add_item(adding())
        with pytest.raises(CurrenciesMixed):
            await carts.add_item(adding(EURO))
        cart = await look(carts)
        await carts.remove_item(RemoveItemRequest(item_id=cart.items[0].id))
        assert (await carts.add_item(adding(EURO))).currency == "EUR"


async def test_quantities_change_and_lines_go(carts):
    with as_(customer()):
        item = (await carts.add_item(adding(quantity=2))).items[0]
        changed = await carts.update_quantity(UpdateQuantityRequest(item_id=item.id, quantity=7))
        assert got(changed) == {SHIRT: 7}
        assert got(await carts.remove_item(RemoveItemRequest(item_id=item.id))) == {}
        with pytest.raises(CartItemNotFound):
            await carts.remove_item(RemoveItemRequest(item_id=item.id))


async def test_foreign_lines_do_not_exist(carts):
    with as_(customer()):
        item = (await carts.add_item(adding())).items[0]
    with as_(customer()):
        with pytest.raises(CartItemNotFound):
            await carts.update_quantity(UpdateQuantityRequest(item_id=item.id, quantity=1))
        with pytest.raises(CartItemNotFound):
            await carts.remove_item(RemoveItemRequest(item_id=item.id))


async def test_the_version_grows_with_every_change(carts):
    with as_(customer()):
        versions = [(await carts.add_item(adding())).version for _ in range(3)]
        versions.append((await carts.clear_cart(ClearCartRequest())).version)
    assert versions == [1, 2, 3, 4]


async def test_additions_at_once_all_count(carts, world):
    world.available[SHIRT] = 1000
    with as_(customer()):
        await asyncio.gather(*[carts.add_item(adding()) for _ in range(15)])
        assert got(await look(carts)) == {SHIRT: 15}


async def test_one_key_adds_once_even_when_no_more_would_fit(carts):
    with as_(customer(), key="once"):
        answers = await asyncio.gather(*[carts.add_item(adding(quantity=8)) for _ in range(20)])
        late = await carts.add_item(adding(quantity=8))
        assert {answer.version for answer in (*answers, late)} == {1}
        assert got(await look(carts)) == {SHIRT: 8}


async def test_guests_with_the_same_key_get_carts_of_their_own(carts):
    tokens = set()
    for address in ("192.0.2.1", "192.0.2.2"):
        with as_(guest(address), key="1"):
            tokens.add((await carts.add_item(adding())).token)
    assert len(tokens) == 2


async def test_a_coupon_counts_until_it_is_removed(carts):
    with as_(customer()):
        with pytest.raises(CartIsEmpty):
            await carts.apply_promo_code(ApplyPromoCodeRequest(code="WELCOME10"))
        await carts.add_item(adding())
        with pytest.raises(PromoCodeRefused):
            await carts.apply_promo_code(ApplyPromoCodeRequest(code="NOPE"))
        cart = await carts.apply_promo_code(ApplyPromoCodeRequest(code="WELCOME10"))
        assert (cart.coupon_code, cart.discount.amount, cart.total.amount) == (
            "WELCOME10",
            200,
            1800,
        )
        cart = await carts.remove_promo_code(RemovePromoCodeRequest())
        assert (cart.coupon_code, cart.total.amount) == ("", 2000)


async def test_changes_are_told(carts, world):
    with as_(customer()):
        await carts.add_item(adding(quantity=3))
        await carts.add_item(adding(HAT))
        world.prices[SHIRT] = Money(2500, "USD")
        world.available |= {SHIRT: 2, HAT: 0}
        notices = (await look(carts)).notices
        assert any("now costs 25.00 USD" in notice for notice in notices)
        assert any("Only 2 of" in notice for notice in notices)
        assert any("sold out" in notice for notice in notices)
        del world.prices[HAT]
        cart = await look(carts)
    gone = next(item for item in cart.items if item.variant_id == HAT)
    assert (gone.unit_price, gone.name) == (None, f"Thing {HAT[-4:]}")
    assert cart.total == Money(7500, "USD")


async def test_an_empty_cart_costs_nothing(carts):
    with as_(customer()):
        cart = await look(carts)
        total = await carts.calculate_total(CalculateTotalRequest())
    assert (cart.items, cart.total.amount, cart.token) == ((), 0, "")
    assert total.item_count == 0


async def test_a_cart_has_an_end(carts, world):
    for _ in range(LINES_MAX + 1):
        variant = new_id()
        world.prices[variant], world.available[variant] = Money(1, "USD"), 1
    variants = list(world.prices)[3:]
    with as_(customer()):
        for variant in variants[:LINES_MAX]:
            await carts.add_item(adding(variant))
        with pytest.raises(CartFull):
            await carts.add_item(adding(variants[LINES_MAX]))


async def guests_cart(carts, *requests: AddItemRequest) -> str:
    token = ""
    with as_(guest()):
        for request in requests:
            token = (
                await carts.add_item(adding(request.variant_id, request.quantity, token))
            ).token
    return token


async def test_signing_in_merges_the_larger_quantity_winning(carts, host):
    token = await guests_cart(carts, adding(SHIRT, 4), adding(HAT, 1))
    ada = customer()
    with as_(ada):
        await carts.add_item(adding(SHIRT, 2))
    event = GuestSignedIn(user_id=ada.user_id, cart_token_hash=hash_of(token))
    for _ in range(2):
        await host.deliver(event)
    with as_(ada):
        assert got(await look(carts)) == {SHIRT: 4, HAT: 1}
    with as_(guest()):
        assert got(await look(carts, token)) == {}


async def test_a_token_brought_along_merges_as_well(carts):
    token = await guests_cart(carts, adding(SHIRT, 4))
    with as_(customer()):
        assert got(await look(carts, token)) == {SHIRT: 4}
        assert got(await look(carts)) == {SHIRT: 4}


async def test_a_merge_holds_no_more_than_there_is(carts, world):
    token = await guests_cart(carts, adding(SHIRT, 9), adding(HAT, 5))
    world.available |= {SHIRT: 3, HAT: 0}
    with as_(customer()):
        cart = await look(carts, token)
        assert got(cart) == {SHIRT: 3, HAT: 1}
        assert any("sold out" in notice for notice in cart.notices)
        assert await look(carts) == cart


async def test_carts_in_two_currencies_stay_apart(carts):
    token = await guests_cart(carts, adding(EURO))
    ada = customer()
    with as_(ada):
        await carts.add_item(adding())
        assert got(await look(carts, token)) == {SHIRT: 1}
    with as_(guest()):
        assert got(await look(carts, token)) == {EURO: 1}


async def test_tokens_are_kept_as_hashes(carts, host):
    token = await guests_cart(carts, adding())
    rows = await host.database.fetch("select carts::text as row from carts")
    assert not [row for row in rows if token in row["row"]]


async def test_a_checkout_takes_lines_and_closes_the_cart_it_saw(carts):
    ada = customer()
    with as_(ada):
        await carts.add_item(adding(quantity=2))
    with as_(service("orders")):
        asked = GetCartForCheckoutRequest(user_id=ada.user_id)
        seen = await carts.get_cart_for_checkout(asked)
        assert [(line.variant_id, line.quantity) for line in seen.lines] == [(SHIRT, 2)]
        closing = CloseCartRequest(cart_id=seen.cart_id, version=seen.version)
        for _ in range(2):
            await carts.close_cart(closing)
        assert (await carts.get_cart_for_checkout(asked)).lines == ()
    with as_(ada), pytest.raises(NotAllowed):
        await carts.close_cart(closing)


async def test_of_carts_closed_at_once_only_those_that_changed_stay(carts):
    people = [customer() for _ in range(4)]
    closing = []
    for person in people:
        with as_(person):
            await carts.add_item(adding())
        with as_(service("orders")):
            asked = GetCartForCheckoutRequest(user_id=person.user_id)
            seen = await carts.get_cart_for_checkout(asked)
            closing.append(CloseCartRequest(cart_id=seen.cart_id, version=seen.version))
    with as_(people[1]):
        await carts.add_item(adding(HAT))

    with as_(service("orders")):
        await asyncio.gather(*map(carts.close_cart, closing))

    left = []
    for person in people:
        with as_(person):
            left.append(got(await look(carts)))
    assert left == [{}, {SHIRT: 1, HAT: 1}, {}, {}]


async def test_a_cart_changed_during_checkout_stays(carts):
    ada = customer()
    with as_(ada):
        await carts.add_item(adding())
    with as_(service("orders")):
        seen = await carts.get_cart_for_checkout(GetCartForCheckoutRequest(user_id=ada.user_id))
    with as_(ada):
        await carts.add_item(adding(HAT))
    with as_(service("orders")):
        await carts.close_cart(CloseCartRequest(cart_id=seen.cart_id, version=seen.version))
    with as_(ada):
        assert got(await look(carts)) == {SHIRT: 1, HAT: 1}
