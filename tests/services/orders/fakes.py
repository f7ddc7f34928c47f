"""The other services as orders need them: small, in memory, and as strict as their contracts."""

from __future__ import annotations

from collections import Counter
from typing import Any

from souk.contracts.carts import CheckoutCart, CheckoutLine
from souk.contracts.inventory import HoldWasReleased, InsufficientStock
from souk.contracts.payments import (
    NextAction,
    NextActionType,
    Payment,
    PaymentDeclined,
    PaymentNotCapturable,
    PaymentNotFound,
    PaymentOutcomeUnknown,
    PaymentStatus,
    PaymentWasVoided,
    ProviderUnknown,
    Refund,
    RefundStatus,
    RefundTooLarge,
)
from souk.contracts.pricing import (
    PricedLine,
    PromoCodeRefused,
    QuoteResponse,
    ShopQuote,
    VariantNotForSale,
)
from souk.contracts.shipping import CarrierUnknown, Shipment, ShipmentStatus
from souk.contracts.shops import Membership, OwnedShops
from souk.contracts.users import AddressNotFound, UserAddress
from souk.kernel.context import caller
from souk.kernel.contract import Empty
from souk.kernel.ids import new_id
from souk.kernel.money import Money, total
from souk.kernel.refusals import Unavailable

CURRENCY = "USD"


