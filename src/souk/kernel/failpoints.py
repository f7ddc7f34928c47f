"""Named places where a test may let a process die, fail or dawdle."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager

EXIT_STATUS = 86  # so that a test can tell this death from any other


class FailpointError(Exception):
    """What an armed `error` raises: no refusal, so nobody takes it for an answer."""


_reached: set[str] = set()
_armed: dict[str, str] = {}


async def reach(name: str) -> None:
    """Nothing, unless `name` is armed."""
    _reached.add(name)
    if name in _armed:
        await _act(name)


def known() -> frozenset[str]:
    """The names this process has reached so far."""
    return frozenset(_reached)


def arm(name: str, action: str) -> None:
    """`exit`, `error` or `sleep:SECONDS`, with `*N` behind it for the first N times only.

    Raises ValueError for anything else, so that a misspelt action does not pass for a test.
    """
    _read(action)
    _armed[name] = action


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
    verb, seconds, times = _read(_armed[name])
    if times == 1:
        del _armed[name]
    elif times:
        _armed[name] = f"{_armed[name].partition('*')[0]}*{times - 1}"
    match verb:
        case "exit":
            os._exit(EXIT_STATUS)
        case "error":
            raise FailpointError(name)
        case _:
            await asyncio.sleep(seconds)


def _read(action: str) -> tuple[str, float, int]:
    """The verb, its seconds, and how many times (0: always)."""
    rest, star, times = action.partition("*")
    verb, colon, seconds = rest.partition(":")
    plain = verb in ("exit", "error") and not colon
    try:
        if not (plain or (verb == "sleep" and colon)) or (star and int(times) < 1):
            raise ValueError
        return verb, float(seconds or 0), int(times or 0)
    except ValueError:
        raise ValueError(f"{action!r} is no failpoint action: exit, error or sleep:5") from None


arm_from(os.environ.get("SOUK_FAILPOINTS", ""))
