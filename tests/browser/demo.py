"""The demo marketplace as it runs on somebody's machine, and what its people can do."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
from playwright.async_api import Browser

from souk.commands.seed import PASSWORD, PASSWORD_CHARACTERS
from tests.browser.windows import window
from tests.support.stack import Stack, free_ports, running

SHOPPER = "shopper@souk.example"
ADMIN = "admin@souk.example"
SELLER = "lea@souk.example"
SEED_SECONDS_MAX = 150


class Demo:
    """`url` is where its pages are. People are known by their e-mail addresses."""

    def __init__(self, url: str, home: Path, api: httpx.AsyncClient) -> None:
        self.url, self.home, self.api = url, home, api
        kept = (home / "secrets" / PASSWORD).read_text().strip()
        self.password = kept[:PASSWORD_CHARACTERS]
        self._tokens: dict[str, str] = {}
        self._states: dict[str, Any] = {}

    async def state(self, browser: Browser, email: str) -> Any:
        """Somebody's cookies after signing in, for `window(…, state=…)`."""
        if email not in self._states:
            async with window(browser, self.url) as there:
                await there.see("/sign-in")
                await there.fill(email=email, password=self.password)
                await there.page.locator("main button[type=submit]").first.click()
                await there.page.wait_for_url(self.url + "/")
                self._states[email] = await there.context.storage_state()
        return self._states[email]

    async def ask(
        self, verb: str, path: str, by: str = "", headers: Mapping[str, str] = {}, **body: Any
    ) -> Any:
        """The API's answer to somebody; without `by`, to nobody in particular."""
        known = {"authorization": f"Bearer {await self._token(by)}"} if by else {}
        json = body or None
        answer = await self.api.request(verb, path, json=json, headers={**known, **headers})
        assert answer.status_code < 400, f"{verb} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    async def _token(self, email: str) -> str:
        if email not in self._tokens:
            answer = await self.ask("POST", "/auth/login", email=email, password=self.password)
            self._tokens[email] = answer["access_token"]
        return self._tokens[email]


@asynccontextmanager
async def demo(url: str = "", home: str = "") -> AsyncIterator[Demo]:
    """A new one, or the one that runs at `url` already, with its SOUK_HOME."""
    async with AsyncExitStack() as stack:
        if not url:
            port, _ = free_ports()
            url = f"http://localhost:{port}"  # passkeys are tied to a host's name
            started = await stack.enter_async_context(running(http_port=port, public_url=url))
            await seeded(started)
            home = str(started.home)
        api = httpx.AsyncClient(base_url=f"{url}/api/v1", timeout=60)
        yield Demo(url, Path(home), await stack.enter_async_context(api))


async def seeded(stack: Stack) -> None:
    """`souk seed`, as a person would type it."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "souk", "seed",
        env={"SOUK_HOME": str(stack.home), "SOUK_GRPC_PORT": str(stack.grpc_port)},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    try:
        said, _ = await asyncio.wait_for(process.communicate(), SEED_SECONDS_MAX)
    except TimeoutError:
        process.kill()
        raise
    assert process.returncode == 0, said.decode()[-4000:]
