"""Answers that anybody may keep are kept for a second, and dropped when they may have changed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import nats
import pytest

from souk.gateway import shelf as shelf_module
from souk.kernel.events.bus import Message
from souk.kernel.events.live import Live
from souk.kernel.events.nats_bus import NatsBus
from souk.kernel.events.nats_stream import STREAM
from souk.kernel.ids import new_id
from tests.gateway.conftest import World, world
from tests.support.servers import Desk
from tests.support.waiting import eventually

NEW = "/api/v1/books/new"
BOOK = {"title": "Emma", "price": {"amount": 5, "currency": "USD"}}


@pytest.fixture
def for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing goes by time alone."""
    monkeypatch.setattr(shelf_module, "KEPT_SECONDS", 3600.0)


def asked(souk: World) -> int:
    return len(souk.library.calls)


def count(answer: httpx.Response) -> int:
    assert answer.status_code == 200
    return len(answer.json()["items"])


async def waiting(souk: World, api: httpx.AsyncClient, readers: int) -> list[asyncio.Task[Any]]:
    """Readers that have all asked, while the library has not answered yet."""
    souk.library.new_books_wait = True
    tasks = [asyncio.create_task(api.get(NEW)) for _ in range(readers)]
    await eventually(lambda: souk.gateway._gate.running == readers)
    return tasks


async def test_a_kept_answer_is_the_same_but_for_its_ids(
    api: httpx.AsyncClient, souk: World, for_long: None
) -> None:
    first, second = await api.get(NEW), await api.get(NEW, headers={"X-Request-Id": "mine"})
    assert asked(souk) == 1
    assert second.content == first.content
    ids = {"x-request-id", "traceparent"}
    plain = [
        [header for header in each.headers.multi_items() if header[0] not in ids]
        for each in (first, second)
    ]
    assert plain[0] == plain[1]
    assert second.headers["x-request-id"] == "mine"
    assert second.headers["traceparent"] != first.headers["traceparent"]


async def test_every_question_has_an_answer_of_its_own(
    api: httpx.AsyncClient, souk: World, for_long: None
) -> None:
    await api.get(NEW)
    assert (await api.get(f"{NEW}?page=2")).status_code == 422
    assert (await api.get("/api/v1/books")).headers["cache-control"] == "no-cache"
    assert (await api.get("/api/v1/books")).status_code == 200
    assert asked(souk) == 3


