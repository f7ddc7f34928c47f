"""A letter made into a mail: headers that nobody can add to, text and HTML side by side."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import parseaddr

from email_validator import EmailNotValidError, validate_email
from msgspec import Struct

from souk.kernel.clock import Clock
from souk.services.notifications.letters import Letter, one_line
from souk.services.notifications.letters.page import page
from souk.services.notifications.letters.plain import plain
from souk.services.notifications.mailers import Mail


class AddressNotUsable(Exception):  # noqa: N818 - says what it is about
    """Nothing can be sent to this address."""


class Envelope(Struct, frozen=True, kw_only=True, eq=False):
    """Who writes."""

    sender: str  # Souk <no-reply@souk.example>
    clock: Clock

    @property
    def address(self) -> str:
        return parseaddr(self.sender)[1]

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2] or "localhost"

    def seal(self, letter: Letter, *, mail_id: str, recipient: str, order_id: str = "") -> Mail:
        """Raises AddressNotUsable. The Message-ID is made of `mail_id`, so a mail that came twice
        is known as one; those of an order refer to it and lie together in the inbox."""
        recipient = _usable(recipient)
        message = EmailMessage(policy=SMTP if recipient.isascii() else SMTPUTF8)
        message["Subject"] = one_line(letter.subject)
        message["From"] = self.sender
        message["To"] = recipient  # and no name beside it: names are other people's text
        message["Date"] = self.clock.now()
        message["Message-ID"] = f"<{mail_id}@{self.domain}>"
        if order_id:
            message["References"] = f"<order.{order_id}@{self.domain}>"
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: holiday replies stay away
        # Quoted, so that no server on the way has to change a byte of it.
        message.set_content(plain(letter), cte="quoted-printable")
        message.add_alternative(page(letter), subtype="html", cte="quoted-printable")
        return Mail(id=mail_id, sender=self.address, recipient=recipient, message=message)


def _usable(address: str) -> str:
    """One address and nothing else, with the domain in ASCII where the mailbox is."""
    try:
        found = validate_email(address, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        raise AddressNotUsable from None  # its message would repeat the address
    return found.ascii_email or found.normalized
