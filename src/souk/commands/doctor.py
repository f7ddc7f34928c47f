"""`souk doctor`: what is wrong with this machine or these settings, and what to do about it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from souk.commands.terminal import say
from souk.devstack.checkup import examine

SIGNS = {"ok": "ok     ", "warning": "warning", "wrong": "WRONG  "}


def doctor(environ: Mapping[str, str]) -> int:
    """0 when Souk would start, 1 when something has to be mended first."""
    findings = asyncio.run(examine(environ))
    for finding in findings:
        say(f"{SIGNS[finding.state]}  {finding.subject}: {finding.detail}")
        if finding.remedy:
            say(f"         → {finding.remedy}")
    wrong = sum(finding.state == "wrong" for finding in findings)
    say()
    say(f"{wrong} to mend." if wrong else "Souk will start here.")
    return 1 if wrong else 0