async def test_from_the_shelf_a_client_is_told_that_it_has_the_answer_already(
    api: httpx.AsyncClient, souk: World, for_long: None
) -> None:
    souk.library.books = 50
    tag = (await api.get(NEW)).headers["etag"]
    packed = [await api.get(NEW, headers={"Accept-Encoding": "gzip"}) for _ in range(2)]
    assert [each.headers["etag"] for each in packed] == [tag[:-1] + '-gzip"'] * 2
    assert [count(each) for each in packed] == [50, 50]
    for known in (tag, tag[:-1] + '-gzip"'):
        again = await api.get(NEW, headers={"If-None-Match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", known)
    head = await api.head(NEW)
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", tag)
    assert asked(souk) == 1


async def test_an_answer_is_kept_for_a_second_only(
    api: httpx.AsyncClient, souk: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelf_module, "KEPT_SECONDS", 0.05)
    assert count(await api.get(NEW)) == 1
    souk.library.books = 2

    async def grown() -> bool:
        return count(await api.get(NEW)) == 2

    for _ in range(200):
        if await grown():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("the old answer stayed")


async def test_whoever_sends_a_token_is_answered_afresh(
    api: httpx.AsyncClient, souk: World, for_long: None
) -> None:
    await api.get(NEW)
    souk.library.books = 2
    mine = await api.get(NEW, headers=souk.bearer())
    assert (count(mine), mine.headers["cache-control"]) == (2, "private, no-cache")
    for bad in ({"Authorization": "Bearer nonsense"}, {"X-Api-Key": "souk_nonsense"}):
        assert (await api.get(NEW, headers=bad)).status_code == 401
    assert count(await api.get(NEW)) == 1


async def test_a_change_through_this_process_is_seen_at_once(
    api: httpx.AsyncClient, souk: World, for_long: None
) -> None:
    await api.get(NEW)
    souk.library.books = 2
    refused = await api.post("/api/v1/books", json=BOOK, headers=souk.bearer("customer"))
    assert refused.status_code == 403
    assert count(await api.get(NEW)) == 1
    added = await api.post("/api/v1/books", json=BOOK, headers=souk.bearer("admin"))
    assert added.status_code == 201
    assert count(await api.get(NEW)) == 2


async def test_an_answer_begun_before_a_change_is_not_kept_after_it(
    api: httpx.AsyncClient, souk: World, for_long: None
) -> None:
    (reader,) = await waiting(souk, api, 1)
    souk.library.books, souk.library.new_books_wait = 2, False
    await api.post("/api/v1/books", json=BOOK, headers=souk.bearer("admin"))
    assert count(await api.get(NEW)) == 2
    souk.library.gate.set()
    assert count(await reader) == 1
    assert count(await api.get(NEW)) == 2


async def test_many_who_ask_at_once_are_one_question(
    api: httpx.AsyncClient, souk: World, for_long: None
) -> None:
    readers = await waiting(souk, api, 20)
    souk.library.gate.set()
    answers = await asyncio.gather(*readers)
    assert {each.content for each in answers} == {answers[0].content}
    assert asked(souk) == 1


async def test_who_gives_up_does_not_take_the_answer_from_the_others(
    api: httpx.AsyncClient, souk: World, for_long: None
) -> None:
    first, second, third = await waiting(souk, api, 3)
    second.cancel()
    first.cancel()
    await asyncio.wait((first, second))
    souk.library.gate.set()
    assert count(await third) == 1


async def test_a_refusal_is_not_kept(api: httpx.AsyncClient, souk: World, for_long: None) -> None:
    souk.library.new_books_fail = True
    readers = await waiting(souk, api, 3)
    souk.library.gate.set()
    assert {each.status_code for each in await asyncio.gather(*readers)} == {404}
    souk.library.new_books_fail = False
    assert count(await api.get(NEW)) == 1


async def test_the_shelf_has_so_much_room_and_no_more(for_long: None) -> None:
    made = world(shelf_bytes_max=100_000)
    async with made.client() as api:
        for number in range(200):
            assert (await api.get(f"{NEW}?&{'&' * number}")).status_code == 200
        shelf = made.gateway._shelf
        assert 0 < shelf._bytes <= 100_000
        assert shelf._bytes == sum(shelf_module._size(reply) for reply, _ in shelf._kept.values())
        made.library.books = 1000  # too large to be kept at all
        before = asked(made)
        await api.get(f"{NEW}?{'&' * 300}")
        await api.get(f"{NEW}?{'&' * 300}")
        assert asked(made) == before + 2


async def test_without_room_nothing_is_kept() -> None:
    made = world(shelf_bytes_max=0)
    async with made.client() as api:
        await api.get(NEW)
        await api.get(NEW)
    assert asked(made) == 2


async def test_kept_answers_count_against_the_limit_too(redis: Any, for_long: None) -> None:
    made = world(redis=redis, rate_read_per_minute=5)
    async with made.client() as api:
        statuses = [(await api.get(NEW)).status_code for _ in range(7)]
    assert statuses == [200] * 5 + [429] * 2


@pytest.fixture
async def bus(servers: Desk) -> AsyncIterator[NatsBus]:
    bus = await NatsBus.connect(servers.nats, monitor=None)
    yield bus
    await bus.close()
    client = await nats.connect(servers.nats)
    await client.jetstream().delete_stream(STREAM)
    await client.close()


async def test_events_empty_the_shelf(bus: NatsBus, for_long: None) -> None:
    made, live = world(), Live(bus)
    made.gateway.follow(live)
    try:
        async with made.client() as api, live.watch("souk.library.>", "souk.press.printed"):
            for books, subject in ((2, "souk.library.book_added"), (3, "souk.press.printed")):
                await api.get(NEW)
                made.library.books = books
                before = made.gateway._shelf._emptied
                await bus.publish([Message(new_id(), subject, b"{}")])
                await eventually(lambda before=before: made.gateway._shelf._emptied > before)
                assert count(await api.get(NEW)) == books
            before = made.gateway._shelf._emptied
            await bus.publish([Message(new_id(), "souk.press.sold", b"{}")])
            await bus.publish([Message(new_id(), "souk.library.closed", b"{}")])
            await eventually(lambda: made.gateway._shelf._emptied > before)
            assert made.gateway._shelf._emptied == before + 1
    finally:
        await made.gateway.stop(1)
        await live.close()
