"""The port behind which mails leave: a mail server, or a folder on this machine."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import ClassVar, Protocol

from msgspec import Struct


class Mail(Struct, frozen=True, kw_only=True, eq=False):
    """A message and where it goes; its id is the delivery's, the same on every attempt."""

    id: str
    sender: str
    recipient: str
    content: bytes  # RFC 5322: headers and parts; of a text message, its words


class MailNotTaken(Exception):  # noqa: N818 - says what happened
    """It certainly did not go out. `is_final`: and never will, so there is no use in trying.

    Reasons carry codes alone: servers like to repeat the address in their texts.
    """

    def __init__(self, reason: str, *, is_final: bool = False, was_handed_in: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.is_final, self.was_handed_in = reason, is_final, was_handed_in


class MailInDoubt(Exception):  # noqa: N818 - says what happened
    """It was handed in, and the answer was lost."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


Begin = Callable[[], Awaitable[None]]


class Mailer(Protocol):
    AT_ONCE: ClassVar[int] = 8  # so many mails of a process: servers limit connections

    async def send(self, mail: Mail, begin: Begin) -> None:
        """Returns when it is out of our hands.

        Awaits `begin` once all is ready and only handing it in is left; what that raises goes to
        the caller. Raises MailNotTaken, MailInDoubt.
        """

    async def forget(self, mail_ids: Iterable[str]) -> None:
        """Whatever is still within reach of these mails goes."""