class Counting:
    """Counts what is asked, and fails when it is told to: before the work, or after it."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.away: Counter[str] = Counter()
        self.answers_lost: Counter[str] = Counter()

    def begin(self, name: str) -> None:
        self.calls[name] += 1
        if self.away[name]:
            self.away[name] -= 1
            raise Unavailable(service="fake")

    def end(self, name: str) -> None:
        if self.answers_lost[name]:
            self.answers_lost[name] -= 1
            raise Unavailable(service="fake")


class Article:
    """Something a shop sells."""

    def __init__(self, price: int, *, shop_id: str = "", on_hand: int = 10) -> None:
        self.variant_id, self.product_id = new_id(), new_id()
        self.shop_id, self.price, self.on_hand = shop_id or new_id(), price, on_hand
        self.sku = f"SKU-{self.variant_id[-6:]}"


class Carts(Counting):
    def __init__(self) -> None:
        super().__init__()
        self.carts: dict[str, CheckoutCart] = {}  # by user id or token

    def fill(
        self, owner: str, *articles: Article, quantity: int = 1, coupon_code: str = ""
    ) -> CheckoutCart:
        old = self.carts.get(owner)
        cart = CheckoutCart(
            cart_id=old.cart_id if old else new_id(),
            version=old.version + 1 if old else 1,
            coupon_code=coupon_code,
            lines=tuple(
                CheckoutLine(variant_id=article.variant_id, quantity=quantity)
                for article in articles
            ),
        )
        self.carts[owner] = cart
        return cart

    async def get_cart_for_checkout(self, request: Any) -> CheckoutCart:
        self.begin("get_cart_for_checkout")
        assert bool(request.user_id) != bool(request.cart_token)
        return self.carts.get(request.user_id or request.cart_token, CheckoutCart())

    async def close_cart(self, request: Any) -> Empty:
        self.begin("close_cart")
        for owner, cart in self.carts.items():
            if (cart.cart_id, cart.version) == (request.cart_id, request.version):
                self.carts[owner] = CheckoutCart(cart_id=cart.cart_id, version=cart.version + 1)
        self.end("close_cart")
        return Empty()


class Pricing(Counting):
    """Ten percent tax on goods, 500 shipping a shop, and coupons by percent."""

    def __init__(self) -> None:
        super().__init__()
        self.articles: dict[str, Article] = {}
        self.coupons: dict[str, int] = {}
        self.redeemed: set[str] = set()
        self.given_back: set[str] = set()
        self.destinations: list[Any] = []

    def offer(self, *articles: Article) -> None:
        self.articles |= {article.variant_id: article for article in articles}

    async def quote(self, request: Any) -> QuoteResponse:
        self.begin("quote")
        self.destinations.append(request.destination)
        percent = 0
        if request.coupon_code:
            if request.coupon_code not in self.coupons:
                raise PromoCodeRefused(code=request.coupon_code, reason="there is no such code")
            percent = self.coupons[request.coupon_code]
        lines = tuple(self._price(line, percent) for line in request.lines)
        shops = tuple(
            self._shop(shop_id, [line for line in lines if line.shop_id == shop_id], percent)
            for shop_id in dict.fromkeys(line.shop_id for line in lines)
        )
        return QuoteResponse(
            currency=CURRENCY,
            lines=lines,
            shops=shops,
            **{
                part: total((getattr(shop, part) for shop in shops), CURRENCY)
                for part in ("subtotal", "discount", "shipping", "tax", "total")
            },
            coupon_code=request.coupon_code,
            taxes=("US 10 %",),
        )

    async def redeem_promo_code(self, request: Any) -> Empty:
        self.begin("redeem_promo_code")
        if request.checkout_id in self.given_back:
            raise PromoCodeRefused(code=request.code, reason="it was given back")
        self.redeemed.add(request.checkout_id)
        self.end("redeem_promo_code")
        return Empty()

    async def give_back_promo_code(self, request: Any) -> Empty:
        self.begin("give_back_promo_code")
        self.given_back.add(request.checkout_id)
        self.redeemed.discard(request.checkout_id)
        self.end("give_back_promo_code")
        return Empty()

    def _price(self, line: Any, percent: int) -> PricedLine:
        article = self.articles.get(line.variant_id)
        if article is None:
            raise VariantNotForSale(variant_id=line.variant_id, sku="")
        whole = Money(article.price, CURRENCY) * line.quantity
        discount = whole.share(basis_points=percent * 100)
        return PricedLine(
            variant_id=article.variant_id,
            product_id=article.product_id,
            shop_id=article.shop_id,
            sku=article.sku,
            name="Shirt",
            variant_name="Red",
            quantity=line.quantity,
            unit_price=Money(article.price, CURRENCY),
            line_total=whole,
            discount=discount,
            tax=(whole - discount).share(basis_points=1000),
        )

    def _shop(self, shop_id: str, lines: list[PricedLine], percent: int) -> ShopQuote:
        subtotal = total((line.line_total for line in lines), CURRENCY)
        discount = total((line.discount for line in lines), CURRENCY)
        tax = total((line.tax for line in lines), CURRENCY)
        shipping = Money(0 if percent == 100 else 500, CURRENCY)
        return ShopQuote(
            shop_id=shop_id,
            subtotal=subtotal,
            discount=discount,
            shipping=shipping,
            tax=tax,
            total=subtotal - discount + shipping + tax,
        )


class Inventory(Counting):
    def __init__(self) -> None:
        super().__init__()
        self.articles: dict[str, Article] = {}
        self.held: dict[str, dict[str, int]] = {}
        self.committed: dict[str, dict[str, int]] = {}
        self.released: set[str] = set()
        self.restocked: dict[str, dict[str, int]] = {}
        self.hold_seconds: list[int] = []

    def stock(self, *articles: Article) -> None:
        self.articles |= {article.variant_id: article for article in articles}

    def available(self, article: Article) -> int:
        held = sum(lines.get(article.variant_id, 0) for lines in self.held.values())
        return article.on_hand - held

    def run_out(self) -> None:
        """Every hold's deadline passes."""
        self.released |= set(self.held)
        self.held.clear()

    async def reserve_stock(self, request: Any) -> Empty:
        self.begin("reserve_stock")
        self.hold_seconds.append(request.hold_seconds)
        if request.hold_id in self.released:
            raise HoldWasReleased(hold_id=request.hold_id)
        if request.hold_id not in self.held and request.hold_id not in self.committed:
            for line in request.lines:
                article = self.articles[line.variant_id]
                if self.available(article) < line.quantity:
                    raise InsufficientStock(
                        sku=article.sku,
                        available=self.available(article),
                        variant_id=article.variant_id,
                    )
            self.held[request.hold_id] = {line.variant_id: line.quantity for line in request.lines}
        self.end("reserve_stock")
        return Empty()

    async def commit_stock(self, request: Any) -> Empty:
        self.begin("commit_stock")
        if request.hold_id not in self.committed:
            if request.hold_id not in self.held:
                raise HoldWasReleased(hold_id=request.hold_id)
            lines = self.held.pop(request.hold_id)
            for variant_id, quantity in lines.items():
                self.articles[variant_id].on_hand -= quantity
            self.committed[request.hold_id] = lines
        self.end("commit_stock")
        return Empty()

    async def release_stock(self, request: Any) -> Empty:
        self.begin("release_stock")
        assert request.hold_id not in self.committed
        self.released.add(request.hold_id)
        self.held.pop(request.hold_id, None)
        self.end("release_stock")
        return Empty()

    async def restock(self, request: Any) -> Empty:
        self.begin("restock")
        if request.restock_id not in self.restocked:
            lines = {line.variant_id: line.quantity for line in request.lines}
            for variant_id, quantity in lines.items():
                self.articles[variant_id].on_hand += quantity
            self.restocked[request.restock_id] = lines
        self.end("restock")
        return Empty()


