"""Tokens that are void before their time: who they are, and how everybody hears of it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from souk.kernel.clock import FixedClock
from souk.kernel.ended_access import A_PAGE, SUBJECT, AccessFeed, EndedAccess, Told
from souk.kernel.events.bus import Message
from souk.kernel.events.live import Live
from souk.kernel.events.nats_bus import NatsBus
from souk.kernel.identity import Verifier
from souk.kernel.ids import new_id
from souk.kernel.refusals import SignInRequired, Unavailable
from tests.support.tokens import Issuer
from tests.support.waiting import eventually

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
USER, SESSION = new_id(), new_id()


def ended(**more: object) -> Told:
    return Told(**({"user_id": USER, "ended_at": NOW} | more))  # type: ignore[arg-type]


def refuses(
    known: EndedAccess, *, version: int = 1, session_id: str = SESSION, issued: datetime = NOW
) -> bool:
    at = int(issued.timestamp())
    return known.refuses(USER, session_id, version=version, issued_at=at)


def test_tokens_below_the_version_are_void_and_later_ones_are_not() -> None:
    known = EndedAccess(token_seconds=900)
    known.add(ended(version=3), NOW)
    assert refuses(known, version=2)
    assert not refuses(known, version=3)


def test_one_sessions_tokens_are_void_and_the_others_are_not() -> None:
    known = EndedAccess(token_seconds=900)
    known.add(ended(session_id=SESSION), NOW)
    assert refuses(known)
    assert not refuses(known, session_id=new_id())


def test_endings_that_come_late_or_twice_change_nothing() -> None:
    known = EndedAccess(token_seconds=900)
    for version in (5, 3, 5):
        known.add(ended(version=version), NOW)
    assert refuses(known, version=4)
    assert not refuses(known, version=5)


def test_an_ending_is_forgotten_when_the_last_token_from_before_it_is_over() -> None:
    known = EndedAccess(token_seconds=900)
    known.add(ended(version=2), NOW)
    known.add(Told(user_id=new_id(), version=2), NOW + timedelta(seconds=900))
    assert refuses(known)
    known.add(Told(user_id=new_id(), version=2), NOW + timedelta(seconds=1000))
    assert not refuses(known)


def test_more_endings_than_can_be_kept_void_all_that_is_older() -> None:
    known = EndedAccess(token_seconds=900, kept_max=10)
    known.add(ended(version=2), NOW)
    for number in range(10):
        known.add(Told(user_id=new_id(), version=2, ended_at=NOW + timedelta(seconds=number)), NOW)
    assert refuses(known, version=1)
    assert refuses(known, version=9), "nobody knows any more who it was"
    assert not refuses(known, version=9, issued=NOW + timedelta(seconds=2))


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


async def test_a_token_that_was_believed_is_refused_from_then_on(clock: FixedClock) -> None:
    issuer, known = Issuer(clock=clock), EndedAccess(token_seconds=900)

    async def keys() -> list[object]:
        return [issuer.public]

    verifier = Verifier(keys, clock, ended=known)  # type: ignore[arg-type]
    token = issuer.token(sub=USER, sid=SESSION, ver=1)
    await verifier.verify(token)
    known.add(ended(version=2), NOW)
    with pytest.raises(SignInRequired):
        await verifier.verify(token)
    await verifier.verify(issuer.token(sub=USER, sid=SESSION, ver=2))


async def test_a_proof_is_fresh_for_five_minutes(clock: FixedClock) -> None:
    issuer = Issuer(clock=clock)

    async def keys() -> list[object]:
        return [issuer.public]

    verifier = Verifier(keys, clock)  # type: ignore[arg-type]
    token = issuer.token(auth_time=int(NOW.timestamp()))
    assert (await verifier.verify(token)).is_confirmed
    clock.advance(timedelta(seconds=299))
    assert (await verifier.verify(token)).is_confirmed
    clock.advance(timedelta(seconds=1))
    assert not (await verifier.verify(token)).is_confirmed
    for claims in ({}, {"auth_time": int(NOW.timestamp()) + 86_400}):
        assert not (await verifier.verify(issuer.token(**claims))).is_confirmed


class Users:
    """What users answers; nothing while it is away."""

    def __init__(self) -> None:
        self.endings: list[Told] = []
        self.is_away = False
        self.asked: list[datetime] = []

    async def ask(self, since: datetime) -> list[Told]:
        self.asked.append(since)
        if self.is_away:
            raise Unavailable(service="users")
        later = [one for one in self.endings if one.ended_at and one.ended_at > since]
        return later[:A_PAGE]


async def test_the_bus_tells_at_once(servers, clock: FixedClock) -> None:  # type: ignore[no-untyped-def]
    users, known = Users(), EndedAccess(token_seconds=900)
    bus = await NatsBus.connect(servers.nats, monitor=None)
    live = Live(bus)
    task = asyncio.create_task(AccessFeed(known, live, users.ask, clock).run(token_seconds=900))
    payload = msgspec.json.encode(ended(version=2))
    try:

        async def heard() -> bool:
            await bus.publish([Message(new_id(), SUBJECT, payload)])
            return refuses(known)

        await eventually(heard)
        assert not users.endings
    finally:
        task.cancel()
        await asyncio.wait({task})
        await live.close()
        await bus.close()


class Deaf:
    """A bus that is away."""

    async def listen(self, subject: str) -> object:
        await asyncio.Event().wait()
        raise AssertionError(subject)


async def test_without_the_bus_users_are_asked(
    clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("souk.kernel.ended_access.ASK_SECONDS", 0.02)
    users, known = Users(), EndedAccess(token_seconds=900)
    users.is_away = True
    live = Live(Deaf())  # type: ignore[arg-type]
    task = asyncio.create_task(AccessFeed(known, live, users.ask, clock).run(token_seconds=900))
    try:
        await eventually(lambda: len(users.asked) > 2)
        users.endings = [
            Told(user_id=new_id(), version=2, ended_at=NOW - timedelta(milliseconds=number))
            for number in range(2 * A_PAGE, 0, -1)
        ]
        users.endings.append(ended(version=2))
        users.is_away = False
        await eventually(lambda: refuses(known))
    finally:
        task.cancel()
        await asyncio.wait({task})
        await live.close()
