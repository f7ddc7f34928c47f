"""The way in by a provider: Authorization Code with PKCE, state and nonce, tied to the browser."""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie

import msgspec
from msgspec import Struct

from souk.contracts.users import (
    FinishProviderSignInRequest,
    ProviderNotFound,
    ProviderSignInStarted,
    SignedIn,
    StartProviderSignInRequest,
)
from souk.kernel.ids import new_id
from souk.kernel.mailboxes import email_key
from souk.services.users import challenge_store, queries
from souk.services.users.challenge_store import Challenge, Purpose
from souk.services.users.door import new_account
from souk.services.users.entrance import Entrance, Grounds
from souk.services.users.model import Account
from souk.services.users.providers.client import Person, ProviderClient, chosen_providers
from souk.services.users.use_cases.enter_by_provider import enter_by_provider
from souk.services.users.use_cases.settle_roles import settle_roles
from souk.services.users.use_cases.sign_in import use_once
from souk.services.users.vault import is_same
from souk.services.users.visits import Visit

COOKIE = "souk_sign_in"
FLOW_SECONDS = 900
CODE_CHARACTERS_MAX = 4000
NAME_CHARACTERS_MAX = 80
EMAIL_CHARACTERS_MAX = 254


class Flow(Struct, frozen=True, kw_only=True):
    """What has to be known again when the browser comes back."""

    provider: str
    redirect_uri: str


class Providers:
    def __init__(self, on: Grounds, entrance: Entrance) -> None:
        self.on, self.entrance = on, entrance
        self._clients = {
            name: ProviderClient(name, chosen, on.clock)
            for name, chosen in chosen_providers(on.settings).items()
        }

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(sorted(self._clients))

    async def start(self, request: StartProviderSignInRequest) -> ProviderSignInStarted:
        """Nothing secret is stored: state, nonce and verifier are made of the challenge's id."""
        client = self._client(request.provider)
        callback = f"/api/v1/auth/oauth/{client.name}/callback"
        redirect_uri = self.on.settings.public_address + (request.redirect_path or callback)
        flow = msgspec.json.encode(Flow(provider=client.name, redirect_uri=redirect_uri)).decode()
        flow_id = new_id()
        address = await client.address(
            redirect_uri=redirect_uri,
            state=self.on.vault.token(flow_id),
            nonce=self.on.vault.text("nonce", flow_id),
            verifier=self.on.vault.text("verifier", flow_id),
        )
        challenge = Challenge(
            id=flow_id,
            purpose=Purpose.PROVIDER,
            sealed_target=self.on.vault.seal(flow, of=flow_id),
        )
        await self.on.database.transact(challenge_store.add, challenge, seconds=FLOW_SECONDS)
        return ProviderSignInStarted(location=address, set_cookie=self._cookie(flow_id))

    async def finish(self, request: FinishProviderSignInRequest, visit: Visit) -> SignedIn:
        """Raises ProviderRefused, SecondFactorRequired."""
        client = self._client(request.provider)
        flow_id = self.on.vault.challenge_of(request.query.get("state", ""))
        flow = await self._flow(flow_id)
        cookie = cookie_of(request.headers.get("cookie", ""))
        if flow is None or flow.provider != client.name:
            raise client.refusal("it was not begun here, or too long ago")
        if not is_same(cookie, self.on.vault.text("browser", flow_id)):
            raise client.refusal("it was begun in another browser")
        await self.on.database.transact(use_once, flow_id)
        code = request.query.get("code", "")
        if not code or len(code) > CODE_CHARACTERS_MAX:
            raise client.refusal("it was cancelled")
        person = await client.person(
            code,
            redirect_uri=flow.redirect_uri,
            nonce=self.on.vault.text("nonce", flow_id),
            verifier=self.on.vault.text("verifier", flow_id),
        )
        account = await self._account_of(person, client)
        if client.roles:
            held = frozenset(role for group, role in client.roles.items() if group in person.groups)
            account = await self.on.database.transact(
                settle_roles, account.id, held, governed=frozenset(client.roles.values())
            )
        return await self.entrance.let_in(account, visit, provider=client.name)

    async def _account_of(self, person: Person, client: ProviderClient) -> Account:
        known = await queries.find_linked(
            self.on.database, issuer=person.issuer, subject=person.subject
        )
        if known is None:
            if not usable(person.email) or not person.is_email_verified:
                raise client.refusal("it does not vouch for an e-mail address")
            fresh = new_account(
                self.on,
                email=person.email,
                first_name=person.first_name[:NAME_CHARACTERS_MAX] or "Friend",
                last_name=person.last_name[:NAME_CHARACTERS_MAX],
                email_verified=True,
            )
            known = await self.on.database.transact(
                enter_by_provider, person, fresh, provider=client.name
            )
        if not known.is_active:
            raise client.refusal("this account is barred")
        return known

    async def _flow(self, flow_id: str) -> Flow | None:
        if not flow_id:
            return None
        found = await challenge_store.find(self.on.database, flow_id, Purpose.PROVIDER)
        if found is None:
            return None
        return msgspec.json.decode(self.on.vault.open(found.sealed_target, of=flow_id), type=Flow)

    def _client(self, name: str) -> ProviderClient:
        if name not in self._clients:
            raise ProviderNotFound(provider=name)
        return self._clients[name]

    def _cookie(self, flow_id: str) -> str:
        secure = "; Secure" if self.on.settings.public_address.startswith("https://") else ""
        value = self.on.vault.text("browser", flow_id)
        return f"{COOKIE}={value}; Path=/; Max-Age={FLOW_SECONDS}; HttpOnly; SameSite=Lax{secure}"


def cookie_of(header: str) -> str:
    try:
        found = SimpleCookie(header).get(COOKIE)
    except CookieError:
        return ""
    return found.value if found else ""


def usable(email: str) -> bool:
    name, _, domain = email_key(email).rpartition("@")
    return bool(name and domain) and len(email) <= EMAIL_CHARACTERS_MAX and email.isprintable()
