"""Mails that are due are written and sent, each by one attempt at a time.

What a mail needs to know is asked for when it is written and forgotten when it is sent. No
transaction is open while others are asked or the mail server works. That a mail is handed in is
recorded just before, and its end after: whoever dies in between leaves a mail in doubt, which is
sent once more and never a third time.
"""

from __future__ import annotations

import asyncio
import traceback
from functools import partial
from typing import Any

from msgspec import Struct, structs

from souk.contracts.notifications import NotificationKind
from souk.contracts.orders import GetOrderFactsRequest, OrderServiceClient
from souk.contracts.users import (
    Contact,
    GetContactsRequest,
    RevealCodeRequest,
    UserServiceClient,
)
from souk.kernel.context import acting, call, within
from souk.kernel.database import Database
from souk.kernel.failpoints import reach
from souk.kernel.refusals import Refusal
from souk.kernel.telemetry import logger
from souk.kernel.together import Together
from souk.services.notifications import store
from souk.services.notifications.letters import Letter, one_line
from souk.services.notifications.letters.codes import code_letter, code_text
from souk.services.notifications.letters.envelope import AddressNotUsable, Envelope
from souk.services.notifications.letters.orders import WRITTEN_BY, Story
from souk.services.notifications.letters.welcome import welcome
from souk.services.notifications.mailers import Mail, Mailer, MailInDoubt, MailNotTaken
from souk.services.notifications.model import Delivery
from souk.services.notifications.store import Beginning

BATCHES_A_TURN = 3  # a process that is told to stop does so between turns
ASKING_SECONDS_MAX = 20

log = logger(__name__)


class PostRoom(Struct, frozen=True, kw_only=True, eq=False):
    """Built once by the wiring."""

    database: Database
    orders: OrderServiceClient
    users: UserServiceClient
    mailer: Mailer
    texter: Mailer  # for phones
    envelope: Envelope
    home_url: str
    begin_sending: Together[Beginning, bool]
    record_sent: Together[Delivery, None]


def post_room(database: Database, **parts: Any) -> PostRoom:
    """Mails on their way at the same time share statements."""
    return PostRoom(
        database=database,
        begin_sending=Together(partial(store.begin_sending, database)),
        record_sent=Together(partial(store.record_sent, database)),
        **parts,
    )


class Overtaken(Exception):  # noqa: N818 - says what happened
    """This attempt outlived its lease, and another one has begun."""


class Addressed(Struct, frozen=True, kw_only=True):
    """A letter and whose it is; a guest, who is a checkout, has no inbox here."""

    letter: Letter
    recipient: str
    user_id: str
    guest_id: str = ""


class Posted(Struct, frozen=True, kw_only=True, eq=False):
    """Ready to be sent. Whoever has an account finds its title in their inbox as well."""

    mail: Mail
    by: Mailer
    user_id: str = ""
    title: str = ""
    person_id: str = ""  # whose it is, where no inbox says so


class NobodyToTell(Exception):  # noqa: N818 - says what is the case
    """The code was used or has expired, or was asked for an address that nobody has."""


async def send_mails(room: PostRoom) -> bool:
    """One turn. Whether more may be waiting."""
    for _ in range(BATCHES_A_TURN):
        due = await store.claim_deliveries(room.database, limit=room.mailer.AT_ONCE)
        await asyncio.gather(*(_try(room, delivery) for delivery in due))
        if len(due) < room.mailer.AT_ONCE:
            return False
    return True


async def _try(room: PostRoom, delivery: Delivery) -> None:
    try:
        await _attempt(room, delivery)
    except Exception as error:  # noqa: BLE001 - one mail's fault must not hold up the others
        _tell_bug(delivery, error)


async def _attempt(room: PostRoom, delivery: Delivery) -> None:
    if delivery.why_to_give_up:
        await _give_up(room, delivery, delivery.why_to_give_up)
        return
    try:
        with acting(structs.replace(call(), deadline=within(ASKING_SECONDS_MAX))):
            if delivery.kind is NotificationKind.CODE:
                posted = await _code(room, delivery)
            else:
                posted = await _news(room, delivery)
    except Refusal as refusal:
        await _put_off(room, delivery, refusal.name)
    except AddressNotUsable:
        await _give_up(room, delivery, "nobody is reachable by mail")
    except NobodyToTell:
        await store.give_up(room.database, delivery, reason="there is nothing to send")
    else:
        await _fill_inbox(room, delivery, posted)
        await _send(room, delivery, posted)