class Payments(Counting):
    """One payment a checkout; methods are those of the sandbox that concern orders."""

    METHODS = frozenset({"approve", "decline", "challenge", "unknown_once", "unknown"})

    def __init__(self) -> None:
        super().__init__()
        self.payments: dict[str, Payment] = {}  # by checkout
        self.parts: dict[str, dict[str, int]] = {}  # checkout -> what is left of each order
        self.voided: set[str] = set()
        self.refunds: dict[str, Refund] = {}
        self.requests: list[Any] = []

    @property
    def in_hand(self) -> int:
        """Money taken and not given back, over all payments."""
        given_back = sum(refund.amount.amount for refund in self.refunds.values())
        taken = [one for one in self.payments.values() if one.status is PaymentStatus.CAPTURED]
        return sum(payment.amount.amount for payment in taken) - given_back

    def answer_challenge(self, checkout_id: str, *, approve: bool) -> None:
        status = PaymentStatus.AUTHORIZED if approve else PaymentStatus.DECLINED
        self._set(checkout_id, status)

    async def process_payment(self, request: Any) -> Payment:
        self.begin("process_payment")
        self.requests.append(request)
        if request.provider != "sandbox" or request.method not in self.METHODS:
            raise ProviderUnknown(provider=request.provider, method=request.method)
        if request.checkout_id in self.voided:
            raise PaymentWasVoided()
        assert sum(part.total.amount for part in request.allocations) == request.amount.amount
        known = self.payments.get(request.checkout_id)
        payment = known or self._open(request)
        self.end("process_payment")
        if payment.status is PaymentStatus.DECLINED:
            raise PaymentDeclined(reason="the card was declined")
        if request.method == "unknown" or (request.method == "unknown_once" and known is None):
            raise PaymentOutcomeUnknown(retry_seconds=1)
        return payment

    async def capture_payment(self, request: Any) -> Payment:
        self.begin("capture_payment")
        payment = next(one for one in self.payments.values() if one.id == request.payment_id)
        if payment.status not in (PaymentStatus.AUTHORIZED, PaymentStatus.CAPTURED):
            raise PaymentNotCapturable(status=str(payment.status))
        payment = self._set(payment.checkout_id, PaymentStatus.CAPTURED)
        self.end("capture_payment")
        return payment

    async def void_payment(self, request: Any) -> Empty:
        self.begin("void_payment")
        self.voided.add(request.checkout_id)
        if request.checkout_id in self.payments:
            self._set(request.checkout_id, PaymentStatus.VOIDED)
        self.end("void_payment")
        return Empty()

    async def refund_payment(self, request: Any) -> Refund:
        self.begin("refund_payment")
        if request.refund_id not in self.refunds:
            self._refund(request)
        self.end("refund_payment")
        return self.refunds[request.refund_id]

    def _refund(self, request: Any) -> None:
        payment = self.payments.get(request.checkout_id)
        if payment is None or request.order_id not in self.parts[request.checkout_id]:
            raise PaymentNotFound()
        captured = payment.status is PaymentStatus.CAPTURED
        left = self.parts[request.checkout_id][request.order_id] if captured else 0
        amount = left if request.amount is None else request.amount.amount
        if amount > left or (request.amount is not None and amount < 1):
            raise RefundTooLarge(left=str(left))
        self.parts[request.checkout_id][request.order_id] -= amount
        self.refunds[request.refund_id] = Refund(
            id=request.refund_id,
            payment_id=payment.id,
            order_id=request.order_id,
            amount=Money(amount, CURRENCY),
            status=RefundStatus.DONE,
        )

    def _open(self, request: Any) -> Payment:
        waits = request.method == "challenge"
        status = PaymentStatus.REQUIRES_ACTION if waits else PaymentStatus.AUTHORIZED
        if request.method == "decline":
            status = PaymentStatus.DECLINED
        action = NextAction(type=NextActionType.REDIRECT, url="https://pay.example/1")
        payment = Payment(
            id=new_id(),
            checkout_id=request.checkout_id,
            status=status,
            provider=request.provider,
            amount=request.amount,
            next_action=action if waits else None,
        )
        self.payments[request.checkout_id] = payment
        self.parts[request.checkout_id] = {
            part.order_id: part.total.amount for part in request.allocations
        }
        return payment

    def _set(self, checkout_id: str, status: PaymentStatus) -> Payment:
        old = self.payments[checkout_id]
        self.payments[checkout_id] = Payment(
            id=old.id,
            checkout_id=checkout_id,
            status=status,
            provider=old.provider,
            amount=old.amount,
        )
        return self.payments[checkout_id]


