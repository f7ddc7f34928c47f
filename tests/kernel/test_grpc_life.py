"""Calls and servers from beginning to end: deadlines, streams, outages, stops, health."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import grpc
import grpc.aio
import pytest
from google.protobuf.descriptor_pool import DescriptorPool
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)

from souk.contracts.orders import OrderServiceClient, WatchOrderRequest
from souk.contracts.users import (
    EmailTaken,
    GetProfileRequest,
    User,
    UserServiceClient,
)
from souk.kernel.clock import SystemClock, monotonic
from souk.kernel.context import Call, acting, remaining_seconds, within
from souk.kernel.identity import Seal
from souk.kernel.refusals import (
    DeadlineExceeded,
    InvalidRequest,
    RequestTooLarge,
    Unavailable,
)
from souk.kernel.server import PortTaken, Server
from souk.kernel.settings import Settings
from souk.kernel.transport import Switchboard
from tests.support.edges import ID, SHOPPER, Edge, edge_of, free_port, until
from tests.support.hosting import SECRET
from tests.support.servers import Desk


@pytest.fixture
async def edge(servers: Desk) -> AsyncIterator[Edge]:
    async with edge_of(servers) as found:
        yield found


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
    await asyncio.wait_for(ended.wait(), 30)


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
    await asyncio.wait_for(started.wait(), 30)
    task.cancel()

    await asyncio.wait_for(ended.wait(), 30)


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
    await asyncio.wait_for(stopping, 30)


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
        return str(health_pb2.HealthCheckResponse.ServingStatus.Name(answer.status))

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
