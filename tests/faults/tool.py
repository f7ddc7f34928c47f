"""What the programs of this folder have in common as tools: bad input, no room, being stopped."""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable
from math import inf
from types import FrameType
from typing import TypeVar

N = TypeVar("N", int, float)
ROOM_BYTES_MIN = 1 << 30  # databases, streams and logs of one run


def from_zero(kind: Callable[[str], N]) -> Callable[[str], N]:
    """An argument's type: zero or more."""
    return _number(kind, lambda found: 0 <= found < inf, "is no number from zero on")


def above_zero(kind: Callable[[str], N]) -> Callable[[str], N]:
    """An argument's type: more than zero."""
    return _number(kind, lambda found: 0 < found < inf, "is no number above zero")


def run(main: Callable[[list[str]], int]) -> None:
    """Ends with what `main` says; with 2 and a sentence where it could not begin or go on."""
    folder = tempfile.gettempdir()
    if (free := shutil.disk_usage(folder).free) < ROOM_BYTES_MIN:
        _end(f"{folder} has {free >> 20} MB free; a run needs {ROOM_BYTES_MIN >> 20}.")
    # Stopped by whatever, it ends what it started.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        _end("stopped")
    except (AssertionError, OSError) as error:
        _end(str(error) or repr(error))


def _number(
    kind: Callable[[str], N], is_good: Callable[[N], bool], otherwise: str
) -> Callable[[str], N]:
    def number(text: str) -> N:
        try:
            found = kind(text)
        except ValueError:
            found = None
        if found is None or not is_good(found):
            raise argparse.ArgumentTypeError(f"{text!r} {otherwise}")
        return found

    return number


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    os.kill(os.getpid(), signal.SIGINT)


def _end(sentence: str) -> None:
    print(sentence, file=sys.stderr)
    sys.exit(2)