async def _code(room: PostRoom, delivery: Delivery) -> Posted:
    """By mail or by SMS; asked for anew on each attempt, and kept nowhere, an inbox included."""
    revealed = await room.users.reveal_code(RevealCodeRequest(code_id=delivery.subject_id))
    if not revealed.secret:
        raise NobodyToTell
    if revealed.phone_number:
        words = code_text(revealed).encode()
        text = Mail(id=delivery.id, sender="", recipient=revealed.phone_number, content=words)
        return Posted(mail=text, by=room.texter, person_id=revealed.user_id)
    greeting = _greeting(Contact(first_name=revealed.first_name))
    letter = code_letter(revealed, greeting=greeting, home_url=room.home_url)
    mail = room.envelope.seal(letter, mail_id=delivery.id, recipient=revealed.email)
    return Posted(mail=mail, by=room.mailer, person_id=revealed.user_id)


async def _news(room: PostRoom, delivery: Delivery) -> Posted:
    addressed = await _write(room, delivery)
    mail = room.envelope.seal(
        addressed.letter,
        mail_id=delivery.id,
        recipient=addressed.recipient,
        order_id=delivery.order_id,
    )
    return Posted(
        mail=mail,
        by=room.mailer,
        user_id=addressed.user_id,
        title=addressed.letter.subject,
        person_id=addressed.guest_id,
    )


async def _write(room: PostRoom, delivery: Delivery) -> Addressed:
    if delivery.kind is NotificationKind.WELCOME:
        contact = await _contact(room, delivery.subject_id)
        letter = welcome(greeting=_greeting(contact), home_url=room.home_url)
        return Addressed(letter=letter, recipient=contact.email, user_id=contact.user_id)
    facts = await room.orders.get_order_facts(GetOrderFactsRequest(order_id=delivery.order_id))
    contact = await _contact(room, facts.buyer_id) if facts.buyer_id else Contact()
    story = Story(
        news=delivery,
        order=facts.order,
        greeting=_greeting(contact),
        home_url=room.home_url,
    )
    return Addressed(
        letter=WRITTEN_BY[delivery.kind](story),
        recipient=facts.email or contact.email,
        user_id=facts.buyer_id,
        guest_id="" if facts.buyer_id else facts.order.checkout_id,
    )


async def _contact(room: PostRoom, user_id: str) -> Contact:
    """Of nobody, where the account is closed."""
    found = await room.users.get_contacts(GetContactsRequest(user_ids=(user_id,)))
    return next(iter(found.items), Contact())


def _greeting(contact: Contact) -> str:
    name = one_line(contact.first_name)
    return f"Hello {name}," if name else "Hello,"


async def _fill_inbox(room: PostRoom, delivery: Delivery, posted: Posted) -> None:
    """It is told there from here on, whatever becomes of the mail."""
    if posted.user_id:
        await store.add_notification(
            room.database, delivery, user_id=posted.user_id, title=posted.title
        )


async def _send(room: PostRoom, delivery: Delivery, posted: Posted) -> None:
    async def begin() -> None:
        beginning = Beginning(delivery=delivery, person_id=posted.person_id)
        if not await room.begin_sending(beginning):
            raise Overtaken
        await reach("notifications.mail.before")

    try:
        await posted.by.send(posted.mail, begin)
    except Overtaken:
        log.warning("mail_overtaken", delivery_id=delivery.id)
    except MailNotTaken as no:
        if no.is_final:
            await _give_up(room, delivery, no.reason)
        else:
            await _put_off(room, delivery, no.reason, ends_doubt=no.was_handed_in)
    except MailInDoubt as lost:
        await _put_off(room, delivery, lost.reason)
    else:
        await reach("notifications.mail.between")
        await room.record_sent(delivery)
        log.info("mail_sent", delivery_id=delivery.id, kind=delivery.kind)


async def _put_off(
    room: PostRoom, delivery: Delivery, reason: str, *, ends_doubt: bool = False
) -> None:
    await store.put_off(room.database, delivery, reason=reason, ends_doubt=ends_doubt)
    log.warning("mail_put_off", delivery_id=delivery.id, kind=delivery.kind, reason=reason)


async def _give_up(room: PostRoom, delivery: Delivery, reason: str) -> None:
    await store.give_up(room.database, delivery, reason=reason)
    log.error("mail_given_up", delivery_id=delivery.id, kind=delivery.kind, reason=reason)


def _tell_bug(delivery: Delivery, error: Exception) -> None:
    """Where and what, without the message, which may quote somebody's address."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    log.error(
        "mail_failed",
        delivery_id=delivery.id,
        error=type(error).__name__,
        at=f"{place.filename}:{place.lineno}",
    )
