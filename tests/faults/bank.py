"""The provider of `provider.py` as a process of a test: started, made moody, and read."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
from msgspec import Struct

from souk.devstack.ports import free_port
from souk.kernel.clock import monotonic
from souk.services.payments.providers.sandbox.signatures import derived_key

START_SECONDS_MAX = 30


class Charge(Struct, frozen=True, kw_only=True):
    """A line of the provider's own book."""

    key: str
    reference: str
    state: str
    method: str
    amount: int
    captured: int
    refunded: int


class Bank:
    """The provider's process and its book, which outlives it."""

    def __init__(self, book: Path, *, secret: str, seed: int = 0) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._book, self._seed = book, seed
        self._key = derived_key(secret, "webhooks").hex()
        self._process: asyncio.subprocess.Process | None = None
        self._http = httpx.AsyncClient(base_url=self.url, timeout=60)

    async def open(self, *, shop: str) -> None:
        """Webhooks go to `shop`. Returns when it answers."""
        told = ["--book", str(self._book), "--port", str(self.port), "--key", self._key]
        told += ["--shop", shop, "--seed", str(self._seed)]
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.faults.provider", *told),
            stdin=asyncio.subprocess.PIPE,
        )
        until = monotonic() + START_SECONDS_MAX
        while not await self._answers():
            assert self._process.returncode is None, "the provider did not start"
            assert monotonic() < until, "the provider does not answer"
            await asyncio.sleep(0.05)

    async def kill(self) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    async def close(self) -> None:
        await self.kill()
        await self._http.aclose()

    async def mood(self, **mood: Any) -> None:
        """From now on; none is calm. See `provider.CALM`."""
        (await self._http.put("/mood", json=mood)).raise_for_status()

    async def fired(self) -> dict[str, int]:
        """How often it was moody."""
        counts: dict[str, int] = (await self._http.get("/mood")).raise_for_status().json()
        return counts

    async def answer_challenge(self, url: str, *, approve: bool) -> None:
        (await self._http.post(url, json={"approve": approve})).raise_for_status()

    def charges(self) -> list[Charge]:
        """Read from its file: nobody's word but the book's."""
        names = Charge.__struct_fields__
        book = sqlite3.connect(f"file:{self._book}?mode=ro", uri=True)
        try:
            rows = book.execute(f"select {', '.join(names)} from charges order by rowid")
            return [Charge(**dict(zip(names, row, strict=True))) for row in rows]
        finally:
            book.close()

    async def _answers(self) -> bool:
        try:
            return (await self._http.get("/mood")).is_success
        except httpx.HTTPError:
            return False


@asynccontextmanager
async def banking(book: Path, *, secret: str, shop: str, seed: int = 0) -> AsyncIterator[Bank]:
    bank = Bank(book, secret=secret, seed=seed)
    try:
        await bank.open(shop=shop)
        yield bank
    finally:
        await bank.close()
