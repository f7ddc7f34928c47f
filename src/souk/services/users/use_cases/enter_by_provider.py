"""Somebody whom a provider vouches for comes the first time."""

from __future__ import annotations

from souk.contracts.users import UserRegistered
from souk.kernel.database import Transaction
from souk.kernel.mailboxes import email_key
from souk.services.users import queries, store
from souk.services.users.model import Account
from souk.services.users.providers.client import Person
from souk.services.users.use_cases.end_access import end_access


async def enter_by_provider(
    tx: Transaction, person: Person, fresh: Account, *, provider: str
) -> Account:
    """Finds the account of the e-mail address, or opens one (`fresh`), and links it.

    An account whose address was never verified may be somebody else's, who waits in it for the
    owner to arrive: its password and sessions end.
    """
    name = email_key(person.email)
    account = await queries.find_by_email(tx, name)
    if account is None and await store.add_user(tx, fresh, email_key=name):
        tx.publish(UserRegistered(user_id=fresh.id, registered_at=fresh.created_at))
        account = fresh
    if account is None:  # it was opened a moment ago, by another request
        account = await queries.find_by_email(tx, name)
        assert account is not None, "the address is taken, so somebody has it"
    if not account.email_verified:
        await store.set_password(tx, account.id, "")
        await store.verify_email(tx, account.id)
        await end_access(tx, account.id)
    await store.link_provider(
        tx, account.id, issuer=person.issuer, subject=person.subject, provider=provider
    )
    return await queries.get_account(tx, account.id)
