"""Who is asking: the bearer token, the client's address, the key that makes a retry safe."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_address, ip_network
from typing import Any, Protocol

from msgspec import structs

from souk.gateway.exchange import Exchange
from souk.kernel.admission import at_the_edge
from souk.kernel.context import Caller
from souk.kernel.contract import Idempotency, Method
from souk.kernel.refusals import IdempotencyKeyRequired, SignInRequired

KEY_LENGTH_MAX = 255
API_KEY = b"x-api-key"


class Verifier(Protocol):
    async def verify(self, token: str) -> Caller:
        """The caller an access token names; raises SignInRequired."""
        ...


class Callers:
    """Reads the caller from headers; addresses told by proxies count only from trusted ones."""

    def __init__(self, verifier: Verifier, trusted_proxies: Iterable[str] = ()) -> None:
        self._verifier = verifier
        self._trusted = [ip_network(proxy, strict=False) for proxy in trusted_proxies]

    async def caller_of(
        self, exchange: Exchange, method: Method, token: str | None = None
    ) -> Caller:
        """Raises SignInRequired for a token that is bad, even where none is needed.

        Providers sign their webhooks in ways of their own: their headers are the method's to read.
        """
        address = self.address_of(exchange.scope)
        if token is None:
            token = "" if method.raw is not None else shown(exchange)
            if not token:
                return Caller(address=address)
        known = at_the_edge(method, await self._verifier.verify(token))
        return structs.replace(known, address=address)

    def address_of(self, scope: Any) -> str:
        peer = scope.get("client")
        address: str = peer[0] if peer else ""
        if not self._trusted or not self._is_trusted(address):
            return address
        told = b",".join(value for name, value in scope["headers"] if name == b"x-forwarded-for")
        # Read from the right: what stands left of the first stranger was written by the stranger.
        for hop in reversed(told.decode("latin-1").split(",")):
            hop = hop.strip()  # noqa: PLW2901 - the same hop, tidied
            if not is_address(hop):
                break
            address = hop
            if not self._is_trusted(hop):
                break
        return address

    def _is_trusted(self, address: str) -> bool:
        return is_address(address) and any(
            ip_address(address) in network for network in self._trusted
        )


def shown(exchange: Exchange) -> str:
    """The token or API key a request came with, if any."""
    if (given := exchange.headers.get(b"authorization")) is not None:
        return bearer(given)
    return exchange.headers.get(API_KEY, b"").decode("latin-1").strip()


def bearer(authorization: bytes) -> str:
    scheme, _, token = authorization.decode("latin-1").partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token:
        raise SignInRequired(reason="Send the access token as `Authorization: Bearer <token>`.")
    return token


def idempotency_key(method: Method, exchange: Exchange) -> str:
    """The client's key, where the method honours one. Raises IdempotencyKeyRequired."""
    if method.idempotent is Idempotency.NONE:
        return ""
    given = exchange.headers.get(b"idempotency-key")
    if given is None:
        if method.idempotent is Idempotency.REQUIRED:
            raise IdempotencyKeyRequired()
        return ""
    key = given.decode("latin-1").strip()
    if not 1 <= len(key) <= KEY_LENGTH_MAX or not (key.isascii() and key.isprintable()):
        raise IdempotencyKeyRequired()
    return key


def is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
