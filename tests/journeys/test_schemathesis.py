"""The OpenAPI document and the gateway agree, whoever asks whatever.

`SOUK_FUZZ_EXAMPLES=200` asks more of every operation than the suite has time for.
"""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from souk.contracts.api import Role
from tests.journeys.people import opened_shop

HERE = Path(__file__).parent
EXAMPLES = os.environ.get("SOUK_FUZZ_EXAMPLES", "6")
# The coverage phase goes through every boundary of every field: once for a stranger, once for
# somebody who gets past the door.
PHASES = {
    "nobody": "examples,coverage,fuzzing",
    "seller": "examples,coverage,fuzzing",
    "admin": "examples,fuzzing",
}
STREAMS = "live-updates"  # an answer that never ends


@pytest.mark.timeout(900)
@pytest.mark.parametrize("who", ["nobody", "seller", "admin"])
async def test_no_answer_is_undocumented_and_none_is_an_error(stack, http, who):
    if stack.is_split:
        pytest.skip("the same document and the same gateway")
    command = [
        sys.executable, "-m", "schemathesis.cli",
        "--config-file", str(HERE / "schemathesis.toml"),
        "run", f"{stack.url}/openapi.json",
        "--checks", "all", "--phases", PHASES[who],
        "--max-examples", EXAMPLES, "--seed", "7", "--workers", "1",
        "--exclude-path-regex", STREAMS, "--warnings", "off", "--no-color",
        "--suppress-health-check", "too_slow",  # of the machine that makes the requests up
    ]  # fmt: skip
    if who != "nobody":
        command += ["-H", f"Authorization: Bearer {await token_of(who, stack, http)}"]
        # Every operation would be told that its own token is the only one there is.
        command += ["--exclude-checks", "ignored_auth"]
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    told, _ = await process.communicate()
    assert process.returncode == 0, told.decode()[-12_000:]


async def token_of(who: str, stack, http) -> str:
    shop = await opened_shop(http)
    await shop.product()
    if who == "admin":
        await stack.grant(shop.seller.user["id"], Role.ADMIN)
        await shop.seller.refresh()
    return shop.seller.tokens["access_token"]
