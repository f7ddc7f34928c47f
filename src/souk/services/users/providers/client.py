"""What is asked of a provider: its addresses, its keys, and whom a code stands for."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx
import msgspec
from msgspec import Struct

from souk.contracts.api import Role
from souk.contracts.users import ProviderRefused
from souk.kernel.clock import Clock, monotonic
from souk.kernel.mailboxes import email_key
from souk.kernel.refusals import Unavailable
from souk.kernel.settings import Settings
from souk.kernel.telemetry import logger

GOOGLE = "https://accounts.google.com"
SECONDS_MAX = 8.0
FRESH_SECONDS = 3600.0
SKEW_SECONDS = 60
# Signatures that only the provider can make. Never HS256, whose secret is ours as well, nor none.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA")
log = logger(__name__)


class ProviderSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """One entry of SOUK_OIDC_PROVIDERS."""

    client_id: str
    client_secret: str = ""
    issuer: str = ""  # of `google` it is known
    scopes: str = "openid email profile"
    # Staff whose e-mail is of these domains come in by this provider, and by nothing else.
    staff_domains: tuple[str, ...] = ()
    # Roles by the groups it says somebody is in: they come and go with the groups, at each sign-in.
    groups: dict[str, Role] = {}
    groups_claim: str = "groups"


class Discovered(Struct, frozen=True):
    """What the provider says of itself (OpenID Connect Discovery 1.0)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str


class Person(Struct, frozen=True, kw_only=True):
    """Whom the provider vouches for."""

    issuer: str
    subject: str
    email: str
    is_email_verified: bool
    first_name: str
    last_name: str
    groups: frozenset[str] = frozenset()


