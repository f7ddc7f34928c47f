"""Signing in with a provider: a real one, in a process of its own."""

import asyncio
import json
import sys
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from souk.contracts.api import Role
from souk.contracts.users import (
    FinishProviderSignInRequest,
    ListProvidersRequest,
    ProviderNotFound,
    ProviderRefused,
    ProviderRequired,
    RequestOtpRequest,
    StartProviderSignInRequest,
    UserRegistered,
    UserServiceClient,
    VerifyEmailRequest,
    VerifyOtpRequest,
    WrongCredentials,
)
from souk.kernel.refusals import Unavailable
from tests.services.users.persons import is_valid, last_sent, login, registered
from tests.support.hosting import hosted
from tests.support.issuer import CLIENT, SECRET

SITE = "https://souk.example"


@pytest.fixture(scope="module")
async def issuer():
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.support.issuer",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    port = int(await asyncio.wait_for(process.stdout.readline(), 20))
    yield f"http://127.0.0.1:{port}"
    process.stdin.close()
    await asyncio.wait_for(process.wait(), 10)


@pytest.fixture
async def host(servers, issuer):
    async with httpx.AsyncClient() as http:
        await http.post(f"{issuer}/misbehave", json={})
    acme = {"issuer": issuer, "client_id": CLIENT, "client_secret": SECRET}
    acme |= {"staff_domains": ["acme.example"], "groups": {"souk-support": "support"}}
    chosen = {"acme": acme}
    chosen["away"] = {"issuer": "http://127.0.0.1:9", "client_id": "x"}
    chosen["plain"] = {"issuer": "http://acme.example", "client_id": "x"}
    async with hosted("users", servers, public_url=SITE, oidc_providers=json.dumps(chosen)) as host:
        yield host


@pytest.fixture
def users(host):
    return host.client(UserServiceClient)


class Browser:
    """Follows a provider's redirects, and keeps the cookie."""

    def __init__(self, users) -> None:
        self.users = users
        self.cookie = ""

    async def goes(self, provider="acme", **more) -> dict[str, str]:
        """To the provider, until it is sent back; with what."""
        begun = await self.users.start_provider_sign_in(
            StartProviderSignInRequest(provider=provider, **more)
        )
        self.cookie = begun.set_cookie.partition(";")[0]
        async with httpx.AsyncClient() as http:
            answer = await http.get(begun.location)
        back = urlsplit(answer.headers["location"])
        self.path = back.path
        assert f"{back.scheme}://{back.netloc}" == SITE
        return {name: values[0] for name, values in parse_qs(back.query).items()}

    async def returns(self, query, *, provider="acme", cookie=None):
        return await self.users.finish_provider_sign_in(
            FinishProviderSignInRequest(
                provider=provider,
                query=query,
                headers={"cookie": self.cookie if cookie is None else cookie},
            )
        )


@pytest.fixture
def browser(users):
    return Browser(users)


async def misbehaves(issuer, **how) -> None:
    async with httpx.AsyncClient() as http:
        await http.post(f"{issuer}/misbehave", json=how)


async def test_providers_are_those_of_the_settings(users):
    found = await users.list_providers(ListProvidersRequest())
    assert found.items == ("acme", "away", "plain")
    with pytest.raises(ProviderNotFound):
        await users.start_provider_sign_in(StartProviderSignInRequest(provider="nobody"))


async def test_whoever_comes_the_first_time_has_an_account(users, host, browser):
    signed_in = await browser.returns(await browser.goes())
    assert signed_in.user.email == "ada@example.com"
    assert signed_in.user.email_verified
    assert (signed_in.user.first_name, signed_in.user.last_name) == ("Ada", "Lovelace")
    assert await is_valid(users, signed_in)
    again = await browser.returns(await browser.goes())
    assert again.user.id == signed_in.user.id
    assert len(await host.published(UserRegistered)) == 1


async def test_the_way_there_carries_pkce_state_and_nonce_and_a_cookie_ties_it(users):
    begun = await users.start_provider_sign_in(StartProviderSignInRequest(provider="acme"))
    asked = {k: v[0] for k, v in parse_qs(urlsplit(begun.location).query).items()}
    assert asked["code_challenge_method"] == "S256"
    assert len(asked["code_challenge"]) == 43
    assert asked["state"]
    assert asked["nonce"]
    assert asked["redirect_uri"] == f"{SITE}/api/v1/auth/oauth/acme/callback"
    for part in ("HttpOnly", "SameSite=Lax", "Secure", "Path=/"):
        assert part in begun.set_cookie


async def test_pages_may_have_a_callback_of_their_own_on_this_site_alone(browser):
    query = await browser.goes(redirect_path="/sign-in/acme")
    assert browser.path == "/sign-in/acme"
    assert (await browser.returns(query)).user.email == "ada@example.com"


async def test_a_verified_account_is_found_and_keeps_its_password(users, host, browser):
    first = await registered(users)
    await users.verify_email(VerifyEmailRequest(token=(await last_sent(host, users)).secret))
    signed_in = await browser.returns(await browser.goes())
    assert signed_in.user.id == first.user.id
    await users.login(login())
    assert await is_valid(users, first)


