"""Mails by SMTP, encrypted wherever the server can, never with a password in the clear."""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Iterable
from contextlib import suppress
from ipaddress import ip_address
from urllib.parse import unquote, urlsplit

from aiosmtplib import SMTP, SMTPException, SMTPRecipientRefused, SMTPResponseException

from souk.services.notifications.mailers import Begin, Mail, Mailer, MailInDoubt, MailNotTaken

COMMAND_SECONDS_MAX = 15
# RFC 5321 §4.5.3.2.6: a server may think long after the last dot, and whoever does not wait for
# its answer sends the mail twice.
ANSWER_SECONDS_MAX = 120
SEND_SECONDS_MAX = 180
ENHANCED_CODE = re.compile(r"[245]\.\d{1,3}\.\d{1,3}\b")


class SmtpMailer(Mailer):
    """`smtp://` (STARTTLS when offered, demanded where there is a password) or `smtps://`."""

    def __init__(self, url: str, *, name: str, tls: ssl.SSLContext | None = None) -> None:
        parts = urlsplit(url)
        self._host, self._is_tls = parts.hostname or "localhost", parts.scheme == "smtps"
        self._user = unquote(parts.username) if parts.username else None
        self._password = unquote(parts.password) if parts.password else None
        self._port = parts.port or self._usual_port()
        self._name, self._tls = name, tls

    async def send(self, mail: Mail, begin: Begin) -> None:
        connection = SMTP(
            hostname=self._host,
            port=self._port,
            username=self._user,
            password=self._password,
            local_hostname=self._name,
            timeout=COMMAND_SECONDS_MAX,
            use_tls=self._is_tls,
            start_tls=True if self._must_hide_password() else None,
            tls_context=self._tls,
        )
        try:
            await self._deliver(connection, mail, begin)
            with suppress(SMTPException, OSError):  # it is taken: a rude goodbye changes nothing
                await connection.quit()
        finally:
            connection.close()

    async def _deliver(self, connection: SMTP, mail: Mail, begin: Begin) -> None:
        was_handed_in = False
        try:
            async with asyncio.timeout(SEND_SECONDS_MAX):
                await connection.connect()
                await _address(connection, mail)
                await begin()
                was_handed_in = True
                await connection.data(mail.content, timeout=ANSWER_SECONDS_MAX)
        except SMTPResponseException as error:
            # Before that, a no is about the sender or the password, which somebody will mend.
            is_about_mail = was_handed_in or isinstance(error, SMTPRecipientRefused)
            raise MailNotTaken(
                _said(error),
                is_final=is_about_mail and error.code >= 500,
                was_handed_in=was_handed_in,
            ) from None
        except (SMTPException, OSError) as error:  # TimeoutError and TLS failures are OSErrors
            kind = type(error).__name__
            raise MailInDoubt(kind) if was_handed_in else MailNotTaken(kind) from None

    async def forget(self, mail_ids: Iterable[str]) -> None:
        """What a server has taken is no longer ours to take back."""

    def _usual_port(self) -> int:
        if self._is_tls:
            return 465
        return 587 if self._user else 25

    def _must_hide_password(self) -> bool:
        return bool(self._user) and not self._is_tls and not _is_this_machine(self._host)


async def _address(connection: SMTP, mail: Mail) -> None:
    if mail.recipient.isascii():
        await connection.mail(mail.sender)
        await connection.rcpt(mail.recipient)
        return
    await connection.ehlo()
    if not connection.supports_extension("smtputf8"):
        raise MailNotTaken("the server takes no address in other letters", is_final=True)
    await connection.mail(mail.sender, options=["SMTPUTF8"], encoding="utf-8")
    await connection.rcpt(mail.recipient, encoding="utf-8")


def _said(error: SMTPResponseException) -> str:
    enhanced = ENHANCED_CODE.match(error.message.strip())
    return f"the server said {error.code}" + (f" ({enhanced[0]})" if enhanced else "")


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