class ProviderClient:
    def __init__(self, name: str, settings: ProviderSettings, clock: Clock) -> None:
        self.name, self._settings, self._clock = name, settings, clock
        self._issuer = settings.issuer or (GOOGLE if name == "google" else "")
        self._known: tuple[Discovered, dict[str, Any]] | None = None
        self._until = 0.0
        self._asking = asyncio.Lock()

    async def address(self, *, redirect_uri: str, state: str, nonce: str, verifier: str) -> str:
        """Where the browser is sent. Raises Unavailable."""
        from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
        from authlib.oauth2.rfc7636 import create_s256_code_challenge

        discovered, _ = await self._discovered()
        address: str = prepare_grant_uri(
            discovered.authorization_endpoint,
            self._settings.client_id,
            "code",
            redirect_uri=redirect_uri,
            scope=self._settings.scopes,
            state=state,
            nonce=nonce,
            code_challenge=create_s256_code_challenge(verifier),
            code_challenge_method="S256",
        )
        return address

    async def person(self, code: str, *, redirect_uri: str, nonce: str, verifier: str) -> Person:
        """Whom a code stands for. Raises ProviderRefused, Unavailable."""
        discovered, keys = await self._discovered()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
            "client_id": self._settings.client_id,
        }
        if self._settings.client_secret:
            form["client_secret"] = self._settings.client_secret
        given = await self._ask("POST", discovered.token_endpoint, form)
        token = given.get("id_token")
        if not isinstance(token, str):
            raise self.refusal("it gave no identity token")
        claims = self._checked(token, keys, nonce=nonce, access_token=given.get("access_token"))
        return Person(
            issuer=discovered.issuer,
            subject=str(claims["sub"]),
            email=text_of(claims, "email"),
            is_email_verified=claims.get("email_verified") in (True, "true"),
            first_name=text_of(claims, "given_name") or text_of(claims, "name"),
            last_name=text_of(claims, "family_name"),
            groups=groups_of(claims, self._settings.groups_claim),
        )

    @property
    def roles(self) -> dict[str, Role]:
        """By group."""
        return self._settings.groups

    def refusal(self, reason: str) -> ProviderRefused:
        return ProviderRefused(provider=self.name, reason=reason)

    def _checked(
        self, token: str, keys: dict[str, Any], *, nonce: str, access_token: Any
    ) -> dict[str, Any]:
        """As OpenID Connect Core 1.0 §3.1.3.7 has it."""
        from authlib.oidc.core import CodeIDToken
        from joserfc import jwt
        from joserfc.errors import JoseError
        from joserfc.jwk import KeySet

        try:
            decoded = jwt.decode(token, KeySet.import_key_set(keys), algorithms=ALGORITHMS)  # type: ignore[arg-type]
            claims = CodeIDToken(
                decoded.claims,
                decoded.header,
                options={
                    "iss": {"essential": True, "value": self._issuer},
                    "aud": {"essential": True, "value": self._settings.client_id},
                    "nonce": {"essential": True, "value": nonce},
                },
                params={
                    "nonce": nonce,
                    "client_id": self._settings.client_id,
                    "access_token": access_token,
                },
            )
            claims.validate(now=int(self._clock.now().timestamp()), leeway=SKEW_SECONDS)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            log.warning("identity_token_refused", provider=self.name, reason=type(error).__name__)
            raise self.refusal("its identity token is not valid") from None
        return dict(claims)

    async def _discovered(self) -> tuple[Discovered, dict[str, Any]]:
        """Its addresses and keys, asked for once an hour."""
        async with self._asking:
            if self._known is None or monotonic() >= self._until:
                where = f"{self._issuer.rstrip('/')}/.well-known/openid-configuration"
                said = await self._ask("GET", where)
                try:
                    discovered = msgspec.convert(said, Discovered)
                except msgspec.ValidationError:
                    raise self.refusal("it does not describe itself as it should") from None
                if discovered.issuer != self._issuer:
                    raise self.refusal("it calls itself by another name")
                self._known = discovered, await self._ask("GET", discovered.jwks_uri)
                self._until = monotonic() + FRESH_SECONDS
            return self._known

    async def _ask(
        self, verb: str, where: str, form: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        if not is_safe(where):
            raise self.refusal("it can only be reached over https")
        try:
            async with httpx.AsyncClient(timeout=SECONDS_MAX, trust_env=False) as http:
                answer = await http.request(
                    verb, where, data=form, headers={"Accept": "application/json"}
                )
        except httpx.HTTPError as error:
            log.warning("provider_away", provider=self.name, reason=type(error).__name__)
            raise Unavailable(service=self.name) from None
        if answer.status_code >= 500:
            raise Unavailable(service=self.name)
        try:
            said = msgspec.json.decode(answer.content)
        except (msgspec.DecodeError, UnicodeDecodeError):
            said = None
        if answer.status_code != 200 or not isinstance(said, dict):
            raise self.refusal("it did not accept the code")
        return said


def text_of(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    return value.strip() if isinstance(value, str) else ""


def groups_of(claims: Mapping[str, Any], name: str) -> frozenset[str]:
    value = claims.get(name)
    named = value if isinstance(value, list) else [value]
    return frozenset(each for each in named if isinstance(each, str))


def chosen_providers(settings: Settings) -> dict[str, ProviderSettings]:
    """Raises msgspec.ValidationError, which says what is wrong in SOUK_OIDC_PROVIDERS."""
    if not settings.oidc_providers:
        return {}
    return msgspec.json.decode(settings.oidc_providers, type=dict[str, ProviderSettings])


def staff_doors(settings: Settings) -> dict[str, str]:
    """The provider by which staff of a mail domain come in."""
    return {
        domain_of(f"@{domain}"): name
        for name, provider in chosen_providers(settings).items()
        for domain in provider.staff_domains
    }


def domain_of(email: str) -> str:
    return email_key(email).rpartition("@")[2]


def is_safe(address: str) -> bool:
    """Encrypted, or on this very machine."""
    parts = urlsplit(address)
    return parts.scheme == "https" or parts.hostname in ("127.0.0.1", "localhost", "::1")