async def test_who_waited_in_an_account_of_an_unproved_address_is_put_out(users, browser):
    squatter = await registered(users)
    owner = await browser.returns(await browser.goes())
    assert owner.user.id == squatter.user.id
    assert not await is_valid(users, squatter)
    with pytest.raises(WrongCredentials):
        await users.login(login())
    assert await is_valid(users, owner)


async def test_what_comes_back_opens_once(browser):
    query = await browser.goes()
    await browser.returns(query)
    with pytest.raises(ProviderRefused):
        await browser.returns(query)


@pytest.mark.parametrize("cookie", ["", "souk_sign_in=x", "souk_sign_in", ";;=;"])
async def test_what_was_begun_in_another_browser_is_refused(browser, cookie):
    query = await browser.goes()
    with pytest.raises(ProviderRefused):
        await browser.returns(query, cookie=cookie)


@pytest.mark.parametrize(
    "changed", [{"state": "x"}, {"state": ""}, {"code": "x"}, {"code": ""}, {"code": "x" * 5000}]
)
async def test_made_up_returns_are_refused(browser, changed):
    query = await browser.goes()
    with pytest.raises(ProviderRefused):
        await browser.returns(query | changed)


async def test_what_one_provider_sent_is_not_taken_from_another(browser):
    query = await browser.goes()
    with pytest.raises(ProviderRefused):
        await browser.returns(query, provider="away")


@pytest.mark.parametrize(
    "how",
    [
        {"is_forged": True},
        {"alg": "HS256"},
        {"alg": "none"},
        {"claims": {"iss": "http://evil.example"}},
        {"claims": {"aud": "another-client"}},
        {"claims": {"aud": [CLIENT, "another"], "azp": "another"}},
        {"claims": {"nonce": "another"}},
        {"claims": {"nonce": None}},
        {"claims": {"exp": 1}},
        {"claims": {"sub": None}},
        {"claims": {"email_verified": False}},
        {"claims": {"email_verified": None}},
        {"claims": {"email": None}},
        {"claims": {"email": "no address"}},
    ],
    ids=str,
)
async def test_a_provider_that_says_something_else_is_not_believed(browser, issuer, host, how):
    query = await browser.goes()
    await misbehaves(issuer, **how)
    with pytest.raises(ProviderRefused):
        await browser.returns(query)
    assert await host.database.fetchval("select count(*) from users") == 0


async def test_a_provider_that_calls_itself_otherwise_is_refused(browser, issuer):
    await misbehaves(issuer, issuer_says="http://evil.example")
    with pytest.raises(ProviderRefused):
        await browser.goes()


async def test_a_provider_that_is_away_is_told_as_such(browser):
    with pytest.raises(Unavailable):
        await browser.goes("away")


async def test_a_provider_is_not_asked_over_an_open_line(browser):
    with pytest.raises(ProviderRefused):
        await browser.goes("plain")


async def test_staff_of_a_domain_come_in_by_its_provider_and_by_nothing_else(
    users, host, issuer, browser
):
    olga = {"sub": "olga", "email": "Olga@ACME.example"}
    known = await registered(users, "olga@acme.example")
    await users.login(login("olga@acme.example"))  # a shopper may, whoever employs them
    await host.database.execute("update users set email_verified = true")
    await misbehaves(issuer, claims=olga | {"groups": ["souk-support", "everybody"]})

    signed_in = await browser.returns(await browser.goes())

    assert signed_in.user.id == known.user.id
    assert Role.SUPPORT in signed_in.user.roles
    with pytest.raises(ProviderRequired) as refused:
        await users.login(login("olga@acme.example"))
    assert refused.value.provider == "acme"
    with pytest.raises(WrongCredentials):
        await users.login(login("olga@acme.example", "a wrong password"))
    asked = await users.request_otp(RequestOtpRequest(email="olga@acme.example"))
    code = (await last_sent(host, users)).secret
    with pytest.raises(ProviderRequired):
        await users.verify_otp(VerifyOtpRequest(challenge=asked.challenge, code=code))
    audited = "select count(*) from audit where action = 'users.role_granted'"
    assert await host.database.fetchval(audited) == 1


async def test_roles_go_with_the_groups_that_brought_them(users, host, issuer, browser):
    olga = {"sub": "olga", "email": "olga@acme.example"}
    await misbehaves(issuer, claims=olga | {"groups": "souk-support"})
    first = await browser.returns(await browser.goes())
    await host.database.execute("update users set roles = roles || '{courier}'")

    for groups in (["everybody"], None, [["souk-support"]]):
        await misbehaves(issuer, claims=olga | {"groups": groups})
        again = await browser.returns(await browser.goes())
        assert set(again.user.roles) == {Role.CUSTOMER, Role.COURIER}
        assert not await is_valid(users, first)
        assert await is_valid(users, again)