class Shipping(Counting):
    CARRIERS = frozenset({"souk", "dhl"})

    def __init__(self) -> None:
        super().__init__()
        self.shipments: dict[str, Shipment] = {}

    async def create_shipment(self, request: Any) -> Shipment:
        self.begin("create_shipment")
        if request.carrier not in self.CARRIERS:
            raise CarrierUnknown(carrier=request.carrier)
        shipment = self.shipments.setdefault(
            request.shipment_id,
            Shipment(
                id=request.shipment_id,
                order_id=request.order_id,
                carrier=request.carrier,
                tracking_number=request.tracking_number or f"SOUK{len(self.shipments) + 1}",
                status=ShipmentStatus.SHIPPED,
            ),
        )
        self.end("create_shipment")
        return shipment


class Users(Counting):
    def __init__(self) -> None:
        super().__init__()
        self.addresses: dict[tuple[str, str], UserAddress] = {}

    async def get_address(self, request: Any) -> UserAddress:
        self.begin("get_address")
        found = self.addresses.get((caller().user_id, request.address_id))
        if found is None:
            raise AddressNotFound()
        return found


class Shops(Counting):
    def __init__(self) -> None:
        super().__init__()
        self.members: set[tuple[str, str]] = set()
        self.owned: dict[str, tuple[str, ...]] = {}

    async def verify_member(self, request: Any) -> Membership:
        self.begin("verify_member")
        return Membership(is_member=(request.shop_id, request.user_id) in self.members)

    async def list_owned_shops(self, request: Any) -> OwnedShops:
        return OwnedShops(shop_ids=self.owned.get(request.user_id, ()))
