"""How notifications are put together."""

from __future__ import annotations

from functools import partial

from souk.contracts.orders import OrderServiceClient
from souk.contracts.users import UserServiceClient
from souk.kernel.events.consumers import collect
from souk.kernel.jobs import every
from souk.kernel.platform import Parts, Platform
from souk.services.notifications import consumers, store
from souk.services.notifications.letters.envelope import Envelope
from souk.services.notifications.mailers import Mailer
from souk.services.notifications.mailers.folder import FolderMailer
from souk.services.notifications.rpc import NotificationsRpc
from souk.services.notifications.use_cases.send_mails import post_room, send_mails

# Long after the broker and the dead letters have forgotten an event, so that none is told twice.
DELIVERIES_KEPT_DAYS = 180
OLD_DELIVERIES_AT_ONCE = 5000
# Mails of one moment share statements and a trip to the disk.
LINGER_SECONDS = 0.5
TURN_SECONDS = 5.0  # without anything to wake it: what was put off, or left by the dead


def build(platform: Platform) -> Parts:
    database, clock = platform.database("notifications"), platform.clock
    envelope = Envelope(sender=platform.settings.mail_from, clock=clock)
    mailer = _mailer(platform, envelope)
    texter = FolderMailer(platform.settings.home / "sms", suffix="txt")
    room = post_room(
        database,
        orders=platform.client(OrderServiceClient),
        users=platform.client(UserServiceClient),
        mailer=mailer,
        texter=texter,
        envelope=envelope,
        home_url=platform.settings.public_address,
    )

    async def send() -> None:
        if await send_mails(room):
            sending.wake()

    async def drop_old_deliveries() -> None:
        """Their mails first: nobody knows whose they are when the rows are gone."""
        old = await store.list_old(
            database, days=DELIVERIES_KEPT_DAYS, limit=OLD_DELIVERIES_AT_ONCE
        )
        for each in (mailer, texter):
            await each.forget(old)
        await database.transact(store.drop_deliveries, old)

    # In every process: each attempt claims its own row.
    sending = every(
        seconds=TURN_SECONDS, do=send, name="send_mails", everywhere=True, limit_seconds=1800
    )
    return Parts(
        rpc=NotificationsRpc(database, mailer, texter),
        consumers=collect(
            consumers, clock=clock, wake=partial(sending.wake, in_seconds=LINGER_SECONDS)
        ),
        jobs=(sending, every(seconds=3600, do=drop_old_deliveries)),
    )


def _mailer(platform: Platform, envelope: Envelope) -> Mailer:
    settings = platform.settings
    if not settings.smtp_url:
        return FolderMailer(settings.home / "mail")
    from souk.services.notifications.mailers.smtp import SmtpMailer

    return SmtpMailer(settings.smtp_url, name=envelope.domain)
