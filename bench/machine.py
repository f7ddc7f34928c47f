"""What the machine did meanwhile: processor time and memory of processes, and who else was busy."""

from __future__ import annotations

import os
import platform
from pathlib import Path

import psutil
from msgspec import Struct


class Moment(Struct, frozen=True):
    """Processor seconds used until now: by Souk and its servers, and by everybody."""

    souk: float
    everybody: float


class Machine(Struct, frozen=True, kw_only=True):
    """Where the figures come from."""

    processor: str
    cores: int
    memory_gib: float
    system: str
    python: str


def machine() -> Machine:
    return Machine(
        processor=_processor(),
        cores=len(os.sched_getaffinity(0)),
        memory_gib=round(psutil.virtual_memory().total / 2**30, 1),
        system=f"{platform.system()} {platform.release()}",
        python=platform.python_version(),
    )


def moment(*roots: int) -> Moment:
    """Of the process trees below these process ids."""
    busy = psutil.cpu_times()
    return Moment(
        souk=sum(_seconds(process) for root in roots for process in tree(root)),
        everybody=sum(busy) - busy.idle - busy.iowait - busy.guest - busy.guest_nice,
    )


def memory_mb(root: int) -> float:
    """Proportional set size of a process and all below it: shared pages are counted once."""
    total = 0
    for process in tree(root):
        try:
            rollup = Path(f"/proc/{process.pid}/smaps_rollup").read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue
        total += next(int(line.split()[1]) for line in rollup.splitlines() if line[:4] == "Pss:")
    return total / 1000 * 1.024


def tree(root: int) -> list[psutil.Process]:
    try:
        process = psutil.Process(root)
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def load_average() -> float:
    return round(os.getloadavg()[0], 1)


def _seconds(process: psutil.Process) -> float:
    try:
        return sum(process.cpu_times()[:4])  # with those of children that have ended
    except psutil.NoSuchProcess:
        return 0.0


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
