"""What the README tells people to paste works when it is pasted."""

import asyncio
import os
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


async def told_by(*command: str, **environment: str) -> str:
    process = await asyncio.create_subprocess_exec(
        *command, env=os.environ | environment, cwd=ROOT,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    told, _ = await process.communicate()
    assert process.returncode == 0, told.decode()
    return told.decode()


async def test_the_purchase_by_hand(stack):
    if stack.is_split:
        pytest.skip("people who read the README start the other shape")
    home = {"SOUK_HOME": str(stack.home)}
    await told_by(sys.executable, "-m", "souk", "seed", **home)
    blocks = re.findall(r"```bash\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    script = next(block for block in blocks if "/orders" in block)
    script = script.replace("http://127.0.0.1:8080", stack.url)
    script = script.replace(".venv/bin/souk", f"{sys.executable} -m souk")
    told = await told_by("bash", "-euo", "pipefail", "-c", script, **home)
    assert '"coupon_code":"WELCOME10"' in told
    assert '"status":"confirmed"' in told
    assert "Welcome to Souk" in told
