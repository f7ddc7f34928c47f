"""The documentation page: one file that runs by itself and lets nothing else run."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

import httpx
import pytest

from souk.gateway import docs
from tests.gateway.conftest import World

FOLDER = Path(docs.__file__).parent


@pytest.fixture
async def page(api: httpx.AsyncClient) -> httpx.Response:
    return await api.get("/docs")


def digest(content: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"


def between(text: str, tag: str) -> str:
    [found] = re.findall(f"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
    content: str = found
    return content


async def test_the_page_is_one_file(page: httpx.Response) -> None:
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert not re.findall(r"""(?:src|href)=["'](?:https?:)?//""", page.text)
    assert "@import" not in page.text
    assert "/*style*/" not in page.text
    assert "/*script*/" not in page.text


async def test_its_policy_names_its_own_script_and_style_and_nothing_else(
    page: httpx.Response,
) -> None:
    policy = page.headers["content-security-policy"]
    script, style = between(page.text, "script"), between(page.text, "style")
    assert f"script-src {digest(script)};" in policy
    assert f"style-src {digest(style)};" in policy
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy


async def test_nothing_in_it_needs_more_than_its_policy_allows(page: httpx.Response) -> None:
    script, html = between(page.text, "script"), re.sub(r"(?s)<script>.*", "", page.text)
    assert not re.findall(r"\s(?:style|on\w+)=", re.sub(r"(?s)<style>.*</style>", "", html))
    for forbidden in ("innerHTML", "outerHTML", "insertAdjacentHTML", "eval(", "new Function"):
        assert forbidden not in script


async def test_every_file_of_the_folder_is_in_it(page: httpx.Response) -> None:
    for path in (*FOLDER.glob("*.js"), *FOLDER.glob("*.css")):
        assert path.read_text("utf-8") in page.text, path.name


async def test_it_reads_the_contract_from_where_it_came(page: httpx.Response) -> None:
    assert 'fetch("/openapi.json")' in page.text


async def test_it_is_sent_again_only_when_it_has_changed(
    api: httpx.AsyncClient, page: httpx.Response
) -> None:
    again = await api.get("/docs", headers={"If-None-Match": page.headers["etag"]})
    assert again.status_code == 304
    packed = await api.get("/docs", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.text == page.text


async def test_the_root_leads_to_it(api: httpx.AsyncClient, souk: World) -> None:
    answer = await api.get("/")
    assert (answer.status_code, answer.headers["location"]) == (307, "/docs")
    assert not souk.library.calls
