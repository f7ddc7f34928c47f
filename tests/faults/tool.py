"""What the programs of this folder have in common as tools: bad input, no room, being stopped."""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable
from types import FrameType

ROOM_BYTES_MIN = 1 << 30  # databases, streams and logs of one run


def positive(kind: Callable[[str], float]) -> Callable[[str], float]:
    """An argument's type: a number above zero."""

    def number(text: str) -> float:
        try:
            found = kind(text)
        except ValueError:
            found = 0
        if not 0 < found < float("inf"):
            raise argparse.ArgumentTypeError(f"{text!r} is no number above zero")
        return found

    return number


def run(main: Callable[[list[str]], int]) -> None:
    """Ends with what `main` says; with 2 and a sentence where it could not begin or go on."""
    folder = tempfile.gettempdir()
    if (free := shutil.disk_usage(folder).free) < ROOM_BYTES_MIN:
        _end(f"{folder} has {free >> 20} MB free; a run needs {ROOM_BYTES_MIN >> 20}.")
    # Stopped by whatever, it ends what it started.
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        _end("stopped")
    except (AssertionError, OSError) as error:
        _end(str(error) or repr(error))


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    os.kill(os.getpid(), signal.SIGINT)


def _end(sentence: str) -> None:
    print(sentence, file=sys.stderr)
    sys.exit(2)
