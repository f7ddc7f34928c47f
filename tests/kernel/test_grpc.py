"""The gRPC face: what travels, what is refused and how, streams, health and reflection."""

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
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass
from google.rpc import error_details_pb2, status_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)
from msgspec import Struct

from souk.contracts.api import Role
from souk.contracts.orders import OrderService, OrderServiceClient, OrderUpdate, WatchOrderRequest
from souk.contracts.users import (
    GET_PROFILE,
    ContactList,
    EmailTaken,
    GetContactsRequest,
    GetProfileRequest,
    GetUserRequest,
    RegisterRequest,
    SignedIn,
    TooManyAddresses,
    User,
    UserService,
    UserServiceClient,
)
from souk.kernel import wire
from souk.kernel.cache import RedisLink
from souk.kernel.clock import SystemClock, monotonic
from souk.kernel.context import Call, Caller, acting, call, remaining_seconds, within
from souk.kernel.identity import Seal, Verifier
from souk.kernel.ids import new_id
from souk.kernel.limits import Limiter
from souk.kernel.refusals import (
    DeadlineExceeded,
    InvalidRequest,
    NotAllowed,
    Refusal,
    RequestTooLarge,
    SignInRequired,
    TooManyRequests,
    Unavailable,
    Unexpected,
)
from souk.kernel.server import PortTaken, Server
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
    seal, redis = Seal(SECRET, clock), RedisLink(servers.redis)

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


@pytest.fixture
async def edge(servers: Desk) -> AsyncIterator[Edge]:
    async with edge_of(servers) as found:
        yield found


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
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - what is looked at knows no event
            await asyncio.sleep(0.01)


async def test_values_come_back_as_they_were(edge: Edge) -> None:
    with acting(Call(caller=SHOPPER)):
        answer = await edge.client.get_profile(GetProfileRequest())

    assert answer == edge.users.answer()


async def test_caller_deadline_trace_and_key_travel_along(edge: Edge) -> None:
    with acting(Call(SHOPPER, within(5), TRACE, "key-1")):
        await edge.client.get_profile(GetProfileRequest())

    (seen,) = edge.users.calls
    assert (seen.caller, seen.trace_id, seen.idempotency_key) == (SHOPPER, TRACE, "key-1")
    assert seen.deadline is not None
    assert 0 < seen.deadline - monotonic() <= 5


async def test_a_call_without_deadline_gets_one(edge: Edge) -> None:
    with acting(Call(caller=SHOPPER)):
        await edge.client.get_profile(GetProfileRequest())

    assert edge.users.calls[0].deadline is not None


async def test_a_service_is_known_as_one_on_the_other_side(edge: Edge) -> None:
    client = UserServiceClient(edge.board.client_transport(service="orders"))
    edge.users.answer = ContactList

    with acting(Call(caller=SHOPPER)):
        await client.get_contacts(GetContactsRequest(user_ids=(ID,)))

    assert edge.users.calls[0].caller.service == "orders"
    assert edge.users.calls[0].caller.user_id == ID


async def test_a_refusal_keeps_its_type_and_fields(edge: Edge) -> None:
    async def refuse() -> User:
        raise TooManyAddresses(max=50)

    edge.users.answer = refuse
    with pytest.raises(TooManyAddresses) as raised, acting(Call(caller=SHOPPER)):
        await edge.client.get_profile(GetProfileRequest())

    assert raised.value.max == 50
    assert raised.value.detail == TooManyAddresses(max=50).detail


@pytest.mark.parametrize(
    "refusal",
    [
        EmailTaken(),
        NotAllowed(),
        Unavailable(service="database", retry_seconds=3),
        TooManyRequests(retry_seconds=7),
        SignInRequired(reason="Sign in again: ünïcode, too."),
        DeadlineExceeded(),
        RequestTooLarge(max_bytes=7),
    ],
    ids=lambda refusal: refusal.name,
)
async def test_every_family_of_refusal_crosses_unharmed(edge: Edge, refusal: Refusal) -> None:
    async def refuse() -> User:
        raise refusal

    edge.users.answer = refuse
    with pytest.raises(type(refusal)) as raised, acting(Call(caller=SHOPPER)):
        await edge.client.get_profile(GetProfileRequest())

    assert raised.value.fields == refusal.fields
    assert raised.value.retry_after_seconds == refusal.retry_after_seconds


async def test_a_refusal_is_a_standard_status_for_those_who_do_not_know_souk(edge: Edge) -> None:
    async def refuse() -> User:
        raise TooManyAddresses(max=50)

    edge.users.answer = refuse
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await edge.call_plainly({}, authorization=f"Bearer {edge.issuer.token()}")

    assert raised.value.code() is grpc.StatusCode.FAILED_PRECONDITION
    trailers = dict(raised.value.trailing_metadata() or ())
    info = error_details_pb2.ErrorInfo()
    status_pb2.Status.FromString(trailers["grpc-status-details-bin"]).details[0].Unpack(info)
    assert (info.reason, info.domain, dict(info.metadata)) == (
        "TooManyAddresses", "souk", {"max": "50"},
    )  # fmt: skip


