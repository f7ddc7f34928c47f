"""Mails on their way to a mail server that is away, unfriendly, or dies in between."""

from __future__ import annotations

import asyncio

import msgspec
from structlog.testing import capture_logs

from souk.contracts.orders import OrderConfirmed, OrderRefunded
from souk.contracts.users import UserRegistered
from souk.kernel.events.bus import Message
from souk.kernel.failpoints import armed
from souk.kernel.ids import new_id
from souk.services.notifications import wiring
from tests.services.notifications.neighbours import ADA, BOB, NOON, Neighbours, Office, facts, money
from tests.services.notifications.smtp_server import SmtpServer, smtp_server
from tests.support.hosting import hosted
from tests.support.servers import Desk
from tests.support.waiting import eventually

Post = tuple[Office, SmtpServer]
WELCOME = UserRegistered(user_id=ADA, registered_at=NOON)


async def doubts(office: Office) -> int:
    return int(await office.host.database.fetchval("select sends_in_doubt from deliveries"))


async def test_a_mail_reaches_the_mail_server_whole(post: Post):
    office, server = post
    order_id = office.neighbours.has(facts())
    await office.host.deliver(OrderConfirmed(order_id=order_id, total=money(11453), at=NOON))
    await office.turn()

    (mail,) = server.mails
    assert server.recipients == ["ada@example.com"]
    assert "MAIL FROM:<no-reply@souk.localhost>" in server.commands
    assert mail["to"] == "ada@example.com"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert await office.deliveries() == [("sent", "")]


async def test_an_event_that_comes_again_sends_no_second_mail(post: Post):
    office, server = post
    message_id = new_id()
    for again in (message_id, message_id, new_id()):
        await office.host.deliver(WELCOME, message_id=again)
        await office.turn()

    assert len(server.mails) == 1


async def test_news_that_come_in_a_bunch_are_noted_together_and_told_once_each(office: Office):
    order_id = office.neighbours.has(facts())
    refunds = [
        OrderRefunded(order_id=order_id, refund_id=new_id(), amount=money(cents), at=NOON)
        for cents in (100, 200, 300)
    ]
    await asyncio.gather(*map(office.host.deliver, [*refunds, refunds[0]]))  # one by two messages

    found = await office.host.database.fetch(
        "select occasion, amount_amount, amount_currency, xmin::text from deliveries"
    )
    assert {(row["occasion"], row["amount_amount"], row["amount_currency"]) for row in found} == {
        (refund.refund_id, refund.amount.amount, "USD") for refund in refunds
    }
    assert len(found) == 3
    assert len({row["xmin"] for row in found}) == 1


async def test_a_mail_waits_for_a_server_that_is_down_and_comes_once(servers: Desk):
    neighbours = Neighbours()
    async with smtp_server() as gone:
        port = gone.port
    url = f"smtp://127.0.0.1:{port}"
    async with hosted("notifications", servers, fakes=neighbours.fakes, smtp_url=url) as host:
        office = Office(host, neighbours)
        await host.deliver(WELCOME)
        await office.turn()
        await office.turn()
        assert await office.deliveries() == [("waiting", "SMTPConnectError")]
        wait = "select extract(epoch from due_at - now()) from deliveries"
        assert 4 < await host.database.fetchval(wait) <= 10, "the second pause is 5 to 10 s"

        async with smtp_server(port=port) as server:
            await office.turn()
            await office.turn()
            assert len(server.mails) == 1
        assert await office.deliveries() == [("sent", "")]


async def test_a_mail_waits_for_orders_and_comes_once(post: Post):
    office, server = post
    order_id = office.neighbours.has(facts())
    office.neighbours.is_down = True
    await office.host.deliver(OrderConfirmed(order_id=order_id, total=money(11453), at=NOON))
    await office.turn()
    assert await office.deliveries() == [("waiting", "Unavailable")]

    office.neighbours.is_down = False
    await office.turn()

    assert len(server.mails) == 1
    assert await office.deliveries() == [("sent", "")]


async def test_a_mail_that_nobody_takes_for_a_day_is_given_up(post: Post):
    office, server = post
    server.replies["MAIL"] = "451 4.7.1 greylisted"
    await office.host.deliver(WELCOME)
    await office.turn()
    assert await office.deliveries() == [("waiting", "the server said 451 (4.7.1)")]

    await office.host.database.execute(
        "update deliveries set created_at = created_at - interval '25 hours'"
    )
    await office.turn()

    ((status, reason),) = await office.deliveries()
    assert status == "failed"
    assert reason == "it could not be sent for a day; at last: the server said 451 (4.7.1)"


