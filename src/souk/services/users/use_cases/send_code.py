"""A code or a link is to be sent: written down now, sent by notifications."""

from __future__ import annotations

from msgspec import Struct

from souk.contracts.users import CodeRequested
from souk.kernel.database import Transaction
from souk.services.users import challenge_store
from souk.services.users.challenge_store import Challenge


class Sending(Struct, frozen=True, kw_only=True):
    challenge: Challenge
    seconds: int


async def send_code(tx: Transaction, sending: Sending) -> None:
    """The same steps whether or not somebody has the address: users then reveal nothing."""
    challenge = sending.challenge
    await challenge_store.add(tx, challenge, seconds=sending.seconds)
    tx.publish(CodeRequested(code_id=challenge.id))
