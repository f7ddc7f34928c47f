"""One Souk that may die at any moment, the people in it, and a view of all its books."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import asyncpg
import httpx

from souk.contracts.api import Role
from souk.contracts.users import GrantRoleRequest, UserServiceClient
from souk.kernel.clock import SystemClock, monotonic
from souk.kernel.context import Call, Caller, acting
from souk.kernel.failpoints import EXIT_STATUS
from souk.kernel.identity import Seal
from souk.kernel.ids import new_id
from souk.kernel.process import all_services
from souk.kernel.transport import Switchboard
from tests.faults.exact.lives import KILLED, Cradle, Life, LifeEnded, cradle
from tests.faults.exact.worker import Nature
from tests.journeys.people import Person, Shop
from tests.support.databases import fresh_database
from tests.support.servers import Desk
from tests.support.stack import free_ports

SECRET = "a secret that the tests share"
STOCK = 1_000_000
PATIENCE_SECONDS = 60
SIGNED_IN_SECONDS = 300  # a third of the time for which an access token is good
UNCERTAIN = {409, 500, 502, 503, 504}  # a client asks again; 409 only for a key in flight
LEASES = "update leases set until = now(), due_at = now() where until > now() or due_at > now()"
# A minute goes by after a death: whatever the dead held has run out.
MINUTE = {
    "orders": "update sagas set lease_until = now() - interval '1 second', resume_at ="
    " case when status <> 'parked' then null else resume_at end"
    " where status not in ('done', 'undone')",
    "payments": """
        update payments set attempt_until = now() where status = 'pending';
        update payments set check_at = now() where check_at is not null;
        update refunds set retry_at = now() where status = 'pending';
        update sandbox.webhooks set send_at = now() where delivered_at is null;
    """,
    "notifications": "update deliveries set due_at = now() where status = 'waiting'",
}


class Bazaar:
    """A worker, its databases, and a shop with one article and a coupon."""

    shop: Shop
    product_id: str
    variant_id: str
    code: str

    def __init__(self, cradle: Cradle, pools: dict[str, asyncpg.Pool], url: str) -> None:
        self.cradle, self.pools, self.url = cradle, pools, url
        self.deaths = 0
        self.born_at = self.signed_in_at = monotonic()
        self._staff: dict[Role, Person] = {}
        self.http_port = httpx.URL(url).port or 0
        self.http = httpx.AsyncClient(base_url=f"{url}/api/v1", timeout=30, trust_env=False)

    @property
    def life(self) -> Life:
        assert self.cradle.life is not None
        return self.cradle.life

    async def reborn(self) -> None:
        """A minute after the last death, and to stay."""
        assert await self.begins(""), "an unarmed worker died: " + self.told()

    async def begins(self, failpoints: str) -> bool:
        """Whether the next life, a minute after the last death, gets over its start."""
        await self.minute_passes()
        try:
            await self.cradle.begin(failpoints)
        except LifeEnded as end:
            if end.status != EXIT_STATUS:
                raise AssertionError(self.told()) from end
            self.deaths += 1
            return False
        finally:
            self.born_at = monotonic()
        return True

    def is_patient(self, since: float) -> bool:
        """For a minute, and another one after each death."""
        return monotonic() < max(since, self.born_at) + PATIENCE_SECONDS

    async def minute_passes(self) -> None:
        for name, pool in self.pools.items():
            await pool.execute(LEASES)
            if name in MINUTE:
                await pool.execute(MINUTE[name])

    async def until_ended(self) -> None:
        """Of a failpoint or a kill, else the log is shown."""
        status = await asyncio.shield(self.life.ended)
        assert status in (EXIT_STATUS, KILLED), f"ended with {status}\n{self.told()}"
        self.deaths += 1

    def told(self) -> str:
        return self.cradle.log.read_text()[-6000:]

    async def ask(self, by: Person, verb: str, path: str, **how: Any) -> httpx.Response:
        """As a client who is in the dark asks again, with the same key, until there is light."""
        begun = monotonic()
        while True:
            try:
                answer = await by.ask(verb, path, **how)
            except httpx.HTTPError as error:
                seen = repr(error)
            else:
                if not is_uncertain(answer):
                    return answer
                seen = f"{answer.status_code} {answer.text}"
            assert self.is_patient(begun), f"{verb} {path}: still {seen}\n{self.told()}"
            await asyncio.sleep(0.03)

    async def must(self, status: int, by: Person, verb: str, path: str, **how: Any) -> Any:
        answer = await self.ask(by, verb, path, **how)
        assert answer.status_code == status, f"{verb} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    async def fetch(self, service: str, sql: str, *args: Any) -> list[asyncpg.Record]:
        found: list[asyncpg.Record] = await self.pools[service].fetch(sql, *args)
        return found

    async def value(self, service: str, sql: str, *args: Any) -> Any:
        return await self.pools[service].fetchval(sql, *args)

    async def opens(self) -> None:
        """In peace, before a trip: whoever works here is signed in for as long as it takes."""
        if monotonic() < self.signed_in_at + SIGNED_IN_SECONDS:
            return
        for person in (self.shop.seller, *self._staff.values()):
            await person.refresh()
        self.signed_in_at = monotonic()

    def staff(self, role: Role) -> Person:
        return self._staff[role]

    async def _hired(self, role: Role) -> Person:
        person = await Person(self.http).register(role.value.title())
        board = Switchboard(Seal(SECRET, SystemClock()))
        board.dial("users", f"127.0.0.1:{self.life.grpc_port}")
        try:
            with acting(Call(caller=Caller(service="console"))):
                asked = GrantRoleRequest(user_id=person.user["id"], role=role)
                await UserServiceClient(board).grant_role(asked)
        finally:
            await board.close()
        await person.refresh()
        return person

    async def furnish(self) -> None:
        """The shop is opened, its article priced and in stock, its coupon good for ever."""
        seller = await Person(self.http).register("Olga")
        shop = {"name": "Linen & Co", "currency": "USD"}
        opened = await seller.must(201, "POST", "/shops", json=shop)
        await seller.refresh()
        self.shop = Shop(seller, opened)
        product = await self.shop.product(STOCK)
        self.product_id, self.variant_id = product["id"], product["variants"][0]["id"]
        self.code = f"TEN{new_id()[-6:]}".upper()
        coupon = {"code": self.code, "percent_basis_points": 1000, "max_redemptions": 1_000_000}
        await seller.must(201, "POST", f"/shops/{self.shop.id}/promotions", json=coupon)
        for role in (Role.SUPPORT, Role.COURIER):
            self._staff[role] = await self._hired(role)


def is_uncertain(answer: httpx.Response) -> bool:
    """Whether a client cannot know what became of its request."""
    if answer.status_code == 409:
        return bool(answer.json()["code"] == "IdempotencyKeyInFlight")
    return answer.status_code in UNCERTAIN


@asynccontextmanager
async def bazaar(
    servers: Desk, *, sabotage: tuple[str, ...] = (), begin: bool = True, **settings: Any
) -> AsyncIterator[Bazaar]:
    """A furnished one, on databases of its own."""
    async with AsyncExitStack() as stack:
        home = Path(stack.enter_context(TemporaryDirectory(prefix="souk-")))
        urls, pools = {}, {}
        for name in all_services():
            urls[name] = await stack.enter_async_context(fresh_database(servers.postgres, name))
            pools[name] = await stack.enter_async_context(
                asyncpg.create_pool(urls[name], min_size=0, max_size=2, init=_plainly)
            )
        http_port, grpc_port = free_ports()
        given = {
            "home": str(home),
            "workers": 1,
            "http_port": http_port,
            "grpc_port": grpc_port,
            "postgres_url": servers.postgres,
            "nats_url": servers.nats,
            "redis_url": servers.redis,
            "redis_answer_ms": 3000,
            "internal_secret": SECRET,
            "master_key": SECRET,
            "escrow_days": 0,
            # A process takes a sixtieth of a limit for itself, and here sixty die in a minute.
            "rate_write_per_minute": 0,
            "rate_sign_in_per_minute": 0,
            "rate_checkout_per_minute": 0,
            "stop_grace_seconds": 2,
            "argon2_memory_kib": 8192,
            "argon2_time_cost": 1,
            "log_level": "warning",
        } | settings
        nature = Nature(settings=given, database_urls=urls, sabotage=sabotage)
        made = await stack.enter_async_context(cradle(nature, home / "souk.log"))
        here = Bazaar(made, pools, f"http://127.0.0.1:{http_port}")
        stack.push_async_callback(here.http.aclose)
        if begin:
            await here.reborn()
            await here.furnish()
        yield here


async def _plainly(connection: asyncpg.Connection) -> None:
    await connection.set_type_codec(
        "uuid", schema="pg_catalog", encoder=str, decoder=str, format="text"
    )
    await connection.set_type_codec(
        "jsonb", schema="pg_catalog", encoder=json.dumps, decoder=json.loads, format="text"
    )
