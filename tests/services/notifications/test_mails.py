"""What people are told by mail, one by one, as it lies in the mailbox folder."""

from __future__ import annotations

from email import message_from_bytes, policy

import pytest
from msgspec import structs

from souk.commands.mail import list_mails, show_mail
from souk.contracts.orders import (
    OrderCancelled,
    OrderConfirmed,
    OrderDelivered,
    OrderRefunded,
    OrderShipped,
)
from souk.contracts.users import UserRegistered
from souk.kernel.clock import FixedClock
from souk.kernel.contract import Event
from souk.kernel.ids import new_id
from souk.kernel.money import Money
from souk.services.notifications.letters.amounts import spoken
from souk.services.notifications.letters.envelope import Envelope
from souk.services.notifications.letters.welcome import welcome
from tests.services.notifications.neighbours import (
    ADA,
    NOON,
    Neighbours,
    Office,
    facts,
    money,
    text_of,
)
from tests.support.hosting import Shape, hosted
from tests.support.servers import Desk

NUMBER = "S-260314-K7QX"
TRACKING = "SOUK23456789ABCD"


def confirmed(order_id: str) -> OrderConfirmed:
    return OrderConfirmed(order_id=order_id, buyer_id=ADA, total=money(11453), at=NOON)


async def test_whoever_registers_is_welcomed(office: Office):
    await office.host.deliver(UserRegistered(user_id=ADA, registered_at=NOON))
    await office.turn()

    (mail,) = office.files
    assert mail["to"] == "ada@example.com"
    assert mail["from"] == "Souk <no-reply@souk.localhost>"
    assert mail["subject"] == "Welcome to Souk"
    assert "Hello Ada," in text_of(mail)
    assert "http://127.0.0.1:8080" in text_of(mail)


async def test_a_confirmed_order_is_listed_with_its_prices(office: Office):
    order_id = office.neighbours.has(facts())

    await office.host.deliver(confirmed(order_id))
    await office.turn()

    (mail,) = office.files
    assert mail["subject"] == f"Order {NUMBER} is confirmed"
    text, page = text_of(mail), text_of(mail, "html")
    for shown in (
        "Walnut Desk Lamp",
        "Brass · 2 \N{MULTIPLICATION SIGN} $49.00",
        *("$98.00", "$110.50", "-$10.00", "$4.99", "$9.04", "$114.53"),
        *("12 St James", "SW1Y 4LB London", "United Kingdom"),
        NUMBER,
        "http://127.0.0.1:8080",
    ):
        assert shown in text, shown
        assert shown in page, shown


async def test_a_shipped_order_tells_carrier_and_tracking_number(office: Office):
    order_id = office.neighbours.has(facts())

    await office.host.deliver(OrderShipped(order_id=order_id, tracking_number=TRACKING, at=NOON))
    await office.turn()

    (mail,) = office.files
    assert mail["subject"] == f"Order {NUMBER} is on its way"
    for body in (text_of(mail), text_of(mail, "html")):
        assert TRACKING in body
        assert "Souk couriers" in body
        assert "another one" not in body


async def test_each_parcel_of_an_order_has_its_mail_and_says_what_is_missing(office: Office):
    known = facts()
    items = (known.order.items[0], structs.replace(known.order.items[1], quantity_shipped=0))
    known = structs.replace(known, order=structs.replace(known.order, items=items))
    order_id = office.neighbours.has(known)

    for number in ("PARCEL-1", "PARCEL-2", "PARCEL-1"):
        await office.host.deliver(OrderShipped(order_id=order_id, tracking_number=number, at=NOON))
    await office.turn()

    texts = [text_of(mail) for mail in office.files]
    assert len(texts) == 2
    assert all("follows in another one" in text for text in texts)
    assert all("2 of 2 sent" in text and "0 of 1 sent" in text for text in texts)
    assert [("PARCEL-1" in text, "PARCEL-2" in text) for text in texts].count((True, False)) == 1
    assert not any("Souk couriers" in text for text in texts), "the carrier is of another parcel"


@pytest.mark.parametrize(
    ("kind", "subject"),
    [
        (OrderDelivered, f"Order {NUMBER} has arrived"),
        (OrderCancelled, f"Order {NUMBER} was cancelled"),
    ],
)
async def test_an_end_is_told(office: Office, kind: type[Event], subject: str):
    order_id = office.neighbours.has(facts())

    await office.host.deliver(kind(order_id=order_id, at=NOON))  # type: ignore[call-arg]
    await office.turn()

    (mail,) = office.files
    assert mail["subject"] == subject
    assert "$114.53" in text_of(mail)


async def test_each_refund_of_an_order_is_told_once_with_its_own_amount(office: Office):
    order_id = office.neighbours.has(facts(currency="KWD"))

    first, second = (
        OrderRefunded(order_id=order_id, refund_id=new_id(), amount=money(part, "KWD"), at=NOON)
        for part in (1250, 500)
    )
    for event in (first, second, first):
        await office.host.deliver(event)
        await office.host.deliver(event)
    await office.turn()

    assert [mail["subject"] for mail in office.files] == [f"Refund for order {NUMBER}"] * 2
    assert {"1.250" in text_of(mail) for mail in office.files} == {True, False}
    assert {"0.500" in text_of(mail) for mail in office.files} == {True, False}