async def test_every_wrong_field_is_named_before_the_service_hears_of_it(edge: Edge) -> None:
    wrong = RegisterRequest(email="nobody", password="short", first_name="A\x00da")

    with pytest.raises(InvalidRequest) as raised:
        await edge.client.register(wrong)

    assert {error.field for error in raised.value.errors} == {"email", "password", "first_name"}
    assert edge.users.calls == []


async def test_an_id_that_is_none_is_invalid_over_grpc(edge: Edge) -> None:
    with pytest.raises(InvalidRequest), acting(Call(caller=SHOPPER)):
        await edge.client.get_user(GetUserRequest(user_id="1 or 1=1"))


async def test_bytes_that_are_no_message_are_the_clients_mistake(edge: Edge) -> None:
    send = edge.channel.unary_unary("/souk.users.v1.UserService/GetKeys")

    assert await code_of(send(b"\xff\xff\xff")) is grpc.StatusCode.INVALID_ARGUMENT


async def test_a_bug_is_told_without_detail(edge: Edge, capsys: Any) -> None:
    async def fail() -> User:
        raise KeyError("a secret of the implementation")

    edge.users.answer = fail
    with pytest.raises(Unexpected) as raised, acting(Call(caller=SHOPPER, trace_id=TRACE)):
        await edge.client.get_profile(GetProfileRequest())

    assert "secret" not in str(raised.value)
    logged = "".join(capsys.readouterr())
    assert "rpc_failed" in logged
    assert TRACE in logged


async def test_an_answer_that_does_not_fit_the_contract_is_a_bug(edge: Edge, capsys: Any) -> None:
    naive = datetime(2026, 3, 1)  # noqa: DTZ001 - the mistake in question
    edge.users.answer = lambda: User(id=ID, created_at=naive)

    with pytest.raises(Unexpected), acting(Call(caller=SHOPPER)):
        await edge.client.get_profile(GetProfileRequest())

    assert "rpc_failed" in "".join(capsys.readouterr())


async def test_a_forged_caller_is_not_believed(edge: Edge) -> None:
    forged = Seal("a guess at the secret", SystemClock()).close(
        Caller("admin-1", frozenset({"admin"})), GET_PROFILE.path
    )

    for sealed in (forged, b"", b"nonsense", forged[:-1]):
        code = await code_of(edge.call_plainly({}, souk_caller_bin=sealed))
        assert code is grpc.StatusCode.UNAUTHENTICATED
    assert edge.users.calls == []


async def test_a_person_from_outside_is_known_by_the_token(edge: Edge) -> None:
    token = edge.issuer.token(sub=ID, roles=["seller"])

    await edge.call_plainly(
        {}, authorization=f"Bearer {token}", traceparent=f"00-{TRACE}-{'1' * 16}-01"
    )

    (seen,) = edge.users.calls
    assert (seen.caller.user_id, seen.caller.roles) == (ID, {"seller"})
    assert seen.caller.address == "127.0.0.1"
    assert seen.trace_id == TRACE


async def test_nobody_is_refused_and_nonsense_as_a_trace_gives_a_new_one(edge: Edge) -> None:
    assert await code_of(edge.call_plainly({})) is grpc.StatusCode.UNAUTHENTICATED
    bad = Issuer().token()
    code = await code_of(edge.call_plainly({}, authorization=f"Bearer {bad}"))
    assert code is grpc.StatusCode.UNAUTHENTICATED

    good = f"Bearer {edge.issuer.token()}"
    await edge.call_plainly({}, authorization=good, traceparent="00-nonsense-x-01")

    assert len(edge.users.calls[0].trace_id) == 32


async def test_internal_methods_are_closed_to_people(edge: Edge) -> None:
    token = edge.issuer.token(roles=["admin"])

    code = await code_of(
        edge.call_plainly({"user_ids": [ID]}, "GetContacts", authorization=f"Bearer {token}")
    )

    assert code is grpc.StatusCode.PERMISSION_DENIED


async def test_registering_works_with_plain_grpcio(edge: Edge) -> None:
    edge.users.answer = lambda: SignedIn(user=User(id=ID), access_token="a.b.c", expires_in=900)

    answer = await edge.call_plainly(
        {"email": "ada@example.com", "password": "correct horse", "first_name": "Ada"}, "Register"
    )

    assert (answer.user.id, answer.access_token, answer.expires_in) == (ID, "a.b.c", 900)


