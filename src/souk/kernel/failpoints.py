"""Named places where a test may let a process die, fail or dawdle."""

from __future__ import annotations

import asyncio
import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from msgspec import Struct

EXIT_STATUS = 86  # so that a test can tell this death from any other
ACTION = re.compile(
    r"((?P<verb>exit|error)|sleep:(?P<seconds>\d+(\.\d+)?))"
    r"(\*(?P<times>[1-9]\d*)|@(?P<first>[1-9]\d*))?"
)


class FailpointError(Exception):
    """What an armed `error` raises: no refusal, so nobody takes it for an answer."""


class Action(Struct):
    """What is to be done, after how many early ones, how many times more (-1: for ever)."""

    verb: str
    seconds: float
    early: int
    left: int


_reached: Counter[str] = Counter()
_armed: dict[str, Action] = {}


async def reach(name: str) -> None:
    """Nothing, unless `name` is armed."""
    _reached[name] += 1
    if name in _armed:
        await _act(name)


def known() -> frozenset[str]:
    """The names this process has reached so far."""
    return frozenset(_reached)


def counts(*, anew: bool = False) -> Mapping[str, int]:
    """How often each was reached, in the order of their first times; `anew` begins with none."""
    found = dict(_reached)
    if anew:
        _reached.clear()
    return found


def arm(name: str, action: str) -> None:
    """`exit`, `error` or `sleep:SECONDS`.

    With `*N` behind it for the first N times only, with `@N` from the Nth time on, counted from
    now.

    Raises ValueError for anything else, so that a misspelt action does not pass for a test.
    """
    _armed[name] = _read(action)


def disarm(name: str | None = None) -> None:
    """One of them, or all."""
    if name is None:
        _armed.clear()
    else:
        _armed.pop(name, None)


@contextmanager
def armed(name: str, action: str) -> Iterator[None]:
    """`with armed("saga.checkout.pay_it.between", "error"):`"""
    arm(name, action)
    try:
        yield
    finally:
        disarm(name)


def arm_from(text: str) -> None:
    """Arms `name=exit,name2=error*2,name3=sleep:5`, as SOUK_FAILPOINTS gives it."""
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, equals, action = part.partition("=")
        if not (name and equals):
            raise ValueError(f"SOUK_FAILPOINTS: {part!r} is not name=action")
        arm(name.strip(), action.strip())


async def _act(name: str) -> None:
    action = _armed[name]
    if action.early:
        action.early -= 1
        return
    action.left -= 1
    if action.left == 0:
        del _armed[name]
    match action.verb:
        case "exit":
            os._exit(EXIT_STATUS)
        case "error":
            raise FailpointError(name)
        case _:
            await asyncio.sleep(action.seconds)


def _read(text: str) -> Action:
    match = ACTION.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no failpoint action: exit, error or sleep:5")
    return Action(
        match["verb"] or "sleep",
        float(match["seconds"] or 0),
        int(match["first"] or 1) - 1,
        int(match["times"] or -1),
    )


arm_from(os.environ.get("SOUK_FAILPOINTS", ""))
