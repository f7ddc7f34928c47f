"""A letter made into a mail: headers that nobody can add to, text and HTML side by side."""

from __future__ import annotations

import re
from binascii import b2a_qp
from email.header import Header
from email.utils import format_datetime, formataddr, parseaddr
from functools import lru_cache

from email_validator import EmailNotValidError, validate_email
from msgspec import Struct

from souk.kernel.clock import Clock
from souk.services.notifications.letters import Letter, one_line
from souk.services.notifications.letters.page import page
from souk.services.notifications.letters.plain import plain
from souk.services.notifications.mailers import Mail


class AddressNotUsable(Exception):  # noqa: N818 - says what it is about
    """Nothing can be sent to this address."""


SUBJECT_LENGTH_MAX = 60
# What most addresses look like, and none of these means anything else to a mail server.
PLAIN = re.compile(
    r"[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*@(?:[a-z0-9-]{1,63}\.)+[a-z]{2,24}", re.ASCII
)
# Written out, because email.message parses every header it is given: 1.6 ms a mail. The boundary
# holds `=_`, which quoted text never does.
MAIL = """\
{headers}
MIME-Version: 1.0
Content-Type: multipart/alternative;
 boundary="=_{mail_id}"

--=_{mail_id}
Content-Type: text/plain; charset="utf-8"
Content-Transfer-Encoding: quoted-printable

{plain}
--=_{mail_id}
Content-Type: text/html; charset="utf-8"
Content-Transfer-Encoding: quoted-printable

{page}
--=_{mail_id}--
"""


class Envelope(Struct, frozen=True, kw_only=True, eq=False):
    """Who writes."""

    sender: str  # Souk <no-reply@souk.example>
    clock: Clock

    @property
    def address(self) -> str:
        return _parsed(self.sender)[1]

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2] or "localhost"

    def seal(self, letter: Letter, *, mail_id: str, recipient: str, order_id: str = "") -> Mail:
        """Raises AddressNotUsable. The Message-ID is made of `mail_id`, so a mail that came twice
        is known as one; those of an order refer to it and lie together in the inbox."""
        recipient = _usable(recipient)
        headers = {
            "Subject": _subject(one_line(letter.subject)),
            "From": _formatted(self.sender),
            "To": recipient,  # and no name beside it: names are other people's text
            "Date": format_datetime(self.clock.now()),
            "Message-ID": f"<{mail_id}@{self.domain}>",
            "Auto-Submitted": "auto-generated",  # RFC 3834: holiday replies stay away
        }
        if order_id:
            headers["References"] = f"<order.{order_id}@{self.domain}>"
        content = MAIL.format(
            headers="\n".join(f"{name}: {value}" for name, value in headers.items()),
            mail_id=mail_id,
            plain=_quoted(plain(letter)),
            page=_quoted(page(letter)),
        )
        content = content.replace("\n", "\r\n")
        return Mail(id=mail_id, sender=self.address, recipient=recipient, content=content.encode())


@lru_cache(maxsize=8)
def _parsed(sender: str) -> tuple[str, str]:
    return parseaddr(sender)


@lru_cache(maxsize=8)
def _formatted(sender: str) -> str:
    return formataddr(_parsed(sender))


def _subject(text: str) -> str:
    """As a header may hold it; what is short and ASCII stays as it is."""
    if text.isascii() and len(text) <= SUBJECT_LENGTH_MAX:
        return text
    return Header(text, None if text.isascii() else "utf-8", header_name="Subject").encode()


def _quoted(text: str) -> str:
    """So that no server on the way has to change a byte of it."""
    return b2a_qp(text.encode(), istext=True).decode()


def _usable(address: str) -> str:
    """One address and nothing else, with the domain in ASCII where the mailbox is."""
    if PLAIN.fullmatch(address):
        return address
    try:
        found = validate_email(address, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        raise AddressNotUsable from None  # its message would repeat the address
    return found.ascii_email or found.normalized