async def test_a_recipient_who_does_not_exist_is_given_up_and_not_named(post: Post):
    office, server = post
    server.replies["RCPT"] = "550 5.1.1 <ada@example.com>: no such user"
    await office.host.deliver(WELCOME)
    with capture_logs() as lines:
        await office.turn()

    assert await office.deliveries() == [("failed", "the server said 550 (5.1.1)")]
    assert [line["event"] for line in lines] == ["mail_given_up"]
    assert "ada" not in str(lines)


async def test_a_wrong_password_is_not_the_end_of_a_mail(post: Post):
    office, server = post
    server.replies["MAIL"] = "530 5.7.0 authentication required"
    await office.host.deliver(WELCOME)
    await office.turn()

    assert await office.deliveries() == [("waiting", "the server said 530 (5.7.0)")]


async def test_a_server_that_says_later_after_the_mail_leaves_no_doubt(post: Post):
    office, server = post
    server.replies["."] = "451 4.3.0 disk full"
    await office.host.deliver(WELCOME)
    for _ in range(3):
        await office.turn()
        assert await doubts(office) == 0

    server.replies.clear()
    await office.turn()

    assert len(server.mails) == 1


async def test_a_lost_answer_sends_the_mail_once_more_under_the_same_id(post: Post):
    office, server = post
    server.answers_to_lose = 1
    await office.host.deliver(WELCOME)
    await office.turn()
    await office.turn()
    await office.turn()

    first, second = server.mails
    assert first["message-id"] == second["message-id"]
    assert await office.deliveries() == [("sent", "")]


async def test_a_mail_is_never_sent_a_third_time(post: Post):
    office, server = post
    server.answers_to_lose = 5
    await office.host.deliver(WELCOME)
    for _ in range(4):
        await office.turn()

    assert len(server.mails) == 2
    ((status, reason),) = await office.deliveries()
    assert (status, reason[:27]) == ("failed", "it may have arrived twice: ")


async def test_a_process_that_dies_after_sending_repeats_the_mail_once(post: Post):
    office, server = post
    await office.host.deliver(WELCOME)
    with armed("notifications.mail.between", "error*2"):
        for _ in range(4):
            await office.turn()

    assert len(server.mails) == 2
    assert [status for status, _ in await office.deliveries()] == ["failed"]


async def test_a_process_that_dies_just_before_sending_loses_nothing(post: Post):
    office, server = post
    await office.host.deliver(WELCOME)
    with armed("notifications.mail.before", "error*1"):
        await office.turn()
        assert server.mails == []
        await office.turn()

    assert len(server.mails) == 1


async def test_one_unwritable_mail_does_not_hold_up_the_others(post: Post):
    office, server = post
    order_id = office.neighbours.has(facts(buyer_id=BOB))
    # Nobody knows this currency, so writing the mail fails on a mistake of ours.
    broken = office.neighbours.has(facts(currency="QQQ"))
    with capture_logs() as lines:
        await office.host.deliver(OrderConfirmed(order_id=broken, total=money(1), at=NOON))
        await office.host.deliver(OrderConfirmed(order_id=order_id, total=money(1), at=NOON))
        await office.turn()

    assert server.recipients == ["bob@example.com"]
    (bug,) = (line for line in lines if line["event"] == "mail_failed")
    assert bug["error"] == "ValueError"


async def test_two_processes_at_once_send_each_mail_once(post: Post):
    office, server = post
    count = 60
    for _ in range(count):
        order_id = office.neighbours.has(facts(email="many@example.com"))
        await office.host.deliver(OrderConfirmed(order_id=order_id, total=money(1), at=NOON))

    for _ in range(3):
        await asyncio.gather(*(office.host.run_job("send_mails") for _ in range(2)))

    assert len(server.mails) == count
    assert len({mail["message-id"] for mail in server.mails}) == count


async def test_an_attempt_that_outlived_its_lease_does_not_send(post: Post):
    office, server = post

    async def another_takes_over() -> None:
        await office.host.database.execute("update deliveries set attempts = attempts + 1")

    office.neighbours.meanwhile = another_takes_over
    await office.host.deliver(WELCOME)
    with capture_logs() as lines:
        await office.turn()

    assert server.mails == []
    assert [line["event"] for line in lines] == ["mail_overtaken"]


async def test_a_commit_wakes_the_post_room(servers: Desk, monkeypatch):
    monkeypatch.setattr(wiring, "TURN_SECONDS", 3600)  # it does not come round by itself
    neighbours = Neighbours()
    async with hosted("notifications", servers, fakes=neighbours.fakes, bus=True) as host:
        office = Office(host, neighbours)

        async def registered(user_id: str) -> None:
            payload = msgspec.json.encode(UserRegistered(user_id=user_id, registered_at=NOON))
            await host.platform.bus.publish([Message(new_id(), UserRegistered.SUBJECT, payload)])

        await registered(ADA)
        await eventually(lambda: len(office.files) == 1)
        await registered(BOB)
        await eventually(lambda: len(office.files) == 2)