async def test_a_guest_gets_the_mail_at_the_address_of_the_order(office: Office):
    order_id = office.neighbours.has(facts(buyer_id="", email="guest@example.com"))

    await office.host.deliver(confirmed(order_id))
    await office.turn()

    (mail,) = office.files
    assert mail["to"] == "guest@example.com"
    assert "Hello,\r\n" in text_of(mail)


async def test_another_address_given_for_an_order_is_the_one_used(office: Office):
    order_id = office.neighbours.has(facts(email="work@example.com"))

    await office.host.deliver(confirmed(order_id))
    await office.turn()

    assert [mail["to"] for mail in office.files] == ["work@example.com"]


@pytest.mark.parametrize("name", ["Bcc: x\n", "Ada\r\nBcc: eve@example.com", "Ada\u202eBcc: x"])
async def test_a_name_cannot_write_headers(office: Office, name: str):
    office.neighbours.rename(ADA, name)
    await office.host.deliver(UserRegistered(user_id=ADA, registered_at=NOON))
    await office.turn()

    (mail,) = office.files
    assert set(mail.keys()) == {"Subject", "From", "To", "Date", "Message-ID", "Auto-Submitted",
                                "MIME-Version", "Content-Type"}  # fmt: skip
    assert mail["to"] == "ada@example.com"
    greeting = text_of(mail).splitlines()[2]
    assert greeting.startswith("Hello ")
    assert "Bcc: " in greeting
    assert greeting.isprintable()


async def test_what_shops_and_people_write_is_no_markup(office: Office):
    known = facts()
    item = structs.replace(known.order.items[0], name="<img src=x onerror=alert(1)>")
    known = structs.replace(known, order=structs.replace(known.order, items=(item,)))
    order_id = office.neighbours.has(known)
    office.neighbours.rename(ADA, "<b>Ada</b>")

    await office.host.deliver(confirmed(order_id))
    await office.turn()

    page = text_of(office.files[0], "html")
    assert "<img" not in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page
    assert "Hello &lt;b&gt;Ada&lt;/b&gt;," in page


@pytest.mark.parametrize(
    "email", ["ada@example.com, eve@example.com", "ada@example.com\nBcc: x", ""]
)
async def test_an_address_that_is_not_one_address_gets_nothing(office: Office, email: str):
    office.neighbours.move(ADA, email)
    await office.host.deliver(UserRegistered(user_id=ADA, registered_at=NOON))
    await office.turn()

    assert office.files == []
    assert await office.deliveries() == [("failed", "nobody is reachable by mail")]


async def test_mails_of_an_order_are_known_to_belong_together(office: Office):
    order_id = office.neighbours.has(facts())
    await office.host.deliver(confirmed(order_id))
    await office.host.deliver(OrderDelivered(order_id=order_id, at=NOON))
    await office.turn()

    first, second = office.files
    assert first["references"] == second["references"]
    assert first["message-id"] != second["message-id"]


async def test_mails_are_written_the_same_when_orders_and_users_run_elsewhere(servers: Desk):
    neighbours = Neighbours()
    order_id = neighbours.has(facts())
    async with hosted("notifications", servers, fakes=neighbours.fakes, shape=Shape.REMOTE) as host:
        office = Office(host, neighbours)
        await host.deliver(confirmed(order_id))
        await office.turn()

        (mail,) = office.files
        assert "Hello Ada," in text_of(mail)
        assert "12 St James" in text_of(mail)


async def test_souk_mail_lists_and_shows_them(office: Office, capsys: pytest.CaptureFixture[str]):
    order_id = office.neighbours.has(facts())
    await office.host.deliver(confirmed(order_id))
    await office.turn()
    settings = office.host.process.settings

    assert list_mails(settings) == 0
    listed = capsys.readouterr().out
    assert show_mail(settings, 1) == 0
    shown = capsys.readouterr().out

    assert f"Order {NUMBER} is confirmed" in listed
    assert "ada@example.com" in listed
    assert "Total" in shown
    assert "$114.53" in shown
    assert [file.suffix for file in (settings.home / "mail").iterdir()] == [".eml"]


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        (Money(1999, "USD"), "$19.99"),
        (Money(199_000, "VND"), "₫199,000"),
        (Money(1250, "KWD"), "KWD\xa01.250"),
        (Money(500, "JPY"), "¥500"),
        (Money(1_500_050, "IDR"), "IDR\xa015,000.50"),
        (Money(-1000, "EUR"), "-€10.00"),
    ],
)
def test_money_is_written_in_the_digits_of_its_currency(amount: Money, shown: str):
    assert spoken(amount) == shown


@pytest.mark.parametrize("subject", ["Bestellung für Björn", "Ein " + "langes " * 20 + "Ende"])
def test_headers_in_any_letters_and_of_any_length_arrive_as_written(subject: str):
    envelope = Envelope(sender="Süd & Co <no-reply@souk.example>", clock=FixedClock(NOON))
    letter = welcome(greeting="Hallo Björn,", home_url="https://souk.example")

    mail = envelope.seal(
        structs.replace(letter, subject=subject), mail_id=new_id(), recipient="björn@bücher.example"
    )

    read = message_from_bytes(mail.content, policy=policy.default)
    assert (read["subject"], read["to"]) == (subject, "björn@bücher.example")
    assert read["from"] == "Süd & Co <no-reply@souk.example>"
    assert max(map(len, mail.content.split(b"\r\n"))) <= 78
    assert b"\n" not in mail.content.replace(b"\r\n", b"")
    assert "Hallo Björn," in text_of(read)