async def test_sign_in_attempts_are_limited_by_address_over_grpc(servers: Desk) -> None:
    async with edge_of(servers, rate_sign_in_per_minute=3) as edge:
        edge.users.answer = lambda: SignedIn(user=User(id=ID))
        request = {"email": "a@example.com", "password": "correct horse", "first_name": "A"}
        for _ in range(3):
            await edge.call_plainly(request, "Register")

        code = await code_of(edge.call_plainly(request, "Register"))

        assert code is grpc.StatusCode.RESOURCE_EXHAUSTED


async def test_the_callers_deadline_ends_the_call_and_the_work(edge: Edge) -> None:
    ended = asyncio.Event()

    async def dawdle() -> User:
        try:
            await asyncio.sleep(30)
        finally:
            ended.set()
        return User()

    edge.users.answer = dawdle
    begin = monotonic()
    with pytest.raises(DeadlineExceeded), acting(Call(SHOPPER, within(0.2))):
        await edge.client.get_profile(GetProfileRequest())

    assert monotonic() - begin < 2
    await asyncio.wait_for(ended.wait(), 5)


async def test_no_call_is_made_when_the_time_is_over_already(edge: Edge) -> None:
    with pytest.raises(DeadlineExceeded), acting(Call(SHOPPER, within(-1))):
        await edge.client.get_profile(GetProfileRequest())

    assert edge.users.calls == []
    assert remaining_seconds() is None


async def test_a_cancelled_call_cancels_the_work(edge: Edge) -> None:
    started, ended = asyncio.Event(), asyncio.Event()

    async def dawdle() -> User:
        started.set()
        try:
            await asyncio.sleep(30)
        finally:
            ended.set()
        return User()

    edge.users.answer = dawdle
    with acting(Call(caller=SHOPPER)):
        task = asyncio.create_task(edge.client.get_profile(GetProfileRequest()))
    await asyncio.wait_for(started.wait(), 5)
    task.cancel()

    await asyncio.wait_for(ended.wait(), 5)


async def test_a_stream_arrives_message_by_message(edge: Edge) -> None:
    updates: Any = OrderServiceClient(edge.board).watch_order(WatchOrderRequest(order_id=ID))

    first, second = await anext(updates), await anext(updates)

    assert [first.event, second.event] == ["placed", "paid"]
    assert edge.orders.deadline is None
    await updates.aclose()
    await until(lambda: edge.orders.running == 0)


async def test_the_generator_is_closed_when_the_client_goes_away(edge: Edge) -> None:
    async def read() -> None:
        async for _ in OrderServiceClient(edge.board).watch_order(WatchOrderRequest(order_id=ID)):
            pass

    task = asyncio.create_task(read())
    await until(lambda: edge.orders.running == 1)
    task.cancel()

    await until(lambda: edge.orders.running == 0)


async def test_a_refusal_in_the_middle_of_a_stream_keeps_its_type(edge: Edge) -> None:
    edge.orders.end = EmailTaken()
    updates = aiter(OrderServiceClient(edge.board).watch_order(WatchOrderRequest(order_id=ID)))

    heard = [(await anext(updates)).event, (await anext(updates)).event]
    with pytest.raises(EmailTaken):
        await anext(updates)

    assert heard == ["placed", "paid"]


async def test_a_stream_is_checked_like_any_other_method(edge: Edge) -> None:
    with pytest.raises(InvalidRequest):
        await anext(
            aiter(OrderServiceClient(edge.board).watch_order(WatchOrderRequest(order_id="x")))
        )


async def test_a_stop_ends_streams_and_lets_requests_finish(edge: Edge) -> None:
    release = asyncio.Event()

    async def wait() -> User:
        await release.wait()
        return User(id=ID)

    edge.users.answer = wait
    updates = OrderServiceClient(edge.board).watch_order(WatchOrderRequest(order_id=ID))
    await anext(aiter(updates))
    with acting(Call(caller=SHOPPER)):
        running = asyncio.create_task(edge.client.get_profile(GetProfileRequest()))
    await until(lambda: len(edge.users.calls) == 1)

    stopping = asyncio.create_task(edge.server.stop(grace_seconds=5))
    with pytest.raises(Unavailable) as raised:
        async for _ in updates:
            pass
    assert raised.value.service == "orders"
    with pytest.raises(Unavailable), acting(Call(caller=SHOPPER)):
        await edge.client.get_profile(GetProfileRequest())
    release.set()

    assert (await running).id == ID
    await asyncio.wait_for(stopping, 5)


async def test_a_service_that_is_away_is_refused_quickly_by_name() -> None:
    board = Switchboard(Seal(SECRET, SystemClock()))
    board.dial("users", f"127.0.0.1:{free_port()}")
    begin = monotonic()

    with acting(Call(caller=SHOPPER)):
        for _ in range(20):
            with pytest.raises(Unavailable) as raised:
                await UserServiceClient(board).get_profile(GetProfileRequest())

    assert raised.value.service == "users"
    assert monotonic() - begin < 2
    assert board.remotes[0].breaker.is_open
    await board.close()


