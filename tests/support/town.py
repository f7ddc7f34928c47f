"""A process with two small services of its own, for tests of what a process is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from souk.contracts.api import Role
from souk.contracts.orders import OrderService, OrderUpdate, WatchOrderRequest
from souk.contracts.users import (
    GetProfileRequest,
    Key,
    KeySet,
    RoleGranted,
    User,
    UserRegistered,
    UserService,
)
from souk.kernel.context import Call, Caller, call
from souk.kernel.database import Transaction
from souk.kernel.events.consumers import collect, on
from souk.kernel.jobs import every
from souk.kernel.platform import Parts, Platform
from souk.kernel.process import Process
from souk.kernel.settings import Settings
from tests.support.databases import fresh_database
from tests.support.hosting import SECRET, Fake
from tests.support.servers import Desk
from tests.support.tokens import Issuer

ID = "0190e7a2-0000-7000-8000-000000000001"
SHOPPER = Call(caller=Caller(ID, frozenset({"customer"}), "s-1"))


class Greeter:
    """Two services of one process: users publishes, orders reacts; both keep a diary."""

    def __init__(self) -> None:
        self.diary: list[str] = []
        self.greeting_seconds = 0.0
        self.heard = asyncio.Event()
        self.swept = asyncio.Event()
        self.release = asyncio.Event()
        self.issuer = Issuer()
        self.platforms: dict[str, Platform] = {}

    def users(self, platform: Platform) -> Parts:
        self.platforms["users"] = platform
        return Parts(
            rpc=Fake(UserService, self),
            jobs=(every(seconds=3600, do=self.sweep, name="sweep"),),
            start=self.write("users starts"),
            stop=self.write("users stops"),
        )

    def orders(self, platform: Platform) -> Parts:
        self.platforms["orders"] = platform
        module = ModuleType("souk.services.orders.consumers")
        greet.__module__ = module.__name__
        vars(module)["greet"] = greet
        return Parts(rpc=Fake(OrderService, self), consumers=collect(module, greeter=self))

    def write(self, what: str) -> Callable[[], Any]:
        async def wrote() -> None:
            self.diary.append(what)

        return wrote

    async def sweep(self) -> None:
        self.swept.set()

    async def get_profile(self, request: GetProfileRequest) -> User:
        async def register(tx: Transaction) -> None:
            tx.publish(UserRegistered(user_id=ID))

        await self.platforms["users"].database("users").transact(register)
        return User(id=ID, roles=(Role.CUSTOMER,))

    async def get_user(self, request: Any) -> User:
        self.diary.append("asked")
        await self.release.wait()
        self.diary.append("answered")
        return User(id=call().caller.user_id)

    async def get_keys(self, request: Any) -> KeySet:
        public = self.issuer.public
        return KeySet(
            keys=(Key(**{name: getattr(public, name) for name in public.__struct_fields__}),)
        )

    async def watch_order(self, request: WatchOrderRequest) -> AsyncIterator[OrderUpdate]:
        async with self.platforms["orders"].live.watch(RoleGranted.SUBJECT) as messages:
            yield OrderUpdate(event="now")
            async for _ in messages:
                yield OrderUpdate(event="granted")


@on(UserRegistered)
async def greet(tx: Transaction, event: UserRegistered, greeter: Greeter) -> None:
    await asyncio.sleep(greeter.greeting_seconds)
    greeter.diary.append(f"greeted {event.user_id} for {call().caller.service}")
    tx.on_commit(greeter.heard.set)


class Town(Process):
    """A process whose services are the greeter's."""

    greeter: Greeter

    def wiring(self, name: str) -> Callable[[Platform], Parts]:
        build: Callable[[Platform], Parts] = getattr(self.greeter, name)
        return build


@asynccontextmanager
async def town(
    servers: Desk, tmp_path: Path, *services: str, start: bool = True, **settings: Any
) -> AsyncIterator[Town]:
    given: dict[str, Any] = {
        "home": tmp_path,
        "workers": 1,
        "grpc_port": 0,
        "postgres_url": servers.postgres,
        "nats_url": servers.nats,
        "redis_url": servers.redis,
        "internal_secret": SECRET,
        "redis_answer_ms": 3000,  # tests share the machine with one another
        "stop_grace_seconds": 2,
    }
    async with AsyncExitStack() as stack:
        urls = {
            name: await stack.enter_async_context(fresh_database(servers.postgres, name))
            for name in services
        }
        process = Town(Settings(**(given | settings)), services, database_urls=urls)
        process.greeter = Greeter()
        stack.push_async_callback(process.stop)
        if start:
            await process.start()
        yield process


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - what is looked at knows no event
            await asyncio.sleep(0.01)
