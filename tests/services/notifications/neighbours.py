"""Orders and users as notifications see them, and the people and orders of these tests."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

from msgspec import structs

from souk.contracts.common import Address
from souk.contracts.orders import (
    GetOrderFactsRequest,
    Order,
    OrderFacts,
    OrderItem,
    OrderNotFound,
    OrderService,
    OrderStatus,
)
from souk.contracts.users import Contact, ContactList, GetContactsRequest, UserService
from souk.kernel.ids import new_id
from souk.kernel.money import Money
from souk.kernel.refusals import Unavailable
from tests.support.hosting import Host

NOON = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)
ADA, BOB = new_id(), new_id()
ADDRESS = Address(
    name="Ada Lovelace",
    street_1="12 St James's Square",
    city="London",
    postal_code="SW1Y 4LB",
    country="GB",
)


def money(amount: int, currency: str = "USD") -> Money:
    return Money(amount, currency)


def facts(*, buyer_id: str = ADA, email: str = "", currency: str = "USD") -> OrderFacts:
    items = (
        OrderItem(
            id=new_id(),
            name="Walnut Desk Lamp",
            variant_name="Brass",
            quantity=2,
            quantity_shipped=2,
            unit_price=money(4900, currency),
            line_total=money(9800, currency),
        ),
        OrderItem(
            id=new_id(),
            name="Linen Notebook <A5>",
            quantity=1,
            quantity_shipped=1,
            unit_price=money(1250, currency),
            line_total=money(1250, currency),
        ),
    )
    order = Order(
        id=new_id(),
        order_number="S-260314-K7QX",
        status=OrderStatus.CONFIRMED,
        items=items,
        subtotal=money(11050, currency),
        discount=money(1000, currency),
        shipping=money(499, currency),
        tax=money(904, currency),
        total=money(11453, currency),
        shipping_address=ADDRESS,
        carrier="souk",
        tracking_number="SOUK23456789ABCD",
        placed_at=NOON,
    )
    return OrderFacts(order=order, buyer_id=buyer_id, email=email)


class Neighbours:
    """What the two services know. `is_down` makes orders unavailable; `meanwhile` happens while
    users are asked."""

    def __init__(self) -> None:
        self.orders: dict[str, OrderFacts] = {}
        self.contacts = {
            ADA: Contact(user_id=ADA, email="ada@example.com", first_name="Ada"),
            BOB: Contact(user_id=BOB, email="bob@example.com", first_name="Bob"),
        }
        self.is_down = False
        self.meanwhile: Callable[[], Awaitable[None]] | None = None

    def has(self, known: OrderFacts) -> str:
        self.orders[known.order.id] = known
        return known.order.id

    def rename(self, user_id: str, first_name: str) -> None:
        self.contacts[user_id] = structs.replace(self.contacts[user_id], first_name=first_name)

    def move(self, user_id: str, email: str) -> None:
        self.contacts[user_id] = structs.replace(self.contacts[user_id], email=email)

    async def get_order_facts(self, request: GetOrderFactsRequest) -> OrderFacts:
        if self.is_down:
            raise Unavailable(service="orders")
        if request.order_id not in self.orders:
            raise OrderNotFound()
        return self.orders[request.order_id]

    async def get_contacts(self, request: GetContactsRequest) -> ContactList:
        if self.meanwhile:
            await self.meanwhile()
        found = (self.contacts.get(user_id) for user_id in request.user_ids)
        return ContactList(items=tuple(contact for contact in found if contact))

    @property
    def fakes(self) -> dict[type, object]:
        return {OrderService: self, UserService: self}


class Office:
    """The hosted service, and what came out of it."""

    def __init__(self, host: Host, neighbours: Neighbours) -> None:
        self.host, self.neighbours = host, neighbours

    @property
    def files(self) -> list[EmailMessage]:
        """The mailbox folder, as `souk mail` reads it."""
        found = sorted((self.host.process.settings.home / "mail").glob("*.eml"))
        mails = [message_from_bytes(file.read_bytes(), policy=policy.default) for file in found]
        assert all(isinstance(mail, EmailMessage) for mail in mails)
        return mails  # type: ignore[return-value]

    async def turn(self) -> None:
        """Sends what is due; what had to wait is due now."""
        await self.host.database.execute("update deliveries set due_at = now()")
        await self.host.run_job("send_mails")

    async def deliveries(self) -> list[tuple[str, str]]:
        rows = await self.host.database.fetch(
            "select status, reason from deliveries order by created_at"
        )
        return [(row["status"], row["reason"]) for row in rows]


def text_of(mail: EmailMessage, kind: str = "plain") -> str:
    body = mail.get_body(preferencelist=(kind,))
    assert body is not None
    return str(body.get_content())