async def test_a_service_is_found_again_within_seconds_of_its_return(servers: Desk) -> None:
    port = free_port()
    board = Switchboard(Seal(SECRET, SystemClock()))
    board.dial("users", f"127.0.0.1:{port}")
    client = UserServiceClient(board)
    with acting(Call(caller=SHOPPER)):
        for _ in range(10):
            with pytest.raises(Unavailable):
                await client.get_profile(GetProfileRequest())

    async with edge_of(servers, grpc_port=port):
        begin = monotonic()
        answer = None
        with acting(Call(caller=SHOPPER)):
            while answer is None:
                assert monotonic() - begin < 4
                try:
                    answer = await client.get_profile(GetProfileRequest())
                except Unavailable:
                    await asyncio.sleep(0.05)
        assert answer.id == ID
        await board.close()


async def test_a_refusal_does_not_open_the_breaker(edge: Edge) -> None:
    async def refuse() -> User:
        raise Unavailable(service="database")

    edge.users.answer = refuse
    with acting(Call(caller=SHOPPER)):
        for _ in range(20):
            with pytest.raises(Unavailable):
                await edge.client.get_profile(GetProfileRequest())

    assert not edge.remote.breaker.is_open


async def test_more_calls_at_once_than_allowed_are_refused(servers: Desk) -> None:
    release = asyncio.Event()

    async def wait() -> User:
        await release.wait()
        return User(id=ID)

    async with edge_of(servers, grpc_concurrency_max=2) as edge:
        edge.users.answer = wait
        with acting(Call(caller=SHOPPER)):
            tasks = [
                asyncio.create_task(edge.client.get_profile(GetProfileRequest())) for _ in range(5)
            ]
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED, timeout=5)
            await asyncio.sleep(0.1)
            release.set()
            answers = await asyncio.gather(*tasks, return_exceptions=True)

        refused = [answer for answer in answers if isinstance(answer, Unavailable)]
        assert len(refused) == 3
        assert all(refusal.service == "users" for refusal in refused)


async def test_a_message_too_large_is_refused_as_such(edge: Edge) -> None:
    edge.users.answer = lambda: User(id=ID, email="x" * (17 << 20))

    with pytest.raises(RequestTooLarge), acting(Call(caller=SHOPPER)):
        await edge.client.get_profile(GetProfileRequest())


async def test_health_says_serving_until_the_server_stops(edge: Edge) -> None:
    health = health_pb2_grpc.HealthStub(edge.channel)

    async def state(service: str) -> str:
        answer = await health.Check(health_pb2.HealthCheckRequest(service=service))
        return health_pb2.HealthCheckResponse.ServingStatus.Name(answer.status)

    for service in ("", "souk.users.v1.UserService", "souk.orders.v1.OrderService"):
        assert await state(service) == "SERVING"
    told = health.Watch(health_pb2.HealthCheckRequest(service="souk.users.v1.UserService"))
    assert (await told.read()).status == health_pb2.HealthCheckResponse.SERVING

    stopping = asyncio.create_task(edge.server.stop(grace_seconds=1))

    assert (await told.read()).status == health_pb2.HealthCheckResponse.NOT_SERVING
    told.cancel()
    await stopping


async def test_reflection_tells_everything_a_stranger_needs(edge: Edge) -> None:
    def ask() -> tuple[set[str], str, list[str]]:
        with grpc.insecure_channel(f"127.0.0.1:{edge.port}") as channel:
            database = ProtoReflectionDescriptorDatabase(channel)
            names = set(database.get_services())
            service = DescriptorPool(database).FindServiceByName("souk.users.v1.UserService")
            method = service.methods_by_name["Register"]
            return names, method.output_type.full_name, list(method.input_type.fields_by_name)

    names, answer, fields = await asyncio.to_thread(ask)

    assert names >= {
        "souk.users.v1.UserService",
        "souk.orders.v1.OrderService",
        "grpc.health.v1.Health",
    }
    assert answer == "souk.users.v1.SignedIn"
    assert {"email", "password", "first_name"} <= set(fields)


async def test_a_taken_port_stops_the_start_and_names_the_settings(edge: Edge) -> None:
    settings = Settings(grpc_port=edge.port, workers=1)
    seal = Seal(SECRET, SystemClock())
    second = Server(
        settings, seal=seal, verifier=Any, limiter=Any  # type: ignore[arg-type]
    )  # fmt: skip

    with pytest.raises(PortTaken, match="SOUK_GRPC_PORT"):
        await second.start()
