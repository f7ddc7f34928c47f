"""What operators ask of a process, in the same one and over gRPC."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from souk.contracts.operations import (
    GetHealthRequest,
    ListDeadLettersRequest,
    OperationsServiceClient,
    ReplayDeadLettersRequest,
    ServiceNotHere,
)
from souk.kernel.audit.reading import list_entries
from souk.kernel.clock import SystemClock
from souk.kernel.identity import Seal
from souk.kernel.ids import new_id
from souk.kernel.process import Process
from souk.kernel.refusals import NotAllowed, Unavailable
from souk.kernel.transport import Switchboard
from tests.support.hosting import SECRET
from tests.support.people import as_, customer, support
from tests.support.servers import Desk
from tests.support.town import ID, town

PARKED = """
insert into dead_letters (id, consumer, subject, payload, headers, reason, deliveries,
                          first_failed_at)
values ($1, $2, 'souk.users.registered', $3, '{}', 'LookupError: not yet', 6, now())
"""
Ask = Callable[[str], OperationsServiceClient]


@pytest.fixture
async def process(servers: Desk, tmp_path: Path) -> AsyncIterator[Process]:
    async with town(servers, tmp_path, "users", "orders") as process:
        yield process


@pytest.fixture(params=["here", "elsewhere"])
async def ask(process: Process, request: pytest.FixtureRequest) -> AsyncIterator[Ask]:
    """`ask("orders")`: whoever knows of orders, in this process or as another one dials it."""
    board = Switchboard(Seal(SECRET, SystemClock()))
    for name in ("users", "orders"):
        board.dial(name, f"127.0.0.1:{process.grpc_port}")
    known = process.switchboard if request.param == "here" else board
    assert {"users", "orders"} <= known.services()
    yield lambda service: OperationsServiceClient(known.at(service))
    await board.close()


async def test_a_service_tells_what_it_stands_on_and_what_waits(process: Process, ask: Ask) -> None:
    await process.databases["orders"].execute(PARKED, new_id(), "gone", b"{}")

    with as_(support()):
        users = await ask("users").get_health(GetHealthRequest(service="users"))
        orders = await ask("orders").get_health(GetHealthRequest(service="orders"))

    assert users.has_database
    assert users.has_bus
    assert (users.dead_letters, orders.dead_letters) == (0, 1)
    assert orders.started_at == users.started_at


async def test_only_operators_are_told(ask: Ask) -> None:
    with as_(customer()), pytest.raises(NotAllowed):
        await ask("users").get_health(GetHealthRequest(service="users"))


async def test_a_service_that_is_not_here_is_not_known(ask: Ask) -> None:
    with as_(support()), pytest.raises(ServiceNotHere):
        await ask("users").get_health(GetHealthRequest(service="pricing"))


async def test_a_service_that_is_away_is_unavailable() -> None:
    board = Switchboard(Seal(SECRET, SystemClock()))
    board.dial("orders", "127.0.0.1:1")
    with as_(support()), pytest.raises(Unavailable):
        await OperationsServiceClient(board.at("orders")).get_health(
            GetHealthRequest(service="orders")
        )
    await board.close()


async def test_parked_messages_are_listed_and_handed_over_again(process: Process, ask: Ask) -> None:
    database = process.databases["orders"]
    good, bad = new_id(), new_id()
    (consumer,) = process.parts["orders"].consumers
    await database.execute(PARKED, good, consumer.name, f'{{"user_id":"{ID}"}}'.encode())
    await database.execute(PARKED, bad, "gone", b"{}")

    by = support()
    with as_(by):
        listed = await ask("orders").list_dead_letters(ListDeadLettersRequest(service="orders"))
        replayed = await ask("orders").replay_dead_letters(
            ReplayDeadLettersRequest(service="orders", message_ids=(good, bad))
        )
        left = await ask("orders").list_dead_letters(ListDeadLettersRequest(service="orders"))

    assert {(one.id, one.reason, one.deliveries) for one in listed.items} == {
        (good, "LookupError: not yet", 6),
        (bad, "LookupError: not yet", 6),
    }
    assert (replayed.done, replayed.failed) == (1, 1)
    assert [one.id for one in left.items] == [bad]
    deeds = await list_entries(database, limit=10)
    noted = {one.subject: one.actor_id for one in deeds if one.action.endswith("letter_replayed")}
    assert noted == {f"message_id:{good}": by.user_id, f"message_id:{bad}": by.user_id}
