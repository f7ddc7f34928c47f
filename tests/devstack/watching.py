"""Waits for what a process does in its own time, and looks at processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psutil


def lives(pid: int) -> bool:
    """Whether a process runs; one that waits to be taken note of does not."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


@contextmanager
def running(
    *command: str, environment: Mapping[str, str] | None = None, log: Path | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A Python process of ours, ended at the latest here."""
    output = log.open("wb") if log else subprocess.PIPE
    process = subprocess.Popen(
        [sys.executable, *command],
        stdout=output,
        stderr=subprocess.STDOUT if log else None,
        env={**os.environ, **(environment or {})},
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if process.stdout is not None:
            process.stdout.close()
        if not isinstance(output, int):
            output.close()
