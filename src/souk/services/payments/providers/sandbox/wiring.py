"""How the sandbox is put together; payments know it by its port alone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from msgspec import Struct

from souk.kernel.jobs import Job, every
from souk.kernel.platform import Platform
from souk.services.payments.providers import Provider
from souk.services.payments.providers.sandbox.book import Book
from souk.services.payments.providers.sandbox.challenges import ChallengeAddresses, Challenges
from souk.services.payments.providers.sandbox.provider import Sandbox
from souk.services.payments.providers.sandbox.remote import RemoteSandbox
from souk.services.payments.providers.sandbox.signatures import Signer, derived_key
from souk.services.payments.providers.sandbox.webhooks import WebhookSender

WEBHOOK_PATH = "/api/v1/payments/sandbox/webhook"


class SandboxParts(Struct, frozen=True, kw_only=True, eq=False):
    """`challenges` is None where the provider has a page of its own."""

    provider: Provider
    stop: Callable[[], Awaitable[None]]
    challenges: Challenges | None = None
    jobs: tuple[Job, ...] = ()


def build_sandbox(platform: Platform) -> SandboxParts:
    """The one with its book in our database, or one outside where the settings name it."""
    settings = platform.settings
    secret = settings.internal_secret or settings.master_key
    signer = Signer(derived_key(secret, "webhooks"), platform.clock)
    if settings.sandbox_url:
        remote = RemoteSandbox(settings.sandbox_url, signer)
        return SandboxParts(provider=remote, stop=remote.close)
    database, public_url = platform.database("payments"), settings.public_address
    addresses = ChallengeAddresses(derived_key(secret, "challenges"), public_url=public_url)
    book = Book(database, challenge_minutes=settings.checkout_minutes)
    sender = WebhookSender(database, signer, url=f"{public_url}{WEBHOOK_PATH}")
    sending = every(seconds=2, do=sender.send_due, name="sandbox.webhooks")
    challenges = Challenges(book, addresses, tell=sending.wake)
    return SandboxParts(
        provider=Sandbox(book, addresses, signer, tell=sending.wake),
        challenges=challenges,
        jobs=(sending, every(seconds=5, do=challenges.expire, name="sandbox.expiry")),
        stop=sender.close,
    )
