"""A gRPC server with two services that do what a test tells them, and two ways to reach it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import grpc
import grpc.aio
import pytest
from google.protobuf.message_factory import GetMessageClass
from msgspec import Struct

from souk.contracts.api import Role
from souk.contracts.orders import (
    Checkout,
    OrderService,
    OrderUpdate,
    PlacedOrders,
    PlaceOrderRequest,
    WatchOrderRequest,
)
from souk.contracts.users import (
    User,
    UserService,
    UserServiceClient,
)
from souk.kernel import wire
from souk.kernel.cache import RedisLink
from souk.kernel.clock import SystemClock
from souk.kernel.context import Call, Caller, call
from souk.kernel.identity import Seal, Verifier
from souk.kernel.ids import new_id
from souk.kernel.limits import Limiter
from souk.kernel.server import Server
from souk.kernel.settings import Settings
from souk.kernel.transport import Remote, Switchboard
from tests.support.hosting import SECRET, Fake
from tests.support.servers import Desk
from tests.support.tokens import Issuer

ID = "0190e7a2-0000-7000-8000-000000000001"
SHOPPER = Caller(ID, frozenset({"customer"}), "s-1", address="203.0.113.7")
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


class Users:
    """Does what a test tells it to, and remembers in which call it was asked."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.requests: list[Any] = []
        self.answer: Callable[[], Any] = lambda: User(
            id=ID,
            email="ada@example.com",
            roles=(Role.CUSTOMER, Role.SELLER),
            created_at=datetime(2026, 3, 1, 12, 30, 15, 250_000, tzinfo=UTC),
        )

    async def get_profile(self, request: Any) -> Any:
        self.calls.append(call())
        self.requests.append(request)
        answer = self.answer()
        return await answer if asyncio.iscoroutine(answer) else answer

    get_user = register = get_contacts = get_profile


class Orders:
    def __init__(self) -> None:
        self.running = 0
        self.end: BaseException | None = None
        self.deadline: float | None = None
        self.placed: list[str] = []  # with which keys

    async def place_order(self, request: PlaceOrderRequest) -> PlacedOrders:
        self.placed.append(call().idempotency_key)
        return PlacedOrders(checkout=Checkout())

    async def watch_order(self, request: WatchOrderRequest) -> AsyncIterator[OrderUpdate]:
        self.running += 1
        self.deadline = call().deadline
        try:
            yield OrderUpdate(event="placed", order_id=request.order_id)
            yield OrderUpdate(event="paid", order_id=request.order_id)
            if self.end:
                raise self.end
            await asyncio.Event().wait()
        finally:
            self.running -= 1


class Edge(Struct, eq=False):
    """A server with both, and two ways to it: as a process of Souk, and as anyone."""

    server: Server
    port: int
    users: Users
    orders: Orders
    board: Switchboard
    channel: grpc.aio.Channel
    issuer: Issuer

    @property
    def client(self) -> UserServiceClient:
        return UserServiceClient(self.board)

    @property
    def remote(self) -> Remote:
        (users, _) = self.board.remotes
        return users

    async def call_plainly(
        self, request: Any, method: str = "GetProfile", **metadata: str | bytes
    ) -> Any:
        """Through plain grpcio, with messages made from the descriptors."""
        described = wire.pool().FindMethodByName(f"souk.users.v1.UserService.{method}")
        message = GetMessageClass(described.input_type)(**request)
        return await self.channel.unary_unary(
            f"/souk.users.v1.UserService/{method}",
            request_serializer=lambda sent: sent.SerializeToString(),
            response_deserializer=GetMessageClass(described.output_type).FromString,
        )(
            message,
            metadata=tuple((key.replace("_", "-"), value) for key, value in metadata.items()),
            timeout=10,
        )


@asynccontextmanager
async def edge_of(servers: Desk, **settings: Any) -> AsyncIterator[Edge]:
    clock, issuer = SystemClock(), Issuer()
    seal, redis = Seal(SECRET, clock), RedisLink(servers.redis, answer_seconds=3)

    async def keys() -> Any:
        return (issuer.public,)

    given = Settings(**({"grpc_port": 0, "workers": 1} | settings))
    server = Server(
        given, seal=seal, verifier=Verifier(keys, clock), limiter=Limiter(redis, scope=new_id())
    )
    users, orders = Users(), Orders()
    server.add(Fake(UserService, users))
    server.add(Fake(OrderService, orders))
    port = await server.start()
    board = Switchboard(seal)
    board.dial("users", f"127.0.0.1:{port}")
    board.dial("orders", f"127.0.0.1:{port}")
    try:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield Edge(server, port, users, orders, board, channel, issuer)
    finally:
        await board.close()
        await server.stop(grace_seconds=0.2)
        await redis.close()


async def code_of(answer: Any) -> grpc.StatusCode:
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await answer
    return raised.value.code()


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110 - what is looked at knows no event
            await asyncio.sleep(0.01)
