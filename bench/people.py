"""How fast people get in and are known, and what can be learned from how long it takes.

    python -m bench.people            all of it, in about two minutes
    python -m bench.people timing     only: do 2,000 sign-ins tell known from unknown e-mails?

Passwords cost what they cost everywhere; the limits that protect a Souk from one client are off,
because here one client is everybody.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import sys
from collections import Counter, deque
from collections.abc import Callable, Sequence
from time import perf_counter_ns
from typing import Any
from urllib.parse import urlsplit

import httpx
import msgspec
import uvloop

from souk.kernel.clock import SystemClock, monotonic
from souk.kernel.identity import Verifier
from souk.kernel.ids import new_id
from tests.support.stack import Stack, running
from tests.support.tokens import Issuer

PEOPLE, PASSWORD = 40, "a fine long password"
SETTINGS: dict[str, object] = {
    "rate_write_per_minute": 0,
    "rate_sign_in_per_minute": 0,
    "guess_pair_free": 1_000_000,
    "guess_account_free": 1_000_000,
    "guess_address_free": 1_000_000,
    "argon2_memory_kib": 19_456,
    "argon2_time_cost": 2,
    "workers": 1,
}
ALONE, TIMED = 200, 2_000
PROFILE_LINES, PROFILE_SECONDS = 64, 8
FLOOD_LINES, FLOOD_RATE, FLOOD_SECONDS = 300, 200, 15
OTHER_LINES, OTHER_RATE = 16, 50
CHECKS, ROUNDS = 20_000, 7
Next = Callable[[], bytes]


class Line(asyncio.Protocol):
    """A connection kept open, that asks one thing after the other."""

    def __init__(self, crowd: Crowd) -> None:
        self._crowd, self._buffer, self._whole = crowd, b"", 0

    def ask(self, request: bytes, due: float) -> None:
        self._due = due
        self._transport.write(request)

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def close(self) -> None:
        self._transport.close()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if not self._whole and end >= 0:
            head = self._buffer[:end].lower()
            at = head.find(b"\r\ncontent-length:")
            length = int(head[at + 17 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            self._whole = end + 4 + length
        if self._whole and len(self._buffer) >= self._whole:
            status, self._buffer, self._whole = self._buffer[9:12].decode(), b"", 0
            self._crowd.answered(self, status, self._due)


class Crowd:
    """Lines that ask: as fast as they are answered, or `rate` a second whoever still waits."""

    def __init__(self, next_request: Next, rate: float = 0.0) -> None:
        self._next, self._rate = next_request, rate
        self._idle: deque[Line] = deque()
        self.took_ms: list[float] = []
        self.statuses: Counter[str] = Counter()
        self._is_over = False

    async def run(self, url: str, *, lines: int, seconds: float) -> Crowd:
        at, loop = urlsplit(url), asyncio.get_running_loop()
        made = [
            (await loop.create_connection(lambda: Line(self), at.hostname, at.port))[1]
            for _ in range(lines)
        ]
        self._idle.extend(made)
        if self._rate:
            await self._come(seconds)
        else:
            for line in made:
                line.ask(self._next(), monotonic())
            await asyncio.sleep(seconds)
        self._is_over = True
        for line in made:
            line.close()
        return self

    async def _come(self, seconds: float) -> None:
        began = monotonic()
        for number in range(round(seconds * self._rate)):
            due = began + number / self._rate
            await asyncio.sleep(max(due - monotonic(), 0))
            if self._idle:
                self._idle.popleft().ask(self._next(), due)
            else:
                self.statuses["no line free"] += 1

    def answered(self, line: Line, status: str, due: float) -> None:
        now = monotonic()
        self.took_ms.append((now - due) * 1000)
        self.statuses[status] += 1
        if self._rate:
            self._idle.append(line)
        elif not self._is_over:
            line.ask(self._next(), now)

    def percentile(self, percent: float) -> float:
        ordered = sorted(self.took_ms)
        return ordered[min(int(len(ordered) * percent / 100), len(ordered) - 1)]


def asked(verb: str, path: str, body: object = None, token: str = "") -> bytes:
    content = b"" if body is None else msgspec.json.encode(body)
    head = f"{verb} /api/v1{path} HTTP/1.1\r\nHost: souk\r\nContent-Length: {len(content)}\r\n"
    head += "Content-Type: application/json\r\n" if content else ""
    head += f"Authorization: Bearer {token}\r\n" if token else ""
    return head.encode() + b"\r\n" + content


def sign_in(email: str, password: str = PASSWORD) -> bytes:
    return asked("POST", "/auth/login", {"email": email, "password": password})


async def registered(http: httpx.AsyncClient) -> list[tuple[str, str]]:
    """E-mails and access tokens."""
    found = []
    for _ in range(PEOPLE):
        email = f"{new_id()}@example.com"
        account = {"email": email, "password": PASSWORD, "first_name": "Ada", "last_name": "L"}
        answer = await http.post("/auth/register", json=account)
        answer.raise_for_status()
        found.append((email, answer.json()["access_token"]))
    return found


def in_turn(requests: Sequence[bytes]) -> Next:
    """One after the other, from the first again after the last."""
    waiting = deque(requests)

    def following() -> bytes:
        waiting.rotate(-1)
        return waiting[-1]

    return following


async def one_by_one(url: str, requests: Sequence[bytes]) -> list[float]:
    """How many milliseconds each took."""
    left = iter(requests)
    crowd = Crowd(lambda: next(left, b""))
    done = asyncio.create_task(crowd.run(url, lines=1, seconds=3600))
    while len(crowd.took_ms) < len(requests):
        await asyncio.sleep(0.05)
        assert not done.done(), "the line broke"
    done.cancel()
    return crowd.took_ms


def told_apart(known: Sequence[float], unknown: Sequence[float]) -> float:
    """The area under the curve of the best test by time alone: 0.5 is tossing a coin."""
    ranked = sorted([(took, 1) for took in known] + [(took, 0) for took in unknown])
    ranks = sum(rank for rank, (_, is_known) in enumerate(ranked, 1) if is_known)
    area = (ranks - len(known) * (len(known) + 1) / 2) / (len(known) * len(unknown))
    return max(area, 1 - area)


async def timing(url: str, people: Sequence[tuple[str, str]]) -> None:
    dice = random.Random(4)
    kinds = [number % 2 == 0 for number in range(TIMED)]
    dice.shuffle(kinds)
    requests = [
        sign_in(dice.choice(people)[0] if is_known else f"{new_id()}@example.com", "wrong password")
        for is_known in kinds
    ]
    took = await one_by_one(url, requests)
    known = [each for each, is_known in zip(took, kinds, strict=True) if is_known]
    unknown = [each for each, is_known in zip(took, kinds, strict=True) if not is_known]
    say("known e-mail, p50", statistics.median(known), "ms")
    say("unknown e-mail, p50", statistics.median(unknown), "ms")
    say(f"told apart by time, AUC over {TIMED}", told_apart(known, unknown), "(≤ 0.55)")


async def alone(url: str, people: Sequence[tuple[str, str]]) -> None:
    right = in_turn([sign_in(email) for email, _ in people])
    took = await one_by_one(url, [right() for _ in range(ALONE)])
    say("sign-in alone, p50", statistics.median(took), "ms (≤ 60)")


async def profile(url: str, people: Sequence[tuple[str, str]]) -> None:
    own = in_turn([asked("GET", "/users/profile", token=token) for _, token in people])
    crowd = await Crowd(own).run(url, lines=PROFILE_LINES, seconds=PROFILE_SECONDS)
    say("profile", len(crowd.took_ms) / PROFILE_SECONDS, "a second (≥ 4,000)")
    say("profile, p99", crowd.percentile(99), f"ms; {dict(crowd.statuses)}")


async def flood(url: str, people: Sequence[tuple[str, str]]) -> None:
    """Others look at goods and at their profile while far more sign in than can be hashed."""
    guesses = Crowd(in_turn([sign_in(email) for email, _ in people]), FLOOD_RATE)
    own = [asked("GET", "/users/profile", token=token) for _, token in people]
    others = Crowd(in_turn([*own, *[asked("GET", "/products")] * len(own)]), OTHER_RATE)
    await asyncio.gather(
        guesses.run(url, lines=FLOOD_LINES, seconds=FLOOD_SECONDS),
        others.run(url, lines=OTHER_LINES, seconds=FLOOD_SECONDS),
    )
    say("sign-ins tried", FLOOD_RATE, f"a second: {dict(guesses.statuses)}")
    say("others meanwhile, p99", others.percentile(99), f"ms (< 100); {dict(others.statuses)}")


async def token_check() -> None:
    issuer = Issuer()

    async def keys() -> Sequence[Any]:
        return (issuer.public,)

    verifier, token = Verifier(keys, SystemClock()), issuer.token()
    await verifier.verify(token)
    rounds = []
    for _ in range(ROUNDS):
        began = perf_counter_ns()
        for _ in range(CHECKS):
            await verifier.verify(token)
        rounds.append((perf_counter_ns() - began) / CHECKS / 1000)
    say("token check, seen before", min(rounds), "µs (≤ 5)")


def say(what: str, figure: float, unit: str) -> None:
    sys.stdout.write(f"{what:40} {figure:10,.3f} {unit}\n")
    sys.stdout.flush()


async def measure_people(wanted: Sequence[str]) -> None:
    """These parts; all of them, where none is named."""
    async with running(**SETTINGS) as stack:
        await measured(stack, wanted)


async def measured(stack: Stack, wanted: Sequence[str]) -> None:
    async with stack.http() as http:
        people = await registered(http)
    for name, part in ASKING.items():
        if not wanted or name in wanted:
            await part(stack.url, people)
    if not wanted or "token" in wanted:
        await token_check()


ASKING = {"alone": alone, "timing": timing, "profile": profile, "flood": flood}
PARTS = (*ASKING, "token")

if __name__ == "__main__":
    uvloop.run(measure_people(sys.argv[1:]))
